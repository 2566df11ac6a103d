"""Layers of a GeoPackage as tables of plain columns."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Objects, Table
from gridgeo.errors import InputError, NotFoundError
from gridgeo.gpkg import blob
from gridgeo.gpkg.schema import LAST_CHANGE, REQUIRED_CRS, RTREE_TRIGGERS, Crs, put_crs, quoted

FID, GEOM = "fid", "geom"
_NO_PLACE = ("UNDEFINED", "LOCAL_CS", "ENGCRS", "ENGINEERINGCRS")  # definitions of systems tied to no place on earth
_RESERVED = ("gpkg_", "sqlite_", "rtree_")
_TYPE_NAMES = {
    0: "POINT",
    1: "LINESTRING",
    3: "POLYGON",
    4: "MULTIPOINT",
    5: "MULTILINESTRING",
    6: "MULTIPOLYGON",
    7: "GEOMETRYCOLLECTION",
}
_SQL_TYPES = {"O": "TEXT", "b": "BOOLEAN", "i": "INTEGER", "u": "INTEGER", "f": "REAL"}
_INTEGERS = ("INT", "TINYINT", "SMALLINT", "MEDIUMINT", "INTEGER")
_REALS = ("FLOAT", "DOUBLE", "REAL")


@dataclass(frozen=True)
class LayerInfo:
    """What a file says of one layer; `geometry_type` is "" for a table without geometry, `bounds` x, y, x, y."""

    name: str
    geometry_type: str
    rows: int
    crs: Crs | None
    bounds: tuple[float, float, float, float] | None


def layers(db: sqlite3.Connection) -> tuple[LayerInfo, ...]:
    """All layers of features and attributes, in the order of the file.

    Raises
    ------
    InputError
        The file lists a layer that it does not hold.
    """
    rows = db.execute(
        "SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents"
        " WHERE data_type IN ('features', 'attributes') ORDER BY rowid"
    ).fetchall()
    return tuple(_info(db, str(name), box) for name, *box in rows)


def _info(db: sqlite3.Connection, name: str, box: list[Any]) -> LayerInfo:
    _require_table(db, name)
    count = db.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0]
    bounds = None if None in box else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    found = _geometry_column(db, name)
    return LayerInfo(name, found[1] if found else "", count, layer_crs(db, name), bounds)


def layer_crs(db: sqlite3.Connection, name: str) -> Crs | None:
    """CRS of a layer; None for a table without geometry and for an undefined or engineering CRS."""
    found = _geometry_column(db, name)
    if found is None or found[2] in (-1, 0):
        return None
    row = db.execute(
        "SELECT srs_id, organization, definition, srs_name, organization_coordsys_id FROM gpkg_spatial_ref_sys"
        " WHERE srs_id = ?",
        (found[2],),
    ).fetchone()
    if row is None or str(row[2]).strip().upper().startswith(_NO_PLACE):
        return None
    known = str(row[1]).upper() in ("EPSG", "ESRI")
    return Crs(int(row[4] if known else row[0]), str(row[1]), str(row[2]), str(row[3]))


def read_layer(db: sqlite3.Connection, name: str) -> Table:
    """One layer, rows in the order of the file, without its `fid`.

    A column of integers or of yes/no that holds nulls comes as float64 with NaN.

    Raises
    ------
    NotFoundError
        The file has no such layer.
    InputError
        A value does not fit the type of its column, or a geometry cannot be read.
    """
    _require_table(db, name)
    found = _geometry_column(db, name)
    geom = found[0] if found else None
    specs = [
        (str(column), str(declared).upper())
        for _, column, declared, *_ in db.execute(f"PRAGMA table_info({quoted(name)})")
        if str(column).lower() != FID and column != geom and not str(declared).upper().startswith("BLOB")
    ]
    wanted = ", ".join(quoted(column) for column in ([geom] if geom else []) + [column for column, _ in specs])
    try:
        with _unwatched():
            rows = db.execute(f"SELECT {wanted or 'NULL'} FROM {quoted(name)} ORDER BY rowid").fetchall()
            values = list(zip(*rows, strict=True)) if rows else [()] * (len(specs) + bool(geom))
            del rows
    except sqlite3.Error as error:
        raise InputError(f"the layer cannot be read: {error}", where=name, hint="the file is damaged") from error
    shapes = blob.decode(values.pop(0), where=name) if geom else None
    columns = {
        column: _column(cells, declared, f"{name}.{column}")
        for (column, declared), cells in zip(specs, values, strict=False)
    }
    return Table(columns=columns, geometry=shapes)


@contextmanager
def _unwatched() -> Iterator[None]:
    """No search for cycles meanwhile: among millions of new rows it would find none, again and again."""
    watched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if watched:
            gc.enable()


def write_layer(
    db: sqlite3.Connection, name: str, table: Table, crs: Crs | None, *, spatial_index: bool = True
) -> None:
    """Put a table into the file as a layer, in place of one of the same name. The caller commits.

    Text "" and NaN become NULL; `fid` numbers the rows from 1.

    Raises
    ------
    InputError
        The name or a column cannot be stored, or a column has another length.
    """
    _check_names(name, table)
    if not db.in_transaction:
        db.execute("BEGIN")
    drop_layer(db, name)
    srs_id = crs.srs_id if crs else REQUIRED_CRS[0].srs_id
    if crs:
        put_crs(db, crs)
    _create_table(db, name, table)
    _register_layer(db, name, table, srs_id)
    _insert(db, name, table, srs_id)
    if spatial_index and table.geometry is not None:
        _index(db, name, table.geometry)


def drop_layer(db: sqlite3.Connection, name: str) -> None:
    """Remove a layer and its index; nothing happens when there is none."""
    index = f"rtree_{name}_{GEOM}"
    db.execute(f"DROP TABLE IF EXISTS {quoted(index)}")
    for table in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
        db.execute(f"DELETE FROM {table} WHERE table_name = ?", (name,))
    db.execute(f"DROP TABLE IF EXISTS {quoted(name)}")


def has_table(db: sqlite3.Connection, name: str) -> bool:
    """Whether the file holds a table of this name, registered as a layer or not."""
    return db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).fetchone() is not None


def _require_table(db: sqlite3.Connection, name: str) -> None:
    """Only plain tables are read: a view or a virtual table would run what the file's author wrote."""
    row = db.execute(
        "SELECT s.type, s.sql FROM gpkg_contents c JOIN sqlite_master s ON s.name = c.table_name"
        " WHERE c.table_name = ? AND c.data_type IN ('features', 'attributes') AND s.type IN ('table', 'view')",
        (name,),
    ).fetchone()
    if row is None:
        raise NotFoundError("no such layer in the file", where=name)
    if row[0] != "table" or str(row[1]).lstrip().upper().startswith("CREATE VIRTUAL"):
        raise InputError("the layer is a view or a virtual table", where=name, hint="save it as a plain layer")


def _geometry_column(db: sqlite3.Connection, name: str) -> tuple[str, str, int] | None:
    try:
        row = db.execute(
            "SELECT column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (name,)
        ).fetchone()
    except sqlite3.OperationalError:  # a file of attributes alone needs no such table
        return None
    return None if row is None else (str(row[0]), str(row[1]), int(row[2]))


def _column(cells: tuple[Any, ...], declared: str, where: str) -> NDArray[Any]:
    kind = declared.split("(")[0].strip()
    numeric = kind in _INTEGERS or kind in _REALS or kind == "BOOLEAN"
    if not numeric:
        out = np.empty(len(cells), dtype=object)
        plain = set(map(type, cells)) <= {str}
        out[:] = cells if plain else ["" if c is None else c if isinstance(c, str) else _as_text(c) for c in cells]
        return out
    null = None in cells
    try:
        if kind in _REALS or null:
            return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)
        return np.array(cells, dtype=np.bool_ if kind == "BOOLEAN" else np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a value is no number: {error}", where=where) from error


def _as_text(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def _check_names(name: str, table: Table) -> None:
    if not name or "\x00" in name or name.lower().startswith(_RESERVED):
        raise InputError(f"a layer cannot be named {name!r}", where="layer")
    seen = {FID, GEOM}
    for column, values in table.columns.items():
        if not column or "\x00" in column or column.lower() in seen:
            raise InputError(f"a column cannot be named {column!r}", where=name, hint="names are case-blind")
        seen.add(column.lower())
        if len(values) != len(table):
            raise InputError(f"column {column} has {len(values)} rows, the layer {len(table)}", where=name)
        if values.dtype.kind not in _SQL_TYPES:
            raise InputError(f"column {column} has type {values.dtype}", where=name)


def _geometry_type(geometry: Objects) -> str:
    found = {int(code) for code in np.unique(shapely.get_type_id(geometry)) if code >= 0} if len(geometry) else set()
    return _TYPE_NAMES.get(found.pop(), "GEOMETRY") if len(found) == 1 else "GEOMETRY"


def _create_table(db: sqlite3.Connection, name: str, table: Table) -> None:
    parts = [f"{FID} INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"]
    if table.geometry is not None:
        parts.append(f"{GEOM} {_geometry_type(table.geometry)}")
    parts += [f"{quoted(column)} {_SQL_TYPES[values.dtype.kind]}" for column, values in table.columns.items()]
    db.execute(f"CREATE TABLE {quoted(name)} ({', '.join(parts)})")


def _register_layer(db: sqlite3.Connection, name: str, table: Table, srs_id: int) -> None:
    shapes = table.geometry
    box = blob.extent(shapes) if shapes is not None else None
    kind = "attributes" if shapes is None else "features"
    db.execute(
        "INSERT INTO gpkg_contents VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?)",
        (name, kind, name, LAST_CHANGE, *(box or (None,) * 4), 0 if shapes is None else srs_id),
    )
    if shapes is not None:
        z = 2 if len(shapes) and shapely.has_z(shapes).any() else 0
        row = (name, GEOM, _geometry_type(shapes), srs_id, z)
        db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, 0)", row)


def _insert(db: sqlite3.Connection, name: str, table: Table, srs_id: int) -> None:
    cells: list[Any] = [range(1, len(table) + 1)]
    if table.geometry is not None:
        cells.append(blob.encode(table.geometry, srs_id))
    cells += [_cells(values) for values in table.columns.values()]
    marks = ", ".join("?" * len(cells))
    db.executemany(f"INSERT INTO {quoted(name)} VALUES ({marks})", zip(*cells, strict=True))


def _cells(values: NDArray[Any]) -> list[Any]:
    listed: list[Any] = values.tolist()
    if values.dtype.kind == "O":
        return [value or None for value in listed]
    if values.dtype.kind == "f":
        return [None if value != value else value for value in listed]
    return listed


def _index(db: sqlite3.Connection, name: str, geometry: Objects) -> None:
    """R-tree of the layer with the triggers that keep it true under edits by any GIS."""
    index = f"rtree_{name}_{GEOM}"
    db.execute(
        "INSERT INTO gpkg_extensions VALUES (?, ?, 'gpkg_rtree_index',"
        " 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (name, GEOM),
    )
    db.execute(f"CREATE VIRTUAL TABLE {quoted(index)} USING rtree(id, minx, maxx, miny, maxy)")
    box = shapely.bounds(geometry)[:, [0, 2, 1, 3]] if len(geometry) else np.zeros((0, 4))
    rows = np.flatnonzero(~np.isnan(box).any(axis=1))
    listed = zip((rows + 1).tolist(), *box[rows].T.tolist(), strict=True)
    db.executemany(f"INSERT INTO {quoted(index)} VALUES (?, ?, ?, ?, ?)", listed)
    steps = ("insert", "update2", "update4", "update5", "update6", "update7", "delete")
    words = {step: quoted(f"{index}_{step}") for step in steps}
    script = RTREE_TRIGGERS.format(t=quoted(name), c=quoted(GEOM), i=quoted(FID), r=quoted(index), **words)
    for statement in script.split("END;\n"):
        if statement.strip():
            db.execute(statement + "END")
