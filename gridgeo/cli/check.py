"""`gridgeo check`: the proof, or the findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.places import GEOJSON
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport, Finding


@verb("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--boundary", default=None, metavar="FILE[:LAYER]", help="Territory boundary (default: the file's own).")
@click.option("--layer", default=None, help="Layer of polygons (default: grids, else the only one).")
@click.option("--households", nargs=2, type=int, default=None, help="Also check the size band: MIN MAX.")
@click.option("-o", "--output", type=GEOJSON, default=None, help="Faults as GeoJSON.")
def command(
    desk: Desk,
    file: Path,
    boundary: str | None,
    layer: str | None,
    households: tuple[int, int] | None,
    output: Path | None,
) -> int:
    """Prove that the polygons of FILE cover the boundary exactly once, or list every fault with its place."""
    from gridgeo import service
    from gridgeo.io.read import read_cover
    from gridgeo.io.write import write_faults

    with desk.progress() as progress:
        cover = read_cover(file, layer=layer, boundary=boundary, progress=progress)
        report = service.check_cover(cover, band=households, progress=progress)
    if output is not None:
        write_faults(report, output, crs=cover.crs)
    show_report(desk, report)
    if output is not None:
        desk.say("wrote", path=output)
    from gridgeo.io.crs import lonlat

    points = lonlat([finding.point for finding in report.findings], cover.crs)
    desk.document(document(desk, report, points))
    return OK if report.complete and not broken(report) else BROKEN


def broken(report: CoverageReport) -> list[Finding]:
    """Findings that break a rule; vertex mismatches and drift leave the cover complete."""
    return [finding for finding in report.findings if finding.kind not in ("vertex-mismatch", "drift")]


def show_report(desk: Desk, report: CoverageReport, title: str = "table-proof") -> None:
    """Print the verdict and the findings by kind."""
    rows = [("complete", desk.yes(report.complete)), ("exact", desk.yes(report.exact))]
    desk.lines(title, rows)
    if report.findings:
        sums = {kind: sum(f.area_m2 for f in report.findings if f.kind == kind) for kind in report.counts}
        lines = [(say(f"finding-{k}", desk.lang), n, f"{sums[k]:,.3f}") for k, n in report.counts.items()]
        desk.table("table-findings", ("kind", "count", "area_m2"), lines)


def document(desk: Desk, report: CoverageReport, points: Any) -> dict[str, Any]:
    """The JSON document of `check --json`; `points` is (n, 2) longitude and latitude of the findings."""
    return {
        "complete": report.complete,
        "exact": report.exact,
        "findings": [
            {
                "id": finding.id,
                "kind": finding.kind,
                "grids": list(finding.grids),
                "area_m2": finding.area_m2,
                "width_m": finding.width_m,
                "households": finding.households,
                "point": point,
            }
            for finding, point in zip(report.findings, points, strict=True)
        ],
        "counts": dict(report.counts),
        "seconds": desk.seconds,
        "certificate": report.certificate.to_dict(),
    }
