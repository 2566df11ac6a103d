"""Every division of a small graph into connected parts, each once."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import csr
from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.cutedges.dual import Network
from gridgeo.core.partition.listing import NONE, ONE, lowest
from gridgeo.errors import InputError

LARGEST = 64


@inner
def pieces_of(rest: Any, near: Any) -> int:
    """Connected pieces of a mask."""
    got = 0
    while rest != NONE:
        wave = rest & (~rest + ONE)
        rest ^= wave
        while wave != NONE:
            v = lowest(wave)
            wave &= wave - ONE
            wave |= near[v] & rest
            rest &= ~near[v]
        got += 1
    return got


@inner
def first_parts(rest: Any, near: Any, most: int, out: Any) -> int:
    """Connected sets with the lowest node of `rest` that leave 1 to `most` pieces of it; how many.

    Each is reached once: it grows node by node, and nodes passed over are banned from the branches after it.
    """
    n = len(near)
    inside, banned, open_ = np.zeros(n + 2, np.uint64), np.zeros(n + 2, np.uint64), np.zeros(n + 2, np.uint64)
    got = depth = 0
    open_[0] = rest & (~rest + ONE)
    while depth >= 0:
        if open_[depth] == NONE:
            depth -= 1
            continue
        bit = open_[depth] & (~open_[depth] + ONE)
        open_[depth] ^= bit
        banned[depth] |= bit
        inside[depth + 1] = inside[depth] | bit
        banned[depth + 1] = banned[depth]
        open_[depth + 1] = (open_[depth] | near[lowest(bit)]) & rest & ~banned[depth] & ~inside[depth + 1]
        depth += 1
        left = rest ^ inside[depth]
        if left != NONE and pieces_of(left, near) <= most:
            if got < len(out):
                out[got] = inside[depth]
            got += 1
    return got


@kernel
def divisions(near: Any, count: int, most: int) -> Any:
    """Parts (p, count) of every division as masks, and how many there are; at most `most` are kept."""
    n = len(near)
    everything = ~NONE if n == 64 else (ONE << np.uint64(n)) - ONE
    found, parts = np.zeros((most, count), np.uint64), np.zeros(count, np.uint64)
    lists, size = np.zeros((count, most), np.uint64), np.zeros(count, np.int64)
    place, rest = np.zeros(count, np.int64), np.zeros(count + 1, np.uint64)
    got = depth = 0
    rest[0] = everything
    size[0] = first_parts(rest[0], near, count - 1, lists[0])
    while depth >= 0:
        if size[depth] > most:
            return found, most + 1
        if place[depth] == size[depth]:
            depth -= 1
            continue
        parts[depth] = lists[depth, place[depth]]
        place[depth] += 1
        rest[depth + 1] = rest[depth] ^ parts[depth]
        if depth + 2 == count:
            parts[depth + 1] = rest[depth + 1]
            if got == most:
                return found, most + 1
            found[got] = parts
            got += 1
            continue
        depth += 1
        place[depth] = 0
        size[depth] = first_parts(rest[depth], near, count - depth - 1, lists[depth])
    return found, got


def list_plans(network: Network, count: int, *, most: int = 2_000_000) -> NDArray[np.int8]:
    """Every division of a connected graph into connected parts, each once: labels (p, n), parts by their lowest node.

    Raises
    ------
    InputError
        The graph has more than 64 nodes, there are fewer than two parts, or more than `most` divisions.

    Notes
    -----
    Visits every connected set with node 0: exponential.

    Examples
    --------
    >>> path = Network(np.ones(3, np.int64), np.array([0, 1]), np.array([1, 2]), np.ones(2, np.int64))
    >>> list_plans(path, 2).tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    n = len(network)
    if not 2 <= count <= n <= LARGEST:
        raise InputError(
            f"{n} nodes in {count} parts", where="network", hint=f"at most {LARGEST} nodes, 2 parts or more"
        )
    near = np.zeros(n, np.uint64)
    ptr, adj, _ = csr(n, network.u, network.v)
    np.bitwise_or.at(near, np.repeat(np.arange(n), np.diff(ptr)), np.uint64(1) << adj.astype(np.uint64))
    masks, got = divisions(near, count, most)
    if got > most:
        raise InputError(f"there are more than {most} divisions", where="network", hint="list fewer parts")
    label = np.zeros((got, n), np.int8)
    for part in range(1, count):
        bits = (masks[:got, part, None] >> np.arange(n, dtype=np.uint64)) & np.uint64(1)
        label += (bits * np.uint64(part)).astype(np.int8)
    return label
