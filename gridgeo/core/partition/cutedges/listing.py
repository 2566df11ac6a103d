"""What is listed of a network: sides of short cycles, the parts among them, and parts that lie between sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gridgeo.core.kernel.graph import csr
from gridgeo.core.partition.cutedges.cycles import list_sides
from gridgeo.core.partition.cutedges.dual import Bits, Dual, Network, Numbers, words_of
from gridgeo.core.partition.cutedges.growth import list_connected
from gridgeo.core.partition.cutedges.master import Parts, Reals, Relaxation, members, sums_of
from gridgeo.core.partition.cutedges.strips import list_strips, whole

SIDES = 2_000_000
VISITS = 3_000_000_000
STRIPS = 1_000_000
GROWN = 300_000_000
"""Limits of the lists: sides, steps of their search, parts between sides, and steps where parts are grown."""


@dataclass(frozen=True, eq=False)
class Task:
    """A network to divide into `count` parts of a weight in `band`; `near` (n, words) are neighbors as bits.

    `dual` is None where the network is not planar.
    """

    network: Network
    dual: Dual | None
    band: tuple[int, int]
    count: int
    near: Bits

    @property
    def everything(self) -> Bits:
        """All nodes as bits."""
        n = len(self.network)
        full = np.zeros(words_of(n), np.uint64)
        np.bitwise_or.at(full, np.arange(n) // 64, np.uint64(1) << (np.arange(n) % 64).astype(np.uint64))
        return full


def task_of(network: Network, dual: Dual | None, band: tuple[int, int], count: int) -> Task:
    """A network with the neighbors of its nodes as bits."""
    near = np.zeros((len(network), words_of(len(network))), np.uint64)
    for a, b in ((network.u, network.v), (network.v, network.u)):
        np.bitwise_or.at(near, (a, b // 64), np.uint64(1) << (b % 64).astype(np.uint64))
    return Task(network, dual, band, count, near)


@dataclass(frozen=True, eq=False)
class Sides:
    """Sets with a border up to `longest`: nodes, weight and border; whether none was left out.

    Of a planar network both sides of every cycle; of others all `parts`, so that none lies between sides.
    """

    mask: Bits
    weight: Numbers
    border: Numbers
    longest: int
    complete: bool
    between: bool = True

    def __len__(self) -> int:
        return len(self.border)

    @property
    def spare_cost(self) -> float:
        """Least cost of a part that is not listed: half the border of the next longer cycle."""
        return 0.5 * (self.longest + 1)

    def parts(self, band: tuple[int, int]) -> Parts:
        """Those that are a part by themselves."""
        fits = (self.weight >= band[0]) & (self.weight <= band[1])
        return Parts(self.mask[fits], self.border[fits])


def sides_of(task: Task, longest: int, least: int = 0) -> Sides:
    """Sides of all cycles up to a length; the face with most edges is searched first and then left out.

    No cycle is shorter than `least`, so a side with a longer border than the rest leaves bounds no part with others.
    """
    network, dual = task.network, task.dual
    if dual is None:
        return grown(task, longest)
    total = int(network.weight.sum())
    order = np.argsort(-np.diff(dual.ptr), kind="stable")
    mask, weight, border, complete = list_sides(
        dual.ptr, dual.to, dual.edge, dual.gain, dual.below, network.length, order,
        total, *task.band, task.count, longest, longest - least, SIDES, VISITS,
    )  # fmt: skip
    both = np.concatenate([mask, task.everything & ~mask])
    return Sides(both, np.concatenate([weight, total - weight]), np.tile(border, 2), longest, bool(complete))


def grown(task: Task, longest: int) -> Sides:
    """All parts with a border up to a length, of a network that is not planar."""
    network = task.network
    ptr, adj, edge = csr(len(network), network.u, network.v)
    mask, border, complete = list_connected(
        ptr, adj, network.length[edge], network.weight, task.near, *task.band, longest, SIDES, GROWN
    )
    weight = np.full(len(border), task.band[0], np.int64)
    return Sides(mask, weight, border, longest, bool(complete), between=False)


def shares(total: int, least: int = 1) -> Iterator[tuple[int, ...]]:
    """Ways to write a number as a sum of ascending numbers of at least `least`.

    >>> list(shares(3))
    [(3,), (1, 2), (1, 1, 1)]
    """
    yield (total,)
    for first in range(least, total // 2 + 1):
        for rest in shares(total - first, first):
            yield (first, *rest)


def strips_of(task: Task, sides: Sides, found: Relaxation, room: float) -> tuple[Parts, bool]:
    """Parts between two or more sides whose reduced cost is at most `room`; whether none was left out.

    The reduced cost of such a part is the sum over its sides of half their border and their price, less the price of
    everything and the toll.
    """
    value = 0.5 * sides.border + sums_of(sides.mask, found.price)
    limit = float(found.price.sum()) + found.toll + room
    out = Parts(sides.mask[:0], sides.border[:0])
    complete = True
    if not sides.between:
        return out, True
    for share in shares(task.count - 1):
        if len(share) > 1:
            more, kept = _strips(task, sides, value, share, limit)
            out, complete = out.with_more(more), complete and kept
    return out, complete


def _strips(task: Task, sides: Sides, value: Reals, share: tuple[int, ...], limit: float) -> tuple[Parts, bool]:
    """Parts between sides that hold the given numbers of parts."""
    mine = {}
    for parts in set(share):
        low, high = (parts * end for end in task.band)
        mine[parts] = np.flatnonzero((sides.weight >= low) & (sides.weight <= high))
        if not len(mine[parts]):
            return Parts(sides.mask[:0], sides.border[:0]), True
    least = {parts: float(value[rows].min()) for parts, rows in mine.items()}
    tail = np.array([sum(least[parts] for parts in share[d:]) for d in range(len(share) + 1)])
    take, start, end = np.zeros(0, np.int64), {}, {}
    for parts, rows in sorted(mine.items()):
        near = rows[value[rows] + tail[0] - least[parts] <= limit]
        start[parts], end[parts] = len(take), len(take) + len(near)
        take = np.concatenate([take, near[np.argsort(value[near], kind="stable")]])
    if tail[0] > limit:
        return Parts(sides.mask[:0], sides.border[:0]), True
    first, last = (np.array([bound[parts] for parts in share], np.int64) for bound in (start, end))
    mask = np.ascontiguousarray(sides.mask[take])
    union, length, complete = list_strips(
        mask, hulls(mask, task.near), sides.border[take], value[take], first, last, tail, limit, sides.longest, STRIPS
    )
    between = task.everything & ~union
    held = sums_of(between, task.network.weight.astype(np.float64))
    sound = whole(between, task.near) & (held >= task.band[0]) & (held <= task.band[1])
    return Parts(between[sound], length[sound]), bool(complete)


def hulls(mask: Bits, near: Bits) -> Bits:
    """Each set with its neighbors."""
    inside = members(mask, len(near)).astype(bool)
    out = mask.copy()
    for node in range(len(near)):
        out[inside[:, node]] |= near[node]
    return out
