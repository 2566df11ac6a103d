"""Clearly different plans of one territory, with what each gains and gives up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gridgeo.core.model import Border, Plan, Progress, Stop, Territory, never, silent
from gridgeo.core.partition.before import Before, before_of, plan_before
from gridgeo.core.partition.crew import Crew
from gridgeo.core.partition.draw import PlanResult, draw_plan
from gridgeo.core.partition.params import BorderCosts, PlanParams
from gridgeo.errors import InputError

LEAST = 0.1
"""Share of households that lie in other grids in plans called clearly different."""
DEARER = (2.0, 4.0, 8.0)
"""Times by which borders of the plans at hand are priced higher where no emphasis gives another plan."""


@dataclass(frozen=True)
class TradeOffs:
    """What a plan is worth: all that planners weigh, none of it priced.

    `border_m` inner border, `radius_m` mean over the grids of the straight way from the middle to the farthest atom
    with households, `mixed` grids with households of several communities, `moved` households in other grids than
    before (None without a plan before).
    """

    grids: int
    border_m: float
    in_band: float
    compactness: float
    mixed: int
    radius_m: float
    moved: int | None


@dataclass(frozen=True)
class Alternative:
    """One of several plans: what was stressed, how far it is from the nearest of the others, and what it is worth."""

    result: PlanResult
    emphasis: str
    distance: float
    trade_offs: TradeOffs


def draw_alternatives(
    territory: Territory,
    params: PlanParams | None = None,
    *,
    count: int = 3,
    least: float = LEAST,
    previous: Plan | Before | None = None,
    locks: tuple[str, ...] = (),
    stop: Stop = never,
    rng_seed: int = 1,
    progress: Progress = silent,
    crew: Crew | None = None,
) -> tuple[Alternative, ...]:
    """Draw up to `count` plans, any two of which differ in the grids of at least a share `least` of households.

    The first is the plan as asked. The others stress round grids, borders on streets, even sizes or, in a redraw, few
    households moved; where that gives the same grids again, the borders of the plans at hand are made dearer. Cost
    and bound of each plan are those of its own prices.

    Raises
    ------
    InputError
        The number or the share makes no sense; or as `draw_plan`.
    NotFoundError, InfeasibleError
        As `draw_plan`.
    """
    if count < 1 or not 0 <= least <= 1:
        raise InputError(f"{count} alternatives, {least} apart", where="alternatives", hint="ask for 1 or more, 0 to 1")
    params = params or PlanParams()
    before = before_of(territory, previous) if isinstance(previous, Plan) else previous
    chosen: list[tuple[str, PlanResult]] = []
    for emphasis, stressed, dearer in emphases(params, redraw=before is not None):
        ground = surcharged(territory, [result.plan for _, result in chosen], dearer)
        result = draw_plan(
            ground, stressed, previous=before, locks=locks, stop=stop, rng_seed=rng_seed, progress=progress, crew=crew
        )
        result = replace(result, plan=replace(result.plan, territory=territory))
        if all(plan_distance(result.plan, other.plan) >= least for _, other in chosen):
            chosen.append((emphasis, result))
        if len(chosen) == count or stop():
            break
    old = None if before is None else plan_before(territory, before, params.households)
    return tuple(
        Alternative(result, emphasis, _apart(result, chosen), trade_offs(result.plan, old))
        for emphasis, result in chosen
    )


def emphases(params: PlanParams, *, redraw: bool) -> Iterator[tuple[str, PlanParams, float]]:
    """Parameters of each try, and the price of borders known: the plan as asked, each emphasis, then other borders."""
    costs = params.border_costs
    steep = BorderCosts(
        ground=min(2 * costs.ground, 999), community=costs.community, wall=min(2 * costs.wall, 999), path=costs.path,
        street=costs.street, main=0.5 * costs.main, bridge=costs.bridge,
    )  # fmt: skip
    yield "as-asked", params, 1.0
    yield "compact", replace(params, roundness=min(4 * params.roundness + 1, 1e5)), 1.0
    yield "streets", replace(params, border_costs=steep, roundness=params.roundness / 4), 1.0
    yield "even", replace(params, deviation=min(8 * params.deviation + 25, 1e5)), 1.0
    if redraw:
        yield "stable", replace(params, moving=min(5 * params.moving, 1e5)), 1.0
    for dearer in DEARER:
        yield "other-borders", params, dearer
        yield "other-borders", replace(params, roundness=min(4 * params.roundness + 1, 1e5)), dearer


def surcharged(territory: Territory, plans: list[Plan], dearer: float) -> Territory:
    """The territory with the borders of some plans longer by a factor, once for each plan that has them."""
    rows = territory.adjacency
    length = rows.length_m.copy()
    for plan in plans:
        length[plan.label[rows.u] != plan.label[rows.v]] *= dearer
    return territory if dearer == 1.0 else replace(territory, adjacency=replace(rows, length_m=length))


def _apart(result: PlanResult, chosen: list[tuple[str, PlanResult]]) -> float:
    return min((plan_distance(result.plan, other.plan) for _, other in chosen if other is not result), default=1.0)


def plan_distance(one: Plan, other: Plan) -> float:
    """Share of households in other grids, when grids are paired so that most stay. O(k^3) for k grids.

    Maximum-weight matching (Jonker-Volgenant, doi:10.1007/BF02278710).

    >>> from tests.instances import lattice, plan_of
    >>> town = lattice(1, 4)
    >>> plan_distance(plan_of(town, [0, 0, 1, 1]), plan_of(town, [1, 1, 1, 0]))
    0.25
    """
    from scipy.optimize import linear_sum_assignment

    households = one.territory.atoms.households
    shared = np.zeros((len(one), len(other)))
    np.add.at(shared, (one.label, other.label), households)
    kept = shared[linear_sum_assignment(shared, maximize=True)].sum()
    return 1 - float(kept) / max(int(households.sum()), 1)


def trade_offs(plan: Plan, before: Plan | None = None) -> TradeOffs:
    """What a plan is worth, and how many households it moves from the plan before."""
    atoms, rows = plan.territory.atoms, plan.territory.adjacency
    apart = (plan.label[rows.u] != plan.label[rows.v]) & (rows.border != Border.BRIDGE)
    lived = atoms.households > 0
    pairs = np.unique(np.stack([plan.label[lived], atoms.community[lived]]), axis=1)
    moved = None if before is None else round(plan_distance(before, plan) * int(atoms.households.sum()))
    return TradeOffs(
        grids=len(plan),
        border_m=float(rows.length_m[apart].sum()),
        in_band=float(plan.in_band.mean()),
        compactness=float(plan.compactness.mean()),
        mixed=int((np.bincount(pairs[0], minlength=len(plan)) > 1).sum()),
        radius_m=float(radii(plan).mean()),
        moved=moved,
    )


def radii(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Straight metres from the middle of the households of each grid (k,) to its farthest atom with households."""
    atoms, k = plan.territory.atoms, len(plan)
    weight = np.where(plan.households[plan.label] > 0, atoms.households, atoms.area_m2)
    total = np.bincount(plan.label, weight, k)
    middle = np.stack([np.bincount(plan.label, weight * atoms.centroid[:, q], k) for q in (0, 1)], 1) / total[:, None]
    away = np.where(weight > 0, np.hypot(*(atoms.centroid - middle[plan.label]).T), 0.0)
    out = np.zeros(k)
    np.maximum.at(out, plan.label, away)
    return out
