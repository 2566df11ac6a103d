"""`gridgeo inspect`: what is in a file, and what is missing for which verb."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.check import document as report_document
from gridgeo.cli.check import show_report
from gridgeo.cli.console import OK, Desk, verb
from gridgeo.cli.import_ import show_territory, summary
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.model import Territory

NEEDS = {
    "draw": ("atoms",),
    "patrol": ("streets", "stations"),
    "assign": ("emergency_units", "responders"),
}
CURRENT_GRIDS = ("current_grids", "grids")


@verb("inspect")
@click.argument("file", type=click.Path(path_type=Path))
def command(desk: Desk, file: Path) -> int:
    """Say what FILE holds, how sound its present grids are, and what each verb still needs."""
    from gridgeo import service
    from gridgeo.io.read import layer_names, read_cover, read_territory

    with desk.progress() as progress:
        territory = read_territory(file, progress=progress)
        current = next((name for name in CURRENT_GRIDS if name in layer_names(file)), None)
        report = None
        if current is not None:
            cover = read_cover(file, layer=current, boundary=None, progress=progress)
            report = service.check_cover(cover, band=(300, 500), progress=progress)
    desk.notices(territory.notices)
    show_territory(desk, territory)
    lacking = missing(territory)
    rows = [
        (name, ", ".join(say(n, desk.lang) for n in lack) or say("ready", desk.lang)) for name, lack in lacking.items()
    ]
    desk.table("table-needs", ("verb", "missing"), rows)
    told: dict[str, Any] = summary(territory) | {"missing": lacking, "current": None, "seconds": desk.seconds}
    if report is not None:
        show_report(desk, report, "table-current")
        told["current"] = report_document(desk, report, territory.crs)
    told["notices"] = [vars(notice) for notice in territory.notices]
    desk.document(told)
    return OK


def missing(territory: Territory) -> dict[str, list[str]]:
    """Layers each verb would need and the territory lacks."""
    return {name: [layer for layer in layers if not len(getattr(territory, layer))] for name, layers in NEEDS.items()}
