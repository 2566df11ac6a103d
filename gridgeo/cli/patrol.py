"""`gridgeo patrol`: plan -> walking routes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.keep import keep_orders
from gridgeo.cli.places import FOLDER, GEOJSON, GEOPACKAGE
from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.core.model import Plan
    from gridgeo.core.patrol import PatrolResult

GROUPS = {"adult": (1.2, 0.5), "brisk": (1.4, 0.6), "elderly": (0.9, 0.35)}
"""Speeds of groups of persons on the level and on stairs, metres per second."""
MODES = ("streets", "stops", "both")
TOLD = ("grid", "officer", "round", "day", "length_m", "walk_s", "service_s", "deadhead_m", "bound_m", "proven")


@verb("patrol")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="Plan file with routes to write.")
@click.option("--mode", type=click.Choice(MODES), default="streets", show_default=True, help="What a walk covers.")
@click.option("--officers", type=int, default=1, show_default=True, help="Officers who share each grid.")
@click.option("--rounds", type=int, default=2, show_default=True, help="Walks a day.")
@click.option("--days", type=int, default=1, show_default=True, help="Days, their walks unlike each other.")
@click.option("--minutes", type=float, default=None, help="Longest walk; longer ones are shared out.")
@click.option("--sides", type=click.IntRange(1, 2), default=1, show_default=True, help="Walk one or both sides.")
@click.option("--borders", "border", type=click.Choice(("once", "both")), default="once", show_default=True,
              help="Streets on the border of two grids: walked by one of them, or by both.")  # fmt: skip
@click.option("--start", type=click.Choice(("station", "best")), default="station", show_default=True,
              help="Begin at the station, or where the walk is shortest.")  # fmt: skip
@click.option("--open", "open_end", is_flag=True, help="Walks may end anywhere.")
@click.option("--group", type=click.Choice(sorted(GROUPS)), default="adult", show_default=True,
              help="Who walks: speed on the level and on stairs.")  # fmt: skip
@click.option("--speed", "speed_m_per_s", type=float, default=None, help="Metres per second, instead of the group's.")
@click.option("--steps-speed", "steps_speed_m_per_s", type=float, default=None,
              help="Metres per second on stairs, instead of the group's.")  # fmt: skip
@click.option("--rural-speed", "rural_speed_m_per_s", type=float, default=None,
              help="Metres per second in rural grids, e.g. 4 by e-bike.")  # fmt: skip
@click.option("--crossing", "crossings", multiple=True, metavar="CLASS=SECONDS",
              help="What crossing a street of a class takes, e.g. primary=30; may be repeated.")  # fmt: skip
@click.option("--prove", is_flag=True, help="Seek proofs where streets do not touch, at 0.1 s or more a grid.")
@click.option("--grid", "grids", multiple=True, help="Plan this grid only; may be repeated.")
@click.option("--last", type=click.Path(path_type=Path), default=None,
              help="File of walks walked before, for the new ones to be unlike.")  # fmt: skip
@click.option("--gpx", type=FOLDER, default=None, help="Folder for one GPX track a walk.")
@click.option("--turns", type=FOLDER, default=None, help="Folder for turn lists: CSV, and pages to print.")
@click.option("--pictures", type=FOLDER, default=None, help="Folder for one picture a walk.")
@click.option("--geojson", type=GEOJSON, default=None, help="All walks as GeoJSON.")
@click.option("--seconds", type=float, default=None, help="Time limit; the walks found so far are kept.")
@click.option("--rng-seed", type=int, default=1, show_default=True, help="Same input and seed, same bytes.")
def command(
    desk: Desk,
    plan: Path,
    output: Path,
    grids: tuple[str, ...],
    last: Path | None,
    group: str,
    crossings: tuple[str, ...],
    gpx: Path | None,
    turns: Path | None,
    pictures: Path | None,
    geojson: Path | None,
    seconds: float | None,
    rng_seed: int,
    **asked: Any,
) -> int:
    """Walk every walkable street of each grid of PLAN once, from its station, at provably least length."""
    from gridgeo import service
    from gridgeo.core.patrol import BrokenGrids, PatrolParams
    from gridgeo.io.read import plan_in, read_either
    from gridgeo.io.walks import read_walks
    from gridgeo.io.write import write_routes

    usual = dict(zip(("speed_m_per_s", "steps_speed_m_per_s"), GROUPS[group], strict=True))
    asked |= {name: speed for name, speed in usual.items() if asked[name] is None}
    # the options not named above bear the names of the fields
    params = PatrolParams(**asked, crossings=tuple(crossing_of(word) for word in crossings))
    with desk.progress() as progress, desk.stopping(seconds) as stop:
        project = read_either(plan, progress=progress)
        drawn = plan_in(project, plan)
        walked = None if last is None else read_walks(last, crs=drawn.territory.crs)
        failure = None
        try:
            result = service.patrol(
                drawn, params, grids=grids or None, last=walked, stop=stop, rng_seed=rng_seed, progress=progress
            )
        except BrokenGrids as error:
            failure, result = error, error.result
        failed = any(notice.kind == "patrol-failed" for notice in result.notices)
        code = desk.exit_code(BROKEN if failed else OK)
    keep_orders(project, output, walks=result)
    if geojson is not None:
        write_routes(result.routes, geojson, crs=drawn.territory.crs)
    hand_out(desk, drawn, result, gpx=gpx, turns=turns, pictures=pictures)
    desk.notices(result.notices)
    show_walks(desk, result)
    show_missed(desk, result)
    desk.say("wrote", path=output)
    if failure is not None:
        raise failure.exceptions[0]
    desk.document(document(desk, result))
    return code


def crossing_of(word: str) -> tuple[str, float]:
    """Class of street and seconds of an option like primary=30.

    Raises
    ------
    InputError
        The word has another form.
    """
    name, _, seconds = word.partition("=")
    try:
        return name.strip(), float(seconds)
    except ValueError as error:
        raise InputError(f"{word!r} is no crossing", where="--crossing", hint="write CLASS=SECONDS") from error


def hand_out(
    desk: Desk, plan: Plan, result: PatrolResult, *, gpx: Path | None, turns: Path | None, pictures: Path | None
) -> None:
    """Write the walks for phone and desk into the folders asked for."""
    from gridgeo.handover.walks import save_walk_pictures, write_walk_pages
    from gridgeo.io.walks import write_gpx_folder, write_turn_folder

    town, routes, lang = plan.territory, result.routes, desk.lang
    if gpx is not None:
        write_gpx_folder(routes, gpx, town.streets, crs=town.crs, lang=lang, places=town.places)
    if turns is not None:
        write_turn_folder(routes, turns, town.streets, crs=town.crs, lang=lang, places=town.places)
        write_walk_pages(routes, turns, plan, lang=lang, pictures=pictures == turns)
    if pictures is not None:
        save_walk_pictures(routes, pictures, plan, lang=lang)


def show_missed(desk: Desk, result: PatrolResult) -> None:
    """Print the places that walks miss, why, and what would help."""
    from gridgeo.words import say

    rows = dict.fromkeys(
        (
            missed.grid,
            missed.name or missed.street,
            missed.times,
            say(f"reason-{missed.reason}", desk.lang),
            say(f"change-{missed.change}", desk.lang, minutes=round(missed.change_s / 60)),
        )
        for missed in result.unreached
        if missed.change
    )
    desk.table("table-missed", ("grid", "place", "times", "reason", "remedy"), list(rows))


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
        ("spread", "" if result.spread is None else f"{result.spread:.2f}"),
        *([] if result.spread_most is None else [("spread-most", f"{result.spread_most:.2f}")]),
        ("unreached", sum(missed.length_m > 0 for missed in result.unreached)),
        ("grids-without-walk", sum(notice.kind == "grid-without-streets" for notice in result.notices)),
    ]
    desk.lines("table-walks", rows)


def document(desk: Desk, result: PatrolResult) -> dict[str, Any]:
    """The JSON document of `patrol --json`."""
    return {
        "routes": [{name: getattr(route, name) for name in TOLD} for route in result.routes],
        "unreached": [vars(replace(street)) for street in result.unreached],
        "longest": [vars(replace(share)) for share in result.longest],
        "spread": result.spread,
        "spread_most": result.spread_most,
        "spreads": result.spreads,
        "notices": [vars(notice) for notice in result.notices],
        "seconds": desk.seconds,
    }
