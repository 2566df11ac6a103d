"""Mend by proof: list every way to divide the surroundings of a broken grid, coarsened until the list is short.

A random search may miss the one division that keeps the band; a list cannot. Units far from their share of the band
are few, so merging small neighbors of the same grid loses little; wider surroundings give more room.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import csr
from gridgeo.core.partition.bound import prove
from gridgeo.core.partition.score import Rule, Units
from gridgeo.core.partition.units import summed

Numbers = NDArray[np.int64]

COARSE = (26, 40, 60)
"""Units a window is coarsened to, step by step finer."""


def edges_of(units: Units) -> tuple[Numbers, Numbers, NDArray[np.float64]]:
    """Ends u < v and price of each edge."""
    source = np.repeat(np.arange(len(units.households)), np.diff(units.ptr))
    once = source < units.adj
    return source[once], units.adj[once], units.weight[once]


def clumps(units: Units, label: Numbers, most: int) -> Numbers:
    """Clump of each unit, from 0: neighbors of one grid, community and old grid merged, fewest households first.

    Merging ends at `most` clumps or when no pair is left. O(m log m) merges of small sets.
    """
    n = len(units.households)
    root = np.arange(n)
    size = units.households.astype(np.int64).copy()
    u, v, _ = edges_of(units)
    alike = (label[u] == label[v]) & (units.home[u] == units.home[v])
    if len(units.old):
        alike &= units.old[u] == units.old[v]
    waiting = [(int(size[a] + size[b]), a, b) for a, b in zip(u[alike].tolist(), v[alike].tolist(), strict=True)]
    heapify(waiting)
    left = n
    while waiting and left > most:
        together, a, b = heappop(waiting)
        a, b = top(root, a), top(root, b)
        if a == b:
            continue
        if size[a] + size[b] != together:
            heappush(waiting, (int(size[a] + size[b]), a, b))
            continue
        root[b] = a
        size[a] = together
        left -= 1
    return np.asarray(np.unique([top(root, a) for a in range(n)], return_inverse=True)[1], np.int64)


def top(root: Numbers, a: int) -> int:
    """Representative of a in a union-find forest, halving the path."""
    while root[a] != a:
        root[a] = root[root[a]]
        a = int(root[a])
    return a


def coarsened(units: Units, clump: Numbers) -> Units:
    """Graph of the clumps."""
    k = int(clump.max()) + 1
    u, v, weight = edges_of(units)
    a, b = np.minimum(clump[u], clump[v]), np.maximum(clump[u], clump[v])
    key, at = np.unique((a * k + b)[a != b], return_inverse=True)
    ptr, adj, edge = csr(k, key // k, key % k)
    first = np.unique(clump, return_index=True)[1]
    moments = np.stack([summed(clump, units.moments[:, q], k) for q in range(4)], 1)
    priced = summed(at, weight[a != b], len(key))
    households = np.bincount(clump, units.households, k).astype(np.int64)
    old = units.old[first] if len(units.old) else units.old
    walk = units.walk[np.ix_(first, first)] if len(units.walk) else units.walk
    work = summed(clump, units.work, k) if len(units.work) else units.work
    return Units(ptr, adj, priced[edge], households, moments, units.home[first], old, units.was, walk, work)


def divide_exactly(units: Units, label: Numbers, rule: Rule, *, thorough: bool = False) -> Numbers | None:
    """A plan of a small graph within the band, by listing; None when there is none or the list grows too long.

    `label` (n,) is the plan at hand: its grids guide what is merged where the graph is too large to list.
    """
    for most in COARSE:
        clump = clumps(units, label, most)
        coarse = coarsened(units, clump)
        found = prove(coarse, rule, np.zeros(len(coarse.households), np.int64), np.inf, thorough=thorough)
        if found.label is not None:
            return np.asarray(found.label[clump], np.int64)
        if len(coarse.households) == len(units.households):
            return None
    return None
