"""Parts put together: the linear program over listed parts with a price for all others, and the exact cover."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.cutedges.dual import Bits, Network, Numbers
from gridgeo.core.partition.listing import NONE, ONE, lowest

Reals = NDArray[np.float64]

TINY = 1e-6
ROUNDS = 200
BATCH = 400


@dataclass(frozen=True, eq=False)
class Parts:
    """Possible parts: `mask` (p, words) of nodes, `border` (p,) length of edges that leave it."""

    mask: Bits
    border: Numbers

    def __len__(self) -> int:
        return len(self.border)

    def take(self, rows: Any) -> Parts:
        """The chosen parts."""
        return Parts(self.mask[rows], self.border[rows])

    def not_in(self, others: Parts) -> Parts:
        """Those that are not among others, each once."""
        known = {row.tobytes() for row in others.mask}
        rows = {row.tobytes(): i for i, row in enumerate(self.mask)}
        return self.take(np.array([i for key, i in rows.items() if key not in known], np.int64))

    def with_more(self, other: Parts) -> Parts:
        """These parts and others."""
        return Parts(np.concatenate([self.mask, other.mask]), np.concatenate([self.border, other.border]))


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Optimum of the linear program: no plan costs less than `bound`; `price` (n,) of nodes, `toll` of each part.

    `spare` is how many parts that are not listed it uses.
    """

    bound: float
    price: Reals
    toll: float
    spare: float
    columns: Numbers

    def reduced(self, parts: Parts) -> Reals:
        """Reduced cost of each part."""
        return 0.5 * parts.border - sums_of(parts.mask, self.price) - self.toll


@kernel
def sums_of(mask: Any, value: Any) -> Any:
    """Sum of the values (n,) of the nodes in each mask (p, words)."""
    out = np.zeros(len(mask))
    for row in range(len(mask)):
        total = 0.0
        for w in range(mask.shape[1]):
            bits = mask[row, w]
            while bits != NONE:
                total += value[64 * w + lowest(bits)]
                bits &= bits - ONE
        out[row] = total
    return out


def members(mask: Bits, n: int) -> NDArray[np.uint8]:
    """Masks as a table (p, n) of 0 and 1."""
    flat = np.ascontiguousarray(mask.astype("<u8")).view(np.uint8).reshape(len(mask), 8 * mask.shape[1])
    return np.unpackbits(flat, axis=1, bitorder="little")[:, :n]


class Spare(NamedTuple):
    """Parts that are not listed: the least each costs, and how many of them a plan has at least."""

    cost: float
    least: int


def relax(
    network: Network, parts: Parts, band: tuple[int, int], count: int, spare: Spare, start: Numbers
) -> Relaxation:
    """Linear program over all plans: listed parts, and `spare` ones.

    A part that is not listed is any share of nodes of the right weight, so the bound holds for all connected parts.
    Columns enter by their reduced cost until none helps.
    """
    active = start
    while True:
        answer = _solve(network, parts.take(active), band, count, spare)
        price, toll = answer.eqlin.marginals[:-1], float(answer.eqlin.marginals[-1])
        found = Relaxation(float(answer.fun), price, toll, float(answer.x[len(active)]), active)
        reduced = found.reduced(parts)
        helps = np.flatnonzero(reduced < -TINY)
        if not len(helps):
            return found
        best = np.union1d(active, helps[np.argsort(reduced[helps], kind="stable")[:BATCH]])
        if len(best) == len(active):  # what is left is the solver's tolerance: lower the bound by all of it
            return replace(found, bound=found.bound + count * float(reduced.min()))
        active = best


def _solve(network: Network, parts: Parts, band: tuple[int, int], count: int, spare: Spare) -> Any:
    """The program over the given columns: shares of parts; then spare parts, their number, nodes, cost, cut edges.

    Spare parts cost at least their number times the least cost of each, and half the edges between their nodes and
    others.
    """
    from scipy.optimize import linprog
    from scipy.sparse import block_array, csr_array, eye_array

    n, m, p = len(network), len(network.u), len(parts)
    inside = csr_array(members(parts.mask, n).T.astype(np.float64))
    one, weight = csr_array(np.ones((1, 1))), csr_array(network.weight[None].astype(np.float64))
    ends = csr_array(
        (np.repeat([1.0, -1.0], m), (np.tile(np.arange(m), 2), np.concatenate([network.u, network.v]))), shape=(m, n)
    )
    split = eye_array(m)
    length = csr_array(0.5 * network.length[None].astype(np.float64))
    ones, low, high = csr_array(np.ones((1, p))), float(band[0]), float(band[1])
    cover: list[list[Any]] = [
        [inside, None, eye_array(n), None, None],
        [ones, one, None, csr_array((1, 1)), csr_array((1, m))],
    ]
    least: list[list[Any]] = [
        [csr_array((n, p)), -csr_array(np.ones((n, 1))), eye_array(n), None, None],
        [None, -high * one, weight, None, None],
        [None, low * one, -weight, None, None],
        [None, spare.cost * one, None, -one, None],
        [None, None, None, -one, length],
        [None, None, ends, None, -split],
        [None, None, -ends, None, -split],
    ]
    equal, below = block_array(cover).tocsc(), block_array(least).tocsc()
    price = np.concatenate([0.5 * parts.border, np.zeros(1 + n), [1.0], np.zeros(m)])
    fewest = np.zeros(len(price))
    fewest[p] = spare.least
    return linprog(
        price, A_eq=equal, b_eq=np.concatenate([np.ones(n), [count]]), A_ub=below, b_ub=np.zeros(below.shape[0]),
        bounds=np.stack([fewest, np.full(len(price), np.inf)], 1), method="highs",
    )  # type: ignore[call-overload]  # fmt: skip


@inner
def fitting(mask: Any, reduced: Any, taken: Any, room: float, pool: Any, size: int, out: Any) -> int:
    """Those of the first `size` parts of a pool that are free of taken nodes and within the room; how many."""
    got = 0
    for i in range(size):
        part = pool[i]
        if reduced[part] > room:
            continue
        clash = NONE
        for w in range(mask.shape[1]):
            clash |= mask[part, w] & taken[w]
        if clash == NONE:
            out[got] = part
            got += 1
    return got


@inner
def rarest(mask: Any, taken: Any, n: int, pool: Any, size: int) -> int:
    """The node not taken yet that fewest parts of the pool hold, -1 when one is in none."""
    held = np.zeros(n, np.int64)
    for i in range(size):
        for w in range(mask.shape[1]):
            bits = mask[pool[i], w]
            while bits != NONE:
                held[64 * w + lowest(bits)] += 1
                bits &= bits - ONE
    best = -1
    for v in range(n):
        free = ((taken[v >> 6] >> np.uint64(v & 63)) & ONE) == NONE
        if free and (best < 0 or held[v] < held[best]):
            best = v
    return best if held[best] > 0 else -1


@kernel
def cover_exactly(mask: Any, reduced: Any, n: int, count: int, room: float) -> Any:
    """Parts, `count` of them, that hold each of n nodes once and cost at most `room` above the bound; none: empty.

    Depth first: the node that fewest parts hold is covered next, and only parts that fit beside those chosen stay.
    """
    words, p = mask.shape[1], len(mask)
    pool = np.zeros((count + 1, p), np.int64)
    size, place = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    node, left = np.zeros(count + 1, np.int64), np.zeros(count + 1)
    taken = np.zeros((count + 1, words), np.uint64)
    chosen = np.zeros(count, np.int64)
    pool[0] = np.arange(p)
    size[0] = fitting(mask, reduced, taken[0], room, pool[0].copy(), p, pool[0])
    left[0] = room
    node[0] = rarest(mask, taken[0], n, pool[0], size[0])
    depth = 0
    while depth >= 0:
        if node[depth] < 0 or place[depth] == size[depth]:
            depth -= 1
            continue
        part = pool[depth, place[depth]]
        place[depth] += 1
        v = node[depth]
        if ((mask[part, v >> 6] >> np.uint64(v & 63)) & ONE) == NONE:
            continue
        chosen[depth] = part
        held = 0
        for w in range(words):
            taken[depth + 1, w] = taken[depth, w] | mask[part, w]
            bits = taken[depth + 1, w]
            while bits != NONE:
                bits &= bits - ONE
                held += 1
        if depth + 1 == count:
            if held == n:
                return chosen
            continue
        depth += 1
        left[depth] = left[depth - 1] - reduced[part]
        size[depth] = fitting(mask, reduced, taken[depth], left[depth], pool[depth - 1], size[depth - 1], pool[depth])
        place[depth] = 0
        node[depth] = rarest(mask, taken[depth], n, pool[depth], size[depth]) if held < n else -1
    return chosen[:0]
