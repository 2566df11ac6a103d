"""What is next to an atom: neighbors with shared metres, and whether one may walk there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.kernel.graph import csr
from gridgeo.core.model import Border, Flags, Floats, Ints, Territory


@dataclass(frozen=True, eq=False)
class Graph:
    """Neighbors of each atom in compressed rows.

    `ptr` (n + 1,), `other` (2 m,) the neighbor, `length_m` (2 m,) border shared (0 over a bridge), `walk` (2 m,) one
    may walk across. `outline_m` (n,) is the length of each atom's own outline.
    """

    ptr: Ints
    other: Ints
    length_m: Floats
    walk: Flags
    outline_m: Floats

    def around(self, atom: int) -> list[tuple[int, float]]:
        """Neighbors of an atom and the metres shared with each, one pair a kind of border. O(degree)."""
        row = slice(self.ptr[atom], self.ptr[atom + 1])
        return list(zip(self.other[row].tolist(), self.length_m[row].tolist(), strict=True))

    def pieces(self, members: Iterable[int], *, on_foot: bool) -> list[list[int]]:
        """Connected sets of some atoms, the largest first, joined by shared border or by walking links.

        O(sum of degrees).
        """
        left = set(members)
        out = [self._reached(first, left, on_foot) for first in sorted(left) if first in left]
        return sorted(out, key=lambda piece: (-len(piece), piece[0]))

    def _reached(self, first: int, left: set[int], on_foot: bool) -> list[int]:
        """Atoms of `left` reached from one, itself included; they are taken out of `left`."""
        left.discard(first)
        reached = [first]
        for atom in reached:
            row = slice(self.ptr[atom], self.ptr[atom + 1])
            near = self.other[row][self.walk[row]] if on_foot else self.other[row]
            found = left.intersection(near.tolist())
            left -= found
            reached += found
        return reached


def graph_of(territory: Territory, *, bridges: bool = False) -> Graph:
    """The graph of a territory's atoms; a bridge joins its banks only if `bridges` says so. O(n + m log m)."""
    rows, barrier = territory.adjacency, territory.atoms.barrier
    kept = (rows.border != Border.BRIDGE) | (rows.link & bridges)
    walk = (rows.link & ~(barrier[rows.u] | barrier[rows.v]))[kept]
    ptr, other, edge = csr(len(territory.atoms), rows.u[kept], rows.v[kept])
    outline = np.asarray(shapely.length(territory.atoms.geometry), dtype=np.float64)
    return Graph(ptr, other, rows.length_m[kept][edge], walk[edge], outline)
