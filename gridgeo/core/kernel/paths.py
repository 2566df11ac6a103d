"""Shortest paths on sparse graphs: bounded searches from many sources to targets hung on nodes, in exact integers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import csr

UNREACHED = np.iinfo(np.int64).max


class Arcs(NamedTuple):
    """Weighted graph in compressed rows: `ptr` (n + 1,), `neighbor` and `cost` (arcs,), int64, costs >= 0."""

    ptr: NDArray[np.int64]
    neighbor: NDArray[np.int64]
    cost: NDArray[np.int64]


class Hooks(NamedTuple):
    """Targets hung on nodes: row `ptr[v]:ptr[v + 1]` of `target` and `cost` lists what leaving node v leads to.

    A target may hang on several nodes; its cost is the least over them.
    """

    ptr: NDArray[np.int64]
    target: NDArray[np.int64]
    cost: NDArray[np.int64]


class Starts(NamedTuple):
    """Where each search begins: row `ptr[s]:ptr[s + 1]` of `item` and `cost` belongs to source s.

    An item below n is a node; item n + t is target t itself, reached without the graph.
    """

    ptr: NDArray[np.int64]
    item: NDArray[np.int64]
    cost: NDArray[np.int64]


def arcs_of(n: int, u: NDArray[Any], v: NDArray[Any], cost: NDArray[Any]) -> Arcs:
    """Weighted graph of m undirected edges with costs (m,).

    >>> arcs_of(3, np.array([0, 1]), np.array([1, 2]), np.array([5, 7])).cost.tolist()
    [5, 5, 7, 7]
    """
    ptr, neighbor, edge = csr(n, u, v)
    return Arcs(ptr, neighbor, np.ascontiguousarray(cost, np.int64)[edge])


def hooks_of(n: int, node: NDArray[Any], target: NDArray[Any], cost: NDArray[Any]) -> Hooks:
    """Targets hung on nodes, from rows (node, target, cost) in any order.

    >>> hooks_of(2, np.array([1, 0, 1]), np.array([0, 1, 1]), np.array([3, 4, 5])).target.tolist()
    [1, 0, 1]
    """
    order = np.lexsort((target, node))
    return Hooks(_row_starts(n, node), np.asarray(target, np.int64)[order], np.asarray(cost, np.int64)[order])


def starts_of(n: int, source: NDArray[Any], item: NDArray[Any], cost: NDArray[Any]) -> Starts:
    """Starts of n sources, from rows (source, item, cost) in any order.

    >>> starts_of(2, np.array([1, 1]), np.array([4, 2]), np.array([0, 9])).ptr.tolist()
    [0, 0, 2]
    """
    order = np.lexsort((item, source))
    return Starts(_row_starts(n, source), np.asarray(item, np.int64)[order], np.asarray(cost, np.int64)[order])


def _row_starts(n: int, row: NDArray[Any]) -> NDArray[np.int64]:
    ptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=n), out=ptr[1:])
    return ptr


class Work(NamedTuple):
    """Scratch of the searches over nodes and targets: an entry is valid only where `stamp` equals the search's number.

    `best` least cost, `parent` the item before (-1 at a start), `root` the start row it came from, `found` targets
    in order of cost, `key` and `item` the heap.
    """

    best: NDArray[np.int64]
    parent: NDArray[np.int64]
    root: NDArray[np.int64]
    stamp: NDArray[np.int64]
    found: NDArray[np.int64]
    key: NDArray[np.int64]
    item: NDArray[np.int64]


def work_for(arcs: Arcs, hooks: Hooks, targets: int, starts: int) -> Work:
    """Scratch for searches with at most so many starts each."""
    size = len(arcs.ptr) - 1 + targets
    # every arc and hook is relaxed at most once in a search, so the heap never outgrows their number
    heap = len(arcs.neighbor) + len(hooks.target) + starts + 1
    return Work(
        best=np.empty(size, np.int64),
        parent=np.empty(size, np.int64),
        root=np.empty(size, np.int64),
        stamp=np.full(size, -1),
        found=np.empty(targets, np.int64),
        key=np.empty(heap, np.int64),
        item=np.empty(heap, np.int64),
    )


@njit(cache=True)
def _push(key, item, size, k, i):  # type: ignore[no-untyped-def]
    """Put (k, i) on a binary heap of `size` entries ordered by key, then item."""
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if key[up] < k or (key[up] == k and item[up] <= i):
            break
        key[at] = key[up]
        item[at] = item[up]
        at = up
    key[at] = k
    item[at] = i


@njit(cache=True)
def _sift(key, item, size):  # type: ignore[no-untyped-def]
    """Close the hole at the top of a heap whose last entry, at `size`, is to move in."""
    k, i = key[size], item[size]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        right = down + 1
        if right < size and (key[right] < key[down] or (key[right] == key[down] and item[right] < item[down])):
            down = right
        if k < key[down] or (k == key[down] and i <= item[down]):
            break
        key[at] = key[down]
        item[at] = item[down]
        at = down
    key[at] = k
    item[at] = i


@njit(cache=True)
def _reach(work, size, now, item, cost, parent, root):  # type: ignore[no-untyped-def]
    """Note that `item` can be had for `cost`; the new heap size."""
    if work.stamp[item] == now and work.best[item] <= cost:
        return size
    work.stamp[item] = now
    work.best[item] = cost
    work.parent[item] = parent
    work.root[item] = root
    _push(work.key, work.item, size, cost, item)
    return size + 1


@njit(cache=True)
def search(arcs, hooks, free, starts, source, limit, count, work, now):  # type: ignore[no-untyped-def]
    """Dijkstra from one source up to `limit`, ending once `count` free targets are found; how many were.

    `now` is a number no search on this scratch had before.
    """
    n = len(arcs.ptr) - 1
    size, found = 0, 0
    for row in range(starts.ptr[source], starts.ptr[source + 1]):
        item = starts.item[row]
        if starts.cost[row] <= limit and (item < n or free[item - n]):
            size = _reach(work, size, now, item, starts.cost[row], -1, row)
    while size > 0 and found < count:
        cost, item = work.key[0], work.item[0]
        size -= 1
        _sift(work.key, work.item, size)
        if cost > work.best[item]:
            continue  # an older, dearer entry
        if item >= n:
            work.found[found] = item - n
            found += 1
            continue
        root = work.root[item]
        for a in range(arcs.ptr[item], arcs.ptr[item + 1]):
            if cost + arcs.cost[a] <= limit:
                size = _reach(work, size, now, arcs.neighbor[a], cost + arcs.cost[a], item, root)
        for h in range(hooks.ptr[item], hooks.ptr[item + 1]):
            if cost + hooks.cost[h] <= limit and free[hooks.target[h]]:
                size = _reach(work, size, now, n + hooks.target[h], cost + hooks.cost[h], item, root)
    return found


@njit(cache=True)
def _search_all(arcs, hooks, free, starts, limit, count, work):  # type: ignore[no-untyped-def]
    """Rows (source, target, cost) of every source's search, in source order, nearest first."""
    n = len(arcs.ptr) - 1
    out = np.empty((3, 1024), np.int64)
    used = 0
    for source in range(len(starts.ptr) - 1):
        found = search(arcs, hooks, free, starts, source, limit[source], count, work, source)
        if used + found > out.shape[1]:
            wider = np.empty((3, 2 * (used + found)), np.int64)
            wider[:, :used] = out[:, :used]
            out = wider
        for i in range(found):
            target = work.found[i]
            out[0, used], out[1, used], out[2, used] = source, target, work.best[n + target]
            used += 1
    return out[:, :used]


def pairs_within(
    arcs: Arcs, hooks: Hooks, free: NDArray[np.bool_], starts: Starts, limit: Any, count: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Targets each source reaches within its limit, by bounded Dijkstra searches that share one scratch.

    Parameters
    ----------
    arcs, hooks, starts
        The graph, the targets hung on it, and where every source starts.
    free
        (targets,) only these are looked for.
    limit
        Greatest cost, one number or one per source.
    count
        End a search after this many targets (all of them when None).

    Returns
    -------
    source, target, cost
        Rows sorted by source, then cost, then target. O(reached arcs x log) a source, whatever the graph's size
        (Dijkstra 1959, binary heap with lazy deletion, stamped arrays).

    Examples
    --------
    >>> arcs = arcs_of(3, np.array([0, 1]), np.array([1, 2]), np.array([5, 7]))
    >>> hooks = hooks_of(3, np.array([1, 2]), np.array([0, 1]), np.array([1, 1]))
    >>> starts = starts_of(1, np.array([0]), np.array([0]), np.array([0]))
    >>> [row.tolist() for row in pairs_within(arcs, hooks, np.ones(2, bool), starts, 20)]
    [[0, 0], [0, 1], [6, 13]]
    """
    targets, sources = len(free), len(starts.ptr) - 1
    work = work_for(arcs, hooks, targets, int(np.diff(starts.ptr).max(initial=0)))
    limits = np.broadcast_to(np.asarray(limit, np.int64), sources)
    rows = _search_all(
        arcs, hooks, free, starts, np.ascontiguousarray(limits), targets if count is None else count, work
    )
    return rows[0], rows[1], rows[2]


class Tree(NamedTuple):
    """Shortest-path forest: per item `cost` (UNREACHED where not), `parent` item (-1 at a start), `root` start row."""

    cost: NDArray[np.int64]
    parent: NDArray[np.int64]
    root: NDArray[np.int64]

    def path(self, item: int) -> list[int]:
        """Items from the start to `item`, both included; empty when unreached."""
        if self.cost[item] == UNREACHED:
            return []
        items = [item]
        while (before := int(self.parent[items[-1]])) >= 0:
            items.append(before)
        return items[::-1]


def shortest_tree(
    arcs: Arcs,
    starts: Starts,
    *,
    hooks: Hooks | None = None,
    targets: int = 0,
    limit: int = UNREACHED - 1,
    count: int = -1,
) -> Tree:
    """Shortest paths from the nearest of all starts of source 0 to every node, and to the targets hung on nodes.

    Items 0..n-1 are nodes, n..n+targets-1 the targets. With `count` >= 0 the search ends after that many targets;
    what was not settled by then may hold a cost that is not yet least, except the targets found.

    Examples
    --------
    >>> arcs = arcs_of(4, np.array([0, 1]), np.array([1, 2]), np.array([5, 7]))
    >>> tree = shortest_tree(arcs, starts_of(1, np.array([0]), np.array([0]), np.array([0])))
    >>> tree.cost[:3].tolist(), tree.path(2), tree.path(3)
    ([0, 5, 12], [0, 1, 2], [])
    """
    n = len(arcs.ptr) - 1
    if hooks is None:
        hooks = Hooks(np.zeros(n + 1, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
    work = work_for(arcs, hooks, targets, int(np.diff(starts.ptr).max(initial=0)))
    # one more than there are targets: the search runs on to the last node
    search(arcs, hooks, np.ones(targets, bool), starts, 0, limit, targets + 1 if count < 0 else count, work, 0)
    unreached = work.stamp != 0
    work.best[unreached] = UNREACHED
    work.parent[unreached] = -1
    work.root[unreached] = -1
    return Tree(work.best, work.parent, work.root)
