"""Ways to fill seats that stay empty: raise a limit, qualify somebody, add a post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gridgeo.core.dispatch.roster import Roster
from gridgeo.core.dispatch.staffing import Staffing
from gridgeo.core.model import Flags, Ints

STRETCH = 3
"""Repairs look for people up to this many times the limit away."""


@dataclass(frozen=True)
class Repair:
    """One way to fill at least `fills` seats more (of members or, better still, of leads), and to lose none.

    "raise-limit": let `unit` call on `responder`, `walk_s` seconds away. "train": qualify `responder` to lead `unit`
    (a lead seat is filled; whoever leads may then be missed as a member). "add-post": one more post at `unit`,
    qualified if it is leads that are missing. Fields a kind does not need are empty.
    """

    kind: Literal["raise-limit", "train", "add-post"]
    unit: str
    responder: str
    walk_s: int
    fills: int


@dataclass(frozen=True, eq=False)
class Cut:
    """The groups that compete for one class of seats, at its greatest flow.

    `unit`, `group` (k,): the units on the sink side of the least cut and the group of each, from 0; `empty` (units,)
    seats of the class left empty; `supply` (groups,) most seats the rest of the network can fill in each group;
    `spare` (people,) could take one seat more.
    """

    unit: Ints
    group: Ints
    empty: Ints
    supply: Ints
    spare: Flags


class Repairs:
    """Ways out of the shortages of one class of seats (0 the leads, then the rings)."""

    def __init__(self, roster: Roster, staffing: Staffing, cut: Cut, flow: Ints, seat_class: int) -> None:
        self.roster, self.staffing, self.cut = roster, staffing, cut
        self.leads = seat_class == 0
        self.limit_s = staffing.limit_s[:, seat_class - 1]  # leads may be as far as the outermost ring, column -1
        rows, _ = staffing.serving(flow)
        self._serving = set(zip(staffing.unit[rows].tolist(), staffing.person[rows].tolist(), strict=True))

    def eligible(self, units: Ints) -> Ints:
        """Responders who may take a seat of this class in one of the units."""
        staffing = self.staffing
        may = np.isin(staffing.unit, units) & (staffing.walk_s <= self.limit_s[staffing.unit])
        if self.leads:
            may &= staffing.can_lead[staffing.person]
        return np.unique(staffing.person[may])

    def of(self, units: Ints) -> Iterator[Repair]:
        """Repairs for one group of units, the cheapest kind first: time, then training, then a new post."""
        rows = np.isin(self._near[0], units)
        if rows.any():
            unit, person, walk_s = (column[rows] for column in self._near)
            best = np.lexsort((person, unit, walk_s))[0]
            yield self._repair("raise-limit", unit[best], person[best], walk_s[best])
        staffing = self.staffing
        rows = np.isin(staffing.unit, units) & ~staffing.can_lead[staffing.person]
        if self.leads and rows.any():
            unit, person, walk_s = staffing.unit[rows], staffing.person[rows], staffing.walk_s[rows]
            best = np.lexsort((person, unit, walk_s))[0]
            yield self._repair("train", unit[best], person[best], walk_s[best])
        yield self._post(units)

    def _repair(self, kind: Literal["raise-limit", "train"], unit: int, person: int, walk_s: int) -> Repair:
        codes = self.roster.units.code, self.roster.responders.code
        return Repair(kind, str(codes[0][unit]), str(codes[1][person]), int(walk_s), 1)

    @cached_property
    def _near(self) -> tuple[Ints, Ints, Ints]:
        """Rows (unit, person, seconds) of those with room to serve who stand just beyond each unit's limit.

        Whoever has room and stands within the limit serves the unit already, or the flow could have been greater;
        so one more is asked for than a unit has seats.
        """
        people = self.cut.spare & (self.staffing.can_lead if self.leads else True)
        reach = STRETCH * self.limit_s[self.cut.unit]
        many = int(self.staffing.seats[self.cut.unit].sum(1).max()) + 1
        unit, person, walk_s = self.roster.walks(self.cut.unit, reach, np.flatnonzero(people), count=many)
        own = [pair in self._serving for pair in zip(unit.tolist(), person.tolist(), strict=True)]
        kept = ~np.array(own, bool)
        return unit[kept], person[kept], walk_s[kept]

    def _post(self, units: Ints) -> Repair:
        """One more post where it can serve most of the units with empty seats."""
        short = units[self.cut.empty[units] > 0]
        unit, _ = self.roster.between(short, self.limit_s[short])
        near = np.bincount(unit, minlength=len(self.cut.empty))[short]
        best = int(short[np.argmax(near)])
        fills = min(int(near.max()), self.roster.params.per_person)
        return Repair("add-post", str(self.roster.units.code[best]), "", 0, fills)
