"""Porto Alegre's schools and health sites on its real streets: reach, new sites, and a team for every school.

Run it with the folder that holds `poa_osm.pbf` (an OpenStreetMap extract) and `poa_hexgrid.csv` (people, schools and
health sites by hexagon): `python docs/examples/porto_alegre.py FOLDER`.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

import gridgeo as gg
from gridgeo.core.dispatch import AssignParams, ReachParams, SiteParams, propose_sites, reach
from gridgeo.core.model import Buildings, EmergencyUnits, Places, Responders, Territory, geometries, texts
from gridgeo.io.crs import CRS84, transformed

FILES = ("poa_osm.pbf", "poa_hexgrid.csv")


def main(folder: Path) -> list[str]:
    """The lines of the example; what is missing, when the data set is not there."""
    missing = [name for name in FILES if not (folder / name).exists()]
    if missing:
        return [f"{folder} does not hold {' and '.join(missing)}: nothing to show"]
    land = town(gg.import_sources([folder / FILES[0]]), folder / FILES[1])
    return [*reached(land), *proposed(land), *teams(land)]


def town(land: Territory, table: Path) -> Territory:
    """The streets with the people, schools and health sites of the hexagons put on them.

    People stand where gridgeo counts households: all shares below are shares of people. Each school is a unit; each
    hexagon with health sites gives three posts a site, one of them qualified to lead (an assumption of this example).
    """
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    points = shapely.points([[float(row["lon"]), float(row["lat"])] for row in rows])
    xy = shapely.get_coordinates(transformed(geometries(points), CRS84, land.crs))
    code = np.array([row["id"] for row in rows], object)
    people, schools, health = (
        np.array([int(float(row[name] or 0)) for row in rows]) for name in ("population", "schools", "healthcare")
    )
    place = np.concatenate([np.flatnonzero(schools), np.flatnonzero(health)])
    kind = ["school"] * int((schools > 0).sum()) + ["health"] * int((health > 0).sum())
    post = np.repeat(np.arange(len(rows)), 3 * health)
    home, school = np.flatnonzero(people), np.flatnonzero(schools)
    return replace(
        land,
        buildings=_homes(code[home], xy[home], people[home]),
        places=_places(code[place], kind, xy[place]),
        emergency_units=EmergencyUnits(
            code=code[school],
            name=code[school],
            kind=texts(["school"] * len(school)),
            xy=xy[school],
            need=np.zeros(len(school), np.int64),
            max_walk_s=np.zeros(len(school), np.int64),
        ),
        responders=Responders(
            code=texts([f"{code[row]}-{number}" for number, row in enumerate(post)]),
            xy=xy[post],
            capacity=np.ones(len(post), np.int64),
            can_lead=np.arange(len(post)) % 3 == 0,
            on_duty=np.ones(len(post), bool),
        ),
    )


def _homes(code: np.ndarray, xy: np.ndarray, people: np.ndarray) -> Buildings:
    n = len(code)
    return Buildings(
        code=code,
        geometry=geometries(shapely.points(xy)),
        households=people,
        known=np.ones(n, bool),
        estimated=np.zeros(n, bool),
        floors=np.ones(n, np.int64),
        compound=np.full(n, -1, np.int32),
    )


def _places(code: np.ndarray, kind: list[str], xy: np.ndarray) -> Places:
    n = len(code)
    return Places(
        code=texts([f"{what}-{name}" for what, name in zip(kind, code, strict=True)]),
        name=code,
        kind=texts(kind),
        xy=xy,
        service_s=np.zeros(n, np.int64),
        opens=np.zeros(n, np.int64),
        closes=np.full(n, 86_400),
        visits_per_day=np.zeros(n),
    )


def reached(land: Territory) -> list[str]:
    """Who walks to a health site in time."""
    found = reach(land, ReachParams(service="places:health"))
    head = f"{found.services} hexagons with health sites, {found.households:,} people, {found.places} with schools"
    return [
        head,
        *(
            f"within {ring.limit_s // 60:2} min: {ring.household_share:6.1%} of people, "
            f"{ring.place_share:6.1%} of schools"
            for ring in found.rings
        ),
    ]


def proposed(land: Territory) -> list[str]:
    """Where five more health sites would bring most people within ten minutes."""
    found = propose_sites(land, SiteParams(service="places:health", k=5, limit_s=600, candidates=500))
    lost = sum(gap.households for gap in found.unreachable)
    return [
        f"5 more sites: {found.before:,} -> {found.after:,} people within 10 min, "
        f"{found.value:,.0f} gained, at most {found.bound:,.0f} possible",
        f"{lost:,} people no candidate reaches in 10 min",
    ]


def teams(land: Territory) -> list[str]:
    """A lead and two members for every school within 15 minutes."""
    found = gg.assign_units(land, AssignParams(members=2, max_walk_s=900, per_person=1))
    ways = [way.kind for shortage in found.shortages for way in shortage.repair[:1]]
    return [
        f"{len(land.emergency_units)} units, {len(land.responders)} posts: {found.missing_leads} leads and "
        f"{found.missing_members} members missing of {found.seats}, proven: {found.proven}",
        f"{len(found.shortages)} shortages; first way out: "
        + ", ".join(f"{kind} {ways.count(kind)}" for kind in sorted(set(ways))),
    ]


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else "../shared/data/places/br_porto_alegre"
    sys.stdout.write("\n".join(main(Path(given))) + "\n")
