"""`gridgeo assign`: emergency units <- responders."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import Desk, verb
from gridgeo.cli.places import GEOPACKAGE

if TYPE_CHECKING:
    from gridgeo.core.dispatch import AssignmentResult


@verb("assign")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="File with assignments to write.")
@click.option("--members", type=int, default=5, show_default=True, help="Members of a team, beside the lead.")
@click.option("--lead/--no-lead", default=True, show_default=True, help="Each team has a qualified lead.")
@click.option("--max-walk", type=int, default=900, show_default=True, help="Longest walk, seconds.")
@click.option("--per-person", type=int, default=2, show_default=True, help="Teams one person may join.")
@click.option("--objective", type=click.Choice(["total", "max"]), default="total", show_default=True)
def command(
    desk: Desk,
    territory: Path,
    output: Path,
    members: int,
    lead: bool,
    max_walk: int,
    per_person: int,
    objective: str,
) -> int:
    """Give each emergency unit of TERRITORY (or of a plan) a lead and members, exactly."""
    from gridgeo import service
    from gridgeo.core.dispatch import AssignParams
    from gridgeo.io.read import read_either
    from gridgeo.io.write import write_either

    params = AssignParams(
        members=members,
        lead=lead,
        max_walk_s=max_walk,
        per_person=per_person,
        objective="max" if objective == "max" else "total",
    )
    with desk.progress() as progress, desk.stopping() as stop:
        project = read_either(territory, progress=progress)
        result = service.assign(project.territory, params, stop=stop, progress=progress)
        code = desk.exit_code()
    write_either(project, output, assignment=result)
    desk.notices(result.notices)
    show_teams(desk, result)
    desk.say("wrote", path=output)
    desk.document(document(desk, result))
    return code


def show_teams(desk: Desk, result: AssignmentResult) -> None:
    """Print the teams in a few lines."""
    rows = [
        ("assignments", len(result.assignments)),
        ("missing_people", sum(shortage.missing for shortage in result.shortages)),
        ("max_walk_s", result.max_walk_s),
        ("total_walk_min", f"{result.total_walk_s / 60:,.0f}"),
        ("proven_share", desk.yes(result.proven)),
    ]
    desk.lines("table-teams", rows)


def document(desk: Desk, result: AssignmentResult) -> dict[str, Any]:
    """The JSON document of `assign --json`."""
    return {
        "assignments": [asdict(pair) for pair in result.assignments],
        "shortages": [asdict(shortage) for shortage in result.shortages],
        "total_walk_s": result.total_walk_s,
        "max_walk_s": result.max_walk_s,
        "bound": result.bound,
        "proven": result.proven,
        "seconds": desk.seconds,
    }
