"""Calls at places: which stops a grid has, the round trip through them, and when each call begins.

With `stops` a walk goes from stop to stop the shortest way. With `both` the walk over the streets is kept, and a stop
is served when the walk first passes it. A stop that cannot be served is reported with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Floats, Ints, Places, Plan, Stop, never
from gridgeo.core.patrol.demand import Start
from gridgeo.core.patrol.model import Call, Leg, Route
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.routes import Slot, line_from
from gridgeo.core.patrol.tour import round_trip

KICKS = 3_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Stops:
    """Stops of one grid: `place` rows, the street `node` each is called at from, metres `aside` there and back."""

    place: Ints
    node: Ints
    aside_m: Floats


def places_of(plan: Plan) -> Ints:
    """Grid row of each place, -1 outside all; a place on a border goes to the grid of lower row."""
    places = plan.territory.places
    owner = np.full(len(places), -1, np.int64)
    if len(places):
        tree = shapely.STRtree(plan.geometry)
        place, grid = tree.query(shapely.points(places.xy), predicate="intersects")
        for p, g in sorted(zip(place.tolist(), grid.tolist(), strict=True), reverse=True):
            owner[p] = g
    return owner


def stops_of(network: Network, places: Places, rows: NDArray[Any], nodes: Ints) -> Stops:
    """Stops of some places, each called at from the nearest of the given nodes."""
    from scipy.spatial import cKDTree

    away, nearest = cKDTree(network.streets.node_xy[nodes]).query(places.xy[rows])
    return Stops(place=np.asarray(rows, np.int64), node=nodes[nearest], aside_m=2 * np.asarray(away, np.float64))


def due(visits_per_day: float, rounds: int, number: int) -> bool:
    """Whether a place wants a call in a round, numbered from 0 over all days: calls are spread evenly.

    >>> [due(1.0, 2, number) for number in range(4)]
    [False, True, False, True]
    """
    each = min(1.0, visits_per_day / rounds)
    return int((number + 1) * each + 1e-9) > int(number * each + 1e-9)


def trip_through(network: Network, stops: Stops, start: int, *, rng_seed: int, stop: Stop = never) -> tuple[Ints, bool]:
    """Steps of the shortest round trip found from the start through all stops, and whether none is shorter."""
    nodes = np.unique(np.append(stops.node, start))
    nodes = np.append(start, nodes[nodes != start])
    i, j, length = network.distances(nodes, int(network.length_mm.sum()) + 1)
    away = np.zeros((len(nodes), len(nodes)), np.int64)
    away[i, j] = length
    order, proven = round_trip(away, kicks=KICKS, rng_seed=rng_seed, stop=stop)
    steps = [steps_between(network, a, b) for a, b in pairwise([*nodes[order].tolist(), start])]
    return np.concatenate(steps), proven


def steps_between(network: Network, a: int, b: int) -> Ints:
    """A shortest way between two nodes as steps in walking order."""
    left = network.path(a, b).tolist()
    steps, at = [], a
    while left:
        edge = next(e for e in left if at in (network.tail[e], network.head[e]))
        left.remove(edge)
        forward = int(network.tail[edge]) == at
        at = int(network.head[edge] if forward else network.tail[edge])
        steps.append(2 * edge + (not forward))
    return np.array(steps, np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Timed:
    """Calls in order, seconds of service and waiting, metres walked aside, and places missed for their hours."""

    calls: tuple[Call, ...]
    service_s: int
    aside_m: float
    closed: tuple[int, ...]


def time_calls(
    places: Places, stops: Stops, order: Sequence[int], at_m: Sequence[float], *, start_s: int, speed_m_per_s: float
) -> Timed:
    """When each call begins; a place not yet open is waited for, one already closed is missed.

    Parameters
    ----------
    places, stops
        The stops and the places behind them.
    order
        Positions of stops in calling order.
    at_m
        Metres walked when each is passed, in the same order.
    start_s
        Second of the day the walk begins.
    speed_m_per_s
        Walking speed.
    """
    calls, closed = [], []
    stood, aside = 0.0, 0.0
    for position, walked in zip(order, at_m, strict=True):
        row = int(stops.place[position])
        half = float(stops.aside_m[position]) / 2
        arrives = start_s + stood + (walked + aside + half) / speed_m_per_s
        begins = max(arrives, float(places.opens[row]))
        shuts = int(places.closes[row])
        if shuts > 0 and begins + int(places.service_s[row]) > shuts:
            closed.append(row)
            continue
        stood += begins - arrives + int(places.service_s[row])
        calls.append(Call(place=row, code=str(places.code[row]), start_s=round(begins), at_m=round(walked, 1)))
        aside += 2 * half
    return Timed(calls=tuple(calls), service_s=round(stood), aside_m=aside, closed=tuple(closed))


def with_calls(
    route: Route, network: Network, places: Places, stops: Stops, number: int, params: PatrolParams
) -> tuple[Route, tuple[int, ...]]:
    """A route with the calls that are due in its round, made when the walk first passes; and places missed."""
    passed: dict[int, float] = {}
    at, walked = route.start_node, route.access_m / 2
    for leg in route.legs:
        passed.setdefault(at, walked)
        at = int(network.head[leg.edge] if leg.forward else network.tail[leg.edge])
        walked += int(network.length_mm[leg.edge]) / 1000
    passed.setdefault(at, walked)
    wanted = [
        s
        for s in range(len(stops.place))
        if int(stops.node[s]) in passed and due(float(places.visits_per_day[stops.place[s]]), params.rounds, number)
    ]
    order = sorted(wanted, key=lambda s: (passed[int(stops.node[s])], s))
    times = [passed[int(stops.node[s])] for s in order]
    speed = params.speed_m_per_s
    timed = time_calls(places, stops, order, times, start_s=params.start_s(route.round), speed_m_per_s=speed)
    length = route.length_m + timed.aside_m
    changed = replace(
        route,
        length_m=round(length, 3),
        walk_s=round(length / speed),
        service_s=timed.service_s,
        deadhead_m=round(route.deadhead_m + timed.aside_m, 3),
        access_m=round(route.access_m + timed.aside_m, 3),
        bound_m=round(route.bound_m + timed.aside_m, 3),
        stops=timed.calls,
    )
    return changed, timed.closed


def stop_route(
    network: Network, slot: Slot, start: Start, stops: Stops, *, speed_m_per_s: float, rng_seed: int, stop: Stop = never
) -> Route:
    """Route of the shortest round trip found through some stops; even rounds walk it the other way around."""
    steps, proven = trip_through(network, stops, start.node, rng_seed=rng_seed, stop=stop)
    if slot.round % 2 == 0:
        steps = steps[::-1] ^ 1
    access = 2 * start.access_m
    length = int(network.length_mm[steps >> 1].sum()) / 1000 + access
    nodes = np.unique(np.append(stops.node, start.node))
    i, j, away = network.distances(nodes, int(length * 1000) + 1)
    nearest = np.full(len(nodes), np.inf)
    np.minimum.at(nearest, i[i != j], away[i != j])
    bound = length if proven else float(nearest.sum()) / 1000 + access  # every stop is left for the nearest one
    return Route(
        grid=slot.grid,
        officer=slot.officer,
        round=slot.round,
        day=slot.day,
        length_m=round(length, 3),
        walk_s=round(length / speed_m_per_s),
        service_s=0,
        deadhead_m=round(length, 3),
        access_m=round(access, 3),
        bound_m=round(bound, 3),
        proven=proven,
        geometry=line_from(start, network.line(steps)),
        start_node=start.node,
        legs=tuple(Leg(edge=int(s) >> 1, forward=not s & 1, deadhead=True) for s in steps.tolist()),
    )
