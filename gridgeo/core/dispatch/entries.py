"""Where points step out onto the streets: by the nearest one, or by any other around them that is about as near."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from gridgeo.core.kernel.doors import AS_NEAR, MOST_WAYS, SHORTER
from gridgeo.core.model import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class Entries:
    """Where n points enter the street graph, by any of k ways in all; a point off the network has none.

    `xy` (n, 2) metres; `away_mm` (n,) straight to the nearest street. Ways, by point and then nearest first: `point`,
    `edge`, `along_mm` from the edge's tail, `access_mm` straight from the point to the edge, each (k,).
    """

    xy: Floats
    away_mm: Ints
    point: Ints
    edge: Ints
    along_mm: Ints
    access_mm: Ints

    def __len__(self) -> int:
        return len(self.xy)

    def take(self, rows: Ints) -> Entries:
        """The chosen points."""
        first = np.searchsorted(self.point, rows, "left")
        many = np.searchsorted(self.point, rows, "right") - first
        way = np.repeat(first - np.cumsum(many) + many, many) + np.arange(many.sum())
        return Entries(
            self.xy[rows],
            self.away_mm[rows],
            np.repeat(np.arange(len(rows)), many),
            self.edge[way],
            self.along_mm[way],
            self.access_mm[way],
        )

    @cached_property
    def on_network(self) -> Flags:
        """Whether each point is near enough to a street."""
        on = np.zeros(len(self), bool)
        on[self.point] = True
        return on

    @cached_property
    def by_edge(self) -> Ints:
        """Ways sorted by edge."""
        return np.argsort(self.edge, kind="stable")

    @cached_property
    def by_place(self) -> cKDTree:
        """Index of the points by place."""
        return cKDTree(self.xy)


def entries_at(xy: Floats, streets: Any, length_mm: Ints, barriers: Any, off_street_m: float) -> Entries:
    """Where points (n, 2) enter the streets.

    A point steps out onto its nearest street, and onto up to three others at most twice as far that lie beside it (its
    foot is not their end) and whose access line crosses no street and no barrier. Where barriers stand before every
    street, the nearest is entered all the same.

    Parameters
    ----------
    streets, barriers
        STRtrees of the street edges, at least one, and of what nobody walks across.
    length_mm
        Length of each edge.
    off_street_m
        A point farther than this from every street is off the network.
    """
    points = shapely.points(xy)
    (row, _), away = streets.query_nearest(points, return_distance=True, all_matches=False)
    away_m = np.zeros(len(xy))
    away_m[row] = away
    radius = np.minimum(AS_NEAR * away_m, off_street_m) + 1e-6
    on = np.flatnonzero(away_m <= off_street_m)
    point, edge = streets.query(points[on], predicate="dwithin", distance=radius[on])
    point = on[point]
    access = shapely.distance(points[point], streets.geometries[edge])
    # of streets equally near, the first: the answer must not hang on the order of a tree
    order = np.lexsort((edge, access, point))
    point, edge, access = point[order], edge[order], access[order]
    share = shapely.line_locate_point(streets.geometries[edge], points[point], normalized=True)
    kept = _open(xy, point, share, streets.geometries[edge], streets, barriers)
    point, edge, share = point[kept], edge[kept], share[kept]
    along = np.rint(share * length_mm[edge]).astype(np.int64)
    return Entries(xy, _mm(away_m), point, edge, along, _mm(access[kept]))


def _open(xy: Floats, point: Ints, share: Floats, line: Any, streets: Any, barriers: Any) -> Ints:
    """Rows (point, share of the street's line; by point, nearest first) of the open ways, at most four a point."""
    if len(point) == 0:
        return np.zeros(0, np.int64)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(line, share, normalized=True))
    access = shapely.linestrings(np.stack([xy[point], xy[point] + SHORTER * (foot - xy[point])], 1))
    first = np.concatenate([[True], point[1:] != point[:-1]])
    # a street that is nearest at its very end is another block's, or a detour to the corner
    shut = ~first & ((share <= 0) | (share >= 1))
    others = np.flatnonzero(~first & ~shut)
    shut[others[streets.query(access[others], predicate="intersects")[0]]] = True
    if len(barriers.geometries):
        shut[barriers.query(access, predicate="intersects")[0]] = True
    none_open = np.ones(int(point[-1]) + 1, bool)
    none_open[point[~shut]] = False
    ways = np.flatnonzero(~shut | (first & none_open[point]))
    start = np.flatnonzero(np.concatenate([[True], point[ways][1:] != point[ways][:-1]]))
    rank = np.arange(len(ways)) - np.repeat(start, np.diff([*start, len(ways)]))
    return ways[rank < MOST_WAYS]


def _mm(metres: Floats) -> Ints:
    return np.rint(metres * 1000).astype(np.int64)
