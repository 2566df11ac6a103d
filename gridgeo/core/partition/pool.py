"""Every grid ever seen in a zone, once, with its price: the columns plans are recombined from."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.score import Rule, Units, grid_cost
from gridgeo.core.partition.stream import STEP, scramble


class Pool(NamedTuple):
    """Arena of grids: grid j holds member[start[j]:start[j + 1]] at price cost[j].

    `slot` is a hash table of grid numbers (-1 free) keyed by a 64-bit sum over the members; `used` (1,) counts grids.
    """

    slot: NDArray[np.int64]
    key: NDArray[np.uint64]
    cost: NDArray[np.float64]
    start: NDArray[np.int64]
    member: NDArray[np.int32]
    used: NDArray[np.int64]


def pool_for(grids: int, members: int) -> Pool:
    """Empty pool with room for a number of grids and of members in all; more are silently not kept."""
    slots = 1 << (2 * grids - 1).bit_length()
    return Pool(
        np.full(slots, -1, np.int64),
        np.zeros(grids, np.uint64),
        np.zeros(grids),
        np.zeros(grids + 1, np.int64),
        np.zeros(members, np.int32),
        np.zeros(1, np.int64),
    )


@kernel
def key_of(members: Any) -> Any:
    """Order-free 64-bit key of a set of units."""
    key = np.uint64(0)
    for u in members:
        key += scramble(np.uint64(u + 1) * STEP)
    return key


@inner
def note(pool: Pool, units: Units, members: Any, rule: Rule, mark: Any) -> float:
    """Price of a grid, looked up or computed; new grids are kept."""
    key = key_of(members)
    at = np.int64(key & np.uint64(len(pool.slot) - 1))
    while pool.slot[at] >= 0:
        j = pool.slot[at]
        if pool.key[j] == key:
            return pool.cost[j]
        at = (at + 1) & (len(pool.slot) - 1)
    cost = grid_cost(units, members, rule, mark)
    j = pool.used[0]
    end = pool.start[j] + len(members)
    if j < len(pool.cost) and end <= len(pool.member):
        pool.slot[at] = j
        pool.key[j] = key
        pool.cost[j] = cost
        for i in range(len(members)):
            pool.member[pool.start[j] + i] = members[i]
        pool.start[j + 1] = end
        pool.used[0] = j + 1
    return cost


@kernel
def note_plan(pool: Pool, units: Units, label: Any, grids: int, rule: Rule, mark: Any) -> Any:
    """Note every grid of a plan; return the price of each of `grids` labels (0 for an empty one)."""
    end = np.zeros(grids + 1, np.int64)
    for g in label:
        end[g + 1] += 1
    for g in range(grids):
        end[g + 1] += end[g]
    order = np.empty(len(label), np.int64)
    at = end[:-1].copy()
    for u in range(len(label)):
        order[at[label[u]]] = u
        at[label[u]] += 1
    price = np.zeros(grids)
    for g in range(grids):
        if end[g + 1] > end[g]:
            price[g] = note(pool, units, order[end[g] : end[g + 1]], rule, mark)
    return price


@kernel
def note_pool(pool: Pool, units: Units, seen: Pool, rows: Any, rule: Rule, mark: Any) -> None:
    """Note every grid seen in a window, whose units are `rows` of the zone, at its price in the zone."""
    for j in range(seen.used[0]):
        members = rows[seen.member[seen.start[j] : seen.start[j + 1]]]
        note(pool, units, members, rule, mark)
