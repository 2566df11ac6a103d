"""Reach: which households and places somebody can walk to in time, and which nobody can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gridgeo.core.dispatch.demand import Demand, homes, places, service_points
from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import WalkNetwork, whole_seconds
from gridgeo.core.dispatch.notices import without_streets
from gridgeo.core.dispatch.params import ReachParams
from gridgeo.core.model import Ints, Notice, Territory

FAR = 4
"""Gaps are told their walk up to this many times the outermost limit."""


@dataclass(frozen=True)
class Ring:
    """What lies within `limit_s` seconds of the nearest service point; shares in 0..1, None where there is nothing."""

    limit_s: int
    households: int
    household_share: float | None
    places: int
    place_share: float | None


@dataclass(frozen=True)
class Gap:
    """A home or place beyond the outermost limit; `walk_s` is None where nobody gets to within four times that."""

    code: str
    kind: Literal["home", "place"]
    households: int
    walk_s: int | None
    xy: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class ReachResult:
    """Reach of one service.

    `services` counted service points; `households`, `places` in all; `rings` one for each limit; `gaps` homes first,
    most households first, then the farthest.
    """

    services: int
    households: int
    places: int
    rings: tuple[Ring, ...]
    gaps: tuple[Gap, ...]
    notices: tuple[Notice, ...]
    params: ReachParams


def reach(territory: Territory, params: ReachParams | None = None) -> ReachResult:
    """Share of households and places within walking times of the nearest service point.

    One search from all service points together: O(streets x log), however many there are. Households are counted at
    their buildings where most are counted there, otherwise inside their atoms.

    Parameters
    ----------
    territory
        Gives streets, barriers, services, households and places.
    params
        Walking times and the service asked about (`ReachParams()` when None).

    Examples
    --------
    >>> from tests.core.dispatch.cases import responders_at, staffed, units_at
    >>> town = staffed(units_at([]), responders_at([[200, 200]]))
    >>> result = reach(town, ReachParams(speed_m_per_s=1.0, service="responders", limits_s=(120, 240)))
    >>> [(ring.limit_s, ring.households, ring.household_share) for ring in result.rings]
    [(120, 200, 0.25), (240, 600, 0.75)]
    """
    params = params or ReachParams()
    network = WalkNetwork(territory, params)
    services = network.enter(service_points(territory, params.service))
    demands = homes(territory), places(territory, params.service)
    entries = tuple(network.enter(demand.xy) for demand in demands)
    walks = tuple(_walks(network, services, there, params) for there in entries)
    return ReachResult(
        services=len(services),
        households=int(demands[0].households.sum()),
        places=len(demands[1]),
        rings=tuple(_ring(limit, demands, walks) for limit in params.limits_s),
        gaps=(*_gaps(demands[0], walks[0], "home", params), *_gaps(demands[1], walks[1], "place", params)),
        notices=tuple(_notices(network, services, demands, entries)),
        params=params,
    )


def _walks(network: WalkNetwork, services: Entries, there: Entries, params: ReachParams) -> Ints:
    """Whole seconds (n,) from the nearest service, -1 where nobody gets to."""
    walk_mm, _ = network.nearest(services, network.targets(there), params.reach_mm(FAR * params.limits_s[-1]))
    return np.where(walk_mm >= 0, whole_seconds(walk_mm, params), -1)


def _ring(limit_s: int, demands: tuple[Demand, Demand], walks: tuple[Ints, ...]) -> Ring:
    inside = [(walk >= 0) & (walk <= limit_s) for walk in walks]
    households, number = int(demands[0].households[inside[0]].sum()), int(inside[1].sum())
    total = int(demands[0].households.sum())
    return Ring(
        limit_s=limit_s,
        households=households,
        household_share=households / total if total else None,
        places=number,
        place_share=number / len(demands[1]) if len(demands[1]) else None,
    )


def _gaps(demand: Demand, walk_s: Ints, kind: Literal["home", "place"], params: ReachParams) -> Iterator[Gap]:
    rows = np.flatnonzero((walk_s < 0) | (walk_s > params.limits_s[-1]))
    far = np.where(walk_s < 0, np.iinfo(np.int64).max, walk_s)
    for row in rows[np.lexsort((rows, -far[rows], -demand.households[rows]))].tolist():
        yield Gap(
            code=str(demand.code[row]),
            kind=kind,
            households=int(demand.households[row]),
            walk_s=int(walk_s[row]) if walk_s[row] >= 0 else None,
            xy=(float(demand.xy[row, 0]), float(demand.xy[row, 1])),
        )


def _notices(
    network: WalkNetwork, services: Entries, demands: tuple[Demand, Demand], entries: tuple[Entries, ...]
) -> Iterator[Notice]:
    yield from without_streets(network)
    if len(services) == 0:
        yield Notice(kind="no-service")
    for demand, there, kind in zip(demands, entries, ("homes-off-network", "places-off-network"), strict=True):
        away = ~there.on_network
        if network.has_streets and away.any():
            facts = {"number": int(away.sum()), "limit_m": network.params.off_street_m}
            yield Notice(kind=kind, households=int(demand.households[away].sum()), facts=facts)
