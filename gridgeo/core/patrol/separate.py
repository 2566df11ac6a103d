"""Sets of nodes that fractional ways leave too seldom, found exactly: kernels of `cutting`."""

from __future__ import annotations

import numpy as np
from numba import njit

VIOLATED = 1e-4


@njit(cache=True)
def violated_sets(piece, odd, i, j, x, nodes):  # type: ignore[no-untyped-def]
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
