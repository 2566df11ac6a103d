"""The cheapest reason why a zone has no plan: one area, or one pocket behind it, that fits into no grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Territory
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
    """The first unit below the band that overfills a grid with any neighbor, and the smallest neighbor's households."""
    households = units.households
    for unit in np.flatnonzero((households < low) & (np.diff(units.ptr) > 0)).tolist():
        least = int(households[units.adj[units.ptr[unit] : units.ptr[unit + 1]]].min())
        if households[unit] + least > high:
            return "area-fits-nowhere", unit, least
    return None


def pocket(units: Units, low: int, high: int) -> tuple[str, int, int] | None:
    """The first unit that shuts off a pocket below the band it overfills a grid with, and the pocket's households.

    O(c (n + m)) for the c units large enough to overfill one.
    """
    n = len(units.households)
    source = np.repeat(np.arange(n), np.diff(units.ptr))
    for unit in np.flatnonzero(units.households > high - low).tolist():
        kept = (source != unit) & (units.adj != unit)
        part = components(n, source[kept], units.adj[kept])
        total = np.bincount(np.delete(part, unit), np.delete(units.households, unit)).astype(np.int64)
        shut = total[(total < low) & (total + units.households[unit] > high)]
        if len(shut):
            return "pocket-behind-area", unit, int(shut[0])
    return None
