"""Drawing tools: smooth curves, millimetre coordinates, noding, cutting a face in two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, STRtree
from shapely.ops import split

WELD = 0.005  # metres: lines this near meet
GRID = 0.001  # metres: every coordinate of the sample is a whole number of millimetres

WIDTH_M = {
    "trunk": 36.0,
    "primary": 30.0,
    "secondary": 24.0,
    "tertiary": 16.0,
    "residential": 10.0,
    "living_street": 6.0,
    "service": 5.0,
    "track": 3.5,
    "footway": 2.5,
    "steps": 2.5,
}
BOTH_SIDES = ("trunk", "primary", "secondary")


@dataclass(frozen=True)
class Street:
    """A street line with its name, class and whether one may walk on it."""

    line: LineString
    name: str
    cls: str
    walkable: bool = True


def rounded(geometry):
    """The geometry (or array of them) with coordinates rounded to whole millimetres."""
    return shapely.transform(geometry, lambda xy: np.round(xy, 3))


def smooth(points, per_span: int = 8) -> LineString:
    """Catmull-Rom curve through hand-drawn points."""
    p = np.asarray(points, dtype=float)
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0, 1, per_span, endpoint=False)[:, None]
    spans = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True)
    ]
    return LineString(np.vstack([*spans, p[-2]]))


def welded(lines: list[LineString]) -> np.ndarray:
    """Lines that meet or nearly meet (5 mm) given one exact vertex there, on the millimetre grid."""
    lines = list(rounded(np.array(lines, dtype=object)))
    ends = shapely.points([xy for line in lines for xy in (line.coords[0], line.coords[-1])])
    near = STRtree(ends).query(ends, predicate="dwithin", distance=WELD)
    first = np.arange(len(ends))
    np.minimum.at(first, near[0], near[1])
    welds = ends[np.unique(first)]
    near = STRtree(welds).query(lines, predicate="dwithin", distance=WELD)
    at: dict[int, list[int]] = {}
    for line, weld in near.T.tolist():
        at.setdefault(line, []).append(weld)
    for line, points in at.items():
        lines[line] = shapely.snap(lines[line], shapely.multipoints(welds[sorted(points)]), WELD)
    return np.array(lines, dtype=object)


def noded(lines: Iterable[LineString]) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of lines between all their meeting points, on the millimetre grid, and the line each piece is from."""
    lines = welded(list(lines))
    pieces = shapely.get_parts(shapely.union_all(lines, grid_size=GRID))
    pieces = pieces[shapely.length(pieces) > 0]
    origin = STRtree(lines).nearest(shapely.line_interpolate_point(pieces, 0.5, normalized=True))
    return rounded(pieces), origin


def noded_streets(streets: list[Street]) -> list[Street]:
    """Streets cut at every junction, so that those that meet share an exact vertex."""
    pieces, origin = noded(street.line for street in streets)
    return [replace(streets[at], line=piece) for piece, at in zip(pieces, origin.tolist(), strict=True)]


def without_stubs(streets: list[Street], shortest: float, keep: Polygon) -> list[Street]:
    """Streets inside `keep` without dangling ends shorter than `shortest` metres."""
    streets = [s for s in streets if keep.covers(s.line.interpolate(0.5, normalized=True))]
    ends: dict[tuple[float, float], int] = {}
    for street in streets:
        for end in (street.line.coords[0], street.line.coords[-1]):
            ends[end] = ends.get(end, 0) + 1

    def dangling(street: Street) -> bool:
        return 1 in (ends[street.line.coords[0]], ends[street.line.coords[-1]])

    return [s for s in streets if s.line.length >= shortest or not dangling(s)]


def corners(face: Polygon, sharper_than: float = 0.45) -> np.ndarray:
    """Points where the outline of a face really turns (radians), not where it is only curved."""
    ring = np.asarray(face.simplify(5.0).exterior.coords)[:-1]
    before, after = ring - np.roll(ring, 1, 0), np.roll(ring, -1, 0) - ring
    turn = np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(1))
    return ring[np.abs(turn) > sharper_than]


def _ray(face: Polygon, rng: np.random.Generator) -> LineString:
    """A line across a face, square to its long side give or take a few degrees, somewhere near the middle."""
    box = np.asarray(face.minimum_rotated_rectangle.exterior.coords)
    along, across = box[1] - box[0], box[2] - box[1]
    if np.hypot(*along) < np.hypot(*across):
        along, across = across, along
    middle = box[:4].mean(0) + along * rng.uniform(-0.14, 0.14)
    turn = rng.normal(0, 0.07)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    reach = rotation @ (across / np.hypot(*across)) * 3000
    inside = shapely.get_parts(LineString([middle - reach, middle + reach]).intersection(face))
    return max(inside, key=lambda part: part.length, default=LineString())


def _snapped(line: LineString, face: Polygon, junctions: np.ndarray, within: float) -> LineString | None:
    """The line with its ends moved to near junctions; None when an end lies too near a corner of the face."""
    ends = np.asarray(line.coords)[[0, -1]]
    bends = corners(face)
    for i, end in enumerate(ends):
        near = junctions[np.hypot(*(junctions - end).T) < within] if len(junctions) else junctions
        near = [xy for xy in near if face.exterior.distance(Point(xy)) < 0.5]
        if near:
            ends[i] = min(near, key=lambda xy: float(np.hypot(*(xy - end))))
        if len(bends) and np.hypot(*(bends - ends[i]).T).min() < within:
            return None
    return LineString(ends) if np.hypot(*(ends[1] - ends[0])) > 1 else None


def short_side(face: Polygon) -> float:
    """Short side of the tightest box round a face, metres."""
    box = np.asarray(face.minimum_rotated_rectangle.exterior.coords)
    return float(min(np.hypot(*(box[1] - box[0])), np.hypot(*(box[2] - box[1]))))


def halves(face: Polygon, rng: np.random.Generator, junctions: np.ndarray, narrowest: float):
    """Cut a face in two across its long side: (cut line, two faces), or None when no fair cut is found."""
    for _ in range(10):
        ray = _ray(face, rng)
        if ray.is_empty:
            continue
        cut = _snapped(ray, face, junctions, within=min(26.0, narrowest / 2))
        if cut is None:
            continue
        a, b = np.asarray(cut.coords)
        over = (b - a) / np.hypot(*(b - a)) * 0.5
        parts = [p for p in split(face, LineString([a - over, b + over])).geoms if p.area > 1]
        fair = len(parts) == 2 and min(p.area for p in parts) > 0.28 * face.area
        if fair and min(map(short_side, parts)) > narrowest:
            return cut, parts
    return None
