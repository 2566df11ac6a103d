"""`gridgeo repair`: proposed edits for every fault, and their execution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.check import broken, show_report
from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.places import GEOPACKAGE
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import Repair


@verb("repair")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="GeoPackage to write.")
@click.option("--apply", "carry_out", is_flag=True, help="Carry the proposals out; else they are only written down.")
@click.option("--boundary", default=None, metavar="FILE[:LAYER]", help="Territory boundary (default: the file's own).")
@click.option("--layer", default=None, help="Layer of polygons (default: grids, else the only one).")
@click.option("--households", nargs=2, type=int, default=None, help="Size band to respect: MIN MAX.")
@click.option("--lock", multiple=True, metavar="CODE", help="A grid that must stay as it is.")
@click.option("--align", is_flag=True, help="Also move drifted vertices onto each other.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="Time limit; what is left is reported.")
def command(
    desk: Desk,
    file: Path,
    output: Path,
    carry_out: bool,
    boundary: str | None,
    layer: str | None,
    households: tuple[int, int] | None,
    lock: tuple[str, ...],
    align: bool,
    seconds: float,
) -> int:
    """Propose, for every fault of FILE, which grid takes its ground; sound grids stay byte for byte."""
    from gridgeo import service
    from gridgeo.io.read import read_cover
    from gridgeo.io.repairs import write_repair

    with desk.progress() as progress, desk.stopping(seconds) as stop:
        cover = read_cover(file, layer=layer, boundary=boundary, progress=progress)
        repair = service.repair_cover(cover, band=households, locked=frozenset(lock), align=align, stop=stop)
        code = desk.exit_code(OK if not repair.left else BROKEN)
    write_repair(repair, cover, output, carried_out=carry_out)
    show_proposals(desk, repair)
    if carry_out:
        show_report(desk, repair.report)
    desk.say("wrote", path=output)
    desk.document(document(desk, repair, carry_out))
    return code


def show_proposals(desk: Desk, repair: Repair) -> None:
    """Print each proposal: the fault, who takes its ground, and how that changes the grids."""
    rows = [
        (say(f"finding-{p.finding.kind}", desk.lang), f"{p.finding.area_m2:,.3f}", ", ".join(p.taken_from), p.to or "-")
        for p in repair.proposals
    ]
    desk.table("table-proposals", ("kind", "area_m2", "taken_from", "given_to"), rows)
    left = [finding for finding in repair.left if finding in broken(repair.report)]
    if left:
        desk.say("left-to-planner", count=len(left))


def document(desk: Desk, repair: Repair, carried_out: bool) -> dict[str, Any]:
    """The JSON document of `repair --json`."""
    return {
        "proposals": [
            {
                "finding": p.finding.id,
                "kind": p.finding.kind,
                "area_m2": p.finding.area_m2,
                "to": p.to,
                "taken_from": list(p.taken_from),
                "before": p.before,
                "after": p.after,
            }
            for p in repair.proposals
        ],
        "left": [{"id": finding.id, "kind": finding.kind, "area_m2": finding.area_m2} for finding in repair.left],
        "applied": carried_out,
        "complete": repair.report.complete,
        "exact": repair.report.exact,
        "seconds": desk.seconds,
    }
