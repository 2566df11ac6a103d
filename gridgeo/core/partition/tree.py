"""Cut a set of units in two: random spanning trees, every edge of which is priced exactly as a cut.

Removing one tree edge leaves two connected parts. One pass over the edges outside the tree gives the full border
between the parts for all n - 1 tree edges at once: an edge (a, b) adds its weight to the parts below a and below b
and takes it back twice at their lowest common ancestor. Trees take heavy borders first (random keys as in Karger's
contraction), so cheap borders tend to stay between the parts.
"""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import inner
from gridgeo.core.partition.score import Rule, Units, kept_of, shape_cost, size_cost
from gridgeo.core.partition.stream import Stream, below, uniform

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

STAYING = 0.2
"""What the random key of an edge within an old grid is multiplied by in a redraw: trees take such edges early."""


class Desk(NamedTuple):
    """Scratch arrays of one zone, made once: n units, m edges."""

    mark: Ints  # (n,) always -1 between calls
    part: Ints  # (n,) always -1 between calls
    eu: Ints  # (m,) ends and weight of the edges at hand
    ev: Ints
    ew: Reals
    ease: Reals  # 1 / weight
    key: Reals
    rank: Ints
    picked: NDArray[np.uint8]  # (m,) edge is in the tree
    root: Ints  # (n,) union-find
    head: Ints  # (n,) tree as linked lists of half edges
    after: Ints  # (2 n,)
    to: Ints
    span: Reals
    parent: Ints  # (n,)
    order: Ints
    depth: Ints
    cut: Reals
    up: Reals
    total: Reals  # (n, 7) households and moments below a unit; in a redraw what two old grids have there
    best_parent: Ints
    best_order: Ints
    side: NDArray[np.uint8]  # (n,) answer of `split`


def desk_for(units: Units) -> Desk:
    """Scratch arrays large enough for a graph of units."""
    n, m = len(units.households), len(units.adj) // 2

    def ints(k: int) -> Ints:
        return np.full(k, -1, np.int64)

    return Desk(
        mark=ints(n),
        part=ints(n),
        eu=ints(m),
        ev=ints(m),
        ew=np.zeros(m),
        ease=np.zeros(m),
        key=np.zeros(m),
        rank=ints(m),
        picked=np.zeros(m, np.uint8),
        root=ints(n),
        head=ints(n),
        after=ints(2 * n),
        to=ints(2 * n),
        span=np.zeros(2 * n),
        parent=ints(n),
        order=ints(n),
        depth=ints(n),
        cut=np.zeros(n),
        up=np.zeros(n),
        total=np.zeros((n, 7)),
        best_parent=ints(n),
        best_order=ints(n),
        side=np.zeros(n, np.uint8),
    )


@inner
def list_edges(units: Units, nodes: Any, desk: Desk) -> int:
    """Write the edges among the nodes, numbered by their place in `nodes`, on the desk; return how many."""
    for i in range(len(nodes)):
        desk.mark[nodes[i]] = i
    m = 0
    for i in range(len(nodes)):
        u = nodes[i]
        for e in range(units.ptr[u], units.ptr[u + 1]):
            j = desk.mark[units.adj[e]]
            if j > i:
                desk.eu[m], desk.ev[m], desk.ew[m] = i, j, units.weight[e]
                desk.ease[m] = 1.0 / units.weight[e]
                if len(units.old) > 0 and units.old[u] >= 0 and units.old[u] == units.old[units.adj[e]]:
                    desk.ease[m] *= STAYING
                m += 1
    for u in nodes:
        desk.mark[u] = -1
    return m


@inner
def find(root: Any, a: int) -> int:
    """Representative of a in a union-find forest, halving the path."""
    while root[a] != a:
        root[a] = root[root[a]]
        a = root[a]
    return a


@inner
def sort_edges(m: int, desk: Desk) -> None:
    """Sort the first m places of `rank` by `key`, both in step: Shell's sort, short and quick on short lists."""
    gap = 1
    while gap < m // 9:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, m):
            key, edge = desk.key[i], desk.rank[i]
            j = i
            while j >= gap and desk.key[j - gap] > key:
                desk.key[j], desk.rank[j] = desk.key[j - gap], desk.rank[j - gap]
                j -= gap
            desk.key[j], desk.rank[j] = key, edge
        gap //= 3


@inner
def random_tree(n: int, m: int, desk: Desk, stream: Stream) -> int:
    """Spanning tree of n nodes by random keys, heavy edges first; return the number of tree edges."""
    for e in range(m):
        desk.key[e] = uniform(stream) * desk.ease[e]
        desk.rank[e] = e
        desk.picked[e] = 0
    for i in range(n):
        desk.root[i] = i
        desk.head[i] = -1
    sort_edges(m, desk)
    t = 0
    for r in range(m):
        e = desk.rank[r]
        a, b = find(desk.root, desk.eu[e]), find(desk.root, desk.ev[e])
        if a == b:
            continue
        desk.root[a] = b
        desk.picked[e] = 1
        x, y = desk.eu[e], desk.ev[e]
        for _ in range(2):
            desk.to[t], desk.span[t], desk.after[t] = y, desk.ew[e], desk.head[x]
            desk.head[x] = t
            t += 1
            x, y = y, x
        if t == 2 * (n - 1):
            break
    return t // 2


@inner
def hang_tree(n: int, desk: Desk, stream: Stream) -> None:
    """Hang the tree from a random node: parent, depth, weight of the edge up, and an order from the root down."""
    top = below(stream, n)
    desk.parent[top], desk.depth[top], desk.up[top] = -1, 0, 0.0
    desk.order[0] = top
    got = 1
    for i in range(n):
        u = desk.order[i]
        e = desk.head[u]
        while e >= 0:
            v = desk.to[e]
            if v != desk.parent[u]:
                desk.parent[v], desk.depth[v], desk.up[v] = u, desk.depth[u] + 1, desk.span[e]
                desk.order[got] = v
                got += 1
            e = desk.after[e]


@inner
def price_outside(n: int, m: int, desk: Desk) -> None:
    """Spread the edges outside the tree so that subtree sums of `cut` are the border below each node."""
    for i in range(n):
        desk.cut[i] = 0.0
    for e in range(m):
        if desk.picked[e]:
            continue
        a, b, w = desk.eu[e], desk.ev[e], desk.ew[e]
        desk.cut[a] += w
        desk.cut[b] += w
        while a != b:
            if desk.depth[a] >= desk.depth[b]:
                a = desk.parent[a]
            else:
                b = desk.parent[b]
        desk.cut[a] -= 2.0 * w


@inner
def part_counts(h1: int, h2: int, count: int, aim: float) -> Any:
    """Grids each of two parts should hold; they add to `count` unless it is 0 (free)."""
    k1 = max(1.0, np.round(h1 / aim))
    k2 = max(1.0, np.round(h2 / aim))
    if count > 0:
        k1 = min(k1, count - 1.0)
        k2 = count - k1
    return k1, k2


@inner
def is_roomy(h: int, k: float, aim: float, reach: float, rule: Rule) -> bool:
    """Whether k grids fit h households with some room to spare; `reach` 1 uses the whole band."""
    t = min(1.0, reach + 0.4) if k == 1.0 else reach
    mean = h / k
    return aim - t * (aim - rule.soft_low) <= mean <= aim + t * (rule.soft_high - aim)


@inner
def cut_cost(h1: int, h2: int, count: int, aim: float, reach: float, rule: Rule) -> float:
    """Size price of a cut into h1 and h2 households, infinite when the parts cannot be whole grids."""
    if count == 2:
        least, most = min(h1, h2), max(h1, h2)
        if least < rule.soft_low or most > rule.soft_high:
            return np.inf
        return size_cost(h1, rule) + size_cost(h2, rule)
    k1, k2 = part_counts(h1, h2, count, aim)
    if reach < 1.0 and min(k1, k2) < 0.25 * (k1 + k2) and k1 + k2 > 3:
        return np.inf
    if is_roomy(h1, k1, aim, reach, rule) and is_roomy(h2, k2, aim, reach, rule):
        return 0.0
    return np.inf


@inner
def load_totals(units: Units, nodes: Any, rule: Rule, desk: Desk, whole: Any) -> None:
    """Put each node's own households and moments on the desk and their sum in `whole` (7,).

    In a redraw also what the two largest old grids among the nodes have there.
    """
    for q in range(7):
        whole[q] = 0.0
    columns, first, second = 5, -1, -1
    if rule.moving > 0.0:
        columns = 7
        first, second = largest_olds(units, nodes)
    for i in range(len(nodes)):
        u = nodes[i]
        desk.total[i, 0] = units.households[u]
        for q in range(4):
            desk.total[i, q + 1] = units.moments[u, q]
        if columns == 7:
            size = units.households[u] + 1.0
            desk.total[i, 5] = size if units.old[u] == first else 0.0
            desk.total[i, 6] = size if units.old[u] == second else 0.0
        for q in range(columns):
            whole[q] += desk.total[i, q]


@inner
def largest_olds(units: Units, nodes: Any) -> Any:
    """The two old grids with most households and units among the nodes; -2 where there are fewer."""
    first = second = -2
    most = next_most = 0
    for i in range(len(nodes)):
        same = kept_of(units, nodes, i)
        if same > most:
            second, next_most = first, most
            first, most = units.old[nodes[i]], same
        elif same > next_most:
            second, next_most = units.old[nodes[i]], same
    return first, second


@inner
def pair_moved(total: Any, v: int, whole: Any) -> float:
    """Households and units that move when the nodes below v are one grid and the rest the other, at best."""
    straight = total[v, 5] + whole[6] - total[v, 6]
    crossed = total[v, 6] + whole[5] - total[v, 5]
    return whole[5] + whole[6] - max(straight, crossed)


@inner
def best_edge(n: int, count: int, aim: float, reach: float, rule: Rule, best: float, whole: Any, desk: Desk) -> Any:
    """Cheapest tree edge below price `best` as (price, node below it), or (best, -1)."""
    keep = -1
    total = desk.total
    redraw = rule.moving > 0.0
    columns = 7 if redraw else 5
    for j in range(n - 1, 0, -1):
        v = desk.order[j]
        p = desk.parent[v]
        h1 = int(total[v, 0])
        cost = desk.cut[v] + desk.up[v]
        if cost < best:
            cost += cut_cost(h1, int(whole[0]) - h1, count, aim, reach, rule)
        if redraw and count == 2 and cost < best:
            cost += rule.moving * pair_moved(total, v, whole)
        if cost < best:
            a, x, y, r2 = total[v, 1], total[v, 2], total[v, 3], total[v, 4]
            cost += rule.roundness * (
                shape_cost(a, x, y, r2) + shape_cost(whole[1] - a, whole[2] - x, whole[3] - y, whole[4] - r2)
            )
            if cost < best:
                best, keep = cost, v
        desk.cut[p] += desk.cut[v]
        for q in range(columns):
            total[p, q] += total[v, q]
    return best, keep


@inner
def mark_side(n: int, top: int, desk: Desk) -> None:
    """Set `side` to 1 for the nodes below and at `top` in the best tree."""
    for i in range(n):
        desk.side[i] = 0
    desk.side[top] = 1
    for j in range(n):
        v = desk.best_order[j]
        p = desk.best_parent[v]
        if p >= 0 and v != top:
            desk.side[v] = desk.side[p]


@inner
def split(
    units: Units, nodes: Any, count: int, aim: float, reach: float, rule: Rule, trees: int, desk: Desk, stream: Stream
) -> float:
    """Cheapest cut of connected nodes in two over random trees; `desk.side` tells the parts.

    `count` 2: both parts are one grid within the soft band. Otherwise parts hold whole numbers of grids of mean size
    near `aim`, together `count` unless 0. Returns the price, infinite when no cut was found.
    O(trees (m log m + m depth)).
    """
    n = len(nodes)
    m = list_edges(units, nodes, desk)
    whole = np.empty(7)
    best = np.inf
    found = -1
    for _ in range(trees):
        if random_tree(n, m, desk, stream) < n - 1:
            break
        hang_tree(n, desk, stream)
        price_outside(n, m, desk)
        load_totals(units, nodes, rule, desk, whole)
        cost, top = best_edge(n, count, aim, reach, rule, best, whole, desk)
        if top >= 0:
            best, found = cost, top
            for i in range(n):
                desk.best_parent[i], desk.best_order[i] = desk.parent[i], desk.order[i]
    if found >= 0:
        mark_side(n, found, desk)
    return best
