"""Who is nearest to one place after another, and the lines they walk."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from gridgeo.core.dispatch.entries import MOST_WAYS, Entries
from gridgeo.core.dispatch.network import Targets, WalkNetwork
from gridgeo.core.kernel.nearest import Lines, Place, Ways, hang, lines_of, nearest_lines
from gridgeo.core.kernel.paths import Work, work_for
from gridgeo.core.model import Flags, Floats, Ints


class Found(NamedTuple):
    """Rows of targets with their walks in millimeters, nearest first, and the lines of the first few (m, 2)."""

    target: Ints
    walk_mm: Ints
    lines: list[Floats]


def street_lines(network: WalkNetwork) -> Lines:
    """The street edges of a network with their vertices; O(vertices)."""
    streets = network.streets
    xy, edge = shapely.get_coordinates(streets.geometry, return_index=True)
    return lines_of(streets.tail, streets.head, streets.length_mm, network.arc_edge, xy, edge)


class Finder:
    """Points looked for on a network, from one place after another, in one compiled search each.

    Scratch is kept between questions, one for each that is asked at the same time: a question costs the streets it
    walks over, however many there are.

    Parameters
    ----------
    network
        Where people walk.
    lines
        Its `street_lines`.
    targets
        Points looked for.
    """

    def __init__(self, network: WalkNetwork, lines: Lines, targets: Targets) -> None:
        self.network = network
        self.targets = targets
        hooks, hung = hang(lines, targets.entries.xy, _ways(targets.entries))
        self._graph = (network.arcs, hooks, lines, hung)
        self._idle: list[tuple[Work, int]] = []

    def __len__(self) -> int:
        return len(self.targets)

    def nearest(self, place: Entries, limit_mm: int, *, free: Flags, count: int, traced: int = 0) -> Found:
        """The `count` nearest of those `free` (targets,), and the lines of the first `traced` to the place.

        `place` holds one point. Where there are no streets, or two points walk straight to each other, a line is
        straight.
        """
        if not self.network.has_streets:
            pairs = self.network.pairs(place, self.targets, limit_mm, free=free, count=count)
            lines = [np.stack([self.targets.entries.xy[row], place.xy[0]]) for row in pairs.target[:traced].tolist()]
            return Found(pairs.target, pairs.walk_mm, lines)
        near, near_mm = self.network.straight(place, self.targets.entries)
        start = Place(np.ascontiguousarray(place.xy[0]), _ways(place), near, near_mm)
        work, now = self._idle.pop() if self._idle else (self._scratch(), 0)
        target, walk_mm, ptr, xy = nearest_lines(self._graph, free, start, limit_mm, count, traced, work, now)
        self._idle.append((work, now + 1))
        return Found(target, walk_mm, [xy[a:b] for a, b in pairwise(ptr.tolist())])

    def _scratch(self) -> Work:
        arcs, hooks, _, hung = self._graph
        # a place starts at both ends of its ways, at targets beside the same edges, and at those near it
        return work_for(arcs, hooks, len(self), 2 * MOST_WAYS + len(hung.ways.edge) + len(self))


def _ways(entries: Entries) -> Ways:
    return Ways(entries.point, entries.edge, entries.along_mm, entries.access_mm)
