"""`gridgeo alarm`: who is nearest to an alarm, in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.places import GEOJSON
from gridgeo.errors import InputError
from gridgeo.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridgeo.core.dispatch import AlarmAnswer, Called
    from gridgeo.core.model import Territory


@verb("alarm")
@click.argument("territory", type=click.Path(path_type=Path))
@click.option("--at", "place", required=True, metavar="LON,LAT|CODE", help="Where, or the code of a site.")
@click.option("--nearest", type=click.IntRange(1, 100), default=5, show_default=True, help="How many responders.")
@click.option("--max-walk", type=click.IntRange(1, 86_400), default=1800, show_default=True, help="Longest walk, s.")
@click.option("--busy", multiple=True, metavar="CODE", help="A responder who is busy; again for another.")
@click.option("--routes", type=GEOJSON, default=None, help="Walking lines to write, as GeoJSON.")
def command(
    desk: Desk, territory: Path, place: str, nearest: int, max_walk: int, busy: tuple[str, ...], routes: Path | None
) -> int:
    """Order of dispatch for an alarm in TERRITORY: on-duty responders and units, with walking seconds and routes.

    Simulation and order only: nobody is called.
    """
    from gridgeo import service
    from gridgeo.core.dispatch import AlarmParams
    from gridgeo.io.answers import alarm_document, told
    from gridgeo.io.read import read_either
    from gridgeo.io.write import write_json

    with desk.progress() as progress:
        land = read_either(territory, progress=progress).territory
        ready = service.alarm_desk(land, AlarmParams(max_walk_s=max_walk))
        at = position(place, land)
        answer = ready.answer(at, k=nearest, without=busy, routes=True)
    desk.notices(answer.notices)
    show_order(desk, answer)
    document = alarm_document(answer, land)
    if routes is not None:
        write_json(collection(document["responders"]), routes)
        desk.say("wrote", path=routes)
    desk.document(document | {"notices": told(answer.notices), "seconds": desk.seconds})
    return OK if answer.responders or answer.units else BROKEN


def show_order(desk: Desk, answer: AlarmAnswer) -> None:
    """Print whom to send, who comes next, who may lead, and which units are near."""
    header = ("responder", "walk_s", "can_lead")
    desk.table("table-alarm", header, ordered(desk, answer.responders))
    if answer.reserve:
        desk.table("table-reserve", header, ordered(desk, answer.reserve))
    if answer.units:
        desk.table("table-units-near", ("unit", "walk_s"), [(unit.code, unit.walk_s) for unit in answer.units])
    if not answer.on_network:
        desk.say("alarm-off-network")
    if answer.lead is None:
        desk.say("nobody-leads")
    else:
        desk.say("nearest-lead", code=answer.lead.code, walk_s=answer.lead.walk_s)


def ordered(desk: Desk, called: Iterable[Called]) -> list[tuple[str, int, str]]:
    """Rows of a table of responders."""
    return [(one.code, one.walk_s, say("yes" if one.can_lead else "no", desk.lang)) for one in called]


def collection(called: Iterable[dict[str, object]]) -> dict[str, object]:
    """The responders of an alarm document as GeoJSON: one walking line each."""
    features = [
        {
            "type": "Feature",
            "id": one["code"],
            "geometry": one["route"],
            "properties": {name: value for name, value in one.items() if name != "route"},
        }
        for one in called
    ]
    return {"type": "FeatureCollection", "features": features}


def position(place: str, land: Territory) -> tuple[float, float]:
    """Projected position of LON,LAT or of the code of a unit, a place or a station.

    Raises
    ------
    InputError
        It is none of these.
    """
    import shapely

    from gridgeo.core.dispatch import site_xy
    from gridgeo.core.model import geometries
    from gridgeo.io.crs import CRS84, transformed

    known = site_xy(land, place)
    if known is not None:
        return known
    try:
        lon, lat = (float(part) for part in place.split(","))
    except ValueError:
        hint = "write LON,LAT or the code of a unit, place or station"
        raise InputError(f"{place!r} is no position and no site", where="--at", hint=hint) from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(f"{place!r} is not on the earth", where="--at", hint="longitude first")
    point = transformed(geometries([shapely.Point(lon, lat)]), CRS84, land.crs)[0]
    return point.x, point.y
