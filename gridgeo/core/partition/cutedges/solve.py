"""Divide a graph into connected parts of a given weight with the fewest cut edges, and prove it.

Every part with a short border is listed as a cycle of the planar dual; a linear program over these, with a price no
other part can undercut, bounds all plans from below. Targets are tried upward from the bound: each is either met by
an exact cover of the parts that still may take part, or refuted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, inf, isinf

import numpy as np

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Stop, never
from gridgeo.core.partition.cutedges.dual import Bits, Network, Numbers, dual_of
from gridgeo.core.partition.cutedges.listing import Sides, Task, sides_of, strips_of, task_of
from gridgeo.core.partition.cutedges.master import TINY, Parts, Relaxation, Spare, cover_exactly, members, relax
from gridgeo.errors import InputError

STEP, LEAP = 2, 4
"""Least and most by which the length of listed cycles grows."""
GUESSES = 8
"""Targets above the bound tried for a first plan."""


@dataclass(frozen=True)
class CutPlan:
    """Answer of a division into few cut edges.

    `label` (n,) parts from 0 (None: none known), `cut` the length of the edges between parts, `bound` what no plan
    undercuts; `status` is optimal, none (proven that no plan exists) or open.
    """

    label: Numbers | None
    cut: float
    bound: float
    status: str


@dataclass
class Search:
    """State of a search: what is proven and the best plan so far, of cost `below` (infinite without one)."""

    task: Task
    below: float
    stop: Stop
    bound: float = 0.0
    label: Numbers | None = None
    least: int = 0
    wanted: int = STEP

    @property
    def done(self) -> bool:
        """Whether nothing better is left to find."""
        return self.bound >= self.below or self.stop()

    def met(self, label: Numbers, cut: float) -> None:
        """Enter a plan."""
        self.label, self.below = label, cut


def divide(task: Task, stop: Stop) -> Search:
    """Best plan of a network: the list grows until a target is met or all are refuted."""
    out = Search(task, inf, stop)
    most = int(task.network.length.sum())
    longest = min(STEP, most)
    while not out.done:
        sides = sides_of(task, longest, out.least)
        if not sides.complete:
            break
        out.least = int(sides.border.min(initial=longest + 1))
        out.wanted = longest + STEP
        (two_parts if task.count == 2 and task.dual is not None else many_parts)(out, sides)
        if longest == most and (out.label is None or task.count == 2):
            out.bound = out.below
        longest = min(out.wanted, most)
    return out


def two_parts(out: Search, sides: Sides) -> None:
    """The shortest cycle listed, if any is; else a bound."""
    out.bound = float(sides.longest + 1)
    if len(sides):
        best = int(np.argmin(sides.border))
        cut = float(sides.border[best])
        if cut < out.below:
            out.met(labels(sides.mask[best : best + 1], len(out.task.network)), cut)
        out.bound = cut


def many_parts(out: Search, sides: Sides) -> None:
    """Try targets upward from the bound while the parts listed decide them.

    A plan either holds parts that are listed only, or one at least that is not: each case has its own relaxation.
    Targets below the bound of the second are decided by an exact cover of listed parts.
    """
    task, none = out.task, np.zeros(0, np.int64)
    never_used = float(task.network.length.sum()) + 1
    strange, parts = bounded(task, sides, sides.parts(task.band), Spare(sides.spare_cost, 1), none)
    if sides.longest >= never_used - 1:  # no border is longer than all edges
        strange = replace(strange, bound=inf)
    listed, parts = bounded(task, sides, parts, Spare(never_used, 0), strange.columns)
    proven = min(listed.bound, strange.bound)
    out.bound = max(out.bound, float(ceil(proven - TINY)) if np.isfinite(proven) else 0.0)
    target = int(out.bound)
    tried = 0
    while target < min(out.below, never_used) and tried < GUESSES and not out.stop():
        label = best_cover(task, sides, parts, listed, target) if listed.bound <= target + TINY else none
        if label is None:
            break
        decided = target < strange.bound - TINY and out.bound >= target
        if len(label):
            network = task.network
            out.met(label, float(network.length[label[network.u] != label[network.v]].sum()))
            break
        if decided:
            out.bound = target + 1
        else:
            tried += 1
        target += 1
    if np.isfinite(out.below) and np.isfinite(strange.bound):
        out.wanted = sides.longest + min(LEAP, max(STEP, int(2 * (out.below - 1 - strange.bound)) + 1))


def bounded(task: Task, sides: Sides, parts: Parts, spare: Spare, start: Numbers) -> tuple[Relaxation, Parts]:
    """The relaxation over the parts listed and those between sides, which are added as they are needed."""
    while True:
        found = relax(task.network, parts, task.band, task.count, spare, start)
        strips, complete = strips_of(task, sides, found, -10 * TINY)
        new = strips.not_in(parts)
        if not len(new):
            loss = task.count * float(found.reduced(strips).min(initial=0.0)) if complete else -inf
            return replace(found, bound=found.bound + loss), parts
        start = found.columns
        parts = parts.with_more(new)


def labels(mask: Bits, n: int) -> Numbers:
    """Row of the mask that holds each node, counted from 1; 0 for none."""
    inside = members(mask, n).astype(np.int64)
    return np.asarray((inside * np.arange(1, len(mask) + 1)[:, None]).sum(axis=0), np.int64)


def best_cover(task: Task, sides: Sides, parts: Parts, found: Relaxation, target: int) -> Numbers | None:
    """A plan of cost `target` at most made of parts listed, empty if there is none; None when the list is too long."""
    room = target - found.bound + 10 * TINY
    strips, complete = strips_of(task, sides, found, room)
    kept = parts.take(found.reduced(parts) <= room).with_more(strips)
    chosen = cover_exactly(kept.mask, found.reduced(kept), len(task.network), task.count, room)
    if len(chosen):
        return labels(kept.mask[chosen], len(task.network)) - 1
    return chosen if complete else None


def fewest_cuts(network: Network, count: int, band: tuple[int, int], *, stop: Stop = never) -> CutPlan:
    """Divide a connected graph into connected parts of a weight in the band with the least length of edges cut.

    Parameters
    ----------
    network
        The graph; its edges are worth their length.
    count
        Number of parts.
    band
        Least and most weight of a part.
    stop
        Asked between steps; what is known then is returned.

    Raises
    ------
    InputError
        The graph is not connected, or the number of parts makes no sense.

    Notes
    -----
    Exponential in general; the work grows with the length of the longest border in a good plan, not with the number of
    nodes. Borders of planar graphs are listed as cycles of the dual; parts of other graphs are grown node by node.

    Examples
    --------
    >>> path = Network(np.array([2, 1, 1, 2]), np.array([0, 1, 2]), np.array([1, 2, 3]), np.ones(3, np.int64))
    >>> fewest_cuts(path, 2, (3, 3)).label.tolist()
    [0, 0, 1, 1]
    """
    check_network(network, count)
    n, total = len(network), int(network.weight.sum())
    if not count * band[0] <= total <= count * band[1] or count > n or int(network.weight.max()) > band[1]:
        return CutPlan(None, inf, inf, "none")
    if count == 1:
        return CutPlan(np.zeros(n, np.int64), 0.0, 0.0, "optimal")
    found = divide(task_of(network, dual_of(network), band, count), stop)
    bound = min(found.bound, found.below)
    if found.label is None:
        return CutPlan(None, inf, bound, "none" if isinf(bound) else "open")
    return CutPlan(found.label, found.below, bound, "optimal" if bound == found.below else "open")


def check_network(network: Network, count: int) -> None:
    """Refuse graphs in pieces and numbers of parts below 1."""
    if count < 1:
        raise InputError(f"number of parts is {count}", where="count", hint="give a number above 0")
    if not len(network) or components(len(network), network.u, network.v).max() > 0:
        raise InputError("the graph is empty or in pieces", where="network", hint="divide each piece by itself")
