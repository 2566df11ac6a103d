"""Why seats stay empty: the units that compete, the people they compete for, and the cheapest ways out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gridgeo.core.dispatch.repair import Cut, Repair, Repairs
from gridgeo.core.dispatch.roster import Roster
from gridgeo.core.dispatch.staffing import SOURCE, Network, Staffing
from gridgeo.core.kernel.flow import Arcs, reaches
from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Flags, Ints


@dataclass(frozen=True)
class Shortage:
    """Units that together want more people than there are, as a Hall certificate.

    The `units` want `seats` people within `within_s` seconds (for members: their leads included); the `eligible` and
    nobody else may come, and with their capacities they fill at most `supply` seats: `missing` = seats - supply
    stay empty whoever is sent. `repair` lists ways out, cheapest first.
    """

    units: tuple[str, ...]
    role: Literal["lead", "member"]
    within_s: int
    missing: int
    seats: int
    supply: int
    eligible: tuple[str, ...]
    repair: tuple[Repair, ...]


def find_shortages(roster: Roster, staffing: Staffing, quota: Ints) -> tuple[Shortage, ...]:
    """Every shortage of an assignment that fills `quota` (classes,) seats, leads first, then inner rings first.

    The least cut of the flow into a class of seats falls apart into groups of units that share people; each group is
    a certificate of its own (Hall 1935).
    """
    wanted = staffing.seats.sum(0)
    return tuple(
        shortage
        for seat_class in range(staffing.classes)
        if quota[seat_class] < wanted[seat_class]
        for shortage in _of_class(roster, staffing, quota, seat_class)
    )


def _of_class(roster: Roster, staffing: Staffing, quota: Ints, seat_class: int) -> Iterator[Shortage]:
    upto = np.where(np.arange(staffing.classes) <= seat_class, quota, 0)
    flow = staffing.fill(upto)
    assert flow is not None  # a flow filled these classes when the quota was counted
    cut = _cut(staffing, upto, flow, seat_class)
    repairs = Repairs(roster, staffing, cut, flow, seat_class)
    for group, supply in enumerate(cut.supply.tolist()):
        units = cut.unit[cut.group == group]
        missing = int(cut.empty[units].sum())
        yield Shortage(
            units=tuple(roster.units.code[units].tolist()),
            role="member" if seat_class else "lead",
            within_s=int(repairs.limit_s[units].max()),
            missing=missing,
            seats=supply + missing,
            supply=supply,
            eligible=tuple(roster.responders.code[repairs.eligible(units)].tolist()),
            repair=tuple(repairs.of(units)),
        )


def _cut(staffing: Staffing, upto: Ints, flow: Ints, seat_class: int) -> Cut:
    net = staffing.network
    arcs = net.capped(upto)
    goal = np.arange(net.nodes) == 1 + seat_class
    # seats of other classes stay as they are: no path may pass through another class's sink
    kept = (arcs.head >= net.person0) | (arcs.head == 1 + seat_class)
    inside = reaches(Arcs(*(column[kept] for column in arcs)), flow[kept], goal)
    inside[: net.person0] = False
    unit, group = _groups(net, inside)
    into = ~inside[arcs.tail] & inside[arcs.head]
    supply = np.bincount(group[arcs.head[into]], arcs.capacity[into], group.max(initial=-1) + 1)
    turned = Arcs(arcs.head, arcs.tail, arcs.capacity, arcs.cost)
    spare = reaches(turned, flow, np.arange(net.nodes) == SOURCE)
    return Cut(
        unit=unit,
        group=group[net.seat_nodes[unit]].max(1),
        empty=staffing.seats[:, seat_class] - flow[net.seat_arcs[:, seat_class]],
        supply=supply.astype(np.int64),
        spare=spare[net.person0 : net.lead0],
    )


def _groups(net: Network, inside: Flags) -> tuple[Ints, Ints]:
    """Units with a seat inside the cut, and the group of every node inside (-1 outside): what shares people."""
    both = inside[net.arcs.tail] & inside[net.arcs.head]
    # the lead and the members of one unit belong together
    own = np.stack(np.broadcast_arrays(net.seat_nodes[:, :1], net.seat_nodes[:, 1:]), -1).reshape(-1, 2)
    own = own[inside[own].all(1)]
    u, v = np.concatenate([np.stack([net.arcs.tail[both], net.arcs.head[both]], 1), own]).T
    part = components(net.nodes, u, v)
    group = np.full(net.nodes, -1, np.int64)
    group[inside] = np.unique(part[inside], return_inverse=True)[1]
    return np.flatnonzero(inside[net.seat_nodes].any(1)), group
