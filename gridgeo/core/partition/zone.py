"""Draw one zone: random starts, improvement, exact recombination of every grid seen, repair, proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Stop, never
from gridgeo.core.partition.bound import PROVABLE, Proof, plain_bound, prove, zone_bound
from gridgeo.core.partition.exact import divide_exactly
from gridgeo.core.partition.improve import anneal, improve
from gridgeo.core.partition.pool import Pool, note_plan, note_pool, pool_for
from gridgeo.core.partition.rework import rework
from gridgeo.core.partition.score import Rule, Units
from gridgeo.core.partition.seed import divide_on, division_of
from gridgeo.core.partition.stream import Stream
from gridgeo.core.partition.tree import Desk, desk_for
from gridgeo.core.partition.window import (
    broken_grids,
    cut_out,
    grids_around,
    packed,
    pool_within,
    recombine_seen,
)

Numbers = NDArray[np.int64]

SHARES = (0.55, 0.7, 0.4, 0.85, 0.3)
"""Where in the band the starts aim, so that the number of grids varies among them."""
FEW = 6
"""Windows drawn anew for each grid before a proof is tried, and in the surroundings of broken grids."""
TREES, SKETCHED, HASTY = 24, 4, 2
PAIR_TREES = 30
WINDOWS = (6, 12, 24)
EXACT_WINDOWS = (2, 3, 4, 6, 9, 14)
"""Grids around a broken one that are drawn anew together, step by step wider."""
AT_ONCE = 300
WINDOW_UNITS = 150
"""Units of a zone that is recombined at once, and of a window of a larger one."""
SHARED = 2000
"""Units of a zone up to which the windows of a redraw are recombined together."""
TRIES = 1000
ROUNDS = 250
CUT_AT_A_TIME = 5000
"""Cuts made and windows drawn anew, and units cut in two, between two questions whether to stop."""
HOT, COLD = 20.0, 1.0
"""Meters a window may cost more and still be kept now and then, at first and in the end."""


class Task(NamedTuple):
    """The work of drawing a connected zone.

    `stream` is the zone's random stream, `starts` the random starts, `effort` the windows drawn anew for each grid,
    `grids` a demanded number of grids or 0, `proof` whether to seek a proof by listing. A rule with a soft band wider
    than the band allows single breaches.
    """

    units: Units
    rule: Rule
    stream: Stream
    starts: int
    effort: int
    grids: int
    proof: bool


@dataclass(frozen=True)
class ZonePlan:
    """Plan of one zone: `label` (n,) from 0, its price, its bound and what was proven ("optimal", "none", "open")."""

    label: Numbers
    cost: float
    bound: float
    status: str
    broken: int
    starts: int


@dataclass
class Table:
    """The working table of one zone: graph, rule, scratch, pool, stream, and the best plan so far."""

    units: Units
    rule: Rule
    desk: Desk
    pool: Pool
    stream: Stream
    count: int = 0
    best: Numbers | None = None
    best_cost: float = np.inf

    def offer(self, label: Numbers) -> None:
        """Note the grids of a plan and keep it when it is the best."""
        grids = int(label.max()) + 1
        price = note_plan(self.pool, self.units, label, grids, self.rule, self.desk.mark)
        cost = float(price.sum())
        if self.count and len(np.unique(label)) != self.count:
            cost = np.inf
        if cost < self.best_cost - 1e-9 or self.best is None:
            self.best, self.best_cost = packed(label), cost

    @property
    def plan(self) -> Numbers:
        """The best plan so far."""
        assert self.best is not None
        return self.best


def table_for(units: Units, rule: Rule, stream: Stream, count: int = 0) -> Table:
    """Empty working table of a zone."""
    n = len(units.households)
    grids = max(1, int(units.households.sum() / (0.75 * rule.target)))
    kept = 2000 + 250 * grids
    size = int(kept * (4 + 1.5 * n / grids))
    return Table(units, rule, desk_for(units), pool_for(kept, size), stream.copy(), count)


def better(table: Table, label: Numbers, tries: int, stop: Stop) -> None:
    """Cut pairs of grids of `label` anew, in place, `tries` times or until the stop, and offer the plan."""
    mixing = 0.0 if table.count else 0.1
    for done in range(0, tries, TRIES):
        if done and stop():
            break
        improve(table.units, label, table.rule, min(TRIES, tries - done), PAIR_TREES, mixing,
                table.pool, table.desk, table.stream)  # fmt: skip
    table.offer(label)


def bisect(table: Table, share: float, trees: int, stop: Stop) -> Numbers:
    """A first plan by recursive bisection, aiming at a share of the band; in haste once stopped."""
    rule, n = table.rule, len(table.units.households)
    label, nodes, division = np.zeros(n, np.int64), np.arange(n), division_of(n, table.count)
    aim = rule.low + share * (rule.high - rule.low)
    while divide_on(table.units, nodes, aim, rule, min(trees, HASTY) if stop() else trees, table.desk, table.stream,
                    label, division, CUT_AT_A_TIME):  # fmt: skip
        pass
    return label


def start(table: Table, share: float, stop: Stop) -> None:
    """One start: bisect, improve, anneal, improve; every plan on the way is offered."""
    label = bisect(table, share, TREES, stop)
    table.offer(label)
    if int(label.max()) > 0 and not stop():
        refine(table, label, stop)


def refine(table: Table, label: Numbers, stop: Stop) -> None:
    """Improve a fresh division in place: cut pairs, anneal, cut pairs; every plan on the way is offered."""
    units, rule, grids = table.units, table.rule, int(label.max()) + 1
    better(table, label, 10 * grids, stop)
    if not rule.moving:
        anneal(units, label, rule, 100 * len(label), 30.0, 1.0, table.desk, table.stream)
        table.offer(label)
    better(table, label, 5 * grids, stop)


def recombine_pool(table: Table) -> bool:
    """Put the best plan made of the pool's grids in place of the best plan; whether it is better."""
    found = recombine_seen(table.pool, table.plan, table.best_cost, table.count)
    if found is None:
        return False
    before = table.best_cost
    table.offer(found)
    return table.best_cost < before - 1e-9


def recombine_windows(table: Table, stop: Stop) -> None:
    """Recombine a large zone window by window, until every unit has been in one."""
    n = len(table.units.households)
    waiting = np.ones(n, bool)
    while waiting.any() and not stop():
        label = table.plan.copy()
        grids = int(label.max()) + 1
        center = int(label[np.argmax(waiting)])
        most = max(2, WINDOW_UNITS * grids // n)
        rows = np.flatnonzero(np.isin(label, grids_around(table.units, label, center, most)))
        waiting[rows] = False
        plan = packed(label[rows])
        price = note_plan(table.pool, table.units, label, grids, table.rule, table.desk.mark)
        upper = float(price[np.unique(label[rows])].sum())
        count = int(plan.max()) + 1 if table.count else 0
        found = recombine_seen(pool_within(table.pool, rows, n), plan, upper, count, rows)
        if found is not None:
            label[rows] = found + grids
            table.offer(packed(label))


def search(table: Table, starts: int, effort: int, stop: Stop) -> int:
    """Random starts, windows of the best drawn anew, recombination; at least one start. Returns the starts made."""
    for i in range(max(starts, 1)):
        start(table, SHARES[i % len(SHARES)], stop)
        if stop():
            return i + 1
    if int(table.plan.max()) < 1 and not table.count:
        return starts
    rework_windows(table, effort, stop)
    recombine_seen_grids(table, stop)
    return starts


def rework_windows(table: Table, effort: int, stop: Stop) -> None:
    """Draw windows of the best plan anew, `effort` for each grid, in steps between which the stop is asked."""
    label = table.plan.copy()
    rounds = effort * (int(label.max()) + 1)
    heats = HOT * (COLD / HOT) ** (np.arange(0, rounds + ROUNDS, ROUNDS) / max(rounds, 1))
    for i, done in enumerate(range(0, rounds, ROUNDS)):
        if stop():
            return
        rework(table.units, label, table.rule, min(ROUNDS, rounds - done), heats[i], heats[i + 1], table.count > 0,
               table.pool, table.desk, table.stream)  # fmt: skip
        table.offer(packed(label))


def recombine_seen_grids(table: Table, stop: Stop) -> None:
    """Put together the best plan of all grids seen: at once in a small zone, window by window in a large one."""
    if len(table.units.households) <= AT_ONCE:
        recombine_pool(table)
    else:
        recombine_windows(table, stop)


def mend(table: Table, stop: Stop) -> None:
    """Draw the surroundings of broken grids anew, wider and wider, until the band holds or nothing helps."""
    for width in WINDOWS:
        for _ in range(3):
            label = table.plan
            broken = broken_grids(table.units, label, table.rule)
            if not len(broken) or stop():
                return
            before = table.best_cost
            for grid in broken.tolist():
                redraw_window(table, label.copy(), grid, width, stop)
            recombine_pool(table)
            if table.best_cost >= before - 1e-9:
                break
        if width > label.max():
            return


def mend_exactly(table: Table, stop: Stop) -> None:
    """Divide the surroundings of broken grids by listing, wider and wider, until the band holds or nothing helps."""
    tried: set[bytes] = set()
    for width in EXACT_WINDOWS:
        for grid in broken_grids(table.units, table.plan, table.rule).tolist():
            label = table.plan.copy()
            if stop() or grid > label.max() or grid not in broken_grids(table.units, label, table.rule):
                continue
            rows = np.flatnonzero(np.isin(label, grids_around(table.units, label, grid, width)))
            if (window := rows.tobytes()) in tried:
                continue
            tried.add(window)
            found = divide_exactly(cut_out(table.units, rows), packed(label[rows]), table.rule)
            if found is not None:
                label[rows] = found + int(label.max()) + 1
                table.offer(packed(label))


def redraw_window(table: Table, label: Numbers, grid: int, width: int, stop: Stop) -> None:
    """Search the window around one grid as a zone of its own and offer the result."""
    rows = np.flatnonzero(np.isin(label, grids_around(table.units, label, grid, width)))
    count = len(np.unique(label[rows])) if table.count else 0
    window = table_for(cut_out(table.units, rows), table.rule, table.stream, count)
    if table.rule.moving:
        start_from(window, packed(label[rows]))
    search(window, 3, FEW, stop)
    table.stream[:] = window.stream
    if table.rule.moving and len(table.units.households) <= SHARED:
        note_pool(table.pool, table.units, window.pool, rows, table.rule, table.desk.mark)
    label[rows] = window.plan + int(label.max()) + 1
    table.offer(packed(label))


def start_from(table: Table, label: Numbers) -> None:
    """Begin with a plan at hand: offer it, and what a few rounds of cutting its grids anew make of it."""
    table.offer(label)
    grids = int(label.max()) + 1
    for _ in range(3):
        better = label.copy()
        improve(table.units, better, table.rule, 20 * grids, PAIR_TREES, 0.1, table.pool, table.desk, table.stream)
        table.offer(packed(better))


def draw_zone(task: Task, *, stop: Stop) -> ZonePlan:
    """Plan of a connected zone with its bound; the stop is asked between steps, a plan is returned all the same."""
    table = table_for(task.units, task.rule, task.stream, task.grids)
    units, rule, count = task.units, task.rule, task.grids
    small = len(units.households) <= PROVABLE and task.proof
    made = search(table, 1 if small else task.starts, FEW if small else task.effort, stop)
    known = settle(table, small and not stop())
    if known.status != "open":
        return plan_of(table, known, made)
    if small:
        made += search(table, task.starts, task.effort, stop)
    if len(broken_grids(units, table.plan, rule)) and not stop():
        mend(table, stop)
        if not count and rule.soft_low == rule.low:
            mend_exactly(table, stop)
    if small and not count and len(broken_grids(units, table.plan, rule)) and not stop():
        known = prove(units, rule, table.plan, np.inf, thorough=True)
    return plan_of(table, bounded(table, known, stop) if task.proof and not stop() else known, made)


def bounded(table: Table, known: Proof, stop: Stop) -> Proof:
    """What is known, with the bound by shares where that is higher; it holds for plans within the band."""
    units, rule, label = table.units, table.rule, table.plan
    if known.status != "open" or len(broken_grids(units, label, rule)):
        return known
    price = note_plan(table.pool, units, label, int(label.max()) + 1, rule, table.desk.mark)
    return replace(known, bound=max(known.bound, zone_bound(units, rule, label, price, stop=stop)))


def plan_of(table: Table, known: Proof, made: int) -> ZonePlan:
    """The best plan at hand, with what is known of it."""
    if known.label is not None and known.cost < table.best_cost:
        table.offer(known.label)
    broken = len(broken_grids(table.units, table.plan, table.rule))
    return ZonePlan(table.plan, table.best_cost, min(known.bound, table.best_cost), known.status, broken, made)


def part_of(units: Units, rule: Rule, plan: ZonePlan, part: NDArray[np.bool_]) -> ZonePlan:
    """The plan of those units (n,) of a zone that `part` tells; they make whole grids."""
    price = note_plan(pool_for(1, 1), units, plan.label, int(plan.label.max()) + 1, rule, desk_for(units).mark)
    cost, label = float(price[np.unique(plan.label[part])].sum()), packed(plan.label[part])
    rest = units._replace(households=units.households[part], moments=units.moments[part])
    broken = len(broken_grids(rest, label, rule))
    return ZonePlan(label, cost, min(plain_bound(rest, rule), cost), "open", broken, plan.starts)


def settle(table: Table, proof: bool) -> Proof:
    """What can be proven of the zone with the plan at hand."""
    units, rule = table.units, table.rule
    broken = len(broken_grids(units, table.plan, rule))
    total = int(units.households.sum())
    if total < 2 * rule.low and not broken and not table.count:
        return Proof("optimal", table.plan, table.best_cost, table.best_cost)
    soft = (rule.soft_low, rule.soft_high) != (rule.low, rule.high)
    cost = np.inf if broken else table.best_cost
    if not proof or soft or table.count:
        return Proof("open", None, cost, plain_bound(units, rule))
    return prove(units, rule, table.plan, cost)


def sketch_zone(
    units: Units, rule: Rule, stream: Stream, shares: tuple[float, ...] = SHARES
) -> tuple[int, int, float]:  # fmt: skip
    """Quick plan of a zone, the best of a start for each share: broken grids, grids over communities, price."""
    table = table_for(units, rule, stream)
    for share in shares:
        label = bisect(table, share, SKETCHED, never)
        improve(units, label, rule, 2 * int(label.max() + 1), TREES // 2, 0.1, table.pool, table.desk, table.stream)
        table.offer(packed(label))
    pairs = np.unique(np.stack([table.plan, units.home]), axis=1)
    mixed = int((np.bincount(pairs[0]) > 1).sum())
    return len(broken_grids(units, table.plan, rule)), mixed, table.best_cost
