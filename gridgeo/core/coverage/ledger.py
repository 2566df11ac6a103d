"""Edge fingerprints kept per grid: an edit is rechecked by the grids it touches, levels by adding up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.coverage.check import check_polygons
from gridgeo.core.coverage.findings import CoverageParams, CoverageReport
from gridgeo.core.coverage.layer import rings_of
from gridgeo.core.kernel import chain
from gridgeo.core.model import Ints, Objects, texts
from gridgeo.errors import InputError

Sums = NDArray[np.uint64]


def fingerprints_of(polygons: Objects) -> Sums:
    """128-bit edge fingerprint of each polygon, (n, 2), modulo 2**64 in each lane.

    Raises
    ------
    InputError
        A polygon is not valid: its fingerprint would prove nothing.

    Examples
    --------
    >>> from gridgeo.core.model import geometries
    >>> parts = fingerprints_of(geometries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    >>> whole = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)])
    >>> bool((parts.sum(axis=0) == fingerprints_of(geometries([whole]))).all())
    True
    """
    valid = shapely.is_valid(polygons) & np.isin(shapely.get_type_id(polygons), (3, 6))
    if not valid.all():
        row = int(np.flatnonzero(~valid)[0])
        raise InputError("a polygon is not valid", where=f"row {row + 1}", hint="check the layer first")
    rings = rings_of(polygons, np.arange(len(polygons)))
    area, slack, _ = chain.survey(rings.xy, rings.start)
    sign = chain.edge_signs(rings.xy, rings.start, chain.ring_signs(rings, area, slack))
    word = rings.xy.view(np.uint64)
    sums: Sums = chain.fingerprints(rings.xy, word, sign, rings.start, rings.owner, len(polygons))
    return sums


def added(sums: Sums) -> Sums:
    """Sum of fingerprints (n, 2) over rows, (2,), modulo 2**64 in each lane."""
    with np.errstate(over="ignore"):
        total: Sums = sums.sum(axis=0, dtype=np.uint64)
    return total


@dataclass(frozen=True, eq=False)
class Ledger:
    """Fingerprints (n, 2) of the grids of a layer that has been checked in full once.

    From then on an edit is rechecked by the grids it touches: when their fingerprints before and after add up to the
    same, the edit moves ground between them and nothing else, so what was complete stays complete.
    """

    sums: Sums

    @classmethod
    def of(cls, polygons: Objects) -> Ledger:
        """Ledger of valid polygons."""
        return cls(fingerprints_of(polygons))

    def keeps(self, rows: Any, after: Objects) -> bool:
        """Whether polygons `after` cover exactly the ground that the grids in `rows` cover now, edge for edge.

        False for an invalid polygon among them. Time depends on these polygons only, not on the layer.

        >>> from gridgeo.core.model import geometries
        >>> a, b = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
        >>> Ledger.of(geometries([a, b])).keeps([0, 1], geometries([b, a]))
        True
        """
        try:
            new = fingerprints_of(after)
        except InputError:
            return False
        return bool((added(new) == added(self.sums[rows])).all())

    def rolled_up(self, parent: Ints, parents: int) -> Ledger:
        """Ledger of the next level: the sums of the rows of each parent; -1 for rows without one."""
        sums = np.zeros((parents, 2), np.uint64)
        inside = parent >= 0
        with np.errstate(over="ignore"):
            np.add.at(sums, parent[inside], self.sums[inside])
        return Ledger(sums)


def check_nesting(
    children: Objects,
    parent: Ints,
    parents: Objects,
    *,
    codes: Objects | None = None,
    names: Objects | None = None,
    params: CoverageParams | None = None,
) -> tuple[tuple[str, CoverageReport], ...]:
    """Parents that their children do not tile exactly, each with the report of what is wrong there.

    Parents whose children's fingerprints add up to their own nest exactly and are left out; only the others are
    looked into. `parent` (n,) row of each child's parent, -1 for none; `codes` of the children, `names` of the parents.

    Raises
    ------
    InputError
        A parent is no polygon.
    """
    codes = texts(range(1, len(children) + 1)) if codes is None else codes
    names = texts(range(1, len(parents) + 1)) if names is None else names
    sound = shapely.is_valid(children) & np.isin(shapely.get_type_id(children), (3, 6))
    below = Ledger.of(children[sound]).rolled_up(parent[sound], len(parents))
    trusted = shapely.is_valid(parents)
    own = np.zeros((len(parents), 2), np.uint64)
    own[trusted] = fingerprints_of(parents[trusted])
    doubt = (below.sums != own).any(axis=1) | ~trusted
    doubt[parent[~sound & (parent >= 0)]] = True
    return tuple(
        (
            str(names[row]),
            check_polygons(children[parent == row], parents[row], codes=codes[parent == row], params=params),
        )
        for row in np.flatnonzero(doubt).tolist()
    )
