"""The division before: what a redraw starts from, on the atoms of today, and the codes that live on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Flags, Grids, Kind, Objects, Plan, Small, Territory, texts
from gridgeo.errors import InputError, NotFoundError

Numbers = NDArray[np.int64]
LEAST_SHARED = 0.01
"""Share of the households that a division before must cover to be one of this territory."""


@dataclass(frozen=True, eq=False)
class Before:
    """An old division on the atoms of a territory.

    `label` (atoms,) holds rows of `code`, `name` and `kind`, -1 for ground the division did not cover. `retired` are
    codes of grids that ended even earlier: no new grid takes them.
    """

    code: Objects
    name: Objects
    kind: Small
    label: Numbers
    retired: frozenset[str] = frozenset()

    def rows(self, codes: tuple[str, ...]) -> list[int]:
        """Row numbers of codes, ascending.

        Raises
        ------
        NotFoundError
            The division has no grid of that code.
        """
        known = {str(code): row for row, code in enumerate(self.code)}
        for code in codes:
            if code not in known:
                raise NotFoundError(f"no grid has code {code}", where=code, hint="lock grids of the old plan")
        return sorted(known[code] for code in codes)


def before_of(territory: Territory, old: Plan) -> Before:
    """An old plan on the atoms of a territory: by the atoms themselves when they are the same, else by overlap.

    Raises
    ------
    InputError
        The plan is of other ground.
    """
    retired = frozenset(n.where for n in old.notices if n.kind == "grid-ended")
    atoms, was = territory.atoms, old.territory.atoms
    if len(atoms) == len(was) and (atoms.code == was.code).all() and (atoms.geometry == was.geometry).all():
        return Before(old.grids.code, old.grids.name, old.grids.kind, old.label.astype(np.int64), retired)
    label = overlap_label(territory, old.geometry)
    return Before(old.grids.code, old.grids.name, old.grids.kind, label, retired)


def before_from(territory: Territory, code: Objects, geometry: Objects) -> Before:
    """Plain polygons as an old division: each atom lies in the polygon it overlaps most.

    Raises
    ------
    InputError
        Codes repeat, their number is not that of the polygons, or the polygons are of other ground.
    """
    if len(code) != len(geometry) or len(set(code.tolist())) != len(code):
        raise InputError("codes of the old division are missing or repeat", where="previous")
    names = texts(code)
    return Before(names, names.copy(), np.full(len(code), Kind.URBAN, np.int8), overlap_label(territory, geometry))


def overlap_label(territory: Territory, geometry: Objects) -> Numbers:
    """Row of the polygon each atom overlaps most, the lowest of equals, -1 where none does.

    Raises
    ------
    InputError
        Less than `LEAST_SHARED` of the households (of the land, where there are none) lie in the polygons.
    """
    shape = territory.atoms.geometry
    atom, row = shapely.STRtree(geometry).query(shape, predicate="intersects")
    area = shapely.area(shapely.intersection(shape[atom], geometry[row]))
    order = np.lexsort((-row, area))
    order = order[area[order] > 0]
    out = np.full(len(shape), -1, np.int64)
    out[atom[order]] = row[order]
    _require_shared(territory, out >= 0)
    return out


def _require_shared(territory: Territory, covered: Flags) -> None:
    """Refuse the division of another town: nothing of it could live on."""
    atoms = territory.atoms
    weight = atoms.households if territory.households else atoms.area_m2
    share = float(weight[covered].sum() / max(float(weight.sum()), 1e-9))
    if share < LEAST_SHARED:
        message = f"the grids before cover {share:.1%} of the households of this territory: they are of another place"
        raise InputError(message, where="from", hint="name the plan in force here, or draw without one")


def plan_before(territory: Territory, before: Before, band: tuple[int, int]) -> Plan:
    """The old division as a plan of today's atoms, for comparing; ground it did not cover is a grid of code "-"."""
    used, label = np.unique(before.label, return_inverse=True)
    code, name = (texts([column[row] if row >= 0 else "-" for row in used]) for column in (before.code, before.name))
    kind = np.array([before.kind[row] if row >= 0 else Kind.URBAN for row in used], np.int8)
    grids = Grids(code=code, name=name, kind=kind, community=np.full(len(used), -1, np.int32))
    return Plan(territory=territory, label=label.astype(np.int32), grids=grids, band=band)


def successors(before: Before, label: Numbers, households: Numbers, area: NDArray[np.float64]) -> dict[int, int]:
    """Old row of each new grid that succeeds one, as {new: old}: the choice that keeps most households, then area.

    Maximum-weight matching in each connected part of the overlaps (Jonker-Volgenant, doi:10.1007/BF02278710).
    """
    from scipy.optimize import linear_sum_assignment

    known = np.flatnonzero(before.label >= 0)
    pair, at = np.unique(np.stack([label[known], before.label[known]]), axis=1, return_inverse=True)
    weight = np.bincount(at.ravel(), households[known] + area[known] / max(float(area.sum()), 1e-9), pair.shape[1])
    new, old = pair
    part = components(int(label.max()) + 1 + len(before.code), new, old + int(label.max()) + 1)[new]
    out: dict[int, int] = {}
    for group in (np.flatnonzero(part == p) for p in np.unique(part)):
        rows, i = np.unique(new[group], return_inverse=True)
        columns, j = np.unique(old[group], return_inverse=True)
        table = np.zeros((len(rows), len(columns)))
        table[i, j] = weight[group]
        chosen = zip(*linear_sum_assignment(table, maximize=True), strict=True)
        out |= {int(rows[a]): int(columns[b]) for a, b in chosen if table[a, b] > 0}
    return out
