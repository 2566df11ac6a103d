"""A store in memory: for tests, for trying things out, and for serving a plan that is not in a file."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from gridgeo.core.model import Plan, Table, Territory
from gridgeo.errors import NotFoundError
from gridgeo.ports import PlanRecord, instant
from gridgeo.store import rules, timeline
from gridgeo.store.digests import plan_digest


class MemoryStore:
    """Keeps everything in this process and forgets it at its end; safe to share between threads.

    Parameters
    ----------
    territory
        The territory all plans here divide.
    """

    def __init__(self, territory: Territory) -> None:
        self._territory = territory
        self._records: list[PlanRecord] = []
        self._drawn: dict[str, Plan] = {}
        self._published: list[timeline.Publication] = []
        self._books: dict[str, list[str]] = {}
        self._routes: Table | None = None
        self._assignments: Table | None = None
        self._changes = 0
        self._lock = threading.RLock()

    def stamp(self) -> str:
        """Text that differs whenever territory, plans or orders have changed."""
        with self._lock:
            return f"memory-{self._changes}"

    def territory(self) -> Territory:
        """The territory all plans here divide."""
        with self._lock:
            return self._territory

    def plans(self) -> tuple[PlanRecord, ...]:
        """Every version of every plan, in the order they were saved."""
        with self._lock:
            return timeline.marked(self._records, self._published)

    def plan(self, id: str = "", version: int = 0) -> Plan:
        """One plan: the published one when `id` is empty, its latest version when `version` is 0."""
        with self._lock:
            name = rules.find(self.plans(), id, version).name
            plan = self._drawn[name] = rules.rehang(self._drawn[name], self._territory)
            return plan

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
        with self._lock:
            last = rules.expect(self._records, id, after)
            record = PlanRecord(
                id=id,
                version=last + 1,
                created=created,
                note=note,
                author=author,
                draft=draft,
                parent=rules.parent_of(self._records, id, last, parent),
                digest=plan_digest(plan),
            )
            self._records.append(record)
            # labels are re-hung on this store's own territory, as any store gives them back
            self._drawn[record.name] = rules.rehang(plan, self._territory)
            self._changes += 1
            return record

    def publish(self, id: str, version: int, *, created: str = "") -> PlanRecord:
        """Make one version the published plan; routes of another plan are dropped."""
        with self._lock:
            record = rules.find(self._records, id, version)
            begins = timeline.begin(self._published, created or record.created)
            if not self._published or not _same(self.plan(), self._drawn[record.name]):
                self._routes = None
            self._published.append(timeline.Publication(record.id, record.version, begins))
            self._changes += 1
            return rules.find(self.plans(), record.id, record.version)

    def published_at(self, when: str) -> PlanRecord:
        """The version that was in force at a moment."""
        return timeline.at(self.history(), when)

    def history(self) -> tuple[PlanRecord, ...]:
        """Every time in force, in order."""
        with self._lock:
            return timeline.history(self._records, self._published)

    def layer_digest(self, name: str) -> str:
        """Content hash of a point layer."""
        return rules.layer_digest(self.territory(), name)

    def save_layer(self, name: str, table: Table, *, after: str | None = None) -> str:
        """Keep a point layer instead of the one kept before."""
        rows = rules.layer_rows(name, table)
        with self._lock:
            rules.expect_layer(self._territory, name, after)
            self._territory = replace(self._territory, **{name: rows})  # type: ignore[arg-type]
            self._changes += 1
            return self.layer_digest(name)

    def routes(self) -> Table | None:
        """Patrol routes of the published plan, or None."""
        with self._lock:
            return self._routes

    def save_routes(self, routes: Table) -> None:
        """Keep the patrol routes of the published plan."""
        with self._lock:
            if not self._published:
                raise NotFoundError("no plan is published", hint="publish a plan before keeping its routes")
            self._routes = routes
            self._changes += 1

    def assignments(self) -> Table | None:
        """Who stands by at which emergency unit, or None."""
        with self._lock:
            return self._assignments

    def save_assignments(self, assignments: Table) -> None:
        """Keep the assignment."""
        with self._lock:
            self._assignments = assignments
            self._changes += 1

    def append(self, book: str, text: str, *, after: int | None = None) -> int:
        """Add an entry to the end of a journal."""
        rules.check_book(book)
        with self._lock:
            kept = self._books.setdefault(book, [])
            position = rules.expect_entry(book, len(kept), after)
            kept.append(text)
            return position

    def entries(self, book: str, since: int = 0, limit: int = sys.maxsize) -> tuple[str, ...]:
        """The first `limit` entries of a journal after position `since`."""
        with self._lock:
            first = max(since, 0)
            return tuple(self._books.get(book, ())[first : first + limit])

    def books(self) -> tuple[str, ...]:
        """Names of the journals."""
        with self._lock:
            return tuple(sorted(self._books))

    @contextmanager
    def together(self) -> Iterator[MemoryStore]:
        """All that is done inside, or nothing: others wait until it ends."""
        with self._lock:
            take_back = self._kept()
            try:
                yield self
            except BaseException:
                take_back()
                raise

    def _kept(self) -> Callable[[], None]:
        """What brings the present state back: lists only grow, everything else is replaced and never changed."""
        grown: list[list[Any]] = [self._records, self._published, *self._books.values()]
        lengths = [len(kept) for kept in grown]
        books, drawn = self._books.copy(), self._drawn.copy()
        rest = (self._territory, self._routes, self._assignments, self._changes)

        def take_back() -> None:
            for kept, length in zip(grown, lengths, strict=True):
                del kept[length:]
            self._books, self._drawn = books, drawn
            self._territory, self._routes, self._assignments, self._changes = rest

        return take_back

    def try_write(self) -> None:
        """Nothing: memory is always written."""

    def close(self) -> None:
        """Nothing to let go of."""


def _same(a: Plan, b: Plan) -> bool:
    """Whether two plans of one territory give every atom to a grid of the same code."""
    return bool(np.array_equal(a.grids.code[a.label], b.grids.code[b.label]))
