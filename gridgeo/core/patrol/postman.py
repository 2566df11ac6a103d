"""The shortest closed walk over the required streets of one grid, from its start node.

Where the streets hang together, a minimum T-join of their odd nodes is the whole answer, and exact. Where they do not,
the pieces are linked: candidate links span a tree over the pieces, a T-join makes the rest even, and trees are drawn
again from disturbed link lengths while that helps (link search). The T-join of the streets alone bounds every answer
from below; integer programming on the few nodes that matter closes the gap where it is small enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Ints, Stop, never
from gridgeo.core.patrol.exact import RuralTask, solve_rural
from gridgeo.core.patrol.network import Network, Patch, components

LINKS = 12  # node pairs kept for each pair of pieces
FIRST_REACH_MM = 250_000
FIRST_MARGIN_M, LAST_MARGIN_M = 400.0, 10_000.0
MM_SAFE = 1_990.0  # twice a metre in millimetres, less what rounding of lengths may take
EXACT_NODES, EXACT_WAYS = 120, 1_000  # largest program tried for a proof: touched nodes, ways between them
BRANCHES, ROUNDS = 50, 8


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
    searches: int = 10,
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
    total = network.cost(required)
    margin = FIRST_MARGIN_M
    while True:
        patch, margin = connected_patch(network, required, start, margin)
        whole = len(patch.members) == len(network.tail)
        extra, bound = _extra(patch, searches, rng_seed, stop)
        outside = MM_SAFE * margin  # what the extra edges of a walk that leaves the patch come to, at least
        if whole or patch.cost(extra) <= outside or margin >= LAST_MARGIN_M:
            break
        margin = min(LAST_MARGIN_M, patch.cost(extra) / MM_SAFE + 1.0)
    length = total + patch.cost(extra)
    if not whole:
        bound = min(bound, int(outside))
    return Walk(
        start=start, required=required, extra=patch.expand(extra), length_mm=length, bound_mm=min(length, total + bound)
    )


def connected_patch(network: Network, required: NDArray[Any], start: int, margin_m: float) -> tuple[Patch, float]:
    """The smallest patch tried, from a margin on, in which one can walk between all required edges; its margin."""
    while True:
        patch = network.patch(required, start, margin_m)
        if len(patch.members) == len(network.tail) or _holds_together(patch):
            return patch, margin_m
        margin_m *= 4


def _holds_together(patch: Patch) -> bool:
    """Whether the required edges and the start lie in one piece of the patch."""
    piece = components(patch.nodes, patch.tail, patch.head)
    return len(np.unique(piece[np.append(patch.tail[patch.required], patch.start)])) == 1


def _extra(patch: Patch, searches: int, rng_seed: int, stop: Stop) -> tuple[Ints, int]:
    """Extra edges that make the required ones a closed walk from the start, and a lower bound of their length."""
    extra = patch.joins.join(patch.odd(patch.required))
    bound = patch.cost(extra)
    if patch.pieces(np.concatenate([patch.required, extra]), patch.start)[2] == 1:
        return extra, bound
    pieces = _Pieces(patch)
    extra = pieces.search(searches, rng_seed, stop, bound)
    if searches and patch.cost(extra) > bound and not stop():
        extra, bound = _prove(patch, extra, bound, pieces, stop)
    return extra, bound


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

    def __init__(self, patch: Patch) -> None:
        self.patch = patch
        self.nodes, self.piece, self.count = patch.pieces(patch.required, patch.start)
        self.links = self._reach()
        self._path: dict[int, Ints] = {}

    def _reach(self) -> _Links:
        """The best links of each pair of pieces, as far as it takes to join all of them."""
        limit = FIRST_REACH_MM
        while True:
            i, j, length = self.patch.distances(self.nodes, limit)
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
        return _Links(a[rows], b[rows], i[rows], j[rows], length[rows])

    def path(self, link: int) -> Ints:
        """Edges of a link, remembered."""
        if link not in self._path:
            a, b = self.nodes[[self.links.i[link], self.links.j[link]]].tolist()
            self._path[link] = self.patch.path(a, b)
        return self._path[link]

    def search(self, searches: int, rng_seed: int, stop: Stop, bound: int) -> Ints:
        """Extra edges of the best walk found: link trees from disturbed lengths, accepted when not worse."""
        rng = np.random.default_rng(rng_seed)
        length = self.links.length.astype(np.float64) + 1.0
        bend = np.ones(len(length))
        best = self.close(self.tree(length))
        cost = self.patch.cost(best)
        for _ in range(searches if len(length) > 1 else 0):
            if cost == bound or stop():
                break
            tried = bend.copy()
            again = rng.random(len(tried)) < 0.3
            tried[again] = np.exp(rng.normal(0.0, 0.6, int(again.sum())))
            extra = self.close(self.tree(length * tried))
            if self.patch.cost(extra) <= cost:
                best, cost, bend = extra, self.patch.cost(extra), tried
        return best

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
        ways = np.unique(np.concatenate([self.path(link) for link in tree]))
        ways = np.setdiff1d(ways, self.patch.required)
        join = self.patch.joins.join(self.patch.odd(np.concatenate([self.patch.required, ways])))
        return without_pairs(self.patch, np.concatenate([ways, join]))


def without_pairs(patch: Patch, extra: Ints) -> Ints:
    """Drop edges walked twice for the way only, longest first, where the walk stays in one piece."""
    rows, count = np.unique(extra, return_counts=True)
    twice = rows[count > 1]
    for edge in twice[np.argsort(-patch.length_mm[twice], kind="stable")].tolist():
        fewer = extra[extra != edge]
        if count[np.searchsorted(rows, edge)] % 2:
            fewer = np.append(fewer, edge)
        if patch.pieces(np.concatenate([patch.required, fewer]), patch.start)[2] == 1:
            extra = fewer
    return extra


def _prove(patch: Patch, extra: Ints, bound: int, pieces: _Pieces, stop: Stop) -> tuple[Ints, int]:
    """Bound the extra length by integer programming over touched nodes, and take a better walk if one turns up.

    Between touched nodes only shortest ways matter, and none longer than all extra edges of the known walk together.
    """
    k = len(pieces.nodes)
    if k > EXACT_NODES:
        return extra, bound
    i, j, length = _direct_ways(patch, pieces.nodes, patch.cost(extra))
    if len(i) > EXACT_WAYS:
        return extra, bound
    rows, passes = np.unique(patch.required, return_counts=True)
    cost = np.concatenate([patch.length_mm[rows], length])
    task = RuralTask(
        n=k,
        u=np.concatenate([np.searchsorted(pieces.nodes, patch.tail[rows]), i]),
        v=np.concatenate([np.searchsorted(pieces.nodes, patch.head[rows]), j]),
        forward=cost,
        backward=cost,
        passes=np.concatenate([passes, np.zeros(len(i), np.int64)]),
        through=np.searchsorted(pieces.nodes, [patch.start]),
    )
    answer = solve_rural(task, nodes=BRANCHES, rounds=ROUNDS, stop=stop)
    total = patch.cost(patch.required)
    if answer.forward is not None and answer.backward is not None and answer.cost - total < patch.cost(extra):
        walked = answer.forward + answer.backward
        parts = [np.repeat(rows, walked[: len(rows)] - passes)]
        for way in np.flatnonzero(walked[len(rows) :]).tolist():
            path = patch.path(int(pieces.nodes[i[way]]), int(pieces.nodes[j[way]]))
            parts += [path] * int(walked[len(rows) + way])
        extra = without_pairs(patch, np.concatenate(parts))
    return extra, max(bound, min(answer.bound - total, patch.cost(extra)))


def _direct_ways(patch: Patch, nodes: Ints, limit: int) -> tuple[Ints, Ints, Ints]:
    """Shortest ways between touched nodes that pass by no other touched node: i < j positions and lengths."""
    i, j, length = patch.distances(nodes, limit)
    table = np.full((len(nodes), len(nodes)), np.inf)
    table[i, j] = length
    direct = i < j
    i, j, length = i[direct], j[direct], length[direct]
    direct = np.ones(len(i), bool)
    for middle in range(len(nodes)):
        through = table[i, middle] + table[middle, j]
        direct &= (i == middle) | (j == middle) | (through > length)
    return i[direct], j[direct], length[direct]
