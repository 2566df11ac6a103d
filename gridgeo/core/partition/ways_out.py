"""Ways out where no plan keeps the band: a lock, a bridge, a neighbor to join, a wider band, a compound to open."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Border, Kind, Plan, Stop, never
from gridgeo.core.partition.params import PlanParams, fits
from gridgeo.core.partition.report import Infeasible, OutOfBand
from gridgeo.core.partition.trial import CHEAP, Trial, tried

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_GRIDS = 10_000
RINGS = 3
"""Rings of grids beyond the first that a way out may draw anew."""
COMPOUNDS = 6
"""Compounds tried, the largest first."""
EASE = ("lock", "bridge", "join", "band", "open", "divide")
"""Kinds of ways out, from the least rule given up to the most work."""


@dataclass(frozen=True)
class WayOut:
    """One way out: what to change, to what, and how many households it concerns.

    `kind` is lock (lift that of grid `where`), bridge (let grids reach over it to grid `where`), join (with community
    `where`, along `border_m` meters), band (allow sizes `low` to `high`), open (let compound `where` be divided) or
    divide (give the parts of the compound or area `where`, too large in one piece). `certain` tells that it is known
    to do: a plan was drawn. The others are what arithmetic allows. `mixed` grids of that plan hold several communities;
    `cost_m` is what a join adds to its price, in meters of street border, None where no plan was drawn.
    """

    kind: str
    where: str
    low: int
    high: int
    households: int
    certain: bool
    border_m: float = 0.0
    mixed: int = 0
    cost_m: float | None = None


@dataclass(frozen=True)
class Scene:
    """A case on its plan: `atoms` its rows, `total` their households, `locked`, `own` and `free` flags of grids.

    `free` grids may be drawn anew: urban, not locked, without an area above the band, not of the case.
    """

    plan: Plan
    case: Infeasible
    params: PlanParams
    rng_seed: int
    stop: Stop
    atoms: Numbers
    total: int
    own: Flags
    locked: Flags
    free: Flags


def ways_out(
    plan: Plan,
    case: Infeasible,
    locks: Collection[str] = (),
    *,
    params: PlanParams | None = None,
    rng_seed: int = 1,
    stop: Stop = never,
) -> tuple[WayOut, ...]:
    """Ways out of one infeasible case: those known to do first, then those that give up least.

    Parameters
    ----------
    plan
        The plan drawn, with the grids out of band.
    case
        What cannot be.
    locks
        Codes of its grids that were locked.
    params
        What it was drawn with; None takes the defaults in the band of the plan.
    rng_seed, stop
        As in the drawing: each way is tried by drawing at most `CHEAP` atoms anew.
    """
    scene = scene_of(plan, case, locks, params or PlanParams(households=plan.band), rng_seed, stop)
    out = {*_bands(scene), *_beside(scene), *_joins(scene), *_opened(scene), *_divided(scene)}
    return tuple(sorted(out, key=lambda way: _rank(way, plan.band)))


def scene_of(
    plan: Plan, case: Infeasible, locks: Collection[str], params: PlanParams, rng_seed: int, stop: Stop
) -> Scene:
    """A case with what its ways out are sought in."""
    atoms = np.array(case.atoms, np.int64)
    if not len(atoms):
        atoms = np.flatnonzero(np.isin(plan.label, concerned(plan, case)))
    giant = np.zeros(len(plan), bool)
    giant[plan.label[plan.territory.atoms.households > plan.band[1]]] = True
    own = np.zeros(len(plan), bool)
    own[plan.label[atoms]] = True
    own &= ~giant
    locked = np.isin(plan.grids.code, list(locks))
    free = (plan.grids.kind == Kind.URBAN) & ~giant & ~own & ~locked
    total = int(plan.territory.atoms.households[atoms].sum())
    return Scene(plan, case, params, rng_seed, stop, atoms, total, own, locked, free)


def oversize_ways(plan: Plan, miss: OutOfBand) -> tuple[WayOut, ...]:
    """The way out for a grid whose single area is above the band: give the parts of that area, or of its compound."""
    atoms = plan.territory.atoms
    inside = np.flatnonzero(plan.label == plan.grids.row(miss.code))
    return tuple(_division(plan, int(atom)) for atom in inside if atoms.households[atom] > plan.band[1])


def widened(households: int, low: int, high: int) -> tuple[int, int]:
    """The band closest to low..high that some whole number of grids fits by arithmetic.

    Fewest households of change in both limits together; of equals the one that lowers less.

    >>> widened(599, 300, 500), widened(120, 300, 500)
    ((299, 500), (120, 500))
    """
    if households < 1:
        return low, high
    most = min(households, max(1, households // max(low, 1)) + 2, MOST_GRIDS)
    choices = [(min(low, households // k), max(high, -(-households // k))) for k in range(1, most + 1)]
    return min(choices, key=lambda band: (low - band[0] + band[1] - high, low - band[0]))


def concerned(plan: Plan, case: Infeasible) -> NDArray[np.int64]:
    """Grids of the connected ground, over walking links between grids of its kind, that holds the case's first atom."""
    rows, atoms = plan.territory.adjacency, plan.territory.atoms
    dry = ~(atoms.barrier[rows.u] | atoms.barrier[rows.v]) & (rows.border != Border.BRIDGE)
    over = rows.link & dry
    part = components(len(plan), plan.label[rows.u[over]], plan.label[rows.v[over]])
    where = {str(code): row for row, code in enumerate(atoms.code.tolist())}.get(case.where)
    if where is None:
        return np.flatnonzero(~plan.in_band)
    mine = part == part[plan.label[where]]
    return np.flatnonzero(mine & ~plan.in_band & (plan.grids.kind == Kind.URBAN))


def _bands(scene: Scene) -> list[WayOut]:
    """The smallest band by arithmetic, and the one the plan at hand keeps, which may be the same."""
    plan, case = scene.plan, scene.case
    low, high = plan.band
    out = []
    sizes = plan.households[scene.own & ~plan.in_band]
    if len(sizes):
        kept = min(low, int(sizes.min())), max(high, int(sizes.max()))
        out.append(WayOut("band", case.where, *kept, case.households, certain=True))
    least = widened(case.households, low, high)
    if least != (low, high) and all((way.low, way.high) != least for way in out):
        out.append(WayOut("band", case.where, *least, case.households, certain=False))
    return out


def _edges(scene: Scene, *, bridges: bool) -> tuple[Numbers, Numbers, NDArray[np.float64]]:
    """Ends in the case, ends outside and meters of the borders one may walk over, on land or over a bridge."""
    rows = scene.plan.territory.adjacency
    mine = np.zeros(len(scene.plan.territory.atoms), bool)
    mine[scene.atoms] = True
    kept = rows.link & (mine[rows.u] != mine[rows.v]) & ((rows.border == Border.BRIDGE) == bridges)
    u, v = rows.u[kept].astype(np.int64), rows.v[kept].astype(np.int64)
    return np.where(mine[u], u, v), np.where(mine[u], v, u), rows.length_m[kept]


def _around(scene: Scene, start: Flags, allowed: Flags) -> Iterator[Flags]:
    """The grids `start`, then ring by ring the `allowed` ones around them."""
    rows = scene.plan.territory.adjacency
    a, b = scene.plan.label[rows.u[rows.link]], scene.plan.label[rows.v[rows.link]]
    for _ in range(1 + RINGS):
        yield start
        grown = start.copy()
        grown[b[start[a]]] = True
        grown[a[start[b]]] = True
        grown &= allowed | start
        if (grown == start).all():
            return
        start = grown


def _try(scene: Scene, start: Flags, allowed: Flags, params: PlanParams) -> tuple[Trial, Flags]:
    """Draw the case with some grids and, until that does, rings of others around: what came of it, and with which.

    `holds` is None where arithmetic allows a plan and none was drawn, False where none can be.
    """
    open_, plan = False, scene.plan
    for grids in _around(scene, start, allowed):
        atoms = np.union1d(scene.atoms, np.flatnonzero(grids[plan.label]))
        if not fits(int(plan.territory.atoms.households[atoms].sum()), *plan.band):
            continue
        found = tried(plan.territory, atoms, params, rng_seed=scene.rng_seed, stop=scene.stop)
        if found.holds:
            return found, grids
        open_ |= found.holds is None
        if len(atoms) > CHEAP:
            break
    return Trial(None if open_ else False), start


def _beside(scene: Scene) -> Iterator[WayOut]:
    """Locks to lift on grids beside the case, and bridges that lead to others."""
    plan = scene.plan
    on_land, over = (np.unique(plan.label[_edges(scene, bridges=wet)[1]]) for wet in (False, True))
    far = np.setdiff1d(over, on_land) if not scene.params.cross_bridges else np.zeros(0, np.int64)
    lifted = on_land[scene.locked[on_land]]
    ways = [("lock", g, scene.params) for g in lifted.tolist()]
    ways += [("bridge", g, replace(scene.params, cross_bridges=True)) for g in far[scene.free[far]].tolist()]
    for kind, grid, params in ways:
        found, _ = _try(scene, np.arange(len(plan)) == grid, scene.free, params)
        if found.holds is not False:
            code, households = str(plan.grids.code[grid]), int(plan.households[grid])
            yield WayOut(kind, code, *plan.band, households, certain=bool(found.holds), mixed=found.mixed)


def _joins(scene: Scene) -> Iterator[WayOut]:
    """Neighbor communities to join, where communities bind."""
    plan, atoms = scene.plan, scene.plan.territory.atoms
    if not scene.params.nest:
        return
    _, outside, meters = _edges(scene, bridges=False)
    grid = plan.label[outside]
    home = plan.grids.community[grid]
    rural = plan.grids.kind == Kind.RURAL
    able = (scene.free | rural)[grid] & (home >= 0) & ~np.isin(home, atoms.community[scene.atoms])
    for community in np.unique(home[able]).tolist():
        at = able & (home == community)
        start = np.zeros(len(plan), bool)
        start[grid[at]] = True
        way = _join(scene, community, start, float(meters[at].sum()))
        if way is not None:
            yield way


def _join(scene: Scene, community: int, start: Flags, border_m: float) -> WayOut | None:
    """Joining a community whose grids `start` lie beside; with rural ones only arithmetic is asked."""
    plan = scene.plan
    code = str(plan.territory.communities.code[community])
    theirs = scene.free & (plan.grids.community == community)
    if not start[theirs].any():
        households = int(plan.households[start].sum())
        holds = fits(scene.total + households, *plan.band)
        return WayOut("join", code, *plan.band, households, certain=False, border_m=border_m) if holds else None
    found, grids = _try(scene, start & theirs, theirs, scene.params)
    if found.holds is False:
        return None
    households = int(plan.households[grids].sum())
    if not found.holds:
        return WayOut("join", code, *plan.band, households, certain=False, border_m=border_m)
    rows = np.flatnonzero(grids[plan.label])
    alone = tried(plan.territory, rows, scene.params, rng_seed=scene.rng_seed, stop=scene.stop)
    cost = round(found.cost - alone.cost, 1)
    return WayOut("join", code, *plan.band, households, True, border_m, found.mixed, cost)


def _opened(scene: Scene) -> Iterator[WayOut]:
    """Compounds kept whole inside the case that would let a plan be drawn if they were not."""
    plan, atoms = scene.plan, scene.plan.territory.atoms
    if not fits(scene.total, *plan.band):
        return
    row = atoms.compound[scene.atoms]
    parts = np.bincount(row[row >= 0], minlength=len(plan.territory.compounds))
    size = np.bincount(row[row >= 0], atoms.households[scene.atoms][row >= 0], len(parts)).astype(np.int64)
    whole = np.flatnonzero((parts > 1) & (size <= plan.band[1]))
    for compound in whole[np.argsort(-size[whole], kind="stable")][:COMPOUNDS].tolist():
        found = tried(
            plan.territory, scene.atoms, scene.params, opened=compound, rng_seed=scene.rng_seed, stop=scene.stop
        )
        if found.holds is not False:
            code = str(plan.territory.compounds.code[compound])
            yield WayOut("open", code, *plan.band, int(size[compound]), certain=bool(found.holds), mixed=found.mixed)


def _divided(scene: Scene) -> Iterator[WayOut]:
    """Areas above the band beside the case, whose parts could take it."""
    _, outside, _ = _edges(scene, bridges=False)
    households = scene.plan.territory.atoms.households
    for atom in np.unique(outside[households[outside] > scene.plan.band[1]]).tolist():
        if fits(scene.total + int(households[atom]), *scene.plan.band):
            yield _division(scene.plan, atom)


def _division(plan: Plan, atom: int) -> WayOut:
    """Dividing one area, named by its compound where it is one."""
    atoms, compound = plan.territory.atoms, int(plan.territory.atoms.compound[atom])
    code = str(plan.territory.compounds.code[compound]) if compound >= 0 else str(atoms.code[atom])
    return WayOut("divide", code, *plan.band, int(atoms.households[atom]), certain=False)


def _rank(way: WayOut, band: tuple[int, int]) -> tuple[bool, int, int, int, float, float, str]:
    """Order of ways out: known to do, ease, households the band is widened by, mixed grids, price, border, name."""
    wider = (band[0] - way.low) + (way.high - band[1])
    cost = np.inf if way.cost_m is None else way.cost_m
    return not way.certain, EASE.index(way.kind), wider, way.mixed, cost, -way.border_m, way.where
