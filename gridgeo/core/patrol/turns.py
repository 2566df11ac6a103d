"""The turn list of a route: where to turn, into which street, for how far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import shapely

from gridgeo.core.model import Floats, Places, Streets
from gridgeo.core.patrol.model import Call, Leg, Route


class Way(StrEnum):
    """What to do at a turn."""

    START = "start"
    STRAIGHT = "straight"
    LEFT = "left"
    RIGHT = "right"
    BACK = "back"
    ARRIVE = "arrive"
    CALL = "call"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One line of a turn list: at `at_m` metres from the start, at `xy`, go `way` into `street` for `length_m`.

    A `call` is made there instead where one is given.
    """

    at_m: float
    xy: tuple[float, float]
    way: Way
    street: str
    name: str
    length_m: float
    call: Call | None = None


STRAIGHT_DEG = 30.0
BACK_DEG = 150.0


def turn_list(streets: Streets, route: Route, places: Places | None = None) -> tuple[Turn, ...]:
    """Turns of a route in walking order, one for each change of street or direction.

    Parameters
    ----------
    streets
        The network the route was planned on.
    route
        A valid route.
    places
        Where the route's calls are made; None leaves calls out.

    Returns
    -------
    tuple
        From START to ARRIVE; a street walked straight on over several edges is one line, unless a call parts it.
    """
    calls = [] if places is None else list(route.stops)
    shapes = [_shape(streets, leg) for leg in route.legs]
    turns: list[Turn] = []
    at = float(np.hypot(*(shapely.get_coordinates(route.geometry)[0] - shapes[0][0]))) if shapes else 0.0
    for number, (leg, shape) in enumerate(zip(route.legs, shapes, strict=True)):
        while places is not None and calls and calls[0].at_m <= at + 0.1:
            turns.append(_call(calls.pop(0), places))
        before = shapes[number - 1] if number else None
        way = Way.START if before is None else _way(before, shape)
        line = int(streets.line[leg.edge])
        code, name = str(streets.code[line]), str(streets.name[line])
        length = int(streets.length_mm[leg.edge]) / 1000
        x, y = shape[0].tolist()
        if turns and way == Way.STRAIGHT and turns[-1].name == name and (name or turns[-1].street == code):
            turns[-1] = replace(turns[-1], length_m=turns[-1].length_m + length)
        else:
            turns.append(Turn(at_m=at, xy=(x, y), way=way, street=code, name=name, length_m=length))
        at += length
    turns += [_call(call, places) for call in calls if places is not None]
    return (*turns, _arrival(route, at))


def _call(call: Call, places: Places) -> Turn:
    x, y = places.xy[call.place].tolist()
    return Turn(at_m=call.at_m, xy=(x, y), way=Way.CALL, street="", name="", length_m=0.0, call=call)


def _arrival(route: Route, at_m: float) -> Turn:
    x, y = shapely.get_coordinates(route.geometry)[-1].tolist()
    walked = route.length_m if route.drawn else at_m
    return Turn(at_m=walked, xy=(x, y), way=Way.ARRIVE, street="", name="", length_m=0.0)


def _shape(streets: Streets, leg: Leg) -> Floats:
    points: Floats = shapely.get_coordinates(streets.geometry[leg.edge])
    return points if leg.forward else points[::-1]


def _way(before: Floats, after: Floats) -> Way:
    """Turn between the last bit of one edge and the first bit of the next."""
    came, goes = before[-1] - before[-2], after[1] - after[0]
    angle = float(np.degrees(np.arctan2(came[0] * goes[1] - came[1] * goes[0], came @ goes)))
    if abs(angle) <= STRAIGHT_DEG:
        return Way.STRAIGHT
    if abs(angle) >= BACK_DEG:
        return Way.BACK
    return Way.LEFT if angle > 0 else Way.RIGHT
