"""`gridgeo patrol`: plan -> walking routes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import Desk, verb
from gridgeo.cli.places import FOLDER, GEOJSON, GEOPACKAGE

if TYPE_CHECKING:
    from gridgeo.core.patrol import PatrolResult

MODES = ("streets", "stops", "both")


@verb("patrol")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="Plan file with routes to write.")
@click.option("--mode", type=click.Choice(MODES), default="streets", show_default=True, help="What a walk covers.")
@click.option("--officers", type=int, default=1, show_default=True, help="Officers who share each grid.")
@click.option("--rounds", type=int, default=2, show_default=True, help="Walks a day.")
@click.option("--days", type=int, default=1, show_default=True, help="Days, their walks unlike each other.")
@click.option("--minutes", type=float, default=None, help="Longest walk; longer ones are shared out.")
@click.option("--sides", type=click.IntRange(1, 2), default=1, show_default=True, help="Walk one or both sides.")
@click.option("--gpx", type=FOLDER, default=None, help="Folder for one GPX track a walk.")
@click.option("--geojson", type=GEOJSON, default=None, help="All walks as GeoJSON.")
@click.option("--seconds", type=float, default=None, help="Time limit; the walks found so far are kept.")
@click.option("--rng-seed", type=int, default=1, show_default=True)
def command(
    desk: Desk,
    plan: Path,
    output: Path,
    gpx: Path | None,
    geojson: Path | None,
    seconds: float | None,
    rng_seed: int,
    **asked: Any,
) -> int:
    """Walk every walkable street of each grid of PLAN once, from its station, at provably least length."""
    from gridgeo import service
    from gridgeo.core.patrol import PatrolParams
    from gridgeo.io.read import plan_in, read_either
    from gridgeo.io.walks import write_gpx_folder
    from gridgeo.io.write import write_either, write_routes

    params = PatrolParams(**asked)  # the options not named above bear the names of its fields
    with desk.progress() as progress, desk.stopping(seconds) as stop:
        project = read_either(plan, progress=progress)
        drawn = plan_in(project, plan)
        result = service.patrol(drawn, params, stop=stop, rng_seed=rng_seed, progress=progress)
        code = desk.exit_code()
    write_either(project, output, routes=result.routes)
    if gpx is not None:
        streets, crs = drawn.territory.streets, drawn.territory.crs
        write_gpx_folder(result.routes, gpx, streets, crs=crs, lang=desk.lang)
    if geojson is not None:
        write_routes(result.routes, geojson, crs=drawn.territory.crs)
    desk.notices(result.notices)
    show_walks(desk, result)
    desk.say("wrote", path=output)
    desk.document(document(desk, result))
    return code


def show_walks(desk: Desk, result: PatrolResult) -> None:
    """Print the walks in a few lines."""
    routes = result.routes
    number = max(len(routes), 1)
    length = sum(route.length_m for route in routes)
    rows = [
        ("routes", len(routes)),
        ("mean_length_m", f"{length / number:,.0f}"),
        ("mean_walk_min", f"{sum(route.walk_s for route in routes) / number / 60:.0f}"),
        ("longest_walk_min", f"{max((route.walk_s for route in routes), default=0) / 60:.0f}"),
        ("deadhead_share", f"{sum(route.deadhead_m for route in routes) / max(length, 1):.1%}"),
        ("proven_share", f"{sum(route.proven for route in routes) / number:.0%}"),
        ("unreached", len(result.unreached)),
        ("grids-without-walk", sum(notice.kind == "grid-without-streets" for notice in result.notices)),
    ]
    desk.lines("table-walks", rows)


def document(desk: Desk, result: PatrolResult) -> dict[str, Any]:
    """The JSON document of `patrol --json`."""
    told = ("grid", "officer", "round", "day", "length_m", "walk_s", "service_s", "deadhead_m", "bound_m", "proven")
    return {
        "routes": [{name: getattr(route, name) for name in told} for route in result.routes],
        "unreached": [vars(replace(street)) for street in result.unreached],
        "notices": [vars(notice) for notice in result.notices],
        "seconds": desk.seconds,
    }
