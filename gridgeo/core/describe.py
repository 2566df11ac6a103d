"""How a plan is shown: colors that tell neighbors apart."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

import numpy as np

from gridgeo.core.model import Ints, Plan

COLORS = 5
"""Colors that suffice on a flat map of grids in one piece (Heawood 1890)."""


def colors(plan: Plan, before: Mapping[str, int] | None = None) -> Ints:
    """A color number for each grid, different from those of all grids it shares a border with.

    Smallest-last order (Matula and Beck 1983, doi:10.1145/2402.322385); where the neighbors of a grid have all five
    colors, two colors are swapped in a chain from one of them. Among the free colors the least used so far is taken,
    so that all appear about equally often.

    Parameters
    ----------
    plan
        The plan.
    before
        Color of each grid of the plan before, by code: grids keep it unless a neighbor has the same, so that few
        change after an edit.

    Returns
    -------
    numpy.ndarray
        (k,) numbers from 0; below 5 when every grid is in one piece and no color is given, and nearly always else.

    Notes
    -----
    O(b log k) for b pairs of grids that touch.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> colors(plan_of(lattice(1, 3), [0, 1, 2])).tolist()
    [2, 1, 0]
    >>> colors(plan_of(lattice(1, 3), [0, 1, 2]), {"g0": 4, "g1": 4}).tolist()
    [4, 1, 0]
    """
    neighbors = _touching(plan)
    color = _kept(plan, neighbors, before or {})
    used = np.bincount(color[color >= 0], minlength=COLORS)
    for grid in reversed(_smallest_last(neighbors)):
        if color[grid] >= 0:
            continue
        taken = {int(color[other]) for other in neighbors[grid]}
        free = [c for c in range(len(used)) if c not in taken]
        if not free and (swapped := _swapped(color, neighbors, grid)) is not None:
            free = [swapped]
            used = np.bincount(color[color >= 0], minlength=COLORS)
        elif not free:
            free = [len(used)]
            used = np.append(used, 0)
        color[grid] = min(free, key=lambda c: (used[c], c))
        used[color[grid]] += 1
    return color


def _kept(plan: Plan, neighbors: list[list[int]], before: Mapping[str, int]) -> Ints:
    """Colors of grids that can keep theirs, -1 for others: of two neighbors alike the lower code keeps it."""
    color = np.array([before.get(code, -1) for code in plan.grids.code.tolist()], np.int64)
    for grid in np.argsort(plan.grids.code).tolist():
        for other in neighbors[grid]:
            if color[other] == color[grid] and plan.grids.code[other] > plan.grids.code[grid]:
                color[other] = -1
    return color


def _swapped(color: Ints, neighbors: list[list[int]], grid: int) -> int | None:
    """A color freed for a grid by swapping two in a chain that starts at its only neighbor of one of them, or None.

    Of all such chains the shortest is swapped, so that few grids change.
    """
    around = neighbors[grid]
    single = [g for g in around if color[g] >= 0 and sum(color[o] == color[g] for o in around) == 1]
    chains = []
    for start in single:
        mine = int(color[start])
        for other in sorted({int(color[g]) for g in around} - {mine, -1}):
            chain = _chain(color, neighbors, start, other)
            if not any(color[g] == other for g in around if g in chain):
                chains.append((len(chain), mine, other, chain))
    if not chains:
        return None
    _, mine, other, chain = min(chains)
    color[chain] = mine + other - color[chain]
    return mine


def _chain(color: Ints, neighbors: list[list[int]], start: int, other: int) -> list[int]:
    """Grids of the color of `start` and of another one that hang together with it."""
    both = (color[start], other)
    chain, reached = [start], {start}
    for grid in chain:
        new = [o for o in neighbors[grid] if o not in reached and color[o] in both]
        reached.update(new)
        chain += new
    return chain


def _touching(plan: Plan) -> list[list[int]]:
    """Grids each grid shares some length of border with, in ascending order."""
    pairs = plan.territory.adjacency
    a, b = plan.label[pairs.u], plan.label[pairs.v]
    border = (a != b) & (pairs.length_m > 0)
    low, high = np.minimum(a, b)[border], np.maximum(a, b)[border]
    out: list[list[int]] = [[] for _ in range(len(plan))]
    for i, j in np.unique(np.stack([low, high], 1), axis=0).tolist():
        out[i].append(j)
        out[j].append(i)
    return out


def _smallest_last(neighbors: list[list[int]]) -> list[int]:
    """Grids in the order of taking away, each time, one with the fewest neighbors left."""
    left = [len(row) for row in neighbors]
    heap = [(count, grid) for grid, count in enumerate(left)]
    heapq.heapify(heap)
    gone = [False] * len(neighbors)
    order = []
    while heap:
        count, grid = heapq.heappop(heap)
        if gone[grid] or count != left[grid]:
            continue
        gone[grid] = True
        order.append(grid)
        for other in neighbors[grid]:
            if not gone[other]:
                left[other] -= 1
                heapq.heappush(heap, (left[other], other))
    return order
