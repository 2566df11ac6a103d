"""Land without households, community by community: which neighbor each part of it goes with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.carve import nearest
from gridgeo.core.partition.units import Ground

Numbers = NDArray[np.int64]


def hosts_of_empty(ground: Ground, empty: list[Numbers], lived: Numbers) -> dict[int, int]:
    """Unit each unit of the empty parts goes with, as {unit: host}; a host may itself follow another.

    The parts are joined to one another and to the inhabited units `lived` along a longest spanning tree of their
    borders, the tree that takes most border away. A border between two empty parts vanishes whole, one with
    inhabited land surely only along its longest contact, for the grids there are not drawn yet. A part that shares
    its old grid with a neighbor goes with that first. Parts nobody can walk to are left out.

    Prim's algorithm from the inhabited land, O(k e) for k empty parts with e borders between them.
    """
    owner = np.full(len(ground), -1, np.int64)
    owner[lived] = 0
    for name, part in enumerate(empty, start=1):
        owner[part] = name
    low, high = _borders(ground, owner)
    settled = np.zeros(len(empty) + 1, bool)
    settled[0] = True
    hosts: dict[int, int] = {}
    while len(ready := np.flatnonzero(settled[low] != settled[high])):
        a, b = int(low[ready[0]]), int(high[ready[0]])
        via, name = (a, b) if settled[a] else (b, a)
        part = empty[name - 1]
        hosts |= dict.fromkeys(part.tolist(), nearest(ground, part, np.flatnonzero(owner == via)))
        settled[name] = True
    return hosts


def _borders(ground: Ground, owner: Numbers) -> tuple[Numbers, Numbers]:
    """Pairs of owners one may walk between: those that shared an old grid first, then by the border saved."""
    a, b = owner[ground.u], owner[ground.v]
    edge = np.flatnonzero(ground.link & (a >= 0) & (b >= 0) & (a != b))
    a, b = a[edge], b[edge]
    k = int(owner.max(initial=0)) + 1
    pair, at = np.unique(np.minimum(a, b) * k + np.maximum(a, b), return_inverse=True)
    whole = np.bincount(at, ground.touch_m[edge], len(pair)).astype(np.float64)
    longest = np.zeros(len(pair))
    np.maximum.at(longest, at, ground.touch_m[edge])
    old = ground.old
    stays = np.bincount(at, (old[ground.u] == old[ground.v])[edge], len(pair)) > 0
    order = np.lexsort((pair, -np.where(pair < k, longest, whole), ~stays))
    return pair[order] // k, pair[order] % k
