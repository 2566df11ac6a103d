"""Zones: communities that are drawn alone, and those joined because no plan exists inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.carve import Region, neighbors, pieces
from gridgeo.core.partition.empty import hosts_of_empty
from gridgeo.core.partition.params import fits
from gridgeo.core.partition.units import Ground

Numbers = NDArray[np.int64]

Sketch = Callable[[Numbers], tuple[int, int, float]]
"""Quick plan of some units: broken grids, grids over several communities, price."""


@dataclass(frozen=True)
class Join:
    """A community part joined to another because it holds no plan: `reason` is arithmetic, proof or search."""

    part: Numbers
    partner: Numbers
    reason: str


def community_parts(ground: Ground, region: Region) -> tuple[list[Numbers], dict[int, int]]:
    """Connected parts of communities in a region, and the units that follow a neighbor, as {unit: host}.

    A part without households beside others needs no officer of its own: it follows a neighbor.
    """
    inside = np.zeros(len(ground), bool)
    inside[region.rows] = True
    parts = pieces(ground, inside, ground.community, ground.link)
    empty = [p for p in parts if ground.households[p].sum() == 0]
    if len(empty) == len(parts):
        return [region.rows], {}
    lived_in = [p for p in parts if ground.households[p].sum() > 0]
    return lived_in, hosts_of_empty(ground, empty, np.concatenate(lived_in))


class Zones:
    """Zones of a region, joined on demand."""

    def __init__(self, ground: Ground, parts: list[Numbers], band: tuple[int, int], link: NDArray[np.bool_]) -> None:
        self.ground, self.band, self.link = ground, band, link
        self.parts = {int(p[0]): p for p in parts}
        self.joins: list[Join] = []
        self._sketched: dict[tuple[int, int], tuple[int, int, float]] = {}

    def households(self, zone: int) -> int:
        """Households of a zone."""
        return int(self.ground.households[self.parts[zone]].sum())

    def fits(self, zone: int) -> bool:
        """Whether arithmetic allows a plan."""
        return fits(self.households(zone), *self.band)

    def around(self, zone: int) -> list[int]:
        """Zones one may walk into from a zone."""
        near = neighbors(self.ground, self.parts[zone], self.link)
        owner = np.full(len(self.ground), -1, np.int64)
        for name, rows in self.parts.items():
            owner[rows] = name
        return [int(z) for z in np.unique(owner[near]) if z >= 0]

    def join(self, zone: int, reason: str, sketch: Sketch) -> int | None:
        """Join a zone with the neighbor that resolves it at least cost; return the new zone, None without neighbor."""
        partners = self.around(zone)
        if not partners:
            return None
        partner = min(partners, key=lambda other: self._rank(zone, other, sketch))
        self.joins.append(Join(self.parts[zone], self.parts[partner], reason))
        rows = np.union1d(self.parts.pop(zone), self.parts.pop(partner))
        self.parts[int(rows[0])] = rows
        return int(rows[0])

    def _rank(self, zone: int, other: int, sketch: Sketch) -> tuple[int, int, int, float, int]:
        """Order of partners: resolves by arithmetic, by a sketch, fewest mixed grids, least added price."""
        total = self.households(zone) + self.households(other)
        both = np.union1d(self.parts[zone], self.parts[other])
        if not fits(total, *self.band):
            return 1, 0, 0, float(total), other
        broken, mixed, cost = self._sketch(both, sketch)
        alone = self._sketch(self.parts[other], sketch)[2] if self.fits(other) else 0.0
        return 0, broken, mixed, cost - alone, other

    def _sketch(self, rows: Numbers, sketch: Sketch) -> tuple[int, int, float]:
        key = int(rows[0]), hash(rows.tobytes())
        if key not in self._sketched:
            self._sketched[key] = sketch(rows)
        return self._sketched[key]

    def join_by_arithmetic(self, sketch: Sketch) -> None:
        """Join zones no whole number of grids fits, the smallest first, while they have neighbors."""
        alone: set[int] = set()
        while True:
            unfit = [z for z in self.parts if not self.fits(z) and z not in alone]
            if not unfit:
                return
            zone = min(unfit, key=lambda z: (self.households(z), z))
            if self.join(zone, "arithmetic", sketch) is None:
                alone.add(zone)
