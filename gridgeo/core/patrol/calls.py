"""Streets and stops in one walk: calls made on the way, on the pass that fits the hours of each place best."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridgeo.core.model import DAY_S, Ints, Places
from gridgeo.core.patrol.model import Call, Leg, Route
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.pace import Pace
from gridgeo.core.patrol.routes import steps_of
from gridgeo.core.patrol.stops import Stops
from gridgeo.core.patrol.visits import STEP_S, Change, Clock


@dataclass(frozen=True, kw_only=True, eq=False)
class Timed:
    """Calls in order; seconds walked, served and waited; metres walked aside; missed stops, each with its reason."""

    calls: tuple[Call, ...]
    walk_s: int
    service_s: float
    aside_m: float
    missed: dict[int, str]


def stand_of(network: Network, places: Places, stops: Stops, required: Ints, speed_m_per_s: float) -> Ints:
    """What the calls along each edge take, as millimetres that could be walked meanwhile; (edges of the network,)."""
    stand = np.zeros(len(network.tail), np.int64)
    edges = np.unique(required)
    for node, place, aside in zip(stops.node.tolist(), stops.place.tolist(), stops.aside_m.tolist(), strict=True):
        at = edges[(network.tail[edges] == node) | (network.head[edges] == node)]
        if len(at):
            stand[at[0]] += round(1000 * (aside + float(places.service_s[place]) * speed_m_per_s))
    return stand


def with_calls(
    route: Route, network: Network, places: Places, stops: Stops, wanted: list[int], clock: Clock
) -> tuple[Route, dict[int, str]]:
    """A route with its calls, walked the other way around where that misses fewer; and stops missed, with reasons.

    `wanted` are rows of the stops. A call is made on the first pass at which the place is open; a place that opens
    only after the last pass is waited for.
    """
    ways = [route, turned(route)] if _closed(route) and len(route.legs) else [route]
    timed = [time_calls(way, network, places, stops, wanted, clock) for way in ways]
    best = min(range(len(ways)), key=lambda way: (len(timed[way].missed), way))
    told, chosen = timed[best], ways[best]
    length = chosen.length_m + told.aside_m
    changed = replace(
        chosen,
        length_m=round(length, 3),
        walk_s=told.walk_s,
        service_s=round(told.service_s),
        deadhead_m=round(chosen.deadhead_m + told.aside_m, 3),
        access_m=round(chosen.access_m + told.aside_m, 3),
        bound_m=round(chosen.bound_m + told.aside_m, 3),
        stops=told.calls,
    )
    return changed, told.missed


def turned(route: Route) -> Route:
    """A closed route the other way around; an edge walked several times is served on the first pass, as ever."""
    left: dict[int, int] = {}
    for leg in route.legs:
        left[leg.edge] = left.get(leg.edge, 0) + (not leg.deadhead)
    legs = []
    for leg in reversed(route.legs):
        serves = left[leg.edge] > 0
        left[leg.edge] -= serves
        legs.append(Leg(edge=leg.edge, forward=not leg.forward, deadhead=not serves))
    return replace(route, legs=tuple(legs), geometry=route.geometry.reverse())


def _closed(route: Route) -> bool:
    return route.end_node is None


@dataclass(frozen=True, eq=False)
class _Pass:
    """A route comes by a node after so many metres and seconds, calls not counted."""

    at_m: float
    at_s: float
    node: int


def _passes(route: Route, network: Network, pace: Pace) -> list[_Pass]:
    """Where a route is at its start and after every leg."""
    steps = steps_of(route)
    edge = steps >> 1
    node = np.append(route.start_node, np.where(steps & 1, network.tail[edge], network.head[edge]))
    before = route.access_m / (1 if route.end_node is not None else 2)
    metres = np.append(0, np.cumsum(network.length_mm[edge])) / 1000 + before
    seconds = np.append(0.0, np.cumsum(pace.seconds(steps))) + before / pace.speed_m_per_s
    return [_Pass(*row) for row in zip(metres.tolist(), seconds.tolist(), node.tolist(), strict=True)]


def time_calls(route: Route, network: Network, places: Places, stops: Stops, wanted: list[int], clock: Clock) -> Timed:
    """Calls of a walk in the order of its passes."""
    passes = _passes(route, network, clock.pace)
    events, last = _events(passes, stops, wanted)
    home = passes[-1].at_s + (route.length_m - passes[-1].at_m) / clock.speed_m_per_s
    calls: list[Call] = []
    called: set[int] = set()
    missed = dict.fromkeys((s for s in wanted if s not in last), "distance")
    stood = aside = 0.0
    for number, (by, s) in enumerate(events):
        if s in called:
            continue
        row, half = int(stops.place[s]), float(stops.aside_m[s]) / 2
        arrives = clock.start_s + stood + by.at_s + (aside + half) / clock.speed_m_per_s
        start, service = max(arrives, float(places.opens[row])), int(places.service_s[row])
        if start > arrives and number < last[s]:
            continue  # it comes by again: no need to wait
        takes = home + (aside + 2 * half) / clock.speed_m_per_s + stood + start - arrives + service
        reason = _reason(places, row, clock, start, takes)
        if reason:
            missed[s] = reason
            continue
        missed.pop(s, None)
        called.add(s)
        stood += start - arrives + service
        aside += 2 * half
        calls.append(Call(place=row, code=str(places.code[row]), start_s=round(start), at_m=round(by.at_m, 1)))
    walk_s = round(home + aside / clock.speed_m_per_s)
    return Timed(calls=tuple(calls), walk_s=walk_s, service_s=stood, aside_m=aside, missed=missed)


def _events(passes: list[_Pass], stops: Stops, wanted: list[int]) -> tuple[list[tuple[_Pass, int]], dict[int, int]]:
    """Passes of the wanted stops as (pass, stop), and the number of the last one of each."""
    at: dict[int, list[int]] = {}
    for s in wanted:
        at.setdefault(int(stops.node[s]), []).append(s)
    events = [(by, s) for by in passes for s in at.get(by.node, ())]
    return events, {s: number for number, (_, s) in enumerate(events)}


def _reason(places: Places, row: int, clock: Clock, start: float, takes: float) -> str:
    """Why a call cannot begin at a time, the walk then taking so many seconds: "window", "time-budget" or none."""
    service = int(places.service_s[row])
    shuts = int(places.closes[row]) or DAY_S
    if start + service > shuts:
        return "window"
    return "time-budget" if takes > clock.limit_s + 1 else ""


def change_for(
    route: Route, network: Network, places: Places, stops: Stops, wanted: list[int], stop: int, clock: Clock
) -> Change:
    """The cheapest change after which a walk serves a stop and loses no other, tried out one after the other."""
    had = len(time_calls(route, network, places, stops, wanted, clock).missed)
    for seconds in range(STEP_S, DAY_S // 2 + 1, STEP_S):
        changes = [Change(kind=kind, seconds=seconds) for kind in ("minutes", "closes", "start")]
        for change in (*changes, Change(kind="start", seconds=-seconds)):
            if _missed_after(route, network, places, stops, wanted, stop, clock, change) < had:
                return change
    return Change(kind="walk")


def _missed_after(
    route: Route,
    network: Network,
    places: Places,
    stops: Stops,
    wanted: list[int],
    stop: int,
    clock: Clock,
    change: Change,
) -> int:
    """Stops missed once a change is made; as many as are wanted when the stop itself still is."""
    if change.kind == "minutes":
        clock = replace(clock, limit_s=clock.limit_s + change.seconds)
    if change.kind == "start":
        clock = replace(clock, start_s=clock.start_s + change.seconds)
        if not 0 <= clock.start_s < DAY_S:
            return len(wanted) + 1
    if change.kind == "closes":
        closes: Ints = places.closes.copy()
        closes[int(stops.place[stop])] += change.seconds
        places = replace(places, closes=closes)
    missed = time_calls(route, network, places, stops, wanted, clock).missed
    return len(wanted) + 1 if stop in missed else len(missed)
