"""Files of every admitted format as layers: plain tables with the CRS they name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo import gpkg
from gridgeo.core.model import Table, geometries, texts
from gridgeo.errors import InputError, NotFoundError
from gridgeo.gpkg import Crs
from gridgeo.io.crs import CRS84, crs_in_file, crs_of
from gridgeo.io.gate import MAX_BYTES, Admitted, admit, shapefile_copy, strict_json

MAX_VERTICES = 50_000_000
_X = ("lon", "lng", "longitude", "x", "经度", "x坐标")
_Y = ("lat", "latitude", "y", "纬度", "y坐标")
_WKT = ("wkt", "geometry", "geom")
_SHAPES = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


@dataclass(frozen=True)
class Layer:
    """One layer of a file, and its CRS where the file names one."""

    table: Table
    crs: Crs | None


def layer_names(path: str | Path) -> tuple[str, ...]:
    """Names of the layers of a file, in its order; for files of one layer the file's own name."""
    file = admit(path)
    if file.format != "gpkg":
        return (_stem(file.path),)
    return tuple(name for name in _gpkg_names(file.path) if name != gpkg.METADATA_TABLE)


def read_layers(
    path: str | Path, names: Sequence[str] | None = None, *, encoding: str | None = None
) -> dict[str, Layer]:
    """Layers of a file by name, all or the named ones.

    Raises
    ------
    InputError
        The file cannot be read or is not what its name says.
    NotFoundError
        It has no such layer.
    """
    file = admit(path)
    if file.format == "gpkg":
        return _read_gpkg(file.path, names)
    readers: Mapping[str, Callable[[], Layer]] = {
        "geojson": lambda: _read_geojson(file.path),
        "shp": lambda: _read_shapefile(file.path, encoding),
        "zip": lambda: _read_shapefile(file.path, encoding),
        "csv": lambda: _read_csv(file.path, encoding),
        "parquet": lambda: _read_parquet(file.path),
    }
    if file.format not in readers:
        raise InputError("OpenStreetMap files are read by gridgeo import only", where=str(path))
    stem = _stem(file.path)
    unknown = [name for name in names or () if name != stem]
    if unknown:
        raise NotFoundError(f"no layer {unknown[0]}", where=str(path), hint=f"it has one, {stem}")
    layer = readers[file.format]()
    _check_size(layer, file)
    return {stem: layer}


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _check_size(layer: Layer, file: Admitted) -> None:
    shape = layer.table.geometry
    count = 0 if shape is None else int(shapely.get_num_coordinates(shape).sum())
    if count > MAX_VERTICES:
        raise InputError(f"{count:,} vertices, at most {MAX_VERTICES:,} are read", where=str(file.path))


def _gpkg_names(path: Path) -> list[str]:
    with gpkg.readable(path), closing(gpkg.open_gpkg(path, readonly=True)) as db:
        return [layer.name for layer in gpkg.layers(db)]


def _read_gpkg(path: Path, names: Sequence[str] | None) -> dict[str, Layer]:
    present = _gpkg_names(path)
    wanted = [name for name in present if name != gpkg.METADATA_TABLE] if names is None else list(names)
    missing = [name for name in wanted if name not in present]
    if missing:
        shown = ", ".join(name for name in present if name != gpkg.METADATA_TABLE) or "none"
        raise NotFoundError(f"no layer {missing[0]}", where=str(path), hint=f"it has {shown}")
    with gpkg.readable(path), closing(gpkg.open_gpkg(path, readonly=True)) as db:
        return {name: Layer(gpkg.read_layer(db, name), _sound(gpkg.layer_crs(db, name))) for name in wanted}


def _sound(crs: Crs | None) -> Crs | None:
    """The CRS in our own words, so that two writers' spellings of one system are one."""
    return None if crs is None else crs_in_file(crs.text)


def _read_geojson(path: Path) -> Layer:
    document = strict_json(path)
    features = _features(document)
    if features is None:
        raise InputError("the JSON is no GeoJSON", where=str(path), hint="save it as a FeatureCollection")
    shapes = _all_at_once(document, features, path)
    if shapes is None:
        shapes = [_geojson_shape(feature, f"{path}, feature {row}") for row, feature in enumerate(features, 1)]
    properties = [feature.get("properties") or {} for feature in features]
    names = list(dict.fromkeys(name for entry in properties for name in entry))
    columns = {name: column_of([entry.get(name) for entry in properties]) for name in names}
    return Layer(Table(columns=columns, geometry=geometries(shapes)), _geojson_crs(document, path))


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


def _geojson_crs(document: Mapping[str, Any], path: Path) -> Crs | None:
    named = document.get("crs")
    if named is None:
        return crs_of(CRS84)
    try:
        return crs_in_file(str(named["properties"]["name"]))
    except (KeyError, TypeError) as error:
        raise InputError("the crs member of the GeoJSON cannot be read", where=str(path)) from error


def _geojson_shape(feature: Any, where: str) -> Any:
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
        raise InputError(
            f"the geometry cannot be read: {error}", where=where, hint="close rings, give numbers"
        ) from error


def column_of(values: Sequence[Any]) -> NDArray[Any]:
    """Column of values from JSON or text cells, in the narrowest type that holds them all; None is null.

    >>> column_of([1, None]).tolist(), column_of([True, False]).dtype.kind, column_of(["a", None]).tolist()
    ([1.0, nan], 'b', ['a', ''])
    """
    kinds = {type(value) for value in values if value is not None}
    null = None in values
    if kinds == {bool} and not null:
        return np.array(values, dtype=np.bool_)
    if kinds == {int} and not null and all(abs(value) < 2**63 for value in values):
        return np.array(values, dtype=np.int64)
    if kinds and kinds <= {int, float}:
        return np.array([np.nan if value is None else float(value) for value in values])
    return texts(["" if v is None else v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for v in values])


def _read_shapefile(path: Path, encoding: str | None) -> Layer:
    """Read with GDAL's shapefile driver, from a copy that holds nothing else; the CRS is read by us."""
    with shapefile_copy(path) as copy:
        crs = _projection(copy.with_suffix(".prj"), path)
        names, wkb, fields = _shape_rows(copy, [encoding] if encoding else _encodings(copy), path)
    columns = {name: _field(values) for name, values in zip(names, fields, strict=True)}
    try:
        shapes = geometries(shapely.from_wkb(wkb))
    except shapely.errors.GEOSException as error:
        raise InputError(f"a geometry cannot be read: {error}", where=str(path)) from error
    return Layer(Table(columns=columns, geometry=shapes), crs)


def _shape_rows(copy: Path, encodings: Sequence[str], path: Path) -> tuple[list[str], Any, Any]:
    """Field names, geometries and fields of a shapefile, in the first encoding that fits."""
    from pyogrio.raw import read

    for encoding in encodings:
        try:
            meta, _, wkb, fields = read(copy, encoding=encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        except (RuntimeError, ValueError) as error:  # all that pyogrio raises
            raise InputError(f"the shapefile cannot be read: {error}", where=str(path)) from error
        return [str(name) for name in meta["fields"]], wkb, fields
    raise InputError("the text cannot be decoded", where=str(path), hint="give --encoding")


def _projection(prj: Path, path: Path) -> Crs | None:
    """CRS of the .prj part, which is then put away."""
    if not prj.exists():
        return None
    text = prj.read_bytes().decode("utf-8", "replace").strip()
    prj.unlink()
    try:
        return crs_in_file(text) if text else None
    except InputError as error:
        raise InputError("the .prj part names no CRS", where=str(path), hint="remove it and give --crs") from error


def _encodings(copy: Path) -> list[str]:
    """What a shapefile says of its text; without a word, strict UTF-8 and then GB18030."""
    said = copy.with_suffix(".cpg")
    named = said.read_text("ascii", "replace").strip() if said.exists() else ""
    return [named, "UTF-8", "GB18030"] if named else ["UTF-8", "GB18030"]


def _field(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "O":
        return column_of([value.item() if isinstance(value, np.generic) else value for value in values.tolist()])
    if values.dtype.kind in "iub":
        return values.astype(np.bool_ if values.dtype.kind == "b" else np.int64)
    return values.astype(np.float64) if values.dtype.kind == "f" else texts(values.astype(str))


def _read_csv(path: Path, encoding: str | None) -> Layer:
    content = path.read_bytes()
    text = _decoded(content, encoding, path)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"the CSV cannot be read: {error}", where=str(path)) from error
    if not rows or not rows[0]:
        raise InputError("the CSV has no header", where=str(path))
    header, body = [name.strip() for name in rows[0]], [row for row in rows[1:] if row]
    uneven = next((i for i, row in enumerate(body, 2) if len(row) != len(header)), 0)
    if uneven or len(set(header)) != len(header):
        place = f"{path}, line {uneven}" if uneven else str(path)
        raise InputError("the line has another number of cells than the header, or names repeat", where=place)
    cells = {name: [row[i].strip() for row in body] for i, name in enumerate(header)}
    columns = {name: _parsed(values) for name, values in cells.items()}
    return _located(columns, path)


def _decoded(content: bytes, encoding: str | None, path: Path) -> str:
    for guess in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            return content.decode(guess)
        except (UnicodeDecodeError, LookupError):
            continue
    raise InputError("the text cannot be decoded", where=str(path), hint="give --encoding")


def _parsed(cells: Sequence[str]) -> NDArray[Any]:
    """Numbers where every cell is a plain one, else texts; a leading zero makes a code, not a number."""
    filled = [cell for cell in cells if cell]
    if not filled or any(len(cell) > 1 and cell[0] == "0" and cell[1].isdigit() for cell in filled):
        return texts(cells)
    try:
        numbers = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return texts(cells)
    whole = len(filled) == len(cells) and all(cell.lstrip("-").isdigit() and len(cell) < 16 for cell in cells)
    return numbers.astype(np.int64) if whole else numbers


def _located(columns: dict[str, NDArray[Any]], path: Path) -> Layer:
    """A table of cells with the points its coordinate columns give, or the shapes of its WKT."""
    lower = {name.lower(): name for name in columns}
    wkt = next((lower[name] for name in _WKT if name in lower), None)
    x = next((lower[name] for name in _X if name in lower), None)
    y = next((lower[name] for name in _Y if name in lower), None)
    if wkt is not None and columns[wkt].dtype == object:
        try:
            shapes = shapely.from_wkt([text or None for text in columns.pop(wkt).tolist()])
        except shapely.errors.GEOSException as error:
            raise InputError(f"a WKT cannot be read: {error}", where=str(path)) from error
        return Layer(Table(columns=columns, geometry=geometries(shapes)), None)
    if x is None or y is None or columns[x].dtype == object or columns[y].dtype == object:
        return Layer(Table(columns=columns), None)
    xy = np.stack([columns.pop(x), columns.pop(y)], 1).astype(np.float64)
    degrees = x.lower() not in ("x", "x坐标")
    points = [shapely.Point(p) if np.isfinite(p).all() else None for p in xy]
    return Layer(Table(columns=columns, geometry=geometries(points)), crs_of(CRS84) if degrees else None)


def _read_parquet(path: Path) -> Layer:
    """GeoParquet with WKB geometry."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        if sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups)) > MAX_BYTES:
            raise InputError("the file unpacks to too many bytes", where=str(path))
        table = file.read()
        geo = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
        main = geo.get("primary_column", "")
        entry = geo.get("columns", {}).get(main, {})
        columns = {
            name: column_of(table[name].to_pylist())
            for name in table.column_names
            if name != main and not pa.types.is_nested(table[name].type) and not pa.types.is_binary(table[name].type)
        }
        shapes = geometries(shapely.from_wkb(table[main].to_pylist())) if main else None
    except (pa.ArrowException, OSError, ValueError, TypeError, AttributeError, shapely.errors.GEOSException) as error:
        raise InputError(f"the Parquet file cannot be read: {error}", where=str(path)) from error
    if shapes is None:
        return Layer(Table(columns=columns), None)
    crs = entry.get("crs", CRS84)  # the standard's default; null means not known
    named = crs_in_file(crs if isinstance(crs, str) else json.dumps(crs)) if crs else None
    return Layer(Table(columns=columns, geometry=shapes), named)
