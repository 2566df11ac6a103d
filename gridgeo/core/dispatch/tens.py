"""Ten-household units: neighbors who look out for each other, each group with a home everybody in it can walk to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.dispatch.demand import Demand, homes
from gridgeo.core.dispatch.entries import Entries
from gridgeo.core.dispatch.network import WalkNetwork, whole_seconds
from gridgeo.core.dispatch.notices import without_streets
from gridgeo.core.dispatch.params import TenParams
from gridgeo.core.kernel.clusters import cut_order, exchange, middle, walking_order
from gridgeo.core.model import Ints, Notice, Plan, Stop, never


@dataclass(frozen=True)
class TenUnit:
    """A group of neighbors inside one grid.

    `homes` (code of building or atom, households) in walking order; `middle` the home everybody reaches within
    `walk_s` seconds: the leader's place.
    """

    code: str
    grid: str
    households: int
    homes: tuple[tuple[str, int], ...]
    middle: str
    walk_s: int


@dataclass(frozen=True, kw_only=True)
class TenResult:
    """All groups, and the share of households whose group keeps the band (None without households)."""

    units: tuple[TenUnit, ...]
    in_band: float | None
    notices: tuple[Notice, ...]
    params: TenParams


def ten_household_units(plan: Plan, params: TenParams | None = None, *, stop: Stop = never) -> TenResult:
    """Group the households of every grid by about ten, inside the grid and within a walking limit that is kept.

    A home with more households than the band allows is divided by itself into even groups. The others are put in
    walking order, the order is cut exactly, and single homes are exchanged while that helps. Only a home too far
    from all others, or an odd rest, makes a group below the band; such grids are named.

    Parameters
    ----------
    plan
        Gives grids, households and streets.
    params
        Band and walking limit (`TenParams()` when None).
    stop
        Asked before each grid: those left then are counted in a notice, and in nothing else.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> result = ten_household_units(plan_of(lattice(1, 2, [27, 10]), [0, 1]))
    >>> [(unit.code, unit.households, unit.middle) for unit in result.units]
    [('g0-01', 9, 'a0'), ('g0-02', 9, 'a0'), ('g0-03', 9, 'a0'), ('g1-01', 10, 'a1')]
    """
    params = params or TenParams()
    network = WalkNetwork(plan.territory, params)
    demand = homes(plan.territory)
    entries, grid = network.enter(demand.xy), _grid_of(plan, demand)
    rows = [np.flatnonzero(grid == row) for row in range(len(plan))]
    units: list[TenUnit] = []
    left = len(rows)
    for code, mine in zip(plan.grids.code.tolist(), rows, strict=True):
        if stop():
            break
        units += _of_grid(str(code), network, demand.take(mine), entries.take(mine), params)
        left -= 1
    total = sum(unit.households for unit in units)
    good = sum(unit.households for unit in units if unit.households >= params.band[0])
    return TenResult(
        units=tuple(units),
        in_band=good / total if total else None,
        notices=(*without_streets(network), *_short(units, params), *_left(left)),
        params=params,
    )


def _of_grid(grid: str, network: WalkNetwork, demand: Demand, entries: Entries, params: TenParams) -> Iterator[TenUnit]:
    """The units of one grid, numbered: homes divided by themselves first, then groups of homes."""
    groups = [*_divided(demand, params), *_gathered(network, demand, entries, params)]
    for number, (rows, counts, center, walk_s) in enumerate(groups, 1):
        yield TenUnit(
            code=f"{grid}-{number:02d}",
            grid=grid,
            households=int(counts.sum()),
            homes=tuple(zip(demand.code[rows].tolist(), counts.tolist(), strict=True)),
            middle=str(demand.code[center]),
            walk_s=walk_s,
        )


def _divided(demand: Demand, params: TenParams) -> Iterator[tuple[Ints, Ints, int, int]]:
    """Even groups of each home that holds more households than one group may."""
    low, high = params.band
    for row in np.flatnonzero(demand.households > high).tolist():
        count = int(demand.households[row])
        pieces = min(max(round(count / params.size), -(-count // high)), max(count // low, 1))
        for share in np.diff(np.arange(pieces + 1) * count // pieces).tolist():
            yield np.array([row]), np.array([share]), row, 0


def _gathered(
    network: WalkNetwork, demand: Demand, entries: Entries, params: TenParams
) -> Iterator[tuple[Ints, Ints, int, int]]:
    """Groups of homes small enough to share one, in walking order."""
    rows = np.flatnonzero(demand.households <= params.band[1])
    if len(rows) == 0:
        return
    weight = demand.households[rows]
    walk = _table(network, entries.take(rows), params)
    order = walking_order(walk)
    rule = (params.band, params.size, params.max_walk_s)
    group = exchange(walk, weight, cut_order(walk, weight, order, *rule), *rule)
    for number in range(int(group.max()) + 1):
        mine = order[group[order] == number]
        if len(mine):
            center = middle(walk[np.ix_(mine, mine)], weight[mine], params.max_walk_s)
            yield rows[mine], weight[mine], int(rows[mine[center]]), int(walk[mine[center], mine].max())


def _table(network: WalkNetwork, entries: Entries, params: TenParams) -> Ints:
    """Walks (n, n) in whole seconds between homes; ten times the limit where they are farther than that."""
    far = 10 * params.max_walk_s
    walk = np.full((len(entries), len(entries)), far)
    pairs = network.pairs(entries, network.targets(entries), params.reach_mm(far))
    walk[pairs.source, pairs.target] = np.minimum(whole_seconds(pairs.walk_mm, params), far)
    np.fill_diagonal(walk, 0)
    return walk


def _grid_of(plan: Plan, demand: Demand) -> Ints:
    """Grid row of each home: the one its point lies in (the first on a shared border), -1 for none."""
    point, grid = shapely.STRtree(plan.geometry).query(shapely.points(demand.xy), predicate="intersects")
    out = np.full(len(demand), len(plan), np.int64)
    np.minimum.at(out, point, grid)
    return np.where(out == len(plan), -1, out)


def _left(grids: int) -> Iterator[Notice]:
    if grids:
        yield Notice(kind="tens-stopped", facts={"grids": grids})


def _short(units: list[TenUnit], params: TenParams) -> Iterator[Notice]:
    """Names the grids with groups below the band."""
    by_grid: dict[str, list[int]] = {}
    for unit in units:
        if unit.households < params.band[0]:
            by_grid.setdefault(unit.grid, []).append(unit.households)
    for grid, counts in by_grid.items():
        facts = {"units": len(counts), "fewest": params.band[0]}
        yield Notice(kind="tens-below-band", where=grid, households=sum(counts), facts=facts)
