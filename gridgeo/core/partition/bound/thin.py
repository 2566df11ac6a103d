"""Thin a zone out, so that its grids can be listed: small units are left free and every price only falls.

A *free* unit may go with any grid beside it, again and again. Of its border of weight `W` toward units that stayed, a
grid that holds units with weight `w` of it pays half of `w`, or half of `W - w` if the free unit is its own: at least
half of the lesser. Units that hung together through free units hang together still. Units with many neighbors would
tie all of these to each other; they are *wild*: nothing is asked of a grid that holds one but the least border that
parts the wild unit from what no grid around it reaches.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components, csr
from gridgeo.core.partition.score import Units
from gridgeo.core.partition.units import summed

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]

LEVELS = np.array([[0, 16], [0, 8], [12, 8], [24, 8], [48, 4]])
"""Households up to which a unit is not kept, and neighbors up to which it is free and not wild, level by level."""


class Thin(NamedTuple):
    """A thinned graph, in compressed rows, over the k units that stayed.

    `row` (k,) numbers them in the zone; `ptr`, `adj`, `weight` as in units, weight 0 where free units join two; `rim`
    (k,) is the border weight toward wild units; `households`, `moments`, `home` as in units. Unit i has border `part`
    with the free units `free`, each in rows star[i]:star[i + 1]; `around` is the border of each free unit with units
    that stayed. Free units make connected clusters: unit i touches `cluster[first[i]:first[i + 1]]`, of
    `extra_households` and `extra_area`; cluster c holds units body[c]:body[c + 1] of `disc` (·, 4): their area,
    center x and y, and own inertia by area. `wild` numbers the wild units.
    """

    row: Numbers
    ptr: Numbers
    adj: Numbers
    weight: Reals
    rim: Reals
    households: Numbers
    moments: Reals
    home: Numbers
    star: Numbers
    free: Numbers
    part: Reals
    around: Reals
    first: Numbers
    cluster: Numbers
    extra_households: Numbers
    extra_area: Reals
    body: Numbers
    disc: Reals
    wild: Numbers


def thinned(units: Units, level: Numbers) -> Thin:
    """The zone thinned at each unit's level (n,), a row of LEVELS. O(m + sum of squares of cluster borders)."""
    n = len(units.households)
    small = units.households <= LEVELS[level, 0]
    wild = small & (np.diff(units.ptr) > LEVELS[level, 1])
    free = small & ~wild
    stays = ~small
    row = np.flatnonzero(stays)
    new = np.cumsum(stays) - 1
    source = np.repeat(np.arange(n), np.diff(units.ptr))
    first, cluster, of_unit = clusters(units, free, stays, new)
    mine = np.flatnonzero(of_unit >= 0)
    mine = mine[np.argsort(of_unit[mine], kind="stable")]
    count = max(int(of_unit.max(initial=0)) + 1, 1)
    kept = stays[source] & stays[units.adj] & (source < units.adj)
    a, b = joined_pairs(first, cluster)
    key, at = np.unique(np.concatenate([new[source[kept]] * n + new[units.adj[kept]], a * n + b]), return_inverse=True)
    weight = summed(at, np.concatenate([units.weight[kept], np.zeros(len(a))]), len(key))
    ptr, adj, edge = csr(len(row), key // n, key % n)
    rim = summed(source, np.where(wild[units.adj], units.weight, 0.0), n)
    star = stays[source] & free[units.adj]
    ends = np.searchsorted(new[source[star]], np.arange(len(row) + 1))
    around = summed(units.adj[star], units.weight[star], n)
    return Thin(
        row, ptr, adj, weight[edge], rim[row], units.households[row], units.moments[row], units.home[row],
        ends, units.adj[star], units.weight[star], around, first, cluster,
        np.bincount(of_unit[mine], units.households[mine], count).astype(np.int64),
        summed(of_unit[mine], units.moments[mine, 0], count),
        np.searchsorted(of_unit[mine], np.arange(count + 1)), discs(units.moments[mine]), np.flatnonzero(wild),
    )  # fmt: skip


def joined_pairs(first: Numbers, cluster: Numbers) -> tuple[Numbers, Numbers]:
    """Pairs a < b of staying units that touch the same cluster."""
    from scipy.sparse import csr_array

    k = len(first) - 1
    touch = csr_array((np.ones(len(cluster)), cluster, first), shape=(k, int(cluster.max(initial=0)) + 1))
    both = (touch @ touch.T).tocoo()
    upper = both.row < both.col
    return both.row[upper].astype(np.int64), both.col[upper].astype(np.int64)


def discs(moments: Reals) -> Reals:
    """Area, center x and y, and own inertia by area of each row of moments; zeros without area."""
    area = moments[:, 0]
    lived = np.where(area > 0, area, 1.0)
    x, y, r2 = (moments[:, q] / lived for q in (1, 2, 3))
    own = np.maximum(r2 - x * x - y * y, 0.0)
    return np.where((area > 0)[:, None], np.stack([area, x, y, own], 1), 0.0)


def clusters(
    units: Units, free: NDArray[np.bool_], stays: NDArray[np.bool_], new: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Clusters of free units each staying unit touches, in compressed rows, and the cluster of each unit or -1."""
    n = len(units.households)
    source = np.repeat(np.arange(n), np.diff(units.ptr))
    inside = free[source] & free[units.adj]
    part = components(n, source[inside], units.adj[inside])
    of_unit = np.full(n, -1, np.int64)
    of_unit[free] = np.unique(part[free], return_inverse=True)[1]
    at = free[source] & stays[units.adj]
    count = max(int(of_unit.max(initial=0)) + 1, 1)
    key = np.unique(new[units.adj[at]] * count + of_unit[source[at]])
    first = np.searchsorted(key // count, np.arange(int(stays.sum()) + 1))
    return first, key % count, of_unit


def reach(units: Units, start: int, most: int) -> Any:
    """Units a grid of up to `most` households that holds `start` may hold. O(m log n)."""
    from heapq import heappop, heappush

    size = units.households
    best = {start: int(size[start])}
    waiting = [(best[start], start)]
    while waiting:
        held, v = heappop(waiting)
        if held > best[v]:
            continue
        for u in units.adj[units.ptr[v] : units.ptr[v + 1]].tolist():
            total = held + int(size[u])
            if total <= most and total < best.get(u, most + 1):
                best[u] = total
                heappush(waiting, (total, u))
    return np.array(sorted(best), np.int64)


def least_border(units: Units, wild: int, near: Numbers) -> float:
    """Half of the least border weight that parts a unit from all but the units `near`, rounded down; a maximum flow.

    0 when there is nothing else.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import maximum_flow

    n = len(units.households)
    new = np.full(n, len(near), np.int64)
    new[near] = np.arange(len(near))
    if len(near) == n:
        return 0.0
    source = np.repeat(np.arange(n), np.diff(units.ptr))
    kept = (new[source] != new[units.adj]) & (units.weight > 0)
    scaled = np.floor(units.weight[kept]).astype(np.int32)
    table = coo_array((scaled, (new[source[kept]], new[units.adj[kept]])), shape=(len(near) + 1,) * 2).tocsr()
    return 0.5 * float(maximum_flow(table.astype(np.int32), int(new[wild]), len(near)).flow_value)
