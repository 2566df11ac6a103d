"""Whole GeoPackage files: written at once or not at all, the same bytes for the same content."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

from gridgeo.core.model import Table, texts
from gridgeo.errors import InputError
from gridgeo.gpkg.layers import layers, read_layer, write_layer
from gridgeo.gpkg.place import placed
from gridgeo.gpkg.schema import METADATA_TABLE, Crs, open_gpkg


def metadata_table(metadata: Mapping[str, str]) -> Table:
    """Keys and values, sorted by key, as the table that a file keeps them in."""
    keys = sorted(metadata)
    return Table(columns={"key": texts(keys), "value": texts([metadata[key] for key in keys])})


def read_metadata(db: sqlite3.Connection) -> dict[str, str]:
    """Keys and values of the file; empty for a file that gridgeo did not write."""
    if METADATA_TABLE not in {layer.name for layer in layers(db)}:
        return {}
    columns = read_layer(db, METADATA_TABLE).columns
    if not {"key", "value"} <= set(columns):
        return {}
    return dict(zip(columns["key"].tolist(), columns["value"].tolist(), strict=True))


def write_file(
    path: str | Path,
    tables: Mapping[str, Table],
    crs: Crs | None,
    *,
    metadata: Mapping[str, str] | None = None,
    unindexed: Collection[str] = (),
) -> None:
    """Write tables as the layers of one GeoPackage.

    The file is made beside its place and put there in one step, so a reader sees the old file or the new one.
    The same input gives the same bytes.

    Parameters
    ----------
    path
        The file.
    tables
        Layers by name.
    crs
        CRS of those with a geometry.
    metadata
        Keys and values to keep beside them.
    unindexed
        Layers nobody searches by place: they get no spatial index.

    Raises
    ------
    InputError
        The place cannot be written, a table cannot be stored, or the file keeps versions of plans.
    """
    path = Path(path)
    spare(path)
    try:
        with placed(path) as part:
            _fill(part, tables, crs, metadata or {}, unindexed)
    except sqlite3.Error as error:
        raise InputError(f"cannot write: {error}", where=str(path)) from error


def _fill(
    part: Path,
    tables: Mapping[str, Table],
    crs: Crs | None,
    metadata: Mapping[str, str],
    unindexed: Collection[str],
) -> None:
    with closing(open_gpkg(part, create=True)) as db:
        db.execute("PRAGMA journal_mode=OFF")  # nobody else sees the part; a failed one is thrown away
        db.execute("PRAGMA synchronous=OFF")
        for name, table in tables.items():
            write_layer(db, name, table, crs, spatial_index=name not in unindexed)
        if metadata:
            write_layer(db, METADATA_TABLE, metadata_table(metadata), None)
        db.commit()


def spare(path: Path) -> None:
    """A file that a store keeps versions or journals in is not replaced: they stand nowhere else.

    Raises
    ------
    InputError
        It is one.
    """
    versions, entries = kept(path)
    if versions > 1 or entries:
        raise InputError(
            f"the file keeps {versions} versions of plans and {entries} journal entries, which would be lost",
            where=str(path),
            hint=f"write to another file with -o, or draw and edit in this one on the map: gridgeo serve {path}",
        )


def kept(path: Path) -> tuple[int, int]:
    """Number of versions and journal entries a file keeps; none for a file that is no store."""
    if not path.is_file():
        return 0, 0
    try:
        with closing(open_gpkg(path, readonly=True)) as db:
            versions = db.execute("SELECT count(*) FROM plan_versions").fetchone()[0]
            return versions, db.execute("SELECT count(*) FROM journals").fetchone()[0]
    except (InputError, sqlite3.Error):
        return 0, 0
