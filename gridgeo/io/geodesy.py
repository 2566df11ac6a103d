"""Measures on the earth for layers in longitude and latitude."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely

from gridgeo.core.model import Floats, Notice, Objects
from gridgeo.io.crs import is_geographic, is_metric, is_true, pyproj_of, stretch

METRES_A_DEGREE = 110_574.0
"""Metres of one degree of latitude at the equator on WGS 84; of longitude 111,320 times the cosine of the latitude."""


@lru_cache(maxsize=8)
def _ellipsoid(name: str) -> pyproj.Geod:
    geod = pyproj_of(name).get_geod()
    return geod if geod is not None else pyproj.Geod(ellps="WGS84")


def geodesic_area(shapes: Objects, crs: str) -> Floats:
    """Area in square metres of polygons in degrees, on the ellipsoid of their CRS (Karney 2013).

    >>> from gridgeo.core.model import geometries
    >>> degree = geometries([shapely.box(0, 0, 1, 1)])
    >>> round(float(geodesic_area(degree, "EPSG:4326")[0]) / 1e6)
    12309
    """
    geod = _ellipsoid(crs)
    return np.array([abs(geod.geometry_area_perimeter(shapely.orient_polygons(s))[0]) for s in shapes], np.float64)


def measures(crs: str, shapes: Objects) -> dict[str, Any]:
    """How to measure a layer: the `area_of` and `unit_m` of a coverage check; nothing special in projected metres."""
    if not is_geographic(crs):
        return {}
    box = shapely.total_bounds(shapes[shapely.is_valid_input(shapes)])
    latitude = math.radians(float(np.clip((box[1] + box[3]) / 2, -89, 89)) if np.isfinite(box).all() else 0.0)
    return {
        "area_of": lambda faces: geodesic_area(faces, crs),
        "unit_m": (111_320.0 * math.cos(latitude), METRES_A_DEGREE),
    }


def map_metres(crs: str, shapes: Objects) -> tuple[Notice, ...]:
    """Says that areas of a layer are those of a map that stretches the land; nothing where metres are metres."""
    if not is_metric(crs) or is_true(crs, shapes):
        return ()
    facts: dict[str, str | int | float] = {"times": round(stretch(crs, shapes), 3)}
    return (Notice(kind="map-metres", where=pyproj_of(crs).name, facts=facts),)
