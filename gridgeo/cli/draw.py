"""`gridgeo draw`: territory -> plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.compare import document as told
from gridgeo.cli.compare import show as show_changes
from gridgeo.cli.console import Desk, verb
from gridgeo.cli.places import GEOPACKAGE
from gridgeo.errors import InputError
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.model import Plan
    from gridgeo.core.partition import PlanResult
    from gridgeo.io.read import Cover

WEAK = 0.25
"""Above this gap the bound says little: large zones are bounded by size and shape alone."""


@verb("draw")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="Plan file to write.")
@click.option("--households", nargs=2, type=int, default=(300, 500), show_default=True, help="Size band: MIN MAX.")
@click.option("--count", type=int, default=None, help="Exactly this many grids.")
@click.option("--free", is_flag=True, help="Grids may hold more than one community.")
@click.option("--bridges", is_flag=True, help="A grid may reach over a bridge.")
@click.option("--from", "previous", type=click.Path(path_type=Path), help="Plan in force: redraw with least change.")
@click.option("--layer", default=None, help="Layer of the grids in a --from file that is no plan of ours.")
@click.option("--lock", "locks", multiple=True, metavar="CODE", help="Grid of --from that stays exactly as it is.")
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
    previous: Path | None,
    layer: str | None,
    locks: tuple[str, ...],
    seconds: float | None,
    rng_seed: int,
) -> int:
    """Divide TERRITORY into grids and prove that they cover it.

    With --from only what breaks the rules is redrawn, moving as few households as can be; codes live on.
    """
    from gridgeo import service
    from gridgeo.core.partition import PlanParams
    from gridgeo.io.read import read_territory
    from gridgeo.io.write import write_plan

    if locks and previous is None:
        raise InputError("there is nothing to lock", where="--lock", hint="name the plan in force with --from")
    params = PlanParams(households=households, count=count, nest=not free, cross_bridges=bridges)
    with desk.progress() as progress, desk.stopping(seconds) as stop:
        land = read_territory(territory, progress=progress)
        before = None if previous is None else grids_before(previous, layer)
        result = service.draw(
            land, params, previous=before, locks=locks, stop=stop, rng_seed=rng_seed, progress=progress
        )
        report = service.check(result.plan)
        code = desk.exit_code()
    write_plan(result, output, certificate=report.certificate)
    desk.notices(result.plan.notices)
    show_plan(desk, result, report)
    changes = None if before is None else service.redraw_changes(result, before)
    if changes is not None:
        show_changes(desk, changes)
    desk.say("wrote", path=output)
    desk.document(
        document(desk, result, report, output) | ({} if changes is None else {"changes": told(desk, changes)})
    )
    return code


def grids_before(path: Path, layer: str | None) -> Plan | Cover:
    """The grids in force: a plan of ours, or any layer of polygons."""
    from gridgeo.io.read import layer_names, read_cover, read_plan

    if layer is None and {"atoms", "grids"} <= set(layer_names(path)):
        return read_plan(path)
    return read_cover(path, layer=layer)


def show_plan(desk: Desk, result: PlanResult, report: CoverageReport) -> None:
    """Print the plan in a dozen lines."""
    plan = result.plan
    weak = f" ({say('weak-bound', desk.lang)})" if result.optimality_gap > WEAK else ""
    rows = [
        ("households", f"{plan.territory.households:,}"),
        ("grids", len(plan)),
        ("in_band", f"{plan.in_band.mean():.1%}"),
        ("out_of_band", len(result.out_of_band)),
        ("compactness", f"{plan.compactness.mean():.3f}"),
        ("proven_households", f"{result.proven:.1%}"),
        ("optimality_gap", f"{result.optimality_gap:.1%}{weak}"),
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
        "proven_households": result.proven,
        "seconds": desk.seconds,
        "rng_seed": result.rng_seed,
        "certificate": report.certificate.to_dict(),
        "stats": dict(result.stats),
        "notices": [vars(notice) for notice in plan.notices],
    }
