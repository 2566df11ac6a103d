"""The hall: one function per use case; the only place where the core meets a port.

Verbs take a territory or a plan and give back the core's own results. `keep_…` functions put a result into a store.
The core is imported inside the functions, so that asking for one verb does not load the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gridgeo.core.model import Floats, Ints, Objects, Plan, Progress, Stop, Territory, never, silent
from gridgeo.errors import InputError
from gridgeo.ports import Store
from gridgeo.service.handing import Handover, HandoverParams, hand_over
from gridgeo.service.planning import (
    alternatives,
    draw,
    edit,
    edit_desk,
    merge_plans,
    oversize_ways,
    plan_diff,
    recode,
    redraw_changes,
    ways_out,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from gridgeo.core.coverage import Comparison, CoverageReport, Recheck, Repair, RepairParams
    from gridgeo.core.dispatch import (
        AlarmDesk,
        AlarmParams,
        AssignmentResult,
        AssignParams,
        CardRules,
        Footing,
        FootingChange,
        Isochrone,
        PairingResult,
        ReachParams,
        ReachResult,
        SiteParams,
        SiteResult,
        TenParams,
        TenResult,
        UnitCard,
        UnitRecord,
    )
    from gridgeo.core.patrol import PatrolParams, PatrolResult
    from gridgeo.core.territory import Diagnosis
    from gridgeo.io.levels import Level
    from gridgeo.io.read import Cover

__all__ = [
    "Handover",
    "HandoverParams",
    "alarm_desk",
    "alternatives",
    "assign",
    "cards",
    "check",
    "check_cover",
    "check_level",
    "compare",
    "compare_footings",
    "compare_plans",
    "diagnose",
    "draw",
    "edit",
    "edit_desk",
    "hand_over",
    "isochrones",
    "keep_assignment",
    "keep_routes",
    "locate",
    "merge_plans",
    "on_footing",
    "oversize_ways",
    "pair",
    "patrol",
    "plan_diff",
    "reach",
    "recheck",
    "recode",
    "redraw_changes",
    "repair_cover",
    "sites",
    "tens",
    "ways_out",
]


def diagnose(territory: Territory, band: tuple[int, int] = (300, 500)) -> Diagnosis:
    """What keeps a territory from a good plan: giants, missing counts, pieces, totals no grids fit."""
    from gridgeo.core.territory import diagnose as look_over

    return look_over(territory, band=band)


def check(plan: Plan) -> CoverageReport:
    """Prove that a plan covers its boundary exactly once, or list what is wrong."""
    from gridgeo.core.coverage import check_coverage

    return check_coverage(plan)


def check_cover(
    cover: Cover,
    *,
    band: tuple[int, int] | None = None,
    allowed: frozenset[str] = frozenset(),
    drift_m: float = 1e-6,
    homes: tuple[Floats, Ints] | None = None,
    progress: Progress = silent,
) -> CoverageReport:
    """Prove that the polygons of any file cover their boundary, or list what is wrong.

    Layers in longitude and latitude are proved in their own coordinates and measured on the ellipsoid. A size band
    binds urban grids whose households are known. `allowed` findings (by id) are set aside. `homes`: places (h, 2) and
    households (h,), counted inside faults.

    Raises
    ------
    SchemaError
        A size band is asked for, and some households are no counts.
    """
    from gridgeo.core.coverage import CoverageParams, check_polygons
    from gridgeo.io.geodesy import measures

    if band is not None:
        cover.require_counts()
    counted = None if band is None else _counted(cover)
    return check_polygons(
        cover.geometry,
        cover.boundary,
        codes=cover.code,
        households=counted,
        sized=None if cover.households is None else cover.urban & np.isfinite(cover.households),
        homes=homes,
        params=CoverageParams(band=band, allowed=allowed, drift_m=drift_m, **measures(cover.crs, cover.geometry)),
        progress=progress,
    )


def _counted(cover: Cover, unknown: int = 0) -> Ints | None:
    if cover.households is None:
        return None
    return np.nan_to_num(cover.households, nan=unknown).astype(np.int64)


def check_level(cover: Cover, level: Level, *, drift_m: float = 1e-6) -> tuple[tuple[str, CoverageReport], ...]:
    """Parents of a level that their children do not tile edge for edge, each with what is wrong there.

    A vertex of one on a straight edge of another is no fault.
    """
    from gridgeo.core.coverage import CoverageParams, check_nesting
    from gridgeo.io.geodesy import measures
    from gridgeo.io.levels import arranged

    parents, children = arranged(level, cover)
    return check_nesting(
        children,
        level.parent,
        parents,
        codes=cover.code,
        names=level.code,
        params=CoverageParams(drift_m=drift_m, **measures(cover.crs, cover.geometry)),
    )


def recheck(told: Mapping[str, Any], report: CoverageReport) -> Recheck:
    """Whether a certificate says what a check proves today, and where not."""
    from gridgeo.core.coverage import rechecked

    return rechecked(told, report.certificate)


def repair_cover(
    cover: Cover,
    params: RepairParams | None = None,
    *,
    homes: tuple[Floats, Ints] | None = None,
    stop: Stop = never,
) -> Repair:
    """Propose an edit for every fault of the polygons of any file, carry out those allowed, and prove the result.

    Communities are those of the column `community`, where there is one.

    Raises
    ------
    InputError
        Codes repeat, or a locked grid is not there.
    SchemaError
        A size band is asked for, and some households are no counts.
    """
    from gridgeo.core.coverage import RepairParams, repair_polygons
    from gridgeo.io.geodesy import measures
    from gridgeo.io.values import as_text

    params = params or RepairParams()
    cover.require_codes(params.locked)
    if params.coverage.band is not None:
        cover.require_counts()
    params = replace(params, coverage=replace(params.coverage, **measures(cover.crs, cover.geometry)))
    return repair_polygons(
        cover.geometry,
        cover.boundary,
        codes=cover.code,
        households=_counted(cover, unknown=-1),
        sized=cover.urban,
        homes=homes,
        community=as_text(cover.columns["community"]) if "community" in cover.columns else None,
        params=params,
        stop=stop,
    )


def compare(before: Cover, after: Cover, *, homes: tuple[Floats, Ints] | None = None) -> Comparison:
    """What changed between two divisions of the same ground, as plain polygons.

    `homes`: places (h, 2) and households (h,) that tell how many moved.

    Raises
    ------
    InputError
        The two are in different CRSs.
    """
    from gridgeo.core.coverage import compare_polygons
    from gridgeo.io.geodesy import measures

    if before.crs != after.crs:
        raise InputError(f"the first is in {before.crs[:40]}, the second in {after.crs[:40]}", where="compare")
    area_of = measures(after.crs, after.geometry).get("area_of")
    return compare_polygons(before.geometry, after.geometry, before.code, after.code, homes=homes, area_of=area_of)


def compare_plans(before: Plan, after: Plan) -> Comparison:
    """What changed between two plans: households and ground moved, grids split, merged and kept."""
    from gridgeo.core.coverage import compare_plans as compare_them

    return compare_them(before, after)


def reach(territory: Territory, params: ReachParams | None = None) -> ReachResult:
    """Households and places within walking times of the nearest station or place."""
    from gridgeo.core.dispatch import ReachParams
    from gridgeo.core.dispatch import reach as reach_it

    return reach_it(territory, params or ReachParams())


def sites(territory: Territory, params: SiteParams) -> SiteResult:
    """Where new stations would bring most households within reach, with a proven bound."""
    from gridgeo.core.dispatch import propose_sites

    return propose_sites(territory, params)


def patrol(
    plan: Plan,
    params: PatrolParams | None = None,
    *,
    grids: tuple[str, ...] | None = None,
    last: Mapping[str, Objects] | None = None,
    stop: Stop = never,
    rng_seed: int = 1,
    progress: Progress = silent,
) -> PatrolResult:
    """Walking routes through every walkable street of every grid, or of some by code; unlike those walked last."""
    from gridgeo.core.patrol import PatrolParams, plan_patrols

    params = params or PatrolParams()
    return plan_patrols(plan, params, grids=grids, last=last, stop=stop, rng_seed=rng_seed, progress=progress)


def assign(
    territory: Territory, params: AssignParams | None = None, *, stop: Stop = never, progress: Progress = silent
) -> AssignmentResult:
    """Teams of responders for every emergency unit, by walking time."""
    from gridgeo.core.dispatch import AssignParams, assign_units

    return assign_units(territory, params or AssignParams(), stop=stop, progress=progress)


def on_footing(territory: Territory, footing: Footing) -> Territory:
    """The territory with the roster and units of a footing.

    Raises
    ------
    SchemaError
        The footing names codes the territory does not have; all are listed.
    """
    from gridgeo.core.dispatch import on_footing as put_on

    return put_on(territory, footing)


def compare_footings(
    territory: Territory, before: Footing, after: Footing, *, stop: Stop = never, progress: Progress = silent
) -> FootingChange:
    """Man the units on two footings and tell what changes for each.

    Raises
    ------
    SchemaError
        A footing names codes the territory does not have; all are listed.
    """
    from gridgeo.core.dispatch import compare_footings as compare_them

    return compare_them(territory, before, after, stop=stop, progress=progress)


def cards(
    territory: Territory, result: AssignmentResult, records: Mapping[str, UnitRecord], rules: CardRules, today: date
) -> tuple[UnitCard, ...]:
    """A checklist for every emergency unit: team, equipment, plan, drills, and what is open."""
    from gridgeo.core.dispatch import unit_cards

    return unit_cards(territory, result, records, rules, today)


def isochrones(territory: Territory, params: ReachParams) -> tuple[Isochrone, ...]:
    """Stretches of street within each limit of the nearest service point."""
    from gridgeo.core.dispatch import isochrones as draw_them

    return draw_them(territory, params)


def tens(plan: Plan, params: TenParams | None = None, *, stop: Stop = never) -> TenResult:
    """Households of every grid in groups of about ten neighbors; stopped early, of the grids done until then."""
    from gridgeo.core.dispatch import ten_household_units

    return ten_household_units(plan, params, stop=stop)


def pair(
    givers: Mapping[str, int], takers: Mapping[str, int], costs: Mapping[tuple[str, str], int] | None = None
) -> PairingResult:
    """Departments with communities: as many pairs as can be, then the least total cost.

    Raises
    ------
    InputError
        A number is negative, or a pair names somebody unknown; all of these are listed.
    """
    from gridgeo.core.dispatch import pair_up

    return pair_up(givers, takers, costs)


def alarm_desk(territory: Territory, params: AlarmParams | None = None) -> AlarmDesk:
    """A territory made ready for alarms: `answer(xy, k=...)` names the nearest responders and units."""
    from gridgeo.core.dispatch import AlarmDesk

    return AlarmDesk(territory, params)


def locate(plan: Plan, xy: Floats) -> Objects:
    """Code of the grid at each point (n, 2) of projected metres; "" outside, the lowest code on a shared border."""
    from gridgeo.core.locate import Locator

    return Locator(plan).codes(xy)


def keep_routes(store: Store, result: PatrolResult) -> None:
    """Keep patrol routes of the published plan."""
    from gridgeo.core.tables import route_table

    store.save_routes(route_table(result.routes))


def keep_assignment(store: Store, result: AssignmentResult) -> None:
    """Keep an assignment of responders to emergency units."""
    from gridgeo.core.tables import assignment_table

    store.save_assignments(assignment_table(result.assignments))
