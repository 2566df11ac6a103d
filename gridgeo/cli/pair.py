"""`gridgeo pair`: departments <-> communities, officers <-> units; capacities and preferences."""

from __future__ import annotations

from pathlib import Path

import click

from gridgeo.cli.console import OK, Desk, verb


@verb("pair")
@click.argument("file", type=click.Path(path_type=Path))
def command(desk: Desk, file: Path) -> int:
    """Pair givers with takers of a JSON FILE: as many pairs as can be, then the least total cost."""
    from gridgeo import service
    from gridgeo.io.answers import pairing_document
    from gridgeo.io.readiness import read_pairing

    result = service.pair(*read_pairing(file))
    desk.table("table-pairs", ("giver", "taker", "cost"), result.pairs)
    for taker, count in result.missing.items():
        desk.say("still-wanted", taker=taker, count=count)
    desk.document(pairing_document(result) | {"seconds": desk.seconds})
    return OK
