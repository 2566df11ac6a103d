"""Who is nearest when an alarm comes in: responders and units in dispatch order, with walking times and routes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from math import floor
from typing import Any

import numpy as np
import shapely

from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.dispatch.notices import duplicates, off_network, without_streets
from gridgeo.core.dispatch.params import AlarmParams
from gridgeo.core.dispatch.route import Finder, Row
from gridgeo.core.model import Floats, Notice, Territory
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
        people, units = (self.network.targets(self.network.enter(table.xy)) for table in (self.responders, self.units))
        self._entries = (people.entries, units.entries)
        self._finder = Finder(self.network, people, units, self.responders.can_lead)
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
        ready = self._free & self._on_duty
        ready[[self.responders.row(code) for code in without]] = False
        limit = min(self.params.max_walk_s, self.params.max_walk_s if max_walk_s is None else max_walk_s)
        found = self._finder.nearest(
            _place(xy), self.params.reach_mm(limit), ready=ready, count=2 * k, traced=k if routes else 0, units=k
        )
        people = self._people(found.people, found.lines, limit)
        lead = self._people([found.lead] if found.lead else [], [], limit)
        code = self.units.code
        return AlarmAnswer(
            responders=people[:k],
            reserve=people[k:],
            lead=lead[0] if lead else None,
            units=tuple(Called(str(code[row]), walk_s) for row, walk_s in self._within(found.units, limit)),
            on_network=found.on_network,
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
        limit_mm = self.params.reach_mm(self.params.max_walk_s)
        lines = self._finder.nearest(_place(xy), limit_mm, ready=wanted, count=1, traced=1).lines
        return shapely.LineString(lines[0]) if lines else None

    def now(self, territory: Territory) -> Territory:
        """The desk's own territory with only those on duty who are free: what can be reached at this moment."""
        return replace(territory, responders=replace(self.responders, on_duty=self._free & self._on_duty))

    def _people(self, found: Sequence[Row], lines: Sequence[Floats], limit_s: int) -> tuple[Called, ...]:
        """Responders of rows found, the first with their lines."""
        code, leads = self.responders.code, self.responders.can_lead
        near = self._within(found, limit_s)
        rows = zip_longest(near, lines[: len(near)])
        return tuple(Called(str(code[row]), walk_s, bool(leads[row]), line) for (row, walk_s), line in rows)

    def _within(self, found: Sequence[Row], limit_s: int) -> list[Row]:
        """Rows and whole seconds, as `whole_seconds` has them, within a limit."""
        pace = 1000 * self.params.speed_m_per_s
        rows = ((row, floor(walk_mm / pace + 0.5)) for row, walk_mm in found)
        return [(row, walk_s) for row, walk_s in rows if walk_s <= limit_s]

    def _notices(self) -> Iterator[Notice]:
        yield from without_streets(self.network)
        if not self._on_duty.any():
            yield Notice(kind="no-responders")
        yield from duplicates(self.responders.code, "responders")
        people, units = self._entries
        yield from off_network(self.network, self.responders.code, people, "responder-off-network")
        yield from off_network(self.network, self.units.code, units, "unit-off-network")


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
