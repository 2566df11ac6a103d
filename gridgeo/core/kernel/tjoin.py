"""Minimum T-joins and Euler circuits: the two halves of every closed walk over streets.

A T-join is a set of edges with odd degree exactly at the nodes of T. Walking a set of streets once needs a second
pass over a minimum T-join of its odd nodes, and nothing more (Edmonds and Johnson 1973, doi:10.1007/BF01580113).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components, csr
from gridgeo.errors import InfeasibleError, InputError

Ints = NDArray[np.int64]

# PyMatching keeps weights in 24 bits: heavier edges are cut into a chain of lighter ones, which is exact.
HEAVIEST = (1 << 24) - 1
# Its clock overflows beyond about 2**29: a graph across which no shortest path can be that long is safe.
FARTHEST = 1 << 29


class Joins:
    """Minimum T-joins of one graph, built once and asked many times.

    Matching grows only around the nodes asked for (sparse blossom: Higgott and Gidney 2025,
    doi:10.22331/q-2025-01-20-1600), so a question costs what its neighborhood costs, not what the graph costs.

    Parameters
    ----------
    n
        Number of nodes.
    u, v
        (m,) ends of the edges; loops and parallel edges may occur.
    weight
        (m,) whole non-negative weights.

    Raises
    ------
    InputError
        A weight is negative, or shortest paths may be longer than FARTHEST.

    Examples
    --------
    >>> square = Joins(4, np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0]), np.array([5, 5, 5, 9]))
    >>> square.join(np.array([0, 3])).tolist()
    [3]
    """

    def __init__(self, n: int, u: NDArray[Any], v: NDArray[Any], weight: NDArray[Any]) -> None:
        weight = np.asarray(weight, np.int64)
        if len(weight) and weight.min() < 0:
            raise InputError(f"an edge weighs {weight.min()}", where="weight", hint="give weights of 0 or more")
        self.component = components(n, u, v) if n else np.zeros(0, np.int64)
        _check_reach(self.component, u, v, weight)
        tail, head, self._row = _links(n, np.asarray(u, np.int64), np.asarray(v, np.int64), weight)
        self._n, self._nodes = n, max(n, int(max(tail.max(), head.max())) + 1 if len(tail) else 0)
        self._matching = _matching(self._nodes, tail, head, _shares(weight, self._row)) if len(tail) else None

    def join(self, odd: NDArray[Any]) -> Ints:
        """Edges of a minimum T-join.

        Parameters
        ----------
        odd
            Distinct node rows: T.

        Returns
        -------
        NDArray
            Edge rows, ascending, each at most once.

        Raises
        ------
        InfeasibleError
            A component holds an odd number of nodes of T; `proof` names a node in it.
        """
        if len(odd) == 0:
            return np.zeros(0, np.int64)
        parts, first, count = np.unique(self.component[odd], return_index=True, return_counts=True)
        if (count % 2).any():
            lone = int(np.flatnonzero(count % 2)[0])
            proof = {"node": int(odd[first[lone]]), "component": int(parts[lone]), "odd_nodes": int(count[lone])}
            raise InfeasibleError("a component holds an odd number of odd nodes", where="T-join", proof=proof)
        assert self._matching is not None  # two nodes in one component: there are edges
        asked = np.zeros(self._nodes, np.uint8)
        asked[odd] = 1
        used: Ints = np.unique(self._row[np.flatnonzero(self._matching.decode(asked))])
        return used


def _check_reach(component: Ints, u: NDArray[Any], v: NDArray[Any], weight: Ints) -> None:
    """Refuse a graph whose paths may be too long: no path is longer than twice the way from one node to the rest."""
    if int(weight.sum()) < FARTHEST:
        return
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    _, first = np.unique(component, return_index=True)
    order = np.lexsort((weight, v, u))  # scipy adds parallel entries up: keep the lightest only
    keep = np.ones(len(order), bool)
    keep[1:] = (u[order[1:]] != u[order[:-1]]) | (v[order[1:]] != v[order[:-1]])
    rows = order[keep]
    lengths = np.maximum(weight[rows], 1).astype(np.float64)
    graph = coo_array((lengths, (u[rows], v[rows])), shape=(len(component),) * 2).tocsr()
    farthest = float(dijkstra(graph, directed=False, indices=first, min_only=True).max())
    if 2 * farthest >= FARTHEST:
        raise InputError(f"a shortest path weighs {farthest:.0f}", where="T-join", hint="use a coarser unit of length")


def _links(n: int, u: Ints, v: Ints, weight: Ints) -> tuple[Ints, Ints, Ints]:
    """The cheapest edge of each pair as a chain of links of at most HEAVIEST: tail, head and edge row of each."""
    low, high = np.minimum(u, v), np.maximum(u, v)
    order = np.lexsort((weight, high, low))
    order = order[low[order] != high[order]]
    first = np.ones(len(order), bool)
    first[1:] = (low[order[1:]] != low[order[:-1]]) | (high[order[1:]] != high[order[:-1]])
    rows = np.sort(order[first])
    pieces = np.maximum(1, -(-weight[rows] // HEAVIEST))
    row = np.repeat(rows, pieces)
    starts = np.cumsum(pieces) - pieces
    inner = np.arange(len(row)) - np.repeat(starts, pieces)
    between = n - 1 + np.cumsum(inner > 0)  # the new node before each link that is not the first of its chain
    last = inner == np.repeat(pieces, pieces) - 1
    tail = np.where(inner == 0, u[row], between)
    head = np.where(last, v[row], np.append(between[1:], n))
    return tail, head, row


def _shares(weight: Ints, row: Ints) -> Ints:
    """Weight of each link: the weight of its edge in equal whole parts, the rest on the first links."""
    start = np.searchsorted(row, row)
    pieces = np.searchsorted(row, row, side="right") - start
    whole, rest = np.divmod(weight[row], pieces)
    out: Ints = whole + (np.arange(len(row)) - start < rest)
    return out


def _matching(nodes: int, tail: Ints, head: Ints, weight: Ints) -> Any:
    from pymatching import Matching
    from scipy.sparse import csc_matrix

    m = len(tail)
    ends = np.stack([tail, head], 1).ravel()
    table = csc_matrix((np.ones(2 * m, np.uint8), ends, 2 * np.arange(m + 1)), shape=(nodes, m))
    return Matching.from_check_matrix(table, weights=weight.astype(np.float64))


def euler_circuits(u: NDArray[Any], v: NDArray[Any], start: int, count: int, *, rng_seed: int) -> Ints:
    """Closed walks from `start` that use every edge exactly once (Hierholzer 1873), in O(edges) each.

    Parameters
    ----------
    u, v
        (m,) ends of the edges; loops and parallel edges may occur.
    start
        Node the walks start and end at.
    count
        Circuits wanted.
    rng_seed
        Start of the random numbers that shuffle the turns taken.

    Returns
    -------
    NDArray
        (count, m) steps in walking order: 2 * edge row, plus 1 when walked from v to u.

    Raises
    ------
    InputError
        A node has odd degree, or an edge cannot be reached from `start`.

    Examples
    --------
    >>> euler_circuits(np.array([0, 1, 2]), np.array([1, 2, 0]), 0, 2, rng_seed=1).shape
    (2, 3)
    """
    if len(u) == 0:
        return np.zeros((count, 0), np.int64)
    names, local = np.unique(np.concatenate([u, v, [start]]), return_inverse=True)
    tail, head, begin = local[: len(u)], local[len(u) : -1], int(local[-1])
    if (np.bincount(local[:-1], minlength=len(names)) % 2).any():
        raise InputError("a node has odd degree: no walk uses every edge once", where="Euler circuit")
    ptr, neighbor, edge = csr(len(names), tail, head)
    # any order inside each node's row of half edges is as good as another
    node = np.repeat(np.arange(len(names)), np.diff(ptr))
    half = np.argsort(node + np.random.default_rng(rng_seed).random((count, 2 * len(u))), axis=1)
    out = np.full((count, len(u)), -1, np.int64)
    _hierholzer(ptr, neighbor, edge, head.astype(np.int64), begin, half, out)
    if (out < 0).any():
        raise InputError("an edge cannot be reached from the start", where="Euler circuit")
    return out


@njit(cache=True)
def _hierholzer(ptr, neighbor, edge, head, start, half, out):  # type: ignore[no-untyped-def]
    """Fill each row of int64 `out` with a circuit; rows keep -1 in front when an edge cannot be reached.

    Row k of `half` (count, 2 m) says in which order the half edges of each node are taken.
    """
    m = out.shape[1]
    stack = np.empty((m + 1, 2), np.int64)
    for k in range(out.shape[0]):
        at = ptr[:-1].copy()
        used = np.zeros(m, np.bool_)
        stack[0] = start, -1
        depth, free = 1, m
        while depth > 0:
            x, e = stack[depth - 1]
            while at[x] < ptr[x + 1] and used[edge[half[k, at[x]]]]:
                at[x] += 1
            if at[x] < ptr[x + 1]:
                h = half[k, at[x]]
                used[edge[h]] = True
                stack[depth] = neighbor[h], edge[h]
                depth += 1
            else:
                depth -= 1
                if e >= 0:  # the walk is found from its end: fill backwards
                    free -= 1
                    out[k, free] = 2 * e + (0 if head[e] == x else 1)
