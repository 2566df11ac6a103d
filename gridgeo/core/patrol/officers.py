"""A grid's streets shared out among officers or walks, so that the longest walk is short."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Ints, Stop, never
from gridgeo.core.patrol.few import FEW, share_few
from gridgeo.core.patrol.network import Network, Patch
from gridgeo.core.patrol.postman import FIRST_MARGIN_M, MM_SAFE, Effort, Walk, connected_patch, shortest_walk
from gridgeo.core.patrol.share import ShareTask, share_out

STEPS = 6_000


def walks_within(
    network: Network,
    walk: Walk,
    parts: int,
    longest_mm: float,
    *,
    most: int,
    effort: Effort,
    stand_mm: Ints | None = None,
    slow_mm: Ints | None = None,
    rng_seed: int,
    stop: Stop = never,
) -> list[Walk]:
    """Walks that together cover a walk's streets: `parts` of them, or as many more as keep each within a length.

    Parameters
    ----------
    network
        Where one may walk.
    walk
        The walk over all streets.
    parts
        Fewest walks wanted, 1 or more; a grid of few streets may give fewer.
    longest_mm
        Length no walk should exceed (inf: none).
    most
        Greatest number of walks worth trying.
    stand_mm
        What calls along each edge of the network take, in millimetres that could be walked meanwhile; None: nothing.
    slow_mm
        What an edge takes beyond its length on every pass (stairs, slopes), likewise; None: nothing.
    effort, rng_seed, stop
        As in `shortest_walk`.

    Returns
    -------
    list
        Walks, each shortest over its own streets as far as its bound says. When even `most` walks are not enough, or
        one street alone is too far away, some exceed the length.
    """
    stand = np.zeros(len(network.tail), np.int64) if stand_mm is None else stand_mm
    slow = np.zeros(len(network.tail), np.int64) if slow_mm is None else slow_mm
    wanted = max(parts, int(np.ceil(taken_mm(walk, stand, slow) / longest_mm)))
    if wanted == 1:
        return [walk]
    while True:
        shares = split_streets(
            network, walk.required, walk.start, wanted, stand_mm=stand + slow, rng_seed=rng_seed, stop=stop
        )
        walks = [
            shortest_walk(network, share, walk.start, effort=effort, rng_seed=rng_seed, stop=stop) for share in shares
        ]
        kept = max(taken_mm(part, stand, slow) for part in walks) <= longest_mm
        if kept or wanted >= most or len(shares) < wanted or stop():
            return walks
        wanted += 1


def taken_mm(walk: Walk, stand_mm: Ints, slow_mm: Ints) -> int:
    """Length of a walk, and what its calls, stairs and slopes take beyond it."""
    slow = int(slow_mm[walk.required].sum() + slow_mm[walk.extra].sum())
    return walk.length_mm + slow + int(stand_mm[np.unique(walk.required)].sum())


def split_streets(
    network: Network,
    required: NDArray[np.int64],
    start: int,
    parts: int,
    *,
    stand_mm: Ints,
    rng_seed: int,
    stop: Stop = never,
) -> list[Ints]:
    """Required edges in `parts` shares (fewer when there are fewer streets) that keep the longest walk short.

    A stretch of street between two junctions is one officer's; of few stretches the shares are the best there are.
    """
    patch, task, _ = _share_task(network, required, start, parts, stand_mm)
    few = share_few(task) if len(task.serve) <= FEW else None
    shared = share_out(task, steps=STEPS, rng_seed=rng_seed, stop=stop) if few is None else few
    return [patch.expand(patch.required[walk >> 1]) for walk in shared.walks]


def _share_task(
    network: Network,
    required: NDArray[np.int64],
    start: int,
    parts: int,
    stand_mm: Ints,
    margin_m: float = FIRST_MARGIN_M,
) -> tuple[Patch, ShareTask, float]:
    """The stretches to be shared out, as services, the patch whose required edges they are, and its margin, metres."""
    patch, margin_m = connected_patch(network, required, start, margin_m)
    services = patch.required
    begin = np.append(np.stack([patch.tail[services], patch.head[services]], 1).ravel(), patch.start)
    end = np.append(np.stack([patch.head[services], patch.tail[services]], 1).ravel(), patch.start)
    nodes = np.unique(begin)
    i, j, length = patch.distances(nodes, patch.cost(np.arange(len(patch.tail))) + 1)
    away = np.zeros((len(nodes), len(nodes)), np.int64)
    away[i, j] = length
    task = ShareTask(
        between=away[np.ix_(np.searchsorted(nodes, end), np.searchsorted(nodes, begin))],
        serve=patch.length_mm[services] + patch.summed(stand_mm)[services],
        load=np.zeros(len(services), np.int64),
        capacity=0,
        walks=parts,
        longest_counts=2.0 * parts,
    )
    return patch, task, margin_m


def longest_bound(network: Network, walk: Walk, parts: int) -> int:
    """Proven lower bound (mm) of the longest of `parts` walks that together cover the streets of one.

    Someone walks at least the whole divided by the number of walks. Moreover, whoever works farther than a distance
    from the start walks that distance twice before; so the longest walk is at least twice the distance plus an equal
    share of all that lies beyond, whatever the distance (the greatest one: the farthest street, there and back). Few
    stretches of street are shared out exactly.
    """
    required = np.unique(walk.required)
    nodes = np.unique(np.concatenate([network.tail[required], network.head[required]]))
    others = nodes[nodes != walk.start]
    i, j, away = network.distances(np.append(walk.start, others), int(network.length_mm[required].sum()) * 4 + 1)
    far = np.zeros(len(others) + 1, np.int64)
    far[j[i == 0]] = away[i == 0]
    named = np.append(walk.start, others)
    order = np.argsort(named, kind="stable")
    ends = [far[order[np.searchsorted(named[order], column[walk.required])]] for column in (network.tail, network.head)]
    low, high = np.minimum(*ends), np.maximum(*ends)
    length = network.length_mm[walk.required]
    levels = np.unique(far)
    # a point x along an edge from its near end is at least min(low + x, high + length - x) away
    beyond = [length - np.maximum(level - low, 0) - np.maximum(level - high, 0) for level in levels]
    deep = [
        2 * int(level) - (-int(np.maximum(rest, 0).sum()) // parts) for level, rest in zip(levels, beyond, strict=True)
    ]
    return max(-(-walk.bound_mm // parts), *deep, _least_longest(network, walk, parts))


def _least_longest(network: Network, walk: Walk, parts: int) -> int:
    """The longest walk (mm) of the best sharing of few stretches of street; 0 for many.

    A walk that leaves the patch is at least twice its margin long: it is made wide enough for none to be worth it.
    """
    none = np.zeros(len(network.tail), np.int64)
    margin_m = FIRST_MARGIN_M
    while True:
        _, task, margin_m = _share_task(network, walk.required, walk.start, parts, none, margin_m)
        few = share_few(task) if len(task.serve) <= FEW else None
        if few is None or few.longest <= MM_SAFE * margin_m:
            return 0 if few is None else int(few.longest)
        margin_m = few.longest / MM_SAFE + 1.0
