"""Mend an old plan of a zone: breaches first, then every changed grid settles, so that few households move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Stop
from gridgeo.core.partition.bound import Proof, plain_bound, prove
from gridgeo.core.partition.exact import clumps, coarsened
from gridgeo.core.partition.score import Rule, Units
from gridgeo.core.partition.stream import Stream
from gridgeo.core.partition.window import broken_grids, cut_out, grids_around, packed
from gridgeo.core.partition.zone import (
    Table,
    ZonePlan,
    mend,
    mend_exactly,
    plan_of,
    recombine_pool,
    redraw_window,
    table_for,
)

Numbers = NDArray[np.int64]

SEARCHED = 3
"""Grids around each changed one that are drawn once more by search."""
LISTED = (24, 40)
"""Units around each changed grid whose best division is sought by listing, turn by turn; more are merged first."""
FEWEST, MOST = 3, 12
"""Grids of such a window."""


def redraw_zone(units: Units, rule: Rule, label: Numbers, stream: Stream, *, stop: Stop) -> ZonePlan:
    """Mend an old plan of a connected zone; grids far from any breach stay as they are.

    `rule` has a price of moving, `units` the old grids; `label` (n,) numbers connected pieces from 0.
    """
    table = table_for(units, rule, stream)
    table.offer(label)
    mend(table, stop)
    mend_exactly(table, stop)
    settle_movers(table, label, stop)
    return plan_of(table, Proof("open", None, table.best_cost, plain_bound(units, rule)), 1)


def settle_movers(table: Table, before: Numbers, stop: Stop) -> None:
    """Draw the surroundings of every grid that is not one of `before` once more, so that fewer households move.

    A search finds what to exchange between near grids; lists of all grids of a window then leave nothing to gain in it.
    """
    known = {members.tobytes() for members in members_of(before)}
    for unit in changed_units(table.plan, known):
        if stop():
            return
        redraw_window(table, table.plan.copy(), int(table.plan[unit]), SEARCHED, stop)
    if not stop():
        recombine_pool(table)
    for most in LISTED:
        settled: set[bytes] = set()
        for unit in changed_units(table.plan, known):
            if stop():
                return
            rows = window_of(table, unit, most)
            if (window := rows.tobytes()) not in settled:
                settle_window(table, rows, most)
                settled.add(window)


def members_of(label: Numbers) -> list[Numbers]:
    """Units of each grid of a plan numbered from 0. O(n log n)."""
    ends = np.cumsum(np.bincount(label))[:-1]
    return np.split(np.argsort(label, kind="stable"), ends)


def changed_units(label: Numbers, known: set[bytes]) -> list[int]:
    """First unit of each grid that is none of the `known`."""
    return [int(members[0]) for members in members_of(label) if members.tobytes() not in known]


def window_of(table: Table, unit: int, most: int) -> Numbers:
    """Units of the grids nearest to the grid of a unit: as many as `most` units make, but a few in any case."""
    label = table.plan
    near = grids_around(table.units, label, int(label[unit]), MOST)
    inside = int((np.cumsum(np.bincount(label)[near]) <= most).sum())
    return np.flatnonzero(np.isin(label, near[: max(FEWEST, inside)]))


def settle_window(table: Table, rows: Numbers, most: int) -> None:
    """Put the best division of a window in place of the one at hand, where a list of all its grids shows one."""
    label = table.plan.copy()
    units, plan = cut_out(table.units, rows), packed(label[rows])
    clump = clumps(units, plan, most)
    part = np.empty(int(clump.max()) + 1, np.int64)
    part[clump] = plan
    small = table_for(coarsened(units, clump), table.rule, table.stream)
    small.offer(part)
    cost = np.inf if len(broken_grids(small.units, part, table.rule)) else small.best_cost
    found = prove(small.units, table.rule, part, cost)
    if found.label is not None:
        label[rows] = found.label[clump] + int(label.max()) + 1
        table.offer(packed(label))
