"""Who is nearest to one place after another, and the lines they walk."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import Targets, WalkNetwork
from gridgeo.core.kernel.doors import MOST_WAYS, Cells, cells_of, kerbs_of
from gridgeo.core.kernel.nearest import Ground, Hung, Lines, Ways, call_out, hang, lines_of
from gridgeo.core.kernel.paths import Hooks, Work, work_for
from gridgeo.core.model import Flags, Floats, Objects

Row = tuple[int, int]
"""Row of somebody found, and the walk to them in millimeters."""


class Found(NamedTuple):
    """People found, nearest first, and the lines of the first few (m, 2); the nearest lead; units likewise.

    `on_network`: a street is near enough to walk at all.
    """

    people: list[Row]
    lines: list[Floats]
    lead: Row | None
    units: list[Row]
    on_network: bool


class Finder:
    """People and units looked for on a network, from one place after another, in one compiled search each.

    Scratch is kept between questions, one for each that is asked at the same time: a question costs the streets it
    walks over, however many there are. Other threads run meanwhile.

    Parameters
    ----------
    network
        Where people walk.
    people, units
        Points looked for.
    leads
        Which of the people may lead.
    """

    def __init__(self, network: WalkNetwork, people: Targets, units: Targets, leads: Flags) -> None:
        self.network = network
        self._sought = (people, units)
        self._leads = leads
        self._idle: list[tuple[Work, int]] = []
        if network.has_streets:
            xy, edge = shapely.get_coordinates(network.streets.geometry, return_index=True)
            lines = _street_lines(network, xy, edge)
            self._ground = Ground(network.arcs, lines, kerbs_of(lines.xy, edge), _walls(network.walls))
            self._people, self._units = (_hung(lines, targets) for targets in self._sought)
        grounds = network.walls[np.isin(shapely.get_type_id(network.walls), (3, 6))]
        self._grounds = shapely.STRtree(grounds) if len(grounds) else None

    def nearest(self, xy: Floats, limit_mm: int, *, ready: Flags, count: int, traced: int = 0, units: int = 0) -> Found:
        """The `count` nearest of the `ready` (people,), lines of the first `traced`, the nearest lead, `units` units.

        Where there are no streets, or two points walk straight to each other, a line is straight.
        """
        if not self.network.has_streets:
            return self._straight(xy, limit_mm, ready, count, traced, units)
        x, y = xy[0].tolist()
        params = self.network.params
        place = (x, y, self._walled(x, y), float(params.off_street_m), float(params.straight_m))
        ask = (int(limit_mm), count, traced, units)
        work, now = self._idle.pop() if self._idle else (self._scratch(), 0)
        target, walk, ptr, lines, lead, lead_walk, unit, unit_walk, ways = call_out(
            self._ground, self._people, self._units, place, ready, self._leads, ask, work, now
        )
        self._idle.append((work, now + 3))
        return Found(
            list(zip(target.tolist(), walk.tolist(), strict=True)),
            [lines[a:b] for a, b in pairwise(ptr.tolist())],
            (int(lead[0]), int(lead_walk[0])) if len(lead) else None,
            list(zip(unit.tolist(), unit_walk.tolist(), strict=True)),
            ways > 0,
        )

    def _walled(self, x: float, y: float) -> bool:
        """Whether a place lies inside a river or the like, from which every step crosses it."""
        return self._grounds is not None and bool(len(self._grounds.query(shapely.Point(x, y), predicate="intersects")))

    def _straight(self, xy: Floats, limit_mm: int, ready: Flags, count: int, traced: int, units: int) -> Found:
        people, posts = self._sought
        place = self.network.enter(xy)

        def rows(targets: Targets, free: Flags, most: int) -> list[Row]:
            pairs = self.network.pairs(place, targets, limit_mm, free=free, count=most)
            return list(zip(pairs.target.tolist(), pairs.walk_mm.tolist(), strict=True))

        found = rows(people, ready, count)
        lead = rows(people, ready & self._leads, 1)
        lines = [np.stack([people.entries.xy[row], xy[0]]) for row, _ in found[:traced]]
        every = np.ones(len(posts), bool)
        return Found(found, lines, lead[0] if lead else None, rows(posts, every, units), bool(place.on_network[0]))

    def _scratch(self) -> Work:
        # one for both searches; a place starts at both ends of its ways, at targets beside the same edges, and near it
        hooks = max(self._people[0], self._units[0], key=lambda one: len(one.target))
        many = max(map(len, self._sought))
        ways = max(len(self._people[1].ways.edge), len(self._units[1].ways.edge))
        return work_for(self._ground.arcs, hooks, many, 2 * MOST_WAYS + ways + many)


def _street_lines(network: WalkNetwork, xy: Floats, edge: Objects) -> Lines:
    """The street edges of a network with their vertices; O(vertices)."""
    streets = network.streets
    return lines_of(streets.tail, streets.head, streets.length_mm, network.arc_edge, xy, edge)


def _hung(lines: Lines, targets: Targets) -> tuple[Hooks, Hung]:
    entries: Entries = targets.entries
    return hang(lines, entries.xy, Ways(entries.point, entries.edge, entries.along_mm, entries.access_mm))


def _walls(walls: Objects) -> Cells:
    """All lines of what nobody walks across, borders of areas included, in cells."""
    parts = shapely.get_parts(walls)
    lines = np.concatenate([shapely.get_rings(parts), parts[np.isin(shapely.get_type_id(parts), (1, 2))]])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    ahead = np.flatnonzero(line[1:] == line[:-1])
    return cells_of(xy[ahead], xy[ahead + 1])
