"""Large zones: a first plan, then tiles of it worked on by the crew, and misses mended in windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Stop
from gridgeo.core.partition.crew import Crew
from gridgeo.core.partition.stream import stream_of
from gridgeo.core.partition.window import broken_grids, cut_out, grids_around, packed
from gridgeo.core.partition.zone import (
    SHARES,
    WINDOWS,
    Table,
    Task,
    ZonePlan,
    bisect,
    draw_zone,
    mend_exactly,
    plan_of,
    recombine_seen_grids,
    redraw_window,
    refine,
    rework_windows,
    settle,
    table_for,
)

Numbers = NDArray[np.int64]

WIDE = 2000
"""Units from which a zone is too large to be worked on as one."""
TILE_UNITS = 500
"""Units of a tile, about."""
TURNS = 3
"""Times a large zone is cut into tiles, each time otherwise, so that every border is once inside one."""
STARTS = 2
"""Random starts a large zone is worth at most."""
ROUGH = 4
"""Trees grown for a cut of a large zone's first plan: it is one piece of work nobody can share."""


def hire(task: Task, crew: Crew) -> Callable[[], ZonePlan]:
    """Have a zone drawn by a crew: a large one tile by tile, any other as one piece of work."""
    if len(task.units.households) <= WIDE:
        return crew.take(draw_zone, task)
    first = crew.take(first_plan, task)
    return lambda: draw_wide(task, first(), crew)


def first_plan(task: Task, *, stop: Stop) -> tuple[Numbers, int]:
    """The best of few hasty divisions, and how many there were; tiles make good what haste spoils."""
    table = table_for(task.units, task.rule, task.stream, task.grids)
    for made in range(1, min(task.starts, STARTS) + 1):
        table.offer(bisect(table, SHARES[made - 1], ROUGH, stop))
        if stop():
            break
    return table.plan, made


def draw_wide(task: Task, first: tuple[Numbers, int], crew: Crew) -> ZonePlan:
    """Plan of a large zone from a first one: tiles worked on, misses mended."""
    table = table_for(task.units, task.rule, task.stream, task.grids)
    label, made = first
    table.offer(label)
    for turn in range(TURNS):
        if crew.stop():
            break
        rework_tiles(table, task, turn, crew)
    mend_wide(table, crew.stop)
    if not task.grids and task.rule.soft_low == task.rule.low:
        mend_exactly(table, crew.stop)
    return plan_of(table, settle(table, False), made)


def rework_tiles(table: Table, task: Task, turn: int, crew: Crew) -> None:
    """Have every tile of the best plan worked on, and offer what comes together."""
    label = table.plan.copy()
    waiting = []
    for number, rows in enumerate(tiles_of(table, label, turn)):
        stream = stream_of(int(table.stream[0]), str(turn), str(number))
        part = packed(label[rows])
        count = int(part.max()) + 1 if task.grids else 0
        work = task._replace(
            units=cut_out(task.units, rows), stream=stream, grids=count, effort=-(-task.effort // TURNS)
        )
        waiting.append((rows, crew.take(rework_tile, work, part, turn == 0)))
    base = int(label.max()) + 1
    for rows, answer in waiting:
        part = answer()
        label[rows] = base + part
        base += int(part.max()) + 1
    table.offer(packed(label))


def tiles_of(table: Table, label: Numbers, turn: int) -> list[Numbers]:
    """Units of each tile: grids around a random one, of those in no tile yet."""
    n = len(label)
    most = max(2, TILE_UNITS * (int(label.max()) + 1) // n)
    open_ = np.ones(n, bool)
    out: list[Numbers] = []
    while open_.any():
        left = np.flatnonzero(open_)
        draw = int(stream_of(int(table.stream[0]), str(turn), "tile", str(len(out)))[0])
        center = int(label[left[draw % len(left)]])
        near = grids_around(table.units, label, center, most)
        rows = np.flatnonzero(np.isin(label, near) & open_)
        open_[rows] = False
        out.append(rows)
    return out


def rework_tile(task: Task, label: Numbers, new: bool, *, stop: Stop) -> Numbers:
    """A plan of a tile that costs no more than the one at hand; one that is `new` is improved as a start is."""
    table = table_for(task.units, task.rule, task.stream, task.grids)
    table.offer(label)
    if label.max() > 0:
        if new:
            refine(table, label.copy(), stop)
        rework_windows(table, task.effort, stop)
        recombine_seen_grids(table, stop)
    return table.plan


def mend_wide(table: Table, stop: Stop) -> None:
    """Draw the surroundings of each broken grid of a large zone anew, one after the other, wider and wider.

    Every window keeps what the ones before it gained, so no recombination of the whole zone is needed.
    """
    for width in WINDOWS:
        for unit in broken_units(table):
            label = table.plan.copy()
            grid = int(label[unit])
            if stop():
                return
            if grid in broken_grids(table.units, label, table.rule):
                redraw_window(table, label, grid, width, stop)


def broken_units(table: Table) -> list[int]:
    """First unit of each broken grid of the best plan."""
    broken = broken_grids(table.units, table.plan, table.rule)
    return [int(np.flatnonzero(table.plan == g)[0]) for g in broken]
