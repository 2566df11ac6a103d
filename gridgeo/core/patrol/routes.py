"""From steps on the graph to a route a person can walk, and the check that it can be walked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Flags, Ints, Streets
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
    edge = steps >> 1
    names, at = np.unique(np.concatenate([edge, required]), return_inverse=True)
    wanted = np.bincount(at[len(edge) :], minlength=len(names))
    order = np.argsort(at[: len(edge)], kind="stable")
    column = at[order]
    deadhead = np.empty(len(edge), bool)
    deadhead[order] = np.arange(len(edge)) - np.searchsorted(column, column) >= wanted[column]
    return tuple(map(Leg._make, zip(edge.tolist(), (steps & 1 == 0).tolist(), deadhead.tolist(), strict=True)))


def steps_of(route: Route) -> Ints:
    """Legs of a route as steps: 2 * edge, plus 1 backwards."""
    edge, forward, _ = _columns(route)
    return 2 * edge + ~forward


def _columns(route: Route) -> tuple[Ints, Flags, Flags]:
    """Edge, direction and deadhead of all legs."""
    edge, forward, deadhead = zip(*route.legs, strict=True) if route.legs else ((), (), ())
    return np.array(edge, np.int64), np.array(forward, bool), np.array(deadhead, bool)


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
    edge, forward, deadhead = _columns(route)
    for number in np.flatnonzero((edge < 0) | (edge >= len(streets)))[:1].tolist():
        told = f"leg {number + 1} walks street edge {edge[number]}, which does not exist"
        raise InputError(told, where=_name(route))
    tail, head = streets.tail[edge], streets.head[edge]
    begin, at = np.where(forward, tail, head), np.append(route.start_node, np.where(forward, head, tail))
    for number in np.flatnonzero(begin != at[:-1])[:1].tolist():
        told = f"leg {number + 1} begins at node {begin[number]}, the walk is at {at[number]}"
        raise InputError(told, where=_name(route))
    end = route.start_node if route.end_node is None else route.end_node
    if at[-1] != end:
        raise InputError(f"the walk ends at node {at[-1]}, not at its end {end}", where=_name(route))
    return int(streets.length_mm[edge].sum()), int(streets.length_mm[edge[deadhead]].sum())


def _same(route: Route, name: str, value: float) -> None:
    given = getattr(route, name)
    if abs(given - value) > 2e-3:
        raise InputError(f"{name} is {given}, the legs add up to {value:.3f}", where=_name(route))


def _name(route: Route) -> str:
    return f"{route.grid} day {route.day} round {route.round} officer {route.officer}"
