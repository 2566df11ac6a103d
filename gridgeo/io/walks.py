"""Walks for the phone: one GPX track a walk, with a waypoint at every turn, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from gridgeo.core.model import Streets
from gridgeo.core.patrol import Route
from gridgeo.core.patrol.turns import turn_list
from gridgeo.errors import InputError
from gridgeo.io.crs import lonlat
from gridgeo.io.gpx import Track, Waypoint, write_gpx
from gridgeo.words import say


def write_gpx_folder(
    routes: Sequence[Route], folder: str | Path, streets: Streets, *, crs: str, lang: str = "en"
) -> tuple[Path, ...]:
    """Write each walk as GRID-day-round-officer.gpx into a folder, made if need be; return the files.

    Raises
    ------
    InputError
        The folder or a file cannot be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder: {error.strerror}", where=str(folder)) from error
    files = []
    for route in routes:
        safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in route.grid)
        path = folder / f"{safe}-{route.day}-{route.round}-{route.officer}.gpx"
        write_gpx(path, [track_of(route, streets, crs=crs, lang=lang)])
        files.append(path)
    return tuple(files)


def track_of(route: Route, streets: Streets, *, crs: str, lang: str = "en") -> Track:
    """A walk as a GPX track in longitude and latitude, its turns as waypoints in the given language."""
    turns = turn_list(streets, route)
    places = lonlat([turn.xy for turn in turns], crs)
    waypoints = [
        Waypoint(
            lonlat=place,
            name=f"{number:03d}",
            text=say(f"turn-{turn.way}", lang, street=turn.name or turn.street, length_m=round(turn.length_m)),
        )
        for number, (turn, place) in enumerate(zip(turns, places, strict=True), start=1)
    ]
    facts = {"grid": route.grid, "round": route.round, "length_m": round(route.length_m)}
    return Track(
        name=say("walk-name", lang, **facts),
        lonlat=np.array(lonlat(shapely.get_coordinates(route.geometry), crs)),
        turns=waypoints,
        text=say("walk-text", lang, **facts, minutes=round((route.walk_s + route.service_s) / 60)),
    )
