"""The bounds of a grid in words (四至): the streets on its east, south, west and north, and whether they say it all.

The outer ring is looked at every STEP_M metres. The nearest named line within NEAR_M that runs within TURN_DEG of the
ring there gives its name; the side is the one of the grid's own four directions the ring faces there. A name that
holds SHARE of a side is told. The words are then read back: the faces that the named lines enclose are described the
same way, and when exactly one of them has the same words and covers the grid, the words are verified.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from gridgeo.core.model import Floats, Ints, Objects, Plan, Streets, geometries

STEP_M = 5.0
NEAR_M = 30.0
TURN_DEG = 25.0
SHARE = 0.2
SAME_IOU = 0.95
"""Two areas are the same when what they share is this share of what they cover together."""
REACH_M = 40.0
"""Named lines are drawn on by this much before they are closed to faces: streets end short of each other."""
SIDES = ("east", "north", "west", "south")
"""Sides by quarter turns from the east."""
_ORDER = (0, 3, 2, 1)  # told east, south, west, north: 东、南、西、北
_HAN = re.compile("[\u4e00-\u9fff]")
_CHINESE = {"east": "东", "north": "北", "west": "西", "south": "南"}

Status = Literal["verified", "incomplete", "ambiguous"]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Names on each side of a grid by `SIDES`, in the order one walks past them; `status` says how far to trust them.

    verified: the names enclose this grid and no other area. ambiguous: they enclose several. incomplete: a side has
    no name, or the names do not enclose the grid.
    """

    names: tuple[tuple[str, ...], ...]
    status: Status

    @property
    def verified(self) -> bool:
        """Whether the words describe this grid and nothing else."""
        return self.status == "verified"

    def text(self, lang: str = "") -> str:
        """The bounds in words, in English or Chinese; without a language in that of the names.

        >>> Bounds(names=(("A",), ("B",), (), ("C", "D")), status="incomplete").text()
        'east: A; south: C, D; west: -; north: B'
        >>> Bounds(names=(("东街",), ("北街",), ("西街",), ("南街",)), status="verified").text()
        '东至东街，南至南街，西至西街，北至北街'
        """
        if not any(self.names):
            return ""
        chinese = lang == "zh" or (not lang and any(_HAN.search(name) for side in self.names for name in side))
        if chinese:
            return "，".join(f"{_CHINESE[SIDES[i]]}至{'、'.join(self.names[i]) or '（无名）'}" for i in _ORDER)
        return "; ".join(f"{SIDES[i]}: {', '.join(self.names[i]) or '-'}" for i in _ORDER)


@dataclass(frozen=True, kw_only=True, eq=False)
class NamedLines:
    """Straight pieces (m, 2, 2) of named lines by name: their direction in radians, and the number of their name."""

    ends: Floats
    turn: Floats
    name: Ints
    names: tuple[str, ...]

    def of(self, names: Sequence[int]) -> NamedLines:
        """The pieces of the numbered names."""
        begin, end = np.searchsorted(self.name, names, "left"), np.searchsorted(self.name, names, "right")
        rows = np.concatenate([np.arange(a, b) for a, b in zip(begin.tolist(), end.tolist(), strict=True)])
        return NamedLines(ends=self.ends[rows], turn=self.turn[rows], name=self.name[rows], names=self.names)

    @property
    def lines(self) -> Objects:
        """The pieces as lines."""
        return geometries(shapely.linestrings(self.ends))


def bounds_of(plan: Plan) -> tuple[Bounds, ...]:
    """Bounds of every grid of a plan. O(m log m) in the metres of border and street.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> found = bounds_of(plan_of(lattice(2, 2), [0, 1, 2, 3]))[0]
    >>> found.status, found.text()
    ('verified', 'east: Street 7; south: Street 0; west: Street 6; north: Street 2')
    """
    lines = named_lines(plan.territory.streets)
    rings = _outer(plan.geometry)
    found = names_beside(rings, lines)
    return tuple(
        Bounds(names=_words(sides, lines), status=_status(shape, sides, lines))
        for shape, sides in zip(plan.geometry.tolist(), found, strict=True)
    )


def named_lines(streets: Streets) -> NamedLines:
    """Straight pieces of all streets that have a name."""
    rows = np.flatnonzero(streets.name != "")
    names, number = np.unique(streets.name[rows].astype(str), return_inverse=True)
    part, of = shapely.get_parts(streets.line_geometry[rows], return_index=True)
    xy, at = shapely.get_coordinates(part, return_index=True)
    inside = (at[1:] == at[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    ends = np.stack([xy[:-1], xy[1:]], axis=1)[inside]
    name = number.ravel()[of[at[:-1][inside]]].astype(np.int64)
    order = np.argsort(name, kind="stable")
    ends, name = ends[order], name[order]
    along = ends[:, 1] - ends[:, 0]
    return NamedLines(
        ends=ends,
        turn=np.arctan2(along[:, 1], along[:, 0]),
        name=name,
        names=tuple(names.tolist()),
    )


def _outer(shapes: Objects) -> Objects:
    """Outer ring of the largest part of each shape, counter-clockwise."""
    part, of = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(part), of))
    first = order[np.unique(of[order], return_index=True)[1]]
    return geometries(shapely.get_exterior_ring(shapely.orient_polygons(part[first])))


def names_beside(rings: Objects, lines: NamedLines) -> list[tuple[tuple[int, ...], ...]]:
    """Numbers of the names on each side (SIDES) of each ring, in walking order."""
    xy, ring, turn = _samples(rings)
    name = _nearest(xy, turn, lines)
    side = _sides(turn, ring, len(rings))
    out: list[tuple[tuple[int, ...], ...]] = []
    start = np.searchsorted(ring, np.arange(len(rings) + 1))
    for a, b in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        out.append(tuple(_held(name[a:b][side[a:b] == k]) for k in range(4)))
    return out


def _samples(rings: Objects) -> tuple[Floats, Ints, Floats]:
    """Middles of stretches of at most STEP_M along the rings: place (s, 2), ring, and direction in radians."""
    xy, ring = shapely.get_coordinates(shapely.segmentize(rings, STEP_M), return_index=True)
    inside = (ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    a, b = xy[:-1][inside], xy[1:][inside]
    along = b - a
    return (a + b) / 2, ring[:-1][inside].astype(np.int64), np.arctan2(along[:, 1], along[:, 0])


def _nearest(xy: Floats, turn: Floats, lines: NamedLines) -> Ints:
    """Number of the name of the nearest line about parallel to the ring at each sample, -1 for none."""
    name = np.full(len(xy), -1, np.int64)
    if not len(lines.name) or not len(xy):
        return name
    pieces, points = lines.lines, geometries(shapely.points(xy))
    at, piece = shapely.STRtree(pieces).query(points, predicate="dwithin", distance=NEAR_M)
    parallel = np.abs(np.sin(turn[at] - lines.turn[piece])) <= np.sin(np.radians(TURN_DEG))
    at, piece = at[parallel], piece[parallel]
    away = shapely.distance(points[at], pieces[piece])
    order = np.lexsort((lines.name[piece], away, at))
    first = order[np.unique(at[order], return_index=True)[1]]
    name[at[first]] = lines.name[piece[first]]
    return name


def _sides(turn: Floats, ring: Ints, n: int) -> Ints:
    """Side (SIDES) each sample faces, relative to the main directions of its ring."""
    four = np.exp(4j * turn)
    mean = np.bincount(ring, weights=four.real, minlength=n) + 1j * np.bincount(ring, weights=four.imag, minlength=n)
    own = np.angle(mean) / 4  # within an eighth turn of the east
    outward = turn - np.pi / 2 - own[ring]
    return np.rint(outward / (np.pi / 2)).astype(np.int64) % 4


def _held(name: Ints) -> tuple[int, ...]:
    """Names that hold enough of a side, in the order they are met."""
    if not len(name):
        return ()
    number, first, count = np.unique(name, return_index=True, return_counts=True)
    kept = (number >= 0) & (count >= SHARE * len(name))
    return tuple(number[kept][np.argsort(first[kept])].tolist())


def _words(sides: Sequence[Sequence[int]], lines: NamedLines) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(lines.names[number] for number in side) for side in sides)


def _status(shape: shapely.Geometry, sides: Sequence[Sequence[int]], lines: NamedLines) -> Status:
    """Whether the named lines enclose the shape, and it alone."""
    if not all(sides):
        return "incomplete"
    named = lines.of(sorted({number for side in sides for number in side}))
    faces = _faces(named)
    wanted = [set(side) for side in sides]
    alike = [
        row for row, found in enumerate(names_beside(_outer(faces), named)) if [set(side) for side in found] == wanted
    ]
    if len(alike) > 1:
        return "ambiguous"
    if not alike:
        return "incomplete"
    face = faces[alike[0]]
    shared = shapely.intersection(face, shape).area
    return "verified" if shared >= SAME_IOU * (face.area + shape.area - shared) else "incomplete"


def _faces(named: NamedLines) -> Objects:
    """Areas the lines enclose, once every line is drawn on a little at its loose ends."""
    merged = geometries(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(named.ends))))
    noded = shapely.union_all(geometries([_drawn_on(line) for line in merged]))
    return geometries(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))


def _drawn_on(line: shapely.Geometry) -> shapely.Geometry:
    """A line with both ends drawn on straight by REACH_M; rings stay."""
    xy = shapely.get_coordinates(line)
    if (xy[0] == xy[-1]).all():
        return line
    ends = [(xy[0], xy[0] - xy[1]), (xy[-1], xy[-1] - xy[-2])]
    beyond = [at + REACH_M * way / np.hypot(*way) for at, way in ends]
    return shapely.LineString([beyond[0], *xy, beyond[1]])
