"""Points on the street graph: where each attaches, and who walks to whom in how many millimeters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridgeo.core.dispatch.entries import Entries, entries_at
from gridgeo.core.dispatch.params import WalkParams
from gridgeo.core.kernel.graph import components, csr
from gridgeo.core.kernel.paths import (
    Arcs,
    Hooks,
    Starts,
    Tree,
    hooks_of,
    pairs_within,
    shortest_tree,
    starts_of,
)
from gridgeo.core.model import Flags, Floats, Ints, Territory


@dataclass(frozen=True, eq=False)
class Targets:
    """Points walked to, hung on the graph once for many searches."""

    entries: Entries
    hooks: Hooks

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who walks to whom: rows of (source, target, walk in millimeters), by source, then nearest first."""

    source: Ints
    target: Ints
    walk_mm: Ints

    def __len__(self) -> int:
        return len(self.source)


class WalkNetwork:
    """The street graph of a territory, ready for walking questions.

    A point steps out by a straight access walk onto its nearest street edge, or onto up to three others about as near,
    and enters at both ends of these; two points on one edge walk along it directly. Points within `straight_m` of each
    other, with no barrier between, walk straight. Without any street every walk is a straight line times `detour`.

    Parameters
    ----------
    territory
        Gives the streets and the barriers.
    params
        How people walk.
    """

    def __init__(self, territory: Territory, params: WalkParams) -> None:
        self.params = params
        self.streets = territory.streets
        self.walls = territory.barriers.geometry[~territory.barriers.crossable]
        self._barriers = shapely.STRtree(self.walls)
        ptr, neighbor, self.arc_edge = csr(self.streets.nodes, self.streets.tail, self.streets.head)
        self.arcs = Arcs(ptr, neighbor, self.streets.length_mm[self.arc_edge])

    @cached_property
    def _edges(self) -> Any:
        return shapely.STRtree(self.streets.geometry)

    @cached_property
    def edge_piece(self) -> Ints:
        """Connected piece of each edge, 0 the one with most edges."""
        if not self.has_streets:
            return np.zeros(0, np.int64)
        piece = components(self.streets.nodes, self.streets.tail, self.streets.head)[self.streets.tail]
        order = np.argsort(-np.bincount(piece), kind="stable")
        return np.argsort(order, kind="stable")[piece]

    @property
    def has_streets(self) -> bool:
        """Whether there is any street to walk on."""
        return len(self.streets) > 0

    def enter(self, xy: Floats) -> Entries:
        """Where points (n, 2) attach to the streets; O(log edges) each."""
        if not self.has_streets or len(xy) == 0:
            none = np.zeros(0, np.int64)
            return Entries(xy, np.zeros(len(xy), np.int64), none, none, none, none)
        return entries_at(xy, self._edges, self.streets.length_mm, self._barriers, self.params.off_street_m)

    def targets(self, entries: Entries) -> Targets:
        """Points ready to be walked to, from either end of their edges."""
        row, node, cost = self.ends(entries)
        return Targets(entries, hooks_of(self.streets.nodes, node, row, cost))

    def pairs(
        self, sources: Entries, targets: Targets, limit_mm: Any, *, free: Flags | None = None, count: int | None = None
    ) -> Pairs:
        """Every target within reach of every source, or its `count` nearest.

        `limit_mm` is one limit or one per source; `free` (targets,) are those looked for, all when None.
        """
        free = np.ones(len(targets), bool) if free is None else free
        if not self.has_streets:
            return self._straight_pairs(sources, targets.entries, limit_mm, free, count)
        starts = starts_of(len(sources), *self._begin(sources, targets.entries))
        return Pairs(*pairs_within(self.arcs, targets.hooks, free, starts, limit_mm, count))

    def nearest(self, sources: Entries, targets: Targets, limit_mm: int) -> tuple[Ints, Ints]:
        """Walk to each target (targets,) from its nearest source, and which source that is; -1 beyond the limit.

        One search from all sources together.
        """
        if not self.has_streets:
            free = np.ones(len(targets), bool)
            return _closest(self._straight_pairs(sources, targets.entries, limit_mm, free, None), len(targets))
        starts, owner = self._joined(sources, targets.entries)
        tree = shortest_tree(self.arcs, starts, hooks=targets.hooks, targets=len(targets), limit=limit_mm)
        cost, root = tree.cost[self.streets.nodes :], tree.root[self.streets.nodes :]
        hit = root >= 0
        who = np.full(len(targets), -1)
        who[hit] = owner[root[hit]]
        return np.where(hit, cost, -1), who

    def tree(self, sources: Entries, limit_mm: int) -> Tree:
        """Walks from the nearest source to every street node within the limit."""
        row, node, cost = self.ends(sources)
        return shortest_tree(self.arcs, starts_of(1, np.zeros(len(row), np.int64), node, cost), limit=limit_mm)

    def _joined(self, sources: Entries, targets: Entries) -> tuple[Starts, Ints]:
        """One start list common to all sources, and the source each of its rows belongs to."""
        row, item, cost = self._begin(sources, targets)
        order = np.argsort(item, kind="stable")
        return starts_of(1, np.zeros(len(row), np.int64), item[order], cost[order]), row[order]

    def _begin(self, sources: Entries, targets: Entries) -> tuple[Ints, Ints, Ints]:
        """Rows (source, item, walk to it): nodes at the ends of its edge, targets reached without the graph."""
        row, node, cost = self.ends(sources)
        source, target, walk = self._direct(sources, targets)
        items = np.concatenate([node, target + self.streets.nodes])
        return np.concatenate([row, source]), items, np.concatenate([cost, walk])

    def ends(self, points: Entries) -> tuple[Ints, Ints, Ints]:
        """Rows (point, node, walk to it) for both ends of every way of every point, all tails first."""
        edge, along, access = points.edge, points.along_mm, points.access_mm
        return (
            np.concatenate([points.point, points.point]),
            np.concatenate([self.streets.tail[edge], self.streets.head[edge]]).astype(np.int64),
            np.concatenate([access + along, access + self.streets.length_mm[edge] - along]),
        )

    def _direct(self, sources: Entries, targets: Entries) -> tuple[Ints, Ints, Ints]:
        """Rows (source, target, walk) that need no graph: along one edge, or straight when near."""
        along = _same_edge(sources, targets)
        straight = self._near(sources, targets)
        return tuple(np.concatenate(pair) for pair in zip(along, straight, strict=True))  # type: ignore[return-value]

    def _near(self, sources: Entries, targets: Entries) -> tuple[Ints, Ints, Ints]:
        source, target, walk = _within(sources, targets, self.params.straight_m)
        if len(source) == 0 or len(self._barriers.geometries) == 0:
            return source, target, walk
        line = shapely.linestrings(np.stack([sources.xy[source], targets.xy[target]], 1))
        clear = np.ones(len(source), bool)
        clear[self._barriers.query(line, predicate="intersects")[0]] = False
        return source[clear], target[clear], walk[clear]

    def _straight_pairs(
        self, sources: Entries, targets: Entries, limit_mm: Any, free: Flags, count: int | None
    ) -> Pairs:
        limit = np.broadcast_to(np.asarray(limit_mm, np.int64), len(sources))
        radius = float(limit.max(initial=0) + 1) / 1000 / self.params.detour
        source, target, flat = _within(sources, targets, radius)
        walk = np.rint(flat * self.params.detour).astype(np.int64)
        order = np.lexsort((target, walk, source))
        order = order[((walk <= limit[source]) & free[target])[order]]
        if count is not None:
            first = np.searchsorted(source[order], np.arange(len(sources)))
            order = order[np.arange(len(order)) - first[source[order]] < count]
        return Pairs(source[order], target[order], walk[order])


def whole_seconds(walk_mm: Ints, params: WalkParams) -> Ints:
    """Walks in whole seconds, rounded once, half up.

    >>> whole_seconds(np.array([1330, 2000]), WalkParams(speed_m_per_s=1.33)).tolist()
    [1, 2]
    """
    return np.floor(walk_mm / (1000 * params.speed_m_per_s) + 0.5).astype(np.int64)


def _within(a: Entries, b: Entries, radius_m: float) -> tuple[Ints, Ints, Ints]:
    """Rows (of a, of b, millimeters apart) of all points within a radius."""
    if len(a) == 0 or len(b) == 0:
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    near: Any = a.by_place.sparse_distance_matrix(b.by_place, radius_m, output_type="ndarray")
    return near["i"].astype(np.int64), near["j"].astype(np.int64), np.rint(near["v"] * 1000).astype(np.int64)


def _same_edge(sources: Entries, targets: Entries) -> tuple[Ints, Ints, Ints]:
    """Rows (source, target, walk along a common edge)."""
    order = targets.by_edge
    first = np.searchsorted(targets.edge, sources.edge, "left", sorter=order)
    many = np.searchsorted(targets.edge, sources.edge, "right", sorter=order) - first
    here = np.repeat(np.arange(len(sources.edge)), many)
    there = order[np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())]
    apart = np.abs(sources.along_mm[here] - targets.along_mm[there])
    return sources.point[here], targets.point[there], sources.access_mm[here] + apart + targets.access_mm[there]


def _closest(pairs: Pairs, targets: int) -> tuple[Ints, Ints]:
    order = np.lexsort((pairs.source, pairs.walk_mm, pairs.target))
    target, first = np.unique(pairs.target[order], return_index=True)
    walk, who = np.full(targets, -1), np.full(targets, -1)
    walk[target], who[target] = pairs.walk_mm[order][first], pairs.source[order][first]
    return walk, who
