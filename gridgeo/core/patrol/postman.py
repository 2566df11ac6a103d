"""The shortest closed walk over the required streets of one grid, from its start node.

Where the streets hang together, a minimum T-join of their odd nodes is the whole answer, and exact. Where they do not,
the pieces are linked: candidate links span a tree over the pieces, a T-join makes the rest even, and trees are drawn
again from disturbed link lengths while that helps (link search). The T-join of the streets alone bounds every answer
from below; integer programming on the few nodes that matter closes the gap where it is small enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Ints, Stop, never
from gridgeo.core.patrol.exact import RuralTask, solve_rural
from gridgeo.core.patrol.network import Network

LINKS = 12  # node pairs kept for each pair of pieces
FIRST_REACH_MM = 250_000
EXACT_NODES = 400  # largest program tried for a proof: touched nodes
BRANCHES = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Walk:
    """A connected multigraph with even degrees: `required` edges (a row as often as it has sides) and `extra` ones.

    `bound_mm` is a proven lower bound of its length.
    """

    start: int
    required: Ints
    extra: Ints
    length_mm: int
    bound_mm: int

    @property
    def proven(self) -> bool:
        """Whether no closed walk over the required edges is shorter."""
        return self.length_mm == self.bound_mm


def shortest_walk(
    network: Network,
    required: NDArray[Any],
    start: int,
    *,
    searches: int = 40,
    rng_seed: int = 1,
    stop: Stop = never,
) -> Walk:
    """Shortest closed walk from `start` over the required edges, all in the start's component.

    Parameters
    ----------
    network
        Where one may walk.
    required
        Edge rows, each as often as it is to be walked.
    start
        Node row.
    searches
        Link trees tried where the streets do not hang together; 0 takes the first and leaves out the proof.
    rng_seed
        Start of the random numbers.
    stop
        Asked between searches.
    """
    required = np.sort(np.asarray(required, np.int64))
    extra = network.joins.join(network.odd(required))
    total = int(network.length_mm[required].sum())
    bound = total + int(network.length_mm[extra].sum())
    walk = Walk(start=start, required=required, extra=extra, length_mm=bound, bound_mm=bound)
    if pieces_of(network, np.concatenate([required, extra]), start)[2] <= 1:
        return walk
    pieces = _Pieces(network, required, start)
    walk = _walk_of(network, walk, pieces.search(searches, rng_seed, stop))
    if searches and not walk.proven and not stop():
        walk = _prove(network, walk, pieces, stop)
    return walk


def pieces_of(network: Network, edges: NDArray[Any], start: int) -> tuple[Ints, Ints, int]:
    """Nodes the edges and the start touch (ascending), the piece of each, and the number of pieces."""
    nodes = np.unique(np.concatenate([network.tail[edges], network.head[edges], [start]]))
    u, v = np.searchsorted(nodes, network.tail[edges]), np.searchsorted(nodes, network.head[edges])
    piece = components(len(nodes), u, v)
    return nodes, piece, int(piece.max()) + 1


def _walk_of(network: Network, walk: Walk, extra: Ints) -> Walk:
    length = int(network.length_mm[walk.required].sum() + network.length_mm[extra].sum())
    return replace(walk, extra=np.sort(extra), length_mm=length)


@dataclass(frozen=True, eq=False)
class _Links:
    """Ways between pieces: pieces `a` < `b`, nodes `i`, `j` (positions), length."""

    a: Ints
    b: Ints
    i: Ints
    j: Ints
    length: Ints


class _Pieces:
    """The pieces of required streets, and the ways between them."""

    def __init__(self, network: Network, required: Ints, start: int) -> None:
        self.network, self.required, self.start = network, required, start
        self.nodes, self.piece, self.count = pieces_of(network, required, start)
        self.near, self.links = self._reach()
        self._path: dict[int, Ints] = {}

    def _reach(self) -> tuple[tuple[Ints, Ints, Ints], _Links]:
        """Distances between touched nodes, as far as it takes to join all pieces; the best links of each pair."""
        limit = FIRST_REACH_MM
        while True:
            i, j, length = self.network.distances(self.nodes, limit)
            a, b = self.piece[i], self.piece[j]
            joined = components(self.count, a, b)
            if joined.max() == 0:
                break
            limit *= 2
        rows = np.flatnonzero(a < b)
        rows = rows[np.lexsort((j[rows], i[rows], length[rows], b[rows], a[rows]))]
        pair = a[rows] * self.count + b[rows]
        rank = np.arange(len(rows)) - np.searchsorted(pair, pair)
        rows = rows[rank < LINKS]
        return (i, j, length), _Links(a[rows], b[rows], i[rows], j[rows], length[rows])

    def path(self, link: int) -> Ints:
        """Edges of a link, remembered."""
        if link not in self._path:
            ends = self.nodes[[self.links.i[link], self.links.j[link]]].tolist()
            self._path[link] = self.network.path(*ends)
        return self._path[link]

    def search(self, searches: int, rng_seed: int, stop: Stop) -> Ints:
        """Extra edges of the best walk found: link trees from disturbed lengths, accepted when not worse."""
        rng = np.random.default_rng(rng_seed)
        length = self.links.length.astype(np.float64) + 1.0
        bend = np.ones(len(length))
        best = self.close(self.tree(length))
        cost = self.cost(best)
        for _ in range(searches if self.count > 2 or len(length) > 1 else 0):
            if stop():
                break
            tried = bend.copy()
            again = rng.random(len(tried)) < 0.3
            tried[again] = np.exp(rng.normal(0.0, 0.6, int(again.sum())))
            extra = self.close(self.tree(length * tried))
            if self.cost(extra) <= cost:
                best, cost, bend = extra, self.cost(extra), tried
        return best

    def cost(self, extra: Ints) -> int:
        """Length of extra edges, millimetres."""
        return int(self.network.length_mm[extra].sum())

    def tree(self, length: NDArray[np.float64]) -> list[int]:
        """Links of a least spanning tree over the pieces (Kruskal)."""
        root = list(range(self.count))

        def top(x: int) -> int:
            while root[x] != x:
                root[x] = root[root[x]]
                x = root[x]
            return x

        chosen: list[int] = []
        a, b = self.links.a.tolist(), self.links.b.tolist()
        for link in np.argsort(length, kind="stable").tolist():
            p, q = top(a[link]), top(b[link])
            if p != q:
                root[p] = q
                chosen.append(link)
                if len(chosen) == self.count - 1:
                    break
        return chosen

    def close(self, tree: list[int]) -> Ints:
        """Extra edges that hold the pieces together along a tree and make every degree even."""
        ways = np.unique(np.concatenate([self.path(link) for link in tree])) if tree else np.zeros(0, np.int64)
        ways = np.setdiff1d(ways, self.required, assume_unique=False)
        join = self.network.joins.join(self.network.odd(np.concatenate([self.required, ways])))
        return self.without_pairs(np.concatenate([ways, join]))

    def without_pairs(self, extra: Ints) -> Ints:
        """Drop edges walked twice for the way only, longest first, where the walk stays in one piece."""
        rows, count = np.unique(extra, return_counts=True)
        twice = rows[count > 1]
        for edge in twice[np.argsort(-self.network.length_mm[twice], kind="stable")].tolist():
            fewer = extra[extra != edge]
            if pieces_of(self.network, np.concatenate([self.required, fewer]), self.start)[2] == 1:
                extra = fewer
        return extra


def _prove(network: Network, walk: Walk, pieces: _Pieces, stop: Stop) -> Walk:
    """Bound the walk by integer programming over its touched nodes, and take a better walk if one turns up.

    Between touched nodes only shortest ways matter, and none longer than all extra edges of the known walk together.
    """
    if len(pieces.nodes) > EXACT_NODES:
        return walk
    i, j, length = _direct_ways(network, pieces, pieces.cost(walk.extra))
    rows, passes = np.unique(walk.required, return_counts=True)
    local = np.searchsorted(pieces.nodes, np.stack([network.tail[rows], network.head[rows]]))
    cost = np.concatenate([network.length_mm[rows], length])
    task = RuralTask(
        n=len(pieces.nodes),
        u=np.concatenate([local[0], i]),
        v=np.concatenate([local[1], j]),
        forward=cost,
        backward=cost,
        passes=np.concatenate([passes, np.zeros(len(i), np.int64)]),
        through=np.searchsorted(pieces.nodes, [walk.start]),
    )
    answer = solve_rural(task, nodes=BRANCHES, stop=stop)
    if answer.forward is not None and answer.backward is not None and answer.cost < walk.length_mm:
        walk = _walk_of(network, walk, _expand(network, pieces, rows, passes, answer.forward + answer.backward, i, j))
    return replace(walk, bound_mm=min(max(walk.bound_mm, answer.bound), walk.length_mm))


def _direct_ways(network: Network, pieces: _Pieces, limit: int) -> tuple[Ints, Ints, Ints]:
    """Shortest ways between touched nodes that pass by no other touched node: i < j positions and lengths."""
    k = len(pieces.nodes)
    i, j, length = network.distances(pieces.nodes, limit)
    table = np.full((k, k), np.inf)
    table[i, j] = length
    direct = i < j
    for middle in range(k):
        through = table[i, middle] + table[middle, j]
        direct &= (i == middle) | (j == middle) | (through > length)
    return i[direct], j[direct], length[direct]


def _expand(network: Network, pieces: _Pieces, rows: Ints, passes: Ints, walked: Ints, i: Ints, j: Ints) -> Ints:
    """Extra edges of a program's answer: more passes of required edges, and the ways between nodes."""
    again = np.repeat(rows, walked[: len(rows)] - passes)
    parts = [again]
    for way in np.flatnonzero(walked[len(rows) :]).tolist():
        path = network.path(int(pieces.nodes[i[way]]), int(pieces.nodes[j[way]]))
        parts += [path] * int(walked[len(rows) + way])
    return pieces.without_pairs(np.concatenate(parts))


def is_closed(network: Network, edges: NDArray[Any], start: int) -> bool:
    """Whether the edges form one closed walk through `start`: one piece, every degree even."""
    return len(network.odd(edges)) == 0 and pieces_of(network, edges, start)[2] == 1
