"""What a grid costs, all in meters of street border: border by class, roundness, size, walking, work, moves."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import inner

FEE = 100_000.0
"""Meters a grid outside the band pays beside 100 for each household: no border is worth a breach."""
BREACH = 100.0
MIXED = 10_000.0
"""Meters a grid pays for each community it holds beyond the first."""


NOBODY = np.zeros(0, np.int64)
NO_WALKS = np.zeros((0, 0), np.float32)
NO_WORK = np.zeros(0)


class Units(NamedTuple):
    """Graph of what must stay whole, in compressed rows (the order kernels read it in).

    `ptr` (n + 1,), `adj` (2 m,), `weight` (2 m,) priced meters; `households` (n,); `moments` (n, 4) area, area x,
    area y, area r2 + own inertia about the local origin; `home` (n,) community number from 0. In a redraw `old` (n,)
    is the grid a unit lay in, -1 for none, and `was` its size there: households plus one for each unit. Where they
    are priced, `walk` (n, n) holds meters on foot and `work` (n,) the work in each unit.
    """

    ptr: NDArray[np.int64]
    adj: NDArray[np.int64]
    weight: NDArray[np.float64]
    households: NDArray[np.int64]
    moments: NDArray[np.float64]
    home: NDArray[np.int64]
    old: NDArray[np.int64] = NOBODY
    was: NDArray[np.int64] = NOBODY
    walk: NDArray[np.float32] = NO_WALKS
    work: NDArray[np.float64] = NO_WORK


class Rule(NamedTuple):
    """Band and prices as kernels read them; the search admits sizes in soft_low..soft_high.

    `moving` is the price of each household, and of each unit, that leaves its old grid; 0 where there is none.
    `walking` prices meters of walking radius, `workload` the square of the deviation from `mean_work`. A grid wider
    than `widest` m2 or with a radius over `farthest` m pays as one outside the band; 0 is no limit.
    """

    low: int
    high: int
    soft_low: int
    soft_high: int
    target: float
    deviation: float
    roundness: float
    moving: float = 0.0
    walking: float = 0.0
    workload: float = 0.0
    mean_work: float = 1.0
    widest: float = 0.0
    farthest: float = 0.0


@inner
def walk_radius(units: Units, members: Any) -> float:
    """Meters on foot from the best-placed member to the farthest with households. O(members^2)."""
    best = np.inf
    for a in members:
        far = 0.0
        for b in members:
            if units.households[b] > 0 and units.walk[a, b] > far:
                far = units.walk[a, b]
                if far >= best:
                    break
        best = min(best, far)
    return best


@inner
def duty_cost(units: Units, members: Any, area: float, rule: Rule) -> float:
    """Price of walking, work and limits of a rural grid; 0 where none is asked for."""
    cost = 0.0
    if rule.walking > 0.0 or rule.farthest > 0.0:
        radius = walk_radius(units, members)
        cost += rule.walking * radius
        if rule.farthest > 0.0 and radius > rule.farthest:
            cost += FEE + BREACH * (radius - rule.farthest)
    if rule.workload > 0.0:
        work = 0.0
        for u in members:
            work += units.work[u]
        off = work / rule.mean_work - 1.0
        cost += rule.workload * off * off
    if rule.widest > 0.0 and area > rule.widest:
        cost += FEE * area / rule.widest
    return cost


@inner
def shape_cost(area: float, x: float, y: float, r2: float) -> float:
    """sqrt(area) / roundness of a shape from its moments: 2 pi I / A^1.5; a disc pays sqrt(area)."""
    if area <= 0.0:
        return 0.0
    inertia = max(r2 - (x * x + y * y) / area, 0.0)
    return 2.0 * math.pi * inertia / (area * math.sqrt(area))


@inner
def size_cost(households: int, rule: Rule) -> float:
    """Price of the number of households: square of the deviation, and a heavy fee outside the band."""
    half = max(0.5 * (rule.high - rule.low), 1.0)
    off = (households - rule.target) / half
    cost = rule.deviation * off * off
    if households < rule.low:
        cost += FEE + BREACH * (rule.low - households)
    elif households > rule.high:
        cost += FEE + BREACH * (households - rule.high)
    return cost


@inner
def kept_of(units: Units, members: Any, first: int) -> int:
    """Households and units among members[first:] of the old grid of members[first]; 0 if met before or for none."""
    old = units.old[members[first]]
    if old < 0:
        return 0
    for j in range(first):
        if units.old[members[j]] == old:
            return 0
    kept = 0
    for j in range(first, len(members)):
        if units.old[members[j]] == old:
            kept += units.households[members[j]] + 1
    return kept


@inner
def moved_cost(units: Units, members: Any, rule: Rule) -> float:
    """Price of what moves into a grid: all of it but the old grid it holds more than half of.

    Half, so that of the parts of an old grid only one succeeds it, and prices of grids add up.
    """
    total = kept = 0
    for i in range(len(members)):
        total += units.households[members[i]] + 1
        same = kept_of(units, members, i)
        if same > kept and 2 * same > units.was[units.old[members[i]]]:
            kept = same
    return rule.moving * (total - kept)


@inner
def grid_cost(units: Units, members: Any, rule: Rule, mark: Any) -> float:
    """Full price of one grid: half of each cut edge, shape, size and communities. `mark` is scratch of -1."""
    households = 0
    area = x = y = r2 = cut = 0.0
    homes = 0
    for u in members:
        mark[u] = 1
    for i in range(len(members)):
        u = members[i]
        households += units.households[u]
        area += units.moments[u, 0]
        x += units.moments[u, 1]
        y += units.moments[u, 2]
        r2 += units.moments[u, 3]
        for e in range(units.ptr[u], units.ptr[u + 1]):
            if mark[units.adj[e]] < 0:
                cut += units.weight[e]
        new = True
        for j in range(i):
            if units.home[members[j]] == units.home[u]:
                new = False
                break
        homes += new
    for u in members:
        mark[u] = -1
    shape = rule.roundness * shape_cost(area, x, y, r2)
    moved = moved_cost(units, members, rule) if rule.moving > 0.0 else 0.0
    duty = duty_cost(units, members, area, rule)
    return 0.5 * cut + shape + size_cost(households, rule) + MIXED * max(homes - 1, 0) + moved + duty
