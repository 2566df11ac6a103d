"""Who is nearest when an alarm comes in: responders and units in dispatch order, with walking times and routes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

import numpy as np
import shapely

from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import WalkNetwork, whole_seconds
from gridgeo.core.dispatch.notices import duplicates, off_network, without_streets
from gridgeo.core.dispatch.params import AlarmParams
from gridgeo.core.dispatch.route import Finder, street_lines
from gridgeo.core.model import Flags, Floats, Notice, Territory
from gridgeo.errors import InputError


@dataclass(frozen=True)
class Called:
    """Somebody or something near an alarm: `walk_s` seconds away; `can_lead` is False for units.

    `route` (m, 2) metres leads from there to the alarm, None where it was not asked for.
    """

    code: str
    walk_s: int
    can_lead: bool = False
    route: Floats | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class AlarmAnswer:
    """Dispatch order of one alarm, nearest first.

    `responders` to send, `reserve` next in order, `lead` the nearest who may lead (possibly one of the others),
    `units` the nearest emergency units. `on_network`: the alarm lies near enough to a street. Only responders on duty
    and free are named.
    """

    responders: tuple[Called, ...]
    reserve: tuple[Called, ...]
    lead: Called | None
    units: tuple[Called, ...]
    on_network: bool
    notices: tuple[Notice, ...] = ()


class AlarmDesk:
    """A territory made ready for alarms: built once, asked many times.

    Each question is a Dijkstra search that ends with the last responder wanted; marking somebody busy or free is one
    write. Questions may be asked from several threads at once.

    Parameters
    ----------
    territory
        Gives streets, barriers, responders on duty and emergency units.
    params
        How people walk, and how far they are looked for.

    Examples
    --------
    >>> from tests.core.dispatch.cases import responders_at, staffed, units_at
    >>> from tests.instances import ORIGIN
    >>> desk = AlarmDesk(staffed(units_at([[0, 0]]), responders_at([[133, 0], [266, 0]])))
    >>> [(called.code, called.walk_s) for called in desk.answer(ORIGIN).responders]
    [('r0', 100), ('r1', 200)]
    >>> desk.set_busy("r0")
    >>> [(called.code, called.walk_s) for called in desk.answer(ORIGIN).responders]
    [('r1', 200)]
    """

    def __init__(self, territory: Territory, params: AlarmParams | None = None) -> None:
        self.params = params or AlarmParams()
        self.network = WalkNetwork(territory, self.params)
        self.responders = territory.responders
        self.units = territory.emergency_units
        lines = street_lines(self.network)
        self._people, self._places = (
            Finder(self.network, lines, self.network.targets(self.network.enter(table.xy)))
            for table in (self.responders, self.units)
        )
        self._free = np.ones(len(self.responders), bool)
        self._on_duty = self.responders.on_duty.copy()
        self.notices = tuple(self._notices())

    def set_busy(self, code: str, busy: bool = True) -> None:
        """Leave a responder out of answers, or (busy False) name them again; one write.

        Raises
        ------
        NotFoundError
            No responder has this code.
        """
        self._free[self.responders.row(code)] = not busy

    def set_on_duty(self, code: str, on_duty: bool = True) -> None:
        """Start or end a responder's shift; one write.

        Raises
        ------
        NotFoundError
            No responder has this code.
        """
        self._on_duty[self.responders.row(code)] = on_duty

    def standing(self, code: str) -> tuple[bool, bool]:
        """Whether a responder is busy, and whether on duty.

        Raises
        ------
        NotFoundError
            No responder has this code.
        """
        row = self.responders.row(code)
        return bool(not self._free[row]), bool(self._on_duty[row])

    @property
    def ready(self) -> int:
        """Responders on duty and free."""
        return int((self._free & self._on_duty).sum())

    def answer(
        self, xy: Any, *, k: int = 5, without: Collection[str] = (), max_walk_s: int | None = None, routes: bool = False
    ) -> AlarmAnswer:
        """Responders and units nearest to an alarm.

        Parameters
        ----------
        xy
            Where it is, (2,) metres in the territory's CRS.
        k
            How many responders, and how many units; as many responders again are named as reserve.
        without
            Codes of responders to leave out of this answer alone.
        max_walk_s
            Nobody farther than this is named; at most, and when None, the desk's own limit.
        routes
            Tell how the responders walk.

        Raises
        ------
        InputError
            The place is not two finite numbers, or k is below 1.
        NotFoundError
            `without` names somebody unknown.
        """
        if k < 1:
            raise InputError(f"k is {k}", where="alarm.k", hint="give 1 or more")
        alarm = self.network.enter(_place(xy))
        ready = self._free & self._on_duty
        ready[[self.responders.row(code) for code in without]] = False
        limit = min(self.params.max_walk_s, self.params.max_walk_s if max_walk_s is None else max_walk_s)
        responders = self._called(self._people, alarm, limit, 2 * k, ready, k if routes else 0)
        # whoever leads first among the nearest is the nearest lead: only without one is another search needed
        leads = tuple(called for called in responders if called.can_lead) or self._called(
            self._people, alarm, limit, 1, ready & self.responders.can_lead
        )
        return AlarmAnswer(
            responders=responders[:k],
            reserve=responders[k:],
            lead=replace(leads[0], route=None) if leads else None,
            units=self._called(self._places, alarm, limit, k, np.ones(len(self.units), bool)),
            on_network=bool(alarm.on_network[0]),
            notices=self.notices,
        )

    def route(self, xy: Any, code: str) -> Any:
        """Walking line (shapely LineString, projected metres) of one responder to an alarm; None beyond the limit.

        Raises
        ------
        InputError
            The place is not two finite numbers.
        NotFoundError
            No responder has this code.
        """
        wanted = np.zeros(len(self.responders), bool)
        wanted[self.responders.row(code)] = True
        called = self._called(self._people, self.network.enter(_place(xy)), self.params.max_walk_s, 1, wanted, 1)
        return shapely.LineString(called[0].route) if called else None

    def now(self, territory: Territory) -> Territory:
        """The desk's own territory with only those on duty who are free: what can be reached at this moment."""
        return replace(territory, responders=replace(self.responders, on_duty=self._free & self._on_duty))

    def _called(
        self, targets: Finder, alarm: Entries, limit_s: int, count: int, free: Flags, traced: int = 0
    ) -> tuple[Called, ...]:
        found = targets.nearest(alarm, self.params.reach_mm(limit_s), free=free, count=count, traced=traced)
        walk_s = whole_seconds(found.walk_mm, self.params).tolist()
        people = targets is self._people
        code = self.responders.code if people else self.units.code
        rows = zip_longest(found.target.tolist(), walk_s, found.lines)
        return tuple(
            Called(str(code[row]), seconds, people and bool(self.responders.can_lead[row]), line)
            for row, seconds, line in rows
            if seconds <= limit_s
        )

    def _notices(self) -> Iterator[Notice]:
        yield from without_streets(self.network)
        if not self._on_duty.any():
            yield Notice(kind="no-responders")
        yield from duplicates(self.responders.code, "responders")
        yield from off_network(
            self.network, self.responders.code, self._people.targets.entries, "responder-off-network"
        )
        yield from off_network(self.network, self.units.code, self._places.targets.entries, "unit-off-network")


def nearest_responders(territory: Territory, xy: Any, *, k: int = 5, params: AlarmParams | None = None) -> AlarmAnswer:
    """Responders and units nearest to one place; build an `AlarmDesk` to ask more than once.

    Raises
    ------
    InputError
        The place is not two finite numbers, or k is below 1.
    """
    return AlarmDesk(territory, params).answer(xy, k=k)


def _place(xy: Any) -> Floats:
    try:
        place = np.asarray(xy, np.float64).reshape(1, 2)
    except (TypeError, ValueError):
        place = np.full((1, 2), np.nan)
    if not np.isfinite(place).all():
        raise InputError(f"place is {xy}", where="alarm.xy", hint="give x and y in metres")
    return place
