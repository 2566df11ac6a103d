"""Who is nearest to one place after another on a graph of lines, and the line of each walk, in exact integers.

Targets stand beside edges: each steps out onto one edge or a few, somewhere along them. A search begins where a place
steps out, and scratch is kept between searches, so that a question costs what it reaches and not what the graph holds.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.kernel.doors import Cells, Kerbs, cells_of, straight_to, ways_at
from gridgeo.core.kernel.paths import Arcs, Hooks, Starts, search


class Ways(NamedTuple):
    """Where points step out: row by row the `point`, the `edge`, how far `along` it, and the cost of the `access`."""

    point: NDArray[np.int64]
    edge: NDArray[np.int64]
    along: NDArray[np.int64]
    access: NDArray[np.int64]


class Lines(NamedTuple):
    """Edges as lines: `tail`, `head` nodes, `length` and per arc its `edge`; vertices `ptr[e]:ptr[e + 1]` of edge e.

    A vertex has `xy` and lies `along` the line, from 0 at the tail to the edge's length at the head.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    length: NDArray[np.int64]
    arc_edge: NDArray[np.int64]
    ptr: NDArray[np.int64]
    xy: NDArray[np.float64]
    along: NDArray[np.float64]


class Hung(NamedTuple):
    """Targets on the lines: their points, their ways, the ways of each edge, and per hook its row among both ends."""

    points: Cells
    ways: Ways
    edge_ptr: NDArray[np.int64]
    edge_way: NDArray[np.int64]
    hook_end: NDArray[np.int64]


class Ground(NamedTuple):
    """What all searches share: the graph, its lines, the same in cells, and the walls nobody walks across."""

    arcs: Arcs
    lines: Lines
    kerbs: Kerbs
    walls: Cells


class Place(NamedTuple):
    """Where a search begins: `xy` (2,), its ways, and targets so `near` that they are walked to straight, with cost."""

    xy: NDArray[np.float64]
    ways: Ways
    near: NDArray[np.int64]
    near_cost: NDArray[np.int64]


def lines_of(
    tail: NDArray[Any], head: NDArray[Any], length: NDArray[Any], arc_edge: NDArray[Any],
    xy: NDArray[np.float64], edge: NDArray[np.int64],
) -> Lines:  # fmt: skip
    """Lines of m edges from their vertices xy (v, 2), which belong to `edge` (v,), ascending; O(v).

    >>> xy = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 1.0]])
    >>> lines_of([0], [1], [400], [0], xy, np.zeros(3, int)).along.tolist()
    [0.0, 300.0, 400.0]
    """
    many = np.bincount(edge, minlength=len(tail))
    ptr = np.concatenate([[0], np.cumsum(many)])
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[ptr[:-1]] = 0
    run = np.cumsum(step)
    run -= np.repeat(run[ptr[:-1]], many)
    full = np.maximum(run[ptr[1:] - 1], 1e-12)
    along = run / np.repeat(full, many) * np.repeat(np.asarray(length), many)
    t, h, size, arc = (np.ascontiguousarray(part, np.int64) for part in (tail, head, length, arc_edge))
    return Lines(t, h, size, arc, ptr, np.ascontiguousarray(xy, np.float64), along)


def hang(lines: Lines, xy: NDArray[np.float64], ways: Ways) -> tuple[Hooks, Hung]:
    """Targets hung on both ends of their ways' edges, and all that is needed to walk to them; O(k log k)."""
    nodes = np.concatenate([lines.tail[ways.edge], lines.head[ways.edge]])
    cost = np.concatenate([ways.access + ways.along, ways.access + lines.length[ways.edge] - ways.along])
    target = np.concatenate([ways.point, ways.point])
    n = int(max(lines.tail.max(initial=-1), lines.head.max(initial=-1))) + 1
    order = np.lexsort((target, nodes))
    hooks = Hooks(_starts(nodes, n), target[order], cost[order])
    by_edge = np.argsort(ways.edge, kind="stable")
    return hooks, Hung(cells_of(xy, xy), ways, _starts(ways.edge, len(lines.tail)), by_edge, order)


def _starts(row: NDArray[Any], n: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))])


@njit(cache=True)
def _begin(place, lines, hung, nodes):  # type: ignore[no-untyped-def]
    """Start rows (item, cost) and the target's way of each: ends of the place's edges, common edges, near targets."""
    ways, here = len(place.ways.edge), place.ways
    size = 2 * ways + len(place.near)
    for e in here.edge:
        size += hung.edge_ptr[e + 1] - hung.edge_ptr[e]
    item, cost, own, other = np.empty((4, size), np.int64)
    row = 0
    for w in range(ways):
        e = here.edge[w]
        item[row], cost[row] = lines.tail[e], here.access[w] + here.along[w]
        item[row + 1], cost[row + 1] = lines.head[e], here.access[w] + lines.length[e] - here.along[w]
        own[row] = own[row + 1] = w
        other[row], other[row + 1] = -2, -1  # the tail, the head
        row += 2
    for w in range(ways):
        e = here.edge[w]
        for at in range(hung.edge_ptr[e], hung.edge_ptr[e + 1]):
            t = hung.edge_way[at]
            item[row] = nodes + hung.ways.point[t]
            cost[row] = here.access[w] + abs(here.along[w] - hung.ways.along[t]) + hung.ways.access[t]
            own[row], other[row] = w, t
            row += 1
    for i in range(len(place.near)):
        item[row], cost[row], own[row], other[row] = nodes + place.near[i], place.near_cost[i], -1, -1
        row += 1
    return item, cost, own, other


@njit(cache=True)
def _point(lines, edge, at):  # type: ignore[no-untyped-def]
    """Place `at` along an edge."""
    first, last = lines.ptr[edge], lines.ptr[edge + 1] - 1
    if at <= 0:
        return lines.xy[first, 0], lines.xy[first, 1]
    if at >= lines.along[last]:
        return lines.xy[last, 0], lines.xy[last, 1]
    v = first + np.searchsorted(lines.along[first : last + 1], at)
    share = (at - lines.along[v - 1]) / (lines.along[v] - lines.along[v - 1])
    a, b = lines.xy[v - 1], lines.xy[v]
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


@njit(cache=True)
def _put(out, size, x, y):  # type: ignore[no-untyped-def]
    """Put a vertex behind a line that is no repeated one; the line, grown where full, and its size."""
    if size > 0 and out[size - 1, 0] == x and out[size - 1, 1] == y:
        return out, size
    if size == len(out):
        grown = np.empty((2 * size, 2))
        grown[:size] = out
        out = grown
    out[size, 0], out[size, 1] = x, y
    return out, size + 1


@njit(cache=True)
def _piece(out, size, lines, edge, start, end):  # type: ignore[no-untyped-def]
    """Put the part of an edge from one place along it to another."""
    x, y = _point(lines, edge, start)
    out, size = _put(out, size, x, y)
    first, last = lines.ptr[edge], lines.ptr[edge + 1]
    low, high = min(start, end), max(start, end)
    for i in range(last - first):
        v = first + i if start <= end else last - 1 - i
        if low < lines.along[v] < high:
            out, size = _put(out, size, lines.xy[v, 0], lines.xy[v, 1])
    x, y = _point(lines, edge, end)
    return _put(out, size, x, y)


@njit(cache=True)
def _edge_between(arcs, lines, a, b):  # type: ignore[no-untyped-def]
    """The cheapest edge from node a to node b."""
    best = -1
    for arc in range(arcs.ptr[a], arcs.ptr[a + 1]):
        if arcs.neighbor[arc] == b and (best < 0 or arcs.cost[arc] < arcs.cost[best]):
            best = arc
    return lines.arc_edge[best]


@njit(cache=True)
def _last_way(hooks, hung, work, node, target, nodes):  # type: ignore[no-untyped-def]
    """The way by which a target was reached from a node, and whether by the head of its edge."""
    ways = len(hung.ways.edge)
    rest = work.best[nodes + target] - work.best[node]
    for h in range(hooks.ptr[node], hooks.ptr[node + 1]):
        if hooks.target[h] == target and hooks.cost[h] == rest:
            return hung.hook_end[h] % ways, hung.hook_end[h] >= ways
    return -1, False


@njit(cache=True)
def _trace(out, size, graph, place, own, other, work, target):  # type: ignore[no-untyped-def]
    """Put the walk from a found target to the place of the alarm."""
    arcs, hooks, lines, hung = graph
    nodes = len(arcs.ptr) - 1
    out, size = _put(out, size, hung.points.a[target, 0], hung.points.a[target, 1])
    node, row = work.parent[nodes + target], work.root[nodes + target]
    way = own[row]
    if node < 0 and way >= 0:
        there = hung.ways.along[other[row]]
        out, size = _piece(out, size, lines, place.ways.edge[way], there, place.ways.along[way])
    elif node >= 0:
        last, head = _last_way(hooks, hung, work, node, target, nodes)
        edge = hung.ways.edge[last]
        out, size = _piece(out, size, lines, edge, hung.ways.along[last], lines.length[edge] if head else 0)
        while work.parent[node] >= 0:
            before = work.parent[node]
            edge = _edge_between(arcs, lines, before, node)
            length = lines.length[edge]
            forth = lines.tail[edge] == node
            out, size = _piece(out, size, lines, edge, 0 if forth else length, length if forth else 0)
            node = before
        edge = place.ways.edge[way]
        out, size = _piece(out, size, lines, edge, lines.length[edge] if other[row] == -1 else 0, place.ways.along[way])
    return _put(out, size, place.xy[0], place.xy[1])


@njit(cache=True)
def nearest_lines(graph, free, place, limit, count, traced, work, now):  # type: ignore[no-untyped-def]
    """Targets nearest to a place, and the walks of the first few.

    Parameters
    ----------
    graph
        Arcs, Hooks, Lines and Hung of the targets.
    free
        (t,) bool: only these are looked for.
    place
        Where it begins, a Place.
    limit, count, traced
        Greatest cost; how many targets; how many walks to trace.
    work, now
        Scratch, and a number no search on it had before.

    Returns
    -------
    target, cost, ptr, xy
        Rows nearest first; walk i is `xy[ptr[i]:ptr[i + 1]]`, from the target to the place, of two vertices or more.
        O(reached arcs x log + vertices) (Dijkstra 1959).
    """
    arcs, hooks, lines, hung = graph
    nodes = len(arcs.ptr) - 1
    item, cost, own, other = _begin(place, lines, hung, nodes)
    found = search(arcs, hooks, free, Starts(np.array([0, len(item)]), item, cost), 0, limit, count, work, now)
    target = work.found[:found].copy()
    traced = min(found, traced)
    ptr = np.zeros(traced + 1, np.int64)
    xy = np.empty((64, 2))
    for i in range(traced):
        line, size = _trace(np.empty((64, 2)), 0, graph, place, own, other, work, target[i])
        if size == 1:  # the target stands where the place is: a line needs two vertices all the same
            line[1], size = line[0], 2
        while ptr[i] + size > len(xy):
            grown = np.empty((2 * len(xy), 2))
            grown[: ptr[i]] = xy[: ptr[i]]
            xy = grown
        xy[ptr[i] : ptr[i] + size] = line[:size]
        ptr[i + 1] = ptr[i] + size
    return target, work.best[nodes + target], ptr, xy[: ptr[-1]]


@njit(cache=True, nogil=True)
def call_out(ground, people, units, place, ready, leads, ask, work, now):  # type: ignore[no-untyped-def]
    """Who is called to a place: people with the walks of the first few, the nearest of the leads, and units.

    Parameters
    ----------
    ground
        The streets, a Ground.
    people, units
        Hooks and Hung of each.
    place
        x, y, whether nobody walks from there without crossing a wall, how far a place may lie from a street, and how
        far one walks straight; metres.
    ready, leads
        (t,) bool: people that are looked for, and who may lead.
    ask
        Greatest cost, how many people, how many walks to trace, how many units.
    work, now
        Scratch for both, and a number from which on no search on it had three.

    Returns
    -------
    people, costs, ptr, xy, lead, its cost, units, costs, ways
        As `nearest_lines`; no or one lead; in how many ways the place steps out. The lead is searched for only where
        nobody called may lead.
    """
    x, y, walled, off_street, straight = place
    limit, count, traced, more = ask
    edge, along, access = ways_at(ground.kerbs, ground.lines, ground.walls, x, y, off_street, walled)
    ways, xy = Ways(edge, edge, along, access), np.array([x, y])
    near, walk = straight_to(people[1].points, ground.walls, x, y, straight, walled)
    start = Place(xy, ways, near, walk)
    graph = (ground.arcs, people[0], ground.lines, people[1])
    target, cost, ptr, lines = nearest_lines(graph, ready, start, limit, count, traced, work, now)
    first = 0
    while first < len(target) and not leads[target[first]]:
        first += 1
    lead, lead_cost = target[first : first + 1], cost[first : first + 1]
    if len(lead) == 0:
        lead, lead_cost, _, _ = nearest_lines(graph, ready & leads, start, limit, 1, 0, work, now + 1)
    near, walk = straight_to(units[1].points, ground.walls, x, y, straight, walled)
    graph = (ground.arcs, units[0], ground.lines, units[1])
    every = np.ones(len(units[1].points.a), np.bool_)
    start = Place(xy, ways, near, walk)
    found, far, _, _ = nearest_lines(graph, every, start, limit, more, 0, work, now + 2)
    return target, cost, ptr, lines, lead, lead_cost, found, far, len(edge)
