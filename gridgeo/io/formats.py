"""Files of every admitted format as layers: plain tables with the CRS they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import shapely

from gridgeo import gpkg
from gridgeo.core.model import Notice, Table, texts
from gridgeo.errors import InputError, NotFoundError
from gridgeo.gpkg import Crs
from gridgeo.io.crs import crs_in_file
from gridgeo.io.gate import Admitted, admit, clean
from gridgeo.io.privacy import without_personal
from gridgeo.io.readers.layer import MAX_COLUMNS, MAX_VERTICES, Layer

__all__ = ["Layer", "layer_names", "read_layers"]

_ONE_LAYER = ("geojson", "shp", "zip", "csv", "parquet")
_MAX_CELL = 1 << 20


def layer_names(path: str | Path) -> tuple[str, ...]:
    """Names of the layers of a file, in its order; for files of one layer the file's own name.

    Raises
    ------
    InputError
        The file cannot be read or is not what its name says.
    """
    file = admit(path)
    if file.format == "gpkg":
        return tuple(name for name in _gpkg_names(file.path) if name != gpkg.METADATA_TABLE)
    return (_stem(file.path),) if file.format in (*_ONE_LAYER, "osm") else tuple(_read(file, None))


def read_layers(
    path: str | Path, names: Sequence[str] | None = None, *, encoding: str | None = None
) -> dict[str, Layer]:
    """Layers of a file by name, all or the named ones; texts clean, residents' data left out.

    Raises
    ------
    InputError
        The file cannot be read or is not what its name says.
    NotFoundError
        It has no such layer.
    """
    file = admit(path)
    if file.format == "gpkg":
        layers = _read_gpkg(file.path, names)
    elif file.format == "osm":
        raise InputError("OpenStreetMap files are read by gridgeo import only", where=str(path))
    else:
        if file.format in _ONE_LAYER:
            _require(names or (), [_stem(file.path)], file.path)
        layers = _read(file, encoding)
        _require(names or (), layers, file.path)
        layers = layers if names is None else {name: layers[name] for name in names}
    return {name: _fit(name, layer, file) for name, layer in layers.items()}


def _read(file: Admitted, encoding: str | None) -> dict[str, Layer]:
    """All layers of a file that is neither GeoPackage nor OpenStreetMap; readers are loaded when needed."""
    from gridgeo.io.readers.delimited import read_delimited
    from gridgeo.io.readers.geojson import read_geojson
    from gridgeo.io.readers.kml import read_kml
    from gridgeo.io.readers.native import read_drawing, read_shapefile
    from gridgeo.io.readers.parquet import read_parquet
    from gridgeo.io.readers.workbook import read_workbook

    one: Mapping[str, Callable[[], Layer]] = {
        "geojson": lambda: read_geojson(file.path),
        "shp": lambda: read_shapefile(file, encoding),
        "zip": lambda: read_shapefile(file, encoding),
        "csv": lambda: read_delimited(file, encoding),
        "parquet": lambda: read_parquet(file),
    }
    many = {"kml": read_kml, "kmz": read_kml, "dxf": read_drawing, "xlsx": read_workbook}
    return many[file.format](file) if file.format in many else {_stem(file.path): one[file.format]()}


def _require(names: Sequence[str], present: Sequence[str] | Mapping[str, Layer], path: Path) -> None:
    missing = [name for name in names if name not in present]
    if missing:
        shown = ", ".join(name for name in present if name != gpkg.METADATA_TABLE) or "none"
        raise NotFoundError(f"no layer {missing[0]}", where=str(path), hint=f"it has {shown}")


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _fit(name: str, layer: Layer, file: Admitted) -> Layer:
    """The layer with clean texts and without residents' data.

    Raises
    ------
    InputError
        It has more vertices or columns, or longer texts, than are read; or two of its columns have one name.
    """
    if name == gpkg.METADATA_TABLE:
        return layer
    where = f"{file.path} {name}"
    shape = layer.table.geometry
    count = 0 if shape is None else int(shapely.get_num_coordinates(shape).sum())
    if count > MAX_VERTICES or len(layer.table.columns) > MAX_COLUMNS:
        raise InputError(f"{count:,} vertices, {len(layer.table.columns):,} columns: too many", where=where)
    table, cleaned = _clean(name, layer.table, where)
    table, dropped = without_personal(name, table)
    return replace(layer, table=table, notices=(*layer.notices, *cleaned, *dropped))


def _clean(name: str, table: Table, where: str) -> tuple[Table, tuple[Notice, ...]]:
    titles, changed = clean(list(table.columns))
    if len(set(titles)) < len(titles):
        raise InputError("two columns have one name", where=where, hint="give each column a name of its own")
    columns = {}
    for title, values in zip(titles, table.columns.values(), strict=True):
        columns[title] = values
        if values.dtype.kind == "O":
            listed = values.tolist()
            if max(map(len, listed), default=0) > _MAX_CELL:
                raise InputError(f"a text of {title} is too long", where=where)
            cells, differ = clean(listed)
            changed += differ
            columns[title] = texts(cells) if differ else values
    notices = (Notice(kind="texts-cleaned", where=name, facts={"texts": changed}),) if changed else ()
    return Table(columns=columns, geometry=table.geometry), notices


def _gpkg_names(path: Path) -> list[str]:
    with gpkg.readable(path), closing(gpkg.open_gpkg(path, readonly=True)) as db:
        return [layer.name for layer in gpkg.layers(db)]


def _read_gpkg(path: Path, names: Sequence[str] | None) -> dict[str, Layer]:
    with gpkg.readable(path), closing(gpkg.open_gpkg(path, readonly=True)) as db:
        present = [layer.name for layer in gpkg.layers(db)]
        wanted = [name for name in present if name != gpkg.METADATA_TABLE] if names is None else list(names)
        _require(wanted, present, path)
        return {name: Layer(gpkg.read_layer(db, name), _sound(gpkg.layer_crs(db, name))) for name in wanted}


def _sound(crs: Crs | None) -> Crs | None:
    """The CRS in our own words, so that two writers' spellings of one system are one."""
    return None if crs is None else crs_in_file(crs.text)
