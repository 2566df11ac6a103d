"""`gridgeo check`: the proof, or the findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.nesting import finding_documents, nesting_document, nests, show_nesting
from gridgeo.cli.places import GEOJSON, OutputFile
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport, Finding, Recheck

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@verb("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--boundary", default=None, metavar="FILE[:LAYER]", help="Territory boundary (default: the file's own).")
@click.option("--layer", default=None, help="Layer of polygons (default: grids, else the only one).")
@click.option("--households", nargs=2, type=int, default=None, help="Also check the size band: MIN MAX.")
@click.option("--nest", multiple=True, metavar="LEVEL", help="Also: do they tile each communities, subdistrict, …?")
@click.option("--allowed", multiple=True, metavar="ID|FILE", help="Findings that are meant: an id, or a file of ids.")
@click.option(
    "--drift", type=float, default=1e-6, show_default=True, help="Width in metres up to which it is rounding."
)
@click.option("--buildings", default=None, metavar="FILE[:LAYER]", help="Count households in faults (default: own).")
@click.option("--certificate", type=OutputFile(".json"), default=None, help="Write the certificate as JSON.")
@click.option("--recheck", type=_FILE, default=None, metavar="CERTIFICATE", help="Does this certificate still hold?")
@click.option("-o", "--output", type=GEOJSON, default=None, help="Faults as GeoJSON.")
def command(
    desk: Desk,
    file: Path,
    boundary: str | None,
    layer: str | None,
    households: tuple[int, int] | None,
    nest: tuple[str, ...],
    allowed: tuple[str, ...],
    drift: float,
    buildings: str | None,
    certificate: Path | None,
    recheck: Path | None,
    output: Path | None,
) -> int:
    """Prove that the polygons of FILE cover the boundary exactly once, or list every fault with its place."""
    from gridgeo import service
    from gridgeo.io.certificates import allowed_ids, read_certificate
    from gridgeo.io.geodesy import map_metres
    from gridgeo.io.homes import read_homes
    from gridgeo.io.levels import read_level
    from gridgeo.io.read import read_cover

    with desk.progress() as progress:
        told = None if recheck is None else read_certificate(recheck)
        cover = read_cover(file, layer=layer, boundary=boundary, progress=progress)
        homes = read_homes(file, buildings, cover.crs)
        ids = allowed_ids(allowed)
        report = service.check_cover(cover, band=households, allowed=ids, drift_m=drift, homes=homes, progress=progress)
        levels = [read_level(file, cover, name) for name in nest]
        nested = [(level, service.check_level(cover, level, drift_m=drift)) for level in levels]
    held = None if told is None else service.recheck(told, report)
    notices = map_metres(cover.crs, cover.geometry)
    desk.notices(notices)
    show_report(desk, report)
    show_nesting(desk, nested, cover)
    _tell(desk, report, held)
    _write(desk, report, cover.crs, certificate, output)
    extra: dict[str, Any] = {} if not nested else {"nesting": nesting_document(nested, cover)}
    extra |= {"notices": [vars(notice) for notice in notices]} if notices else {}
    extra |= {} if held is None else {"recheck": {**vars(held), "holds": held.holds}}
    if desk.as_json:
        desk.document(document(desk, report, cover.crs) | extra)
    sound = report.complete and not broken(report) and nests(nested, cover) and (held is None or held.holds)
    return OK if sound else BROKEN


def _tell(desk: Desk, report: CoverageReport, held: Recheck | None) -> None:
    if report.allowed:
        desk.say("allowed-findings", count=len(report.allowed))
    if held is not None and held.holds:
        desk.say("recheck-same")
    elif held is not None:
        desk.say("recheck-differs", differs=", ".join(held.differs or (() if held.coherent else ("sum",))) or "grids")
        if held.grids:
            desk.say("recheck-grids", codes=", ".join(held.grids))


def _write(desk: Desk, report: CoverageReport, crs: str, certificate: Path | None, output: Path | None) -> None:
    from gridgeo.io.write import write_faults, write_json

    if certificate is not None:
        write_json(report.certificate.to_dict(), certificate)
        desk.say("wrote", path=certificate)
    if output is not None:
        write_faults(report, output, crs=crs)
        desk.say("wrote", path=output)


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


def document(desk: Desk, report: CoverageReport, crs: str) -> dict[str, Any]:
    """The JSON document of `check --json`."""
    return {
        "complete": report.complete,
        "exact": report.exact,
        "findings": finding_documents(report.findings, crs),
        "allowed": [finding.id for finding in report.allowed],
        "counts": dict(report.counts),
        "seconds": desk.seconds,
        "certificate": report.certificate.to_dict(),
    }
