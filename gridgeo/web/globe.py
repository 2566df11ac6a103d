"""Projected metres to longitude and latitude (CRS84) and back: the wire speaks CRS84, the core metres."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from gridgeo.core.model import Floats, Objects

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
DECIMALS = 8
"""Digits of a degree on the wire: 1.1 mm, so a vertex sent out is found again on its border."""


class Globe:
    """Both ways between one projected CRS and CRS84.

    Parameters
    ----------
    crs
        Projected CRS in metres, as "EPSG:n" or WKT.

    Examples
    --------
    >>> globe = Globe("EPSG:32650")
    >>> globe.point(500_000.0, 0.0)
    (117.0, 0.0)
    """

    def __init__(self, crs: str) -> None:
        self._out = Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
        self._back = Transformer.from_crs("OGC:CRS84", crs, always_xy=True)

    def shapes(self, geometry: Objects) -> Objects:
        """Geometries in degrees, rounded; every vertex is kept, so borders shared before are shared after."""
        xy = shapely.get_coordinates(geometry)
        out: Objects = shapely.set_coordinates(geometry.copy(), self.lonlat(xy))
        return out

    def lonlat(self, xy: Floats) -> Floats:
        """Points (n, 2) of metres as rounded degrees."""
        lon, lat = self._out.transform(xy[:, 0], xy[:, 1])
        degrees: Floats = np.round(np.stack([lon, lat], 1), DECIMALS)
        return degrees

    def xy(self, lonlat: Floats) -> Floats:
        """Points (n, 2) of degrees as metres; infinite where the projection does not reach."""
        x, y = self._back.transform(lonlat[:, 0], lonlat[:, 1])
        return np.stack([x, y], 1)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """One point of metres as rounded degrees."""
        lon, lat = self._out.transform(x, y)
        return round(lon, DECIMALS), round(lat, DECIMALS)

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """One point of degrees as metres."""
        x, y = self._back.transform(lon, lat)
        return x, y

    def box(self, bounds: Any) -> tuple[float, float, float, float]:
        """West, south, east, north of a box of metres: its edges are bent, so they are followed."""
        outline = shapely.segmentize(shapely.box(*bounds), max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / 16 + 1)
        degrees = self.lonlat(shapely.get_coordinates(outline))
        west, south = degrees.min(0).tolist()
        east, north = degrees.max(0).tolist()
        return west, south, east, north
