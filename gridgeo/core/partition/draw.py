"""Atoms to plan: carve, nest, draw each zone, join where no plan exists, name the grids, and say what cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Drawn, Kind, Notice, Plan, Progress, Stop, Territory, never, silent
from gridgeo.core.partition.before import Before, before_of, successors
from gridgeo.core.partition.borders import border_stats
from gridgeo.core.partition.borrow import keep_best
from gridgeo.core.partition.carve import Region, carve, pieces
from gridgeo.core.partition.codes import grids_of
from gridgeo.core.partition.crew import Alone, Crew
from gridgeo.core.partition.drawing import Drawing, forget, home_of, keep, task_of, zone_words
from gridgeo.core.partition.nest import Zones, community_parts
from gridgeo.core.partition.params import PlanParams, share_count
from gridgeo.core.partition.redraw import redraw_zone
from gridgeo.core.partition.report import (
    Infeasible,
    OutOfBand,
    cause_notice,
    ended_notices,
    follow_notices,
    join_notices,
    judge,
)
from gridgeo.core.partition.stream import stream_of
from gridgeo.core.partition.units import ground_of
from gridgeo.core.partition.vacant import empty_notices, kept_notices
from gridgeo.core.partition.wide import hire
from gridgeo.core.partition.zone import SHARES, sketch_zone

Numbers = NDArray[np.int64]

HASTY_SHARES = SHARES[:2]
"""Starts of a sketch when drawing is to be quick."""


@dataclass(frozen=True)
class PlanResult:
    """A plan with what is known of it.

    `cost` is the price of the plan inside its zones, in meters of street border; no plan of the same zones costs less
    than `bound` (borders between zones, carved grids and the choice of zones are taken as given). `optimality_gap`
    is (cost - bound) / cost. `proven` is the share of households in zones whose plan is proven best.
    """

    plan: Plan
    cost: float
    bound: float
    optimality_gap: float
    zones: int
    proven: float
    stats: Mapping[str, float | int]
    out_of_band: tuple[OutOfBand, ...]
    infeasible: tuple[Infeasible, ...]
    rng_seed: int


def draw_plan(
    territory: Territory,
    params: PlanParams | None = None,
    *,
    previous: Plan | Before | None = None,
    locks: tuple[str, ...] = (),
    stop: Stop = never,
    rng_seed: int = 1,
    progress: Progress = silent,
    crew: Crew | None = None,
) -> PlanResult:
    """Divide a territory into grids, anew or with the least change of a previous division.

    Parameters
    ----------
    territory
        What to divide.
    params
        Rules and prices; None takes the defaults.
    previous
        The plan in force: only what breaks the rules is redrawn, moving few households; codes live on.
    locks
        Codes of its grids that stay exactly as they are.
    stop
        Asked between steps; once True the best plan so far is completed and returned.
    rng_seed
        Same territory, params and seed give the same plan.
    progress
        Told the stage and the share of households drawn.
    crew
        Who does the work; None is this process alone. The plan is the same either way.

    Returns
    -------
    PlanResult
        A complete plan: every atom has a grid, every grid is in one piece.

    Raises
    ------
    InputError
        The territory has no atoms.
    NotFoundError
        No previous grid has a locked code.
    InfeasibleError
        A demanded number of grids that arithmetic rules out.

    Notes
    -----
    Random spanning trees with exact pricing of every cut, as in recombination sampling (DeFord, Duchin, Solomon 2021,
    doi:10.1162/99608f92.eb30390f), then set partitioning over every grid seen.
    """
    params = params or PlanParams()
    before = before_of(territory, previous) if isinstance(previous, Plan) else previous
    locked = {} if before is None else {row: Kind(int(before.kind[row])) for row in before.rows(locks)}
    ground = ground_of(territory, params, None if before is None else before.label)
    carving = carve(ground, params, locked)
    drawing = Drawing(
        territory, ground, params, rng_seed, stop, progress, carving, crew or Alone(stop), carving.label.copy(), before
    )
    drawing.grid_kind = list(carving.kinds)
    drawing.reason = dict.fromkeys(range(len(locked)), "grid-locked")
    progress("draw", 0.0)
    for region, count in zip(carving.regions, demanded(drawing), strict=True):
        if before is None:
            draw_region(drawing, region, count)
        else:
            drawing = redraw_region(drawing, region, count)
    attach_followers(drawing)
    progress("draw", 1.0)
    return result_of(drawing)


def demanded(drawing: Drawing) -> list[int]:
    """Grids each region must have, 0 where the number is free."""
    params, regions = drawing.params, drawing.carving.regions
    if params.count is None:
        return [0] * len(regions)
    totals = [int(drawing.ground.households[region.rows].sum()) for region in regions]
    settled = len(drawing.carving.kinds)
    return share_count(params.count - settled, totals, params.households, settled)


def draw_region(drawing: Drawing, region: Region, count: int) -> None:
    """Draw a connected region: zone by zone where communities nest, as one zone otherwise."""
    ground, params = drawing.ground, drawing.params
    nested = params.nest and region.fits and region.kind == Kind.URBAN
    parts, hosts = community_parts(ground, region) if nested else ([region.rows], {})
    for unit, host in hosts.items():
        drawing.carving.host[unit] = host
    drawing.followed += sorted(hosts.items())
    zones = Zones(ground, parts, params.households, ground.link)
    if nested:
        zones.join_unfit(lambda rows: sketch(drawing, region, rows))
    waiting = sorted(zones.parts)
    counts = dict.fromkeys(waiting, 0)
    if count:
        totals = [zones.households(zone) for zone in waiting]
        shares = share_count(count, totals, params.households, (params.count or 0) - count)
        counts = dict(zip(waiting, shares, strict=True))
    work = {zone: hire(task_of(drawing, region, zones.parts[zone], counts[zone]), drawing.crew) for zone in waiting}
    while waiting:
        zone = waiting.pop(0)
        plan = work[zone]()
        if plan.broken and len(zones.parts) > 1 and not count and not drawing.stop():
            reason = "proof" if plan.status == "none" else "search"
            joined = zones.join(zone, reason, lambda rows: sketch(drawing, region, rows))
            if joined is not None:
                forget(drawing, zones.parts[joined])
                work[joined] = hire(task_of(drawing, region, zones.parts[joined], 0), drawing.crew)
                waiting = sorted({joined, *waiting} & set(zones.parts))
                continue
        keep_best(drawing, region, zones.parts[zone], plan)
    drawing.joins += zones.joins


def redraw_region(drawing: Drawing, region: Region, count: int) -> Drawing:
    """Mend the old division of a region; where grids stay broken and drawing anew leaves fewer, that is taken."""
    ground, rows = drawing.ground, region.rows
    inside = np.zeros(len(ground), bool)
    inside[rows] = True
    label = np.empty(len(ground), np.int64)
    for number, piece in enumerate(pieces(ground, inside, ground.old, ground.link)):
        label[piece] = number
    units = ground.graph(rows, home_of(drawing, rows))
    stream = stream_of(drawing.rng_seed, *zone_words(drawing, rows), "redraw")
    rule = region.rule._replace(moving=drawing.params.moving)
    plan = redraw_zone(units, rule, label[rows], stream, stop=drawing.stop)
    if plan.broken and region.fits and not drawing.stop():
        anew = drawing.copy()
        draw_region(anew, region, count)
        if sum(zone.broken for _, zone in anew.plans[len(drawing.plans) :]) < plan.broken:
            return anew
    keep(drawing, region, rows, plan)
    return drawing


def sketch(drawing: Drawing, region: Region, rows: Numbers) -> tuple[int, int, float]:
    """Quick plan of some units, to compare joins; once stopped joins are not compared."""
    if drawing.stop():
        return 0, 0, 0.0
    units = drawing.ground.graph(rows, home_of(drawing, rows))
    shares = HASTY_SHARES if drawing.params.effort == "quick" else SHARES
    return sketch_zone(units, region.rule, stream_of(drawing.rng_seed, *zone_words(drawing, rows)), shares)


def attach_followers(drawing: Drawing) -> None:
    """Give each unit that follows another the grid of its host."""
    host, label = drawing.carving.host, drawing.label
    while True:
        waiting = np.flatnonzero((label < 0) & (host >= 0))
        ready = waiting[label[host[waiting]] >= 0]
        if not len(ready):
            return
        label[ready] = label[host[ready]]


def inherited(drawing: Drawing, label: Numbers) -> tuple[dict[int, tuple[str, str]], frozenset[str]]:
    """Code and name of the grids that succeed an old one, and all codes ever used."""
    before, atoms = drawing.before, drawing.territory.atoms
    if before is None:
        return {}, frozenset()
    heirs = successors(before, label, atoms.households, atoms.area_m2)
    given = {new: (str(before.code[old]), str(before.name[old])) for new, old in heirs.items()}
    return given, before.retired | {str(code) for code in before.code}


def result_of(drawing: Drawing) -> PlanResult:
    """Name the grids, judge them, and add up price and bound."""
    territory, ground, params = drawing.territory, drawing.ground, drawing.params
    used, label = np.unique(drawing.label[ground.unit], return_inverse=True)
    kinds = np.array([int(drawing.grid_kind[g]) for g in used], np.int8)
    reasons = {new: drawing.reason[old] for new, old in enumerate(used.tolist()) if old in drawing.reason}
    given, taken = inherited(drawing, label)
    grids, rows = grids_of(territory, label, kinds, reasons, given, taken)
    plan = Plan(territory=territory, label=rows, grids=grids, band=params.households)
    out, notices = judge(plan, reasons)
    if params.count is not None and len(grids) != params.count:
        facts: dict[str, str | int | float] = {"asked": params.count, "grids": len(grids)}
        notices = (*notices, Notice(kind="count-missed", where=territory.name, facts=facts))
    notices = (
        *territory.notices,
        *ground.notices,
        *join_notices(territory, ground, drawing.joins, params.households),
        *follow_notices(territory, ground, drawing.followed),
        *ended_notices(taken, grids),
        *empty_notices(plan, params.empty_land_ha),
        *kept_notices(plan, ground, drawing.carving.empty_kept),
        *(cause_notice(case.cause, *params.households) for case in drawing.infeasible if case.cause is not None),
        *notices,
    )
    cost = fsum(p.cost for _, p in drawing.plans)
    bound = fsum(min(p.bound, p.cost) for _, p in drawing.plans)
    total = sum(h for h, _ in drawing.plans)
    proven = sum(h for h, p in drawing.plans if p.status == "optimal")
    stats: Mapping[str, float | int] = {
        "grids": len(grids), "units": len(ground), "zones": len(drawing.plans), "joins": len(drawing.joins),
        "proven_zones": sum(p.status == "optimal" for _, p in drawing.plans),
        "starts": sum(p.starts for _, p in drawing.plans), **border_stats(plan),
    }  # fmt: skip
    gap = (cost - bound) / cost if cost > 0 else 0.0
    drawn = Drawn(params=params, rng_seed=drawing.rng_seed, bound=bound, optimality_gap=gap, stats=stats)
    plan = replace(plan, notices=notices, drawn=drawn)
    return PlanResult(
        plan, cost, bound, gap, len(drawing.plans), proven / total if total else 1.0, stats, out,
        tuple(drawing.infeasible), drawing.rng_seed,
    )  # fmt: skip
