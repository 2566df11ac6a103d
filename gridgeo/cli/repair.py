"""`gridgeo repair`: proposed edits for every fault, and their execution."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.check import broken, show_report
from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.nesting import finding_documents
from gridgeo.cli.places import GEOPACKAGE
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import Left, Proposal, Repair

SHOWN = 100  # proposals printed; the file and --json hold all


@verb("repair")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="GeoPackage to write.")
@click.option("--apply", "carry_out", is_flag=True, help="Carry the proposals out; else they are only written down.")
@click.option("--boundary", default=None, metavar="FILE[:LAYER]", help="Territory boundary (default: the file's own).")
@click.option("--layer", default=None, help="Layer of polygons (default: grids, else the only one).")
@click.option("--households", nargs=2, type=int, default=None, help="Size band to respect: MIN MAX.")
@click.option("--buildings", default=None, metavar="FILE[:LAYER]", help="Where households live (default: own layer).")
@click.option("--lock", multiple=True, metavar="CODE", help="A grid that must stay as it is.")
@click.option("--allowed", multiple=True, metavar="ID|FILE", help="Findings that are meant: an id, or a file of ids.")
@click.option("--align", is_flag=True, help="Also make vertices match: drifted ones shared, lacking ones put in.")
@click.option("--fill-missing", is_flag=True, help="Also give ground as large as a grid to a neighbor.")
@click.option("--drop-duplicates", is_flag=True, help="Also drop the later of grids on the same ground.")
@click.option("--move-parts", is_flag=True, help="Also give parts that lie apart to the neighbor they touch longest.")
@click.option("--seconds", type=float, default=60.0, show_default=True, help="Time limit; what is left is reported.")
def command(
    desk: Desk,
    file: Path,
    output: Path,
    carry_out: bool,
    boundary: str | None,
    layer: str | None,
    households: tuple[int, int] | None,
    buildings: str | None,
    lock: tuple[str, ...],
    allowed: tuple[str, ...],
    seconds: float,
    **permissions: bool,
) -> int:
    """Propose, for every fault of FILE, which grid takes its ground; sound grids stay byte for byte."""
    from gridgeo import service
    from gridgeo.core.coverage import CoverageParams, RepairParams
    from gridgeo.io.certificates import allowed_ids
    from gridgeo.io.geodesy import map_metres
    from gridgeo.io.homes import read_homes
    from gridgeo.io.read import read_cover
    from gridgeo.io.repairs import write_repair

    coverage = CoverageParams(band=households, allowed=allowed_ids(allowed))
    params = RepairParams(coverage=coverage, locked=frozenset(lock), **permissions)
    with desk.progress() as progress, desk.stopping(seconds) as stop:
        cover = read_cover(file, layer=layer, boundary=boundary, progress=progress)
        homes = read_homes(file, buildings, cover.crs)
        repair = service.repair_cover(cover, params, homes=homes, stop=stop)
        code = desk.exit_code(OK if repair.report.complete and not broken(repair.report) else BROKEN)
    desk.notices(map_metres(cover.crs, cover.geometry))
    write_repair(repair, cover, output, carried_out=carry_out)
    show_proposals(desk, repair)
    if carry_out:
        show_report(desk, repair.report)
    desk.say("wrote", path=output)
    if desk.as_json:
        desk.document(document(desk, repair, cover.crs, carry_out))
    return code


def show_proposals(desk: Desk, repair: Repair) -> None:
    """Print each proposal: the fault, who takes its ground, how that changes the grids; then what is left and why."""
    moving = [p for p in repair.proposals if p.finding.kind not in ("vertex-mismatch", "drift")]
    rows = [_row(desk, proposal) for proposal in moving[:SHOWN]]
    desk.table("table-proposals", ("kind", "area_m2", "taken_from", "given_to", "before", "after"), rows)
    if len(moving) > SHOWN:
        desk.say("more-proposals", count=len(moving) - SHOWN)
    edges = len(repair.proposals) - len(moving)
    if edges:
        desk.say("edges-aligned", count=edges)
    if repair.left:
        lines = [_left_row(desk, left) for left in repair.left[:SHOWN]]
        desk.table("table-left", ("kind", "area_m2", "grids", "left"), lines)
        desk.say("left-to-planner", count=len(repair.left))


def _row(desk: Desk, proposal: Proposal) -> tuple[str, ...]:
    kind = say(f"finding-{proposal.finding.kind}", desk.lang)
    needs = f" (--{proposal.needs})" if proposal.needs else ""
    area, to = f"{proposal.finding.area_m2:,.3f}", ", ".join(proposal.to) or "-"
    return (
        kind + needs,
        area,
        ", ".join(proposal.taken_from) or "-",
        to,
        *map(_sizes, (proposal.before, proposal.after)),
    )


def _sizes(grids: dict[str, tuple[float, int | None]]) -> str:
    """Households of the grids changed, else their areas."""
    return ", ".join(f"{area:,.0f} m²" if count is None else f"{count:,}" for area, count in grids.values())


def _left_row(desk: Desk, left: Left) -> tuple[str, ...]:
    finding = left.finding
    kind, reason = say(f"finding-{finding.kind}", desk.lang), say(f"left-{left.reason}", desk.lang)
    return kind, f"{finding.area_m2:,.3f}", ", ".join(finding.grids), reason


def document(desk: Desk, repair: Repair, crs: str, carried_out: bool) -> dict[str, Any]:
    """The JSON document of `repair --json`."""
    left = finding_documents(tuple(left.finding for left in repair.left), crs)
    return {
        "proposals": [_proposal(proposal, carried_out) for proposal in repair.proposals],
        "left": [plain | {"left": left.reason} for plain, left in zip(left, repair.left, strict=True)],
        "applied": carried_out,
        "complete": repair.report.complete,
        "exact": repair.report.exact,
        "counts": dict(repair.report.counts),
        "seconds": desk.seconds,
        "certificate": repair.report.certificate.to_dict(),
    }


def _proposal(proposal: Proposal, carried_out: bool) -> dict[str, Any]:
    def sizes(grids: dict[str, tuple[float, int | None]]) -> dict[str, dict[str, Any]]:
        return {code: {"area_m2": area, "households": count} for code, (area, count) in grids.items()}

    return {
        "finding": proposal.finding.id,
        "kind": proposal.finding.kind,
        "area_m2": proposal.finding.area_m2,
        "to": list(proposal.to),
        "taken_from": list(proposal.taken_from),
        "before": sizes(proposal.before),
        "after": sizes(proposal.after),
        "needs": proposal.needs,
        "applied": carried_out and not proposal.needs,
    }
