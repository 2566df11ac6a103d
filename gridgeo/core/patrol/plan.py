"""Patrols of a whole plan: grid by grid, so that one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np

from gridgeo.core.model import Floats, Kind, Notice, Objects, Plan, Progress, Stop, never, silent
from gridgeo.core.patrol.demand import Demand, demand_of
from gridgeo.core.patrol.grid import plan_grid
from gridgeo.core.patrol.hours import hours_of
from gridgeo.core.patrol.model import PatrolResult, Route
from gridgeo.core.patrol.pace import Pace, pace_of, too_steep
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.routes import validate_route
from gridgeo.core.patrol.task import Findings, Networks, Task
from gridgeo.errors import GridgeoError

SHIFT_S = 4 * 3600  # what an officer can be asked to walk in one go


def plan_patrols(
    plan: Plan,
    params: PatrolParams | None = None,
    *,
    grids: Sequence[str] | None = None,
    last: Mapping[str, Objects] | None = None,
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
    last
        Walks walked before, LineStrings in walking order by code of the grid: the new walks over streets set their
        arrival times apart from them too, and the spread counts them. None: none are known.
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
    networks, hours = Networks(plan.territory.streets), hours_of(plan.territory)
    paces = {kind: _pace(plan, params, kind) for kind in Kind}
    demand = demand_of(plan, border=params.border)
    found = Findings()
    found.notices += _steep(plan)
    for done, row in enumerate(rows):
        progress("patrol", done / len(rows))
        code = str(plan.grids.code[row])
        if stop():
            found.notices += [Notice(kind="grid-not-planned", where=str(plan.grids.code[r])) for r in rows[done:]]
            break
        task = Task(
            plan=plan, row=row, code=code, network=networks.without(frozenset()), params=params,
            seed=_seed(code, rng_seed), stop=stop, last=None if last is None else last.get(code),
            pace=paces[Kind(int(plan.grids.kind[row]))], hours=hours, networks=networks,
        )  # fmt: skip
        _plan_or_tell(task, demand, found)
    progress("patrol", 1.0)
    idle = int((plan.territory.places.visits_per_day <= 0).sum())
    if params.mode != "streets" and idle:
        found.notices.append(Notice(kind="places-without-visits", facts={"places": idle}))
    found.notices += _beyond_a_shift(found.routes, params)
    return PatrolResult(
        routes=tuple(found.routes),
        unreached=tuple(found.unreached),
        notices=found.told(),
        params=params,
        rng_seed=rng_seed,
        spread=_median(found.spread),
        spread_most=_median(found.spread_most),
        longest=tuple(found.longest),
    )


def _median(parts: Sequence[Floats]) -> float | None:
    values = np.concatenate([np.zeros(0), *parts])
    return float(np.median(values)) if len(values) else None


def _beyond_a_shift(routes: Sequence[Route], params: PatrolParams) -> list[Notice]:
    """Name the grids with walks nobody can walk in one go, where no minutes were asked for."""
    lasts = [(route.walk_s + route.service_s, route.grid) for route in routes]
    grids = list(dict.fromkeys(grid for seconds, grid in lasts if seconds > SHIFT_S))
    if params.minutes is not None or not grids:
        return []
    hours: dict[str, str | int | float] = {"hours": SHIFT_S // 3600, "longest_hours": round(max(lasts)[0] / 3600, 1)}
    return [Notice(kind="walks-beyond-a-shift", facts=hours | {"grids": len(grids), "codes": ", ".join(grids)})]


def _steep(plan: Plan) -> list[Notice]:
    """Say which streets are too steep to be walked as streets."""
    streets = plan.territory.streets
    steep = np.flatnonzero(too_steep(streets))
    if len(steep) == 0:
        return []
    top = float(np.abs(streets.slope[steep]).max())
    facts: dict[str, str | int | float] = {"streets": len(steep), "percent": float(f"{top:.4g}")}
    return [Notice(kind="slopes-too-steep", facts=facts)]


def _pace(plan: Plan, params: PatrolParams, kind: Kind) -> Pace:
    return pace_of(plan.territory.streets, params.speed_in(kind), params.steps_speed_m_per_s, params.crossings)


def _plan_or_tell(task: Task, demand: Demand, found: Findings) -> None:
    """Plan one grid and walk its routes again; where that fails, its routes are dropped and a notice says why."""
    first = len(found.routes)
    try:
        plan_grid(task, demand, found)
        for route in found.routes[first:]:
            validate_route(task.plan.territory.streets, route)
    except (GridgeoError, ArithmeticError, LookupError, ValueError) as error:
        del found.routes[first:]
        told = str(error) or type(error).__name__
        found.notices.append(Notice(kind="patrol-failed", where=task.code, facts={"error": told}))


def _seed(code: str, rng_seed: int) -> int:
    """Random stream of a grid: its own, whatever grids are planned beside it."""
    return crc32(f"{code}/{rng_seed}".encode()) & 0x7FFFFFFF
