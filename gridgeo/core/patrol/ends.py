"""Where walks begin and end: at the station, at the best place, back at the start or wherever they come out."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Ints, Stop, never
from gridgeo.core.patrol.network import Network, Patch
from gridgeo.core.patrol.postman import FIRST_MARGIN_M, Effort, Walk, connected_patch, shortest_walk

MOST_PAIRS = 500  # pairs of ends weighed one by one


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

    The best ends are nodes where an odd number of required edges meet (any other end could be moved along the walk's
    own last stretch), so weighing the T-joins of all of them is exact where the streets hang together. The bound holds
    for all ends.

    Parameters
    ----------
    network, required, start, effort, rng_seed, stop
        As in `shortest_walk`.
    free_start
        Whether the walk may begin anywhere on the required edges.
    """
    patch, _ = connected_patch(network, np.sort(required), start, FIRST_MARGIN_M)
    odd = patch.odd(patch.required)
    pairs = _pairs(odd, patch.start, free_start)
    cost = [patch.cost(patch.join(np.setxor1d(odd, pair))) for pair in pairs[:MOST_PAIRS]]
    best = int(np.argmin(cost))
    named = _names(network, patch, required, start)
    first, last = (named[node] for node in pairs[best])
    walk = shortest_walk(network, required, first, end=last, effort=effort, rng_seed=rng_seed, stop=stop)
    least = network.cost(np.asarray(required)) + (cost[best] if len(pairs) <= MOST_PAIRS else 0)
    return walk if walk.length_mm == walk.bound_mm == least else replace(walk, bound_mm=min(walk.length_mm, least))


def _pairs(odd: Ints, start: int, free_start: bool) -> list[tuple[int, int]]:
    """Ends worth weighing; equal ones close the walk."""
    if not free_start:
        return [(start, int(node)) for node in odd.tolist() if node != start] or [(start, start)]
    if len(odd) == 0:
        return [(start, start)]
    return [(a, b) for a, b in combinations(odd.tolist(), 2)]


def _names(network: Network, patch: Patch, required: NDArray[Any], start: int) -> dict[int, int]:
    """Network row of each kept node of a patch that the walk may begin or end at."""
    named = {patch.start: start}
    xs = np.unique(np.concatenate([network.tail[required], network.head[required]]))
    for node, row in zip(patch.rows_of(xs).tolist(), xs.tolist(), strict=True):
        if node >= 0:
            named.setdefault(node, row)
    return named
