"""Where to stand: new stations that bring most households, or all of them, within a walking time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridgeo.core.dispatch.demand import Demand, homes, service_points
from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import Pairs, WalkNetwork, whole_seconds
from gridgeo.core.dispatch.notices import without_streets
from gridgeo.core.dispatch.params import SiteParams
from gridgeo.core.dispatch.reach import Gap
from gridgeo.core.kernel.cover import Located, Reached, cover_all, cover_most, median
from gridgeo.core.model import Flags, Floats, Ints, Notice, Territory


@dataclass(frozen=True)
class Site:
    """A place to stand; `households` are those within the limit of it and of nothing that stands already."""

    xy: tuple[float, float]
    households: int


@dataclass(frozen=True, kw_only=True)
class SiteResult:
    """Where to stand, and what that brings.

    `before`, `after`: households within the limit of any station. `value` is what was aimed at: households brought
    within the limit by the new sites ("cover"), total walk of all households in seconds ("median"), number of sites
    ("all"); no choice among the candidates beats `bound`. `unreachable`: homes no candidate reaches in time, whatever
    is built, and nothing reaches now.
    """

    sites: tuple[Site, ...]
    households: int
    before: int
    after: int
    value: float
    bound: float
    proven: bool
    unreachable: tuple[Gap, ...]
    notices: tuple[Notice, ...]
    params: SiteParams


@dataclass(frozen=True, eq=False)
class _Table:
    """Homes, what reaches them now (seconds, `far_s` at most), and rows (home, candidate, seconds) of what could."""

    homes: Demand
    now_s: Ints
    candidates: Floats
    home: Ints
    site: Ints
    walk_s: Ints


def propose_sites(territory: Territory, params: SiteParams | None = None) -> SiteResult:
    """Propose new stations beside those that stand.

    Exact on the candidates tried (street nodes spread evenly over the territory), with the bound that proves it.

    Parameters
    ----------
    territory
        Gives streets, barriers, households and the stations that stand.
    params
        Aim, number and limit (`SiteParams()` when None).

    Examples
    --------
    >>> from tests.instances import lattice
    >>> result = propose_sites(lattice(1, 4, [10, 70, 80, 10]), SiteParams(speed_m_per_s=1.0, limit_s=100))
    >>> result.before, result.after, result.bound, result.sites[0].households
    (0, 150, 150.0, 150)
    """
    params = params or SiteParams()
    network = WalkNetwork(territory, params)
    table = _table(network, territory, params)
    late = table.now_s > params.limit_s
    near = table.walk_s <= params.limit_s
    located = _located(table, params, late, near)
    brought = np.zeros(len(table.homes), bool)
    brought[table.home[near & np.isin(table.site, located.site)]] = True
    count = table.homes.households
    lost = late.copy()
    lost[table.home[near]] = False
    return SiteResult(
        sites=tuple(_site(table, site, late, near) for site in located.site.tolist()),
        households=int(count.sum()),
        before=int(count[~late].sum()),
        after=int(count[~late | brought].sum()),
        value=located.value,
        bound=located.bound,
        proven=abs(located.value - located.bound) < 0.5,
        unreachable=tuple(_lost(table, row, params) for row in np.flatnonzero(lost).tolist()),
        notices=tuple(without_streets(network)),
        params=params,
    )


def _table(network: WalkNetwork, territory: Territory, params: SiteParams) -> _Table:
    there = homes(territory)
    targets = network.targets(network.enter(there.xy))
    standing = network.enter(service_points(territory, params.service))
    now_mm, _ = network.nearest(standing, targets, params.reach_mm(params.far_s))
    now_s = np.where(now_mm >= 0, whole_seconds(now_mm, params), params.far_s)
    spots = _spread(territory.streets.node_xy if network.has_streets else there.xy, params.candidates)
    limit_s = params.far_s if params.aim == "median" else params.limit_s
    pairs = _walks(network, network.enter(spots), targets.entries, limit_s)
    walk_s = whole_seconds(pairs.walk_mm, params)
    kept = walk_s <= limit_s
    return _Table(there, np.minimum(now_s, params.far_s), spots, pairs.target[kept], pairs.source[kept], walk_s[kept])


def _walks(network: WalkNetwork, spots: Entries, there: Entries, limit_s: int) -> Pairs:
    return network.pairs(spots, network.targets(there), network.params.reach_mm(limit_s))


def _located(table: _Table, params: SiteParams, late: Flags, near: Flags) -> Located:
    sites, weight = len(table.candidates), table.homes.households
    if params.aim == "median":
        reached = Reached(table.home, table.site)
        return median(weight, sites, reached, table.walk_s, table.now_s, params.k, nodes=params.nodes)
    wanted = late[table.home] & near
    reached = Reached(table.home[wanted], table.site[wanted])
    if params.aim == "all":
        return cover_all(sites, reached, nodes=params.nodes)
    return cover_most(weight, sites, reached, params.k, nodes=params.nodes)


def _site(table: _Table, site: int, late: Flags, near: Flags) -> Site:
    rows = (table.site == site) & near
    x, y = table.candidates[site].tolist()
    return Site((x, y), int(table.homes.households[table.home[rows & late[table.home]]].sum()))


def _lost(table: _Table, row: int, params: SiteParams) -> Gap:
    x, y = table.homes.xy[row].tolist()
    walk_s = int(table.now_s[row])
    known = walk_s if walk_s < params.far_s else None
    return Gap(str(table.homes.code[row]), "home", int(table.homes.households[row]), known, (x, y))


def _spread(xy: Floats, most: int) -> Floats:
    """At most `most` of the points, one for each square of the finest lattice that has so few occupied squares."""
    if len(xy) <= most:
        return xy
    low, size = xy.min(0), float(np.ptp(xy, axis=0).max())
    few, many = 1, len(xy)
    while few + 1 < many:  # squares along a side: the number of occupied ones rises with it
        side = (few + many) // 2
        few, many = (side, many) if len(_squares(xy, low, size, side)) <= most else (few, side)
    return xy[_squares(xy, low, size, few)]


def _squares(xy: Floats, low: Floats, size: float, side: int) -> Ints:
    """Row of the point nearest to the middle of each occupied square."""
    share = (xy - low) / size * side
    square = np.minimum(share.astype(np.int64), side - 1)
    off = ((share - square - 0.5) ** 2).sum(1)
    order = np.lexsort((off, square[:, 1], square[:, 0]))
    _, first = np.unique(square[order], axis=0, return_index=True)
    return np.sort(order[first])
