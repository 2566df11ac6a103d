"""What to do where no plan within the band was found: let an oversize atom beside take a part, or the lesser evil."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.carve import DETOUR, Region, nearest, neighbors
from gridgeo.core.partition.drawing import Drawing, home_of, keep, task_of
from gridgeo.core.partition.params import fits
from gridgeo.core.partition.window import broken_grids, grids_around
from gridgeo.core.partition.zone import AT_ONCE, ZonePlan, draw_zone, part_of

Numbers = NDArray[np.int64]

BORROWING = (1, 2, 4)
"""Grids around a broken one of a large zone that are drawn anew with an oversize atom beside, step by step wider."""
TAKING = (1, 2)
"""Grids, the broken one among them, an oversize atom takes as a whole when nothing of that helped."""


def keep_best(drawing: Drawing, region: Region, rows: Numbers, plan: ZonePlan) -> None:
    """Enter a zone's plan or, where it breaks the band, the best way out."""
    if plan.broken and not drawing.stop():
        small = len(rows) <= AT_ONCE
        if small and borrow_giant(drawing, region, rows):
            return
        left, rest = borrow_around(drawing, region, rows, plan)
        plan = way_out(drawing, region, rows, plan) if small and len(left) == len(rows) else rest
        rows = left
    if len(rows):
        keep(drawing, region, rows, plan)


def way_out(drawing: Drawing, region: Region, rows: Numbers, plan: ZonePlan) -> ZonePlan:
    """A plan with fewer grids out of band: search beyond the band's limits and keep the lesser evil."""
    low, high = drawing.params.households
    rule = region.rule._replace(soft_low=max(1, low // 2), soft_high=high + low // 2)
    task = task_of(drawing, region, rows, 0, "soft")._replace(rule=rule)
    other = draw_zone(task, stop=drawing.stop)
    if (other.broken, other.cost) >= (plan.broken, plan.cost):
        return plan
    return replace(other, status=plan.status, bound=min(plan.bound, other.cost))


def borrow_giant(drawing: Drawing, region: Region, rows: Numbers) -> bool:
    """Let the grid of an oversize atom beside take the fewest households that let the rest be drawn; whether it did."""
    ground, (low, high) = drawing.ground, drawing.params.households
    beside = np.intersect1d(neighbors(ground, rows, ground.link), region.giants)
    if not len(beside):
        return False
    total = int(ground.households[rows].sum())
    least = next((r for r in range(total) if fits(total - r, low, high)), total)
    return borrow(drawing, region, rows, nearest(ground, rows, beside), least + (high - low) // 2)


def borrow(drawing: Drawing, region: Region, rows: Numbers, giant: int, most: int) -> bool:
    """Draw the rows with an oversize atom whose grid may take up to `most` households of them; whether that held.

    That grid is out of band already, so no further grid need be. For the search the oversize atom counts so few
    households that its grid has room for what must go, and little more.
    """
    both = np.union1d(rows, [giant])
    task = task_of(drawing, region, both, 0, "giant")
    households = task.units.households.copy()
    households[np.searchsorted(both, giant)] = max(1, drawing.params.households[1] - most)
    plan = draw_zone(task._replace(units=task.units._replace(households=households)), stop=drawing.stop)
    if plan.broken:
        return False
    own = drawing.label[giant]
    keep(drawing, region, both, plan)
    drawing.label[drawing.label == drawing.label[giant]] = own
    return True


def borrow_around(drawing: Drawing, region: Region, rows: Numbers, plan: ZonePlan) -> tuple[Numbers, ZonePlan]:
    """Let oversize atoms beside the broken grids of a large zone take what breaks them; the rest and its plan.

    From few grids around and few households taken to more of both, so that as little as possible goes; in the end
    all of them, up to two full grids' worth.
    """
    units = drawing.ground.graph(rows, home_of(drawing, rows))
    left = np.ones(len(rows), bool)
    steps = [(borrow_any, width) for width in BORROWING] + [(take_whole, width) for width in TAKING]
    for grid in broken_grids(units, plan.label, region.rule).tolist():
        for lend, width in steps:
            near = grids_around(units, plan.label, grid, width)
            window = np.flatnonzero(np.isin(plan.label, near))
            if drawing.stop() or not left[window].all():
                break
            if lend(drawing, region, rows[window]):
                left[window] = False
                break
    return rows[left], part_of(units, region.rule, plan, left)


def take_whole(drawing: Drawing, region: Region, rows: Numbers) -> bool:
    """Give a few grids as a whole to an oversize atom beside, if they are small enough; whether there was one."""
    ground, high = drawing.ground, drawing.params.households[1]
    beside = np.intersect1d(neighbors(ground, rows, ground.link), region.giants)
    if not len(beside) or ground.households[rows].sum() > DETOUR * high:
        return False
    drawing.label[rows] = drawing.label[nearest(ground, rows, beside)]
    return True


def borrow_any(drawing: Drawing, region: Region, rows: Numbers) -> bool:
    """Borrow from any oversize atom beside, the fewest households first; whether one helped."""
    ground, (low, high) = drawing.ground, drawing.params.households
    beside = np.intersect1d(neighbors(ground, rows, ground.link), region.giants)
    step = max((high - low) // 2, high // 5, 1)
    for most in range(step, high + step, step):
        for giant in beside.tolist():
            if drawing.stop():
                return False
            if borrow(drawing, region, rows, giant, most):
                return True
    return False
