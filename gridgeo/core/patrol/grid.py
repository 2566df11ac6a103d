"""The walks of one grid: over its streets, from stop to stop, or both in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Flags, Ints, Kind, Notice, Plan, geometries
from gridgeo.core.patrol.calls import stand_of
from gridgeo.core.patrol.circuits import spread_of, varied_circuits
from gridgeo.core.patrol.demand import Demand, Start, nearby, start_of
from gridgeo.core.patrol.ends import open_walk
from gridgeo.core.patrol.model import Longest, Route
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.officers import longest_bound, taken_mm, walks_within
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.passing import passed_when_shut, reached_from, shut_passes, street_missed, streets_shut
from gridgeo.core.patrol.postman import Effort, Walk, shortest_walk
from gridgeo.core.patrol.proof import bounded, ever_open
from gridgeo.core.patrol.rounds import add_calls, publish_spread, stop_walks
from gridgeo.core.patrol.routes import drawn_route, street_route
from gridgeo.core.patrol.stops import Stops, places_of, stops_of
from gridgeo.core.patrol.task import Findings, Task


def plan_grid(task: Task, demand: Demand, found: Findings) -> None:
    """Plan the walks of one grid and add them to what was found."""
    edges = demand.of(task.row)
    if len(edges) == 0:
        edges = _borrowed(task, found)
    if len(edges) == 0:
        _without_streets(task, found)
        return
    start = _start(task, edges)
    found.notices += start.notices
    if not start.station:
        found.no_station.append(task.code)
    here = task.network.component[task.network.tail[edges]] == task.network.component[start.node]
    found.unreached += [street_missed(task, edge, "cut-off") for edge in edges[~here].tolist()]
    edges = edges[here]
    stops = _stops(task, edges)
    task = replace(task, reach=_reach(task, start)) if len(task.hours) else task
    while True:
        trial = Findings()
        _plan_rounds(task, start, edges, stops, trial)
        late = passed_when_shut(task, trial.routes)
        if not late:
            found.add(trial)
            return
        if task.stop():
            found.notices.append(Notice(kind="grid-not-planned", where=task.code))
            return
        task = task.with_shut(late)


def _reach(task: Task, start: Start) -> Any:
    """The hull of a grid and of where its walks begin."""
    return shapely.convex_hull(shapely.union(task.plan.geometry[task.row], shapely.Point(start.xy)))


def _start(task: Task, edges: Ints) -> Start:
    return start_of(task.plan, task.row, task.network, edges, best=task.params.start == "best")


def _plan_rounds(task: Task, start: Start, edges: Ints, stops: Stops, found: Findings) -> None:
    """All walks, those of rounds in which the same streets are open together."""
    params = task.params
    if params.mode == "stops":
        stop_walks(task, start, stops, found)
        return
    first = len(found.routes)
    if len(task.hours) == 0:
        _street_walks(task, start, edges, stops, found)
    else:
        task = _walks_by_hours(task, start, edges, stops, found)
    if len(stops.place):
        add_calls(task, start, stops, first, found)


def _walks_by_hours(task: Task, start: Start, edges: Ints, stops: Stops, found: Findings) -> Task:
    """Walks over the streets that are open in each round: of those open for a while only, timed ones where they fit.

    The task with every edge shut that is not open all the while.
    """
    first = len(found.routes)
    walk = _whole_walk(task, start, with_sides(task.plan, edges, task.params.sides))
    lasts_s = _lasts_s(task, walk, stops, task.params.officers)
    closed, sometimes = task.with_closed(lasts_s), task.with_closed(lasts_s, throughout=True)
    sets = 0
    for part in closed.by_openness():
        untimed = []
        for number in part.round_numbers:
            timed = _timed_walks(
                closed.at_round(number), sometimes.at_round(number), start, edges, stops, lasts_s, found.routes[first:]
            )
            if timed is None:
                untimed.append(number)
            else:
                found.add(timed)
        sets += len(part.round_numbers) - len(untimed) + bool(untimed)
        if untimed:
            _open_walks(replace(part, rounds=tuple(untimed)), start, edges, stops, lasts_s, found.routes[first:], found)
    if sets > 1:
        found.spread.clear()
        middle = shapely.line_interpolate_point(task.network.streets.geometry[edges], 0.5, normalized=True)
        publish_spread(task, shapely.get_coordinates(middle), first, found)
    found.routes[first:] = sorted(found.routes[first:], key=lambda r: (r.day, r.round, r.officer))
    return closed


def _timed_walks(
    closed: Task, sometimes: Task, start: Start, edges: Ints, stops: Stops, lasts_s: float, before: list[Route]
) -> Findings | None:
    """Walks of one round that come by every street while it is open; None where that wins nothing or none was found."""
    always, there = _from(closed, start, edges)[1], _from(sometimes, start, edges)
    if there[1].sum() <= always.sum():
        return None
    found = Findings()
    found.unreached += streets_shut(sometimes, there[0], edges[~there[1]], lasts_s)
    task = _minding(sometimes, before)
    return found if _street_walks(task, there[0], edges[there[1]], stops, found, timed=True) else None


def _open_walks(
    task: Task, start: Start, edges: Ints, stops: Stops, lasts_s: float, before: list[Route], found: Findings
) -> None:
    """Walks over the streets that are open all the while some rounds last."""
    near, reached = _from(task, start, edges)
    found.unreached += streets_shut(task, near, edges[~reached], lasts_s)
    if reached.any():
        _street_walks(_minding(task, before), near, edges[reached], stops, found)


def _from(task: Task, start: Start, edges: Ints) -> tuple[Start, Flags]:
    """Where walks over the open ones of some edges begin, and which edges they reach."""
    here = task.network.open[edges]
    near = _start(task, edges[here]) if here.any() else start
    return near, reached_from(task, near, edges)


def _minding(task: Task, before: list[Route]) -> Task:
    """The task, with routes its walks are to be unlike too."""
    walked = [route.geometry for route in before]
    return replace(task, last=geometries([*walked, *(() if task.last is None else task.last)]))


def _lasts_s(task: Task, walk: Walk, stops: Stops, officers: int = 1) -> float:
    """Seconds a walk may take: an officer's share of all, calls included, within the minutes."""
    passes = np.concatenate([walk.required, walk.extra])
    walked = float(np.maximum(task.pace.up, task.pace.down)[passes].sum())
    return min((walked + _calls_s(task, stops)) / officers, task.clock(1).limit_s)


def _calls_s(task: Task, stops: Stops) -> float:
    """Seconds that calls at all stops take."""
    service = float(task.plan.territory.places.service_s[stops.place].sum())
    return service + float(stops.aside_m.sum()) / task.speed_m_per_s


def _borrowed(task: Task, found: Findings) -> Ints:
    """Streets next to a grid that has none of its own, told in a notice; none when they are too far away."""
    edges, away_m = nearby(task.plan, task.row, task.network)
    if len(edges):
        facts: dict[str, str | int | float] = {"streets": len(edges), "distance_m": round(away_m, 1)}
        found.notices.append(Notice(kind="grid-walked-from-nearby", where=task.code, facts=facts))
    return edges


def _without_streets(task: Task, found: Findings) -> None:
    """An exclusive grid is walked along its boundary; any other without streets is told."""
    if task.plan.grids.kind[task.row] != Kind.EXCLUSIVE or task.params.mode == "stops":
        found.notices.append(Notice(kind="grid-without-streets", where=task.code))
        return
    shape, speed = task.plan.geometry[task.row], task.speed_m_per_s
    found.notices.append(Notice(kind="boundary-drawn", where=task.code))
    for slot, _ in task.slots(1):
        found.routes.append(drawn_route(shape, slot, speed_m_per_s=speed, backwards=slot.round % 2 == 0))


def _stops(task: Task, edges: Ints) -> Stops:
    """Stops of a grid, called at from its own streets; none when only streets are walked."""
    places = task.plan.territory.places
    rows = np.zeros(0, np.int64)
    if task.params.mode != "streets" and len(places):
        inside = np.flatnonzero(shapely.intersects_xy(task.plan.geometry[task.row], places.xy[:, 0], places.xy[:, 1]))
        rows = inside[(places_of(task.plan)[inside] == task.row) & (places.visits_per_day[inside] > 0)]
    return stops_of(task.network, places, rows, task.network.degree(edges)[0])


def _street_walks(task: Task, start: Start, edges: Ints, stops: Stops, found: Findings, *, timed: bool = False) -> bool:
    """Walks over the streets, shared out where officers or minutes ask for it, each slot by another circuit.

    False where they are to be `timed`, to come by every street while it is open, and no such walks were found.
    """
    params, network = task.params, task.network
    walk = _whole_walk(task, start, with_sides(task.plan, edges, params.sides))
    slots = params.days * len(task.round_numbers) * params.officers
    limit = (params.minutes or np.inf) * 60_000 * task.speed_m_per_s - 2000 * start.access_m
    stand = stand_of(network, task.plan.territory.places, stops, walk.required, task.speed_m_per_s)
    walks = walks_within(
        network, walk, params.officers, max(limit, 1.0), most=slots, effort=_effort(params), stand_mm=stand,
        slow_mm=task.pace.slow_mm, rng_seed=task.seed, stop=task.stop,
    )  # fmt: skip
    left = [int(edge) for part in walks[slots:] for edge in np.unique(part.required)]
    found.unreached += [street_missed(task, edge, "time-budget") for edge in left]
    _tell_of_time(task, start, walks, stand, slots, found)
    wide = ever_open(task, _lasts_s(task, walk, stops)) if len(task.hours) else network
    walks = [bounded(task, start, part, wide, _whole_walk) for part in walks]
    if len(walks) > 1:
        walk = bounded(task, start, walk, wide, _whole_walk)
        found.longest.append(_longest(wide, task.code, walk, walks, start))
    late_s = start.access_m / task.speed_m_per_s + _calls_s(task, stops)
    fits = partial(_in_time, task, late_s) if timed else None
    return _circuits(task, start, walks[:slots], found, fits)


def _in_time(task: Task, late_s: float, steps: Ints) -> bool:
    """Whether steps, however late for calls, pass no street while it is shut."""
    return not shut_passes(task, task.round_numbers[0], steps, late_s)


def _whole_walk(task: Task, start: Start, required: Ints) -> Walk:
    """The one walk over all streets of the grid, closed or open."""
    params = task.params
    if params.open_end and params.officers == 1 and params.minutes is None:
        return open_walk(
            task.network, required, start.node, free_start=params.start == "best", effort=_effort(params),
            rng_seed=task.seed, stop=task.stop,
        )  # fmt: skip
    return shortest_walk(task.network, required, start.node, effort=_effort(params), rng_seed=task.seed, stop=task.stop)


def _effort(params: PatrolParams) -> Effort:
    return Effort(searches=params.searches, prove=params.prove)


def _longest(network: Network, code: str, walk: Walk, walks: list[Walk], start: Start) -> Longest:
    access = 2 * start.access_m
    bound = longest_bound(network, walk, len(walks)) / 1000 + access
    longest = max(part.length_mm for part in walks) / 1000 + access
    total = sum(part.length_mm for part in walks) / 1000 + access * len(walks)
    bound = min(bound, longest)
    return Longest(
        grid=code,
        walks=len(walks),
        longest_m=round(longest, 3),
        bound_m=round(bound, 3),
        total_m=round(total, 3),
        proven=round(bound, 3) == round(longest, 3),
    )


def _circuits(
    task: Task, start: Start, walks: list[Walk], found: Findings, fits: Callable[[Ints], bool] | None = None
) -> bool:
    """Routes of all days, rounds and officers: the walks in turn, each time by another circuit.

    False where no circuit fits.
    """
    plans = task.slots(len(walks))
    circuits, spreads = [], []
    free = not start.station or task.params.start == "best"
    for which, walk in enumerate(walks):
        count = sum(chosen == which for _, chosen in plans)
        seed = task.seed + which
        steps, arrival = varied_circuits(
            task.network, walk, max(count, 1), tries=task.params.tries, rng_seed=seed, anywhere=free, last=task.last,
            pace=task.pace, fits=fits,
        )  # fmt: skip
        if len(steps) == 0:
            return False
        circuits.append(iter(steps))
        spread = spread_of(arrival)
        several = count > 0 and len(arrival) > 1
        spreads.append(round(float(np.median(spread)), 4) if several else None)
        if several:
            found.spread.append(spread)
    for slot, which in plans:
        walk, steps = walks[which], next(circuits[which])
        begin = _moved(start, steps, task.network)
        route = street_route(task.network, slot, begin, walk, steps, task.pace)
        found.routes.append(replace(route, spread=spreads[which]))
    return True


def _moved(start: Start, steps: Ints, network: Network) -> Start:
    """The start of a walk that begins elsewhere than next to the station."""
    if len(steps) == 0:
        return start
    first = int(steps[0])
    node = int((network.head if first & 1 else network.tail)[first >> 1])
    if node == start.node:
        return start
    x, y = network.streets.node_xy[node].tolist()
    return replace(start, xy=(x, y), node=node, access_m=0.0)


def _tell_of_time(task: Task, start: Start, walks: list[Walk], stand: Ints, slots: int, found: Findings) -> None:
    """Say where the walks' minutes are not enough, and for what they would be."""
    params = task.params
    if params.minutes is None:
        return
    taken = [taken_mm(walk, stand, task.pace.slow_mm) for walk in walks]
    minutes = round((max(taken) / 1000 + 2 * start.access_m) / task.speed_m_per_s / 60, 1)
    facts: dict[str, str | int | float] = {"minutes": params.minutes, "walks": slots, "longest_minutes": minutes}
    if minutes > params.minutes:
        found.notices.append(Notice(kind="walk-too-long", where=task.code, facts=facts))
    if len(walks) > slots:
        found.notices.append(Notice(kind="too-few-walks", where=task.code, facts=facts | {"wanted": len(walks)}))


def with_sides(plan: Plan, edges: Ints, sides: int) -> Ints:
    """The edges, each as often as it is to be walked."""
    if sides == 1:
        return edges
    streets = plan.territory.streets
    return np.repeat(edges, np.clip(streets.sides[streets.line[edges]], 1, 2))
