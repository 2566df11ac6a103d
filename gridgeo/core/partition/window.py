"""Windows into a zone: a few grids around one, their units as a graph of their own, and the grids seen inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.candidates import Seen
from gridgeo.core.partition.pool import Pool, key_of
from gridgeo.core.partition.recombine import recombine
from gridgeo.core.partition.score import Rule, Units

Numbers = NDArray[np.int64]

GAP, NODES, COLUMNS = 5e-4, 50, 4000
"""Limits of the integer program over grids seen."""


def packed(label: Numbers) -> Numbers:
    """Labels renumbered from 0 without holes.

    >>> packed(np.array([7, 2, 7])).tolist()
    [1, 0, 1]
    """
    return np.asarray(np.unique(label, return_inverse=True)[1], np.int64)


def broken_grids(units: Units, label: Numbers, rule: Rule) -> Numbers:
    """Labels of the grids outside the band."""
    size = np.bincount(label, units.households)
    return np.flatnonzero(((size < rule.low) | (size > rule.high)) & (np.bincount(label) > 0))


def cut_out(units: Units, rows: Numbers) -> Units:
    """Graph of some of the units, renumbered in their order."""
    n = len(units.households)
    new = np.full(n, -1, np.int64)
    new[rows] = np.arange(len(rows))
    source = np.repeat(np.arange(n), np.diff(units.ptr))
    kept = (new[source] >= 0) & (new[units.adj] >= 0)
    order = np.argsort(new[source[kept]], kind="stable")
    ptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(np.bincount(new[source[kept]], minlength=len(rows)), out=ptr[1:])
    return Units(
        ptr, new[units.adj[kept]][order], units.weight[kept][order], units.households[rows], units.moments[rows],
        units.home[rows], units.old[rows] if len(units.old) else units.old, units.was,
        units.walk[np.ix_(rows, rows)] if len(units.walk) else units.walk,
        units.work[rows] if len(units.work) else units.work,
    )  # fmt: skip


def grids_around(units: Units, label: Numbers, grid: int, most: int) -> Numbers:
    """Up to `most` grids nearest to one grid by steps over borders, itself first."""
    grids = int(label.max()) + 1
    key = np.unique(np.repeat(label, np.diff(units.ptr)) * grids + label[units.adj])
    start = np.searchsorted(key, np.arange(grids + 1) * grids)
    taken, known = [grid], {grid}
    for g in taken:
        near = (key[start[g] : start[g + 1]] - g * grids).tolist()
        taken.extend(q for q in near if q not in known)
        known.update(near)
        if len(taken) >= most:
            break
    return np.array(taken[:most], np.int64)


def pool_within(pool: Pool, rows: Numbers, n: int) -> Pool:
    """The grids of a pool over n units that lie wholly in `rows`, members renumbered by their place there.

    Keys stay those of the whole zone; the hash table is left out. O(size of the pool).
    """
    used = int(pool.used[0])
    ptr = pool.start[: used + 1]
    new = np.full(n, -1, np.int32)
    new[rows] = np.arange(len(rows))
    member = new[pool.member[: ptr[-1]]]
    kept = np.minimum.reduceat(member, ptr[:-1]) >= 0
    size = np.diff(ptr)
    start = np.zeros(int(kept.sum()) + 1, np.int64)
    np.cumsum(size[kept], out=start[1:])
    inside = member[np.repeat(kept, size)]
    return Pool(pool.slot[:0], pool.key[:used][kept], pool.cost[:used][kept], start, inside, np.array([kept.sum()]))


def recombine_seen(
    pool: Pool, label: Numbers, upper: float, count: int, rows: Numbers | None = None
) -> Numbers | None:  # fmt: skip
    """A cheaper plan than `label` made of the grids of a pool, or None.

    Parameters
    ----------
    pool
        Grids over the units of `label`.
    label
        (n,) the plan at hand.
    upper, count
        Its price; demanded number of grids or 0.
    rows
        Numbers (n,) the units had when the keys of the pool were made, if others than now.
    """
    numbers = {int(k): j for j, k in enumerate(pool.key[: int(pool.used[0])].tolist())}
    rows = np.arange(len(label)) if rows is None else rows
    groups = [rows[label == g] for g in range(int(label.max()) + 1)]
    at_hand = [numbers.get(int(key_of(g)), -1) for g in groups]
    first = np.array([j for j in at_hand if j >= 0], np.int64)
    seen = Seen(pool, len(label))
    found = recombine(seen, first, upper, count=count, gap=GAP, nodes=NODES, most=COLUMNS)
    return None if found.chosen is None else seen.labels(found.chosen)
