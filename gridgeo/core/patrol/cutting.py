"""A proven lower bound for linking and evening out torn streets: linear programming over cuts, small and in place.

What is walked for the way only, `x`, crosses every set of nodes that holds an odd number of odd nodes at least once,
and every set of whole pieces at least twice (Corberan and Sanchis 1994, doi:10.1016/0377-2217(94)90398-0). The dual
simplex method starts from no cut at all and stays dual feasible, so that it may end at any step: its prices always
prove a bound. Violated cuts are found exactly: pieces by a minimum cut (Stoer and Wagner 1997), odd sets by a cut tree
of what is left when ways walked fully are shrunk (Padberg and Rao 1982; Gusfield 1990).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from gridgeo.core.model import Flags, Floats, Ints
from gridgeo.core.patrol.separate import violated_sets

SLACK = 1e-7


class Torn(NamedTuple):
    """k nodes in pieces `piece` (numbered from 0), `odd` of them, and ways `i`, `j` of whole `length` > 0 between."""

    piece: Ints
    odd: Flags
    i: Ints
    j: Ints
    length: Ints


class Relaxed(NamedTuple):
    """Proven lower bound of the extra length, the fractional passes of each way, and whether no cut is violated."""

    bound: int
    passes: Floats
    done: bool


def relax(torn: Torn, *, work: int = 4_000_000) -> Relaxed:
    """Lower bound of the ways that join all pieces and leave every degree even.

    Parameters
    ----------
    torn
        The pieces and the ways between their nodes.
    work
        Most numbers of the tableau to be looked at or changed: the limit of effort that does not depend on the clock.

    Examples
    --------
    >>> two = Torn(np.array([0, 1]), np.zeros(2, bool), np.array([0]), np.array([1]), np.array([7]))
    >>> relax(two)[:2]
    (14, array([2.]))
    """
    ways, nodes = len(torn.length), len(torn.piece)
    cuts = np.zeros((0, ways), np.bool_)
    least = np.zeros(0)
    more, need = _first_cuts(torn)
    table, basic, free = np.zeros((0, ways + 1)), np.zeros(0, np.int64), np.arange(ways)
    price = torn.length.astype(np.float64)
    done = len(need) == 0
    known: set[bytes] = set()
    while len(need):
        known.update(row.tobytes() for row in more)
        table, basic = _with_rows(table, basic, free, more, need, len(cuts), ways)
        cuts, least = np.concatenate([cuts, more]), np.concatenate([least, need])
        work -= _dual_simplex(table, price, basic, free, work)
        if work <= 0:
            break
        x = _passes(table, basic, ways)
        sets, need = violated_sets(torn.piece, torn.odd, torn.i, torn.j, x, nodes)
        more = sets[:, torn.i] != sets[:, torn.j]
        new = np.array([row.tobytes() not in known for row in more], bool)
        more, need = more[new], need[new]
        done = len(need) == 0
    return Relaxed(_proven(cuts, least, price, free, torn.length), _passes(table, basic, ways), done)


def _first_cuts(torn: Torn) -> tuple[Flags, Floats]:
    """Every odd node is left once more, every piece twice."""
    nodes = np.flatnonzero(torn.odd)
    ends = torn.i, torn.j
    single = (ends[0] == nodes[:, None]) != (ends[1] == nodes[:, None])
    pieces = int(torn.piece.max()) + 1
    names = np.arange(pieces if pieces > 1 else 0)[:, None]
    whole = (torn.piece[ends[0]] == names) != (torn.piece[ends[1]] == names)
    return np.concatenate([single, whole]), np.concatenate([np.ones(len(single)), np.full(len(whole), 2.0)])


def _with_rows(
    table: Floats, basic: Ints, free: Ints, more: Flags, need: Floats, count: int, ways: int
) -> tuple[Floats, Ints]:
    """The tableau with a row for each new cut, written in the variables that are free now; its slack is basic."""
    column = np.full(ways, -1)
    own = free < ways
    column[free[own]] = np.flatnonzero(own)
    rows = np.zeros((len(more), table.shape[1]))
    rows[:, -1] = -need
    for row, cut in zip(rows, more, strict=True):
        at = column[cut]
        row[at[at >= 0]] += 1.0
    _substitute(rows, more, table, basic)
    names = ways + count + np.arange(len(more))
    return np.ascontiguousarray(np.concatenate([table, rows])), np.concatenate([basic, names])


@njit(cache=True)
def _substitute(rows, more, table, basic):  # type: ignore[no-untyped-def]
    """Add to each row of a new cut what its basic ways are in the free variables; one addition a nonzero, in order.

    Cuts hold few of the basic ways: a product of whole matrices takes several times as long, on every core there is.
    """
    for held in range(len(basic)):
        way = basic[held]
        if way < more.shape[1]:
            for row in range(len(rows)):
                if more[row, way]:
                    rows[row] += table[held]


def _passes(table: Floats, basic: Ints, ways: int) -> Floats:
    x = np.zeros(ways)
    held = basic < ways
    x[basic[held]] = table[held, -1]
    return x


def _proven(cuts: Flags, least: Floats, price: Floats, free: Ints, length: Ints) -> int:
    """Bound that the prices of the cuts prove, made safe: scaled down until no way costs less than its cuts."""
    ways = cuts.shape[1]
    pays = np.zeros(len(cuts))
    slack = free >= ways
    pays[free[slack] - ways] = np.maximum(price[slack], 0.0)
    charged = pays @ cuts
    tight = charged > 0
    scale = min(1.0, float((length[tight] / charged[tight]).min())) if tight.any() else 1.0
    bound = scale * float(pays @ least)
    return int(np.ceil(bound - 1e-3 - 1e-9 * bound))


@njit(cache=True)
def _dual_simplex(table, price, basic, free, work):  # type: ignore[no-untyped-def]
    """Pivot until no basic variable is negative or the work is spent; numbers looked at or changed.

    Row r says basic[r] = table[r, -1] + the sum of table[r, c] * free[c]. `table` is float64.
    """
    rows, width = table.shape
    spent = 0
    columns = np.empty(width, np.int64)
    while spent < work:
        r = 0
        for row in range(rows):
            if table[row, width - 1] < table[r, width - 1]:
                r = row
        spent += rows + width
        if table[r, width - 1] >= -SLACK:
            return spent
        c, best = -1, 0.0
        for column in range(width - 1):
            if table[r, column] > 1e-9:
                ratio = price[column] / table[r, column]
                if c < 0 or ratio < best - 1e-12 or (ratio <= best + 1e-12 and table[r, column] > table[r, c]):
                    c, best = column, ratio
        if c < 0:  # rounding has eaten the row: the prices prove what they prove
            return work
        spent += _pivot(table, price, r, c, columns)
        basic[r], free[c] = free[c], basic[r]
    return spent


@njit(cache=True)
def _pivot(table, price, r, c, columns):  # type: ignore[no-untyped-def]
    """Let the free variable of column c and the basic one of row r change places; numbers changed."""
    rows, width = table.shape
    over = 1.0 / table[r, c]
    size = 0
    for column in range(width):
        if table[r, column] != 0.0 and column != c:
            table[r, column] = -table[r, column] * over
            columns[size] = column
            size += 1
    table[r, c] = over
    changed = size
    for row in range(rows):
        factor = table[row, c]
        if row != r and factor != 0.0:
            for at in range(size):
                table[row, columns[at]] += factor * table[r, columns[at]]
            table[row, c] = factor * over
            changed += size
    factor = price[c]
    for at in range(size):
        if columns[at] < width - 1:
            price[columns[at]] += factor * table[r, columns[at]]
    price[c] = factor * over
    return changed
