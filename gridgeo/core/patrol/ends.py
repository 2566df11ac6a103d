"""Where walks begin and end: at the station, at the best place, back at the start or wherever they come out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.tjoin import Joins
from gridgeo.core.model import Ints, Stop, never
from gridgeo.core.patrol.network import Network, Patch
from gridgeo.core.patrol.postman import FIRST_MARGIN_M, MM_SAFE, Effort, Walk, connected_patch, shortest_walk


def open_walk(
    network: Network,
    required: NDArray[Any],
    start: int,
    *,
    free_start: bool = False,
    effort: Effort | None = None,
    rng_seed: int = 1,
    stop: Stop = never,
) -> Walk:
    """Shortest walk over the required edges that ends wherever that is shortest, and begins so too where asked.

    The ends are those of a least T-join, which is exact where the streets hang together. Elsewhere the walk back to
    the start is tried too, and the best ends of a walk that takes the same links between pieces. The bound holds for
    all ends.

    Parameters
    ----------
    network, required, start, effort, rng_seed, stop
        As in `shortest_walk`.
    free_start
        Whether the walk may begin anywhere on the required edges.
    """
    required = np.sort(np.asarray(required, np.int64))
    if free_start and start not in (nodes := network.degree(required)[0]):
        start = int(nodes[0])

    def walk(ends: tuple[int, int]) -> Walk:
        return shortest_walk(network, required, ends[0], end=ends[1], effort=effort, rng_seed=rng_seed, stop=stop)

    ends, extra = _best_ends(network, required, start, free_start)
    least = network.cost(required) + extra
    best = walk(ends)
    if best.length_mm > least:
        closed = best if ends == (start, start) else walk((start, start))
        linked = np.append(required, np.unique(closed.extra))
        others = _best_ends(network, linked, start, free_start)[0]
        best = min(best, closed, walk(others), key=lambda one: one.length_mm)
    return replace(best, bound_mm=min(best.length_mm, least))


def _best_ends(network: Network, required: Ints, start: int, free_start: bool) -> tuple[tuple[int, int], int]:
    """First and last node of a walk whose extra edges weigh least while pieces may stay apart; that least weight.

    The patch is as wide as it takes for the weight to hold in the whole network.
    """
    margin = FIRST_MARGIN_M
    while True:
        patch, margin = connected_patch(network, required, start, margin)
        ends, cost = _ends_in(patch, free_start)
        if len(patch.members) == len(network.tail) or cost <= MM_SAFE * margin:
            break
        margin = cost / MM_SAFE + 1.0
    named = _names(network, patch, required, start)
    return (named[ends[0]], named[ends[1]]), cost


def _ends_in(patch: Patch, free_start: bool) -> tuple[tuple[int, int], int]:
    """Nodes of a patch to begin and end at, and the length of a least T-join between them.

    The best ends are nodes of T as it is without them: from any other, the join leads on to one of T for nothing but
    length. So every free end is one more node, joined to all of T by edges so dear that just one of them is taken.
    """
    odd = patch.odd(patch.required)
    wanted = odd if free_start else np.setxor1d(odd, [patch.start])
    if len(wanted) == 0:
        return (patch.start, patch.start), 0
    free = patch.nodes + np.arange(2 if free_start else 1)
    dear = patch.cost(patch.join(wanted[len(free) :])) + 1
    tail, head = np.repeat(free, len(wanted)), np.tile(wanted, len(free))
    u, v = np.append(patch.tail, tail), np.append(patch.head, head)
    length = np.append(patch.length_mm, np.full(len(tail), dear))
    taken = Joins(patch.nodes + len(free), u, v, length).join(np.append(wanted, free))
    own = len(patch.tail)
    ends = [] if free_start else [patch.start]
    first, last = ends + head[taken[taken >= own] - own].tolist()
    return (first, last), patch.cost(taken[taken < own])


def _names(network: Network, patch: Patch, required: Ints, start: int) -> dict[int, int]:
    """Network row of each kept node of a patch that the walk may begin or end at."""
    named = {patch.start: start}
    xs = np.unique(np.concatenate([network.tail[required], network.head[required]]))
    for node, row in zip(patch.rows_of(xs).tolist(), xs.tolist(), strict=True):
        if node >= 0:
            named.setdefault(node, row)
    return named
