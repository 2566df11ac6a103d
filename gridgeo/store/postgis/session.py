"""One transaction with PostGIS: layers as tables with a geometry column, which QGIS opens as they are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import TupleRow

from gridgeo import gpkg
from gridgeo.core.model import Objects, Table
from gridgeo.errors import InputError

FID, GEOM = "fid", "geom"
OWN_SRIDS = range(990_000, 999_000)
"""Numbers PostGIS leaves to its users: a CRS without a number of its own gets one of them."""
_NUMBERED = re.compile(r"(EPSG|ESRI):(\d+)")
_TYPES = {"O": "text", "b": "boolean", "i": "bigint", "u": "bigint", "f": "double precision"}
_GEOMETRIES = {0: "Point", 1: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon"}
"""Types of columns by type of shape, spelled as PostGIS tells them."""
_WHOLE, _REAL = {"smallint", "integer", "bigint"}, {"real", "double precision", "numeric"}


class PostgisSession:
    """One transaction with a schema of a database.

    Parameters
    ----------
    db
        Connection inside a transaction.
    schema
        The schema, first in the search path.
    """

    clustered = ""

    def __init__(self, db: psycopg.Connection[TupleRow], schema: str) -> None:
        self._db = db
        self._schema = schema

    def execute(self, text: str, values: Sequence[Any] = ()) -> psycopg.Cursor[TupleRow]:
        """Run one statement."""
        return self._db.execute(text.replace("?", "%s").encode(), values)

    def insert(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Add many rows."""
        command = sql.SQL("COPY {} FROM STDIN").format(self._name(table))
        with self._db.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row(row)

    def tables(self) -> set[str]:
        """Names of the tables there are."""
        return {row[0] for row in self.execute("SELECT tablename FROM pg_tables WHERE schemaname = ?", (self._schema,))}

    def read_layer(self, name: str) -> Table | None:
        """A layer, None when there is none."""
        columns = self._columns(name)
        if not columns:
            return None
        shaped = GEOM in columns
        names = [column for column in columns if column not in (FID, GEOM)]
        wanted: list[sql.Composable] = [sql.SQL("ST_AsBinary({})").format(sql.Identifier(GEOM))] if shaped else []
        wanted += [sql.Identifier(column) for column in names]
        query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
            sql.SQL(", ").join(wanted or [sql.SQL("NULL")]), self._name(name), sql.Identifier(FID)
        )
        with self._db.cursor(binary=True) as cursor:
            rows = cursor.execute(query).fetchall()
        values: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * max(len(wanted), 1)
        shapes = _shapes(values[0]) if shaped else None
        cells = values[1:] if shaped else values
        return Table(
            columns={n: _column(cells[i], columns[n]) for i, n in enumerate(names)},
            geometry=shapes,
        )

    def write_layer(self, name: str, table: Table) -> None:
        """Keep a layer instead of the one kept before; readers of the old state go on reading it."""
        srid = self._srid() if table.geometry is not None else 0
        wanted = _signature(table, srid)
        found = self._signature(name)
        if found != wanted:
            self.drop_layer(name)
            self._create(name, wanted)
        else:
            self._db.execute(sql.SQL("DELETE FROM {}").format(self._name(name)))
        self.insert(name, _rows(table, srid))
        restart = sql.SQL("ALTER TABLE {} ALTER COLUMN {} RESTART WITH {}")
        self._db.execute(restart.format(self._name(name), sql.Identifier(FID), sql.Literal(len(table) + 1)))

    def drop_layer(self, name: str) -> None:
        """Remove a layer where there is one."""
        self._db.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(self._name(name)))

    def crs(self) -> str:
        """CRS of the territory."""
        if gpkg.METADATA_TABLE not in self.tables():
            return ""
        row = self.execute(f"SELECT value FROM {gpkg.METADATA_TABLE} WHERE key = 'crs'").fetchone()
        return str(row[0]) if row else ""

    def label_atoms(self, grid: Objects) -> None:
        """Write the grid of every atom into the layer `atoms`, where it is another."""
        self.execute("ALTER TABLE atoms ADD COLUMN IF NOT EXISTS grid text")
        shown = self.execute("SELECT fid, grid FROM atoms ORDER BY fid").fetchall()
        changed = [(fid, new) for (fid, old), new in zip(shown, grid.tolist(), strict=True) if old != new]
        rows = ([fid for fid, _ in changed], [new for _, new in changed])
        update = "UPDATE atoms SET grid = new.grid FROM unnest(?::bigint[], ?::text[]) AS new (fid, grid)"
        self.execute(f"{update} WHERE atoms.fid = new.fid", rows)

    def _name(self, table: str) -> sql.Identifier:
        return sql.Identifier(self._schema, table)

    def _columns(self, name: str) -> dict[str, str]:
        """Columns of a table with their types, in order; none for a table that is not there."""
        found = self.execute(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
            " ORDER BY a.attnum",
            (self._schema, name),
        )
        return {str(column): str(kind) for column, kind in found}

    def _signature(self, name: str) -> list[tuple[str, str]]:
        return [(column, kind.rpartition(".")[2]) for column, kind in self._columns(name).items()]

    def _create(self, name: str, columns: list[tuple[str, str]]) -> None:
        for column, _ in columns[1:]:
            if "\x00" in column or not column or column.lower() == FID:
                raise InputError(f"a column cannot be named {column!r}", where=name)
        first = sql.SQL("{} bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY").format(sql.Identifier(FID))
        # the types come from the tables above, never from a caller
        rest = [sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(kind)) for c, kind in columns[1:]]
        create = sql.SQL("CREATE TABLE {} ({})")
        self._db.execute(create.format(self._name(name), sql.SQL(", ").join([first, *rest])))
        if any(column == GEOM for column, _ in columns):
            index = sql.SQL("CREATE INDEX ON {} USING gist ({})")
            self._db.execute(index.format(self._name(name), sql.Identifier(GEOM)))

    def _srid(self) -> int:
        """Number PostGIS knows the CRS of the territory by; 0 where it cannot be told."""
        text = self.crs()
        numbered = _NUMBERED.fullmatch(text)
        if numbered:
            where, values = "auth_name = ? AND auth_srid = ?", (numbered[1], int(numbered[2]))
        else:
            where, values = "srtext = ? AND auth_srid IS NOT NULL", (text,)  # type: ignore[assignment]
        row = self.execute(f"SELECT srid FROM spatial_ref_sys WHERE {where} ORDER BY srid LIMIT 1", values).fetchone()
        if row:
            return int(row[0])
        return 0 if numbered or not text else self._add_srid(text)

    def _add_srid(self, text: str) -> int:
        """Tell PostGIS of a CRS that has no number; 0 where this user may not."""
        start = int(hashlib.sha256(text.encode()).hexdigest(), 16) % len(OWN_SRIDS)
        taken = {row[0] for row in self.execute("SELECT srid FROM spatial_ref_sys WHERE srid >= ?", (OWN_SRIDS[0],))}
        srid = next((s for s in (*OWN_SRIDS[start:], *OWN_SRIDS[:start]) if s not in taken), 0)
        add = "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext) VALUES (?, 'gridgeo', ?, ?)"
        try:
            with self._db.transaction():
                self.execute(add, (srid, srid, text))
        except psycopg.errors.InsufficientPrivilege:
            return 0
        return srid


def _signature(table: Table, srid: int) -> list[tuple[str, str]]:
    """Columns a table needs, with their types as PostgreSQL names them."""
    columns = [(FID, "bigint")]
    if table.geometry is not None:
        columns.append((GEOM, f"geometry({_geometry_type(table.geometry)},{srid})" if srid else "geometry"))
    return columns + [(name, _TYPES[values.dtype.kind]) for name, values in table.columns.items()]


def _geometry_type(shapes: Objects) -> str:
    kinds = {int(kind) for kind in np.unique(shapely.get_type_id(shapes)) if kind >= 0} if len(shapes) else set()
    name = _GEOMETRIES.get(kinds.pop(), "Geometry") if len(kinds) == 1 else "Geometry"
    return name + ("Z" if len(shapes) and shapely.has_z(shapes).any() else "")


def _rows(table: Table, srid: int) -> Iterator[tuple[Any, ...]]:
    """Rows of a table with their number first; "" and NaN become null."""
    cells: list[Iterable[Any]] = [range(1, len(table) + 1)]
    if table.geometry is not None:
        shapes = shapely.set_srid(table.geometry, srid) if srid else table.geometry
        cells.append(shapely.to_wkb(shapes, hex=True, include_srid=bool(srid)).tolist() if len(table) else [])
    cells += [_cells(values) for values in table.columns.values()]
    return zip(*cells, strict=True)


def _cells(values: NDArray[Any]) -> list[Any]:
    listed: list[Any] = values.tolist()
    if values.dtype.kind == "O":
        return [value or None for value in listed]
    if values.dtype.kind == "f":
        return [None if value != value else value for value in listed]
    return listed


def _shapes(blobs: Sequence[Any]) -> Objects:
    out = np.empty(len(blobs), dtype=object)
    out[:] = shapely.from_wkb(list(blobs))
    return out


def _column(cells: Sequence[Any], kind: str) -> NDArray[Any]:
    null = None in cells
    if kind == "boolean" and not null:
        return np.array(cells, np.bool_)
    if kind in _WHOLE and not null:
        return np.array(cells, np.int64)
    if kind in _WHOLE | _REAL | {"boolean"}:
        return np.array([np.nan if cell is None else float(cell) for cell in cells], np.float64)
    out = np.empty(len(cells), dtype=object)
    out[:] = ["" if cell is None else str(cell) for cell in cells]
    return out
