"""`gridgeo edit`: a plan changed by hand."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import Desk, verb
from gridgeo.cli.places import GEOPACKAGE
from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport
    from gridgeo.core.edit import Edit, EditDesk, GridEdit, Outcome, Record

LARGEST = 100_000_000
"""Bytes of edits read at most."""


@verb("edit")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="Plan file to write.")
@click.option("--edits", default=None, metavar="FILE|-", help="JSON list of edits; - reads them from stdin.")
@click.option("--undo", type=click.IntRange(1), default=None, metavar="N", help="Take back the last N steps first.")
@click.option("--unlock", multiple=True, metavar="GRID", help="Free the ground of a grid.")
@click.option("--move", multiple=True, metavar="ATOM", help="Give an atom to the grid of --to.")
@click.option("--to", default=None, metavar="GRID", help="Grid that takes the atoms of --move.")
@click.option("--merge", nargs=2, multiple=True, metavar="GRID GRID", help="Make two grids one; the first code stays.")
@click.option("--split", nargs=2, type=(str, int), multiple=True, metavar="GRID N", help="Draw a grid anew as N.")
@click.option("--rename", nargs=2, multiple=True, metavar="GRID NAME", help="Give a grid another name.")
@click.option("--fix-rest", is_flag=True, help="Mend around what breaks a rule, moving few households.")
@click.option("--lock", multiple=True, metavar="GRID", help="Keep the ground of a grid from now on.")
@click.option("--strict", is_flag=True, help="Refuse edits that leave the band, mix communities or cut compounds.")
@click.option("--codes", default=None, metavar="SCHEME", help="Code scheme of new grids (default: the plan's).")
@click.option("--seconds", type=float, default=None, help="Time limit for edits that draw.")
def command(
    desk: Desk,
    plan: Path,
    output: Path,
    edits: str | None,
    undo: int | None,
    strict: bool,
    codes: str | None,
    seconds: float | None,
    **options: Any,
) -> int:
    """Change PLAN by hand: all edits of one call are one step, done as a whole or not at all.

    The log of steps travels with the file, so that `--undo N` works in a later call.
    """
    from gridgeo import service
    from gridgeo.core.edit import EditParams, History, history_from, history_text, taken_back
    from gridgeo.core.model import scheme_of
    from gridgeo.gpkg.files import spare
    from gridgeo.io.read import plan_in, read_either
    from gridgeo.io.write import write_plan

    step = (*edits_of(edits), *simple_edits(**options))
    if not step and undo is None:
        raise InputError(
            "there is nothing to do", where="edit", hint="give --edits, --undo or an option such as --move"
        )
    spare(output)  # told before the work, not after
    with desk.progress() as progress, desk.stopping(seconds) as stop:
        project = read_either(plan, progress=progress)
        now, told = plan_in(project, plan), project.metadata
        history = history_from(told.get("edits", ""), now)
        scheme = codes or told.get("codes", "default")
        params = EditParams(strict=strict, codes=scheme_of(scheme))
        locked = frozenset(json.loads(told.get("locked", "[]")))
        if undo is not None:
            before, history = taken_back(history, undo, params)
            now, locked = before.plan(), before.locked
        table = service.edit_desk(now, params, locked=locked, stop=stop)
        outcome = table.apply(*step) if step else None
        after = table.plan()
        report = service.check(after)
        code = desk.exit_code()
    history = History(history.start, (*history.log, *table.log), history.locked)
    about = {"edits": history_text(history, after), "locked": json.dumps(sorted(table.locked)), "codes": scheme}
    write_plan(after, output, certificate=report.certificate, metadata=about)
    show(desk, outcome, table, len(history.log))
    desk.say("wrote", path=output)
    desk.document(document(desk, table, outcome, report, history.log, output))
    return code


def edits_of(source: str | None) -> tuple[Edit, ...]:
    """Edits of a JSON file or of stdin (-); none without a source.

    Raises
    ------
    InputError
        It cannot be read or is no JSON.
    SchemaError
        It holds other things than edits; lists every fault.
    """
    from gridgeo.core.edit import edits_from

    if source is None:
        return ()
    try:
        content = sys.stdin.buffer.read(LARGEST) if source == "-" else Path(source).read_bytes()[:LARGEST]
        values = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"the edits cannot be read: {error}", where=source, hint="give a JSON list of edits"
        ) from error
    return edits_from(values.get("edits", values) if isinstance(values, dict) else values)


def simple_edits(
    *,
    unlock: tuple[str, ...],
    move: tuple[str, ...],
    to: str | None,
    merge: tuple[tuple[str, str], ...],
    split: tuple[tuple[str, int], ...],
    rename: tuple[tuple[str, str], ...],
    fix_rest: bool,
    lock: tuple[str, ...],
) -> tuple[Edit, ...]:
    """Edits of the options, in this order.

    Raises
    ------
    InputError
        --move comes without --to, or --to without --move.
    """
    from gridgeo.core.edit import FixRest, Lock, Merge, Move, Rename, Split, Unlock

    if bool(move) != (to is not None):
        raise InputError(
            "--move and --to go together", where="--to", hint="name the atoms and the grid that takes them"
        )
    return (
        *(Unlock(grid) for grid in unlock),
        *((Move(move, to),) if to is not None else ()),
        *(Merge(pair) for pair in merge),
        *(Split(grid, parts=parts) for grid, parts in split),
        *(Rename(grid, name) for grid, name in rename),
        *((FixRest(),) if fix_rest else ()),
        *(Lock(grid) for grid in lock),
    )


def show(desk: Desk, outcome: Outcome | None, table: EditDesk, steps: int) -> None:
    """Print the grids that changed, before and after, and what they break."""
    if outcome is not None:
        desk.notices(outcome.notices)
        rows = [(grid.code, *(_counted(record) for record in (grid.before, grid.after))) for grid in outcome.changed]
        desk.table("table-edited", ("grid", "before", "after"), rows)
    desk.say("edited", grids=len(table.codes), steps=steps)


def _counted(record: Record | None) -> str:
    return "-" if record is None else f"{record.households:,}"


def document(
    desk: Desk, table: EditDesk, outcome: Outcome | None, report: CoverageReport, log: Any, output: Path
) -> dict[str, Any]:
    """The JSON document of `edit --json`."""
    from gridgeo.core.edit import edit_to

    changed: tuple[GridEdit, ...] = () if outcome is None else outcome.changed
    return {
        "plan": str(output),
        "grids": len(table.codes),
        "changed": [
            {
                "code": grid.code,
                "before": grid.before and asdict(grid.before),
                "after": grid.after and asdict(grid.after),
            }
            for grid in changed
        ],
        "notices": [vars(notice) for notice in (() if outcome is None else outcome.notices)],
        "log": [[edit_to(edit) for edit in step] for step in log],
        "locked": sorted(table.locked),
        "certificate": report.certificate.to_dict(),
        "seconds": desk.seconds,
    }
