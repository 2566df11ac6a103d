"""`gridgeo draw`: territory -> plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import Desk, verb
from gridgeo.cli.places import GEOPACKAGE

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.partition import PlanResult


@verb("draw")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="Plan file to write.")
@click.option("--households", nargs=2, type=int, default=(300, 500), show_default=True, help="Size band: MIN MAX.")
@click.option("--count", type=int, default=None, help="Exactly this many grids.")
@click.option("--free", is_flag=True, help="Grids may hold more than one community.")
@click.option("--bridges", is_flag=True, help="A grid may reach over a bridge.")
@click.option("--seconds", type=float, default=None, help="Time limit; the best plan so far is kept.")
@click.option("--rng-seed", type=int, default=1, show_default=True, help="Same input and seed, same bytes.")
def command(
    desk: Desk,
    territory: Path,
    output: Path,
    households: tuple[int, int],
    count: int | None,
    free: bool,
    bridges: bool,
    seconds: float | None,
    rng_seed: int,
) -> int:
    """Divide TERRITORY into grids and prove that they cover it."""
    from gridgeo import service
    from gridgeo.core.partition import PlanParams
    from gridgeo.io.read import read_territory
    from gridgeo.io.write import write_plan

    params = PlanParams(households=households, count=count, nest=not free, cross_bridges=bridges)
    with desk.progress() as progress, desk.stopping(seconds) as stop:
        land = read_territory(territory, progress=progress)
        result = service.draw(land, params, stop=stop, rng_seed=rng_seed, progress=progress)
        report = service.check(result.plan)
        code = desk.exit_code()
    write_plan(result, output, certificate=report.certificate)
    desk.notices(result.plan.notices)
    show_plan(desk, result, report)
    desk.say("wrote", path=output)
    desk.document(document(desk, result, report, output))
    return code


def show_plan(desk: Desk, result: PlanResult, report: CoverageReport) -> None:
    """Print the plan in a dozen lines."""
    plan = result.plan
    rows = [
        ("households", f"{plan.territory.households:,}"),
        ("grids", len(plan)),
        ("in_band", f"{plan.in_band.mean():.1%}"),
        ("out_of_band", len(result.out_of_band)),
        ("compactness", f"{plan.compactness.mean():.3f}"),
        ("optimality_gap", f"{result.optimality_gap:.2%}"),
        ("complete", desk.yes(report.complete)),
        ("exact", desk.yes(report.exact)),
    ]
    desk.lines("table-plan", rows)


def document(desk: Desk, result: PlanResult, report: CoverageReport, output: Path) -> dict[str, Any]:
    """The JSON document of `draw --json`."""
    plan = result.plan
    return {
        "plan": str(output),
        "grids": len(plan),
        "households": plan.territory.households,
        "in_band": float(plan.in_band.mean()),
        "out_of_band": [vars(miss) for miss in result.out_of_band],
        "infeasible": [vars(case) for case in result.infeasible],
        "compactness": float(plan.compactness.mean()),
        "bound": result.bound,
        "optimality_gap": result.optimality_gap,
        "seconds": desk.seconds,
        "rng_seed": result.rng_seed,
        "certificate": report.certificate.to_dict(),
        "stats": dict(result.stats),
        "notices": [vars(notice) for notice in plan.notices],
    }
