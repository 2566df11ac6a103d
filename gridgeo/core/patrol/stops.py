"""Stops of a grid: which places they are, from where they are called at, and the routes from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import DAY_S, Floats, Ints, Places, Plan
from gridgeo.core.patrol.demand import Start
from gridgeo.core.patrol.model import Call, Leg, Route
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.routes import Slot, line_from
from gridgeo.core.patrol.tour import least_trip
from gridgeo.core.patrol.visits import Clock, Visits, begins

NOON_S = DAY_S // 2


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


def owed(visits_per_day: float, rounds: int, done: int, phase: float = 0.0) -> int:
    """Calls a place wants by the end of so many rounds, at most one a round.

    The phase, from 0 to 1, lets places of equal frequency take turns.

    >>> [owed(1 / 7, 2, done) for done in (2, 13, 14)], owed(1 / 7, 2, 2, 0.9)
    ([0, 0, 1], 1)
    """
    return int(done * min(1.0, visits_per_day / rounds) + phase + 1e-9)


def phases(count: int) -> Floats:
    """A phase for each of so many places, evenly over the period."""
    return np.arange(count) / max(count, 1)


def rounds_of(wanted: str, params: PatrolParams) -> tuple[int, ...]:
    """Rounds of a day, numbered from 1, in which a place may be called at; a morning ends at noon.

    >>> [rounds_of(wanted, PatrolParams(rounds=3)) for wanted in ("", "morning", "afternoon", "2", "4")]
    [(1, 2, 3), (1, 2), (3,), (2,), ()]
    """
    rounds = tuple(range(1, params.rounds + 1))
    if wanted in ("morning", "afternoon"):
        return tuple(number for number in rounds if (params.start_s(number) < NOON_S) == (wanted == "morning"))
    return tuple(number for number in rounds if not wanted or str(number) == wanted)


def visits_of(network: Network, places: Places, stops: Stops, start: Start, clock: Clock) -> Visits:
    """The stops of one round as places to call at, in seconds of walking."""
    nodes = np.append(start.node, stops.node)
    names, at = np.unique(nodes, return_inverse=True)
    aside_mm = np.rint(1000 * np.append(start.access_m, stops.aside_m / 2)).astype(np.int64)
    aside_mm = aside_mm[:, None] + aside_mm
    length_mm, seconds = _between(network, names, clock)
    length = length_mm[np.ix_(at, at)] + aside_mm
    away = seconds[np.ix_(at, at)] + aside_mm / (1000 * clock.speed_m_per_s)
    for table in (length, away):
        np.fill_diagonal(table, 0)
    closes = places.closes[stops.place]
    return Visits(
        away=np.ceil(away - 1e-9).astype(np.int64),
        length_mm=length,
        opens=places.opens[stops.place],
        closes=np.where(closes > 0, closes, DAY_S),
        service=places.service_s[stops.place],
        start_s=clock.start_s,
        limit_s=clock.limit_s,
    )


def _between(network: Network, names: Ints, clock: Clock) -> tuple[Ints, Floats]:
    """Millimetres and seconds of the shortest ways between nodes."""
    length = np.zeros((len(names), len(names)), np.int64)
    if clock.pace.even:
        i, j, length_mm = network.distances(names, int(network.length_mm.sum()) + 1)
        length[i, j] = length_mm
        return length, length / (1000 * clock.speed_m_per_s)
    seconds = np.zeros(length.shape)
    for row, begin in enumerate(names.tolist()):
        for column, steps in enumerate(network.ways(begin, names)):
            length[row, column] = network.length_mm[steps >> 1].sum()
            seconds[row, column] = clock.pace.seconds(steps).sum()
    return length, seconds


def stop_route(
    network: Network,
    slot: Slot,
    start: Start,
    places: Places,
    stops: Stops,
    visits: Visits,
    order: tuple[int, ...],
    clock: Clock,
) -> Route:
    """Route of one walk from stop to stop, with its calls."""
    nodes = [start.node, *(int(stops.node[s]) for s in order), start.node]
    parts = [network.ways(a, np.array([b]))[0] for a, b in pairwise(nodes)]
    steps = np.concatenate(parts)
    walked = np.cumsum([int(network.length_mm[part >> 1].sum()) for part in parts[:-1]]) / 1000
    aside = stops.aside_m[list(order)]
    access = 2 * start.access_m + float(aside.sum())
    at_m = walked + start.access_m
    length = round(int(network.length_mm[steps >> 1].sum()) / 1000 + access, 3)
    at = np.array([0, *(s + 1 for s in order)])
    beyond_mm = int(visits.walked_mm(order)[-1]) - least_trip(visits.lengths[np.ix_(at, at)])
    when, back = begins(visits, order)
    tour = np.array([0, *(s + 1 for s in order), 0])
    calls = tuple(
        Call(place=int(stops.place[s]), code=str(places.code[stops.place[s]]), start_s=time, at_m=round(float(m), 1))
        for s, time, m in zip(order, when, at_m, strict=True)
    )
    return Route(
        grid=slot.grid,
        officer=slot.officer,
        round=slot.round,
        day=slot.day,
        length_m=length,
        walk_s=round(float(clock.pace.seconds(steps).sum()) + access / clock.speed_m_per_s),
        service_s=back - visits.start_s - int(visits.away[tour[:-1], tour[1:]].sum()),
        deadhead_m=length,
        access_m=round(access, 3),
        bound_m=round(length - beyond_mm / 1000, 3),
        proven=beyond_mm == 0,
        geometry=line_from(start, network.line(steps)),
        start_node=start.node,
        legs=tuple(Leg(edge=int(s) >> 1, forward=not s & 1, deadhead=True) for s in steps.tolist()),
        stops=calls,
    )
