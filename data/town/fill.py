"""What stands on a parcel: rows of buildings, walled compounds with inner paths and gates, blind lanes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate

from town.shapes import Street

FARM_HOUSEHOLDS = (0.07, 0.59, 0.34)  # share of farmhouses with nobody, one household, two
GATE_REACH_M = 34.0
JUNCTION_M = 9.0  # a gate opposite a junction opens onto the junction


@dataclass(frozen=True, kw_only=True)
class Style:
    """How rows of buildings stand: sizes in metres, floors, floor area a household takes (0: nobody lives)."""

    depth: float
    gap: float
    width: tuple[float, float]
    side: float
    floors: tuple[int, int]
    dwelling_m2: float = 0.0
    built: float = 1.0
    margin: float = 3.0
    most: int = 10_000


STYLES = {
    "walkup": Style(depth=12, gap=24, width=(28, 50), side=11, floors=(5, 7), dwelling_m2=161, margin=6),
    "tower": Style(depth=17, gap=52, width=(24, 34), side=34, floors=(11, 30), dwelling_m2=178, margin=5),
    "core": Style(depth=11, gap=6, width=(9, 17), side=1.2, floors=(2, 4), dwelling_m2=184, built=0.9, margin=1.0),
    "block": Style(depth=13, gap=20, width=(24, 44), side=8, floors=(4, 6), dwelling_m2=160, built=0.9),
    "hamlet": Style(depth=10.5, gap=7.5, width=(10, 13), side=3.5, floors=(1, 3), built=0.88, margin=3),
    "school": Style(depth=14, gap=34, width=(45, 62), side=20, floors=(3, 5), margin=8, most=4),
    "hospital": Style(depth=20, gap=26, width=(50, 70), side=18, floors=(5, 12), margin=10, most=4),
    "mall": Style(depth=56, gap=30, width=(70, 95), side=25, floors=(4, 6), margin=8, most=1),
    "market": Style(depth=34, gap=12, width=(45, 60), side=12, floors=(1, 2), margin=6, most=2),
    "office": Style(depth=17, gap=30, width=(36, 58), side=16, floors=(4, 9), margin=7, most=5),
    "factory": Style(depth=42, gap=24, width=(60, 105), side=22, floors=(1, 3), margin=14),
    "stadium": Style(depth=86, gap=60, width=(112, 120), side=60, floors=(3, 3), margin=10, most=1),
}


@dataclass(frozen=True)
class Building:
    """A footprint with floors and households (None: nobody has counted them)."""

    shape: Polygon
    floors: int
    households: int | None
    use: str


def direction(parcel: Polygon) -> float:
    """Angle in degrees, within 45 of east, that rows of a parcel follow: that of its tightest box."""
    box = np.asarray(parcel.minimum_rotated_rectangle.exterior.coords)
    angle = np.degrees(np.arctan2(*(box[1] - box[0])[::-1]))
    return float((angle + 45) % 90 - 45)


def _spans(room, y: float) -> list[tuple[float, float]]:
    """Where a level line at height y lies inside a shape, as (from, to) in x."""
    west, _, east, _ = room.bounds
    parts = shapely.get_parts(room.intersection(LineString([(west - 1, y), (east + 1, y)])))
    return sorted((p.bounds[0], p.bounds[2]) for p in parts if p.length > 0)


def _both(a, b) -> list[tuple[float, float]]:
    """Overlaps of two lists of intervals."""
    return [(max(p, r), min(q, s)) for p, q in a for r, s in b if min(q, s) > max(p, r)]


def rows(room, style: Style, rng: np.random.Generator) -> list[tuple[Polygon, float]]:
    """Footprints in level rows inside a shape (in the row frame), each with its row's upper edge."""
    if room.is_empty:
        return []
    found: list[tuple[Polygon, float]] = []
    _, south, _, north = room.bounds
    y = south + style.margin
    while y + style.depth < north:
        spans = _both(_both(_spans(room, y), _spans(room, y + style.depth)), _spans(room, y + style.depth / 2))
        for west, east in spans:
            x = west + style.margin
            while True:
                width = min(rng.uniform(*style.width), east - style.margin - x)
                if width < style.width[0]:
                    break
                if rng.random() < style.built:
                    found.append((shapely.box(x, y, x + width, y + style.depth), y + style.depth))
                x += width + style.side * rng.uniform(0.8, 1.3)
        y += style.depth + style.gap
    inside = [row for row in found if room.contains(row[0])]
    if len(inside) > style.most:
        chosen = sorted(rng.choice(len(inside), style.most, replace=False).tolist())
        inside = [inside[i] for i in chosen]
    return inside


def count(shape: Polygon, floors: int, style: Style) -> int:
    """Households of a residential building by its floor area."""
    return max(1, round(shape.area * floors / style.dwelling_m2)) if style.dwelling_m2 else 0


def settle(shapes, style: Style, use: str, rng: np.random.Generator) -> list[Building]:
    """Buildings on footprints; one estate builds at one height, give or take."""
    low, high = style.floors
    usual = int(rng.integers(low, high + 1))
    spread = max(1, (high - low) // 5)
    out = []
    for shape in shapes:
        floors = int(np.clip(usual + rng.integers(-spread, spread + 1), low, high))
        households = int(rng.choice(3, p=FARM_HOUSEHOLDS)) if use == "hamlet" else count(shape, floors, style)
        out.append(Building(shape, floors, households, use))
    return out


def _to_street(end: Point, outward: float, streets) -> LineString | None:
    """Line from the end of a spine straight on to the first street, or None when none is near."""
    ray = LineString([end, (end.x, end.y + outward * GATE_REACH_M)])
    hits = [shapely.get_coordinates(ray.intersection(s)) for s in streets if ray.intersects(s)]
    points = [xy for hit in hits for xy in hit]
    if not points:
        return None
    first = min(points, key=lambda xy: abs(xy[1] - end.y))
    crossings = [xy for s in streets for xy in (s.coords[0], s.coords[-1])]
    nearest = min(crossings, key=lambda xy: np.hypot(*(np.asarray(xy) - first)))
    if np.hypot(*(np.asarray(nearest) - first)) < JUNCTION_M:
        first = nearest
    return LineString([end, first]) if abs(first[1] - end.y) > 0.5 else None


def spine(parcel: Polygon, streets, rng: np.random.Generator, *, through: bool) -> list[LineString]:
    """An inner way across the middle of a parcel with its links to the street: [way, gate link, second link]."""
    west, south, east, north = parcel.bounds
    x = parcel.centroid.x + rng.uniform(-0.08, 0.08) * (east - west)
    parts = shapely.get_parts(parcel.intersection(LineString([(x, south - 1), (x, north + 1)])))
    way = max(parts, key=lambda p: p.length)
    low, high = way.bounds[1], way.bounds[3]
    links = [
        link
        for link in (_to_street(Point(x, low), -1.0, streets), _to_street(Point(x, high), 1.0, streets))
        if link is not None
    ]
    if not links:
        return []
    if len(links) == 2 and not through:
        links = [links[int(rng.integers(2))]]
    if len(links) == 1:  # a blind way stops short of the far wall
        at_south = links[0].coords[0][1] < (low + high) / 2
        low, high = (low, high - 14) if at_south else (low + 14, high)
    return [LineString([(x, low), (x, high)]), *links]


def _lanes(parcel: Polygon, way: LineString, tops: list[float], style: Style) -> list[LineString]:
    """Footways between every other pair of rows, crossing the spine, ending short of the walls."""
    x, low, high = way.bounds[0], way.bounds[1], way.bounds[3]
    out = []
    for top in tops[::2]:
        y = top + style.gap / 2
        if not low + 6 < y < high - 6:
            continue
        for a, b in _spans(parcel.buffer(-7), y):
            if a < x < b and b - a > 30:
                out.append(LineString([(a, y), (b, y)]))
    return out


def estate(parcel: Polygon, use: str, streets, rng: np.random.Generator) -> tuple[list[Building], list[Street]]:
    """A walled compound: spine from gate to gate, footways between rows or a ring road among towers, buildings."""
    style, angle, around = STYLES[use], direction(parcel), parcel.centroid
    turned = rotate(parcel, -angle, around)
    near = [rotate(s, -angle, around) for s in streets]
    ways = spine(turned, near, rng, through=rng.random() < 0.45)
    if not ways:
        return [], []
    room = turned
    inner = [ways[0]]
    if use == "tower":
        ring = turned.buffer(-9, join_style="mitre").simplify(2)
        if ring.geom_type == "Polygon" and not ring.is_empty:
            inner.append(LineString(ring.exterior))
            room = ring.buffer(-4)
    room = room.difference(shapely.buffer(ways[0], 4.0))
    sites = rows(room, style, rng)
    if use != "tower":
        inner += _lanes(turned, ways[0], sorted({top for _, top in sites}), style)
    buildings = settle([rotate(s, angle, around) for s, _ in sites], style, use, rng)
    classes = ["service"] + ["footway" if use != "tower" else "service"] * (len(inner) - 1)
    paths = [Street(rotate(w, angle, around), "", c) for w, c in zip(inner, classes, strict=True)]
    paths += [Street(rotate(w, angle, around), "", "service") for w in ways[1:]]
    return buildings, paths


def quarter(parcel: Polygon, use: str, streets, rng: np.random.Generator) -> tuple[list[Building], list[Street]]:
    """Open built-up ground: rows of houses, with a blind lane where the parcel is deep."""
    style, angle, around = STYLES[use], direction(parcel), parcel.centroid
    turned = rotate(parcel, -angle, around)
    ways: list[LineString] = []
    _, south, _, north = turned.bounds
    if north - south > 75 and use in ("core", "hamlet", "block"):
        near = [rotate(s, -angle, around) for s in streets]
        ways = spine(turned, near, rng, through=False)
    room = turned.difference(shapely.buffer(ways[0], 3.0)) if ways else turned
    shapes = [s for s, _ in rows(room, style, rng)]
    if use == "hamlet":  # farmhouses never stand quite in line
        shapes = [rotate(s, float(rng.normal(0, 2.5))) for s in shapes]
    if use == "stadium":
        shapes = [s.buffer(-34).buffer(34, quad_segs=6) for s in shapes]
    buildings = settle([rotate(s, angle, around) for s in shapes], style, use, rng)
    cls = "living_street" if use == "hamlet" else "service"
    return buildings, [Street(rotate(w, angle, around), "", cls) for w in ways]
