"""First plan of a zone: recursive bisection by random trees, with a free or a given number of grids."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.score import Rule, Units
from gridgeo.core.partition.stream import Stream
from gridgeo.core.partition.tree import Desk, part_counts, split

REACHES = (0.5, 0.95)
"""Share of the band's width a cut may use: first with room to spare, then nearly all of it."""


@inner
def trees_for(size: int, trees: int) -> int:
    """Trees worth growing on a set of units: many on small sets, `trees` on large ones."""
    return max(trees, min(240, (trees * 600) // max(size, 1)))


@inner
def grids_in(households: int, count: int, target: float, rule: Rule) -> int:
    """Number of grids to make: `count` if given, else the nearest to the target that fits the soft band."""
    if count > 0:
        return count
    least = -(-households // max(rule.soft_high, 1))
    most = max(households // max(rule.soft_low, 1), 1)
    return max(1, least, min(int(np.round(households / target)), most))


@inner
def halve(
    units: Units,
    nodes: Any,
    households: int,
    k: int,
    count: int,
    target: float,
    rule: Rule,
    trees: int,
    desk: Desk,
    stream: Stream,
) -> float:
    """One cut of the nodes toward k grids, asking less and less room; infinite when none was found."""
    grown = trees_for(len(nodes), trees)
    cost = np.inf
    for step in range(4):
        wanted, aim, reach = count, households / k if count > 0 else target, 1.0
        if step == 0:
            if k != 2:
                continue
            wanted = 2
        elif step == 3:
            wanted, aim = max(k, 3), households / k
        else:
            reach = REACHES[step - 1]
        cost = split(units, nodes, wanted, aim, reach, rule, grown, desk, stream)
        if cost < np.inf or (count > 0 and k == 2):
            break
    return cost


class Division(NamedTuple):
    """A division under way: units in order, parts waiting as (start, end, grids demanded), and two counts."""

    place: NDArray[np.int64]  # (n,)
    todo: NDArray[np.int64]  # (n + 1, 3)
    tally: NDArray[np.int64]  # (2,) parts waiting, grids made


@kernel
def division_of(n: int, count: int) -> Division:
    """Division of n units at its beginning."""
    todo = np.empty((n + 1, 3), np.int64)
    todo[0, 0], todo[0, 1], todo[0, 2] = 0, n, count
    tally = np.zeros(2, np.int64)
    tally[0] = 1
    return Division(np.arange(n), todo, tally)


@inner
def divide(
    units: Units, nodes: Any, count: int, target: float, rule: Rule, trees: int, desk: Desk, stream: Stream, label: Any
) -> int:
    """Divide connected nodes into grids by recursive bisection; `label[i]` gets the grid of nodes[i], from 0.

    `count` 0 leaves the number of grids free. A part no cut was found for stays whole, out of band.
    Returns the number of grids.
    """
    division = division_of(len(nodes), count)
    divide_on(units, nodes, target, rule, trees, desk, stream, label, division, len(nodes) * len(nodes) + 1)
    return division.tally[1]


@kernel
def divide_on(
    units: Units,
    nodes: Any,
    target: float,
    rule: Rule,
    trees: int,
    desk: Desk,
    stream: Stream,
    label: Any,
    division: Division,
    most: int,
) -> bool:
    """Go on with a division until parts of `most` units in all have been cut; whether some are left."""
    place, todo, tally = division
    while tally[0] > 0 and most > 0:
        tally[0] -= 1
        at = tally[0]
        start, end, want = todo[at, 0], todo[at, 1], todo[at, 2]
        most -= end - start
        part = np.empty(end - start, np.int64)
        households = 0
        for i in range(start, end):
            part[i - start] = nodes[place[i]]
            households += units.households[part[i - start]]
        k = grids_in(households, want, target, rule)
        cost = np.inf
        if k > 1 and end - start > 1:
            cost = halve(units, part, households, k, want, target, rule, trees, desk, stream)
        if cost == np.inf:
            for i in range(start, end):
                label[place[i]] = tally[1]
            tally[1] += 1
            continue
        below_h, middle = part_sides(units, nodes, place, start, end, desk)
        k1, k2 = 0, 0
        if want > 0:
            f1, f2 = part_counts(below_h, households - below_h, want, households / want)
            k1, k2 = int(f1), int(f2)
        todo[at, 0], todo[at, 1], todo[at, 2] = start, middle, k1
        todo[at + 1, 0], todo[at + 1, 1], todo[at + 1, 2] = middle, end, k2
        tally[0] += 2
    return tally[0] > 0


@inner
def part_sides(units: Units, nodes: Any, place: Any, start: int, end: int, desk: Desk) -> Any:
    """Order place[start:end] by the sides of the last cut; return the households of the first and where it ends."""
    households = 0
    middle = start
    others = np.empty(end - start, np.int64)
    for i in range(start, end):
        if desk.side[i - start] == 1:
            households += units.households[nodes[place[i]]]
            place[middle] = place[i]
            middle += 1
        else:
            others[i - middle] = place[i]
    for i in range(middle, end):
        place[i] = others[i - middle]
    return households, middle
