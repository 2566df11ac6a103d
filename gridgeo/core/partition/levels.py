"""A plan rolled up through the levels above its grids, and the exceptions to nesting with their reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridgeo.core.model import Objects, Plan, Rows, texts
from gridgeo.core.partition.units import chief

JOINED = "community-joined-"


@dataclass(frozen=True)
class LevelTotal:
    """Totals of one unit of a level: its own households and buildings, and the grids that belong to it."""

    level: str
    code: str
    households: int
    buildings: int
    grids: int
    in_band: int


@dataclass(frozen=True)
class JoinedCommunity:
    """A community that shares grids with another because it holds no plan: reason arithmetic, proof or search."""

    community: str
    partner: str
    reason: str
    households: int


def roll_up(plan: Plan) -> tuple[LevelTotal, ...]:
    """Totals of each compound, community, subdistrict and county, "" for none; each level adds up to the whole.

    Households and buildings are those of the atoms inside, so a grid over two units counts in each with what lies
    there; grids count once, where they belong: in their community, and in the compound of most of their households.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> [(t.level, t.households, t.grids) for t in roll_up(plan_of(lattice(1, 4, 200), [0, 0, 1, 1]))]
    [('compound', 800, 2), ('community', 800, 2), ('subdistrict', 800, 2), ('county', 800, 2)]
    """
    atoms, communities = plan.territory.atoms, plan.territory.communities
    label, compound = plan.label.astype(np.int64), atoms.compound.astype(np.int64)
    home = chief(label, compound, atoms.households, atoms.area_m2, len(plan)).astype(np.int32)
    totals = _totals(plan, "compound", plan.territory.compounds.code, atoms.compound, home)
    levels = {"community": communities.code, "subdistrict": communities.subdistrict, "county": communities.county}
    for level, names in levels.items():
        totals += _totals(plan, level, names, atoms.community, plan.grids.community)
    return tuple(totals)


def _totals(plan: Plan, level: str, names: Objects, atom_row: Rows, grid_row: Rows) -> list[LevelTotal]:
    """Totals of one level, whose unit is named by a row of `names` for each atom and each grid, -1 for none."""
    atoms = plan.territory.atoms
    # the row -1 is the last of the names
    names = np.append(names, texts([""]))
    units, unit = np.unique(np.r_[names[atom_row], names[grid_row]].astype(str), return_inverse=True)
    of_atom, of_grid, k = unit[: len(atoms)], unit[len(atoms) :], len(units)
    columns = (
        np.bincount(of_atom, atoms.households, k),
        np.bincount(of_atom, atoms.buildings, k),
        np.bincount(of_grid, minlength=k),
        np.bincount(of_grid, plan.in_band, k),
    )
    rows = np.stack(columns, axis=1).astype(np.int64).tolist()
    return [LevelTotal(level, str(name), *row) for name, row in zip(units, rows, strict=True)]


def joined_communities(plan: Plan) -> tuple[JoinedCommunity, ...]:
    """Exceptions to nesting, as the drawing noted them."""
    return tuple(
        JoinedCommunity(n.where, str(n.facts.get("partner", "")), n.kind.removeprefix(JOINED), n.households)
        for n in plan.notices
        if n.kind.startswith(JOINED)
    )
