"""What borders lie on: the streets, walls, water and limits under each segment, and where streets lead across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Border, Communities, Flags, Floats, Objects, Rows, Small, Streets, geometries
from gridgeo.core.territory.adjacency import Ground, Segments
from gridgeo.core.territory.layers import GATE_M, Layers
from gridgeo.core.territory.words import barrier_border

ENDS_MEET_M = 0.02


@dataclass(frozen=True, kw_only=True, eq=False)
class Sources:
    """Lines borders may lie on: two-point `line`s with their Border class and whether they may be walked across."""

    line: Objects
    border: Small
    passable: Flags


def sources_of(layers: Layers, communities: Communities) -> Sources:
    """All lines that give a border its class, cut into their straight pieces."""
    barriers, streets, above = layers.barriers, layers.streets, ~layers.underground
    kind = np.array([barrier_border(word) for word in barriers.kind.tolist()], dtype=np.int8)
    grounds: list[tuple[Objects, Small, Flags]] = [
        (streets.line_geometry[above], streets.border[above], streets.border[above] != Border.MOTORWAY),
        (barriers.geometry, kind, barriers.crossable),
        (layers.compounds.geometry, np.full(len(layers.compounds), Border.WALL, np.int8), ~layers.gated),
        _alike(communities.geometry, Border.COMMUNITY),
    ]
    pieces = [straight_pieces(shape) for shape, _, _ in grounds]
    return Sources(
        line=np.concatenate([line for line, _ in pieces]),
        border=np.concatenate([border[row] for (_, border, _), (_, row) in zip(grounds, pieces, strict=True)]),
        passable=np.concatenate([open_[row] for (_, _, open_), (_, row) in zip(grounds, pieces, strict=True)]),
    )


def _alike(geometry: Objects, border: Border) -> tuple[Objects, Small, Flags]:
    return geometry, np.full(len(geometry), border, np.int8), np.ones(len(geometry), bool)


def straight_pieces(geometry: Objects) -> tuple[Objects, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Every edge of lines and polygons as a two-point line, and the row it came from."""
    line, row = lines_of(geometry)
    xy, of_line = shapely.get_coordinates(line, return_index=True)
    inside = of_line[1:] == of_line[:-1]
    ends = np.stack([xy[:-1], xy[1:]], axis=1)[inside]
    return np.asarray(shapely.linestrings(ends), dtype=object).reshape(-1), row[of_line[:-1][inside]]


def lines_of(geometry: Objects) -> tuple[Objects, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Lines as they are and the rings of polygons, part by part, with the row each came from."""
    part, row = shapely.get_parts(geometry, return_index=True)
    flat = shapely.get_type_id(part) == shapely.GeometryType.POLYGON
    ring, of_part = shapely.get_rings(part[flat], return_index=True)
    linear = np.isin(shapely.get_type_id(part), [shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING])
    return np.concatenate([part[linear], ring]), np.concatenate([row[linear], row[flat][of_part]])


def crossings(layers: Layers) -> Objects:
    """Points where one may walk across a barrier line, a motorway or the wall of a gated compound.

    That is where a passable gate stands in it, and where a walkable street leads over: it crosses, or two of its
    pieces end on the line at the same point.
    """
    fast = layers.streets.line_geometry[(layers.streets.border == Border.MOTORWAY) & ~layers.underground]
    shut = layers.barriers.geometry[~layers.barriers.crossable]
    fence, _ = lines_of(np.concatenate([shut, fast, layers.compounds.geometry[layers.gated]]))
    if not len(fence):
        return geometries([])
    return np.concatenate([_gates_in(fence, layers), _led_over(fence, long_walks(layers.streets))])


def _gates_in(fence: Objects, layers: Layers) -> Objects:
    """Where passable gates stand in the lines: the nearest point of the line to each."""
    gate, line = shapely.STRtree(fence).query_nearest(
        shapely.points(layers.gates.xy[layers.gates.passable]), max_distance=GATE_M, all_matches=False
    )
    at = shapely.points(layers.gates.xy[layers.gates.passable][gate])
    return geometries(shapely.get_point(shapely.shortest_line(fence[line], at), 0))


def _led_over(fence: Objects, walk: Objects) -> Objects:
    """Where walks lead over the lines."""
    if not len(walk):
        return geometries([])
    i, j = shapely.STRtree(fence).query(walk, predicate="intersects")
    point, pair = shapely.get_parts(shapely.intersection(walk[i], fence[j]), return_index=True)
    is_point = shapely.get_type_id(point) == shapely.GeometryType.POINT
    point, pair = point[is_point], pair[is_point]
    ends = shapely.multipoints(np.stack([shapely.get_point(walk, 0), shapely.get_point(walk, -1)], axis=1))
    inner = shapely.distance(point, ends[i[pair]]) > ENDS_MEET_M
    xy = np.rint(shapely.get_coordinates(point) / ENDS_MEET_M)
    spot = np.unique(xy, axis=0, return_inverse=True)[1].ravel()
    visits = np.unique(np.stack([spot, i[pair]], axis=1), axis=0)[:, 0]
    meets = np.bincount(visits, minlength=1)[spot] > 1
    return geometries(point[inner | meets])


def long_walks(streets: Streets) -> Objects:
    """Walkable lines, joined where exactly two meet."""
    if not len(streets):
        return geometries([])
    return geometries(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(streets.geometry.tolist()))))


@dataclass(frozen=True, kw_only=True, eq=False)
class LinedGround:
    """The ground of borders by the lines they lie on.

    A segment lies on a line when the points at `shares` of its length are within `near_m` of lines of that class;
    the highest class counts. A segment on an impassable line may be walked across only where a street leads over.
    """

    sources: Sources
    crossings: Objects
    near_m: float
    shares: Sequence[float]

    def __call__(self, segments: Segments) -> tuple[Small, Flags]:
        """Border class of each segment and whether one may walk across it."""
        on = np.ones((len(segments), len(Border)), bool)
        stopped = np.ones(len(segments), bool)
        tree = shapely.STRtree(self.sources.line)
        for share in self.shares:
            point = shapely.points(segments.start + share * (segments.end - segments.start))
            row, source = tree.query(point, predicate="dwithin", distance=self.near_m)
            hit = np.zeros_like(on)
            hit[row, self.sources.border[source]] = True
            wall = np.zeros_like(stopped)
            wall[row[~self.sources.passable[source]]] = True
            on &= hit
            stopped &= wall
        on[:, Border.OPEN] = True
        border = (len(Border) - 1 - np.argmax(on[:, ::-1], axis=1)).astype(np.int8)
        stopped[stopped] = ~self._led_over(segments.take(stopped))
        return border, ~stopped

    def _led_over(self, segments: Segments) -> Flags:
        """Which segments have a crossing on them, ends included."""
        led = np.zeros(len(segments), bool)
        if len(self.crossings):
            ends: Floats = np.stack([segments.start, segments.end], axis=1)
            line = shapely.linestrings(ends)
            row, _ = shapely.STRtree(self.crossings).query(line, predicate="dwithin", distance=self.near_m)
            led[row] = True
        return led


@dataclass(frozen=True, kw_only=True, eq=False)
class LabeledGround:
    """The ground of borders, put right by what both sides belong to.

    A border between two communities is at least a community line, and one inside a community is none, whatever lines
    run near it; a border between a compound and what is not is at least a wall.
    """

    ground: Ground
    community: Rows
    compound: Rows

    def __call__(self, segments: Segments) -> tuple[Small, Flags]:
        """Border class of each segment and whether one may walk across it."""
        border, passable = self.ground(segments)
        apart = self.community[segments.u] != self.community[segments.v]
        walled = self.compound[segments.u] != self.compound[segments.v]
        border = np.where(~apart & (border == Border.COMMUNITY), np.int8(Border.OPEN), border)
        border = np.maximum(border, np.where(apart, np.int8(Border.COMMUNITY), np.int8(Border.OPEN)))
        border = np.maximum(border, np.where(walled, np.int8(Border.WALL), np.int8(Border.OPEN)))
        return border.astype(np.int8), passable
