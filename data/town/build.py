"""Who gets which block: institutions first, then homes; compounds, buildings and paths of the whole town."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, STRtree
from shapely.ops import split, substring

from town.blocks import Block, Land
from town.fill import Building, estate, quarter
from town.names import estate_names
from town.shapes import WIDTH_M, Street, rounded
from town.skeleton import Skeleton, placed

# what the town keeps in each community besides homes, by the name of the community
INSTITUTIONS = {
    "南门社区": ["school", "market", "office", "park"],
    "西南门社区": ["school", "office", "kindergarten"],
    "西街社区": ["school", "market", "hospital", "office"],
    "十字街社区": ["school", "mall", "market", "office", "hospital"],
    "河沿社区": ["kindergarten", "mall", "park", "market"],
    "文昌社区": ["school", "kindergarten", "office"],
    "府前社区": ["office", "office", "school", "mall", "park", "office"],
    "水门社区": ["hospital", "market", "kindergarten"],
    "北苑社区": ["school", "school", "market", "office", "kindergarten", "park"],
    "北门社区": ["school", "office", "market"],
    "滨江社区": ["school", "mall", "park", "kindergarten", "office"],
    "新城社区": ["office", "mall", "hospital", "school"],
    "体育城社区": ["sports", "school", "kindergarten"],
    "站南社区": ["office", "market", "school", "park"],
    "柳林村": ["school"],
    "石桥村": ["school"],
    "大塘村": ["school"],
}
WANTED_M2 = {
    "school": 22_000,
    "hospital": 22_000,
    "mall": 17_000,
    "market": 9_000,
    "office": 13_000,
    "kindergarten": 8_000,
    "park": 16_000,
    "sports": 60_000,
}
# zone: (use, share of the blocks left after institutions)
HOMES = {
    "walkup": [("walkup", 0.72), ("block", 0.16), ("office", 0.05), ("green", 0.07)],
    "tower": [("tower", 0.68), ("block", 0.12), ("walkup", 0.06), ("green", 0.14)],
    "core": [("core", 0.82), ("block", 0.14), ("green", 0.04)],
    "mixed": [("walkup", 0.40), ("core", 0.35), ("block", 0.18), ("green", 0.07)],
    "hamlet": [("hamlet", 1.0)],
    "village": [("green", 1.0)],
    "industry": [("factory", 1.0)],
}
# share of dwellings lived in: old works housing that is emptying
LIVED_IN = {"文昌社区": 0.86}
SPORTS_PARK = (1800, 960)
STATION = (2395, 1230)


@dataclass(frozen=True)
class Site:
    """A parcel with an institution on it."""

    use: str
    parcel: Polygon
    community: str
    shape: Polygon


@dataclass
class Town:
    """Everything built: compounds with their names, buildings with the compound they stand in, paths, sites."""

    compounds: list[tuple[str, Polygon]] = field(default_factory=list)
    buildings: list[tuple[Building, int]] = field(default_factory=list)
    paths: list[Street] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)


def uses(blocks: list[Block], rng: np.random.Generator) -> list[str]:
    """Use of every block: each community's institutions go to the blocks nearest the size they want."""
    out = [""] * len(blocks)
    for community, wanted in INSTITUTIONS.items():
        rows = [i for i, b in enumerate(blocks) if b.community.name == community and b.zone != "industry"]
        if community.endswith("村"):
            rows = [i for i in rows if blocks[i].zone == "hamlet"]
        for use in sorted(wanted, key=lambda u: -WANTED_M2[u]):
            free = [i for i in rows if not out[i]]
            if use == "sports":
                best = min(free, key=lambda i: blocks[i].shape.distance(Point(*placed([SPORTS_PARK])[0])))
            else:
                best = min(free, key=lambda i: abs(blocks[i].shape.area - WANTED_M2[use]) * rng.uniform(0.7, 1.6))
            out[best] = use
    for i, block in enumerate(blocks):
        if not out[i]:
            names, shares = zip(*HOMES[block.zone], strict=True)
            out[i] = str(rng.choice(names, p=shares))
    return out


class Builder:
    """Builds block by block; knows where streets run so that nothing stands on them."""

    def __init__(self, skeleton: Skeleton, land: Land, seed: int) -> None:
        self.seed, self.town, self.names = seed, Town(), estate_names()
        self.rng = np.random.default_rng([seed, 0])
        self.lived_in = 1.0
        self.gates: list[LineString] = []
        self.lines = np.array([s.line for s in land.streets], dtype=object)
        self.reach = np.array([WIDTH_M[s.cls] / 2 + 2.5 for s in land.streets])
        self.gated = np.array([s.cls not in ("footway", "steps", "track") for s in land.streets])
        self.tree = STRtree(self.lines)
        keep_off = [skeleton.river_line.buffer(48), skeleton.railway.buffer(22), skeleton.canal.buffer(8)]
        self.keep_off = shapely.union_all(keep_off)
        self._railway_station(skeleton.railway)

    def _railway_station(self, railway: LineString) -> None:
        """The station house, between the railway and the street in front of it."""
        at = railway.project(Point(*placed([STATION])[0]))
        platform = substring(railway, at - 36, at + 36)
        house = LineString([platform.coords[0], platform.coords[-1]]).offset_curve(-25).buffer(6, cap_style="flat")
        self._keep([Building(house, 2, 0, "station")], [], compound=-1)

    def parcel(self, block: Block) -> Polygon:
        """The part of a block behind its streets."""
        near = self.tree.query(block.shape, predicate="dwithin", distance=25)
        taken = shapely.union_all(shapely.buffer(self.lines[near], self.reach[near], quad_segs=3, cap_style="flat"))
        parts = shapely.get_parts(block.shape.difference(taken).difference(self.keep_off))
        parts = [p.buffer(-2, join_style="mitre").buffer(2, join_style="mitre") for p in parts]  # no spikes
        parts = [p for part in parts for p in shapely.get_parts(part)]
        parcel = max(parts, key=lambda p: p.area, default=Polygon())
        return rounded(Polygon(parcel.simplify(0.6).exterior)) if not parcel.is_empty else parcel

    def streets_near(self, parcel: Polygon) -> list[LineString]:
        """Streets a gate may open to, and the ways of gates made before, so that two opposite gates meet."""
        near = np.sort(self.tree.query(parcel, predicate="dwithin", distance=60))
        opposite = [gate for gate in self.gates if gate.distance(parcel) < 60]
        return [*self.lines[near[self.gated[near]]], *opposite]

    def build(self, block: Block, use: str) -> None:
        """Build one block."""
        parcel = self.parcel(block)
        self.lived_in = LIVED_IN.get(block.community.name, 1.0)
        # chance of its own for every block: a change to one leaves the others as they are
        at = block.shape.representative_point()
        self.rng = np.random.default_rng([self.seed, round(at.x), round(at.y)])
        if parcel.area < 700:
            return
        if use in ("walkup", "tower"):
            for part in self._walled(parcel, use):
                self._compound(part, use)
        elif use in ("core", "block", "hamlet"):
            self._keep(*quarter(parcel, use, self.streets_near(parcel), self.rng), compound=-1)
        elif use != "green":
            self._institution(block, parcel, use)

    def _walled(self, parcel: Polygon, use: str) -> list[Polygon]:
        """One compound, or two that share a party wall where the parcel is large."""
        if parcel.area < (22_000 if use == "walkup" else 60_000) or self.rng.random() < 0.4:
            return [parcel]
        box = np.asarray(parcel.minimum_rotated_rectangle.exterior.coords)
        along, across = box[1] - box[0], box[2] - box[1]
        if np.hypot(*along) < np.hypot(*across):
            along, across = across, along
        middle = box[:4].mean(0) + along * self.rng.uniform(-0.1, 0.1)
        parts = split(parcel, LineString([middle - across, middle + across])).geoms
        return [rounded(p) for p in parts] if len(parts) == 2 else [parcel]

    def _compound(self, parcel: Polygon, use: str) -> None:
        buildings, paths = estate(parcel, use, self.streets_near(parcel), self.rng)
        if len(buildings) < 2:
            self._keep(*quarter(parcel, "block", self.streets_near(parcel), self.rng), compound=-1)
            return
        walkup, tower = next(self.names)
        self.town.compounds.append((tower if use == "tower" else walkup, parcel))
        self._keep(buildings, paths, compound=len(self.town.compounds) - 1)

    def _institution(self, block: Block, parcel: Polygon, use: str) -> None:
        style = {"kindergarten": "school", "sports": "stadium", "park": "green"}.get(use, use)
        buildings: list[Building] = []
        if style != "green":
            buildings, _ = quarter(parcel, style, [], self.rng)
            if not buildings:
                buildings, _ = quarter(parcel, "office", [], self.rng)
        self.town.sites.append(Site(use, parcel, block.community.code, block.shape))
        self._keep([replace(b, use=use) for b in buildings], [], compound=-1)

    def _keep(self, buildings: list[Building], paths: list[Street], *, compound: int) -> None:
        for b in buildings:
            households = round(b.households * self.lived_in)
            self.town.buildings.append((replace(b, shape=rounded(b.shape), households=households), compound))
        self.town.paths += [replace(p, line=rounded(p.line)) for p in paths]
        ends = [Point(p.line.coords[-1]) for p in paths]
        meets = set(self.tree.query(ends, predicate="dwithin", distance=0.01)[0].tolist()) if ends else set()
        self.gates += [p.line for i, p in enumerate(paths) if i in meets]

    def clear_ways(self) -> None:
        """Drop buildings that a neighbor's gate or lane turned out to need."""
        ways = STRtree([p.line for p in self.town.paths])
        shapes = [b.shape for b, _ in self.town.buildings]
        hit = set(ways.query(shapes, predicate="dwithin", distance=2.6)[0].tolist())
        self.town.buildings = [row for i, row in enumerate(self.town.buildings) if i not in hit]


def build_town(skeleton: Skeleton, land: Land, seed: int) -> Town:
    """Build every block of the land."""
    builder = Builder(skeleton, land, seed)
    for block, use in zip(land.blocks, uses(land.blocks, np.random.default_rng([seed, 1])), strict=True):
        builder.build(block, use)
    builder.clear_ways()
    return builder.town
