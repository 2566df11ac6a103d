"""GeoJSON: strict JSON, then geometry in one go, or feature by feature where one of them is broken."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from gridgeo.core.model import Table, geometries
from gridgeo.errors import InputError
from gridgeo.gpkg import Crs
from gridgeo.io.crs import CRS84, crs_in_file, crs_of
from gridgeo.io.gate import strict_json
from gridgeo.io.readers.cells import column_of
from gridgeo.io.readers.layer import MAX_COLUMNS, Layer

_SHAPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


def read_geojson(path: Path) -> Layer:
    """The one layer of a GeoJSON file.

    Raises
    ------
    InputError
        The JSON or one of its features cannot be read.
    """
    document = strict_json(path)
    features = _features(document)
    if features is None:
        raise InputError("the JSON is no GeoJSON", where=str(path), hint="save it as a FeatureCollection")
    shapes = _all_at_once(document, features, path)
    if shapes is None:
        shapes = [_shape(feature, f"{path}, feature {row}") for row, feature in enumerate(features, 1)]
    properties = [feature.get("properties") or {} for feature in features]
    names = list(dict.fromkeys(name for entry in properties for name in entry))
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{len(names):,} properties, at most {MAX_COLUMNS:,} are read", where=str(path))
    columns = {name: column_of([entry.get(name) for entry in properties]) for name in names}
    return Layer(Table(columns=columns, geometry=geometries(shapes)), _crs(document, path))


def _all_at_once(document: Any, features: Sequence[Any], path: Path) -> Any:
    """Geometries of a plain collection, read in one go; None when the features must be looked at one by one."""
    if document.get("type") != "FeatureCollection" or not all(_is_plain(feature) for feature in features):
        return None
    try:
        shapes = shapely.get_parts(shapely.from_geojson(path.read_bytes().decode("utf-8-sig")))
    except shapely.errors.GEOSException:
        return None
    return shapes if len(shapes) == len(features) else None


def _is_plain(feature: Any) -> bool:
    shape = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(shape, dict) or not isinstance(feature.get("properties") or {}, dict):
        return False
    return isinstance(shape.get("type"), str) and shape["type"] in _SHAPES and bool(shape.get("coordinates"))


def _features(document: Any) -> list[Any] | None:
    """Features of any GeoJSON object; bare geometries become features without properties."""
    kind = document.get("type")
    listed = {"FeatureCollection": "features", "GeometryCollection": "geometries"}
    members = document.get(listed[kind]) if isinstance(kind, str) and kind in listed else [document]
    if not isinstance(members, list) or not (kind == "Feature" or kind in listed or kind in _SHAPES):
        return None
    return [{"geometry": member} if kind in _SHAPES or kind == "GeometryCollection" else member for member in members]


def _crs(document: Mapping[str, Any], path: Path) -> Crs | None:
    named = document.get("crs")
    if named is None:
        return crs_of(CRS84)
    try:
        return crs_in_file(str(named["properties"]["name"]))
    except (KeyError, TypeError) as error:
        raise InputError("the crs member of the GeoJSON cannot be read", where=str(path)) from error


def _shape(feature: Any, where: str) -> Any:
    shape = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        raise InputError("not a GeoJSON feature", where=where)
    if shape is None:
        return None
    kind = shape.get("type") if isinstance(shape, dict) else None
    if not isinstance(kind, str) or kind not in _SHAPES:
        raise InputError(f"geometry of type {kind} is not read", where=where)
    if not shape.get("coordinates"):
        return getattr(shapely, kind)()
    try:
        return shapely.from_geojson(json.dumps({"type": kind, "coordinates": shape["coordinates"]}))
    except (shapely.errors.GEOSException, ValueError, TypeError, RecursionError) as error:
        hint = "close rings, give numbers"
        raise InputError(f"the geometry cannot be read: {error}", where=where, hint=hint) from error
