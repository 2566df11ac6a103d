"""The planar dual of a graph: faces joined across edges, and what a walk through them encloses.

A connected set with a connected rest is bounded by edges that a simple cycle of the dual crosses, and each such cycle
bounds one (Whitney 1932, doi:10.1090/S0002-9947-1932-1501641-2). Weights enclosed add up along the walk: each edge of
a spanning tree carries the weight below it (Park and Phillips 1993, doi:10.1145/167088.167291).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Bits = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Network:
    """A connected graph to divide: `weight` (n,) of nodes; edges `u`, `v` (m,) without loops, `length` (m,) >= 1."""

    weight: Numbers
    u: Numbers
    v: Numbers
    length: Numbers

    def __len__(self) -> int:
        return len(self.weight)


@dataclass(frozen=True, eq=False)
class Dual:
    """Faces in compressed rows: `ptr` (f + 1,), and for each way out `to`, the `edge` crossed, the `gain` of weight.

    `below` (m, words) is the bit mask of the nodes below each edge of the spanning tree, 0 for other edges.
    """

    ptr: Numbers
    to: Numbers
    edge: Numbers
    gain: Numbers
    below: Bits


def words_of(n: int) -> int:
    """Words of 64 bits that hold n bits."""
    return (n + 63) // 64


def dual_of(network: Network) -> Dual | None:
    """The dual of a planar embedding, None when there is none. O(n + m)."""
    import networkx as nx

    graph: Any = nx.Graph()
    graph.add_nodes_from(range(len(network)))
    graph.add_edges_from(zip(network.u.tolist(), network.v.tolist(), strict=True))
    planar, embedding = cast("tuple[bool, Any]", nx.check_planarity(graph))
    if not planar:
        return None
    face: dict[tuple[int, int], int] = {}
    faces = 0
    for arc in embedding.edges():
        if arc not in face:
            walk = embedding.traverse_face(*arc)
            face |= dict.fromkeys(zip(walk, [*walk[1:], walk[0]], strict=True), faces)
            faces += 1
    carried, child, below = _tree(network)
    left = np.array([face[arc] for arc in zip(network.u.tolist(), network.v.tolist(), strict=True)])
    right = np.array([face[arc] for arc in zip(network.v.tolist(), network.u.tolist(), strict=True)])
    gain = np.where(child == network.u, carried, -carried)
    source = np.concatenate([left, right])
    order = np.argsort(source, kind="stable")
    ptr = np.zeros(faces + 1, np.int64)
    np.cumsum(np.bincount(source, minlength=faces), out=ptr[1:])
    edge = np.tile(np.arange(len(network.u)), 2)
    return Dual(
        ptr, np.concatenate([right, left])[order], edge[order], np.concatenate([gain, -gain])[order], below
    )  # fmt: skip


def _tree(network: Network) -> tuple[Numbers, Numbers, Bits]:
    """Weight each edge of a spanning tree carries (0 for others), its lower end, and the nodes below as bits."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    n, m = len(network), len(network.u)
    table = coo_array((np.ones(m, np.int8), (network.u, network.v)), shape=(n, n)).tocsr()
    order, parent = breadth_first_order(table, 0, directed=False)
    number = {pair: e for e, pair in enumerate(zip(network.u.tolist(), network.v.tolist(), strict=True))}
    carried, child = np.zeros(m, np.int64), np.full(m, -1, np.int64)
    below = np.zeros((m, words_of(n)), np.uint64)
    total, inside = network.weight.astype(np.int64).copy(), np.zeros((n, words_of(n)), np.uint64)
    inside[np.arange(n), np.arange(n) // 64] = np.uint64(1) << (np.arange(n) % 64).astype(np.uint64)
    for node in order[:0:-1].tolist():
        up = int(parent[node])
        edge = number.get((node, up), number.get((up, node), -1))
        carried[edge], child[edge], below[edge] = total[node], node, inside[node]
        total[up] += total[node]
        inside[up] |= inside[node]
    return carried, child, below
