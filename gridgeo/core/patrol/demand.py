"""Whose street is it: which grid walks which street edges, and from which station.

Every edge is looked at from both its sides: at SAMPLES points along it, SIDE_M metres to the left and to the right.
An edge belongs to the grid that holds most of these points. An edge whose left points lie in one grid and whose right
points lie in another runs along their border. Looking beside the street keeps the answer steady where street and
border were drawn a few millimetres apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Flags, Floats, Ints, Notice, Objects, Plan, Streets
from gridgeo.core.patrol.network import Network

SAMPLES = 8
SIDE_M = 1.0
BLIND_MM = 1000  # a blind end shorter than this is seen from where it begins
ALONG = 0.75  # share of a side's points in one grid from which the edge counts as running along it


@dataclass(frozen=True, kw_only=True, eq=False)
class Demand:
    """Street edges of every grid: pairs of `edge` row and `grid` row, sorted by grid, then edge."""

    edge: Ints
    grid: Ints

    def of(self, grid: int) -> Ints:
        """Edges of one grid, ascending."""
        a, b = np.searchsorted(self.grid, [grid, grid + 1])
        return self.edge[a:b]


def demand_of(plan: Plan, *, border: str = "once") -> Demand:
    """Street edges each grid has to walk.

    With `border` "once" every walkable edge of which at least half lies inside the territory is in exactly one grid,
    but for blind ends shorter than a metre, such as clipping leaves of a street at the territory's edge: no duty.
    The streets on the border of two grids go to one of them as a whole, so that no walk is torn: longest borders
    first, each to the grid with fewer metres so far, ties to the grid of lower row. With "both", both grids walk them.

    Parameters
    ----------
    plan
        The plan, whose territory holds the streets.
    border
        "once" or "both".
    """
    streets = plan.territory.streets
    left, right = side_shares(streets, plan.geometry)
    edge, grid = _inside(left, right)
    owner = np.full(len(streets), -1, np.int64)
    owner[edge] = grid
    along = _along(left, right)
    on_border = np.flatnonzero(along[:, 0] >= 0)
    owner[on_border] = -1
    blind = blind_ends(streets)
    owner[blind] = -1
    on_border = on_border[~blind[on_border]]
    if border == "both":
        rows = np.concatenate([np.flatnonzero(owner >= 0), on_border, on_border])
        grids = np.concatenate([owner[owner >= 0], along[on_border, 0], along[on_border, 1]])
    else:
        _share_borders(owner, along, on_border, streets.length_mm, len(plan))
        rows = np.flatnonzero(owner >= 0)
        grids = owner[rows]
    order = np.lexsort((rows, grids))
    return Demand(edge=rows[order], grid=grids[order])


def blind_ends(streets: Streets) -> Flags:
    """Which edges are shorter than a metre and end where nothing goes on while other streets go on at their begin.

    >>> from gridgeo.core.model import Table
    >>> from gridgeo.core.territory.streets import streets_of
    >>> lines = shapely.linestrings([[[0, 0], [50, 0]], [[50, 0], [50, 40]], [[50, 0], [50.6, -0.6]]])
    >>> streets = streets_of(Table(columns={}, geometry=lines))
    >>> streets.length_mm[blind_ends(streets)].tolist()
    [849]
    """
    ends = np.bincount(np.concatenate([streets.tail, streets.head]), minlength=streets.nodes)
    low, high = np.sort(np.stack([ends[streets.tail], ends[streets.head]]), axis=0)
    out: Flags = (streets.length_mm < BLIND_MM) & (low == 1) & (high > 1)
    return out


@dataclass(frozen=True, eq=False)
class Shares:
    """Rows (edge, grid, share of one side's points in the grid), sorted by edge."""

    edge: Ints
    grid: Ints
    share: Floats


def side_shares(streets: Streets, grids: Objects) -> tuple[Shares, Shares]:
    """How much of the left and of the right side of each edge lies in each grid it comes near to."""
    if len(streets) == 0:
        none = Shares(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        return none, none
    shapely.prepare(grids)
    tree = shapely.STRtree(streets.geometry)
    grid, edge = tree.query(grids, predicate="dwithin", distance=2 * SIDE_M)
    order = np.lexsort((grid, edge))
    edge, grid = edge[order].astype(np.int64), grid[order].astype(np.int64)
    left, right = np.ones(len(edge)), np.ones(len(edge))
    # an edge covered by the only grid near it needs no closer look
    alone = np.bincount(edge, minlength=len(streets))[edge] == 1
    alone[alone] = shapely.covers(grids[grid[alone]], streets.geometry[edge[alone]])
    looked = np.flatnonzero(~alone)
    if len(looked) == 0:
        return Shares(edge, grid, left), Shares(edge, grid, right)
    points, normal = _beside(streets.geometry[edge[looked]])
    for share, sign in ((left, 1.0), (right, -1.0)):
        at = points + sign * SIDE_M * normal
        share[looked] = shapely.intersects_xy(grids[grid[looked]][:, None], at[..., 0], at[..., 1]).mean(axis=1)
    return Shares(edge, grid, left), Shares(edge, grid, right)


def _beside(lines: Objects) -> tuple[Floats, Floats]:
    """Middles of SAMPLES equal stretches of lines and the unit normals there (left), m > 0, both (m, SAMPLES, 2)."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    stretch = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    stretch[1:][np.diff(line) > 0] = 1.0  # from one line to the next: no point asked for lies there
    walked = np.cumsum(stretch)
    begin = walked[np.searchsorted(line, np.arange(len(lines)))]
    end = walked[np.searchsorted(line, np.arange(len(lines)), "right") - 1]
    asked = begin[:, None] + (end - begin)[:, None] * np.arange(SAMPLES + 1) / SAMPLES
    ends = np.stack([np.interp(asked, walked, column) for column in xy.T], axis=2)
    way = ends[:, 1:] - ends[:, :-1]
    size = np.hypot(way[..., 0], way[..., 1])
    size[size == 0] = 1.0
    normal = np.stack([-way[..., 1], way[..., 0]], 2) / size[..., None]
    return (ends[:, 1:] + ends[:, :-1]) / 2, normal


def _inside(left: Shares, right: Shares) -> tuple[Ints, Ints]:
    """Edges at least half inside, each with the grid of greatest share (lowest row among equals)."""
    share = (left.share + right.share) / 2
    order = np.lexsort((left.grid, -share, left.edge))
    edge = left.edge[order]
    first = np.ones(len(edge), bool)
    first[1:] = edge[1:] != edge[:-1]
    size = int(edge[-1]) + 1 if len(edge) else 0
    total = np.bincount(left.edge, weights=share, minlength=size)
    best = order[first]
    best = best[total[left.edge[best]] >= 0.5 - 1e-9]
    return left.edge[best], left.grid[best]


def _along(left: Shares, right: Shares) -> Ints:
    """For each edge the two grids it is the border of, lower row first; -1, -1 where it is no border, (m, 2)."""
    size = int(left.edge[-1]) + 1 if len(left.edge) else 0
    out = np.full((size, 2), -1, np.int64)
    for column, side in enumerate((left, right)):
        on: Flags = side.share >= ALONG
        out[side.edge[on], column] = side.grid[on]
    no_border = (out < 0).any(axis=1) | (out[:, 0] == out[:, 1])
    out[no_border] = -1
    return np.sort(out, axis=1)


def _share_borders(owner: Ints, along: Ints, rows: Ints, length_mm: Ints, grids: int) -> None:
    """Give every border's edges to one of its two grids, written into `owner`."""
    load = np.zeros(grids, np.int64)
    np.add.at(load, owner[owner >= 0], length_mm[owner >= 0])
    pairs, group = np.unique(along[rows], axis=0, return_inverse=True)
    size = np.zeros(len(pairs), np.int64)
    np.add.at(size, group.ravel(), length_mm[rows])
    taker = np.zeros(len(pairs), np.int64)
    for border in np.lexsort((pairs[:, 1], pairs[:, 0], -size)).tolist():
        a, b = pairs[border].tolist()
        taker[border] = a if load[a] <= load[b] else b
        load[taker[border]] += size[border]
    owner[rows] = taker[group.ravel()]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a grid's walks begin: the point, the network node next to it, the metres between, the station's code."""

    xy: tuple[float, float]
    node: int
    access_m: float
    station: str
    notices: tuple[Notice, ...] = ()


FAR_M = 100.0
NEARBY_M, BESIDE_M = 150.0, 5.0


def nearby(plan: Plan, grid: int, network: Network) -> tuple[Ints, float]:
    """Streets nearest to a grid that has none: all hardly farther than the nearest one; and how far that is, metres.

    None when the nearest street is more than NEARBY_M away.
    """
    streets = network.streets
    if len(streets) == 0:
        return np.zeros(0, np.int64), 0.0
    shape = plan.geometry[grid]
    near = network.edge_tree.query(shape, predicate="dwithin", distance=NEARBY_M)
    if len(near) == 0:
        return np.zeros(0, np.int64), 0.0
    away = shapely.distance(streets.geometry[near], shape)
    edges: Ints = np.sort(near[away <= away.min() + BESIDE_M]).astype(np.int64)
    return edges, float(away.min())


def start_of(plan: Plan, grid: int, network: Network, edges: NDArray[Any], *, best: bool = False) -> Start:
    """Start of a grid's walks: its station; else a station inside it; else the street node nearest to its middle.

    The walk joins the part of the network that holds most of the grid's street length. At `best` it begins on the
    grid's own streets, next to the station, and the way there is not counted.
    """
    component = _main_component(network, edges)
    code = str(plan.grids.code[grid])
    row = _station(plan, grid)
    if row >= 0 and not best:
        xy = plan.territory.stations.xy[row]
        station = str(plan.territory.stations.code[row])
        node, away = network.nearest_node(xy, component)
        told: tuple[Notice, ...] = ()
        if away > FAR_M:
            facts: dict[str, str | int | float] = {"station": station, "distance_m": round(away, 1)}
            told = (Notice(kind="station-far-from-streets", where=code, facts=facts),)
        return Start(xy=(float(xy[0]), float(xy[1])), node=node, access_m=away, station=station, notices=told)
    nodes, _ = network.degree(edges)
    nodes = nodes[network.component[nodes] == component]
    middle = shapely.get_coordinates(shapely.centroid(plan.geometry[grid]))[0]
    middle = plan.territory.stations.xy[row] if row >= 0 else middle
    away_m = np.hypot(*(network.streets.node_xy[nodes] - middle).T)
    node = int(nodes[int(np.argmin(away_m))])
    x, y = network.streets.node_xy[node].tolist()
    station = str(plan.territory.stations.code[row]) if row >= 0 else ""
    return Start(xy=(x, y), node=node, access_m=0.0, station=station)


def _main_component(network: Network, edges: NDArray[Any]) -> int:
    part = network.component[network.tail[edges]]
    names, inverse = np.unique(part, return_inverse=True)
    total = np.zeros(len(names), np.int64)
    np.add.at(total, inverse, network.length_mm[edges])
    return int(names[int(np.argmax(total))])


def _station(plan: Plan, grid: int) -> int:
    """Row of the station of a grid: named for it, else the first unnamed one inside it, else -1."""
    stations = plan.territory.stations
    named = np.flatnonzero(stations.grid == plan.grids.code[grid])
    if len(named):
        return int(named[0])
    if len(stations) == 0:
        return -1
    held = shapely.intersects_xy(plan.geometry[grid], stations.xy[:, 0], stations.xy[:, 1])
    inside = np.flatnonzero(held & (stations.grid == ""))
    return int(inside[0]) if len(inside) else -1
