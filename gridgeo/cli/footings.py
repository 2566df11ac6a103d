"""`gridgeo footings`: what changes between two states of readiness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridgeo.cli.console import Desk, verb
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.dispatch import FootingChange


@verb("footings")
@click.argument("territory", type=click.Path(path_type=Path))
@click.argument("before", default="normal")
@click.argument("after", default="level-1")
@click.option("--footings", "file", type=click.Path(path_type=Path), default=None, help="JSON file of your own footings.")  # fmt: skip  # noqa: E501
def command(desk: Desk, territory: Path, before: str, after: str, file: Path | None) -> int:
    """Man the units of TERRITORY on two footings, and tell who joins, who leaves and who leads.

    Known by themselves: normal, level-3, level-2, level-1. A file adds footings or replaces them by name.
    """
    from gridgeo import service
    from gridgeo.io.answers import footings_document
    from gridgeo.io.read import read_either
    from gridgeo.io.readiness import footing_named, read_footings

    known = read_footings(file)
    pair = footing_named(known, before), footing_named(known, after)
    with desk.progress() as progress, desk.stopping() as stop:
        land = read_either(territory, progress=progress).territory
        change = service.compare_footings(land, *pair, stop=stop, progress=progress)
        code = desk.exit_code()
    desk.notices(change.after.notices)
    show(desk, change, before, after)
    desk.document({"footings": [before, after]} | footings_document(change) | {"seconds": desk.seconds})
    return code


def show(desk: Desk, change: FootingChange, before: str, after: str) -> None:
    """Print both footings side by side, then what changes at each unit."""
    names = ("seats", "missing_leads", "missing_members", "max_walk_s", "total_walk_s")
    rows = [(say(name, desk.lang), getattr(change.before, name), getattr(change.after, name)) for name in names]
    rows.insert(1, (say("assignments", desk.lang), len(change.before.assignments), len(change.after.assignments)))
    desk.table("table-footings", ("what", before, after), rows)
    units = [
        (
            unit.unit,
            " ".join(unit.joins) or "-",
            " ".join(unit.leaves) or "-",
            unit.lead_before or "-",
            unit.lead_after or "-",
        )
        for unit in change.changes
    ]
    if units:
        desk.table("table-changes", ("unit", "joins", "leaves", "lead_before", "lead_after"), units)
