"""List all possible grids of a small zone: connected sets of units within the band, as bit masks with their price.

Each connected set is reached once: it grows from its lowest unit, and a unit passed over is forbidden to the branches
after it. A set whose remainder falls into parts no whole number of grids fits cannot belong to a plan and is left out.
"""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any

import numpy as np

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.score import MIXED, Rule, Units, duty_cost, moved_cost, shape_cost, size_cost

ONE, NONE = np.uint64(1), np.uint64(0)
DEBRUIJN = np.uint64(0x03F79D71B4CB0A89)
PLACE = np.zeros(64, np.int64)
for _i in range(64):
    PLACE[((0x03F79D71B4CB0A89 << _i) & 0xFFFFFFFFFFFFFFFF) >> 58] = _i
S58 = np.uint64(58)


@inner
def lowest(bits: Any) -> int:
    """Place of the lowest set bit, by de Bruijn multiplication."""
    return PLACE[int(((bits & (~bits + ONE)) * DEBRUIJN) >> S58)]


@inner
def neighbor_masks(units: Units) -> Any:
    """Bit mask of the neighbors of each unit."""
    n = len(units.households)
    out = np.zeros(n, np.uint64)
    for u in range(n):
        for e in range(units.ptr[u], units.ptr[u + 1]):
            out[u] |= ONE << np.uint64(units.adj[e])
    return out


@inner
def rest_fits(rest: Any, near: Any, units: Units, low: int, high: int) -> bool:
    """Whether each connected part of the rest holds a whole number of grids by arithmetic."""
    while rest != NONE:
        wave = rest & (~rest + ONE)
        households = 0
        rest &= ~wave
        while wave != NONE:
            v = lowest(wave)
            wave &= wave - ONE
            households += units.households[v]
            grown = near[v] & rest
            wave |= grown
            rest &= ~grown
        if households < low or -(-households // high) > households // low:
            return False
    return True


@inner
def add_unit(units: Units, sums: Any, depth: int, v: int, members: Any) -> None:
    """Sums of level depth + 1: those of level depth with unit v. Columns: households, area, x, y, r2, border."""
    for q in range(6):
        sums[depth + 1, q] = sums[depth, q]
    sums[depth + 1, 0] += units.households[v]
    for q in range(4):
        sums[depth + 1, q + 1] += units.moments[v, q]
    for e in range(units.ptr[v], units.ptr[v + 1]):
        inside = (members >> np.uint64(units.adj[e])) & ONE
        sums[depth + 1, 5] += -units.weight[e] if inside else units.weight[e]


@inner
def listed(members: Any) -> Any:
    """Units of a mask, ascending."""
    out = np.empty(64, np.int64)
    size = 0
    while members != NONE:
        out[size] = lowest(members)
        size += 1
        members &= members - ONE
    return out[:size]


@inner
def sums_cost(units: Units, sums: Any, members: Any, homes: Any, rule: Rule) -> float:
    """Price of a grid from its sums (6,) and its members."""
    cost = 0.5 * sums[5] + size_cost(int(sums[0]), rule)
    cost += rule.roundness * shape_cost(sums[1], sums[2], sums[3], sums[4])
    extra = -1
    for home in homes:
        extra += (members & home) != NONE
    if rule.walking > 0.0 or rule.workload > 0.0 or rule.widest > 0.0 or rule.farthest > 0.0:
        cost += duty_cost(units, listed(members), sums[1], rule)
    if rule.moving > 0.0:
        cost += moved_cost(units, listed(members), rule)
    return cost + MIXED * extra


@kernel
def list_grids(units: Units, rule: Rule, most: int, visits: int) -> Any:
    """All grids of n <= 64 units that may belong to a plan, as (masks, prices, whether the list is complete).

    Gives up, with an incomplete list, after `most` grids or `visits` sets. O(visits (degree + n)).
    """
    n = len(units.households)
    near = neighbor_masks(units)
    homes = np.zeros(units.home.max() + 1, np.uint64)
    for u in range(n):
        homes[units.home[u]] |= ONE << np.uint64(u)
    everything = ~NONE if n == 64 else (ONE << np.uint64(n)) - ONE
    mask, cost = np.empty(most, np.uint64), np.empty(most)
    members, open_, banned = np.zeros(n + 1, np.uint64), np.zeros(n + 1, np.uint64), np.zeros(n + 1, np.uint64)
    sums = np.zeros((n + 2, 6))
    got = seen = 0
    for root in range(n):
        depth = 0
        members[0], open_[0] = NONE, ONE << np.uint64(root)
        banned[0] = open_[0] - ONE
        while depth >= 0:
            if open_[depth] == NONE:
                depth -= 1
                continue
            bit = open_[depth] & (~open_[depth] + ONE)
            v = lowest(bit)
            open_[depth] ^= bit
            banned[depth] |= bit
            if sums[depth, 0] + units.households[v] > rule.high:
                continue
            seen += 1
            add_unit(units, sums, depth, v, members[depth])
            members[depth + 1] = members[depth] | bit
            banned[depth + 1] = banned[depth]
            open_[depth + 1] = (open_[depth] | near[v]) & ~banned[depth] & ~members[depth + 1]
            depth += 1
            if sums[depth, 0] >= rule.low and rest_fits(everything ^ members[depth], near, units, rule.low, rule.high):
                if got == most:
                    return mask, cost, False
                mask[got], cost[got] = members[depth], sums_cost(units, sums[depth], members[depth], homes, rule)
                got += 1
            if seen == visits:
                return mask, cost, False
    return mask[:got].copy(), cost[:got].copy(), True
