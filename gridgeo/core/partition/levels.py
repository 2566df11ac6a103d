"""A plan rolled up through the levels above its grids, and the exceptions to nesting with their reasons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridgeo.core.model import Objects, Plan, texts

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
    """Totals of every community, subdistrict and county; "" is ground of none. Each level adds up to the whole.

    Households and buildings are those of the atoms inside, so a grid over two communities counts in each with what lies
    there; grids count where they belong.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> [(t.level, t.households, t.grids) for t in roll_up(plan_of(lattice(1, 4, 200), [0, 0, 1, 1]))]
    [('community', 800, 2), ('subdistrict', 800, 2), ('county', 800, 2)]
    """
    communities = plan.territory.communities
    levels = {"community": communities.code, "subdistrict": communities.subdistrict, "county": communities.county}
    return tuple(total for level, names in levels.items() for total in _totals(plan, level, names))


def _totals(plan: Plan, level: str, names: Objects) -> list[LevelTotal]:
    atoms = plan.territory.atoms
    # the row -1 of "no community" is the last of the names
    names = np.append(names, texts([""]))
    of_atom, of_grid = names[atoms.community], names[plan.grids.community]
    out = []
    for name in sorted({*of_atom.tolist(), *of_grid.tolist()}):
        atom, grid = of_atom == name, of_grid == name
        households, buildings = int(atoms.households[atom].sum()), int(atoms.buildings[atom].sum())
        out.append(
            LevelTotal(level, str(name), households, buildings, int(grid.sum()), int((grid & plan.in_band).sum()))
        )
    return out


def joined_communities(plan: Plan) -> tuple[JoinedCommunity, ...]:
    """Exceptions to nesting, as the drawing noted them."""
    return tuple(
        JoinedCommunity(n.where, str(n.facts.get("partner", "")), n.kind.removeprefix(JOINED), n.households)
        for n in plan.notices
        if n.kind.startswith(JOINED)
    )
