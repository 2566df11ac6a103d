"""From the skeleton to blocks: every large face is cut by further streets until its pieces have a plausible size."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import Point, Polygon, STRtree

from town.names import lane_names, street_names
from town.shapes import Street, halves, noded, rounded, short_side
from town.skeleton import Community, Skeleton, placed

# zone: (square metres of a finished block, narrowest side in metres)
SIZES = {
    "core": (11_000, 55),
    "mixed": (18_000, 70),
    "walkup": (27_000, 90),
    "tower": (42_000, 120),
    "village": (34_000, 90),
    "industry": (60_000, 120),
}
HAMLET = (6_500, 45)
# villages: (x, y, radius) in the drawing frame
VILLAGES = [
    (2790, 1700, 210),
    (2760, 2060, 140),
    (3290, 1560, 230),
    (3330, 2040, 140),
    (2720, 880, 270),
    (3280, 780, 240),
    (3330, 330, 150),
    (3190, 1010, 90),
]

INDUSTRIAL_PARK = (2780, 300)


@dataclass(frozen=True)
class Block:
    """A face between streets, with the community it lies in and the way it is built."""

    shape: Polygon
    community: Community
    zone: str


@dataclass
class Land:
    """What has been cut so far: streets, junctions they meet at, finished blocks."""

    rng: np.random.Generator
    streets: list[Street]
    railway: shapely.LineString
    junctions: list[np.ndarray] = field(default_factory=list)
    name_at: dict[tuple[float, float], str] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._streets, self._lanes = street_names(), lane_names()
        self.villages = shapely.union_all([Point(*placed([(x, y)])[0]).buffer(r) for x, y, r in VILLAGES])

    def name(self, cls: str, ends: list[tuple[float, float]], *, public: bool) -> str:
        """A street that carries on from one that ended at the same junction keeps its name."""
        for end in ends if public else ():
            if end in self.name_at:
                return self.name_at[end]
        if cls == "track" or not public:
            return ""
        return next(self._lanes if cls in ("living_street", "service") else self._streets)

    def cut(self, face: Polygon, community: Community, zone: str) -> None:
        """Cut a face by streets until every piece is small enough, and keep the pieces as blocks."""
        size, narrowest = SIZES[zone]
        if zone == "village" and self.villages.intersection(face).area > 0.35 * face.area:
            size, narrowest = HAMLET
        # some blocks stay larger than others, or the town would look woven
        if face.area < size * self.rng.uniform(1.25, 2.3) or short_side(face) < narrowest:
            hamlet = zone == "village" and self.villages.contains(face.centroid)
            self.blocks.append(Block(face, community, "hamlet" if hamlet else zone))
            return
        done = halves(face, self.rng, np.array(self.junctions).reshape(-1, 2), narrowest)
        if done is None:
            self.blocks.append(Block(face, community, zone))
            return
        line, parts = done
        self._add(rounded(line), self._class(face, zone), walkable=zone != "industry")
        for part in sorted(parts, key=lambda p: (p.centroid.x, p.centroid.y)):
            self.cut(part, community, zone)

    def _class(self, face: Polygon, zone: str) -> str:
        if zone == "industry":
            return "service"
        if zone == "village":
            return "living_street" if self.villages.distance(face.centroid) < 20 and face.area < 150_000 else "track"
        if face.area > 130_000:
            return "tertiary"
        if zone == "core":
            return "living_street" if face.area < 40_000 else "residential"
        return "residential" if face.area > 45_000 else "living_street"

    def _add(self, line: shapely.LineString, cls: str, *, walkable: bool) -> None:
        ends = [line.coords[0], line.coords[-1]]
        name = self.name(cls, ends, public=walkable)
        for end in ends:
            self.junctions.append(np.array(end))
            if name:
                self.name_at[end] = name
        if cls == "track":
            line = line.difference(self.railway.buffer(14))
        self.streets.append(Street(shapely.get_parts(line)[0], name, cls, walkable))


def cut_blocks(skeleton: Skeleton, rng: np.random.Generator) -> Land:
    """Streets and blocks of the whole territory; faces too narrow to build on (banks, verges) are left out."""
    borders = [*skeleton.border_lines, *(s.line for s in skeleton.streets if s.cls not in ("footway", "steps"))]
    faces = shapely.get_parts(shapely.polygonize(noded(borders)[0]))
    ends = [xy for s in skeleton.streets for xy in (s.line.coords[0], s.line.coords[-1])]
    land = Land(rng, list(skeleton.streets), skeleton.railway, [np.array(xy) for xy in ends])
    inside = STRtree([c.shape for c in skeleton.communities])
    verges = shapely.union_all([skeleton.river_line.buffer(86), skeleton.railway.buffer(52)])
    for face in sorted(faces, key=lambda f: (f.centroid.x, f.centroid.y)):
        rows = inside.query(face.representative_point(), predicate="within")
        if len(rows) and verges.intersection(face).area < 0.9 * face.area:
            community = skeleton.communities[int(rows[0])]
            industrial = face.contains(Point(*placed([INDUSTRIAL_PARK])[0]))
            land.cut(face, community, "industry" if industrial else community.zone)
    return land
