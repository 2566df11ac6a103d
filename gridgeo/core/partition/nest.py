"""Zones: communities that are drawn alone, and those joined because no plan exists inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.carve import Region, neighbors, pieces
from gridgeo.core.partition.cause import lonely_area, pocket
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
        self._sketched: dict[bytes, tuple[int, int, float]] = {}
        self._judged: dict[bytes, str] = {}

    def households(self, zone: int) -> int:
        """Households of a zone."""
        return int(self.ground.households[self.parts[zone]].sum())

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
        """Order of partners: can resolve, does in a sketch, fewest mixed grids, least added price.

        A partner in need of a join itself saves a mixed grid.
        """
        both = np.union1d(self.parts[zone], self.parts[other])
        if self._unfit(both):
            return 1, 0, 0, float(self.ground.households[both].sum()), other
        broken, mixed, cost = self._sketch(both, sketch)
        needy, _, alone = (1, 0, 0.0) if self._unfit(self.parts[other]) else self._sketch(self.parts[other], sketch)
        saved = 0.0 if needy else alone
        return 0, broken, mixed - bool(needy), cost - saved - self._border(zone, other), other

    def _border(self, zone: int, other: int) -> float:
        """Price of the border between two zones, paid while they are apart."""
        owner = np.zeros(len(self.ground), np.int8)
        owner[self.parts[zone]], owner[self.parts[other]] = 1, 2
        return float(self.ground.weight[owner[self.ground.u] * owner[self.ground.v] == 2].sum())

    def _sketch(self, rows: Numbers, sketch: Sketch) -> tuple[int, int, float]:
        key = rows.tobytes()
        if key not in self._sketched:
            self._sketched[key] = sketch(rows)
        return self._sketched[key]

    def join_unfit(self, sketch: Sketch) -> None:
        """Join zones that plainly hold no plan, the smallest first, while they have neighbors."""
        alone: set[int] = set()
        while True:
            if len(self.parts) == 1:
                return
            unfit = {z: reason for z in self.parts if z not in alone and (reason := self._unfit(self.parts[z]))}
            if not unfit:
                return
            zone = min(unfit, key=lambda z: (unfit[z], self.households(z), z))
            if self.join(zone, unfit[zone], sketch) is None:
                alone.add(zone)

    def _unfit(self, rows: Numbers) -> str:
        """What shows that units hold no plan: arithmetic, or proof by a single area; empty where neither does."""
        key = rows.tobytes()
        if key not in self._judged:
            self._judged[key] = self._reason(rows)
        return self._judged[key]

    def _reason(self, rows: Numbers) -> str:
        if not fits(int(self.ground.households[rows].sum()), *self.band):
            return "arithmetic"
        units = self.ground.graph(rows)
        return "proof" if lonely_area(units, *self.band) or pocket(units, *self.band) else ""
