"""The flow behind unit staffing: person -> pair -> {lead, member ring} -> seats, in stages and with proof.

Why stages need no penalties: an augmenting path never empties a seat that is filled, so the greatest flow into the
first classes of seats can always be grown into a greatest flow into all of them. The number of seats filled in each
class, in order of priority, is therefore a difference of two greatest flows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from gridgeo.core.kernel.flow import Arcs, CheapestFlow, cheapest_flow, greatest_flow, least_level
from gridgeo.core.model import Flags, Ints

SOURCE = 0


@dataclass(frozen=True, eq=False)
class Staffing:
    """Who may serve where.

    `capacity`, `can_lead` (people,). `seats` (units, 1 + rings): column 0 the lead, then the members of each ring.
    `limit_s` (units, rings) rising walking limits. `unit`, `person`, `walk_s` (pairs,): everyone within the
    outermost limit, by unit and then nearest first.
    """

    capacity: Ints
    can_lead: Flags
    seats: Ints
    limit_s: Ints
    unit: Ints
    person: Ints
    walk_s: Ints

    def take(self, rows: Flags | Ints) -> Staffing:
        """The same with only some pairs."""
        return replace(self, unit=self.unit[rows], person=self.person[rows], walk_s=self.walk_s[rows])

    @property
    def classes(self) -> int:
        """Classes of seats: the lead and one for each ring."""
        return int(self.seats.shape[1])

    @cached_property
    def network(self) -> Network:
        """The flow network of all pairs."""
        return Network(self)

    def filled(self) -> Ints:
        """Seats (classes,) that can be filled in each class when earlier classes come first: greatest flows."""
        wanted: Ints = self.seats.sum(0)
        total = self._greatest(wanted)
        if total == wanted.sum():
            return wanted
        upto = [self._greatest(np.where(np.arange(self.classes) <= k, wanted, 0)) for k in range(self.classes - 1)]
        return np.diff([0, *upto, total])

    def _greatest(self, quota: Ints) -> int:
        net = self.network
        return int(greatest_flow(net.capped(quota), SOURCE, net.sink)[: net.people].sum())

    def fill(self, quota: Ints) -> Ints | None:
        """Some flow that fills `quota` (classes,) seats, or None when there is none."""
        net = self.network
        flow = greatest_flow(net.capped(quota), SOURCE, net.sink)
        return flow if flow[: net.people].sum() == quota.sum() else None

    def cheapest(self, quota: Ints) -> CheapestFlow:
        """Flow that fills `quota` seats with the least total walk, then the shortest longest one, and its proof."""
        net = self.network
        supply = np.zeros(net.nodes, np.int64)
        supply[SOURCE], supply[net.sink] = quota.sum(), -quota.sum()
        arcs = net.capped(quota)
        best = cheapest_flow(arcs, supply)
        # only the pairs carry a cost, and it is their walk
        return best._replace(flow=least_level(arcs, supply, best, arcs.cost))

    def shortest_limit(self, quota: Ints) -> int:
        """Least s such that people within s seconds can fill `quota`; the next lower walk provably cannot."""
        if quota.sum() == 0:
            return 0
        steps = np.unique(self.walk_s)
        low, high = 0, len(steps) - 1
        while low < high:
            middle = (low + high) // 2
            if self.take(self.walk_s <= steps[middle]).fill(quota) is None:
                low = middle + 1
            else:
                high = middle
        return int(steps[low])

    def serving(self, flow: Ints) -> tuple[Ints, Flags]:
        """Rows of the pairs that serve in a flow, and whether each serves as lead."""
        net = self.network
        lead = np.zeros(len(self.unit), bool)
        member = np.zeros(len(self.unit), bool)
        member[net.plain_row] = flow[net.plain] > 0
        member[net.pair_row] = flow[net.as_member] > 0
        lead[net.pair_row] = flow[net.as_lead] > 0
        rows = np.flatnonzero(lead | member)
        return rows, lead[rows]


def rows_of(column: Ints, values: Ints) -> Ints:
    """Rows of a sorted column that hold one of the values, in the values' order.

    >>> rows_of(np.array([0, 0, 2, 5, 5]), np.array([5, 0, 1])).tolist()
    [3, 4, 0, 1]
    """
    first = np.searchsorted(column, values, "left")
    many = np.searchsorted(column, values, "right") - first
    return np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())


class Network:
    """Nodes and arcs of a staffing problem.

    Nodes: the source, one sink for each class, the common sink, people, lead seats, ring seats (unit-major), and one
    node for each pair of a unit and somebody who may lead it, through which that person passes at most once.
    """

    def __init__(self, staffing: Staffing) -> None:
        units, classes = staffing.seats.shape
        rings = classes - 1
        may_lead = staffing.can_lead[staffing.person] & (staffing.seats[staffing.unit, 0] > 0)
        self.plain_row, self.pair_row = np.flatnonzero(~may_lead), np.flatnonzero(may_lead)
        self.people, self.sink = len(staffing.capacity), classes + 1
        self.person0 = classes + 2
        self.lead0 = self.person0 + self.people
        self.ring0 = self.lead0 + units
        self.pair0 = self.ring0 + units * rings
        self.nodes = self.pair0 + len(self.pair_row)
        self._rings = rings
        ring = (staffing.walk_s[:, None] > staffing.limit_s[staffing.unit]).sum(1)
        seat = self.ring0 + staffing.unit * rings + ring
        self._build(staffing, seat)

    def _build(self, staffing: Staffing, seat: Ints) -> None:
        units, person = len(staffing.seats), self.person0 + staffing.person
        pair = self.pair0 + np.arange(len(self.pair_row))
        unit = np.arange(units)
        inner = (self.ring0 + unit[:, None] * self._rings + np.arange(self._rings - 1)).ravel()
        lead, ring = self.lead0 + unit, self.ring0 + np.arange(units * self._rings)
        many = max(int(staffing.seats.sum()), 1)
        of_class = 2 + np.tile(np.arange(self._rings), units)
        walk, one = staffing.walk_s, np.ones(len(staffing.unit), np.int64)
        sinks = 1 + np.arange(self._rings + 1)
        plain, lead_pair = self.plain_row, self.pair_row
        # tail, head, capacity, cost of each group of arcs, in the order of the slices below
        groups = [
            (np.zeros(self.people, np.int64), self.person0 + np.arange(self.people), staffing.capacity, 0),
            (person[plain], seat[plain], one[plain], walk[plain]),
            (person[lead_pair], pair, one[lead_pair], walk[lead_pair]),
            (pair, self.lead0 + staffing.unit[lead_pair], one[lead_pair], 0),
            (pair, seat[lead_pair], one[lead_pair], 0),
            (inner, inner + 1, np.full(len(inner), many), 0),
            (lead, np.ones(units, np.int64), staffing.seats[:, 0], 0),
            (ring, of_class, staffing.seats[:, 1:].ravel(), 0),
            (sinks, np.full(len(sinks), self.sink), np.full(len(sinks), many), 0),
        ]
        at = np.cumsum([0, *(len(group[0]) for group in groups)]).tolist()
        cuts = [slice(a, b) for a, b in pairwise(at)]
        _, self.plain, self.pair, self.as_lead, self.as_member, _, self.lead_seats, self.ring_seats, self.totals = cuts
        # rows of the nodes and arcs of every unit's seats (units, classes): the lead, then each ring
        self.seat_nodes = np.concatenate([lead[:, None], ring.reshape(units, self._rings)], 1)
        rings_at = at[7] + np.arange(units * self._rings).reshape(units, self._rings)
        self.seat_arcs = np.concatenate([at[6] + unit[:, None], rings_at], 1)
        cost = np.concatenate([np.broadcast_to(np.asarray(g[3], np.int64), len(g[0])) for g in groups])
        tail, head, capacity = (np.concatenate([g[i] for g in groups]).astype(np.int64) for i in range(3))
        self.arcs = Arcs(tail, head, capacity, cost)

    def capped(self, quota: Ints) -> Arcs:
        """The arcs with at most `quota` (classes,) seats filled in each class."""
        capacity = self.arcs.capacity.copy()
        capacity[self.totals] = quota
        return self.arcs._replace(capacity=capacity)
