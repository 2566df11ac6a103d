"""`gridgeo alarm`: who is nearest to an alarm, in order."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridgeo.cli.console import OK, Desk, verb
from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.core.model import Territory


@verb("alarm")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("--at", "place", required=True, metavar="LON,LAT|CODE", help="Where: a position, or a unit's code.")
@click.option("--nearest", type=click.IntRange(1, 100), default=5, show_default=True, help="How many responders.")
def command(desk: Desk, territory: Path, place: str, nearest: int) -> int:
    """Order of dispatch for an alarm in TERRITORY: on-duty responders and units, with walking seconds.

    Simulation and order only: nobody is called.
    """
    from gridgeo import service
    from gridgeo.io.read import read_either

    with desk.progress() as progress:
        land = read_either(territory, progress=progress).territory
        answer = service.alarm_desk(land).answer(position(place, land), k=nearest)
    desk.notices(answer.notices)
    rows = [(called.code, called.walk_s, desk.yes(called.can_lead)) for called in answer.responders]
    desk.table("table-alarm", ("responder", "walk_s", "can_lead"), rows)
    desk.document(
        {
            "responders": [asdict(called) for called in answer.responders],
            "reserve": [asdict(called) for called in answer.reserve],
            "lead": asdict(answer.lead) if answer.lead else None,
            "units": [{"code": unit.code, "walk_s": unit.walk_s} for unit in answer.units],
            "on_network": answer.on_network,
            "seconds": desk.seconds,
        }
    )
    return OK


def position(place: str, land: Territory) -> tuple[float, float]:
    """Projected position of LON,LAT or of an emergency unit's code.

    Raises
    ------
    InputError
        It is neither.
    """
    import shapely

    from gridgeo.core.model import geometries
    from gridgeo.io.crs import CRS84, transformed

    units = land.emergency_units
    if place in units.code.tolist():
        x, y = units.xy[units.row(place)].tolist()
        return x, y
    try:
        lon, lat = (float(part) for part in place.split(","))
    except ValueError:
        raise InputError(f"{place!r} is no position and no unit", where="--at", hint="write LON,LAT") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(f"{place!r} is not on the earth", where="--at", hint="longitude first")
    point = transformed(geometries([shapely.Point(lon, lat)]), CRS84, land.crs)[0]
    return point.x, point.y
