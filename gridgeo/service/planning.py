"""The hall, planning: drawing plans and changing them by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gridgeo.core.model import Plan, Progress, Stop, Territory, never, silent
from gridgeo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from gridgeo.core.coverage import Comparison
    from gridgeo.core.edit import Edit, EditDesk, EditParams, Merged, Outcome
    from gridgeo.core.model import CodeScheme
    from gridgeo.core.partition import Before, Infeasible, OutOfBand, PlanParams, PlanResult
    from gridgeo.core.partition.alternatives import Alternative
    from gridgeo.core.partition.ways_out import WayOut
    from gridgeo.io.read import Cover


def draw(
    territory: Territory,
    params: PlanParams | None = None,
    *,
    previous: Plan | Cover | None = None,
    locks: tuple[str, ...] = (),
    stop: Stop = never,
    rng_seed: int = 1,
    progress: Progress = silent,
    workers: int = 1,
    engine: str = "local",
) -> PlanResult:
    """Divide a territory into grids, anew or with the least change of a previous plan or of plain polygons.

    `workers` processes of `engine` (see open_engine) share the work; the plan is the same with any of them.

    Raises
    ------
    InputError
        The previous division is in another CRS.
    NotFoundError
        A locked code is not in the previous division.
    InfeasibleError
        The rules cannot be kept, with the arithmetic.
    BackendError
        The engine cannot be reached, or loses its workers.
    """
    from gridgeo.core.partition import PlanParams, draw_plan
    from gridgeo.engine import open_engine

    before = None if previous is None else _before(territory, previous)
    with open_engine(engine, workers, stop) as crew:
        return draw_plan(
            territory, params or PlanParams(), previous=before, locks=locks, stop=stop, rng_seed=rng_seed,
            progress=progress, crew=crew,
        )  # fmt: skip


def _before(territory: Territory, previous: Plan | Cover) -> Before:
    """A previous plan or plain polygons on the atoms of a territory."""
    from gridgeo.core.partition import before_from, before_of

    crs = previous.territory.crs if isinstance(previous, Plan) else previous.crs
    if crs != territory.crs:
        raise InputError(f"the previous grids are in {crs[:40]}, the territory in {territory.crs[:40]}", where="from")
    if isinstance(previous, Plan):
        return before_of(territory, previous)
    return before_from(territory, previous.code, previous.geometry)


def alternatives(
    territory: Territory,
    params: PlanParams | None = None,
    *,
    count: int = 3,
    previous: Plan | Cover | None = None,
    locks: tuple[str, ...] = (),
    stop: Stop = never,
    rng_seed: int = 1,
    progress: Progress = silent,
    workers: int = 1,
    engine: str = "local",
) -> tuple[Alternative, ...]:
    """Up to `count` clearly different plans with what each gains and gives up; the first is the plan as asked.

    `workers` processes of `engine` (see open_engine) share the work; the plans are the same with any of them.

    Raises
    ------
    InputError, NotFoundError, InfeasibleError, BackendError
        As `draw`.
    """
    from gridgeo.core.partition.alternatives import draw_alternatives
    from gridgeo.engine import open_engine

    before = None if previous is None else _before(territory, previous)
    with open_engine(engine, workers, stop) as crew:
        return draw_alternatives(
            territory, params, count=count, previous=before, locks=locks, stop=stop, rng_seed=rng_seed,
            progress=progress, crew=crew,
        )  # fmt: skip


def recode(result: PlanResult, codes: CodeScheme, kept: Collection[str] = ()) -> PlanResult:
    """A drawn plan with codes of a scheme; those `kept` from the plan before stay.

    Raises
    ------
    InputError
        The codes of communities do not fit the scheme.
    InfeasibleError
        A community has more grids than the scheme counts.
    """
    from gridgeo.core.partition.codes import recoded

    plan, new = recoded(result.plan, codes, kept)
    return replace(result, plan=plan, out_of_band=tuple(replace(m, code=new[m.code]) for m in result.out_of_band))


def ways_out(
    result: PlanResult,
    case: Infeasible,
    locks: Collection[str] = (),
    *,
    params: PlanParams | None = None,
    stop: Stop = never,
) -> tuple[WayOut, ...]:
    """Ways out of one infeasible case of a plan drawn with `params`: those known to do first, then the easiest."""
    from gridgeo.core.partition.ways_out import ways_out as find_them

    return find_them(result.plan, case, locks, params=params, rng_seed=result.rng_seed, stop=stop)


def oversize_ways(result: PlanResult, miss: OutOfBand) -> tuple[WayOut, ...]:
    """What would divide the area above the band that makes a grid of its own; nothing for other grids out of band."""
    from gridgeo.core.partition.ways_out import oversize_ways as find_them

    return find_them(result.plan, miss)


def redraw_changes(result: PlanResult, previous: Plan | Cover) -> Comparison:
    """What a redraw changed, on the atoms and households of today: growth alone moves nobody."""
    from gridgeo.core.coverage import compare_plans as compare_them
    from gridgeo.core.partition import plan_before

    plan = result.plan
    before = _before(plan.territory, previous)
    changes = compare_them(plan_before(plan.territory, before, plan.band), plan)
    held = set(before.label.tolist())
    gone = tuple(str(code) for row, code in enumerate(before.code) if row not in held)
    return replace(changes, ended=(*changes.ended, *gone), officers_affected=changes.officers_affected + len(gone))


def edit_desk(
    plan: Plan,
    params: EditParams | None = None,
    *,
    locked: Iterable[str] = (),
    stop: Stop = never,
    like: EditDesk | None = None,
) -> EditDesk:
    """A plan made ready for editing by hand: `apply(edit, …)`, `undo()`, `redo()`, `totals(code)`, `plan()`.

    `like` is a desk of another plan of the same territory with the same `params`: most of its work is taken over.

    Raises
    ------
    NotFoundError
        A locked code is of no grid.
    """
    from gridgeo.core.edit import EditDesk

    return EditDesk(plan, params, locked=locked, stop=stop, like=like)


def edit(
    plan: Plan,
    edits: Sequence[Edit],
    params: EditParams | None = None,
    *,
    locked: Iterable[str] = (),
    stop: Stop = never,
) -> tuple[Plan, Outcome]:
    """A plan after some edits carried out as one step, all or none, and what they did.

    Raises
    ------
    InputError
        An edit says nothing that can be done.
    NotFoundError
        An edit names grids or atoms that are not there.
    BrokenRuleError
        The step would break a rule; the error carries the rule and the place.
    InfeasibleError
        A grid cannot be drawn anew as asked.
    """
    from gridgeo.core.edit import apply_all

    return apply_all(plan, edits, params, locked=locked, stop=stop)


def plan_diff(before: Plan, after: Plan) -> tuple[Edit, ...]:
    """Edits that make the first plan the second.

    Raises
    ------
    InputError
        The plans divide other atoms.
    """
    from gridgeo.core.edit import diff

    return diff(before, after)


def merge_plans(base: Plan, ours: Plan, theirs: Plan, *, locked: Iterable[str] = ()) -> Merged:
    """Two plans made from one brought together atom by atom, or where they conflict.

    Raises
    ------
    InputError
        The plans divide other atoms.
    """
    from gridgeo.core.edit import merge_plans as bring_together

    return bring_together(base, ours, theirs, locked=locked)
