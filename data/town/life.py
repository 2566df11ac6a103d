"""Life in the town: places to call at, crowded places with a team of their own, posts that answer alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, STRtree

from town.build import Town
from town.shapes import Street, rounded
from town.skeleton import Skeleton, placed

HOUR = 3600
# use of a site: (kind of place, word for its name, seconds of a call, opens, closes, calls a day)
SITE_KINDS = {
    "school": ("school", "小学", 600, 7 * HOUR, 18 * HOUR, 2.0),
    "kindergarten": ("school", "幼儿园", 480, 7 * HOUR + 1800, 17 * HOUR + 1800, 2.0),
    "hospital": ("hospital", "医院", 900, 0, 24 * HOUR, 1.0),
    "mall": ("mall", "购物中心", 900, 10 * HOUR, 22 * HOUR, 1.0),
    "market": ("market", "农贸市场", 600, 5 * HOUR + 1800, 19 * HOUR, 1.0),
    "office": ("office", "办公楼", 300, 8 * HOUR + 1800, 17 * HOUR + 1800, 0.2),
    "sports": ("sports", "体育公园", 600, 6 * HOUR, 22 * HOUR, 1.0),
    "park": ("park", "公园", 420, 0, 24 * HOUR, 0.5),
}
# kind of a small place: (share, seconds of a call, earliest opening, latest closing, calls a day)
SMALL = {
    "convenience": (0.34, 120, 7, 22, 0.2),
    "restaurant": (0.30, 180, 9, 21, 0.3),
    "pharmacy": (0.08, 150, 8, 21, 0.2),
    "hairdresser": (0.10, 120, 9, 20, 0.1),
    "hotel": (0.06, 240, 0, 24, 0.5),
    "internet-cafe": (0.04, 240, 9, 24, 1.0),
    "hardware": (0.08, 150, 8, 19, 0.2),
}
SMALL_WORDS = {
    "convenience": "便利店",
    "restaurant": "餐馆",
    "pharmacy": "药店",
    "hairdresser": "理发店",
    "hotel": "旅馆",
    "internet-cafe": "网吧",
    "hardware": "五金店",
}
UNIT_KINDS = ("school", "hospital", "mall", "market")
NEED = {"school": 4, "hospital": 6, "mall": 6, "market": 4}
# a corner of the territory with hardly any post, in the drawing frame (west, south, east, north)
BARE_CORNER = (1480, -80, 3700, 640)
STAFF_AROUND_M = 30.0


@dataclass(frozen=True)
class Place:
    """A place with its point, seconds of a call, hours, and calls a day."""

    name: str
    kind: str
    point: Point
    service_s: int
    opens: int
    closes: int
    visits: float


@dataclass(frozen=True)
class Responder:
    """A post that answers alarms."""

    point: Point
    capacity: int
    can_lead: bool
    on_duty: bool


def site_places(town: Town, skeleton: Skeleton) -> list[Place]:
    """One place for every institution, named after its community and numbered where there are more of a kind."""
    names = {c.code: c.name.removesuffix("社区").removesuffix("村") for c in skeleton.communities}
    seen: dict[str, int] = {}
    out = []
    for site in town.sites:
        if site.use not in SITE_KINDS:
            continue
        kind, word, service, opens, closes, visits = SITE_KINDS[site.use]
        name = names[site.community] + word
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name = f"{names[site.community]}第{'一二三四五'[seen[name] - 1]}{word}"
        out.append(Place(name, kind, rounded(site.parcel.representative_point()), service, opens, closes, visits))
    house = next(b.shape for b, _ in town.buildings if b.use == "station")
    out.append(Place("临溪站", "station", rounded(house.centroid), 900, 5 * HOUR, 23 * HOUR, 2.0))
    return out


def small_places(town: Town, streets: list[Street], rng: np.random.Generator, count: int) -> list[Place]:
    """Small places at street fronts, more of them where the street is larger."""
    fronts = [s for s in streets if s.cls in ("primary", "secondary", "tertiary", "residential") and s.name]
    tree = STRtree([s.line for s in fronts])
    shapes = [b.shape for b, _ in town.buildings if b.use in ("core", "block", "walkup", "hamlet", "tower")]
    pairs = [(i, tree.query_nearest(shape, max_distance=32)) for i, shape in enumerate(shapes)]
    pairs = [(i, int(near[0])) for i, near in pairs if len(near)]
    weight = np.array([{"primary": 3.0, "secondary": 3.0, "tertiary": 2.0}.get(fronts[s].cls, 1.0) for _, s in pairs])
    chosen = np.sort(rng.choice(len(pairs), count, replace=False, p=weight / weight.sum()))
    kinds, rows = list(SMALL), list(SMALL.values())
    seen: dict[str, int] = {}
    out = []
    for at in chosen.tolist():
        building, street = pairs[at]
        kind = kinds[int(rng.choice(len(kinds), p=[row[0] for row in rows]))]
        _, service, opens, closes, visits = SMALL[kind]
        name = fronts[street].name + SMALL_WORDS[kind]
        seen[name] = seen.get(name, 0) + 1
        name += str(seen[name]) if seen[name] > 1 else ""
        door = shapely.shortest_line(shapes[building], fronts[street].line).coords[0]
        early = int(rng.integers(0, 3)) * 1800 if opens else 0
        out.append(Place(name, kind, rounded(Point(door)), service, opens * HOUR + early, closes * HOUR, visits))
    return out


def _on_street(point: Point, lines: list[LineString], tree: STRtree) -> Point:
    """The nearest point of the nearest street."""
    line = lines[int(tree.nearest(point))]
    return rounded(shapely.line_interpolate_point(line, shapely.line_locate_point(line, point)))


def _posts(town: Town, places: list[Place], lines: list[LineString], tree: STRtree, rng) -> list[tuple[Point, bool]]:
    """Where posts stand, and whether they can lead: staff of crowded places, guards of compounds, some shops."""
    out = []
    for place in places:
        if place.kind in UNIT_KINDS:
            gate = _on_street(place.point, lines, tree)
            middle = np.array([gate.x, gate.y])
            around = middle + rng.normal(0, STAFF_AROUND_M, (NEED[place.kind] + 4, 2))
            out += [(Point(xy), i < 3) for i, xy in enumerate(around)]
        elif place.kind not in ("park", "station") and rng.random() < 0.2:
            out.append((place.point, bool(rng.random() < 0.12)))
    guards = [shape.representative_point() for _, shape in town.compounds for _ in range(2)]
    return [*out, *((point, bool(rng.random() < 0.12)) for point in guards)]


def responders(town: Town, places: list[Place], streets: list[Street], rng: np.random.Generator) -> list[Responder]:
    """Posts on streets, near where their people work; hardly any in the bare corner of the territory."""
    west, south, east, north = BARE_CORNER
    corner = Polygon(placed([(west, south), (east, south), (east, north), (west, north)]))
    lines = [s.line for s in streets if s.walkable]
    tree = STRtree(lines)
    out = []
    for point, lead in _posts(town, places, lines, tree, rng):
        if corner.contains(point) and rng.random() < 0.85:
            continue
        at = _on_street(point, lines, tree)
        out.append(Responder(at, 1 + int(rng.random() < 0.15), lead, lead or bool(rng.random() < 0.9)))
    return out


def stations(old_grids, streets: list[Street]) -> list[Point]:
    """Grid stations: for each of today's grids the street vertex nearest to its middle."""
    walkable = [s.line for s in streets if s.walkable and s.cls not in ("steps", "track")]
    vertices = np.unique(np.vstack([shapely.get_coordinates(line)[[0, -1]] for line in walkable]), axis=0)
    tree = STRtree(shapely.points(vertices))
    at = [int(tree.nearest(grid.representative_point())) for grid in old_grids]
    return [Point(*vertices[i]) for i in dict.fromkeys(at)]
