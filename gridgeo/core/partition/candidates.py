"""Two sets of candidate grids: those a pool has seen, and all there are, as bit masks."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import kernel
from gridgeo.core.partition.pool import Pool

Reals = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Seen:
    """Grids of a pool over n units."""

    pool: Pool
    n: int

    @property
    def cost(self) -> Reals:
        """Price of each grid."""
        return self.pool.cost[: int(self.pool.used[0])]

    def members(self, j: int) -> NDArray[np.int32]:
        """Units of grid j."""
        return self.pool.member[self.pool.start[j] : self.pool.start[j + 1]]

    def reduced(self, dual: Reals) -> Reals:
        """Price less the duals of the members."""
        used = int(self.pool.used[0])
        ptr = self.pool.start[: used + 1]
        return self.cost - np.add.reduceat(dual[self.pool.member[: ptr[-1]]], ptr[:-1])

    def matrix(self, rows: Numbers) -> Any:
        """Sparse membership (n, len(rows))."""
        from scipy.sparse import csc_array

        parts = [self.members(int(j)) for j in rows]
        ptr = np.cumsum([0, *map(len, parts)])
        return csc_array((np.ones(ptr[-1]), np.concatenate(parts), ptr), shape=(self.n, len(rows)))

    def labels(self, chosen: Numbers) -> Numbers:
        """Plan made of the chosen grids: their rank for each unit."""
        out = np.empty(self.n, np.int64)
        for rank, j in enumerate(chosen.tolist()):
            out[self.members(j)] = rank
        return out


@dataclass(frozen=True)
class Masks:
    """Grids as bit masks over n <= 64 units."""

    mask: NDArray[np.uint64]
    cost: Reals
    n: int

    def reduced(self, dual: Reals) -> Reals:
        """Price less the duals of the members, by table over bytes."""
        table = np.zeros((8, 256))
        for unit, value in enumerate(dual.tolist()):
            byte, bit = divmod(unit, 8)
            table[byte, (np.arange(256) >> bit) & 1 == 1] += value
        return subtract_bytes(self.mask, self.cost, table)

    def matrix(self, rows: Numbers) -> Any:
        """Sparse membership (n, len(rows))."""
        from scipy.sparse import csc_array

        bits = (self.mask[rows][:, None] >> np.arange(self.n, dtype=np.uint64)) & np.uint64(1)
        return csc_array(bits.T.astype(np.float64))

    def labels(self, chosen: Numbers) -> Numbers:
        """Plan made of the chosen grids: their rank for each unit."""
        bits = (self.mask[chosen][:, None] >> np.arange(self.n, dtype=np.uint64)) & np.uint64(1)
        return np.asarray(bits.argmax(axis=0), np.int64)

    def number_of(self, label: Numbers) -> Numbers:
        """Numbers of the grids of a plan; those not listed are left out."""
        power = np.uint64(1) << np.arange(self.n, dtype=np.uint64)
        wanted = np.array([power[label == g].sum() for g in np.unique(label)], np.uint64)
        return np.flatnonzero(np.isin(self.mask, wanted))


@kernel
def subtract_bytes(mask: Any, cost: Any, table: Any) -> Any:
    """Price less the sum of table[byte, value] over the bytes of each mask."""
    out = np.empty(len(mask))
    low = np.uint64(255)
    for i in range(len(mask)):
        rest = mask[i]
        value = cost[i]
        for byte in range(8):
            value -= table[byte, int(rest & low)]
            rest >>= np.uint64(8)
        out[i] = value
    return out
