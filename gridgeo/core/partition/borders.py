"""What the borders between grids lie on: meters by the class of ground."""

from __future__ import annotations

from math import fsum

import numpy as np

from gridgeo.core.model import Border, Plan

GROUND = {
    Border.MAIN: "main_street",
    Border.STREET: "street",
    Border.PATH: "path",
    Border.RIVER: "river",
    Border.RAILWAY: "railway",
    Border.MOTORWAY: "motorway",
    Border.WALL: "wall",
    Border.COMMUNITY: "community_line",
    Border.OPEN: "open_ground",
}
"""Names of the ground a border can lie on, the clearest first; a bridge has no length of its own."""


def border_lengths(plan: Plan) -> dict[str, float]:
    """Meters of border between grids by the ground they lie on, each border once; the outer boundary is left out.

    Where a barrier is land of its own, its bank is the border.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> lengths = border_lengths(plan_of(lattice(2, 4), [0, 0, 1, 1, 0, 0, 1, 1]))
    >>> {ground: length for ground, length in lengths.items() if length}
    {'street': 200.0}
    """
    rows = plan.territory.adjacency
    apart = plan.label[rows.u] != plan.label[rows.v]
    total = np.bincount(rows.border[apart], rows.length_m[apart], len(Border))
    return {name: float(total[border]) for border, name in GROUND.items()}


def border_stats(plan: Plan) -> dict[str, float]:
    """`border_m`, all inner border, and `border_<ground>_m` for each ground, rounded to the centimeter."""
    lengths = border_lengths(plan)
    total = {"border_m": fsum(lengths.values())} | {f"border_{name}_m": length for name, length in lengths.items()}
    return {name: round(length, 2) for name, length in total.items()}
