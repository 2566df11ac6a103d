"""`gridgeo demo`: the whole job on the sample town."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridgeo.cli import assign, check, draw, patrol
from gridgeo.cli.console import Desk, verb
from gridgeo.cli.places import FOLDER
from gridgeo.errors import NotFoundError
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.dispatch import AssignmentResult
    from gridgeo.core.model import Progress, Stop
    from gridgeo.core.partition import PlanResult
    from gridgeo.core.patrol import PatrolResult
    from gridgeo.service import Handover

SAMPLE = Path("data", "sample.gpkg")


def sample() -> Path:
    """The sample town: in the working folder, or beside the package.

    Raises
    ------
    NotFoundError
        There is no sample in either place.
    """
    for folder in (Path.cwd(), Path(__file__).parents[2]):
        if (folder / SAMPLE).exists():
            return folder / SAMPLE
    raise NotFoundError("the sample town is not here", where=str(SAMPLE), hint="run in a checkout, or pass --data FILE")


@verb("demo")
@click.option("--out", type=FOLDER, default=Path("out"), show_default=True, help="Folder to fill.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="Another territory file.")
@click.option("--serve", "then_serve", is_flag=True, help="Open the service afterwards.")
def command(desk: Desk, out: Path, data: Path | None, then_serve: bool) -> int:
    """Draw, check, patrol, assign and hand over the sample town; write everything and say where to look."""
    from gridgeo import service
    from gridgeo.core.dispatch import AssignParams
    from gridgeo.core.partition import PlanParams
    from gridgeo.core.patrol import PatrolParams
    from gridgeo.io.read import layer_names, read_cover, read_territory

    source = data or sample()
    with desk.progress() as progress, desk.stopping() as stop:
        territory = read_territory(source, progress=progress)
        before = None
        if "current_grids" in layer_names(source):
            cover = read_cover(source, layer="current_grids", boundary=None, progress=progress)
            before = service.check_cover(cover, band=(300, 500), progress=progress)
        drawn = service.draw(territory, PlanParams(), stop=stop, rng_seed=1, progress=progress)
        proof = service.check(drawn.plan)
        walks = service.patrol(drawn.plan, PatrolParams(), stop=stop, rng_seed=1, progress=progress)
        teams = service.assign(territory, AssignParams(), stop=stop, progress=progress)
        plan_file = write_all(out, drawn, proof, before, walks, teams, desk.lang)
        handed = hand_over(desk, out, plan_file, stop, progress)
        code = desk.exit_code()
    report(desk, drawn, proof, before, walks, teams, plan_file)
    look(desk, out, before is not None, handed is not None)
    if then_serve:
        from dataclasses import replace

        from gridgeo.settings import Settings

        desk.serve(replace(Settings.from_env(), project=str(plan_file)))
    return code


def write_all(
    out: Path,
    drawn: PlanResult,
    proof: CoverageReport,
    before: CoverageReport | None,
    walks: PatrolResult,
    teams: AssignmentResult,
    lang: str,
) -> Path:
    """Write every result into a folder; return the plan file."""
    from gridgeo.io.walks import write_gpx_folder
    from gridgeo.io.write import write_faults, write_json, write_plan, write_routes

    out.mkdir(parents=True, exist_ok=True)
    crs = drawn.plan.territory.crs
    write_plan(drawn, out / "plan.gpkg", certificate=proof.certificate, routes=walks.routes, assignment=teams)
    write_json(proof.certificate.to_dict(), out / "certificate.json")
    if before is not None:
        write_faults(before, out / "faults_of_today.geojson", crs=crs)
    write_routes(walks.routes, out / "routes.geojson", crs=crs)
    write_gpx_folder(walks.routes, out / "gpx", drawn.plan.territory.streets, crs=crs, lang=lang)
    paint(out / "map.png", drawn, lang)
    return out / "plan.gpkg"


def hand_over(desk: Desk, out: Path, plan_file: Path, stop: Stop, progress: Progress) -> Handover | None:
    """Hand the plan over as an office would file and print it; None when cancelled."""
    from gridgeo import service
    from gridgeo.io.read import read_either

    params = service.HandoverParams(lang=desk.lang)
    return service.hand_over(read_either(plan_file), out / "handover", params, stop=stop, progress=progress)


def paint(path: Path, drawn: PlanResult, lang: str) -> None:
    """The plan as a picture, with every station."""
    from gridgeo.core.describe import colors
    from gridgeo.handover.picture import paint_ground, paint_plan, paint_walks, save_picture

    plan = drawn.plan
    stations = plan.territory.stations.xy
    painters = [paint_ground(plan.territory), paint_plan(plan, colors(plan)), paint_walks([], stations)]
    facts = {"name": plan.territory.name, "grids": len(plan), "households": plan.territory.households}
    title = say("picture-title", lang, **facts)
    save_picture(path, plan.territory, painters, title=title)


def report(
    desk: Desk,
    drawn: PlanResult,
    proof: CoverageReport,
    before: CoverageReport | None,
    walks: PatrolResult,
    teams: AssignmentResult,
    plan_file: Path,
) -> None:
    """Print the summary tables and, with --json, one document of everything."""
    desk.notices(drawn.plan.notices)
    if before is not None:
        check.show_report(desk, before, "table-current")
    draw.show_plan(desk, drawn, proof)
    patrol.show_walks(desk, walks)
    assign.show_teams(desk, teams)
    desk.document(
        {
            "draw": draw.document(desk, drawn, proof, plan_file),
            "patrol": patrol.document(desk, walks),
            "assign": assign.document(desk, teams),
            "seconds": desk.seconds,
        }
    )


def look(desk: Desk, out: Path, faults: bool, handed: bool) -> None:
    """Say where the results lie."""
    desk.say("demo-look")
    desk.say("demo-picture", path=out / "map.png")
    desk.say("demo-plan", path=out / "plan.gpkg")
    if faults:
        desk.say("demo-faults", path=out / "faults_of_today.geojson")
    desk.say("demo-routes", path=out / "gpx")
    if handed:
        desk.say("demo-handover", path=out / "handover" / "index.html")
    desk.say("demo-certificate", path=out / "certificate.json")
    desk.say("demo-map", path=out / "plan.gpkg")
