"""The hand-drawn part of the town: river, railway, main streets, and the communities between them.

Drawn in a plain frame (x east, y north, metres), then turned and moved to projected coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon

from town.shapes import Street, noded, noded_streets, rounded, smooth, without_stubs

TURN = np.deg2rad(9.0)
SCALE = 1.04
ORIGIN = np.array([446_300.0, 3_397_200.0])

RIVER = [
    (1590, 2700),
    (1560, 2350),
    (1470, 2000),
    (1530, 1680),
    (1640, 1300),
    (1580, 940),
    (1450, 600),
    (1480, 250),
    (1600, -150),
]
RAILWAY = [(2680, 2700), (2600, 2300), (2500, 1800), (2440, 1200), (2450, 600), (2500, -150)]
CANAL = [(2592, 1960), (2800, 1890), (3080, 1930), (3330, 1820), (3700, 1850)]

# name, class, border of communities, points
MAIN = [
    ("西环路", "primary", True, [(120, -80), (90, 300), (-40, 800), (-20, 1300), (90, 1800), (60, 2400)]),
    ("文昌路", "secondary", True, [(600, -60), (590, 300), (480, 760), (430, 1180), (560, 1750), (700, 2420)]),
    ("中山路", "primary", True, [(1000, -60), (1010, 320), (960, 780), (990, 1260), (1060, 1760), (1110, 2460)]),
    ("新城大道", "primary", False, [(1960, -60), (1985, 400), (2050, 900), (2010, 1400), (2040, 1900), (2100, 2460)]),
    (
        "南环路",
        "trunk",
        True,
        [(-60, 60), (500, -10), (1000, 30), (1500, 90), (2000, 50), (2500, 60), (2950, 160), (3620, 120)],
    ),
    (
        "解放路",
        "secondary",
        True,
        [(-60, 470), (260, 540), (505, 690), (760, 640), (975, 560), (1200, 640), (1400, 600)],
    ),
    (
        "人民路",
        "primary",
        True,
        [(-60, 1130), (480, 1180), (980, 1120), (1600, 1180), (2000, 1120), (2440, 1160), (2950, 1080), (3640, 1180)],
    ),
    (
        "建设路",
        "secondary",
        True,
        [
            (-60, 1540),
            (300, 1640),
            (545, 1740),
            (800, 1650),
            (1040, 1620),
            (1320, 1720),
            (1540, 1700),
            (2000, 1630),
            (2440, 1650),
        ],
    ),
    (
        "北环路",
        "primary",
        True,
        [(-60, 2200), (600, 2290), (1100, 2240), (1560, 2320), (2060, 2270), (2590, 2240), (3120, 2170)],
    ),
    ("科技路", "secondary", True, [(1545, 612), (1720, 570), (1990, 640), (2200, 590), (2456, 640)]),
    ("临东路", "secondary", True, [(3020, 2300), (2990, 1800), (2930, 1300), (2960, 700), (3010, 60)]),
    ("工业路", "tertiary", False, [(3020, 560), (2800, 600), (2620, 580), (2585, 480), (2570, 20)]),
    ("解放桥", "footway", True, [(1400, 600), (1545, 612)]),
    ("柳林涵洞", "footway", True, [(2440, 1650), (2530, 1655)]),
    ("柳林路", "residential", False, [(2530, 1655), (2760, 1600), (3000, 1640)]),
]
# edges of the territory that follow no street: hill foot, village ditches
EDGES = [
    [
        (3050, 2110),
        (3160, 2250),
        (3330, 2160),
        (3480, 2190),
        (3590, 2020),
        (3560, 1700),
        (3660, 1400),
        (3600, 1000),
        (3670, 600),
        (3590, 300),
        (3570, 40),
    ],
]
COUNTY = ("429831", "临溪县")
SUBDISTRICTS = {"001": "城关街道", "002": "文昌街道", "003": "东城街道"}


@dataclass(frozen=True)
class Community:
    """A community as drawn: code and names, the faces it is made of, and how densely it is built."""

    code: str
    name: str
    subdistrict: str
    kind: str
    zone: str
    shape: Polygon


# subdistrict, serial, name, kind, zone, points inside its faces
COMMUNITIES = [
    ("001", "001", "南门社区", "urban", "walkup", [(760, 300), (1180, 300)]),
    ("001", "002", "西南门社区", "urban", "walkup", [(280, 300)]),
    ("001", "003", "西街社区", "urban", "walkup", [(240, 880)]),
    ("001", "004", "十字街社区", "urban", "core", [(720, 880)]),
    ("001", "005", "河沿社区", "urban", "core", [(1250, 880)]),
    ("002", "001", "文昌社区", "urban", "walkup", [(240, 1420)]),
    ("002", "002", "府前社区", "urban", "core", [(760, 1420)]),
    ("002", "003", "水门社区", "urban", "mixed", [(1250, 1420)]),
    ("002", "004", "北苑社区", "urban", "walkup", [(330, 1980), (820, 1980)]),
    ("002", "005", "北门社区", "urban", "mixed", [(1300, 1980)]),
    ("003", "001", "滨江社区", "urban", "tower", [(1800, 1980)]),
    ("003", "002", "新城社区", "urban", "tower", [(1800, 1420)]),
    ("003", "003", "体育城社区", "urban", "tower", [(1800, 880)]),
    ("003", "004", "站南社区", "urban", "tower", [(1750, 300)]),
    ("003", "201", "柳林村", "rural", "village", [(2760, 1700)]),
    ("003", "202", "东桥村", "rural", "village", [(3300, 1700)]),
    ("003", "203", "石桥村", "rural", "village", [(2700, 850)]),
    ("003", "204", "大塘村", "rural", "village", [(3300, 600)]),
]


def placed(points) -> np.ndarray:
    """Hand-drawn points turned and moved to projected coordinates."""
    x, y = SCALE * np.asarray(points, dtype=float).T
    return np.column_stack([x * np.cos(TURN) - y * np.sin(TURN), x * np.sin(TURN) + y * np.cos(TURN)]) + ORIGIN


@dataclass(frozen=True)
class Skeleton:
    """The drawn lines of the town before its blocks are cut."""

    streets: list[Street]
    border_lines: list[LineString]
    river_line: LineString
    railway: LineString
    canal: LineString
    edges: list[LineString]
    communities: list[Community]

    @property
    def land(self) -> Polygon:
        """The territory as drawn so far."""
        return shapely.union_all([c.shape for c in self.communities])


def _side_streets(river: LineString, railway: LineString) -> list[Street]:
    """Streets and paths that keep a distance to the river and the railway."""

    def beside(line, offset):
        return shapely.simplify(line.offset_curve(offset), 0.3)

    return [
        Street(beside(river, -82), "滨河西路", "tertiary"),
        Street(beside(river, 82), "滨河东路", "tertiary"),
        Street(beside(river, -50), "滨河步道", "footway"),
        Street(beside(river, 50), "滨河步道", "footway"),
        Street(beside(railway, -48), "站前路", "tertiary"),
    ]


def _steps(river: LineString) -> list[Street]:
    """Steps from the riverside streets down to the river walk, every few hundred metres."""
    out = []
    for side in (-1, 1):
        upper, lower = river.offset_curve(82 * side), river.offset_curve(50 * side)
        for at in np.arange(340, upper.length - 340, 265):
            top = upper.interpolate(at)
            down = shapely.shortest_line(top, lower)
            (x0, y0), (x1, y1) = down.coords
            out.append(
                Street(
                    LineString(
                        [(x0 - (x1 - x0) * 0.02, y0 - (y1 - y0) * 0.02), (x1 + (x1 - x0) * 0.02, y1 + (y1 - y0) * 0.02)]
                    ),
                    "",
                    "steps",
                )
            )
    return out


def _faces_by_community(border_lines: list[LineString]) -> list[Community]:
    """Communities from the faces between border lines; a face without a point joins the longest neighbor."""
    pieces, _ = noded(border_lines)
    faces = list(shapely.get_parts(shapely.polygonize(pieces)))
    held: list[list[Polygon]] = [[] for _ in COMMUNITIES]
    rest = []
    for face in faces:
        owner = [i for i, row in enumerate(COMMUNITIES) if shapely.contains_xy(face, placed(row[5])).any()]
        (held[owner[0]] if owner else rest).append(face)
    for face in rest:
        shared = [sum(face.intersection(f).length for f in part) for part in held]
        held[int(np.argmax(shared))].append(face)
    out = []
    for (office, serial, name, kind, zone, _), part in zip(COMMUNITIES, held, strict=True):
        shape = shapely.coverage_union_all(part)
        if isinstance(shape, MultiPolygon):
            raise ValueError(f"community {name} lies in several pieces")
        out.append(Community(COUNTY[0] + office + serial, name, SUBDISTRICTS[office], kind, zone, shape))
    return out


def draw() -> Skeleton:
    """The skeleton: main streets noded and trimmed, river, railway, and communities between them."""
    river, railway = (rounded(smooth(placed(line), 12)) for line in (RIVER, RAILWAY))
    edges = [rounded(smooth(placed(line))) for line in EDGES]
    main = [(Street(rounded(smooth(placed(p))), name, cls), border) for name, cls, border, p in MAIN]
    border_lines = [s.line for s, border in main if border] + [river, railway, *edges]
    communities = _faces_by_community(border_lines)
    land = shapely.union_all([c.shape for c in communities])
    streets = [s for s, _ in main] + _side_streets(river, railway) + _steps(river)
    streets = [Street(rounded(s.line), s.name, s.cls) for s in streets]
    cut = noded_streets(streets + [Street(edge, "", "edge") for edge in edges])
    kept = without_stubs([s for s in cut if s.cls != "edge"], 60.0, land.buffer(0.5))
    # a border street that ends just short of a border line still draws the border
    named = {s.name for s, border in main if border}
    gone = [s for s in cut if s.name in named and s not in kept and land.covers(s.line.interpolate(0.5, True))]
    edges += [s.line for s in gone]
    canal = rounded(smooth(placed(CANAL)))
    return Skeleton(kept, border_lines, river, railway, canal, edges, communities)
