"""The cheapest reason why a zone has no plan: one area, or one pocket behind it, that fits into no grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Territory
from gridgeo.core.partition.compiled import kernel
from gridgeo.core.partition.score import Units
from gridgeo.core.partition.units import Ground

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Cause:
    """Why no plan exists, checkable by hand.

    `area-fits-nowhere`: the area `where` holds too few `households` for a grid, and with the smallest neighbor
    (`beside` households) too many. `pocket-behind-area`: only over the area `where` of `households` one gets to a
    pocket of `beside` households, too few for a grid, and together they are too many.
    """

    kind: str
    where: str
    households: int
    beside: int


def cause_of(territory: Territory, ground: Ground, rows: Numbers, band: tuple[int, int]) -> Cause | None:
    """The cheapest reason why the units `rows` have no plan within the band; None where no single area tells."""
    units = ground.graph(rows)
    found = lonely_area(units, *band) or pocket(units, *band)
    if found is None:
        return None
    kind, unit, beside = found
    code = str(territory.atoms.code[ground.lead[rows[unit]]])
    return Cause(kind, code, int(units.households[unit]), beside)


def lonely_area(units: Units, low: int, high: int) -> tuple[str, int, int] | None:
    """The first unit as in `lonely_areas`, and the smallest neighbor's households."""
    for unit in lonely_areas(units, low, high):
        return "area-fits-nowhere", unit, int(units.households[units.adj[units.ptr[unit] : units.ptr[unit + 1]]].min())
    return None


def lonely_areas(units: Units, low: int, high: int) -> Iterator[int]:
    """Units below the band that overfill a grid with any neighbor."""
    households = units.households
    for unit in np.flatnonzero((households < low) & (np.diff(units.ptr) > 0)).tolist():
        if households[unit] + households[units.adj[units.ptr[unit] : units.ptr[unit + 1]]].min() > high:
            yield unit


def stuck_sets(units: Units, low: int, high: int) -> Iterator[Numbers]:
    """Units no grid within the band can hold: lonely areas, then pockets, each as connected rows."""
    for unit in lonely_areas(units, low, high):
        yield np.array([unit])
    for _, shut in pockets(units, low, high):
        yield np.asarray(shut, np.int64)


def pocket(units: Units, low: int, high: int) -> tuple[str, int, int] | None:
    """The first unit that shuts off a pocket below the band it overfills a grid with, and the pocket's households."""
    for unit, shut in pockets(units, low, high):
        return "pocket-behind-area", unit, int(units.households[shut].sum())
    return None


def pockets(units: Units, low: int, high: int) -> Iterator[tuple[int, Numbers]]:
    """Units that shut off a pocket as in `pocket`, each with the units of its first one."""
    unit = -1
    while True:
        unit, shut = next_pocket(units, low, high, unit + 1)
        if unit < 0:
            return
        yield int(unit), shut


@kernel
def next_pocket(units: Units, low: int, high: int, begin: int) -> Any:
    """The first pocket behind a unit from `begin` on, as (unit, pocket); unit -1 if there is none.

    Each side of a unit is walked until it holds enough.
    """
    n = len(units.households)
    mark, queue = np.full(n, -1), np.empty(n, np.int64)
    for unit in range(begin, n):
        own = units.households[unit]
        if own <= high - low:
            continue
        for side in range(units.ptr[unit], units.ptr[unit + 1]):
            mark[unit] = unit
            queue[0] = units.adj[side]
            mark[queue[0]] = unit
            got, i, total = 1, 0, units.households[queue[0]]
            while i < got and total < low:
                x = queue[i]
                i += 1
                for e in range(units.ptr[x], units.ptr[x + 1]):
                    v = units.adj[e]
                    if mark[v] != unit:
                        mark[v] = unit
                        total += units.households[v]
                        queue[got] = v
                        got += 1
            for j in range(got):
                mark[queue[j]] = -1
            if total < low and own + total > high:
                return unit, queue[:got].copy()
    return -1, queue[:0].copy()
