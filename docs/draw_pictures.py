"""Draw the pictures of docs/concepts.md from the sample town: `make pictures`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from gridgeo import service
from gridgeo.core.describe import colors
from gridgeo.core.dispatch import AssignParams
from gridgeo.core.partition import PlanParams
from gridgeo.core.patrol import PatrolParams
from gridgeo.handover import picture as p
from gridgeo.io.read import read_cover, read_territory

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample.gpkg"


def main() -> None:
    """Draw one picture a stage."""
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    territory = read_territory(SAMPLE)
    plan = service.draw(territory, PlanParams(), rng_seed=1).plan
    today = read_cover(SAMPLE, layer="current_grids", boundary=None)
    report = service.check_cover(today, band=(300, 500))
    walks = service.patrol(plan, PatrolParams(), rng_seed=1).routes
    teams = service.assign(territory, AssignParams())

    def save(name: str, title: str, *painters: p.Painter) -> None:
        p.save_picture(folder / f"{name}.png", territory, painters, title=title, width_in=7)

    quiet = p.paint_ground(territory, quiet=True)
    atoms = f"{len(territory.atoms):,} atoms, {territory.households:,} households"
    faults = np.array([f.geometry for f in report.findings if f.area_m2 > 0 and "size" not in f.kind], dtype=object)
    save("1-territory", "1  Territory: streets, barriers, buildings", p.paint_ground(territory))
    save("2-atoms", f"2  Atoms: {atoms}", quiet, p.paint_atoms(territory))
    save("3-plan", f"3  Plan: {len(plan)} grids and their households", quiet, p.paint_plan(plan, colors(plan)))
    save("4-proof", f"4  Proof: {len(faults)} faults in today's grids", quiet, p.paint_outlines(today.geometry),
         p.paint_faults(faults))  # fmt: skip
    first = [route.geometry for route in walks if route.round == 1]
    save("5-patrol", "5  Patrol: the first walk of each grid", quiet, p.paint_outlines(plan.geometry, width=0.5),
         p.paint_walks(first, territory.stations.xy))  # fmt: skip
    at = dict(zip(territory.responders.code, territory.responders.xy, strict=True))
    units = dict(zip(territory.emergency_units.code, territory.emergency_units.xy, strict=True))
    lines = [shapely.linestrings([at[a.responder], units[a.unit]]) for a in teams.assignments]
    lacking = {code for shortage in teams.shortages for code in shortage.units}
    short = np.array([code in lacking for code in territory.emergency_units.code], dtype=bool)
    save("6-teams", "6  Emergency units, their teams, and who is short", quiet,
         p.paint_teams(territory.emergency_units.xy, short, lines))  # fmt: skip


if __name__ == "__main__":
    main()
