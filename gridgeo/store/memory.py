"""A store in memory: for tests, for trying things out, and for serving a plan that is not in a file."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import numpy as np

from gridgeo.core.model import Plan, Table, Territory
from gridgeo.errors import NotFoundError
from gridgeo.ports import PlanRecord
from gridgeo.store.rules import check_id, check_labels, expect, find


@dataclass(frozen=True)
class _Kept:
    record: PlanRecord
    plan: Plan


class MemoryStore:
    """Keeps everything in this process and forgets it at its end; safe to share between threads.

    Parameters
    ----------
    territory
        The territory all plans here divide.
    """

    def __init__(self, territory: Territory) -> None:
        self._territory = territory
        self._kept: list[_Kept] = []
        self._published: tuple[str, int] | None = None
        self._routes: Table | None = None
        self._assignments: Table | None = None
        self._changes = 0
        self._lock = threading.RLock()

    def stamp(self) -> str:
        """Text that differs whenever anything kept has changed."""
        return f"memory-{self._changes}"

    def territory(self) -> Territory:
        """The territory all plans here divide."""
        return self._territory

    def plans(self) -> tuple[PlanRecord, ...]:
        """Every version of every plan, in the order they were saved."""
        with self._lock:
            return tuple(self._marked(kept.record) for kept in self._kept)

    def plan(self, id: str = "", version: int = 0) -> Plan:
        """One plan: the published one when `id` is empty, its latest version when `version` is 0."""
        with self._lock:
            record = find(self.plans(), id, version)
            return next(kept.plan for kept in self._kept if kept.record.name == record.name)

    def save_plan(self, plan: Plan, *, id: str, created: str, note: str = "", after: int | None = None) -> PlanRecord:
        """Keep a plan as the next version of `id`."""
        check_id(id)
        check_labels(plan, self._territory)
        with self._lock:
            record = PlanRecord(id=id, version=expect(self.plans(), id, after) + 1, created=created, note=note)
            # labels are re-hung on this store's own territory, as any store gives them back
            self._kept.append(_Kept(record, replace(plan, territory=self._territory)))
            self._changes += 1
            return record

    def publish(self, id: str, version: int) -> PlanRecord:
        """Make one version the published plan; routes of another plan are dropped."""
        with self._lock:
            record = find(self.plans(), id, version)
            if self._published is None or not _same(self.plan(), self.plan(id, version)):
                self._routes = None
            self._published = (record.id, record.version)
            self._changes += 1
            return self._marked(record)

    def routes(self) -> Table | None:
        """Patrol routes of the published plan, or None."""
        return self._routes

    def save_routes(self, routes: Table) -> None:
        """Keep the patrol routes of the published plan."""
        with self._lock:
            if self._published is None:
                raise NotFoundError("no plan is published", hint="publish a plan before keeping its routes")
            self._routes = routes
            self._changes += 1

    def assignments(self) -> Table | None:
        """Who stands by at which emergency unit, or None."""
        return self._assignments

    def save_assignments(self, assignments: Table) -> None:
        """Keep the assignment."""
        with self._lock:
            self._assignments = assignments
            self._changes += 1

    def close(self) -> None:
        """Nothing to let go of."""

    def _marked(self, record: PlanRecord) -> PlanRecord:
        return replace(record, published=self._published == (record.id, record.version))


def _same(a: Plan, b: Plan) -> bool:
    """Whether two plans of one territory give every atom to a grid of the same code."""
    return bool(np.array_equal(a.grids.code[a.label], b.grids.code[b.label]))
