"""From steps on the graph to a route a person can walk, and the check that it can be walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Ints, Streets
from gridgeo.core.patrol.demand import Start
from gridgeo.core.patrol.model import Leg, Route
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.pace import Pace
from gridgeo.core.patrol.postman import Walk
from gridgeo.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Which of a grid's walks: officer, round and day, each from 1."""

    grid: str
    officer: int
    round: int
    day: int


def legs_of(steps: NDArray[Any], required: NDArray[Any]) -> tuple[Leg, ...]:
    """Steps as legs: an edge serves as often as it is required, from its first pass on; the rest is deadhead."""
    edges, count = np.unique(required, return_counts=True)
    left = dict(zip(edges.tolist(), count.tolist(), strict=True))
    legs = []
    for step in steps.tolist():
        edge = step >> 1
        serves = left.get(edge, 0) > 0
        if serves:
            left[edge] -= 1
        legs.append(Leg(edge=edge, forward=not step & 1, deadhead=not serves))
    return tuple(legs)


def steps_of(route: Route) -> Ints:
    """Legs of a route as steps: 2 * edge, plus 1 backwards."""
    return np.array([2 * leg.edge + (not leg.forward) for leg in route.legs], np.int64)


def street_route(
    network: Network,
    slot: Slot,
    start: Start,
    walk: Walk,
    steps: Ints,
    pace: Pace,
) -> Route:
    """Route of one circuit of a walk."""
    closed = walk.start == walk.end
    access = (2 if closed else 1) * start.access_m
    length = walk.length_mm / 1000 + access
    extra_m = int(network.length_mm[walk.extra].sum()) / 1000
    return Route(
        grid=slot.grid,
        officer=slot.officer,
        round=slot.round,
        day=slot.day,
        length_m=round(length, 3),
        walk_s=round(float(pace.seconds(steps).sum()) + access / pace.speed_m_per_s),
        service_s=0,
        deadhead_m=round(extra_m + access, 3),
        access_m=round(access, 3),
        bound_m=round(walk.bound_mm / 1000 + access, 3),
        proven=walk.proven,
        geometry=line_from(start, network.line(steps), closed=closed),
        start_node=start.node,
        end_node=None if closed else walk.end,
        legs=legs_of(steps, walk.required),
    )


def drawn_route(shape: Any, slot: Slot, *, speed_m_per_s: float, backwards: bool) -> Route:
    """The walk along the boundary of a grid without streets: around its largest part, drawn and not on the graph."""
    parts = shapely.get_parts(shape)
    ring = shapely.get_coordinates(shapely.get_exterior_ring(parts[int(np.argmax(shapely.area(parts)))]))
    line = shapely.linestrings(ring[::-1] if backwards else ring)
    length = round(float(shapely.length(line)), 3)
    return Route(
        grid=slot.grid,
        officer=slot.officer,
        round=slot.round,
        day=slot.day,
        length_m=length,
        walk_s=round(length / speed_m_per_s),
        service_s=0,
        deadhead_m=0.0,
        access_m=0.0,
        bound_m=length,
        proven=True,
        geometry=line,
        start_node=-1,
        legs=(),
        drawn=True,
    )


def line_from(start: Start, points: NDArray[Any], *, closed: bool = True) -> Any:
    """LineString from the station along the points, and back to it; two equal points where nothing is walked."""
    station = np.array([start.xy])
    if len(points) == 0:
        points = station
    if start.access_m > 0 or len(points) < 2:
        points = np.concatenate([station, points, station] if closed else [station, points])
    return shapely.linestrings(points)


def validate_route(streets: Streets, route: Route) -> None:
    """Walk a route again on the graph: every leg begins where the last one ended, and the figures add up.

    Parameters
    ----------
    streets
        The network the route was planned on.
    route
        Any route.

    Raises
    ------
    InputError
        A leg does not exist or does not join, the walk does not close, or a length does not match its legs.
    """
    if route.drawn:
        if not shapely.is_closed(route.geometry):
            raise InputError("the drawn walk does not close", where=_name(route))
        _same(route, "length_m", float(shapely.length(route.geometry)))
        return
    walked, dead = _walk_again(streets, route)
    _same(route, "length_m", walked / 1000 + route.access_m)
    _same(route, "deadhead_m", dead / 1000 + route.access_m)
    if route.bound_m > route.length_m + 1e-3:
        raise InputError(f"bound_m {route.bound_m} exceeds length_m {route.length_m}", where=_name(route))
    line_m = float(shapely.length(route.geometry))
    if not walked / 1000 * 0.98 - 0.1 <= line_m <= route.length_m * 1.02 + 0.1:
        raise InputError(f"the line is {line_m:.3f} m long, the walk {route.length_m}", where=_name(route))


def _walk_again(streets: Streets, route: Route) -> tuple[int, int]:
    """Millimetres walked in all and for the way only, leg by leg."""
    at = route.start_node
    walked = dead = 0
    for number, leg in enumerate(route.legs, 1):
        if not 0 <= leg.edge < len(streets):
            raise InputError(f"leg {number} walks street edge {leg.edge}, which does not exist", where=_name(route))
        ends = int(streets.tail[leg.edge]), int(streets.head[leg.edge])
        begin, end = ends if leg.forward else ends[::-1]
        if begin != at:
            raise InputError(f"leg {number} begins at node {begin}, the walk is at {at}", where=_name(route))
        at = end
        walked += int(streets.length_mm[leg.edge])
        dead += int(streets.length_mm[leg.edge]) if leg.deadhead else 0
    end = route.start_node if route.end_node is None else route.end_node
    if at != end:
        raise InputError(f"the walk ends at node {at}, not at its end {end}", where=_name(route))
    return walked, dead


def _same(route: Route, name: str, value: float) -> None:
    given = getattr(route, name)
    if abs(given - value) > 2e-3:
        raise InputError(f"{name} is {given}, the legs add up to {value:.3f}", where=_name(route))


def _name(route: Route) -> str:
    return f"{route.grid} day {route.day} round {route.round} officer {route.officer}"
