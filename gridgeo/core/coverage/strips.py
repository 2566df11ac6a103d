"""Long strips between grids, divided along their middle.

The face is triangulated over its outline (constrained Delaunay); every triangle that touches more than one owner is
cut between them, through the middles of its edges (the chordal axis: Prasad 1997, CNLS Newsletter 139). Cuts run
inside triangles and meet the outline only in vertices it has, so the parts share exact vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from gridgeo.core.coverage.stitch import edges
from gridgeo.core.model import Floats, Ints, Objects, geometries

LONG = 8.0  # a strip is at least this many times as long as wide
LEAST_M = 0.01  # thinner ones go to one side whole
ONE_SIDED = 0.75  # share of the outline from which a face belongs to one neighbor
_POINTS = 400  # added to the outline at most, about
_VERTICES = 10_000  # of an outline: the triangulation takes a second then, and quadratic time beyond


def is_long(area_m2: float, width_m: float) -> bool:
    """Whether a face of this area and width is a strip worth dividing.

    >>> is_long(20 * 300, 20), is_long(20 * 30, 20)
    (True, False)
    """
    return width_m >= LEAST_M and area_m2 >= LONG * width_m**2


def owners_along(face: Any, polygons: Objects, reach: float) -> Ints:
    """Which polygon each edge of the face (in the order of `edges`) runs along, -1 for none."""
    outline = edges(face)
    box = shapely.box(*shapely.bounds(face).tolist()).buffer(reach)
    sides = [edges(polygon) for polygon in polygons]
    line = np.concatenate(sides)
    row = np.repeat(np.arange(len(polygons)), [len(side) for side in sides])
    near = shapely.intersects(shapely.linestrings(line), box)
    line, row = line[near], row[near]
    owner = np.full(len(outline), len(polygons), np.int64)
    if len(line):
        middle = shapely.points(outline.mean(axis=1))
        at, hit = shapely.STRtree(shapely.linestrings(line)).query(middle, predicate="dwithin", distance=reach)
        np.minimum.at(owner, at, row[hit])
    return np.where(owner == len(polygons), -1, owner)


def one_sided(face: Any, owner: Ints) -> bool:
    """Whether one owner has the better part of the outline."""
    length = np.hypot(*np.diff(edges(face), axis=1)[:, 0].T)
    own = owner >= 0
    total = np.bincount(owner[own], length[own])
    return not len(total) or bool(total.max() > ONE_SIDED * total.sum())


def divided(face: Any, owner: Ints, width: float) -> list[tuple[int, Any]] | None:
    """Parts of a face, each with the owner it is nearest to along the strip; None when it cannot be divided cleanly.

    Parameters
    ----------
    face
        Polygon.
    owner
        Owner of each of its `edges`, -1 for edges nobody takes ground along.
    width
        Of the face, in its own units: how finely the outline is sampled.

    Examples
    --------
    >>> strip = shapely.Polygon([(0, 0), (20, 0), (20, 1), (0, 1)])
    >>> [(who, part.area) for who, part in divided(strip, np.array([0, -1, 1, -1]), 1.0)]
    [(0, 10.0), (1, 10.0)]
    """
    outline = edges(face)
    owner = _without_gaps(outline, owner)
    if len(outline) > _VERTICES or (owner < 0).any() or len(np.unique(owner)) < 2:
        return None
    origin = outline[0, 0].copy()
    step = max(width / 2, shapely.length(face) / _POINTS)
    lines = _middle_lines(_Samples.of(outline - origin, owner, step))
    local = shapely.transform(face, lambda xy: xy - origin)
    tries = (_parts(local, outline - origin, owner, _simpler(lines, tolerance)) for tolerance in (width / 10, 0.0))
    parts = next((parts for parts in tries if parts is not None), None)
    return None if parts is None else [(who, _placed(part, outline[:, 0], origin)) for who, part in parts]


def _placed(part: Any, vertices: Floats, origin: Floats) -> Any:
    """A part in local coordinates back on the map: vertices of the outline to the bits they had."""
    true = dict(zip(map(tuple, (vertices - origin).tolist()), vertices, strict=True))
    return shapely.transform(
        part, lambda xy: np.array([true.get(tuple(point), origin + point) for point in xy.tolist()])
    )


def _rings(outline: Floats) -> list[slice]:
    """Runs of edges that form one ring each."""
    ends = np.flatnonzero((outline[1:, 0] != outline[:-1, 1]).any(axis=1)) + 1
    return [slice(a, b) for a, b in pairwise([0, *ends.tolist(), len(outline)])]


def _without_gaps(outline: Floats, owner: Ints) -> Ints:
    """Owners with each run of edges nobody owns shared out to the owners before and after it, at a vertex."""
    out = owner.copy()
    length = np.hypot(*(outline[:, 1] - outline[:, 0]).T)
    for ring in _rings(outline):
        known = np.flatnonzero(owner[ring] >= 0)
        n = ring.stop - ring.start
        for a, b in zip(known.tolist(), np.roll(known, -1).tolist(), strict=True):
            run = (ring.start + (np.arange(a + 1, b if b > a else b + n) % n)).astype(np.int64)
            past = np.cumsum(length[run])
            early = past - length[run] / 2 <= past[-1:].sum() / 2
            out[run] = np.where(early, owner[ring.start + a], owner[ring.start + b])
    return out


@dataclass(frozen=True, eq=False)
class _Samples:
    """Points along an outline: `xy` (p, 2), `label` owner of the edge that ends there, `after` the next point."""

    xy: Floats
    label: Ints
    after: Ints
    rings: tuple[Floats, ...]

    @classmethod
    def of(cls, outline: Floats, owner: Ints, step: float) -> _Samples:
        xy, label, after, rings = [], [], [], []
        first = 0
        for ring in _rings(outline):
            line, mine = outline[ring], owner[ring]
            count = np.maximum(np.ceil(np.hypot(*(line[:, 1] - line[:, 0]).T) / step), 1).astype(np.int64)
            row = np.repeat(np.arange(len(line)), count)
            share = (np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)) / count[row]
            points = line[row, 0] + share[:, None] * (line[row, 1] - line[row, 0])
            xy.append(points)
            label.append(np.where(share == 0, np.roll(mine, 1)[row], mine[row]))
            after.append(first + np.roll(np.arange(len(points)), -1))
            rings.append(points)
            first += len(points)
        return cls(np.concatenate(xy), np.concatenate(label), np.concatenate(after), tuple(rings))


def _middle_lines(samples: _Samples) -> Floats:
    """Segments (k, 2, 2) that part the owners, through the triangles of the outline's points."""
    index = {tuple(point): i for i, point in enumerate(samples.xy.tolist())}
    shape = shapely.Polygon(samples.rings[0], list(samples.rings[1:]))
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(shape))
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    corner = np.array([[index[tuple(point)] for point in triangle] for triangle in corners.tolist()], np.int64)
    u, v = corner.reshape(-1, 3), np.roll(corner.reshape(-1, 3), -1, axis=1)
    cut = samples.label[u] != samples.label[v]
    middle = (samples.xy[u] + samples.xy[v]) / 2
    # on the outline itself owners part at the vertex they meet in
    middle = np.where((samples.after[u] == v)[..., None], samples.xy[u], middle)
    middle = np.where((samples.after[v] == u)[..., None], samples.xy[v], middle)
    two = cut.sum(axis=1) == 2
    through = middle[two][cut[two]].reshape(-1, 2, 2)
    three = cut.sum(axis=1) == 3
    center = np.repeat(samples.xy[u[three]].mean(axis=1), 3, axis=0)
    meeting = np.stack([center, middle[three].reshape(-1, 2)], axis=1)
    lines = np.concatenate([through, meeting])
    solid: Floats = lines[(lines[:, 0] != lines[:, 1]).any(axis=1)]
    return solid


def _simpler(lines: Floats, tolerance: float) -> Objects:
    merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(lines)))
    return geometries(shapely.simplify(shapely.get_parts(merged), tolerance, preserve_topology=True))


def _parts(face: Any, outline: Floats, owner: Ints, lines: Objects) -> list[tuple[int, Any]] | None:
    """Parts into which the lines cut the face, each with its owner; None unless every part has just one."""
    whose: dict[tuple[float, ...], int] = {}
    for line, who in zip(outline.reshape(-1, 4).tolist(), owner.tolist(), strict=True):
        whose[tuple(line)] = whose[tuple(line[2:] + line[:2])] = who
    cut = shapely.get_parts(shapely.polygonize([*shapely.linestrings(outline), *lines]))
    cut = cut[shapely.contains_properly(face, shapely.point_on_surface(cut))]
    out = []
    for part in cut.tolist():
        mine = {whose[key] for key in map(tuple, edges(part).reshape(-1, 4).tolist()) if key in whose}
        if len(mine) != 1:
            return None
        out.append((mine.pop(), part))
    whole = abs(sum(part.area for _, part in out) - face.area) <= 1e-9 * face.area
    return sorted(out, key=lambda pair: pair[0]) if whole else None
