"""Ways out where no plan keeps the band: the smallest wider band, a lock to lift, a bridge to allow; cheapest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Border, Kind, Plan
from gridgeo.core.partition.params import fits
from gridgeo.core.partition.report import Infeasible

MOST_GRIDS = 10_000


@dataclass(frozen=True)
class WayOut:
    """One way out: what to change, to what, and how many households it concerns.

    `kind` is band (allow sizes `low` to `high`), lock (lift that of grid `where`) or bridge (let grids reach over it to
    grid `where`). `certain` tells that it is known to do: the plan at hand keeps that band. The others are what
    arithmetic allows.
    """

    kind: str
    where: str
    low: int
    high: int
    households: int
    certain: bool


def ways_out(plan: Plan, case: Infeasible, locks: Collection[str] = ()) -> tuple[WayOut, ...]:
    """Ways out of one infeasible case, certain ones and small changes first.

    Parameters
    ----------
    plan
        The plan drawn, with the grids out of band.
    case
        What cannot be.
    locks
        Codes of its grids that were locked.
    """
    low, high = plan.band
    grids = concerned(plan, case)
    out = list(_bands(plan, case, grids))
    for code, over_bridge in _beside(plan, grids):
        households = int(plan.households[plan.grids.row(code)])
        kind = "bridge" if over_bridge else "lock"
        if (over_bridge or code in locks) and fits(case.households + households, low, high):
            out.append(WayOut(kind, code, low, high, households, certain=False))
    return tuple(sorted(set(out), key=lambda way: (not way.certain, _cost(way, plan.band), way.kind, way.where)))


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


def _bands(plan: Plan, case: Infeasible, grids: NDArray[np.int64]) -> list[WayOut]:
    """The smallest band by arithmetic, and the one the plan at hand keeps, which may be the same."""
    low, high = plan.band
    out = []
    if len(grids):
        sizes = plan.households[grids]
        kept = min(low, int(sizes.min())), max(high, int(sizes.max()))
        out.append(WayOut("band", case.where, *kept, case.households, certain=True))
    least = widened(case.households, low, high)
    if least != (low, high) and all((way.low, way.high) != least for way in out):
        out.append(WayOut("band", case.where, *least, case.households, certain=False))
    return out


def _beside(plan: Plan, grids: NDArray[np.int64]) -> list[tuple[str, bool]]:
    """Codes of the grids beside some, and whether only a bridge leads there."""
    rows = plan.territory.adjacency
    a, b = plan.label[rows.u], plan.label[rows.v]
    mine = np.zeros(len(plan), bool)
    mine[grids] = True
    edge = np.flatnonzero((mine[a] != mine[b]) & rows.link)
    other = np.where(mine[a[edge]], b[edge], a[edge])
    bridge = rows.border[edge] == Border.BRIDGE
    on_land = set(other[~bridge].tolist())
    return [(str(plan.grids.code[g]), g not in on_land) for g in sorted(set(other.tolist()))]


def _cost(way: WayOut, band: tuple[int, int]) -> int:
    """Households by which the band is widened; lifting a lock or allowing a bridge widens nothing."""
    return (band[0] - way.low) + (way.high - band[1])
