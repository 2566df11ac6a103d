"""A proven lower bound for linking and evening out torn streets: linear programming over cuts, small and in place.

What is walked for the way only, `x`, crosses every set of nodes that holds an odd number of odd nodes at least once,
and every set of whole pieces at least twice (Corberan and Sanchis 1994, doi:10.1016/0377-2217(94)90398-0). The dual
simplex method starts from no cut at all and stays dual feasible, so that it may end at any step: its prices always
prove a bound. Violated cuts are found exactly: pieces by a minimum cut (Stoer and Wagner 1997), odd sets by a cut tree
of what is left when ways walked fully are shrunk (Padberg and Rao 1982; Gusfield 1990).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from gridgeo.core.model import Flags, Floats, Ints

SLACK = 1e-7
VIOLATED = 1e-4


class Torn(NamedTuple):
    """k nodes in pieces `piece` (numbered from 0), `odd` of them, and ways `i`, `j` of whole `length` > 0 between."""

    piece: Ints
    odd: Flags
    i: Ints
    j: Ints
    length: Ints


class Relaxed(NamedTuple):
    """Proven lower bound of the extra length, the fractional passes of each way, and whether no cut is violated."""

    bound: int
    passes: Floats
    done: bool


def relax(torn: Torn, *, work: int = 4_000_000) -> Relaxed:
    """Lower bound of the ways that join all pieces and leave every degree even.

    Parameters
    ----------
    torn
        The pieces and the ways between their nodes.
    work
        Most numbers of the tableau to be looked at or changed: the limit of effort that does not depend on the clock.

    Examples
    --------
    >>> two = Torn(np.array([0, 1]), np.zeros(2, bool), np.array([0]), np.array([1]), np.array([7]))
    >>> relax(two)[:2]
    (14, array([2.]))
    """
    ways, nodes = len(torn.length), len(torn.piece)
    cuts = np.zeros((0, ways), np.bool_)
    least = np.zeros(0)
    more, need = _first_cuts(torn)
    table, basic, free = np.zeros((0, ways + 1)), np.zeros(0, np.int64), np.arange(ways)
    price = torn.length.astype(np.float64)
    done = len(need) == 0
    while len(need):
        table, basic = _with_rows(table, basic, free, more, need, len(cuts), ways)
        cuts, least = np.concatenate([cuts, more]), np.concatenate([least, need])
        work -= _dual_simplex(table, price, basic, free, work)
        if work <= 0:
            break
        x = _passes(table, basic, ways)
        sets, need = _violated(torn.piece, torn.odd, torn.i, torn.j, x, nodes)
        more = sets[:, torn.i] != sets[:, torn.j]
        known = {row.tobytes() for row in cuts}
        new = np.array([row.tobytes() not in known for row in more], bool)
        more, need = more[new], need[new]
        done = len(need) == 0
    return Relaxed(_proven(cuts, least, price, free, torn.length), _passes(table, basic, ways), done)


def _first_cuts(torn: Torn) -> tuple[Flags, Floats]:
    """Every odd node is left once more, every piece twice."""
    nodes = np.flatnonzero(torn.odd)
    ends = torn.i, torn.j
    single = (ends[0] == nodes[:, None]) != (ends[1] == nodes[:, None])
    pieces = int(torn.piece.max()) + 1
    names = np.arange(pieces if pieces > 1 else 0)[:, None]
    whole = (torn.piece[ends[0]] == names) != (torn.piece[ends[1]] == names)
    return np.concatenate([single, whole]), np.concatenate([np.ones(len(single)), np.full(len(whole), 2.0)])


def _with_rows(
    table: Floats, basic: Ints, free: Ints, more: Flags, need: Floats, count: int, ways: int
) -> tuple[Floats, Ints]:
    """The tableau with a row for each new cut, written in the variables that are free now; its slack is basic."""
    column = np.full(ways, -1)
    own = free < ways
    column[free[own]] = np.flatnonzero(own)
    rows = np.zeros((len(more), table.shape[1]))
    rows[:, -1] = -need
    for row, cut in zip(rows, more, strict=True):
        at = column[cut]
        row[at[at >= 0]] += 1.0
    held = np.flatnonzero(basic < ways)
    if len(held):
        rows += more[:, basic[held]].astype(np.float64) @ table[held]
    names = ways + count + np.arange(len(more))
    return np.ascontiguousarray(np.concatenate([table, rows])), np.concatenate([basic, names])


def _passes(table: Floats, basic: Ints, ways: int) -> Floats:
    x = np.zeros(ways)
    held = basic < ways
    x[basic[held]] = table[held, -1]
    return x


def _proven(cuts: Flags, least: Floats, price: Floats, free: Ints, length: Ints) -> int:
    """Bound that the prices of the cuts prove, made safe: scaled down until no way costs less than its cuts."""
    ways = cuts.shape[1]
    pays = np.zeros(len(cuts))
    slack = free >= ways
    pays[free[slack] - ways] = np.maximum(price[slack], 0.0)
    charged = pays @ cuts
    tight = charged > 0
    scale = min(1.0, float((length[tight] / charged[tight]).min())) if tight.any() else 1.0
    bound = scale * float(pays @ least)
    return int(np.ceil(bound - 1e-3 - 1e-9 * bound))


@njit(cache=True)
def _dual_simplex(table, price, basic, free, work):  # type: ignore[no-untyped-def]
    """Pivot until no basic variable is negative or the work is spent; numbers looked at or changed.

    Row r says basic[r] = table[r, -1] + the sum of table[r, c] * free[c]. `table` is float64.
    """
    rows, width = table.shape
    spent = 0
    columns = np.empty(width, np.int64)
    while spent < work:
        r = 0
        for row in range(rows):
            if table[row, width - 1] < table[r, width - 1]:
                r = row
        spent += rows + width
        if table[r, width - 1] >= -SLACK:
            return spent
        c, best = -1, 0.0
        for column in range(width - 1):
            if table[r, column] > 1e-9:
                ratio = price[column] / table[r, column]
                if c < 0 or ratio < best - 1e-12 or (ratio <= best + 1e-12 and table[r, column] > table[r, c]):
                    c, best = column, ratio
        if c < 0:  # rounding has eaten the row: the prices prove what they prove
            return work
        spent += _pivot(table, price, r, c, columns)
        basic[r], free[c] = free[c], basic[r]
    return spent


@njit(cache=True)
def _pivot(table, price, r, c, columns):  # type: ignore[no-untyped-def]
    """Let the free variable of column c and the basic one of row r change places; numbers changed."""
    rows, width = table.shape
    over = 1.0 / table[r, c]
    size = 0
    for column in range(width):
        if table[r, column] != 0.0 and column != c:
            table[r, column] = -table[r, column] * over
            columns[size] = column
            size += 1
    table[r, c] = over
    changed = size
    for row in range(rows):
        factor = table[row, c]
        if row != r and factor != 0.0:
            for at in range(size):
                table[row, columns[at]] += factor * table[r, columns[at]]
            table[row, c] = factor * over
            changed += size
    factor = price[c]
    for at in range(size):
        if columns[at] < width - 1:
            price[columns[at]] += factor * table[r, columns[at]]
    price[c] = factor * over
    return changed


@njit(cache=True)
def _violated(piece, odd, i, j, x, nodes):  # type: ignore[no-untyped-def]
    """Sets of nodes, (sets, nodes) flags, that passes `x` leave too seldom, and how often each must be left."""
    found = np.zeros((2 * nodes + 2, nodes), np.bool_)
    need = np.zeros(2 * nodes + 2)
    count = 0
    side = np.zeros(nodes, np.bool_)
    if _least_split(piece, i, j, x, side) < 2.0 - VIOLATED:
        found[0, :] = side
        need[0] = 2.0
        count = 1
    group, _ = _shrunk(nodes, i, j, x, 1.0 - VIOLATED)
    part, parts = _shrunk(nodes, i, j, x, VIOLATED)
    label = np.empty(nodes, np.int64)
    for p in range(parts):
        size = _numbered(part, group, p, label)
        count = _odd_sets(label, size, odd, _carried(label, size, i, j, x), found, need, count)
    return found[:count], need[:count]


@njit(cache=True)
def _numbered(part, group, p, label):  # type: ignore[no-untyped-def]
    """Number the groups of part p from 0, -1 elsewhere; how many there are."""
    size = 0
    for v in range(len(part)):
        label[v] = -1
        if part[v] == p:
            for w in range(v):
                if label[w] >= 0 and group[w] == group[v]:
                    label[v] = label[w]
                    break
            if label[v] < 0:
                label[v] = size
                size += 1
    return size


@njit(cache=True)
def _carried(label, size, i, j, x):  # type: ignore[no-untyped-def]
    """Passes between the groups of a label, (size, size), symmetric."""
    away = np.zeros((size, size))
    for w in range(len(x)):
        a, b = label[i[w]], label[j[w]]
        if a >= 0 and b >= 0 and a != b:
            away[a, b] += x[w]
            away[b, a] += x[w]
    return away


@njit(cache=True)
def _shrunk(nodes, i, j, x, level):  # type: ignore[no-untyped-def]
    """Component of each node over the ways passed at least `level` times, and how many there are."""
    root = np.arange(nodes)
    for w in range(len(x)):
        if x[w] >= level:
            a, b = i[w], j[w]
            while root[a] != a:
                a = root[a]
            while root[b] != b:
                b = root[b]
            if a < b:
                root[b] = a
            else:
                root[a] = b
    label = np.empty(nodes, np.int64)
    count = 0
    for v in range(nodes):
        a = v
        while root[a] != a:
            a = root[a]
        if a == v:
            label[v] = count
            count += 1
        else:
            label[v] = label[a]
    return label, count


@njit(cache=True)
def _least_split(piece, i, j, x, side):  # type: ignore[no-untyped-def]
    """Least passes between two groups of pieces (Stoer and Wagner); `side` gets the nodes of one of them."""
    p = piece.max() + 1
    away = _carried(piece, p, i, j, x)
    member = np.zeros((p, p), np.bool_)
    for v in range(p):
        member[v, v] = True
    alive = np.ones(p, np.bool_)
    best = np.inf
    for left in range(p, 1, -1):
        before, last, reached = _last_two(away, alive, left)
        if reached < best:
            best = reached
            for v in range(len(piece)):
                side[v] = member[last, piece[v]]
        alive[last] = False
        for v in range(p):
            away[before, v] += away[last, v]
            away[v, before] += away[v, last]
            member[before, v] |= member[last, v]
        away[before, before] = 0.0
    return best


@njit(cache=True)
def _last_two(away, alive, left):  # type: ignore[no-untyped-def]
    """The last two groups in order of pull from those before, and the pull on the last."""
    p = len(away)
    pull, seen = np.zeros(p), np.zeros(p, np.bool_)
    before, last = -1, -1
    for _ in range(left):
        take = -1
        for v in range(p):
            if alive[v] and not seen[v] and (take < 0 or pull[v] > pull[take]):
                take = v
        seen[take] = True
        before, last = last, take
        for v in range(p):
            pull[v] += away[take, v] * (not seen[v])
    return before, last, pull[last]


@njit(cache=True)
def _odd_sets(label, size, odd, away, found, need, count):  # type: ignore[no-untyped-def]
    """Violated odd sets of one component of what is walked, from a cut tree over its shrunk nodes."""
    parity = np.zeros(size, np.bool_)
    for v in range(len(label)):
        if label[v] >= 0 and odd[v]:
            parity[label[v]] = not parity[label[v]]
    inside = np.ones(size, np.bool_)
    if parity.sum() % 2:
        return _noted(label, inside, found, need, count)
    up, flow = _cut_tree(away)
    for s in range(1, size):
        if flow[s] < 1.0 - VIOLATED and _below(up, s, parity, inside):
            count = _noted(label, inside, found, need, count)
    return count


@njit(cache=True)
def _noted(label, inside, found, need, count):  # type: ignore[no-untyped-def]
    """Note the nodes of the groups inside as an odd set, while there is room; how many are noted."""
    if count == len(found):
        return count
    for v in range(len(label)):
        found[count, v] = label[v] >= 0 and inside[label[v]]
    need[count] = 1.0
    return count + 1


@njit(cache=True)
def _cut_tree(away):  # type: ignore[no-untyped-def]
    """Cut tree: the node above each node, and the least cut between the two, which parts the tree there."""
    size = len(away)
    up, flow = np.zeros(size, np.int64), np.zeros(size)
    inside = np.zeros(size, np.bool_)
    for s in range(1, size):
        t = up[s]
        value = _max_flow(away, s, t, inside)
        flow[s] = value
        for v in range(size):
            if v != s and inside[v] and up[v] == t:
                up[v] = s
        if inside[up[t]]:
            up[s], up[t] = up[t], s
            flow[s], flow[t] = flow[t], value
    return up, flow


@njit(cache=True)
def _below(up, s, parity, inside):  # type: ignore[no-untyped-def]
    """Mark the nodes of the tree below s, itself included; whether they hold an odd number of odd nodes."""
    uneven = False
    for v in range(len(up)):
        a = v
        for _ in range(len(up)):
            if a == s or a == up[a]:
                break
            a = up[a]
        inside[v] = a == s
        if inside[v] and parity[v]:
            uneven = not uneven
    return uneven


@njit(cache=True)
def _max_flow(away, s, t, inside):  # type: ignore[no-untyped-def]
    """Greatest flow from s to t (Edmonds and Karp 1972); `inside` gets what s still reaches."""
    n = len(away)
    left = away.copy()
    before, queue = np.empty(n, np.int64), np.empty(n, np.int64)
    total = 0.0
    while True:
        before[:] = -1
        before[s] = s
        queue[0], head, tail = s, 0, 1
        while head < tail and before[t] < 0:
            a = queue[head]
            head += 1
            for b in range(n):
                if before[b] < 0 and left[a, b] > 1e-9:
                    before[b] = a
                    queue[tail] = b
                    tail += 1
        if before[t] < 0:
            for v in range(n):
                inside[v] = before[v] >= 0
            return total
        push, v = np.inf, t
        while v != s:
            push = min(push, left[before[v], v])
            v = before[v]
        v = t
        while v != s:
            left[before[v], v] -= push
            left[v, before[v]] += push
            v = before[v]
        total += push
