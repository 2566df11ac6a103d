"""`gridgeo handover`: plan -> the papers and files an office files, prints and puts up."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.places import FOLDER
from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.service import Handover

DAY = click.DateTime(formats=["%Y-%m-%d"])


@verb("handover")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=FOLDER, required=True, metavar="DIR", help="Folder to make, or to make anew.")
@click.option("--address", default=None, metavar="URL", help="Web address of a grid, with {code} in it.")
@click.option("--from", "previous", type=click.Path(path_type=Path), help="Division before: predecessors, changes.")
@click.option("--layer", default=None, help="Layer of the grids in a --from file that is no plan of ours.")
@click.option("--posts", type=click.Path(path_type=Path), default=None, metavar="FILE",
              help="Table with columns code, post, start, end.")  # fmt: skip
@click.option("--start", type=DAY, default=None, metavar="DAY", help="First day in force, as 2026-01-31.")
@click.option("--end", type=DAY, default=None, metavar="DAY", help="Last day in force.")
@click.option("--font", type=click.Path(path_type=Path), default=None, help="Font to print with before all others.")
def command(
    desk: Desk,
    plan: Path,
    output: Path,
    address: str | None,
    previous: Path | None,
    layer: str | None,
    posts: Path | None,
    start: datetime | None,
    end: datetime | None,
    font: Path | None,
) -> int:
    """Hand PLAN over: register, map book, QR sheets, walks, GeoPackage and certificate in one folder.

    The folder is written whole or not at all. An earlier hand-over in it is replaced, unless somebody added or
    changed a file there.
    """
    from gridgeo import service
    from gridgeo.cli.draw import grids_before
    from gridgeo.handover.folder import require_ours
    from gridgeo.handover.register import Post
    from gridgeo.io.posts import read_posts
    from gridgeo.io.read import plan_in, read_either

    if start and end and end < start:
        raise InputError(f"{end.date()} is before {start.date()}", where="--end", hint="give the first day as --start")
    require_ours(output.absolute())
    with desk.progress() as progress, desk.stopping(keeps=False) as stop:
        project = read_either(plan, progress=progress)
        codes = set(plan_in(project, plan).grids.code.tolist())
        known = {} if posts is None else read_posts(posts, codes)
        params = service.HandoverParams(
            address=address,
            posts={code: Post(post=post, start=first, end=last) for code, (post, first, last) in known.items()},
            every=Post(start=start and start.date(), end=end and end.date()),
            previous=None if previous is None else grids_before(previous, layer)[0],
            font=font,
            lang=desk.lang,
        )
        handed = service.hand_over(project, output, params, stop=stop, progress=progress)
        code = desk.exit_code()
    if handed is None:
        desk.say("cancelled")
        return code
    tell(desk, handed)
    return OK if handed.report.complete else BROKEN


def tell(desk: Desk, handed: Handover) -> None:
    """Print what was handed over, and with --json the document of it."""
    entries = handed.entries
    status = Counter(entry.bounds_status for entry in entries)
    desk.notices(handed.notices)
    rows = [
        ("grids", len(entries)),
        ("households", f"{sum(entry.households for entry in entries):,}"),
        ("in_band", f"{sum(entry.in_band for entry in entries) / max(len(entries), 1):.1%}"),
        ("bounds-verified", f"{status['verified']} / {len(entries)}"),
        ("book-pages", handed.pages),
        ("complete", desk.yes(handed.report.complete)),
    ]
    desk.lines("table-handover", rows)
    desk.say("wrote", path=handed.folder / "index.html")
    desk.document(document(desk, handed))


def document(desk: Desk, handed: Handover) -> dict[str, Any]:
    """The JSON document of `handover --json`."""
    entries = handed.entries
    return {
        "folder": str(handed.folder),
        "files": [{"name": name, "bytes": (handed.folder / name).stat().st_size} for name in handed.files],
        "grids": len(entries),
        "households": sum(entry.households for entry in entries),
        "in_band": sum(entry.in_band for entry in entries) / max(len(entries), 1),
        "bounds": dict(Counter(entry.bounds_status for entry in entries)),
        "pages": handed.pages,
        "changes": None if handed.changes is None else handed.changes.counts,
        "certificate": handed.report.certificate.to_dict(grids=False),
        "notices": [asdict(notice) for notice in handed.notices],
        "seconds": desk.seconds,
    }
