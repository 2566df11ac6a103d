"""`gridgeo tens`: neighbors in groups of about ten households."""

from __future__ import annotations

from pathlib import Path

import click

from gridgeo.cli.console import OK, Desk, verb


@verb("tens")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--size", type=click.IntRange(1, 1000), default=10, show_default=True, help="Households wanted.")
@click.option("--band", nargs=2, type=click.IntRange(1, 1000), default=(7, 13), show_default=True, help="MIN MAX.")
@click.option("--max-walk", type=click.IntRange(1, 3600), default=180, show_default=True, help="To the leader, s.")
def command(desk: Desk, plan: Path, size: int, band: tuple[int, int], max_walk: int) -> int:
    """Group the households of every grid of PLAN by about ten, each group with a leader's home within reach.

    The groups themselves are in the JSON document (--json).
    """
    from gridgeo import service
    from gridgeo.core.dispatch import TenParams
    from gridgeo.io.answers import tens_document
    from gridgeo.io.read import read_plan

    params = TenParams(size=size, band=band, max_walk_s=max_walk)
    with desk.progress() as progress:
        result = service.tens(read_plan(plan, progress=progress), params)
    desk.notices(result.notices)
    rows = [
        ("tens_units", len(result.units)),
        ("households", sum(unit.households for unit in result.units)),
        ("in_band_share", "-" if result.in_band is None else f"{result.in_band:.1%}"),
        ("longest_to_leader_s", max((unit.walk_s for unit in result.units), default=0)),
    ]
    desk.lines("table-tens", rows)
    desk.document(tens_document(result) | {"seconds": desk.seconds})
    return OK
