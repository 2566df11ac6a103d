"""The shortest walk over the required streets of one grid, from its start node, back to it or on to another.

Where the streets hang together, a minimum T-join of their odd nodes is the whole answer, and exact. Where they do not,
the pieces are linked: a tree of links spans the pieces, a T-join makes the rest even, and trees are drawn again from
disturbed link lengths while that helps (link search). Linear programming over cuts bounds every answer from below and
tells which links to take; integer programming on the few nodes that matter closes what gap is left, where asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Ints, Stop, never
from gridgeo.core.patrol.cutting import Torn, relax
from gridgeo.core.patrol.exact import RuralTask, solve_rural
from gridgeo.core.patrol.network import Network, Patch, components

LINKS = 12  # node pairs kept for each pair of pieces
FIRST_REACH_MM = 250_000
NEAR_MARGIN_M, FIRST_MARGIN_M, LAST_MARGIN_M = 100.0, 400.0, 10_000.0
DEARER = 1.3  # times the T-join of all streets that linking them mostly takes
MM_SAFE = 1_990.0  # twice a metre in millimetres, less what rounding of lengths may take
RELAX_NODES, RELAX_WAYS, RELAX_WORK = 400, 2_500, 10_000_000  # largest linear program, numbers it may touch
PROOF_WORK = 30  # so many times that work where a proof is asked for
EXACT_NODES, EXACT_WAYS = 120, 1_000  # largest integer program: touched nodes, ways between them
BRANCHES, ROUNDS = 50, 8


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How hard to look: link trees tried where streets are apart (0 takes the first), and whether to seek a proof."""

    searches: int = 10
    prove: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Walk:
    """A connected multigraph that can be walked from `start` to `end`: `required` edges and `extra` ones.

    A required row stands as often as it has sides. `bound_mm` is a proven lower bound of the length.
    """

    start: int
    end: int
    required: Ints
    extra: Ints
    length_mm: int
    bound_mm: int

    @property
    def proven(self) -> bool:
        """Whether no walk over the required edges between these ends is shorter."""
        return self.length_mm == self.bound_mm


def shortest_walk(
    network: Network,
    required: NDArray[Any],
    start: int,
    *,
    end: int | None = None,
    effort: Effort | None = None,
    rng_seed: int = 1,
    stop: Stop = never,
) -> Walk:
    """Shortest walk from `start` over the required edges, all in the start's component.

    Parameters
    ----------
    network
        Where one may walk.
    required
        Edge rows, each as often as it is to be walked.
    start, end
        Node rows; without an end the walk comes back to its start.
    effort
        How hard to look.
    rng_seed
        Start of the random numbers.
    stop
        Asked between searches.
    """
    effort = effort or Effort()
    end = start if end is None else end
    required = np.sort(np.asarray(required, np.int64))
    total = network.cost(required)
    least = network.least_extra(required, start, end)
    if least is not None and network.hangs_together(np.concatenate([required, least]), start, end):
        length = total + network.cost(least)
        return Walk(start=start, end=end, required=required, extra=least, length_mm=length, bound_mm=length)
    margin = FIRST_MARGIN_M if least is None else max(NEAR_MARGIN_M, DEARER * network.cost(least) / MM_SAFE)
    patch, margin = connected_patch(network, required, start, margin, end=end)
    join_mm = None if least is None else network.cost(least)
    first, pieces = _first(patch, join_mm)
    wide = patch.cost(first) / MM_SAFE + 1.0
    if wide > margin and len(patch.members) < len(network.tail):
        patch, margin = connected_patch(network, required, start, min(LAST_MARGIN_M, wide), end=end)
        first, pieces = _first(patch, join_mm)
    extra, bound = _improved(patch, first, pieces, effort, rng_seed, stop)
    if len(patch.members) < len(network.tail):  # a walk that leaves the patch is at least so much longer
        bound = min(bound, int(MM_SAFE * margin))
    length = total + patch.cost(extra)
    bound_mm = min(length, total + bound)
    return Walk(start=start, end=end, required=required, extra=patch.expand(extra), length_mm=length, bound_mm=bound_mm)


def connected_patch(
    network: Network, required: NDArray[Any], start: int, margin_m: float, *, end: int | None = None
) -> tuple[Patch, float]:
    """The smallest patch tried, from a margin on, in which one can walk between all required edges; its margin."""
    while True:
        patch = network.patch(required, start, margin_m, end=end)
        if len(patch.members) == len(network.tail) or _holds_together(patch):
            return patch, margin_m
        margin_m *= 4


def _holds_together(patch: Patch) -> bool:
    """Whether the required edges and both ends lie in one piece of the patch."""
    piece = components(patch.nodes, patch.tail, patch.head)
    return len(np.unique(piece[np.append(patch.tail[patch.required], [patch.start, patch.end])])) == 1


def _first(patch: Patch, join_mm: int | None) -> tuple[Ints, _Pieces | None]:
    """Extra edges of a first walk: a T-join where that joins everything, else along the shortest links of pieces.

    `join_mm`: length of a T-join that is known to leave pieces; None where none is known.
    """
    if join_mm is None:
        extra = patch.join(patch.odd(patch.required))
        if patch.pieces(np.concatenate([patch.required, extra]))[2] == 1:
            return extra, None
        join_mm = patch.cost(extra)
    pieces = _Pieces(patch, join_mm)
    return pieces.linked(pieces.links, pieces.links.length + 1.0), pieces


def _improved(
    patch: Patch, extra: Ints, pieces: _Pieces | None, effort: Effort, rng_seed: int, stop: Stop
) -> tuple[Ints, int]:
    """Better extra edges, where they can be found, and a lower bound of their length."""
    if pieces is None or patch.cost(extra) == pieces.join_mm:
        return extra, patch.cost(extra)
    bound = pieces.join_mm
    ways = pieces.ways(patch.cost(extra))
    extra, bound, links = pieces.relaxed(ways, extra, bound, RELAX_WORK * (PROOF_WORK if effort.prove else 1))
    if patch.cost(extra) > bound:
        extra = pieces.search(links, extra, effort.searches, rng_seed, stop, bound)
    if effort.prove and patch.cost(extra) > bound and not stop():
        extra, bound = _prove(patch, extra, bound, pieces, ways, stop)
    return extra, bound


@dataclass(frozen=True, eq=False)
class _Links:
    """Ways between pieces: pieces `a` < `b`, nodes `i`, `j` (positions), length."""

    a: Ints
    b: Ints
    i: Ints
    j: Ints
    length: Ints


@dataclass(frozen=True, eq=False)
class _Ways:
    """Shortest ways between touched nodes that pass by no other touched node: positions `i` < `j`, length."""

    i: Ints
    j: Ints
    length: Ints


class _Pieces:
    """The pieces of required streets, and the ways between them."""

    def __init__(self, patch: Patch, join_mm: int) -> None:
        self.patch, self.join_mm = patch, join_mm  # length of the T-join alone
        self.nodes, self.piece, self.count = patch.pieces(patch.required)
        self._within, self._near = self._reach()
        self.links = self._best_links(*self._near)
        self._path: dict[tuple[int, int], Ints] = {}

    def _reach(self) -> tuple[int, tuple[Ints, Ints, Ints]]:
        """All ways between positions up to a limit far enough to join all pieces; the limit goes first."""
        limit = FIRST_REACH_MM
        while True:
            i, j, length = self.patch.between(self.nodes, limit)
            if components(self.count, self.piece[i], self.piece[j]).max() == 0:
                return limit, (i, j, length)
            limit *= 2

    def _best_links(self, i: Ints, j: Ints, length: Ints) -> _Links:
        """The best links of each pair of pieces."""
        a, b = self.piece[i], self.piece[j]
        rows = np.flatnonzero(a < b)
        rows = rows[np.lexsort((j[rows], i[rows], length[rows], b[rows], a[rows]))]
        pair = a[rows] * self.count + b[rows]
        rank = np.arange(len(rows)) - np.searchsorted(pair, pair)
        rows = rows[rank < LINKS]
        return _Links(a[rows], b[rows], i[rows], j[rows], length[rows])

    def path(self, a: int, b: int) -> Ints:
        """Edges of a shortest way between two positions, remembered."""
        if (a, b) not in self._path:
            self._path[a, b] = self.patch.path(int(self.nodes[a]), int(self.nodes[b]))
        return self._path[a, b]

    def ways(self, limit: int) -> _Ways:
        """All ways that a walk with extra edges of length `limit` may take."""
        i, j, length = self._near if limit <= self._within else self.patch.between(self.nodes, limit)
        once = (i < j) & (length <= limit)
        return _Ways(i[once], j[once], length[once])

    def relaxed(self, ways: _Ways, extra: Ints, bound: int, work: int) -> tuple[Ints, int, _Links]:
        """Extra edges along the ways the linear program takes, where they are better; its bound; links to search."""
        if len(self.nodes) > RELAX_NODES or len(ways.i) > RELAX_WAYS:
            return extra, bound, self.links
        odd = np.isin(self.nodes, self.patch.odd(self.patch.required))
        relaxed = relax(Torn(self.piece, odd, ways.i, ways.j, np.maximum(ways.length, 1)), work=work)
        slack = int((ways.length == 0).sum() * 2)  # ways of no length count as 1 mm, twice at most
        bound = max(bound, relaxed.bound - slack)
        if self.patch.cost(extra) <= bound:
            return extra, self.patch.cost(extra), self.links
        across = np.flatnonzero(self.piece[ways.i] != self.piece[ways.j])
        i, j = ways.i[across], ways.j[across]
        links = _Links(self.piece[i], self.piece[j], i, j, ways.length[across])
        other = self.linked(links, (links.length + 1.0) * (1.01 - np.minimum(1.0, relaxed.passes[across])))
        extra = other if self.patch.cost(other) < self.patch.cost(extra) else extra
        return extra, min(bound, self.patch.cost(extra)), links

    def search(self, links: _Links, extra: Ints, searches: int, rng_seed: int, stop: Stop, bound: int) -> Ints:
        """Extra edges of the best walk found: link trees from disturbed lengths, accepted when not worse."""
        rng = np.random.default_rng(rng_seed)
        length = links.length + 1.0
        bend = np.ones(len(length))
        best, cost = extra, self.patch.cost(extra)
        for _ in range(searches if len(length) > 1 else 0):
            if cost == bound or stop():
                break
            tried = bend.copy()
            again = rng.random(len(tried)) < 0.3
            tried[again] = np.exp(rng.normal(0.0, 0.6, int(again.sum())))
            found = self.linked(links, length * tried)
            if self.patch.cost(found) <= cost:
                best, cost, bend = found, self.patch.cost(found), tried
        return best

    def linked(self, links: _Links, length: NDArray[np.floating[Any]]) -> Ints:
        """Extra edges along a least spanning tree of links, by such lengths, that make every degree even."""
        tree = self._tree(links, length)
        ways = np.unique(np.concatenate([self.path(int(links.i[link]), int(links.j[link])) for link in tree]))
        ways = np.setdiff1d(ways, self.patch.required)
        join = self.patch.join(self.patch.odd(np.concatenate([self.patch.required, ways])))
        return without_pairs(self.patch, np.concatenate([ways, join]))

    def _tree(self, links: _Links, length: NDArray[np.floating[Any]]) -> list[int]:
        """Links of a least spanning tree over the pieces (Kruskal)."""
        root = list(range(self.count))

        def top(x: int) -> int:
            while root[x] != x:
                root[x] = root[root[x]]
                x = root[x]
            return x

        chosen: list[int] = []
        a, b = links.a.tolist(), links.b.tolist()
        for link in np.argsort(length, kind="stable").tolist():
            p, q = top(a[link]), top(b[link])
            if p != q:
                root[p] = q
                chosen.append(link)
                if len(chosen) == self.count - 1:
                    break
        return chosen


def without_pairs(patch: Patch, extra: Ints) -> Ints:
    """Drop edges walked twice for the way only, longest first, where the walk stays in one piece."""
    rows, count = np.unique(extra, return_counts=True)
    twice = rows[count > 1]
    for edge in twice[np.argsort(-patch.length_mm[twice], kind="stable")].tolist():
        fewer = extra[extra != edge]
        if count[np.searchsorted(rows, edge)] % 2:
            fewer = np.append(fewer, edge)
        if patch.pieces(np.concatenate([patch.required, fewer]))[2] == 1:
            extra = fewer
    return extra


def walkable(patch: Patch, extra: Ints) -> bool:
    """Whether the required edges with extra ones are one piece, and even but for the ends of an open walk."""
    edges = np.concatenate([patch.required, extra])
    return len(patch.odd(edges)) == 0 and patch.pieces(edges)[2] == 1


def _prove(patch: Patch, extra: Ints, bound: int, pieces: _Pieces, ways: _Ways, stop: Stop) -> tuple[Ints, int]:
    """Bound the extra length by integer programming over touched nodes, and take a better walk if one turns up.

    Between touched nodes only shortest ways matter, and none longer than all extra edges of the known walk together.
    An answer that cannot be walked proves nothing.
    """
    if len(pieces.nodes) > EXACT_NODES or len(ways.i) > EXACT_WAYS:
        return extra, bound
    rows, passes = np.unique(patch.required, return_counts=True)
    answer = solve_rural(_task(patch, pieces, ways, rows, passes), nodes=BRANCHES, rounds=ROUNDS, stop=stop)
    total = patch.cost(patch.required)
    if answer.forward is not None and answer.backward is not None:
        walked = answer.forward + answer.backward
        parts = [np.repeat(rows, walked[: len(rows)] - passes)]
        for way in np.flatnonzero(walked[len(rows) : len(rows) + len(ways.i)]).tolist():
            parts += [pieces.path(int(ways.i[way]), int(ways.j[way]))] * int(walked[len(rows) + way])
        other = np.concatenate(parts)
        if not walkable(patch, other):
            return extra, bound
        if patch.cost(other) < patch.cost(extra):
            extra = without_pairs(patch, other)
    return extra, max(bound, min(answer.bound - total, patch.cost(extra)))


def _task(patch: Patch, pieces: _Pieces, ways: _Ways, rows: Ints, passes: Ints) -> RuralTask:
    """The rural postman on touched nodes; an open walk is closed by an edge of no length from its end to its start."""
    start, end = np.searchsorted(pieces.nodes, [patch.start, patch.end])
    back = np.arange(int(start != end))
    cost = np.concatenate([patch.length_mm[rows], ways.length, 0 * back])
    return RuralTask(
        n=len(pieces.nodes),
        u=np.concatenate([np.searchsorted(pieces.nodes, patch.tail[rows]), ways.i, back + end]),
        v=np.concatenate([np.searchsorted(pieces.nodes, patch.head[rows]), ways.j, back + start]),
        forward=cost,
        backward=np.concatenate([cost[: len(cost) - len(back)], back + int(cost.sum()) + 1]),
        passes=np.concatenate([passes, np.zeros(len(ways.i), np.int64), back + 1]),
        through=np.array([start, end]),
        most=np.concatenate([np.full(len(rows) + len(ways.i), np.inf), back + 1.0]),
    )
