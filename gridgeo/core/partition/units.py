"""From territory to units: contract what must stay whole, price borders, and cut graphs out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components, csr
from gridgeo.core.model import Border, Notice, Territory
from gridgeo.core.partition.footways import Footways, footways, work_of
from gridgeo.core.partition.params import PlanParams
from gridgeo.core.partition.score import NO_WALKS, NO_WORK, Units

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_WEIGHT = 0.01


@dataclass(frozen=True)
class Ground:
    """The territory as units: `unit` (atoms,) tells each atom's unit; the rest has one row a unit or an edge.

    Edges `u` < `v`, once a pair, with priced meters `weight` and whether one may walk across (`link`). `touch_m` is
    the shared border in meters. `lead` (units,) is the lowest atom of each unit: its name. `old` (units,) is the grid
    it lay in before a redraw, -1 for none. `ways` and `work` (units,) are there where walking or work count;
    `uncounted` (units,) tells where an atom has no count of households.
    """

    unit: Numbers
    households: Numbers
    moments: Reals
    community: Numbers
    kind: Numbers
    exclusive: Numbers
    lead: Numbers
    u: Numbers
    v: Numbers
    weight: Reals
    touch_m: Reals
    link: Flags
    old: Numbers
    notices: tuple[Notice, ...]
    ways: Footways | None = None
    work: Reals = field(default_factory=lambda: NO_WORK)
    uncounted: Flags = field(default_factory=lambda: np.zeros(0, bool))

    def __len__(self) -> int:
        return len(self.households)

    def graph(self, rows: Numbers, home: Numbers | None = None) -> Units:
        """Walkable graph of the given units, renumbered in their order; `home` (rows,) tells communities."""
        new = np.full(len(self), -1, np.int64)
        new[rows] = np.arange(len(rows))
        kept = self.link & (new[self.u] >= 0) & (new[self.v] >= 0)
        ptr, adj, edge = csr(len(rows), new[self.u[kept]], new[self.v[kept]])
        moments = centered(self.moments[rows])
        homes = np.zeros(len(rows), np.int64) if home is None else home
        old = self.old[rows]
        was = np.bincount(old[old >= 0], self.households[rows][old >= 0] + 1).astype(np.int64)
        walk = self.ways.between(rows) if self.ways is not None and self.ways.wanted(self.kind[rows]) else NO_WALKS
        work = self.work[rows] if len(self.work) else NO_WORK
        return Units(ptr, adj, self.weight[kept][edge], self.households[rows], moments, homes, old, was, walk, work)


def centered(moments: Reals) -> Reals:
    """Moments about the mean center of the rows, so that sums keep their digits."""
    area = moments[:, 0]
    cx, cy = moments[:, 1].sum() / max(area.sum(), 1e-9), moments[:, 2].sum() / max(area.sum(), 1e-9)
    out = moments.copy()
    out[:, 1] -= cx * area
    out[:, 2] -= cy * area
    out[:, 3] += area * (cx * cx + cy * cy) - 2 * (cx * moments[:, 1] + cy * moments[:, 2])
    return out


def ground_of(territory: Territory, params: PlanParams, old: Numbers | None = None) -> Ground:
    """Contract the territory: compounds up to the upper limit stay whole, barrier land joins one bank.

    `old` (atoms,) is the grid each atom lay in, -1 for none: no unit lies over two of them.
    """
    atoms = territory.atoms
    old = np.full(len(atoms), -1, np.int64) if old is None else old
    notices: list[Notice] = []
    whole = whole_compounds(territory, params.households[1], notices)
    edge = merged_rows(territory, params)
    stays = old[edge.u] == old[edge.v]
    same = edge.link & (whole[edge.u] >= 0) & (whole[edge.u] == whole[edge.v]) & stays
    unit = components(len(atoms), edge.u[same], edge.v[same])
    unit = attach_surfaces(unit, atoms.barrier, atoms.community, edge, stays)
    ground = contract(territory, unit, edge, old, tuple(notices))
    ways = footways(territory, params, ground.unit, ground.u[ground.link], ground.v[ground.link])
    work = work_of(territory, params.work, ground.unit) if params.workload > 0 else NO_WORK
    uncounted = np.bincount(ground.unit, ~atoms.known, len(ground)) > 0
    return replace(ground, ways=ways, work=work, uncounted=uncounted)


@dataclass(frozen=True)
class Edges:
    """One row a pair of neighbors."""

    u: Numbers
    v: Numbers
    weight: Reals
    touch_m: Reals
    link: Flags


def merged_rows(territory: Territory, params: PlanParams) -> Edges:
    """The territory's borders, one row a pair: priced meters, shared meters, and whether one may walk across.

    Where no street, wall or path is known the classes say nothing: every meter costs 1.
    """
    rows = territory.adjacency
    bridge = rows.border == Border.BRIDGE
    price = np.array([params.border_costs.of(border) for border in Border])
    if len(np.setdiff1d(rows.border[~bridge & rows.link], (Border.OPEN, Border.COMMUNITY))) == 0:
        price[: Border.BRIDGE] = 1.0
    barrier = territory.atoms.barrier
    dry = ~(barrier[rows.u] | barrier[rows.v])
    link = rows.link & dry & (~bridge | params.cross_bridges)
    n = len(territory.atoms)
    key, at = np.unique(rows.u.astype(np.int64) * n + rows.v, return_inverse=True)
    walk = np.bincount(at, link, len(key)) > 0
    priced = summed(at, np.where(rows.link, rows.length_m * price[rows.border], 0.0), len(key))
    touch = summed(at, np.where(bridge, 0.0, rows.length_m), len(key))
    return Edges(key // n, key % n, np.maximum(priced, LEAST_WEIGHT), touch, walk)


def whole_compounds(territory: Territory, high: int, notices: list[Notice]) -> Numbers:
    """Compound of each atom that must stay whole, else -1; larger ones are opened and noticed."""
    atoms = territory.atoms
    k = len(territory.compounds)
    inside = atoms.compound >= 0
    total = np.bincount(atoms.compound[inside], atoms.households[inside], k).astype(np.int64)
    several = np.bincount(atoms.compound[inside], minlength=k) > 1
    for row in np.flatnonzero((total > high) & several).tolist():
        facts: dict[str, str | int | float] = {"name": str(territory.compounds.name[row]), "most": high}
        code = str(territory.compounds.code[row])
        notices.append(Notice(kind="compound-opened", where=code, households=int(total[row]), facts=facts))
    out = atoms.compound.astype(np.int64)
    out[np.flatnonzero(inside)[total[out[inside]] > high]] = -1
    out[atoms.exclusive >= 0] = -1
    return out


def attach_surfaces(unit: Numbers, surface: Flags, community: NDArray[np.int32], edge: Edges, stays: Flags) -> Numbers:
    """Join each barrier surface to one bank: its old grid first, its own community next, then the longest border.

    Surfaces that touch no bank follow the surface they touch. What touches nothing stays a unit of its own.
    """
    out = unit.copy()
    done = ~surface
    own = community[edge.u] == community[edge.v]
    order = np.lexsort((edge.v, edge.u, -edge.touch_m, ~own, ~stays))
    order = order[edge.touch_m[order] > 0]
    while not done.all():
        taken: dict[int, int] = {}
        for e in order.tolist():
            a, b = int(edge.u[e]), int(edge.v[e])
            if done[a] != done[b]:
                wet, dry = (b, a) if done[a] else (a, b)
                taken.setdefault(wet, dry)
        if not taken:
            break
        for wet, dry in taken.items():
            out[wet] = out[dry]
            done[wet] = True
    return out


def contract(territory: Territory, unit: Numbers, edge: Edges, old: Numbers, notices: tuple[Notice, ...]) -> Ground:
    """Rows of units from rows of atoms."""
    atoms = territory.atoms
    _, lead, unit = np.unique(unit, return_index=True, return_inverse=True)
    k = len(lead)
    area, center = atoms.area_m2, atoms.centroid - atoms.centroid.mean(axis=0)
    own = np.stack([area, area * center[:, 0], area * center[:, 1], area * (center**2).sum(1) + area**2 / 12], 1)
    moments = np.stack([summed(unit, own[:, q], k) for q in range(4)], 1)
    a, b = unit[edge.u], unit[edge.v]
    apart = a != b
    low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
    key, at = np.unique(low * k + high, return_inverse=True)
    return Ground(
        unit=unit,
        households=np.bincount(unit, atoms.households, k).astype(np.int64),
        moments=moments,
        community=chief(unit, atoms.community.astype(np.int64), atoms.households, area, k),
        kind=chief(unit, atoms.kind.astype(np.int64), atoms.households, area, k),
        exclusive=chief(unit, atoms.exclusive.astype(np.int64), atoms.households, area, k),
        lead=lead,
        u=key // k,
        v=key % k,
        weight=summed(at, edge.weight[apart], len(key)),
        touch_m=summed(at, edge.touch_m[apart], len(key)),
        link=np.bincount(at, edge.link[apart], len(key)) > 0,
        old=chief(unit, old, atoms.households, area, k),
        notices=notices,
    )


def summed(group: Numbers, value: NDArray[Any], k: int) -> Reals:
    """Sum of the values in each of k groups.

    >>> summed(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]), 3).tolist()
    [1.0, 0.0, 5.0]
    """
    return np.bincount(group, value, k).astype(np.float64)


def chief(group: Numbers, value: Numbers, households: Numbers, area: Reals, k: int) -> Numbers:
    """Value held by most households (then most area, then the lowest) in each of k groups.

    >>> chief(np.array([0, 0, 1]), np.array([4, 2, -1]), np.array([5, 9, 0]), np.ones(3), 2).tolist()
    [2, -1]
    """
    base = int(value.min(initial=0))
    span = int(value.max(initial=0)) - base + 1
    key, at = np.unique(group * span + (value - base), return_inverse=True)
    most_h, most_a = np.bincount(at, households), np.bincount(at, area)
    order = np.lexsort((-key, most_a, most_h, key // span))
    last = np.r_[key[order][1:] // span != key[order][:-1] // span, True] if len(key) else np.zeros(0, bool)
    out = np.full(k, -1, np.int64)
    best = key[order][last]
    out[best // span] = best % span + base
    return out
