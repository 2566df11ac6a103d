"""Shared borders of the polygons of an exact coverage, by sorting their directed edges.

In an exact coverage two neighbors hold the same border as the same segments, vertex for vertex. Putting every segment
with its lower end first and sorting them brings the two copies side by side: no spatial index, no tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Adjacency, Border, Flags, Floats, Objects, Rows, Small

MIN_CONTACT_M = 1.0
"""Two atoms that touch along less than this are not walkable neighbors, metres."""

Ground = Callable[["Segments"], tuple[Small, Flags]]
"""Tells of each segment its Border class and whether one may walk across it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Segments:
    """Straight pieces of border: `u` < `v` rows of the polygons on both sides (`u` is -1 on the outline).

    `start`, `end` (m, 2) metres, the lower end first (by x, then y).
    """

    u: Rows
    v: Rows
    start: Floats
    end: Floats

    def __len__(self) -> int:
        return len(self.u)

    @property
    def length_m(self) -> Floats:
        """Length of each segment, metres."""
        along = self.end - self.start
        return np.hypot(along[:, 0], along[:, 1])

    def take(self, rows: Rows | Flags) -> Segments:
        """The chosen segments."""
        return Segments(u=self.u[rows], v=self.v[rows], start=self.start[rows], end=self.end[rows])


def directed_edges(geometry: Objects) -> tuple[Rows, Floats]:
    """Every edge of every ring: owner rows (m,) and ends (m, 4) as x, y, x, y with the lower end first.

    Edges of no length are left out.
    """
    part, owner = shapely.get_parts(geometry, return_index=True)
    ring, of_part = shapely.get_rings(part, return_index=True)
    xy, of_ring = shapely.get_coordinates(ring, return_index=True)
    inside = of_ring[1:] == of_ring[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[inside]
    row = owner[of_part[of_ring[:-1][inside]]].astype(np.int32)
    swap = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    long = (ends[:, 0] != ends[:, 2]) | (ends[:, 1] != ends[:, 3])
    return row[long], ends[long]


def segments_of(geometry: Objects) -> Segments:
    """Border segments of an exact coverage: the shared ones, and with `u` = -1 those of its outline.

    O(m log m) in the number of edges.

    Examples
    --------
    >>> s = segments_of(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    >>> s.take(s.u >= 0).start.tolist(), int((s.u < 0).sum())
    ([[1.0, 0.0]], 6)
    """
    row, ends = directed_edges(geometry)
    order = np.lexsort((row, ends[:, 3], ends[:, 2], ends[:, 1], ends[:, 0]))
    row, ends = row[order], ends[order]
    twin = np.flatnonzero((ends[1:] == ends[:-1]).all(axis=1))
    single = np.ones(len(row), bool)
    single[twin] = single[twin + 1] = False
    alone = np.flatnonzero(single)
    lone = np.full(len(alone), -1, np.int32)
    at = np.concatenate([twin, alone])
    return Segments(
        u=np.concatenate([row[twin], lone]),
        v=np.concatenate([row[twin + 1], row[alone]]),
        start=ends[at, :2],
        end=ends[at, 2:],
    )


def open_ground(segments: Segments) -> tuple[Small, Flags]:
    """Ground without streets, walls or water: every border is OPEN and may be walked across."""
    return np.full(len(segments), Border.OPEN, np.int8), np.ones(len(segments), bool)


def adjacency_of(geometry: Objects, ground: Ground = open_ground, *, min_contact_m: float = MIN_CONTACT_M) -> Adjacency:
    """Shared borders of an exact coverage: one row for each pair of polygons and each class of ground.

    A row links its pair when a part of it may be walked across and the pair touches along at least `min_contact_m`
    metres in all. O(m log m) in the number of edges.

    Examples
    --------
    >>> squares = shapely.box([0, 1, 0], [0, 0, 1], [1, 2, 2], [1, 1, 2])
    >>> rows = adjacency_of(squares)
    >>> rows.u.tolist(), rows.v.tolist(), rows.length_m.tolist()
    ([0], [1], [1.0])
    """
    segments = segments_of(geometry)
    return gather(segments.take((segments.u >= 0) & (segments.u != segments.v)), ground, len(geometry), min_contact_m)


def gather(segments: Segments, ground: Ground, n: int, min_contact_m: float = MIN_CONTACT_M) -> Adjacency:
    """Rows of `Adjacency` from shared segments of n polygons: lengths summed by pair and class."""
    border, passable = ground(segments)
    length = segments.length_m
    pair = segments.u.astype(np.int64) * n + segments.v
    key, row = np.unique(pair * len(Border) + border, return_inverse=True)
    total = np.bincount(row, weights=length, minlength=len(key)).astype(np.float64)
    crossed = np.bincount(row, weights=passable, minlength=len(key)) > 0
    pair, border = np.divmod(key, len(Border))
    _, of_pair = np.unique(pair, return_inverse=True)
    contact = np.bincount(of_pair, weights=total)[of_pair]
    u, v = np.divmod(pair, max(n, 1))
    return Adjacency(
        u=u.astype(np.int32),
        v=v.astype(np.int32),
        length_m=total,
        border=border.astype(np.int8),
        link=crossed & (contact >= min_contact_m),
    )
