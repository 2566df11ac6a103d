"""The walking network with everything every grid's walk asks of it, built once for a plan; and patches of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import csr
from gridgeo.core.kernel.paths import Arcs, arcs_of, hooks_of, pairs_within, shortest_tree, starts_of
from gridgeo.core.kernel.tjoin import Joins
from gridgeo.core.model import Flags, Floats, Ints, Streets
from gridgeo.errors import InputError


@njit(cache=True)
def _union(n, u, v):  # type: ignore[no-untyped-def]
    """Component of each of n nodes, numbered by first appearance: union-find with halved paths, int64 arrays."""
    root = np.arange(n)
    for i in range(len(u)):
        a, b = u[i], v[i]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a < b:
            root[b] = a
        else:
            root[a] = b
    label = np.empty(n, np.int64)
    count = 0
    for x in range(n):  # the root of a component is its first node
        if root[x] == x:
            label[x] = count
            count += 1
        else:
            a = x
            while root[a] != a:
                a = root[a]
            label[x] = label[a]
    return label


def components(n: int, u: Ints, v: Ints) -> Ints:
    """Component of each node, as the kernel's `components`, without its cost of a sparse matrix on small graphs.

    >>> components(4, np.array([2]), np.array([3])).tolist()
    [0, 1, 2, 2]
    """
    label: Ints = _union(n, u, v)
    return label


@njit(cache=True)
def _steps_to(parent, item, ptr, neighbor, cost, edge, tail):  # type: ignore[no-untyped-def]
    """Steps of the way through a shortest-path tree to a target hung on a node."""
    size, at = 0, parent[item]
    while at >= 0 and parent[at] >= 0:
        size, at = size + 1, parent[at]
    steps = np.empty(size, np.int64)
    at = parent[item]
    while size > 0:
        before = parent[at]
        best = -1
        for arc in range(ptr[before], ptr[before + 1]):
            if neighbor[arc] == at and (best < 0 or cost[arc] < cost[best]):
                best = arc
        size -= 1
        steps[size] = 2 * edge[best] + (tail[edge[best]] != before)
        at = before
    return steps


class Graph:
    """An undirected graph that answers joins, shortest paths and degrees.

    Parameters
    ----------
    nodes
        Number of nodes.
    tail, head
        (m,) node rows of the edges.
    length_mm
        (m,) lengths.
    """

    def __init__(self, nodes: int, tail: NDArray[Any], head: NDArray[Any], length_mm: Ints) -> None:
        self.nodes = nodes
        self.tail, self.head = tail.astype(np.int64), head.astype(np.int64)
        self.length_mm = length_mm

    @cached_property
    def joins(self) -> Joins:
        """Minimum T-joins of the graph."""
        return Joins(self.nodes, self.tail, self.head, self.length_mm)

    @cached_property
    def arcs(self) -> Arcs:
        """The graph in compressed rows, costs in millimetres."""
        return arcs_of(self.nodes, self.tail, self.head, self.length_mm)

    def cost(self, edges: NDArray[Any]) -> int:
        """Length of edges, millimetres; a row counts as often as it is given."""
        return int(self.length_mm[edges].sum())

    def degree(self, edges: NDArray[Any]) -> tuple[Ints, Ints]:
        """Nodes the edges touch (ascending), and how often each is touched; a row counts as often as it is given."""
        ends, count = np.unique(np.concatenate([self.tail[edges], self.head[edges]]), return_counts=True)
        return ends, count

    def odd(self, edges: NDArray[Any]) -> Ints:
        """Nodes an odd number of these edges end at."""
        ends, count = self.degree(edges)
        odd: Ints = ends[count % 2 == 1]
        return odd

    @cached_property
    def _arc_edge(self) -> Ints:
        """Edge of each arc."""
        return csr(self.nodes, self.tail, self.head)[2]

    def ways(self, begin: int, ends: NDArray[Any], *, dearer: Ints | None = None) -> list[Ints]:
        """A shortest way from a node to each of some others, as steps in walking order; none where there is no way.

        `dearer` (m,) counts as so much longer.
        """
        arcs = self.arcs
        if dearer is not None:
            arcs = arcs._replace(cost=arcs.cost + dearer[self._arc_edge])
        hooks = hooks_of(self.nodes, ends, np.arange(len(ends)), np.zeros(len(ends), np.int64))
        start = starts_of(1, np.zeros(1, np.int64), np.array([begin]), np.zeros(1, np.int64))
        tree = shortest_tree(arcs, start, hooks=hooks, targets=len(ends), count=len(ends))
        return [_steps_to(tree.parent, self.nodes + k, *arcs, self._arc_edge, self.tail) for k in range(len(ends))]

    def path(self, a: int, b: int) -> Ints:
        """Edges of a shortest path between two nodes, ascending rows, not in walking order."""
        out: Ints = np.sort(self.ways(a, np.array([b]))[0] >> 1)
        return out

    def distances(self, nodes: NDArray[Any], limit: int) -> tuple[Ints, Ints, Ints]:
        """Walking distances between distinct nodes up to a limit: positions i, j in `nodes`, millimetres."""
        k = np.arange(len(nodes))
        none = np.zeros(len(nodes), np.int64)
        hooks = hooks_of(self.nodes, nodes, k, none)
        return pairs_within(self.arcs, hooks, np.ones(len(nodes), bool), starts_of(len(nodes), k, nodes, none), limit)

    def between(self, nodes: NDArray[Any], limit: int) -> tuple[Ints, Ints, Ints]:
        """Ways between distinct nodes that pass by no other of them, up to a limit: positions i, j, millimetres.

        Shortest ways through others of the nodes are made of these; the searches end at the nodes, so they stay short.
        """
        ptr, neighbor, cost = self.arcs
        k = np.arange(len(nodes))
        count = ptr[nodes + 1] - ptr[nodes]
        out = np.repeat(ptr[nodes] - (np.cumsum(count) - count), count) + np.arange(int(count.sum()))
        starts = starts_of(len(nodes), np.repeat(k, count), neighbor[out], cost[out])
        kept = np.ones(len(neighbor), bool)
        kept[out] = False
        blocked = Arcs(np.append(0, np.cumsum(kept))[ptr], neighbor[kept], cost[kept])
        hooks = hooks_of(self.nodes, nodes, k, np.zeros(len(nodes), np.int64))
        return pairs_within(blocked, hooks, np.ones(len(nodes), bool), starts, limit)


class Network(Graph):
    """Streets as a graph, with nearest nodes, shapes of walks, and patches around a grid.

    Parameters
    ----------
    streets
        The walking network; officers may walk on any of its edges.
    shut
        Edge rows nobody may pass now; they keep their numbers.
    """

    def __init__(self, streets: Streets, shut: NDArray[Any] | tuple[()] = ()) -> None:
        super().__init__(streets.nodes, streets.tail, streets.head, streets.length_mm)
        self.streets = streets
        self.open = np.ones(len(streets), bool)
        self.open[np.asarray(shut, np.int64)] = False
        self._rows = np.flatnonzero(self.open)

    @cached_property
    def component(self) -> Ints:
        """Component of each node: what can be walked to from where."""
        return components(self.nodes, self.tail[self._rows], self.head[self._rows])

    @cached_property
    def joins(self) -> Joins:
        """Minimum T-joins over the open edges; their rows count the open edges only."""
        return Joins(self.nodes, self.tail[self._rows], self.head[self._rows], self.length_mm[self._rows])

    def least_extra(self, required: NDArray[Any], start: int, end: int) -> Ints | None:
        """Edges of a minimum T-join, over the whole network, that makes a walk over some edges even; ascending rows.

        None where that is not worth its price or not safe: some streets are shut (a network of a few rounds), or the
        network is wider than exact matching bears.
        """
        odd = self.odd(required)
        return self.least_join(odd if start == end else np.setxor1d(odd, [start, end]))

    def least_join(self, odd: NDArray[Any]) -> Ints | None:
        """Edges of a minimum T-join over the whole network; None as in `least_extra`."""
        whole = len(self._rows) == len(self.tail) and self._safe
        return self.joins.join(odd) if whole else None

    @cached_property
    def _safe(self) -> bool:
        """Whether no shortest path can be too long for exact matching."""
        try:
            return self.joins is not None
        except InputError:
            return False

    def hangs_together(self, edges: NDArray[Any], start: int, end: int) -> bool:
        """Whether edges and both ends are one piece."""
        u, v = np.append(self.tail[edges], start), np.append(self.head[edges], end)
        local = np.unique(np.concatenate([u, v]), return_inverse=True)[1]
        return int(components(int(local.max()) + 1, local[: len(u)], local[len(u) :]).max()) == 0

    @cached_property
    def arcs(self) -> Arcs:
        """The open edges in compressed rows, costs in millimetres."""
        return arcs_of(self.nodes, self.tail[self._rows], self.head[self._rows], self.length_mm[self._rows])

    @cached_property
    def _arc_edge(self) -> Ints:
        """Edge of each arc."""
        return self._rows[csr(self.nodes, self.tail[self._rows], self.head[self._rows])[2]]

    @cached_property
    def _shape(self) -> tuple[Floats, Ints]:
        """Coordinates of all edges in one array, and where each edge's begin."""
        xy, edge = shapely.get_coordinates(self.streets.geometry, return_index=True)
        return xy, np.searchsorted(edge, np.arange(len(self.tail) + 1))

    @cached_property
    def _node_tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(self.streets.node_xy)

    @cached_property
    def edge_tree(self) -> Any:
        """Shapely STRtree of the edges' shapes."""
        return shapely.STRtree(self.streets.geometry)

    def nearest_node(self, xy: NDArray[Any], component: int) -> tuple[int, float]:
        """The node of a component nearest to a point, and the metres between them as the crow flies."""
        wanted = 8
        while True:
            away, node = self._node_tree.query(xy, k=min(wanted, self.nodes))
            away, node = np.atleast_1d(away), np.atleast_1d(node)
            fits = np.flatnonzero(self.component[node] == component)
            if len(fits):
                nearest = fits[away[fits] == away[fits[0]]]
                return int(node[nearest].min()), float(away[fits[0]])
            wanted *= 4

    def line(self, steps: NDArray[Any]) -> Floats:
        """Coordinates of a walk given as steps (2 * edge, plus 1 backwards), repeated points dropped, (n, 2)."""
        xy, at = self._shape
        edge = steps >> 1
        count = at[edge + 1] - at[edge]
        inner = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        back = np.repeat(steps & 1, count) == 1
        points = xy[np.where(back, np.repeat(at[edge + 1] - 1, count) - inner, np.repeat(at[edge], count) + inner)]
        keep = np.ones(len(points), bool)
        keep[1:] = (points[1:] != points[:-1]).any(axis=1)
        walked: Floats = points[keep]
        return walked

    @cached_property
    def _reach(self) -> tuple[tuple[Floats, Floats], ...]:
        """For x and y: the lesser and the greater coordinate of the ends of each edge."""
        a, b = self.streets.node_xy[self.tail].T.copy(), self.streets.node_xy[self.head].T.copy()
        return tuple((np.minimum(a[axis], b[axis]), np.maximum(a[axis], b[axis])) for axis in (0, 1))

    def patch(self, required: NDArray[Any], start: int, margin_m: float, *, end: int | None = None) -> Patch:
        """The network around some required edges: every edge with both ends at most `margin_m` outside their box.

        A detour that leaves the patch and comes back is at least twice the margin long, so a walk in the patch whose
        extra edges are shorter than that is a shortest walk in the whole network.
        """
        end = start if end is None else end
        ends = self.streets.node_xy[np.concatenate([self.tail[required], self.head[required], [start, end]])]
        near = self.open.copy()
        for axis, (least, most) in enumerate(self._reach):
            near &= least >= ends[:, axis].min() - margin_m
            near &= most <= ends[:, axis].max() + margin_m
        return Patch(self, np.flatnonzero(near), required, start, end)


class Patch(Graph):
    """Part of a network with its through nodes taken out: chains of edges that are only walked as a whole.

    `start`, `end` and `required` are the network's, in rows of the patch; `expand` gives edges back in the network's
    rows. Where start and end differ, degrees and pieces are counted as if an edge led from the end to the start.
    """

    def __init__(self, network: Network, rows: Ints, required: NDArray[Any], start: int, end: int) -> None:
        passes = np.bincount(np.searchsorted(rows, required), minlength=len(rows))
        touched = np.concatenate([network.tail[rows], network.head[rows], np.array([start, end])])
        names, local = np.unique(touched, return_inverse=True)
        tail, head, (begin, finish) = local[: len(rows)], local[len(rows) : -2], local[-2:].tolist()
        self._network = network
        chain, kept = _chains(len(names), tail, head, passes, (begin, finish))
        ends = _chain_ends(chain, tail, head, kept)
        order = np.argsort(chain, kind="stable")
        first = np.searchsorted(chain[order], np.arange(len(ends) + 1))
        self.members, self._first = rows[order], first
        length = self.summed(network.length_mm)
        label = np.cumsum(kept) - 1
        super().__init__(int(kept.sum()), label[ends[:, 0]], label[ends[:, 1]], length)
        self._names, self._kept = names, np.where(kept, label, -1)
        self._chain = np.full(len(network.tail), -1, np.int64)
        self._chain[rows] = chain
        self.start, self.end = int(label[begin]), int(label[finish])
        chained = passes[order][first[:-1]] if len(rows) else np.zeros(0, np.int64)
        self.required: Ints = np.repeat(np.arange(len(ends)), chained)

    def odd(self, edges: NDArray[Any]) -> Ints:
        """Nodes an odd number of these edges, and of the one from end to start, end at."""
        odd = super().odd(edges)
        return odd if self.start == self.end else np.setxor1d(odd, [self.start, self.end])

    def join(self, odd: NDArray[Any]) -> Ints:
        """Edges of a minimum T-join of the patch.

        That of the whole network, which is made once for all patches, where it stays within this one.
        """
        least = self._network.least_join(self._names[np.flatnonzero(self._kept >= 0)][odd])
        if least is None or (self._chain[least] < 0).any():
            return self.joins.join(odd)
        out: Ints = np.unique(self._chain[least])
        return out

    def pieces(self, edges: NDArray[Any]) -> tuple[Ints, Ints, int]:
        """Nodes the edges and the ends touch (ascending), the piece each is in, and the number of pieces."""
        u, v = np.append(self.tail[edges], self.start), np.append(self.head[edges], self.end)
        nodes = np.unique(np.concatenate([u, v]))
        piece = components(len(nodes), np.searchsorted(nodes, u), np.searchsorted(nodes, v))
        return nodes, piece, int(piece.max()) + 1

    def rows_of(self, nodes: NDArray[Any]) -> Ints:
        """Rows of the network's nodes in the patch, -1 for those that were taken out."""
        rows: Ints = self._kept[np.searchsorted(self._names, nodes)]
        return rows

    def summed(self, values: NDArray[Any]) -> Ints:
        """For each edge of the patch the sum of the network's edge values behind it."""
        if not len(self.members):
            return np.zeros(0, np.int64)
        total: Ints = np.add.reduceat(values[self.members], self._first[:-1])
        return total

    def expand(self, edges: NDArray[Any]) -> Ints:
        """The network's edges behind edges of the patch, each as often as given, ascending."""
        count = self._first[edges + 1] - self._first[edges]
        inner = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        out: Ints = np.sort(self.members[np.repeat(self._first[edges], count) + inner])
        return out


def _chains(n: int, tail: Ints, head: Ints, passes: Ints, ends: tuple[int, int]) -> tuple[Ints, Flags]:
    """Chain of each edge, and which nodes are kept: all but those between two different edges of equal passes."""
    m = len(tail)
    node = np.concatenate([tail, head])
    edge = np.tile(np.arange(m), 2)
    order = np.argsort(node, kind="stable")
    at = np.searchsorted(node[order], np.arange(n + 1))
    two = np.flatnonzero(np.diff(at) == 2)
    a, b = edge[order[at[two]]], edge[order[at[two] + 1]]
    through = (a != b) & (passes[a] == passes[b]) & ~np.isin(two, ends)
    two, a, b = two[through], a[through], b[through]
    kept = np.ones(n, bool)
    kept[two] = False
    chain = components(m, a, b) if m else np.zeros(0, np.int64)
    # a ring without a kept node keeps its first one
    open_chain = np.zeros(int(chain.max()) + 1 if m else 0, bool)
    open_chain[chain[kept[tail] | kept[head]]] = True
    _, first = np.unique(chain, return_index=True)
    kept[tail[first[~open_chain]]] = True
    return chain, kept


def _chain_ends(chain: Ints, tail: Ints, head: Ints, kept: Flags) -> Ints:
    """The two kept nodes at the ends of each chain (the same one twice for a ring), (chains, 2)."""
    node, owner = np.concatenate([tail, head]), np.tile(chain, 2)
    rows = np.flatnonzero(kept[node])
    rows = rows[np.argsort(owner[rows], kind="stable")]
    return node[rows].reshape(-1, 2)
