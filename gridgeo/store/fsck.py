"""Is a store whole? Opened, read again and proved, without changing anything in it.

What is proved, in the words of the files: the database itself is sound; every version can be read and still has the
hash it was kept with; the layers a GIS sees are those of the published plan; no journal has a hole, and the audit log
is an unbroken chain; the atoms cover the boundary exactly once, and so does every version, for it gives each of them
to one grid; the polygons of the published plan, as they stand in the layer, are proved themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridgeo import audit, gpkg
from gridgeo.core.model import Notice, Objects, Plan, Territory
from gridgeo.core.tables import grids_table
from gridgeo.errors import GridgeoError
from gridgeo.store import formats, layers, rows, sql, timeline
from gridgeo.store.digests import plan_digest
from gridgeo.store.sql import Session

Prove = Callable[[Objects, Any], int]
"""Counts what keeps polygons from covering a boundary exactly once: 0 is a proof."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a check of a store found: nothing, when `findings` is empty.

    `versions` and `entries` count what was examined; `head` is the hash of the last audit entry, to be noted
    elsewhere: a later check with it proves that the log was not cut off.
    """

    findings: tuple[Notice, ...]
    versions: int = 0
    entries: int = 0
    head: str = ""


def fsck_file(path: str | Path, prove: Prove, *, head: str = "") -> Health:
    """Examine a GeoPackage.

    Parameters
    ----------
    path
        The file; opened for reading only.
    prove
        Proof of coverage.
    head
        Hash of an audit entry noted earlier, "" for none.

    Raises
    ------
    InputError
        There is no such file, or it is no GeoPackage at all.
    """
    from gridgeo.store.geopackage import FileSession

    with closing(gpkg.open_gpkg(path, readonly=True)) as db:
        try:
            with gpkg.readable(path):
                said = [str(row[0]) for row in db.execute("PRAGMA integrity_check")]
                broken = [str(row[0]) for row in db.execute("PRAGMA foreign_key_check")]
            damage = [line for line in said if line != "ok"] + [f"foreign key of {table}" for table in broken]
            if damage:
                return Health(findings=tuple(_damaged(line) for line in damage))
            return examine(FileSession(db), prove, head=head)
        except GridgeoError as error:
            return Health(findings=(_damaged(error.message),))


def fsck_database(url: str, prove: Prove, *, head: str = "") -> Health:
    """Examine a project in PostGIS, in one transaction that only reads.

    Raises
    ------
    InputError
        The address cannot be read.
    BackendError
        The database cannot be reached.
    """
    from gridgeo.store.postgis.address import parse
    from gridgeo.store.postgis.backend import Postgis

    backend = Postgis(parse(url))
    try:
        with backend.reading() as db:
            return examine(db, prove, head=head)
    finally:
        backend.close()


def examine(db: Session, prove: Prove, *, head: str = "") -> Health:
    """Examine what a transaction sees.

    Raises
    ------
    InputError
        There is no territory, or one of a later gridgeo.
    """
    found = formats.format_of(db)
    territory, shown = layers.read(db)
    findings = [] if shown is None else list(_cover(db, territory, prove))
    if shown is None and prove(territory.atoms.geometry, territory.boundary):
        findings.append(Notice(kind="store-atoms", where="atoms"))
    if found < formats.FORMAT:
        old = Notice(kind="store-format", where="gridgeo_store", facts={"format": found, "now": formats.FORMAT})
        return Health(findings=tuple([*findings, old] if found else findings))
    if sql.value(db, "atoms") != formats.atoms_digest(territory):
        return Health(findings=(*findings, Notice(kind="store-other-atoms", where="atoms")))
    records = timeline.marked(sql.records(db), sql.publications(db))
    findings += _versions(db, territory)
    published = next((record for record in records if record.published), None)
    if published is not None and not any(notice.where == published.name for notice in findings):
        findings += _mirror(db, sql.read(db, territory, published))
    entries = sql.entries(db, audit.BOOK)
    findings += [*_holes(db), *audit.verify(entries, head=head)]
    count = db.execute("SELECT count(*) FROM journals").fetchone()[0]
    return Health(findings=tuple(findings), versions=len(records), entries=count, head=audit.head_of(entries))


def _damaged(message: str) -> Notice:
    return Notice(kind="store-damaged", facts={"message": message})


def _cover(db: Session, territory: Territory, prove: Prove) -> Iterator[Notice]:
    """The proofs of coverage: of the atoms, and of the polygons of the grids as they stand."""
    if prove(territory.atoms.geometry, territory.boundary):
        yield Notice(kind="store-atoms", where="atoms")
    table = db.read_layer("grids")
    faults = 0 if table is None or table.geometry is None else prove(table.geometry, territory.boundary)
    if faults:
        yield Notice(kind="store-cover", where="grids", facts={"findings": faults})


def _versions(db: Session, territory: Territory) -> Iterator[Notice]:
    """Versions that cannot be read, or are not what they were kept as."""
    last: dict[str, int] = {}
    for record in sql.records(db):
        if record.version != last.get(record.id, 0) + 1:
            yield Notice(kind="store-gap", where=record.name, facts={"before": last.get(record.id, 0)})
        last[record.id] = record.version
        try:
            digest = plan_digest(sql.read(db, territory, record))
        except (GridgeoError, TypeError, ValueError) as error:  # rows of any kind may have been put there
            yield Notice(kind="store-version", where=record.name, facts={"message": str(error)})
            continue
        if digest != record.digest:
            yield Notice(kind="store-digest", where=record.name)


def _mirror(db: Session, plan: Plan) -> Iterator[Notice]:
    """Whether the layers a GIS sees are those of the published plan."""
    atoms, grids = db.read_layer("atoms"), db.read_layer("grids")
    if atoms is None or grids is None or "grid" not in atoms.columns:
        yield Notice(kind="store-mirror", where="grids", facts={"atoms": len(plan.label)})
        return
    wrong = int((atoms.columns["grid"] != rows.codes(plan)).sum())
    if wrong:
        yield Notice(kind="store-mirror", where="atoms", facts={"atoms": wrong})
    wanted = grids_table(plan)
    if not _alike(wanted.columns["code"], grids.columns["code"], wanted.geometry, grids.geometry):
        yield Notice(kind="store-grids", where="grids")


def _alike(codes: Objects, found: Objects, shapes: Any, stored: Any) -> bool:
    """Whether two layers hold the same polygons under the same codes, however their rings begin."""
    if codes.tolist() != found.tolist() or stored is None:
        return False
    same = shapely.equals_exact(shapely.normalize(shapes), shapely.normalize(stored), 0.0)
    return bool(np.all(same))


def _holes(db: Session) -> Iterator[Notice]:
    """Journals whose entries are not numbered from 1 without a hole."""
    counted = db.execute(
        "SELECT book, count(*), max(position), min(position) FROM journals GROUP BY book ORDER BY book"
    )
    for book, count, last, first in counted.fetchall():
        if (first, last) != (1, count):
            yield Notice(kind="store-journal", where=book, facts={"entries": count, "last": last})
