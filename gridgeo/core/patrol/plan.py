"""Patrols of a whole plan: grid by grid, so that one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np

from gridgeo.core.model import Floats, Kind, Notice, Objects, Plan, Progress, Stop, never, silent
from gridgeo.core.patrol.demand import Demand, demand_of
from gridgeo.core.patrol.grid import plan_grid
from gridgeo.core.patrol.hours import hours_of
from gridgeo.core.patrol.model import PatrolResult, Route, Unreached
from gridgeo.core.patrol.pace import Pace, pace_of, too_steep
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.passing import street_missed
from gridgeo.core.patrol.routes import validate_route
from gridgeo.core.patrol.stops import places_of
from gridgeo.core.patrol.task import Findings, Networks, Task
from gridgeo.errors import GridgeoError

SHIFT_S = 4 * 3600  # what an officer can be asked to walk in one go


class BrokenGrids(ExceptionGroup[Exception]):
    """Failures nobody foresaw, each noting its grid; `result` holds the walks of all other grids."""

    def __new__(cls, result: PatrolResult, errors: Sequence[Exception]) -> BrokenGrids:
        """The group; `errors` are not empty."""
        made = super().__new__(cls, "walks of some grids could not be planned", errors)
        made.result = result
        return made

    result: PatrolResult


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
    BrokenGrids
        Planning some grids failed for reasons nobody foresaw; it holds the walks of all others. A grid that fails for
        a reason a planner can act on is told in a notice, its streets are unreached as `failed`.
    """
    params = params or PatrolParams()
    rows = range(len(plan)) if grids is None else [plan.grids.row(code) for code in grids]
    networks, hours = Networks(plan.territory.streets), hours_of(plan.territory)
    paces = {kind: _pace(plan, params, kind) for kind in Kind}
    demand = demand_of(plan, border=params.border)
    found = Findings()
    found.notices += _steep(plan)
    broken: list[Exception] = []
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
        error = _plan_or_tell(task, demand, found)
        if error is not None:
            error.add_note(f"while the walks of grid {code} were planned")
            broken.append(error)
    progress("patrol", 1.0)
    idle = int((plan.territory.places.visits_per_day <= 0).sum())
    if params.mode != "streets" and idle:
        found.notices.append(Notice(kind="places-without-visits", facts={"places": idle}))
    found.notices += _beyond_a_shift(found.routes, params)
    result = PatrolResult(
        routes=tuple(found.routes),
        unreached=tuple(found.unreached),
        notices=found.told(),
        params=params,
        rng_seed=rng_seed,
        spread=_median(found.spread),
        spread_most=_median(found.spread_most),
        longest=tuple(found.longest),
    )
    if broken:
        raise BrokenGrids(result, broken)
    return result


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


def _plan_or_tell(task: Task, demand: Demand, found: Findings) -> Exception | None:
    """Plan one grid and walk its routes again; where that fails, its streets are unreached and a notice says why.

    What nobody foresaw is answered, for the caller to raise when the other grids are planned.
    """
    trial = Findings()
    try:
        plan_grid(task, demand, trial)
        for route in trial.routes:
            validate_route(task.plan.territory.streets, route)
    except Exception as error:
        kind, told = "patrol-broken", type(error).__name__
        if isinstance(error, GridgeoError):
            kind, told = "patrol-failed", error.message
        found.notices.append(Notice(kind=kind, where=task.code, facts={"error": told}))
        found.unreached += _whole_duty(task, demand)
        return None if isinstance(error, GridgeoError) else error
    found.add(trial)
    return None


def _whole_duty(task: Task, demand: Demand) -> list[Unreached]:
    """All streets and places of a grid, unreached as planning failed."""
    out: list[Unreached] = []
    if task.params.mode != "stops":
        out += [street_missed(task, edge, "failed") for edge in demand.of(task.row).tolist()]
    if task.params.mode != "streets":
        places = task.plan.territory.places
        rows = np.flatnonzero((places_of(task.plan) == task.row) & (places.visits_per_day > 0))
        out += [
            Unreached(
                grid=task.code, street=str(places.code[k]), name=str(places.name[k]), length_m=0.0, reason="failed"
            )
            for k in rows.tolist()
        ]
    return out


def _seed(code: str, rng_seed: int) -> int:
    """Random stream of a grid: its own, whatever grids are planned beside it."""
    return crc32(f"{code}/{rng_seed}".encode()) & 0x7FFFFFFF
