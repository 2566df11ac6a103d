"""OGC API Features part 2: in which coordinate reference systems features are offered, and boxes understood."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely

from gridgeo.core.model import Floats, Objects
from gridgeo.web.faults import RequestFault
from gridgeo.web.globe import CRS84, DECIMALS

URI = "http://www.opengis.net/def/crs/EPSG/0/{code}"
_OFFERED = (4326, 3857, 4490)
_MILLIMETERS = 3
_STEPS = 16
"""Pieces a side of a box is bent in when it goes to another system."""


class Frame:
    """One offered system: projected metres of a territory there and back, axes in the order the system names them.

    Parameters
    ----------
    home
        CRS of the territory.
    uri
        Name of the system.

    Examples
    --------
    >>> frame = Frame("EPSG:32650", URI.format(code=4326))
    >>> shapely.to_geojson(frame.shapes(np.array([shapely.Point(500_000, 0)])))[0]
    '{"type":"Point","coordinates":[0.0,117.0]}'
    """

    def __init__(self, home: str, uri: str) -> None:
        self.uri = uri
        system = _system(uri)
        self._out = pyproj.Transformer.from_crs(home, system, always_xy=True)
        self._to_degrees = pyproj.Transformer.from_crs(system, "OGC:CRS84", always_xy=True)
        # the order in which the system itself names its axes, which part 2 asks for
        self.north_first = system.axis_info[0].direction.lower() == "north"
        self.geographic = bool(system.is_geographic)
        self.decimals = DECIMALS if self.geographic else _MILLIMETERS

    def shapes(self, geometry: Objects) -> Objects:
        """Geometries in this system, rounded; every vertex is kept."""
        xy = shapely.get_coordinates(geometry)
        moved = np.round(np.stack(self._out.transform(xy[:, 0], xy[:, 1]), 1), self.decimals)
        out: Objects = shapely.set_coordinates(geometry.copy(), moved[:, ::-1] if self.north_first else moved)
        return out

    def bounds(self, box: Sequence[float]) -> tuple[float, float, float, float]:
        """Least x, least y, greatest x, greatest y of a box written in the system's own order of axes."""
        low, high = (box[:2], box[2:4]) if len(box) == 4 else (box[:2], box[3:5])
        return (low[1], low[0], high[1], high[0]) if self.north_first else (low[0], low[1], high[0], high[1])

    def shape_to_degrees(self, shape: Any, *, own_axes: bool = True) -> Any:
        """A shape of this system in CRS84, its sides bent as they are there.

        `own_axes`: its coordinates stand in the order the system names its axes, not x before y.
        """
        flat = shapely.transform(shape, lambda xy: xy[:, ::-1]) if own_axes and self.north_first else shape
        west, south, east, north = shapely.bounds(flat)
        side = max(east - west, north - south) / _STEPS
        return shapely.transform(shapely.segmentize(flat, side) if side > 0 else flat, self._degrees)

    def _degrees(self, xy: Floats) -> Floats:
        return np.stack(self._to_degrees.transform(xy[:, 0], xy[:, 1]), 1)


@lru_cache(maxsize=32)
def _system(uri: str) -> pyproj.CRS:
    return pyproj.CRS.from_authority("EPSG", uri.rpartition("/")[2])


@lru_cache(maxsize=32)
def frame_of(home: str, uri: str) -> Frame:
    """The frame of an offered system, kept."""
    return Frame(home, uri)


def storage(home: str) -> str:
    """URI of the system the territory is kept in; CRS84 where it has no code.

    >>> storage("EPSG:32650")
    'http://www.opengis.net/def/crs/EPSG/0/32650'
    """
    authority, _, code = home.partition(":")
    return URI.format(code=code) if authority == "EPSG" and code.isdigit() else CRS84


def offered(home: str) -> list[str]:
    """URIs of all systems features can be asked for in, CRS84 first."""
    uris = [CRS84, *(URI.format(code=code) for code in _OFFERED), storage(home)]
    return list(dict.fromkeys(uris))


def chosen(home: str, uri: str, parameter: str) -> Frame | None:
    """The frame of a request, None for CRS84.

    Raises
    ------
    RequestFault
        The system is not offered.
    """
    if uri == CRS84:
        return None
    if uri not in offered(home):
        raise RequestFault(f"{parameter} {uri[:100]} is not offered", parameter=parameter, hint=" ".join(offered(home)))
    return frame_of(home, uri)
