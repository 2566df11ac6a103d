"""Ways to fill seats that stay empty: raise a limit, qualify somebody, add a post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from gridgeo.core.dispatch.roster import Roster
from gridgeo.core.dispatch.staffing import Staffing, rows_of
from gridgeo.core.model import Flags, Ints

STRETCH = 3
"""Repairs look for people up to this many times the limit away."""


@dataclass(frozen=True)
class Repair:
    """One way to fill at least `fills` seats more of its class or of one before it, and to miss no more in all.

    Whoever is called or trained to lead may then be missed as a member elsewhere: leads go first.

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
        rows = rows_of(staffing.unit, units)
        may = staffing.walk_s[rows] <= self.limit_s[staffing.unit[rows]]
        if self.leads:
            may &= staffing.can_lead[staffing.person[rows]]
        return np.unique(staffing.person[rows[may]])

    def of(self, units: Ints) -> Iterator[Repair]:
        """Repairs for one group of units, the cheapest kind first: time, then training, then a new post."""
        yield from self._first("raise-limit", self._near, rows_of(self._near[0], units))
        if self.leads:
            staffing = self.staffing
            rows = rows_of(staffing.unit, units)
            rows = rows[~staffing.can_lead[staffing.person[rows]]]
            yield from self._first("train", (staffing.unit, staffing.person, staffing.walk_s), rows)
        yield from self._post(units)

    def _first(
        self, kind: Literal["raise-limit", "train"], pairs: tuple[Ints, Ints, Ints], rows: Ints
    ) -> Iterator[Repair]:
        """The shortest walk of some rows of (unit, person, seconds), if there is any."""
        if len(rows):
            unit, person, walk_s = (column[rows] for column in pairs)
            best = np.lexsort((person, unit, walk_s))[0]
            place, post = self.roster.units.code[unit[best]], self.roster.responders.code[person[best]]
            yield Repair(kind, str(place), str(post), int(walk_s[best]), 1)

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

    @cached_property
    def _beside(self) -> tuple[Ints, Ints]:
        """Rows (from, to), sorted by from, of units with empty seats that somebody standing at `from` can reach."""
        short = np.flatnonzero(self.cut.empty > 0)
        here, there = self.roster.between(short, self.limit_s[short])
        order = np.lexsort((there, here))
        return here[order], there[order]

    def _post(self, units: Ints) -> Iterator[Repair]:
        """One more post where it can serve most of the units with empty seats."""
        here, there = (column[rows_of(self._beside[0], units)] for column in self._beside)
        near = np.bincount(np.searchsorted(units, here[np.isin(there, units)]), minlength=len(units))
        best = int(np.argmax(near))
        fills = min(int(near[best]), self.roster.params.per_person)
        if fills:  # 0 only where a unit off the network lets nobody walk straight, not even from its door
            yield Repair("add-post", str(self.roster.units.code[units[best]]), "", 0, fills)
