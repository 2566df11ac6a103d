"""What the web serves: the state of the store at one stamp, worked out once and shared by all requests."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

from gridgeo import service
from gridgeo.audit import AuditLog
from gridgeo.core.locate import Locator
from gridgeo.core.model import Kind, Plan, Table, Territory
from gridgeo.errors import NotFoundError
from gridgeo.ports import POINT_LAYERS, PlanRecord, Store
from gridgeo.settings import Settings
from gridgeo.store.rules import rehang
from gridgeo.store.tables import utc_now
from gridgeo.web.change import Change, changing
from gridgeo.web.computing import Hand, JobBook, JobDesk
from gridgeo.web.counters import Metrics
from gridgeo.web.editing import Editor
from gridgeo.web.encode import Features
from gridgeo.web.globe import Globe
from gridgeo.web.moments import last_instant
from gridgeo.web.pulse import Pulse
from gridgeo.web.replay import Replay
from gridgeo.web.siblings import Siblings
from gridgeo.web.standings import Standings

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.dispatch import AlarmDesk

SNAPSHOTS = 4
"""Versions beside the published one kept worked out."""
_ORDERS = ("routes", "assignments")
_OF_PLAN = ("grids", "atoms", "faults", *_ORDERS)


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
    record
        Which version the plan is, None where none is published.
    """

    def __init__(
        self,
        territory: Territory,
        plan: Plan | None,
        routes: Table | None = None,
        assignments: Table | None = None,
        record: PlanRecord | None = None,
    ) -> None:
        self.territory = territory
        self.drawn = plan
        self.record = record
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
    def locator(self) -> Locator:
        """Index that answers which grid a point lies in."""
        return Locator(self.plan)

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
        """Network that answers who is nearest to an alarm; `Site.desk` is the one that knows who is busy."""
        with self._lock:
            if "desk" in self.__dict__:  # somebody else built it while we waited
                return self.__dict__["desk"]  # type: ignore[no-any-return]
            desk = service.alarm_desk(self.territory)
            self.__dict__["desk"] = desk
            return desk

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

    def shows(self, territory: Territory, record: PlanRecord | None) -> bool:
        """Whether this is that version on those atoms: a version once saved never changes."""
        names = [None if one is None else one.name for one in (self.record, record)]
        return self.territory.atoms is territory.atoms and names[0] == names[1]

    def renewed(
        self, territory: Territory, record: PlanRecord | None, routes: Table | None, assignments: Table | None
    ) -> State:
        """The same plan with other orders and other points; what was worked out of the plan alone is kept."""
        other = copy.copy(self)
        other.territory, other.record, other.routes, other.assignments = territory, record, routes, assignments
        changed = {name for name in POINT_LAYERS if getattr(territory, name) is not getattr(self.territory, name)}
        other._features = {name: kept for name, kept in self._features.items() if name not in changed.union(_ORDERS)}
        if changed:
            other.__dict__.pop("desk", None)
            other.drawn = None if self.drawn is None else rehang(self.drawn, territory)
        return other

    def borrow(self, other: State) -> None:
        """Take over what another state of the same territory has worked out and no plan changes."""
        shared = {name: kept for name, kept in other._features.items() if name not in _OF_PLAN}
        self._features = {**shared, **self._features}


class Site:
    """One served store with its settings.

    Parameters
    ----------
    store
        Store to serve.
    settings
        Limits and language.
    hand
        Computing process, one of its own when not given.
    """

    now = staticmethod(utc_now)

    def __init__(self, store: Store, settings: Settings, hand: Hand | None = None) -> None:
        self.store = store
        self.settings = settings
        self.jobs = JobDesk(JobBook(store, self.now), hand or Hand(settings.memory_mb), most=settings.max_jobs)
        self.editor = Editor(store, self.now, self.changing)
        self.audit = AuditLog(store)
        self.outcomes: dict[str, str] = {}
        self.metrics = Metrics()
        self.siblings = Siblings(settings.shared)
        self.pulse = Pulse(store)
        self.answered = Replay(store)
        self.standings = Standings(store)
        self._lock = threading.Lock()
        self._stamp = ""
        self._state: State | None = None
        self._snapshots: OrderedDict[str, State] = OrderedDict()

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

    def changing(self) -> AbstractContextManager[Change]:
        """One transaction for what a request changes, with its entry in the audit log."""
        return changing(self.store, self.audit, when=self.now(), outcomes=self.outcomes)

    def at(self, record: PlanRecord) -> Site:
        """The same site under one version: the whole API answers from that plan."""
        return self if record.published else _Pinned(self, record)

    def when(self, text: str) -> Site:
        """The site as it stood at a time or, of an interval, at its end; without a plan before the first.

        Raises
        ------
        RequestFault
            The text is neither.
        """
        moment = last_instant(text)
        if not moment:
            return self
        try:
            return self.at(self.store.published_at(moment))
        except NotFoundError:
            return _Pinned(self, None)

    def snapshot(self, record: PlanRecord | None) -> State:
        """One kept version, worked out; the last few asked for are kept."""
        now = self.state()
        land, name = now.territory, record.name if record else ""
        with self._lock:
            kept = self._snapshots.pop(name, None)
            if kept is None or not kept.shows(land, record):
                plan = self.store.plan(record.id, record.version) if record else None
                kept = State(land, plan, record=record)
            elif kept.territory is not land:
                kept = kept.renewed(land, record, None, None)
            kept.borrow(now)
            self._snapshots[name] = kept
            while len(self._snapshots) > SNAPSHOTS:
                self._snapshots.popitem(last=False)
            return kept

    def _read(self) -> State:
        record, land = self.record(), self.store.territory()
        routes, assignments = self.store.routes(), self.store.assignments()
        if self._state is not None and self._state.shows(land, record):
            return self._state.renewed(land, record, routes, assignments)
        plan = self.store.plan(record.id, record.version) if record else None
        return State(land, plan, routes, assignments, record)

    def desk(self) -> AlarmDesk:
        """The desk of the state shown, with responders marked as they stand now."""
        desk = self.state().desk
        self.standings.tell(desk)
        return desk

    def close(self) -> None:
        """End computations, and let go of the store."""
        self.jobs.close()
        self.store.close()


class _Pinned(Site):
    """A site under one version that is not the published one; everything else is the site's own."""

    def __init__(self, site: Site, record: PlanRecord | None) -> None:
        self.__dict__ = site.__dict__.copy()
        self._site, self._record = site, record

    def state(self) -> State:
        """The pinned version, worked out."""
        return self._site.snapshot(self._record)
