"""`gridgeo reach`: who lives within a walk of a station, and where to stand next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.places import GEOJSON, OutputFile
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.dispatch import Isochrone, ReachParams, ReachResult, SiteResult
    from gridgeo.core.model import Territory

PNG = OutputFile(".png")


@verb("reach")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("--service", "layer", default="stations", show_default=True, help="stations, responders, emergency_units, or places:KIND.")  # fmt: skip  # noqa: E501
@click.option("--minutes", multiple=True, type=click.IntRange(1, 120), default=(3, 5, 10, 15), show_default=True, help="Minutes of walking; again for another ring.")  # fmt: skip  # noqa: E501
@click.option("--busy", multiple=True, metavar="CODE", help="A responder who is busy; again for another.")
@click.option("--station", "stations", type=click.IntRange(1, 200), default=None, help="Propose K new stations.")
@click.option("--aim", type=click.Choice(["cover", "median", "all"]), default="cover", show_default=True, help="Most households, least walking, or the fewest stations for all.")  # fmt: skip  # noqa: E501
@click.option(
    "--within", type=click.IntRange(1, 120), default=5, show_default=True, help="Minutes new stations aim at."
)
@click.option("--isochrones", type=GEOJSON, default=None, help="Streets within each time to write, as GeoJSON.")
@click.option("--picture", type=PNG, default=None, help="Map of the streets within each time to write, as PNG.")
def command(desk: Desk, territory: Path, layer: str, minutes: tuple[int, ...], **options: Any) -> int:
    """Share of households and places of TERRITORY within some minutes of walking, and the gaps.

    With --service responders it is the share reached now: by those on duty who are not busy.
    """
    from gridgeo import service
    from gridgeo.core.dispatch import ReachParams, SiteParams
    from gridgeo.io.read import read_either

    with desk.progress() as progress:
        land = ready(read_either(territory, progress=progress).territory, options["busy"])
        params = ReachParams(limits_s=tuple(sorted({60 * number for number in minutes})), service=layer)
        result = service.reach(land, params)
        sites = None
        if options["stations"] is not None:
            wanted = SiteParams(
                k=options["stations"], aim=options["aim"], limit_s=60 * options["within"], service=layer
            )
            sites = service.sites(land, wanted)
    desk.notices(result.notices)
    rows = [
        (f"{ring.limit_s // 60} min", share(ring.household_share), share(ring.place_share)) for ring in result.rings
    ]
    desk.table("table-reach", ("minutes", "households", "places"), rows)
    if sites is not None:
        show_sites(desk, sites, land)
    write_maps(desk, land, result, params, options)
    desk.document(document(desk, result, sites, land.crs))
    return OK if result.services or sites is not None else BROKEN


def ready(land: Territory, busy: tuple[str, ...]) -> Territory:
    """The territory with the busy off duty.

    Raises
    ------
    NotFoundError
        A code is no responder's.
    """
    from dataclasses import replace

    if not busy:
        return land
    on_duty = land.responders.on_duty.copy()
    on_duty[[land.responders.row(code) for code in busy]] = False
    return replace(land, responders=replace(land.responders, on_duty=on_duty))


def share(value: float | None) -> str:
    """A share as a percentage, or a dash where there is nothing to reach."""
    return "-" if value is None else f"{value:.1%}"


def show_sites(desk: Desk, sites: SiteResult, land: Territory) -> None:
    """Print where new stations would stand and what they bring."""
    from gridgeo.io.crs import lonlat

    points = lonlat([site.xy for site in sites.sites], land.crs)
    rows = [
        (number, f"{lon:.6f},{lat:.6f}", site.households)
        for number, ((lon, lat), site) in enumerate(zip(points, sites.sites, strict=True), start=1)
    ]
    desk.table("table-sites", ("site", "place", "households"), rows)
    lost = sum(gap.households for gap in sites.unreachable)
    facts = [("before", sites.before), ("after", sites.after), ("proven", desk.yes(sites.proven)), ("nobody", lost)]
    desk.lines("table-gain", facts)


def write_maps(desk: Desk, land: Territory, result: ReachResult, params: ReachParams, options: dict[str, Any]) -> None:
    """Write the streets within each time as GeoJSON and as a picture, where asked for."""
    from gridgeo import service
    from gridgeo.io.answers import isochrones_document
    from gridgeo.io.write import write_json

    if options["isochrones"] is None and options["picture"] is None:
        return
    rings = service.isochrones(land, params)
    if options["isochrones"] is not None:
        write_json(isochrones_document(rings, land.crs), options["isochrones"])
        desk.say("wrote", path=options["isochrones"])
    if options["picture"] is not None:
        draw(desk, land, result, rings, options["picture"])
        desk.say("wrote", path=options["picture"])


def draw(desk: Desk, land: Territory, result: ReachResult, rings: tuple[Isochrone, ...], path: Path) -> None:
    """The map of who is reached when."""
    from gridgeo.handover.picture import paint_ground, save_picture
    from gridgeo.handover.reach import paint_reach

    labels = [
        say(
            "legend-minutes",
            desk.lang,
            minutes=ring.limit_s // 60,
            households=share(ring.household_share),
            places=share(ring.place_share),
        )
        for ring in result.rings
    ]
    title = say("picture-reach", desk.lang, name=land.name, services=result.services, service=result.params.service)
    painters = [paint_ground(land, quiet=True), paint_reach([ring.geometry for ring in rings], labels, result.gaps)]
    save_picture(path, land, painters, title=title)


def document(desk: Desk, result: ReachResult, sites: SiteResult | None, crs: str) -> dict[str, Any]:
    """The JSON document of `reach --json`."""
    from gridgeo.io.answers import reach_document

    return reach_document(result, sites, crs) | {"seconds": desk.seconds}
