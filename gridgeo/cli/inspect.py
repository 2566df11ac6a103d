"""`gridgeo inspect`: what is in a file, how sound it is, and what is missing for which verb."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.check import document as report_document
from gridgeo.cli.check import show_report
from gridgeo.cli.console import OK, Desk, verb
from gridgeo.cli.import_ import show_territory, summary
from gridgeo.cli.places import OutputFile
from gridgeo.cli.source import inspect_source
from gridgeo.errors import InputError
from gridgeo.words import say, told

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.model import Notice, Territory
    from gridgeo.core.territory import CommunityState, Diagnosis

NEEDS = {
    "draw": ("atoms",),
    "patrol": ("streets",),
    "assign": ("emergency_units", "responders"),
    "reach": ("streets", "stations"),
}
CURRENT_GRIDS = ("current_grids", "grids")
PARTS = {"atoms", "streets", "buildings"}
SHOWN = 20


@verb("inspect")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--households", nargs=2, type=int, default=(300, 500), show_default=True, help="Size band: MIN MAX.")
@click.option("--picture", type=OutputFile(".png", ".pdf"), default=None, help="One page of a territory: PNG or PDF.")
@click.option("--encoding", default=None, help="Text encoding of a source (default: UTF-8, else GB18030).")
def command(desk: Desk, file: Path, households: tuple[int, int], picture: Path | None, encoding: str | None) -> int:
    """Say what FILE holds.

    Of a territory: how sound it and its present grids are, and what each verb still needs. Of any other source: the
    role and columns it seems to fill, with samples, and the import command that says so.
    """
    from gridgeo.io.read import layer_names

    names = set(layer_names(file))
    if "boundary" in names and names & PARTS:
        return inspect_territory(desk, file, households, picture)
    if picture is not None:
        raise InputError("only a territory has a picture", where=str(file), hint="import it first")
    return inspect_source(desk, file, encoding)


def inspect_territory(desk: Desk, file: Path, band: tuple[int, int], picture: Path | None) -> int:
    """Diagnosis of a territory or plan file."""
    from gridgeo import service
    from gridgeo.io.read import layer_names, read_cover, read_territory

    with desk.progress() as progress:
        territory = read_territory(file, progress=progress)
        diagnosis = service.diagnose(territory, band)
        current = next((name for name in CURRENT_GRIDS if name in layer_names(file)), None)
        report = None
        if current is not None:
            cover = read_cover(file, layer=current, boundary=None, progress=progress)
            report = service.check_cover(cover, band=band, progress=progress)
    notices = (*territory.notices, *diagnosis.notices)
    desk.notices(notices)
    show_territory(desk, territory)
    show_communities(desk, diagnosis)
    lacking = missing(territory)
    rows = [
        (name, ", ".join(say(n, desk.lang) for n in lack) or say("ready", desk.lang)) for name, lack in lacking.items()
    ]
    desk.table("table-needs", ("verb", "missing"), rows)
    if report is not None:
        show_report(desk, report, "table-current")
    if picture is not None:
        paint(desk, picture, territory, diagnosis, report, notices)
    desk.document(document(desk, territory, diagnosis, report, notices))
    return OK


def document(
    desk: Desk,
    territory: Territory,
    diagnosis: Diagnosis,
    report: CoverageReport | None,
    notices: tuple[Notice, ...],
) -> dict[str, Any]:
    """The JSON document of `inspect --json` for a territory."""
    return {
        "kind": "territory",
        **summary(territory),
        "estimated": int(territory.atoms.households[territory.atoms.estimated].sum()),
        "band": diagnosis.band,
        "by_community": [vars(state) for state in diagnosis.communities],
        "atoms_above_band": territory.atoms.code[diagnosis.giants].tolist(),
        "atoms_without_count": territory.atoms.code[diagnosis.null].tolist(),
        "street_pieces": [piece.length_m for piece in diagnosis.street_pieces],
        "missing": missing(territory),
        "current": None if report is None else report_document(desk, report, territory.crs),
        "notices": [vars(notice) for notice in notices],
        "seconds": desk.seconds,
    }


def show_communities(desk: Desk, diagnosis: Diagnosis) -> None:
    """Print the communities with what is odd about them: those with most households, and the rest as a number."""
    states = sorted(diagnosis.communities, key=lambda state: -state.households)
    rows = [
        (
            f"{state.name or state.code}",
            f"{state.households:,}",
            state.atoms,
            state.null_atoms,
            state.pieces,
            _possible(state, desk.lang),
        )
        for state in states[:SHOWN]
    ]
    header = ("community", "households", "atoms", "null_households", "pieces", "grids-possible")
    desk.table("table-communities", header, rows)
    if len(states) > SHOWN:
        desk.say("more-communities", count=len(states) - SHOWN)


def _possible(state: CommunityState, lang: str) -> str:
    """Numbers of grids a community's households allow; a dash where nothing is bound to a band."""
    if state.fewest == state.most == 0:
        return "-"
    return f"{state.fewest}-{state.most}" if state.fewest <= state.most else say("no", lang)


def paint(
    desk: Desk,
    path: Path,
    territory: Territory,
    diagnosis: Diagnosis,
    report: CoverageReport | None,
    notices: tuple[Notice, ...],
) -> None:
    """Write the one-page picture: the diagnosis first, then what import said."""
    from gridgeo.handover.sheet import save_sheet

    shown = summary(territory)
    numbers = ("area_km2", "households", "atoms", "null_households", "communities", "buildings", "streets_km")
    lines = [f"{say(name, desk.lang)}: {shown[name]:,}" for name in numbers]
    if report is not None:
        counts = ", ".join(f"{say(f'finding-{kind}', desk.lang)} {count}" for kind, count in report.counts.items())
        lines.append(f"{say('table-current', desk.lang)}: {counts or say('complete', desk.lang)}")
    ordered = (*diagnosis.notices, *(notice for notice in notices if notice not in diagnosis.notices))
    lines += [told(notice, desk.lang) for notice in ordered]
    save_sheet(path, territory, diagnosis, lines, lang=desk.lang)
    desk.say("wrote", path=path)


def missing(territory: Territory) -> dict[str, list[str]]:
    """Layers each verb would need and the territory lacks."""
    return {name: [layer for layer in layers if not len(getattr(territory, layer))] for name, layers in NEEDS.items()}
