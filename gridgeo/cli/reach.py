"""`gridgeo reach`: who lives within a walk of a station, and where to stand next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import OK, Desk, verb

if TYPE_CHECKING:
    from gridgeo.core.dispatch import ReachResult, SiteResult


@verb("reach")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("--service", "layer", default="stations", show_default=True, help="stations, responders, or places:KIND.")
@click.option("--minutes", multiple=True, type=click.IntRange(1, 120), default=(3, 5, 15), show_default=True)
@click.option("--station", "stations", type=click.IntRange(1, 200), default=None, help="Propose K new stations.")
def command(desk: Desk, territory: Path, layer: str, minutes: tuple[int, ...], stations: int | None) -> int:
    """Share of households and places of TERRITORY within some minutes of walking, and the gaps."""
    from gridgeo import service
    from gridgeo.core.dispatch import ReachParams, SiteParams
    from gridgeo.io.read import read_either

    with desk.progress() as progress:
        land = read_either(territory, progress=progress).territory
        limits = tuple(sorted({60 * number for number in minutes}))
        result = service.reach(land, ReachParams(limits_s=limits, service=layer))
        sites = None if stations is None else service.sites(land, SiteParams(k=stations, service=layer))
    desk.notices(result.notices)
    rows = [
        (f"{ring.limit_s // 60} min", share(ring.household_share), share(ring.place_share)) for ring in result.rings
    ]
    desk.table("table-reach", ("minutes", "households", "places"), rows)
    if sites is not None:
        show_sites(desk, sites)
    desk.document(document(desk, result, sites, land.crs))
    return OK


def share(value: float | None) -> str:
    """A share as a percentage, or a dash where there is nothing to reach."""
    return "-" if value is None else f"{value:.1%}"


def show_sites(desk: Desk, sites: SiteResult) -> None:
    """Print where new stations would stand and what they bring."""
    rows = [(number, f"{s.xy[0]:.0f} {s.xy[1]:.0f}", s.households) for number, s in enumerate(sites.sites, start=1)]
    desk.table("table-sites", ("site", "place", "households"), rows)
    desk.lines("table-gain", [("before", sites.before), ("after", sites.after), ("proven", desk.yes(sites.proven))])


def document(desk: Desk, result: ReachResult, sites: SiteResult | None, crs: str) -> dict[str, Any]:
    """The JSON document of `reach --json`."""
    from gridgeo.io.crs import lonlat

    gaps = zip(result.gaps, lonlat([gap.xy for gap in result.gaps], crs), strict=True)
    told: dict[str, Any] = {
        "rings": [vars(ring) for ring in result.rings],
        "gaps": [
            {"code": g.code, "kind": g.kind, "households": g.households, "walk_s": g.walk_s, "point": point}
            for g, point in gaps
        ],
        "households": result.households,
        "places": result.places,
        "services": result.services,
        "seconds": desk.seconds,
    }
    if sites is not None:
        points = lonlat([site.xy for site in sites.sites], crs)
        told["sites"] = [{"point": p, "households": s.households} for p, s in zip(points, sites.sites, strict=True)]
        told |= {name: getattr(sites, name) for name in ("before", "after", "value", "bound", "proven")}
        told["unreachable"] = [gap.code for gap in sites.unreachable]
    return told
