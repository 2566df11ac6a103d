"""The lines people walk on the street graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import Targets, WalkNetwork
from gridgeo.core.kernel.paths import Tree
from gridgeo.core.model import Floats


def walking_lines(
    network: WalkNetwork, source: Entries, targets: Targets, rows: Sequence[int], limit_mm: int
) -> list[Any]:
    """Shortest walks from one point to some rows of others as LineStrings, None where one is longer than the limit.

    `source` holds one point. One search serves all targets. Where there are no streets, or two points walk straight to
    each other, the line is straight.
    """
    wanted = np.zeros(len(targets), bool)
    wanted[rows] = True
    pairs = network.pairs(source, targets, limit_mm, free=wanted, count=int(wanted.sum()))
    walk = dict(zip(pairs.target.tolist(), pairs.walk_mm.tolist(), strict=True))
    tree = network.tree(source, max(walk.values(), default=0)) if network.has_streets else None
    return [
        _line(network, source, targets.entries.take(np.array([row])), walk[row], tree) if row in walk else None
        for row in rows
    ]


def _line(network: WalkNetwork, source: Entries, target: Entries, walk_mm: int, tree: Tree | None) -> Any:
    ends = [source.xy, target.xy]
    if tree is not None and source.on_network[0] and target.on_network[0]:
        for inner in (_along(network, source, target, walk_mm), _through(network, source, target, walk_mm, tree)):
            if inner is not None:
                ends[1:1] = inner
                break
    return shapely.LineString(_distinct(np.concatenate(ends)))


def _along(network: WalkNetwork, source: Entries, target: Entries, walk_mm: int) -> list[Floats] | None:
    """The walk on one common edge, if that is the shortest."""
    for here, edge in enumerate(source.edge.tolist()):
        for there in np.flatnonzero(target.edge == edge).tolist():
            start, end = int(source.along_mm[here]), int(target.along_mm[there])
            if int(source.access_mm[here] + target.access_mm[there]) + abs(start - end) == walk_mm:
                return [_piece(network, edge, start, end)]
    return None


def _through(network: WalkNetwork, source: Entries, target: Entries, walk_mm: int, tree: Tree) -> list[Floats] | None:
    """The walk through the graph, if that is the shortest."""
    _, exits, rest = network.ends(target)
    total = [int(tree.cost[v]) + int(r) if tree.root[v] >= 0 else -1 for v, r in zip(exits, rest, strict=True)]
    if walk_mm not in total:
        return None
    path = tree.path(int(exits[total.index(walk_mm)]))
    first = _to_end(network, source, path[0])
    last = _to_end(network, target, path[-1])
    return [first, *(_edge_line(network, a, b) for a, b in pairwise(path)), last[::-1]]


def _to_end(network: WalkNetwork, point: Entries, node: int) -> Floats:
    """From a point's foot on a street to a node at the street's end, by the shortest of its ways there."""
    _, ends, walk = network.ends(point)
    rows = np.flatnonzero(ends == node)
    at_head, way = divmod(int(rows[np.argmin(walk[rows])]), len(point.edge))  # all tails stand before all heads
    edge = int(point.edge[way])
    return _piece(network, edge, int(point.along_mm[way]), int(network.streets.length_mm[edge]) if at_head else 0)


def _edge_line(network: WalkNetwork, a: int, b: int) -> Floats:
    """The shortest street edge from node a to node b."""
    arcs = np.arange(network.arcs.ptr[a], network.arcs.ptr[a + 1])
    arcs = arcs[network.arcs.neighbor[arcs] == b]
    edge = int(network.arc_edge[arcs[np.argmin(network.arcs.cost[arcs])]])
    line: Floats = shapely.get_coordinates(network.streets.geometry[edge])
    return line if network.streets.tail[edge] == a else line[::-1]


def _piece(network: WalkNetwork, edge: int, start_mm: int, end_mm: int) -> Floats:
    """Part of an edge, in walking direction."""
    length = int(network.streets.length_mm[edge])
    xy = shapely.get_coordinates(network.streets.geometry[edge])
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    start, end = start_mm / length * at[-1], end_mm / length * at[-1]
    between = xy[(at > min(start, end)) & (at < max(start, end))]
    ends = np.stack([np.interp([start, end], at, xy[:, axis]) for axis in (0, 1)], 1)
    return np.concatenate([ends[:1], between if start <= end else between[::-1], ends[1:]])


def _distinct(xy: Floats) -> Floats:
    """Without repeated points, but never fewer than two."""
    kept = np.concatenate([[True], (np.diff(xy, axis=0) != 0).any(1)])
    return xy[kept] if kept.sum() > 1 else xy[[0, -1]]
