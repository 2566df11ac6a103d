"""A bound for zones of any size: shares of the price, one a unit, that no grid can undercut.

If every possible grid costs at least the sum of its units' shares, every plan costs at least the sum of all shares:
that is linear programming duality for set partitioning. Grids of large zones are too many to list, so the zone is
thinned first (see `thin`), the more the longer the list; sets of the thinned zone stand for all grids they are part
of, at a price none of these undercuts. A linear program over few sets finds good shares, and one pass over the whole
list lowers them where a set costs less. A grid that holds a wild unit may cost nothing: for each wild unit the most
that shares within reach could add up to is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.bound.grids import lift, list_sets, settle
from gridgeo.core.partition.bound.thin import LEVELS, Thin, least_border, reach, thinned
from gridgeo.core.partition.score import Rule, Units

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]

SETS, MEMBERS, EACH = 500_000, 6, 16_000
"""Sets listed, members of these on average, and sets looked at from one unit."""
FINE = 8.0
"""Units a grid above which nothing is tried: the list would be too long even of a thinned zone."""
LISTINGS = 6
"""Lists begun, each of a zone thinned more than the last."""
ROUNDS, LOSS = 3, 0.02
FIRST, MORE = 4, 2
"""Linear programs solved, the part of their shares that may be lost to sets they did not see before another is, and
sets for each unit in the first one and added to the next ones."""
DEAREST = 3.0
"""Price of leaving a unit out of all sets, in prices of the dearest grid at hand."""


@dataclass(frozen=True)
class Sets:
    """Sets of a thinned zone: set j holds member[start[j]:start[j + 1]] and costs at least price[j]."""

    start: Numbers
    member: NDArray[np.int32]
    price: Reals

    def left(self, share: Reals) -> Reals:
        """What the shares (k,) of its units leave of the price of each set."""
        return self.price - np.add.reduceat(share[self.member], self.start[:-1])

    def matrix(self, rows: Numbers, k: int) -> Any:
        """Sparse membership (k, len(rows))."""
        from scipy.sparse import csc_array

        size = np.diff(self.start)[rows]
        ptr = np.concatenate([[0], np.cumsum(size)])
        inside = np.arange(ptr[-1]) + np.repeat(self.start[rows] - ptr[:-1], size)
        return csc_array((np.ones(ptr[-1]), self.member[inside], ptr), shape=(k, len(rows)))


def listed(units: Units, rule: Rule) -> tuple[Thin, Sets] | None:
    """The zone thinned as little as gives a short list, and the list; None when none is short enough.

    The surroundings of units from which many sets grow are thinned one level more.
    """
    n = len(units.households)
    level = np.zeros(n, np.int64)
    most = min(SETS, EACH * n)
    for _ in range(LISTINGS):
        thin = thinned(units, level)
        start, member, price, seen = list_sets(thin, rule, most, MEMBERS * most, EACH)
        if not len(price):
            return None
        heavy = seen > EACH
        if (seen >= 0).all() and not heavy.any():
            return thin, Sets(start, member, price)
        near = around(units, thin.row[heavy]) if (seen >= 0).all() else np.ones(n, bool)
        level[near] = np.minimum(level[near] + 1, len(LEVELS) - 1)
    return None


def around(units: Units, rows: Numbers, steps: int = 1) -> NDArray[np.bool_]:
    """Flags (n,) of some units and all within a few steps."""
    source = np.repeat(np.arange(len(units.households)), np.diff(units.ptr))
    out = np.zeros(len(units.households), bool)
    out[rows] = True
    for _ in range(steps):
        out[units.adj[out[source]]] = True
    return out


def share_bound(units: Units, rule: Rule, label: Numbers, price: Reals) -> float:
    """Price no plan within the band undercuts; 0 when nothing is found.

    Parameters
    ----------
    units, rule
        A connected zone and what is asked.
    label, price
        A plan at hand (n,), from 0, and the price of each of its grids: where to begin.

    Notes
    -----
    Duality for set partitioning as in Barnhart et al. 1998, doi:10.1287/opre.46.3.316. Moves, walking and work are
    taken as free. Limits count sets, never seconds.
    """
    found = listed(units, rule) if len(label) <= FINE * len(price) else None
    if found is None:
        return 0.0
    thin, sets = found
    wild = [wild_of(units, thin, w, rule.high) for w in thin.wild.tolist()]
    size = np.bincount(label[thin.row], thin.households + 1.0, len(price))
    first = price[label[thin.row]] * (thin.households + 1.0) / size[label[thin.row]]
    share = priced(thin, sets, wild, first, DEAREST * float(price.max()))
    settle(sets.start, sets.member, sets.price, share)
    best = total(thin, share, wild)
    for part in (0.5, 1.0):
        lift(sets.start, sets.member, sets.price, share, part)
        settle(sets.start, sets.member, sets.price, share)
        best = max(best, total(thin, share, wild))
    return best


@dataclass(frozen=True)
class Wild:
    """What a grid with a wild unit may hold of the units that stayed, within `room` households, and its least price."""

    rows: Numbers
    room: int
    price: float


def wild_of(units: Units, thin: Thin, unit: int, high: int) -> Wild:
    """What is known of grids that hold a wild unit."""
    near = reach(units, unit, high)
    rows = np.flatnonzero(np.isin(thin.row, near))
    return Wild(rows, high - int(units.households[unit]), least_border(units, unit, near))


def total(thin: Thin, share: Reals, wild: list[Wild]) -> float:
    """Sum of the shares less, for each wild unit, the most that shares may exceed the least price of its grid by.

    Were two in one grid, one of them would be enough to take off.
    """
    most = (most_within(share[w.rows], thin.households[w.rows], w.room) - w.price for w in wild)
    return float(share.sum()) - fsum(max(0.0, over) for over in most)


def most_within(share: Reals, households: Numbers, room: int) -> float:
    """Most that shares add up to within `room` households, when units may be split.

    >>> most_within(np.array([4.0, 3.0, -1.0]), np.array([100, 50, 0]), 100)
    5.0
    """
    gain = np.maximum(share, 0.0)
    free = float(gain[households == 0].sum())
    lived = households > 0
    gain, size = gain[lived], households[lived]
    order = np.argsort(-gain / size, kind="stable")
    before = np.concatenate([[0], np.cumsum(size[order])[:-1]])
    part = np.clip((room - before) / size[order], 0.0, 1.0) if len(order) else np.zeros(0)
    return free + float((gain[order] * part).sum())


def priced(thin: Thin, sets: Sets, wild: list[Wild], share: Reals, dearest: float) -> Reals:
    """Shares from linear programs over few sets, those that undercut the last shares most added each time.

    The first sets are those that `share` (k,) just reaches, once it is settled and lifted.
    """
    from scipy.optimize import linprog
    from scipy.sparse import hstack, identity

    k = len(share)
    settle(sets.start, sets.member, sets.price, share)
    lift(sets.start, sets.member, sets.price, share, 1.0)
    chosen = np.argsort(sets.left(share), kind="stable")[: FIRST * k]
    for _ in range(ROUNDS):
        taken, within = wild_columns(thin, wild, len(chosen) + k)
        table = hstack([sets.matrix(chosen, k), identity(k), taken]).tocsc()
        price = np.concatenate([sets.price[chosen], np.full(k, dearest), np.zeros(taken.shape[1])])
        answer: Any = linprog(
            price, A_ub=within, b_ub=[w.room for w in wild], A_eq=table, b_eq=np.ones(k), bounds=(0, None),
            method="highs",
        )  # fmt: skip
        share = np.asarray(answer.eqlin.marginals)
        settled = share.copy()
        settle(sets.start, sets.member, sets.price, settled)
        if (share - settled).sum() <= LOSS * float(share.sum()):
            break
        left = sets.left(share)
        helps = np.flatnonzero(left < 0)
        chosen = np.union1d(chosen, helps[np.argsort(left[helps], kind="stable")[: MORE * k]])
    return share


def wild_columns(thin: Thin, wild: list[Wild], columns: int) -> tuple[Any, Any]:
    """What grids with wild units may take: a column for each unit covered, and the rows of households by wild unit.

    The rows begin with `columns` zeros.
    """
    from scipy.sparse import csc_array

    rows = np.concatenate([np.zeros(0, np.int64), *(w.rows for w in wild)])
    owner = np.repeat(np.arange(len(wild)), [len(w.rows) for w in wild])
    at = np.arange(len(rows))
    covers = csc_array((np.ones(len(rows)), (rows, at)), shape=(len(thin.row), len(rows)))
    held = thin.households[rows].astype(np.float64)
    return covers, csc_array((held, (owner, columns + at)), shape=(len(wild), columns + len(rows)))
