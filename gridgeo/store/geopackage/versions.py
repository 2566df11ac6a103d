"""Versions, publications and journals as rows: plain SQL, run inside the transaction of the caller.

Nothing is ever updated or deleted in these tables.
"""

from __future__ import annotations

import sqlite3

from gridgeo.core.model import Plan, Territory
from gridgeo.core.tables import notices_of, notices_text
from gridgeo.ports import PlanRecord
from gridgeo.store import rows
from gridgeo.store.timeline import Publication

_CHAIN = """WITH RECURSIVE chain (saved, base) AS (
  SELECT saved, base FROM plan_versions WHERE saved = ?
  UNION ALL SELECT v.saved, v.base FROM plan_versions v JOIN chain ON v.saved = chain.base)
SELECT l.atom, l.grid FROM chain JOIN plan_labels l ON l.saved = chain.saved ORDER BY l.saved"""


def records(db: sqlite3.Connection) -> tuple[PlanRecord, ...]:
    """Every version, in the order they were saved, without its times in force."""
    found = db.execute(
        "SELECT id, version, created, note, author, draft, parent, digest FROM plan_versions ORDER BY saved"
    )
    return tuple(
        PlanRecord(
            id=id,
            version=version,
            created=created,
            note=note,
            author=author,
            draft=bool(draft),
            parent=parent,
            digest=digest,
        )
        for id, version, created, note, author, draft, parent, digest in found
    )


def publications(db: sqlite3.Connection) -> tuple[Publication, ...]:
    """Every publication, in the order they were made."""
    found = db.execute("SELECT id, version, valid_from FROM plan_publications ORDER BY place")
    return tuple(Publication(*row) for row in found)


def publish(db: sqlite3.Connection, publication: Publication) -> None:
    """Add a publication."""
    row = (publication.id, publication.version, publication.valid_from)
    db.execute("INSERT INTO plan_publications (id, version, valid_from) VALUES (?, ?, ?)", row)


def add(db: sqlite3.Connection, plan: Plan, record: PlanRecord, base: tuple[str, Plan] | None) -> None:
    """Write one version; `base` are the name and the plan of the version it is written as a change of."""
    low, high = plan.band
    at = _saved(db, base[0]) if base else (None, None)
    before = base[1] if base else None
    grids = rows.grid_rows(plan)
    shared = before is not None and grids == rows.grid_rows(before)
    saved = db.execute("SELECT coalesce(max(saved), 0) + 1 FROM plan_versions").fetchone()[0]
    db.execute(
        "INSERT INTO plan_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(saved, record.id, record.version, record.created, record.note, record.author, int(record.draft)),
            *(record.parent, record.digest, low, high, notices_text(plan.notices)),
            *(at[0], at[1] if shared else saved),
        ),
    )
    if not shared:
        db.executemany("INSERT INTO plan_grids VALUES (?, ?, ?, ?, ?, ?)", ((saved, *row) for row in grids))
    labels = ((saved, *row) for row in rows.label_rows(plan, before))
    db.executemany("INSERT INTO plan_labels VALUES (?, ?, ?)", labels)


def read(db: sqlite3.Connection, territory: Territory, record: PlanRecord) -> Plan:
    """One version as a plan.

    Raises
    ------
    BackendError
        Rows are missing or point nowhere: the file was changed by other hands.
    """
    saved, grids, low, high, notices = db.execute(
        "SELECT saved, grids, fewest, most, notices FROM plan_versions WHERE id = ? AND version = ?",
        (record.id, record.version),
    ).fetchone()
    listed = db.execute(
        "SELECT place, code, name, kind, community FROM plan_grids WHERE saved = ? ORDER BY place", (grids,)
    ).fetchall()
    labels = db.execute(_CHAIN, (saved,))
    return rows.assemble(territory, record.name, listed, labels, (low, high), notices_of(notices))


def last_entry(db: sqlite3.Connection, book: str) -> int:
    """Position of the last entry of a journal, 0 for none."""
    row = db.execute("SELECT coalesce(max(position), 0) FROM journals WHERE book = ?", (book,)).fetchone()
    return int(row[0])


def write_entry(db: sqlite3.Connection, book: str, position: int, text: str) -> None:
    """Add an entry to a journal."""
    db.execute("INSERT INTO journals VALUES (?, ?, ?)", (book, position, text))


def entries(db: sqlite3.Connection, book: str, since: int) -> tuple[str, ...]:
    """Entries of a journal after a position."""
    found = db.execute("SELECT text FROM journals WHERE book = ? AND position > ? ORDER BY position", (book, since))
    return tuple(row[0] for row in found)


def _saved(db: sqlite3.Connection, name: str) -> tuple[int, int]:
    """Number of a version, and of the one that holds its grids."""
    id, _, version = name.rpartition("@")
    saved, grids = db.execute(
        "SELECT saved, grids FROM plan_versions WHERE id = ? AND version = ?", (id, int(version))
    ).fetchone()
    return int(saved), int(grids)
