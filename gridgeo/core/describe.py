"""How a plan is shown: colors that tell neighbors apart."""

from __future__ import annotations

import heapq

import numpy as np

from gridgeo.core.model import Ints, Plan

COLORS = 6
"""Colors that always suffice: a flat map of grids in one piece has a grid of at most five neighbors at every stage."""


def colors(plan: Plan) -> Ints:
    """A color number for each grid, different from those of all grids it shares a border with.

    Smallest-last order (Matula and Beck 1983, doi:10.1145/2402.322385) needs at most six colors on a planar map; among
    the free colors the least used so far is taken, so that all six appear about equally often.

    Returns
    -------
    numpy.ndarray
        (k,) numbers from 0; below 6 when every grid is in one piece.

    Notes
    -----
    O(b log k) for b pairs of grids that touch.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> colors(plan_of(lattice(1, 3), [0, 1, 2])).tolist()
    [2, 1, 0]
    """
    neighbors = _touching(plan)
    color = np.full(len(plan), -1, np.int64)
    used = np.zeros(COLORS, np.int64)
    for grid in reversed(_smallest_last(neighbors)):
        taken = {int(color[other]) for other in neighbors[grid]}
        free = [c for c in range(len(used)) if c not in taken]
        if not free:
            free = [len(used)]
            used = np.append(used, 0)
        color[grid] = min(free, key=lambda c: (used[c], c))
        used[color[grid]] += 1
    return color


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
