"""Patrols of a whole plan: grid by grid, so that one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import shapely

from gridgeo.core.model import Floats, Ints, Notice, Plan, Progress, Stop, never, silent
from gridgeo.core.patrol.circuits import spread_of, varied_circuits
from gridgeo.core.patrol.demand import Demand, Start, demand_of, start_of
from gridgeo.core.patrol.model import PatrolResult, Route, Unreached
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.officers import walks_within
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.postman import Effort, Walk, shortest_walk
from gridgeo.core.patrol.routes import Slot, street_route
from gridgeo.core.patrol.stops import Stops, due, places_of, stop_route, stops_of, with_calls
from gridgeo.errors import GridgeoError


class Findings:
    """What planning a grid yields, gathered: routes, what is left out, what to tell, spread of arrival times."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.unreached: list[Unreached] = []
        self.notices: list[Notice] = []
        self.spread: list[Floats] = []
        self.no_station: list[str] = []

    def told(self) -> tuple[Notice, ...]:
        """All notices, the grids without a station in one."""
        if not self.no_station:
            return tuple(self.notices)
        facts: dict[str, str | int | float] = {"grids": len(self.no_station), "codes": ", ".join(self.no_station)}
        return (*self.notices, Notice(kind="grids-without-station", facts=facts))


def plan_patrols(
    plan: Plan,
    params: PatrolParams | None = None,
    *,
    grids: Sequence[str] | None = None,
    stop: Stop = never,
    rng_seed: int = 1,
    progress: Progress = silent,
) -> PatrolResult:
    """Walking routes for the grids of a plan.

    Every walkable street edge inside the territory is walked by exactly one grid (or both, where params say so);
    what cannot be walked is listed with the reason. The same plan, params and rng_seed give the same routes, whichever
    other grids are planned with them.

    Parameters
    ----------
    plan
        The plan; its territory holds streets, stations and places.
    params
        Choices; the default walks all streets twice a day.
    grids
        Codes of the grids to plan; None plans all.
    stop
        Asked between grids; routes planned so far are kept.
    rng_seed
        Start of the random numbers.
    progress
        Called with ("patrol", share of grids done).

    Raises
    ------
    NotFoundError
        No grid has one of the codes.
    """
    params = params or PatrolParams()
    rows = range(len(plan)) if grids is None else [plan.grids.row(code) for code in grids]
    network = Network(plan.territory.streets)
    demand = demand_of(plan, border=params.border)
    found = Findings()
    for done, row in enumerate(rows):
        progress("patrol", done / len(rows))
        code = str(plan.grids.code[row])
        if stop():
            found.notices += [Notice(kind="grid-not-planned", where=str(plan.grids.code[r])) for r in rows[done:]]
            break
        try:
            _plan_grid(plan, row, network, demand, params, _seed(code, rng_seed), stop, found)
        except GridgeoError as error:
            found.notices.append(Notice(kind="patrol-failed", where=code, facts={"error": str(error)}))
    progress("patrol", 1.0)
    idle = int((plan.territory.places.visits_per_day <= 0).sum())
    if params.mode != "streets" and idle:
        found.notices.append(Notice(kind="places-without-visits", facts={"places": idle}))
    spread = np.concatenate(found.spread) if found.spread else np.zeros(0)
    return PatrolResult(
        routes=tuple(found.routes),
        unreached=tuple(found.unreached),
        notices=found.told(),
        params=params,
        rng_seed=rng_seed,
        spread=float(np.median(spread)) if len(spread) else None,
    )


def _seed(code: str, rng_seed: int) -> int:
    """Random stream of a grid: its own, whatever grids are planned beside it."""
    return crc32(f"{code}/{rng_seed}".encode()) & 0x7FFFFFFF


def _plan_grid(
    plan: Plan,
    row: int,
    network: Network,
    demand: Demand,
    params: PatrolParams,
    seed: int,
    stop: Stop,
    found: Findings,
) -> None:
    code = str(plan.grids.code[row])
    edges = demand.of(row)
    if len(edges) == 0:
        found.notices.append(Notice(kind="grid-without-streets", where=code))
        return
    start = start_of(plan, row, network, edges)
    found.notices += start.notices
    if not start.station:
        found.no_station.append(code)
    here = network.component[network.tail[edges]] == network.component[start.node]
    found.unreached += [_unreached(plan, code, edge, "cut-off") for edge in edges[~here].tolist()]
    first = len(found.routes)
    stops = _stops(plan, row, network, edges[here], params)
    if params.mode == "stops":
        _stop_walks(plan, code, network, start, stops, params, seed, stop, found)
        _add_calls(plan, code, network, stops, params, first, found)
        return
    required = with_sides(plan, edges[here], params.sides)
    effort = Effort(searches=params.searches, prove=params.prove)
    walk = shortest_walk(network, required, start.node, effort=effort, rng_seed=seed, stop=stop)
    slots = params.days * params.rounds * params.officers
    limit = (params.minutes or np.inf) * 60_000 * params.speed_m_per_s - 2000 * start.access_m
    walks = walks_within(
        network, walk, params.officers, max(limit, 1.0),
        most=slots, effort=effort, rng_seed=seed, stop=stop,
    )  # fmt: skip
    found.unreached += [_unreached(plan, code, int(e), "time-budget") for w in walks[slots:] for e in w.required]
    _tell_of_time(code, start, walks, slots, params, found)
    _walks(network, code, start, walks[:slots], params, seed, found)
    if params.mode == "both":
        _add_calls(plan, code, network, stops, params, first, found)


def _stops(plan: Plan, row: int, network: Network, edges: Ints, params: PatrolParams) -> Stops:
    """Stops of a grid, called at from its own streets; none when only streets are walked."""
    places = plan.territory.places
    rows = np.zeros(0, np.int64)
    if params.mode != "streets" and len(places):
        inside = np.flatnonzero(shapely.intersects_xy(plan.geometry[row], places.xy[:, 0], places.xy[:, 1]))
        rows = inside[(places_of(plan)[inside] == row) & (places.visits_per_day[inside] > 0)]
    return stops_of(network, places, rows, network.degree(edges)[0])


def _stop_walks(
    plan: Plan,
    code: str,
    network: Network,
    start: Start,
    stops: Stops,
    params: PatrolParams,
    seed: int,
    stop: Stop,
    found: Findings,
) -> None:
    """Routes from stop to stop, over those that are due in each round."""
    visits = plan.territory.places.visits_per_day
    for number in range(params.days * params.rounds):
        wanted = np.array([due(float(visits[place]), params.rounds, number) for place in stops.place], bool)
        if wanted.any():
            day, turn = divmod(number, params.rounds)
            slot = Slot(grid=code, officer=1, round=turn + 1, day=day + 1)
            chosen = Stops(place=stops.place[wanted], node=stops.node[wanted], aside_m=stops.aside_m[wanted])
            speed = params.speed_m_per_s
            route = stop_route(network, slot, start, chosen, speed_m_per_s=speed, rng_seed=seed, stop=stop)
            found.routes.append(route)


def _add_calls(
    plan: Plan, code: str, network: Network, stops: Stops, params: PatrolParams, first: int, found: Findings
) -> None:
    """Put calls on a grid's routes, each place once a round; list places that no route serves, with the reason."""
    places = plan.territory.places
    served: set[int] = set()
    missed: set[int] = set()
    done: dict[int, set[int]] = {}
    for at in range(first, len(found.routes)):
        route = found.routes[at]
        number = (route.day - 1) * params.rounds + route.round - 1
        had = done.setdefault(number, set())
        open_ = np.array([int(place) not in had for place in stops.place], bool)
        left = Stops(place=stops.place[open_], node=stops.node[open_], aside_m=stops.aside_m[open_])
        found.routes[at], closed = with_calls(route, network, places, left, number, params)
        called = {call.place for call in found.routes[at].stops}
        had |= called
        served |= called
        missed |= set(closed)
    for place in sorted(set(stops.place.tolist()) - served):
        reason = "closed" if place in missed else "not-due"
        name = str(places.name[place])
        found.unreached.append(
            Unreached(grid=code, street=str(places.code[place]), name=name, length_m=0.0, reason=reason)
        )


def _tell_of_time(
    code: str, start: Start, walks: list[Walk], slots: int, params: PatrolParams, found: Findings
) -> None:
    """Say where the walks' minutes are not enough, and for what they would be."""
    if params.minutes is None:
        return
    longest_m = max(walk.length_mm for walk in walks) / 1000 + 2 * start.access_m
    minutes = round(longest_m / params.speed_m_per_s / 60, 1)
    facts: dict[str, str | int | float] = {"minutes": params.minutes, "walks": slots, "longest_minutes": minutes}
    if minutes > params.minutes:
        found.notices.append(Notice(kind="walk-too-long", where=code, facts=facts))
    if len(walks) > slots:
        found.notices.append(Notice(kind="too-few-walks", where=code, facts=facts | {"wanted": len(walks)}))


def with_sides(plan: Plan, edges: Ints, sides: int) -> Ints:
    """The edges, each as often as it is to be walked."""
    if sides == 1:
        return edges
    streets = plan.territory.streets
    return np.repeat(edges, np.clip(streets.sides[streets.line[edges]], 1, 2))


def _unreached(plan: Plan, code: str, edge: int, reason: str) -> Unreached:
    streets = plan.territory.streets
    line = int(streets.line[edge])
    return Unreached(
        grid=code,
        street=str(streets.code[line]),
        name=str(streets.name[line]),
        length_m=int(streets.length_mm[edge]) / 1000,
        reason=reason,
    )


def _walks(
    network: Network, code: str, start: Start, walks: list[Walk], params: PatrolParams, seed: int, found: Findings
) -> None:
    """Routes of all days, rounds and officers: the walks in turn, each time by another circuit."""
    plans = [
        (Slot(grid=code, officer=officer + 1, round=turn + 1, day=day + 1), which)
        for day in range(params.days)
        for turn in range(params.rounds)
        for officer, which in enumerate(_turns(len(walks), params, day * params.rounds + turn))
    ]
    circuits = []
    for which, walk in enumerate(walks):
        count = sum(chosen == which for _, chosen in plans)
        steps, arrival = varied_circuits(network, walk, max(count, 1), tries=params.tries, rng_seed=seed + which)
        if count > 1:
            found.spread.append(spread_of(arrival))
        circuits.append(iter(steps))
    for slot, which in plans:
        route = street_route(
            network, slot, start, walks[which], next(circuits[which]), speed_m_per_s=params.speed_m_per_s
        )
        found.routes.append(route)


def _turns(walks: int, params: PatrolParams, number: int) -> list[int]:
    """Walk of each officer in one round: walks follow each other, and officers swap from round to round."""
    officers = min(params.officers, walks)
    return [(number * officers + (officer + number) % officers) % walks for officer in range(officers)]
