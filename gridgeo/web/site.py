"""What the web serves: the state of the store at one stamp, worked out once and shared by all requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from gridgeo import service
from gridgeo.core.model import Kind, Plan, Table, Territory
from gridgeo.errors import NotFoundError
from gridgeo.ports import PlanRecord, Store
from gridgeo.settings import Settings
from gridgeo.web.encode import Features
from gridgeo.web.globe import Globe

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.dispatch import AlarmDesk


class State:
    """A territory with one plan and its orders, as of one moment; parts are worked out when first asked for.

    Parameters
    ----------
    territory
        The territory.
    plan
        The plan shown, None where none is published.
    routes, assignments
        Orders kept for it.
    """

    def __init__(
        self, territory: Territory, plan: Plan | None, routes: Table | None = None, assignments: Table | None = None
    ) -> None:
        self.territory = territory
        self.drawn = plan
        self.routes = routes
        self.assignments = assignments
        self.globe = Globe(territory.crs)
        self._features: dict[str, Features] = {}
        self._lock = threading.RLock()

    @property
    def plan(self) -> Plan:
        """The plan shown.

        Raises
        ------
        NotFoundError
            None is published.
        """
        if self.drawn is None:
            raise NotFoundError("no plan is published", where="plan", hint="draw a plan and publish it")
        return self.drawn

    @cached_property
    def locator(self) -> service.Locator:
        """Index that answers which grid a point lies in."""
        return service.Locator(self.plan)

    @cached_property
    def kind_names(self) -> list[str]:
        """Kind of each grid, in words."""
        names = [kind.name.lower() for kind in Kind]
        return [names[kind] for kind in self.plan.grids.kind.tolist()]

    @cached_property
    def in_band(self) -> list[bool]:
        """Whether each grid keeps its size band."""
        kept: list[bool] = self.plan.in_band.tolist()
        return kept

    @cached_property
    def desk(self) -> AlarmDesk:
        """Network that answers who is nearest to an alarm."""
        return service.alarm_desk(self.territory)

    @cached_property
    def report(self) -> CoverageReport:
        """Proof or findings for the plan."""
        return service.check(self.plan)

    @property
    def proven(self) -> bool:
        """Whether somebody has asked for the proof of this plan: it takes seconds on a large one."""
        return "report" in self.__dict__  # where cached_property keeps its value

    def features(self, name: str, build: Callable[[State], Features]) -> Features:
        """A collection, built at the first request."""
        kept = self._features.get(name)
        if kept is None:
            with self._lock:
                kept = self._features.get(name)
                if kept is None:
                    kept = self._features[name] = build(self)
        return kept


class Site:
    """One served store with its settings.

    Parameters
    ----------
    store
        Store to serve.
    settings
        Limits and language.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.busy = threading.BoundedSemaphore(1)
        self._lock = threading.Lock()
        self._stamp = ""
        self._state: State | None = None

    @property
    def name(self) -> str:
        """Name of the territory."""
        return self.state().territory.name

    def state(self) -> State:
        """The published state; read anew when the store has changed."""
        stamp = self.store.stamp()
        if self._state is None or stamp != self._stamp:
            with self._lock:
                if self._state is None or stamp != self._stamp:
                    self._state, self._stamp = self._read(), stamp
        return self._state

    def record(self) -> PlanRecord | None:
        """Which version is published, None for none."""
        return next((record for record in self.store.plans() if record.published), None)

    def find(self, name: str) -> PlanRecord:
        """The version a name in an address means: "" the published one, id the latest, id@version that one.

        Raises
        ------
        NotFoundError
            There is none.
        """
        id, mark, version = name.partition("@")
        records = [record for record in self.store.plans() if (record.id == id if name else record.published)]
        if mark:
            records = [record for record in records if str(record.version) == version]
        if not records:
            raise NotFoundError(f"there is no plan {name or 'published'}", where=name, hint="see /plans")
        return records[-1]

    def _read(self) -> State:
        plan = self.store.plan() if self.record() else None
        return State(self.store.territory(), plan, self.store.routes(), self.store.assignments())

    @staticmethod
    def now() -> str:
        """The time, for records."""
        return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
