"""The store in one GeoPackage, which is a plan file that any GIS opens.

The published plan stands in the layer `grids` and in the column `grid` of `atoms`, where QGIS and the command line
look for it; all versions stand in tables of their own. Write-ahead logging with a full sync: what was acknowledged is
on disk.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from gridgeo import gpkg
from gridgeo.core.model import Plan, Table, Territory
from gridgeo.errors import BackendError, NotFoundError
from gridgeo.ports import POINT_LAYERS, PlanRecord, instant
from gridgeo.store import rows, rules, timeline
from gridgeo.store.digests import plan_digest
from gridgeo.store.geopackage import layers, schema, versions
from gridgeo.store.memory import MemoryStore

BUSY_S = 10.0
"""How long a writer waits for another one."""


def utc_now() -> str:
    """The time, ISO 8601.

    >>> utc_now()[-1]
    'Z'
    """
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class GeoPackageStore:
    """Keeps everything in one GeoPackage; safe to share between threads, and between processes through the file.

    A plan found in the file that no version holds (drawn by the command line, or labelled in a GIS) is taken over as
    the next version of "main" and published. A file of an older format is brought to this one.

    Parameters
    ----------
    path
        Plan or territory file, as gridgeo writes it.
    clock
        Gives the time of taking a plan over.

    Raises
    ------
    InputError
        The file is no GeoPackage, not one that gridgeo wrote, or one of a later gridgeo.
    BackendError
        The file cannot be written.
    """

    def __init__(self, path: str | Path, *, clock: Callable[[], str] = utc_now) -> None:
        self.path = Path(path)
        self._lock = threading.RLock()
        self._drawn = rows.Drawn()
        self._seen = -1
        self._db = gpkg.open_gpkg(self.path)
        try:
            with self._errors():
                self._db.isolation_level = None  # transactions begin where this code says so
                self._db.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
                schema.format_of(self._db)  # before anything is written: a later format is left alone
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
            with self._transaction():
                self._territory, found = layers.read(self._db, self.path)
                self._crs = gpkg.layer_crs(self._db, "atoms")
                schema.prepare(self._db, self._territory)
                self._adopt(found, clock())
                self._points = self._point_changes()
                self._stamp = schema.read(self._db, "changes")
        except BaseException:
            self._db.close()
            raise

    def stamp(self) -> str:
        """Text that differs whenever territory, plans or orders have changed, by this process or another."""
        try:
            seen = self._db.execute("PRAGMA data_version").fetchone()[0]
            if seen != self._seen:  # another connection wrote: perhaps into a journal only
                with self._lock:
                    self._stamp = schema.read(self._db, "changes")
                    self._seen = seen
        except sqlite3.Error as error:  # written out: asked on every request
            raise self._unusable(error) from error
        return self._stamp

    def territory(self) -> Territory:
        """The territory all plans here divide."""
        with self._lock, self._errors():
            return self._current()

    def plans(self) -> tuple[PlanRecord, ...]:
        """Every version of every plan, in the order they were saved."""
        with self._lock, self._errors():
            return self._marked()

    def plan(self, id: str = "", version: int = 0) -> Plan:
        """One plan: the published one when `id` is empty, its latest version when `version` is 0."""
        with self._lock, self._errors():
            return self._read(rules.find(self._marked(), id, version))

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
        with self._lock:
            with self._writing():
                record = self._add(plan, record, after)
            self._drawn.put(record.name, rules.rehang(plan, self._territory))
        return record

    def publish(self, id: str, version: int, *, created: str = "") -> PlanRecord:
        """Make one version the published plan; routes of another plan are dropped."""
        with self._writing():
            return self._publish(rules.find(versions.records(self._db), id, version), created)

    def published_at(self, when: str) -> PlanRecord:
        """The version that was in force at a moment."""
        with self._lock, self._errors():
            return timeline.at(versions.records(self._db), versions.publications(self._db), when)

    def layer_digest(self, name: str) -> str:
        """Content hash of a point layer."""
        return rules.layer_digest(self.territory(), name)

    def save_layer(self, name: str, table: Table, *, after: str | None = None) -> str:
        """Keep a point layer instead of the one kept before."""
        kept = rules.layer_rows(name, table)
        with self._lock:
            with self._writing():
                before = self._current()
                rules.expect_layer(before, name, after)
                changed = replace(before, **{name: kept})  # type: ignore[arg-type]
                layers.show_points(self._db, name, changed, self._crs)
                points = self._points | {name: self._points[name] + 1}
                schema.write(self._db, name, str(points[name]))
            self._territory, self._points = changed, points
            return rules.layer_digest(changed, name)

    def routes(self) -> Table | None:
        """Patrol routes of the published plan, or None."""
        return self._layer("routes")

    def save_routes(self, routes: Table) -> None:
        """Keep the patrol routes of the published plan."""
        with self._writing():
            if not versions.publications(self._db):
                raise NotFoundError("no plan is published", hint="publish a plan before keeping its routes")
            gpkg.write_layer(self._db, "routes", routes, self._crs)

    def assignments(self) -> Table | None:
        """Who stands by at which emergency unit, or None."""
        return self._layer("assignments")

    def save_assignments(self, assignments: Table) -> None:
        """Keep the assignment."""
        with self._writing():
            gpkg.write_layer(self._db, "assignments", assignments, None)

    def append(self, book: str, text: str, *, after: int | None = None) -> int:
        """Add an entry to the end of a journal."""
        rules.check_book(book)
        with self._transaction():
            position = rules.expect_entry(book, versions.last_entry(self._db, book), after)
            versions.write_entry(self._db, book, position, text)
        return position

    def entries(self, book: str, since: int = 0) -> tuple[str, ...]:
        """Entries of a journal after position `since`."""
        with self._lock, self._errors():
            return versions.entries(self._db, book, since)

    def close(self) -> None:
        """Let go of the file; the last to close folds the log into it."""
        with self._lock:
            self._db.close()

    def _layer(self, name: str) -> Table | None:
        with self._lock, self._errors():
            try:
                return gpkg.read_layer(self._db, name)
            except NotFoundError:
                return None

    def _current(self) -> Territory:
        """The territory with the point layers another process may have saved."""
        points = self._point_changes()
        for name in POINT_LAYERS:
            if points[name] != self._points[name]:
                kept = rules.layer_rows(name, gpkg.read_layer(self._db, name))
                self._territory = replace(self._territory, **{name: kept})  # type: ignore[arg-type]
        self._points = points
        return self._territory

    def _point_changes(self) -> dict[str, int]:
        """How often each point layer was saved."""
        return {name: int(schema.read(self._db, name) or 0) for name in POINT_LAYERS}

    def _marked(self) -> tuple[PlanRecord, ...]:
        return timeline.marked(versions.records(self._db), versions.publications(self._db))

    def _read(self, record: PlanRecord) -> Plan:
        territory = self._current()
        held = self._drawn.get(record.name, territory)
        if held is None:
            held = versions.read(self._db, territory, record)
            self._drawn.put(record.name, held)
        return held

    def _add(self, plan: Plan, wanted: PlanRecord, after: int | None) -> PlanRecord:
        """Write the next version, as a change of its parent."""
        known = versions.records(self._db)
        last = rules.expect(known, wanted.id, after)
        parent = rules.parent_of(known, wanted.id, last, wanted.parent)
        record = replace(wanted, version=last + 1, parent=parent)
        base = next((r for r in known if r.name == parent), None)
        versions.add(self._db, plan, record, (base.name, self._read(base)) if base else None)
        return record

    def _publish(self, record: PlanRecord, created: str) -> PlanRecord:
        before = versions.publications(self._db)
        begins = timeline.begin(before, created or record.created)
        plan = self._read(record)
        if not before or not np.array_equal(rows.codes(plan), rows.codes(self.plan())):
            gpkg.drop_layer(self._db, "routes")
        versions.publish(self._db, timeline.Publication(record.id, record.version, begins))
        layers.show_plan(self._db, plan, self._crs)
        return rules.find(self._marked(), record.id, record.version)

    def _adopt(self, found: Plan | None, created: str) -> None:
        """Take over the plan that stands in the file, unless it is the published one."""
        if found is None:
            return
        self._points = self._point_changes()
        known = self._marked()
        shown = next((r for r in known if r.published), None)
        if shown and np.array_equal(rows.codes(found), rows.codes(self._read(shown))):
            return
        note = "changed in the file by another program" if shown else "as found in the file"
        record = PlanRecord(id="main", version=0, created=created, note=note, digest=plan_digest(found))
        added = self._add(found, record, None)
        begins = timeline.begin(versions.publications(self._db), created)
        versions.publish(self._db, timeline.Publication(added.id, added.version, begins))
        schema.count_change(self._db)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction that changes territory, plans or orders."""
        with self._lock:
            with self._transaction():
                yield
                changes = schema.count_change(self._db)
            self._stamp = changes

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it on disk when this ends, or none of it."""
        with self._lock, self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.Error) -> BackendError:
        return BackendError(f"the file cannot be used: {error}", where=str(self.path))


def copy_to_memory(path: str | Path) -> MemoryStore:
    """A memory store with the territory and the plan of a file, which is left as it is."""
    with closing(gpkg.open_gpkg(path, readonly=True)) as db:
        territory, plan = layers.read(db, Path(path))
        held = {layer.name for layer in gpkg.layers(db)}
        kept = {name: gpkg.read_layer(db, name) for name in ("routes", "assignments") if name in held}
    store = MemoryStore(territory)
    if plan is not None:
        store.save_plan(plan, id="main", created=utc_now(), note="as found in the file")
        store.publish("main", 1)
        if "routes" in kept:
            store.save_routes(kept["routes"])
    if "assignments" in kept:
        store.save_assignments(kept["assignments"])
    return store
