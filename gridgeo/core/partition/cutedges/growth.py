"""Connected parts of any graph, planar or not: sets grown node by node while their border can stay short."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any

import numpy as np

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.listing import NONE, ONE, lowest


@inner
def has(mask: Any, v: int) -> bool:
    """Whether node v is in a mask (words,)."""
    return ((mask[v >> 6] >> np.uint64(v & 63)) & ONE) != NONE


@inner
def reach(v: int, mask: Any, ptr: Any, adj: Any, length: Any) -> int:
    """Length of the edges from node v into a mask."""
    total = 0
    for e in range(ptr[v], ptr[v + 1]):
        if has(mask, adj[e]):
            total += length[e]
    return total


@inner
def next_open(open_: Any) -> int:
    """Lowest node of a mask, -1 when it is empty."""
    for w in range(len(open_)):
        if open_[w] != NONE:
            return 64 * w + lowest(open_[w])
    return -1


@kernel
def list_connected(  # noqa: C901  (one stack machine: splitting it would hide its few lines)
    ptr: Any, adj: Any, length: Any, weight: Any, near: Any, low: int, high: int, longest: int, most: int, visits: int
) -> Any:  # fmt: skip
    """Connected sets of a weight from `low` to `high` with a border up to `longest`: masks, borders, completeness.

    A set grows from its lowest node; a node passed over is banned from the branches after it, and what the set shares
    with banned nodes is border for good. Gives up after `most` sets or `visits` steps.
    """
    n, words = len(weight), near.shape[1]
    out, border = np.zeros((most, words), np.uint64), np.zeros(most, np.int64)
    inside, banned, open_ = (
        np.zeros((n + 2, words), np.uint64), np.zeros((n + 2, words), np.uint64), np.zeros((n + 2, words), np.uint64)
    )  # fmt: skip
    held, rim, fixed = np.zeros(n + 2, np.int64), np.zeros(n + 2, np.int64), np.zeros(n + 2, np.int64)
    around = np.zeros(n, np.int64)
    for v in range(n):
        for e in range(ptr[v], ptr[v + 1]):
            around[v] += length[e]
    got = seen = 0
    for root in range(n):
        depth = 0
        inside[0], banned[0], open_[0] = NONE, NONE, NONE
        for v in range(root):
            banned[0, v >> 6] |= ONE << np.uint64(v & 63)
        open_[0, root >> 6] = ONE << np.uint64(root & 63)
        held[0] = rim[0] = fixed[0] = 0
        while depth >= 0:
            v = next_open(open_[depth]) if fixed[depth] <= longest else -1
            if v < 0:
                depth -= 1
                continue
            bit = ONE << np.uint64(v & 63)
            open_[depth, v >> 6] ^= bit
            shared = reach(v, inside[depth], ptr, adj, length)
            cut = fixed[depth] + reach(v, banned[depth], ptr, adj, length)
            banned[depth, v >> 6] |= bit
            fixed[depth] += shared
            if held[depth] + weight[v] > high or cut > longest:
                continue
            seen += 1
            if seen == visits:
                return out[:got], border[:got], False
            child = depth + 1
            for w in range(words):
                inside[child, w], banned[child, w] = inside[depth, w], banned[depth, w]
            inside[child, v >> 6] |= bit
            banned[child, v >> 6] ^= bit
            for w in range(words):
                open_[child, w] = (open_[depth, w] | near[v, w]) & ~banned[child, w] & ~inside[child, w]
            held[child], fixed[child] = held[depth] + weight[v], cut
            rim[child] = rim[depth] + around[v] - 2 * shared
            depth = child
            if held[depth] >= low and rim[depth] <= longest:
                if got == most:
                    return out, border, False
                out[got], border[got] = inside[depth], rim[depth]
                got += 1
    return out[:got], border[:got], True
