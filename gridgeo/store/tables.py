"""A store over any database: all rules of the port, told once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from gridgeo.core.model import Plan, Streets, Table, Territory
from gridgeo.core.tables import layer_hashes, territory_tables
from gridgeo.core.tables.columns import table_of
from gridgeo.core.tables.territory import NO_ROWS
from gridgeo.errors import NotFoundError
from gridgeo.ports import POINT_LAYERS, PlanRecord, instant
from gridgeo.store import formats, layers, rows, rules, sql, timeline
from gridgeo.store.digests import plan_digest
from gridgeo.store.late import with_parts
from gridgeo.store.sql import JOURNALS, MARK, STATE, Backend, Pinned, Session


def utc_now() -> str:
    """The time, ISO 8601.

    >>> utc_now()[-1]
    'Z'
    """
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class TableStore:
    """Keeps everything in a database; safe to share between threads, and between processes through the database.

    A plan found in the layers that no version holds (drawn by the command line, or labelled in a GIS) is taken over
    as the next version of "main" and published. An older format is brought to this one.

    Parameters
    ----------
    backend
        The database.
    clock
        Gives the time of taking a plan over.
    streets
        Reads the streets when they are first asked for; without it they are read at once.

    Raises
    ------
    InputError
        There is no territory, or one of a later gridgeo.
    BackendError
        The database cannot be reached or written.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        clock: Callable[[], str] = utc_now,
        streets: Callable[[], Streets] | None = None,
    ) -> None:
        self._backend = backend
        self._writers = threading.Lock()  # order of locks: writers, the backend's own, what is held ready
        self._lock = threading.RLock()
        self._drawn = rows.Drawn()
        self._seen: object = None
        self._hashes: dict[str, str] = {}
        try:
            with backend.reading() as db:  # takes seconds on a large project: nobody else is kept waiting
                formats.format_of(db)  # before all else: a later format is left alone
                before, (self._territory, found) = _state(db), layers.read(db, streets)
            with backend.writing(STATE) as db:
                if _state(db) != before:
                    self._territory, found = layers.read(db, streets)
                formats.prepare(db, self._territory)
                self._points = _point_changes(db)
                self._adopt(db, found, clock())
                self._changes = int(sql.value(db, STATE))
        except BaseException:
            backend.close()
            raise

    def stamp(self) -> str:
        """Text that differs whenever territory, plans or orders have changed, by this process or another."""
        seen = self._backend.version()
        if seen != self._seen:  # another connection wrote: perhaps into a journal only
            with self._backend.reading() as db:
                changes = int(sql.value(db, STATE))
            with self._lock:
                self._changes, self._seen = max(self._changes, changes), seen
        return str(self._changes)

    def territory(self) -> Territory:
        """The territory all plans here divide."""
        with self._backend.reading() as db:
            return self._current(db)

    def plans(self) -> tuple[PlanRecord, ...]:
        """Every version of every plan, in the order they were saved."""
        with self._backend.reading() as db:
            return _marked(db)

    def plan(self, id: str = "", version: int = 0) -> Plan:
        """One plan: the published one when `id` is empty, its latest version when `version` is 0."""
        with self._backend.reading() as db:
            return self._read(db, rules.find(_marked(db), id, version))

    def save_plan(
        self,
        plan: Plan,
        *,
        id: str,
        created: str,
        note: str = "",
        author: str = "",
        after: int | None = None,
        parent: str = "",
        draft: bool = False,
    ) -> PlanRecord:
        """Keep a plan as the next version of `id`."""
        rules.check_id(id)
        instant(created)
        rules.check_labels(plan, self._territory)
        record = PlanRecord(
            id=id,
            version=0,
            created=created,
            note=note,
            author=author,
            draft=draft,
            parent=parent,
            digest=plan_digest(plan),
        )
        with self._changing() as db:
            record = self._add(db, plan, record, after)
        with self._lock:
            self._drawn.put(record.name, rules.rehang(plan, self._territory))
        return record

    def publish(self, id: str, version: int, *, created: str = "") -> PlanRecord:
        """Make one version the published plan; routes of another plan are dropped."""
        with self._changing() as db:
            record = rules.find(sql.records(db), id, version)
            before = sql.publications(db)
            begins = timeline.begin(before, created or record.created)
            plan = self._read(db, record)
            shown = before and self._read(db, rules.find(sql.records(db), before[-1].id, before[-1].version))
            if not shown or not np.array_equal(rows.codes(plan), rows.codes(shown)):
                db.drop_layer("routes")
            sql.publish(db, timeline.Publication(record.id, record.version, begins))
            layers.show_plan(db, plan)
            return rules.find(_marked(db), record.id, record.version)

    def published_at(self, when: str) -> PlanRecord:
        """The version that was in force at a moment."""
        return timeline.at(self.history(), when)

    def history(self) -> tuple[PlanRecord, ...]:
        """Every time in force, in order."""
        with self._backend.reading() as db:
            return timeline.history(sql.records(db), sql.publications(db))

    def layer_digest(self, name: str) -> str:
        """Content hash of a point layer."""
        return rules.layer_digest(self.territory(), name)

    def save_layer(self, name: str, table: Table, *, after: str | None = None) -> str:
        """Keep a point layer instead of the one kept before."""
        kept = rules.layer_rows(name, table)
        with self._changing() as db:
            before = self._current(db)
            rules.expect_layer(before, name, after)
            changed = replace(before, **{name: kept})  # type: ignore[arg-type]
            hashes = self._layer_hashes(before)
            layers.show_points(db, name, changed, hashes)
            sql.put_value(db, name, str(self._points[name] + 1))
        return rules.layer_digest(changed, name)

    def routes(self) -> Table | None:
        """Patrol routes of the published plan, or None."""
        with self._backend.reading() as db:
            return db.read_layer("routes")

    def save_routes(self, routes: Table) -> None:
        """Keep the patrol routes of the published plan."""
        with self._changing() as db:
            if not sql.publications(db):
                raise NotFoundError("no plan is published", hint="publish a plan before keeping its routes")
            db.write_layer("routes", routes)

    def assignments(self) -> Table | None:
        """Who stands by at which emergency unit, or None."""
        with self._backend.reading() as db:
            return db.read_layer("assignments")

    def save_assignments(self, assignments: Table) -> None:
        """Keep the assignment."""
        with self._changing() as db:
            db.write_layer("assignments", assignments)
            db.drop_layer("shortages")  # proved for the assignment before

    def append(self, book: str, text: str, *, after: int | None = None) -> int:
        """Add an entry to the end of a journal."""
        rules.check_book(book)
        with self._backend.writing(JOURNALS) as db:
            position = rules.expect_entry(book, sql.last_entry(db, book), after)
            sql.write_entry(db, book, position, text)
        return position

    def entries(self, book: str, since: int = 0, limit: int = sys.maxsize) -> tuple[str, ...]:
        """The first `limit` entries of a journal after position `since`."""
        with self._backend.reading() as db:
            return sql.entries(db, book, since, limit)

    def books(self) -> tuple[str, ...]:
        """Names of the journals."""
        with self._backend.reading() as db:
            return sql.books(db)

    @contextmanager
    def snapshot(self) -> Iterator[TableStore]:
        """The store as it stands now, for reading: whatever others write meanwhile is not seen."""
        with self._backend.reading() as db:
            yield self._over(db)

    @contextmanager
    def together(self) -> Iterator[TableStore]:
        """One transaction for all that is done through the store it gives."""
        with self._writers:
            with self._backend.writing(STATE, JOURNALS) as db:
                inside = self._over(db)
                yield inside
            with self._lock:  # only now it is kept
                self._drawn, self._changes = inside._drawn, max(self._changes, inside._changes)

    def try_write(self) -> None:
        """Write a mark over the mark before."""
        with self._backend.writing(MARK) as db:
            # another text each time: a page that stays as it is need not be written
            sql.put_value(db, MARK, "odd" if sql.value(db, MARK) == "even" else "even")

    def close(self) -> None:
        """Let go of files and connections."""
        self._backend.close()

    def _over(self, db: Session) -> TableStore:
        """The same store over one open transaction: what is read there of its own changes stays there."""
        with self._lock:
            inside = copy(self)
            inside._drawn = self._drawn.copy()
        inside._backend, inside._writers, inside._lock = Pinned(db), threading.Lock(), threading.RLock()
        return inside

    def _current(self, db: Session) -> Territory:
        """The territory with its point layers as they stand in this transaction."""
        points = _point_changes(db)
        with self._lock:
            for name in POINT_LAYERS:
                if points[name] != self._points[name]:
                    kept = rules.layer_rows(name, db.read_layer(name) or NO_ROWS)  # no rows are no table either
                    self._territory = with_parts(self._territory, **{name: kept})
            self._points = points
            return self._territory

    def _layer_hashes(self, territory: Territory) -> dict[str, str]:
        """Hash of each layer; those of the layers that never change are worked out once."""
        with self._lock:
            if not self._hashes:
                self._hashes = layer_hashes(territory_tables(territory))
            points = layer_hashes({name: table_of(getattr(territory, name)) for name in POINT_LAYERS})
            return {name: text for name, text in self._hashes.items() if name not in POINT_LAYERS} | points

    def _read(self, db: Session, record: PlanRecord) -> Plan:
        territory = self._current(db)

        def held(name: str) -> Plan | None:
            with self._lock:
                return self._drawn.get(name, territory)

        plan = held(record.name)
        if plan is None:
            plan = sql.read(db, territory, record, held)
            with self._lock:
                self._drawn.put(record.name, plan)
        return plan

    def _add(self, db: Session, plan: Plan, wanted: PlanRecord, after: int | None) -> PlanRecord:
        """Write the next version, as a change of its parent."""
        known = sql.records(db)
        last = rules.expect(known, wanted.id, after)
        parent = rules.parent_of(known, wanted.id, last, wanted.parent)
        record = replace(wanted, version=last + 1, parent=parent)
        base = next((r for r in known if r.name == parent), None)
        before = self._read(db, base) if base else None
        if before is not None:
            rules.lend_shapes(before, plan)
        sql.add(db, plan, record, (base, before) if base and before else None)
        return record

    def _adopt(self, db: Session, found: Plan | None, created: str) -> None:
        """Take over the plan that stands in the layers, unless it is the published one."""
        if found is None:
            return
        shown = next((r for r in _marked(db) if r.published), None)
        if shown and np.array_equal(rows.codes(found), rows.codes(self._read(db, shown))):
            return
        note = "changed in the file by another program" if shown else "as found in the file"
        record = PlanRecord(id="main", version=0, created=created, note=note, digest=plan_digest(found))
        added = self._add(db, found, record, None)
        begins = timeline.begin(sql.publications(db), created)
        sql.publish(db, timeline.Publication(added.id, added.version, begins))
        sql.count_change(db)

    @contextmanager
    def _changing(self) -> Iterator[Session]:
        """One transaction that changes territory, plans or orders."""
        with self._writers, self._backend.writing(STATE) as db:
            yield db
            changes = sql.count_change(db)
        with self._lock:
            self._changes = max(self._changes, changes)


def _state(db: Session) -> str:
    """The count of changes, "" where nothing was ever kept."""
    return sql.value(db, STATE) if "gridgeo_store" in db.tables() else ""


def _marked(db: Session) -> tuple[PlanRecord, ...]:
    return timeline.marked(sql.records(db), sql.publications(db))


def _point_changes(db: Session) -> dict[str, int]:
    """How often each point layer was saved."""
    return {name: int(sql.value(db, name) or 0) for name in POINT_LAYERS}
