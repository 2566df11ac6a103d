"""Coordinate reference systems: named, checked for metres, chosen for a place, and left for longitude and latitude."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely

from gridgeo.core.model import Floats, Objects, geometries
from gridgeo.errors import InputError
from gridgeo.gpkg import Crs

CRS84 = "OGC:CRS84"
_CUSTOM_FIRST, _CUSTOM_COUNT = 100_000, 800_000  # srs_id of systems without a code, made from their WKT
_IN_FILES = re.compile(r"\s*([A-Z][A-Z0-9_]*\s*\[|\{|urn:ogc:def:crs:|(EPSG|ESRI|OGC):\w+\s*$)", re.IGNORECASE)
MOST_STRETCH = 0.01
"""Share by which lengths of a projection may differ from those on the ground."""
_CHINA_2000 = 4490
_CHINA_2000_ZONES = range(4534, 4555)  # CGCS2000 3-degree Gauss-Krueger by central meridian, 75E .. 135E


def crs_of(given: Any) -> Crs:
    """A CRS from whatever names it: "EPSG:n", WKT, a pyproj CRS.

    >>> crs_of("EPSG:32650").name
    'WGS 84 / UTM zone 50N'

    Raises
    ------
    InputError
        Nothing is known by this name.
    """
    return _described(given if isinstance(given, str) else pyproj_of(given).to_wkt())


def crs_in_file(text: str) -> Crs | None:
    """A CRS as a file may name it: WKT, PROJJSON, AUTHORITY:code or an OGC URN; None for one without a place on earth.

    Programs that know no CRS name an engineering one, "Undefined SRS". PROJ strings are not taken from files: they can
    name other files to be read.

    >>> crs_in_file("urn:ogc:def:crs:EPSG::32650").text
    'EPSG:32650'

    Raises
    ------
    InputError
        The text is none of these, or nothing is known by this name.
    """
    if not _IN_FILES.match(text):
        raise InputError(f"not the name of a CRS: {text[:60]}", where="crs", hint="give --crs EPSG:n")
    return crs_of(text) if _parsed(text).geodetic_crs is not None else None


@lru_cache(maxsize=64)
def _described(text: str) -> Crs:
    """CRS of a name or WKT; finding the code of a WKT takes a tenth of a second, so answers are kept."""
    known = _parsed(text)
    authority = _named(text) or known.to_authority(min_confidence=70)
    if authority == ("OGC", "CRS84"):
        return _described("EPSG:4326")  # in files the two differ in name only: x is the longitude in both
    wkt = _wkt(known)
    if authority and authority[0] in ("EPSG", "ESRI") and authority[1].isdigit():
        return Crs(int(authority[1]), authority[0], wkt, known.name)
    number = _CUSTOM_FIRST + zlib.crc32(wkt.encode()) % _CUSTOM_COUNT
    return Crs(number, "NONE", wkt, known.name or "unnamed")


def _named(text: str) -> tuple[str, str] | None:
    authority, _, code = text.strip().upper().partition(":")
    return (authority, code) if code.isdigit() else None


def _wkt(crs: pyproj.CRS) -> str:
    try:
        return str(crs.to_wkt("WKT1_GDAL"))
    except pyproj.exceptions.CRSError:  # some systems have no WKT1 form
        return str(crs.to_wkt())


@lru_cache(maxsize=64)
def _parsed(text: str) -> pyproj.CRS:
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise InputError(f"no such CRS: {text[:60]}", where="crs", hint="name it as EPSG:n") from error


def pyproj_of(given: Any) -> pyproj.CRS:
    """The pyproj CRS of a name, a WKT or a `Crs`."""
    if isinstance(given, pyproj.CRS):
        return given
    return _parsed(given.text if isinstance(given, Crs) else str(given))


def is_metric(crs: Any) -> bool:
    """Whether coordinates are projected metres.

    >>> is_metric("EPSG:32650"), is_metric("EPSG:4326"), is_metric("EPSG:2263")
    (True, False, False)
    """
    known = pyproj_of(crs)
    return bool(known.is_projected) and all(abs(a.unit_conversion_factor - 1) < 1e-12 for a in known.axis_info[:2])


def is_geographic(crs: Any) -> bool:
    """Whether coordinates are longitude and latitude."""
    return bool(pyproj_of(crs).is_geographic)


def stretch(crs: Any, shapes: Objects) -> float:
    """Length on the map of one metre of the ground, in the middle of some shapes and the worst direction.

    1.0 where the CRS is no projection, or cannot tell. Web maps (Mercator) stretch Paris 1.5 times.

    >>> place = geometries([shapely.box(1.3e7, 4.8e6, 1.31e7, 4.81e6)])
    >>> round(stretch("EPSG:3857", place), 2)
    1.3

    Notes
    -----
    Semi-axes of Tissot's indicatrix (Snyder 1987, USGS Professional Paper 1395, chapter 4).
    """
    known = pyproj_of(crs)
    box = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    if not known.is_projected or not np.isfinite(box).all():
        return 1.0
    projection = pyproj.Proj(known)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    factors = projection.get_factors(*projection(x, y, inverse=True))
    axes = [axis for axis in (factors.tissot_semimajor, factors.tissot_semiminor) if np.isfinite(axis) and axis > 0]
    return max((float(axis) for axis in axes), key=lambda axis: abs(np.log(axis)), default=1.0)


def is_true(crs: Any, shapes: Objects) -> bool:
    """Whether coordinates are projected metres that are metres on the ground, within one in a hundred.

    >>> place = geometries([shapely.Point(1.3e7, 4.8e6)])
    >>> is_true("EPSG:3857", place), is_true("EPSG:32650", geometries([shapely.Point(5e5, 4e6)]))
    (False, True)
    """
    return is_metric(crs) and abs(stretch(crs, shapes) - 1) <= MOST_STRETCH


def local_zone(lon: float, lat: float, source: Any = "EPSG:4326") -> Crs:
    """Projected CRS for a place: the Gauss-Krüger zone for CGCS2000 sources, else the UTM zone.

    Parameters
    ----------
    lon, lat
        The place, degrees.
    source
        CRS the data come in.

    Examples
    --------
    >>> local_zone(116.4, 39.9).text, local_zone(116.4, 39.9, "EPSG:4490").text, local_zone(-43.2, -22.9).text
    ('EPSG:32650', 'EPSG:4548', 'EPSG:32723')
    """
    base = pyproj_of(source).geodetic_crs
    if base is not None and base.to_epsg() == _CHINA_2000:
        zone = round((lon - 75) / 3)
        if 0 <= zone < len(_CHINA_2000_ZONES):
            return crs_of(f"EPSG:{_CHINA_2000_ZONES[zone]}")
    zone = min(int((lon + 180) // 6) + 1, 60)
    return crs_of(f"EPSG:{(32600 if lat >= 0 else 32700) + zone}")


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_parsed(source), _parsed(target), always_xy=True)


def transformed(geometry: Objects, source: Any, target: Any) -> Objects:
    """Geometries in another CRS; x is east and y is north in both. O(vertices).

    Raises
    ------
    InputError
        There is no way from one CRS to the other.
    """

    def move(xy: Floats) -> Floats:
        return _moved(xy, _text(source), _text(target))

    return geometries(shapely.transform(geometry, move)) if len(geometry) else geometry


def _moved(xy: Floats, source: str, target: str) -> Floats:
    try:
        return np.stack(_transformer(source, target).transform(xy[:, 0], xy[:, 1]), 1)
    except pyproj.exceptions.ProjError as error:
        names = f"{_parsed(source).name} to {_parsed(target).name}"
        raise InputError(f"there is no way from {names}", where="crs", hint="give the true CRS as EPSG:n") from error


def to_lonlat(geometry: Objects, crs: Any) -> Objects:
    """Geometries as longitude and latitude (CRS84)."""
    return transformed(geometry, crs, CRS84)


def lonlat(points: Sequence[Any] | Floats, crs: Any) -> list[tuple[float, float]]:
    """Longitude and latitude of points (n, 2) of projected metres, degrees rounded to 1 cm.

    >>> lonlat([(500000.0, 0.0)], "EPSG:32650")
    [(117.0, 0.0)]
    """
    xy = np.array([_xy(point) for point in points], dtype=np.float64).reshape(-1, 2)
    return [(x, y) for x, y in rounded_lonlat(xy, crs).tolist()]


def rounded_lonlat(xy: Floats, crs: Any) -> Floats:
    """Longitude and latitude (n, 2) of places (n, 2) in projected metres, degrees rounded to 1 cm."""
    degrees: Floats = np.round(_moved(xy, _text(crs), CRS84), 7) if len(xy) else xy
    return degrees


def _xy(point: Any) -> tuple[float, float]:
    return (point.x, point.y) if isinstance(point, shapely.Point) else (float(point[0]), float(point[1]))


def _text(crs: Any) -> str:
    if isinstance(crs, Crs):
        return crs.text
    return crs if isinstance(crs, str) else str(crs.to_wkt())
