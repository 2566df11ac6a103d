"""What every database of a store can do, and the rows kept in it: one SQL for SQLite and PostgreSQL.

Versions, publications and journals are only ever added to: nothing in these tables is updated or deleted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from gridgeo.core.model import Objects, Plan, Table, Territory
from gridgeo.core.tables import notices_of, notices_text
from gridgeo.ports import PlanRecord
from gridgeo.store import rows
from gridgeo.store.timeline import Publication


class Session(Protocol):
    """One transaction with a database. SQL is written with `?` for values, which are bound, never pasted."""

    clustered: str
    """What makes a table of its primary key, where the database has such a thing."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement; gives a cursor over its rows."""
        ...

    def insert(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Add many rows, each with a value for every column."""
        ...

    def tables(self) -> set[str]:
        """Names of the tables there are."""
        ...

    def read_layer(self, name: str) -> Table | None:
        """A layer, None when there is none."""
        ...

    def write_layer(self, name: str, table: Table) -> None:
        """Keep a layer instead of the one kept before."""
        ...

    def drop_layer(self, name: str) -> None:
        """Remove a layer where there is one."""
        ...

    def crs(self) -> str:
        """CRS of the layer `atoms`, as `Territory.crs` has it."""
        ...

    def label_atoms(self, grid: Objects) -> None:
        """Write the grid of every atom, in their order, into the column `grid` of the layer `atoms`."""
        ...


class Backend(Protocol):
    """A database as a store uses it: transactions that are kept whole or not at all."""

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that sees one state of everything."""
        ...

    def writing(self, *parts: str) -> AbstractContextManager[Session]:
        """A transaction that is on disk when it ends; those of a part wait for each other, parts named in one order."""
        ...

    def version(self) -> object:
        """What differs whenever another connection may have written; cheap enough to ask on every request."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class Pinned:
    """One open transaction in the place of a database: a store over it sees one state, and keeps all or nothing.

    Parameters
    ----------
    session
        The transaction; whoever opened it ends it.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """The transaction."""
        yield self._session

    @contextmanager
    def writing(self, *parts: str) -> Iterator[Session]:
        """The transaction."""
        yield self._session

    def version(self) -> object:
        """Nobody else writes in this transaction."""
        return 0

    def close(self) -> None:
        """Nothing: whoever opened the transaction ends it."""


STATE, JOURNALS, MARK = "changes", "journals", "mark"
"""Parts that writers of one kind share."""
_CHAIN = """WITH RECURSIVE chain (saved, base, id, version) AS (
  SELECT saved, base, id, version FROM plan_versions WHERE saved = ?
  UNION ALL SELECT v.saved, v.base, v.id, v.version FROM plan_versions v JOIN chain ON v.saved = chain.base)
"""
_LINE = _CHAIN + "SELECT saved, id, version FROM chain ORDER BY saved DESC"
_LABELS = f"""{_CHAIN}SELECT l.atom, l.grid FROM chain JOIN plan_labels l ON l.saved = chain.saved
WHERE l.saved > ? ORDER BY l.saved"""


def value(db: Session, key: str) -> str:
    """A value of the store, "" when it was never written."""
    row = db.execute("SELECT value FROM gridgeo_store WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def put_value(db: Session, key: str, text: str) -> None:
    """Keep a value of the store."""
    sql = "INSERT INTO gridgeo_store VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    db.execute(sql, (key, text))


def count_change(db: Session) -> int:
    """Count one change of territory, plans or orders; gives the new count."""
    changes = int(value(db, STATE)) + 1
    put_value(db, STATE, str(changes))
    return changes


def records(db: Session) -> tuple[PlanRecord, ...]:
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


def publications(db: Session) -> tuple[Publication, ...]:
    """Every publication, in the order they were made."""
    found = db.execute("SELECT id, version, valid_from FROM plan_publications ORDER BY place")
    return tuple(Publication(*row) for row in found)


def publish(db: Session, publication: Publication) -> None:
    """Add a publication."""
    place = db.execute("SELECT coalesce(max(place), 0) + 1 FROM plan_publications").fetchone()[0]
    row = (place, publication.id, publication.version, publication.valid_from)
    db.insert("plan_publications", [row])


def add(db: Session, plan: Plan, record: PlanRecord, base: tuple[PlanRecord, Plan] | None) -> None:
    """Write one version; `base` is the version it is written as a change of."""
    low, high = plan.band
    at = _saved(db, base[0]) if base else (None, None)
    before = base[1] if base else None
    grids = rows.grid_rows(plan)
    shared = before is not None and grids == rows.grid_rows(before)
    saved = db.execute("SELECT coalesce(max(saved), 0) + 1 FROM plan_versions").fetchone()[0]
    row = (
        *(saved, record.id, record.version, record.created, record.note, record.author, int(record.draft)),
        *(record.parent, record.digest, low, high, notices_text(plan.notices)),
        *(at[0], at[1] if shared else saved),
    )
    db.insert("plan_versions", [row])
    if not shared:
        db.insert("plan_grids", ((saved, *grid) for grid in grids))
    db.insert("plan_labels", ((saved, *label) for label in rows.label_rows(plan, before)))


def read(
    db: Session, territory: Territory, record: PlanRecord, held: Callable[[str], Plan | None] = lambda name: None
) -> Plan:
    """One version as a plan, read from the nearest version on that is held ready; from the oldest on where none is.

    Raises
    ------
    BackendError
        Rows are missing or point nowhere: other hands changed them.
    """
    saved, grids, low, high, notices = db.execute(
        "SELECT saved, grids, fewest, most, notices FROM plan_versions WHERE id = ? AND version = ?",
        (record.id, record.version),
    ).fetchone()
    listed = db.execute(
        "SELECT place, code, name, kind, community FROM plan_grids WHERE saved = ? ORDER BY place", (grids,)
    ).fetchall()
    since, base = _nearest(db, saved, held)
    labels = db.execute(_LABELS, (saved, since))
    return rows.assemble(territory, record.name, listed, labels, (low, high), notices_of(notices), base)


def _nearest(db: Session, saved: int, held: Callable[[str], Plan | None]) -> tuple[int, Plan | None]:
    """Number and plan of the nearest version held ready among those a version is written as a change of; 0, None."""
    for number, id, version in db.execute(_LINE, (saved,)).fetchall():
        plan = held(f"{id}@{version}")
        if plan is not None:
            return number, plan
    return 0, None


def books(db: Session) -> tuple[str, ...]:
    """Names of the journals, sorted."""
    return tuple(sorted(row[0] for row in db.execute("SELECT DISTINCT book FROM journals")))


def last_entry(db: Session, book: str) -> int:
    """Position of the last entry of a journal, 0 for none."""
    row = db.execute("SELECT coalesce(max(position), 0) FROM journals WHERE book = ?", (book,)).fetchone()
    return int(row[0])


def write_entry(db: Session, book: str, position: int, text: str) -> None:
    """Add an entry to a journal."""
    db.execute("INSERT INTO journals VALUES (?, ?, ?)", (book, position, text))


def entries(db: Session, book: str, since: int = 0, limit: int = sys.maxsize) -> tuple[str, ...]:
    """The first `limit` entries of a journal after a position."""
    asked = "SELECT text FROM journals WHERE book = ? AND position > ? ORDER BY position LIMIT ?"
    found = db.execute(asked, (book, since, limit))
    return tuple(row[0] for row in found)


def _saved(db: Session, record: PlanRecord) -> tuple[int, int]:
    """Number of a version, and of the one that holds its grids."""
    saved, grids = db.execute(
        "SELECT saved, grids FROM plan_versions WHERE id = ? AND version = ?", (record.id, record.version)
    ).fetchone()
    return int(saved), int(grids)
