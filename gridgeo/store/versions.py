"""Versions of plans as rows: plain SQL, run inside the transaction of the caller.

A version writes only the labels that differ from the version before it, so an edit costs what it changes. Nothing is
ever updated or deleted in these tables; only the pointer to the published version moves.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np

from gridgeo.core.model import Grids, Kind, Objects, Plan, Territory, texts
from gridgeo.core.tables import notices_of, notices_text
from gridgeo.errors import BackendError
from gridgeo.ports import PlanRecord

_TABLES = (
    """CREATE TABLE IF NOT EXISTS plan_versions (
  saved INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, created TEXT NOT NULL, note TEXT NOT NULL,
  fewest INTEGER NOT NULL, most INTEGER NOT NULL, notices TEXT NOT NULL, UNIQUE (id, version))""",
    """CREATE TABLE IF NOT EXISTS plan_grids (
  id TEXT NOT NULL, version INTEGER NOT NULL, place INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  kind TEXT NOT NULL, community TEXT NOT NULL, PRIMARY KEY (id, version, place)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS plan_labels (
  id TEXT NOT NULL, atom TEXT NOT NULL, version INTEGER NOT NULL, grid TEXT NOT NULL,
  PRIMARY KEY (id, atom, version)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS plan_published (
  only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, version INTEGER NOT NULL)""",
)


@dataclass(frozen=True)
class Labels:
    """Grid code of every atom, in the order of the territory."""

    grid: Objects

    def differ(self, other: Labels | None) -> np.ndarray:
        """Rows of atoms whose grid is another."""
        if other is None:
            return np.arange(len(self.grid))
        return np.flatnonzero(self.grid != other.grid)


def labels_of(plan: Plan) -> Labels:
    """The labels of a plan as codes."""
    return Labels(plan.grids.code[plan.label])


def create(db: sqlite3.Connection) -> None:
    """Make the tables where they are missing."""
    for statement in _TABLES:
        db.execute(statement)


def records(db: sqlite3.Connection) -> tuple[PlanRecord, ...]:
    """Every version, in the order they were saved."""
    rows = db.execute(
        "SELECT v.id, v.version, v.created, v.note, p.only IS NOT NULL FROM plan_versions v"
        " LEFT JOIN plan_published p ON p.id = v.id AND p.version = v.version ORDER BY v.saved"
    )
    return tuple(
        PlanRecord(id=id, version=version, created=created, note=note, published=bool(published))
        for id, version, created, note, published in rows
    )


def add(db: sqlite3.Connection, plan: Plan, record: PlanRecord, before: Labels | None) -> None:
    """Write one version; `before` are the labels of the version before it."""
    low, high = plan.band
    db.execute(
        "INSERT INTO plan_versions (id, version, created, note, fewest, most, notices) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (record.id, record.version, record.created, record.note, low, high, notices_text(plan.notices)),
    )
    grids, communities = plan.grids, plan.territory.communities.code
    db.executemany(
        "INSERT INTO plan_grids VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (record.id, record.version, place, code, name, Kind(kind).name.lower(), communities[at] if at >= 0 else "")
            for place, (code, name, kind, at) in enumerate(
                zip(grids.code, grids.name, grids.kind.tolist(), grids.community.tolist(), strict=True)
            )
        ),
    )
    now, atoms = labels_of(plan), plan.territory.atoms.code
    db.executemany(
        "INSERT INTO plan_labels VALUES (?, ?, ?, ?)",
        ((record.id, atoms[row], record.version, now.grid[row]) for row in now.differ(before).tolist()),
    )


def labels(db: sqlite3.Connection, territory: Territory, id: str, version: int) -> Labels:
    """Labels of one version: for each atom, the last one written up to it.

    Raises
    ------
    BackendError
        Rows are missing: the file was changed by other hands.
    """
    # with max() in the list, SQLite takes the other columns from the row that holds the maximum
    found = {
        atom: grid
        for atom, grid, _ in db.execute(
            "SELECT atom, grid, max(version) FROM plan_labels WHERE id = ? AND version <= ? GROUP BY atom",
            (id, version),
        )
    }
    try:
        return Labels(texts([found[atom] for atom in territory.atoms.code.tolist()]))
    except KeyError as error:
        raise BackendError(f"plan {id}@{version} has no label for atom {error.args[0]}", where=id) from None


def read(db: sqlite3.Connection, territory: Territory, id: str, version: int) -> Plan:
    """One version as a plan.

    Raises
    ------
    BackendError
        Rows are missing or point nowhere: the file was changed by other hands.
    """
    rows = db.execute(
        "SELECT code, name, kind, community FROM plan_grids WHERE id = ? AND version = ? ORDER BY place", (id, version)
    ).fetchall()
    low, high, notices = db.execute(
        "SELECT fewest, most, notices FROM plan_versions WHERE id = ? AND version = ?", (id, version)
    ).fetchone()
    row_of = {code: row for row, (code, _, _, _) in enumerate(rows)}
    communities = territory.communities
    try:
        grids = Grids(
            code=texts([row[0] for row in rows]),
            name=texts([row[1] for row in rows]),
            kind=np.array([Kind[row[2].upper()] for row in rows], np.int8),
            community=np.array([communities.row(row[3]) if row[3] else -1 for row in rows], np.int32),
        )
        label = np.array([row_of[code] for code in labels(db, territory, id, version).grid.tolist()], np.int32)
    except KeyError as error:
        raise BackendError(f"plan {id}@{version} names {error.args[0]}, which does not exist", where=id) from None
    return Plan(territory=territory, label=label, grids=grids, band=(low, high), notices=notices_of(notices))


def point_at(db: sqlite3.Connection, record: PlanRecord) -> None:
    """Make one version the published one."""
    db.execute("INSERT OR REPLACE INTO plan_published VALUES (1, ?, ?)", (record.id, record.version))
