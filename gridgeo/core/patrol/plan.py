"""Patrols of a whole plan: grid by grid, so that one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from gridgeo.core.model import Floats, Ints, Notice, Plan, Progress, Stop, never, silent
from gridgeo.core.patrol.circuits import spread_of, varied_circuits
from gridgeo.core.patrol.demand import Demand, Start, demand_of, start_of
from gridgeo.core.patrol.model import PatrolResult, Route, Unreached
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.officers import walks_within
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.postman import Walk, shortest_walk
from gridgeo.core.patrol.routes import Slot, street_route
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
    required = with_sides(plan, edges[here], params.sides)
    walk = shortest_walk(network, required, start.node, searches=params.searches, rng_seed=seed, stop=stop)
    slots = params.days * params.rounds * params.officers
    limit = (params.minutes or np.inf) * 60_000 * params.speed_m_per_s - 2000 * start.access_m
    walks = walks_within(
        network, walk, params.officers, max(limit, 1.0),
        most=slots, searches=params.searches, rng_seed=seed, stop=stop,
    )  # fmt: skip
    found.unreached += [_unreached(plan, code, int(e), "time-budget") for w in walks[slots:] for e in w.required]
    _tell_of_time(code, start, walks, slots, params, found)
    _walks(network, code, start, walks[:slots], params, seed, found)


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
