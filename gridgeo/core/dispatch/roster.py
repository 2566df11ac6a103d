"""From a territory to a staffing problem: who is on duty, who wants whom, and who can walk there in time."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import WalkNetwork, whole_seconds
from gridgeo.core.dispatch.notices import (
    cut_off,
    duplicates,
    impossible_limits,
    off_network,
    without_capacity,
    without_streets,
)
from gridgeo.core.dispatch.params import AssignParams
from gridgeo.core.dispatch.staffing import Staffing
from gridgeo.core.model import EmergencyUnits, Ints, Notice, Responders, Territory


class Roster:
    """The units of a territory and its responders on duty, placed on the street graph.

    Rows of `responders` are those on duty only; rows of `units` are the territory's.
    """

    def __init__(self, territory: Territory, params: AssignParams) -> None:
        self.params = params
        self.units: EmergencyUnits = territory.emergency_units
        self.responders: Responders = territory.responders.take(np.flatnonzero(territory.responders.on_duty))
        self.network = WalkNetwork(territory, params)

    @cached_property
    def unit_entries(self) -> Entries:
        """Where the units enter the streets."""
        return self.network.enter(self.units.xy)

    @cached_property
    def responder_entries(self) -> Entries:
        """Where the responders on duty enter the streets."""
        return self.network.enter(self.responders.xy)

    @cached_property
    def limit_s(self) -> Ints:
        """Walking limits (units, rings): the rings, cut at a unit's own limit or stretched to it by the outermost.

        Rings nobody asked for leave a unit with a limit of its own to that one ring.
        """
        own = np.asarray(self.units.max_walk_s)[:, None]
        rings = np.array([[s for s, _ in self.params.nested]], np.int64)
        limit = np.where(own > 0, np.minimum(rings, own), rings)
        limit[:, -1] = np.where(own[:, 0] > 0, own[:, 0], limit[:, -1])
        return limit

    @cached_property
    def seats(self) -> Ints:
        """Seats (units, 1 + rings): the lead, then what each ring adds; a unit's own need counts for the outermost.

        Rings nobody asked for ask for even shares of a unit's own need.
        """
        own = np.asarray(self.units.need)[:, None]
        inside = np.array([[m for _, m in self.params.nested]], np.int64)
        if self.params.asks_rings:
            upto = np.where(own > 0, np.minimum(inside, own), inside)
            upto[:, -1] = np.where(own[:, 0] > 0, own[:, 0], upto[:, -1])
        else:
            upto = np.where(own > 0, own, self.params.members) * np.arange(1, inside.size + 1) // inside.size
            upto[np.asarray(self.units.max_walk_s) > 0, :-1] = 0
        lead = np.full((len(self.units), 1), int(self.params.lead))
        return np.concatenate([lead, np.diff(upto, axis=1, prepend=0)], axis=1).astype(np.int64)

    def staffing(self) -> Staffing:
        """The staffing problem of everyone within the limits."""
        unit, person, walk_s = self.walks(np.arange(len(self.units)), self.limit_s[:, -1])
        own = self.responders.capacity
        return Staffing(
            capacity=np.where(own > 0, own, self.params.per_person).astype(np.int64),
            can_lead=np.asarray(self.responders.can_lead),
            seats=self.seats,
            limit_s=self.limit_s,
            unit=unit,
            person=person,
            walk_s=walk_s,
        )

    def walks(
        self, units: Ints, limit_s: Ints, people: Ints | None = None, *, count: int | None = None
    ) -> tuple[Ints, Ints, Ints]:
        """Rows (unit, responder, whole seconds) of those within `limit_s` of the chosen units.

        Only the responders `people` are looked at when given, and only the `count` nearest of each unit.
        """
        people = np.arange(len(self.responders)) if people is None else people
        unit, person, walk_s = self._walks(
            self.unit_entries.take(units), self.responder_entries.take(people), limit_s, count
        )
        return units[unit], people[person], walk_s

    def between(self, units: Ints, limit_s: Ints) -> tuple[Ints, Ints]:
        """Rows (from, to) of the chosen units that somebody standing at `from` reaches within the limit of `to`."""
        entries = self.unit_entries.take(units)
        there, here, _ = self._walks(entries, entries, limit_s, None)
        return units[here], units[there]

    def _walks(self, sources: Entries, targets: Entries, limit_s: Ints, count: int | None) -> tuple[Ints, Ints, Ints]:
        reach = np.array([self.params.reach_mm(int(s)) for s in limit_s], np.int64)
        pairs = self.network.pairs(sources, self.network.targets(targets), reach, count=count)
        walk_s = whole_seconds(pairs.walk_mm, self.params)
        kept = walk_s <= limit_s[pairs.source]
        return pairs.source[kept], pairs.target[kept], walk_s[kept]

    def notices(self) -> tuple[Notice, ...]:
        """What of the input keeps the answer from being whole."""
        out = list(without_streets(self.network))
        if len(self.units) == 0:
            out.append(Notice(kind="no-emergency-units"))
        if len(self.responders) == 0:
            out.append(Notice(kind="no-responders"))
        elif self.params.lead and not self.responders.can_lead.any():
            out.append(Notice(kind="no-lead", facts={"responders": len(self.responders)}))
        out += without_capacity(self.responders, self.params.per_person)
        out += impossible_limits(self.units)
        out += duplicates(self.units.code, "emergency_units")
        out += duplicates(self.responders.code, "responders")
        out += off_network(self.network, self.units.code, self.unit_entries, "unit-off-network")
        out += off_network(self.network, self.responders.code, self.responder_entries, "responder-off-network")
        out += cut_off(self.network, self.units.code, self.unit_entries, "unit-cut-off")
        out += cut_off(self.network, self.responders.code, self.responder_entries, "responder-cut-off")
        return tuple(out)
