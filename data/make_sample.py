"""Make the sample territory: the edge of a county town that does not exist.

    python data/make_sample.py [OUT.gpkg]

The same script, seed and library versions give the same bytes. Counts only: nobody who lives here is real.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS
from shapely import STRtree
from town.blocks import cut_blocks
from town.build import Town, build_town
from town.finish import Ground, finish
from town.life import NEED, UNIT_KINDS, Place, Responder, responders, site_places, small_places, stations
from town.old_grids import OldGrid, Spoiler, sound_grids
from town.shapes import BOTH_SIDES, WIDTH_M
from town.skeleton import COUNTY, Community, Skeleton, draw

from gridgeo.core.model import Table, geometries, texts
from gridgeo.gpkg import Crs, write_file

SEED = 2
EPSG = 4547  # CGCS2000, three-degree Gauss-Krueger zone of 114 E; stored east before north like every GeoPackage
SMALL_PLACES = 330
UNCOUNTED = 36


def table(shapes, **columns) -> Table:
    """A layer of plain columns: lists of str, bool, int, or int with None for null."""
    arrays = {}
    for name, values in columns.items():
        values = list(values)
        if any(isinstance(v, str) for v in values):
            arrays[name] = texts(values)
        elif None in values:
            arrays[name] = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
        else:
            arrays[name] = np.array(values)
    return Table(columns=arrays, geometry=geometries(list(shapes)))


def numbered(letter: str, count: int) -> list[str]:
    """Codes like B00001."""
    return [f"{letter}{i:05d}" for i in range(1, count + 1)]


def uncounted(town: Town, rng: np.random.Generator) -> set[int]:
    """Rows of homes nobody has counted yet."""
    rows = [i for i, (b, _) in enumerate(town.buildings) if b.use in ("core", "block", "hamlet") and b.households]
    return set(rng.choice(rows, UNCOUNTED, replace=False).tolist())


def ground_layers(ground: Ground, communities: list[Community]) -> dict[str, Table]:
    """Boundary, communities, streets, barriers."""
    streets = ground.streets
    return {
        "boundary": table([ground.boundary], code=[COUNTY[0]], name=[COUNTY[1] + "城区（示例）"]),
        "communities": table(
            ground.communities,
            code=[c.code for c in communities],
            name=[c.name for c in communities],
            subdistrict=[c.subdistrict for c in communities],
            county=[COUNTY[1]] * len(communities),
            kind=[c.kind for c in communities],
        ),
        "streets": table(
            [s.line for s in streets],
            code=numbered("S", len(streets)),
            name=[s.name for s in streets],
            **{"class": [s.cls for s in streets]},
            walkable=[s.walkable for s in streets],
            sides=[2 if s.cls in BOTH_SIDES else 1 for s in streets],
            width_m=[WIDTH_M[s.cls] for s in streets],
        ),
        "barriers": table(
            [ground.river, ground.railway, ground.canal],
            code=["V00001", "V00002", "V00003"],
            kind=["river", "railway", "river"],
            crossable=[False, False, True],
        ),
    }


def built_layers(town: Town, households: list[int | None]) -> dict[str, Table]:
    """Buildings and compounds."""
    codes = numbered("X", len(town.compounds))
    buildings = [b for b, _ in town.buildings]
    return {
        "buildings": table(
            [b.shape for b in buildings],
            code=numbered("B", len(buildings)),
            households=households,
            floors=[b.floors for b in buildings],
            compound=[codes[c] if c >= 0 else "" for _, c in town.buildings],
            source=["count"] * len(buildings),
        ),
        "compounds": table([s for _, s in town.compounds], code=codes, name=[n for n, _ in town.compounds]),
    }


def life_layers(places: list[Place], posts: list[Responder], points, exclusive: dict) -> dict[str, Table]:
    """Exclusive land, places, stations, emergency units, responders."""
    units = [p for p in places if p.kind in UNIT_KINDS]
    return {
        "exclusive": table(exclusive.values(), code=numbered("E", len(exclusive)), name=list(exclusive)),
        "places": table(
            [p.point for p in places],
            code=numbered("P", len(places)),
            name=[p.name for p in places],
            kind=[p.kind for p in places],
            service_s=[p.service_s for p in places],
            opens=[p.opens for p in places],
            closes=[p.closes for p in places],
            visits_per_day=[p.visits for p in places],
        ),
        "stations": table(points, code=numbered("T", len(points)), grid=[""] * len(points)),
        "emergency_units": table(
            [p.point for p in units],
            code=numbered("U", len(units)),
            name=[p.name for p in units],
            kind=[p.kind for p in units],
            need=[NEED[p.kind] for p in units],
            max_walk_s=[300 if p.kind in ("hospital", "mall") else 240 for p in units],
        ),
        "responders": table(
            [r.point for r in posts],
            code=numbered("R", len(posts)),
            capacity=[r.capacity for r in posts],
            can_lead=[r.can_lead for r in posts],
            on_duty=[r.on_duty for r in posts],
        ),
    }


def grids_layer(grids: list[OldGrid]) -> Table:
    """Today's grids."""
    return table(
        [g.shape for g in grids],
        code=[g.code for g in grids],
        name=[g.name for g in grids],
        kind=[g.kind for g in grids],
        community=[g.community for g in grids],
        households=[g.households for g in grids],
    )


def face_households(ground: Ground, town: Town, households: list[int | None]) -> np.ndarray:
    """Households that live in each face."""
    points = shapely.point_on_surface([b.shape for b, _ in town.buildings])
    row, face = STRtree(ground.faces).query(points, predicate="within")
    out = np.zeros(len(ground.faces), np.int64)
    np.add.at(out, face, np.array([h or 0 for h in households])[row])
    return out


def exclusive_faces(ground: Ground, town: Town) -> dict[str, np.ndarray]:
    """Faces of the sports park and the industrial park."""
    points = shapely.point_on_surface(ground.faces)
    named = {"临溪体育公园": "sports", "城东工业园": "factory"}
    return {
        name: np.flatnonzero(shapely.contains(shapely.union_all([s.shape for s in town.sites if s.use == use]), points))
        for name, use in named.items()
    }


def make(skeleton: Skeleton, seed: int) -> tuple[dict[str, Table], list[tuple[str, tuple[str, ...]]]]:
    """All layers of the sample, and the faults planted in today's grids."""
    land = cut_blocks(skeleton, np.random.default_rng([seed, 2]))
    town = build_town(skeleton, land, seed)
    ground = finish(skeleton, land.streets, town.paths)
    missing = uncounted(town, np.random.default_rng([seed, 3]))
    households = [None if i in missing else b.households for i, (b, _) in enumerate(town.buildings)]
    special = exclusive_faces(ground, town)
    held = face_households(ground, town, households)
    sound = sound_grids(ground, skeleton.communities, held, special, np.random.default_rng([seed, 4]))
    spoiler = Spoiler(sound, ground.boundary)
    places = site_places(town, skeleton)
    places += small_places(town, ground.streets, np.random.default_rng([seed, 5]), SMALL_PLACES)
    posts = responders(town, places, ground.streets, np.random.default_rng([seed, 6]))
    points = stations([g.shape for g in sound], ground.streets)
    exclusive = {name: ground.merged(faces) for name, faces in special.items()}
    layers = ground_layers(ground, skeleton.communities) | built_layers(town, households)
    layers |= life_layers(places, posts, points, exclusive) | {"current_grids": grids_layer(spoiler.spoil())}
    return layers, spoiler.planted


def main(path: Path) -> None:
    """Write the sample and say what is in it."""
    layers, planted = make(draw(), SEED)
    reference = CRS.from_epsg(EPSG)
    crs = Crs(EPSG, "EPSG", reference.to_wkt("WKT1_GDAL"), reference.name)
    write_file(path, layers, crs)
    for name, layer in layers.items():
        sys.stdout.write(f"{name:16} {len(layer):6}\n")
    for kind, codes in planted:
        sys.stdout.write(f"{kind:18} {' '.join(codes)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("sample.gpkg"))
