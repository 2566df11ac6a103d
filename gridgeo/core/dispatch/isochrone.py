"""Isochrones: the stretches of street somebody reaches within walking times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from gridgeo.core.dispatch.demand import service_points
from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.dispatch.params import ReachParams
from gridgeo.core.kernel.paths import UNREACHED, Tree
from gridgeo.core.model import Floats, Ints, Rows, Territory


@dataclass(frozen=True, eq=False)
class Isochrone:
    """Streets within `limit_s` seconds of the nearest service point, as a MultiLineString; `length_m` in all."""

    limit_s: int
    geometry: Any
    length_m: float


def isochrones(territory: Territory, params: ReachParams | None = None) -> tuple[Isochrone, ...]:
    """Stretches of street within each limit of the nearest service point, cut where the time is up.

    One search for all limits; O(streets x log) plus the streets cut. Empty where the territory has no streets.

    Parameters
    ----------
    territory
        Gives streets and services.
    params
        Walking times and the service asked about (`ReachParams()` when None).

    Examples
    --------
    >>> from tests.core.dispatch.cases import responders_at, staffed, units_at
    >>> town = staffed(units_at([]), responders_at([[200, 200]]))
    >>> params = ReachParams(speed_m_per_s=1.0, service="responders", limits_s=(60, 100))
    >>> [ring.length_m for ring in isochrones(town, params)]
    [240.0, 400.0]
    """
    params = params or ReachParams()
    network = WalkNetwork(territory, params)
    services = network.enter(service_points(territory, params.service))
    tree = network.tree(services, params.reach_mm(params.limits_s[-1]))
    return tuple(_isochrone(network, services, tree, limit_s) for limit_s in params.limits_s)


def _isochrone(network: WalkNetwork, services: Entries, tree: Tree, limit_s: int) -> Isochrone:
    limit_mm = round(limit_s * 1000 * network.params.speed_m_per_s)
    streets = network.streets
    from_tail, from_head = (_left(tree, node, limit_mm, streets.length_mm) for node in (streets.tail, streets.head))
    whole = from_tail + from_head >= streets.length_mm
    from_tail[whole] = from_head[whole] = 0
    edge, start, end = _stretches(network, services, from_tail, from_head, limit_mm)
    cut = ~whole[edge]
    lines = [*streets.geometry[whole], *_substrings(network, edge[cut], start[cut], end[cut])]
    geometry = shapely.MultiLineString(lines)
    return Isochrone(limit_s, geometry, float(shapely.length(geometry)))


def _left(tree: Tree, node: Rows, limit_mm: int, length_mm: Ints) -> Ints:
    """How far into each edge somebody gets from the node at its end, millimeters."""
    cost = tree.cost[node]
    return np.where(cost == UNREACHED, 0, np.clip(limit_mm - cost, 0, length_mm))


def _stretches(
    network: WalkNetwork, services: Entries, from_tail: Ints, from_head: Ints, limit_mm: int
) -> tuple[Ints, Ints, Ints]:
    """Rows (edge, from, to) of the streets reached in part: from either end, and around a service on them."""
    length = network.streets.length_mm
    tails, heads = np.flatnonzero(from_tail), np.flatnonzero(from_head)
    row = np.flatnonzero(services.access_mm < limit_mm)
    own, along, left = services.edge[row], services.along_mm[row], limit_mm - services.access_mm[row]
    return _joined(
        np.concatenate([tails, heads, own]),
        np.concatenate([tails * 0, length[heads] - from_head[heads], np.maximum(along - left, 0)]),
        np.concatenate([from_tail[tails], length[heads], np.minimum(along + left, length[own])]),
    )


def _joined(edge: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Stretches that overlap on one edge as one."""
    order = np.lexsort((start, edge))
    edge, start, end = edge[order], start[order], end[order]
    if len(edge) == 0:
        return edge, start, end
    # edges are laid end to end, so that one running maximum tells where a stretch begins that no earlier one reaches
    shift = edge * (int(end.max()) + 1)
    furthest = np.maximum.accumulate(end + shift)
    first = np.flatnonzero(np.concatenate([[True], (start + shift)[1:] > furthest[:-1]]))
    last = np.concatenate([first[1:], [len(edge)]]) - 1
    return edge[first], start[first], (furthest - shift)[last]


def _substrings(network: WalkNetwork, edge: Ints, start: Ints, end: Ints) -> list[Any]:
    streets = network.streets
    share: Floats = np.stack([start, end], 1) / streets.length_mm[edge, None]
    rows = zip(streets.geometry[edge], share.tolist(), strict=True)
    return [substring(line, a, b, normalized=True) for line, (a, b) in rows if b > a]
