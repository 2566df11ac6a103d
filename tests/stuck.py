"""Small towns where the size band cannot be kept, each for one reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridgeo.core.model import Adjacency, Border, Territory
from tests.instances import lattice


def no_plan_inside() -> Territory:
    """Community 1 holds 600 households, two grids by arithmetic, but 200 + 400; beside lie 450 of community 0."""
    return lattice(1, 5, [150, 150, 150, 200, 400], community=[0, 0, 0, 1, 1])


def no_cut_inside() -> Territory:
    """Community 1 holds 600 households in a row of 200, 150, 250: no cut gives 300, and no area alone tells why."""
    return lattice(1, 6, [150, 150, 150, 200, 150, 250], community=[0, 0, 0, 1, 1, 1])


def no_plan_anywhere() -> Territory:
    """One community of 200 + 400 + 200 households in a row."""
    return lattice(1, 3, [200, 400, 200])


def lone_community() -> Territory:
    """One community of 250 households and nothing beside."""
    return lattice(1, 5, 50)


def pocket_beside() -> Territory:
    """A row of 100, 100, 400 households: with the last one locked, the first two are a pocket of 200."""
    return lattice(1, 4, [50, 50, 200, 200])


def giant() -> Territory:
    """An area of 900 households between four of 150."""
    return lattice(1, 5, [150, 150, 900, 150, 150])


def whole_compound() -> Territory:
    """A compound of 400 households, in two halves, between two areas of 200: opened, each half goes to one side."""
    return lattice(1, 4, 200, compound=[-1, 0, 0, -1])


def island(*, bridge: bool) -> Territory:
    """Community 1 is an island of 250 households; over the river, where perhaps a bridge leads, is one of 400."""
    town = lattice(1, 6, [100, 100, 100, 100, 125, 125], community=[0, 0, 0, 0, 1, 1])
    pairs = town.adjacency
    border, link = pairs.border.copy(), pairs.link.copy()
    over = (pairs.u == 3) & (pairs.v == 4)
    border[over], link[over] = Border.RIVER, False
    columns = {"u": pairs.u, "v": pairs.v, "length_m": pairs.length_m, "border": border, "link": link}
    if bridge:
        row = {"u": 3, "v": 4, "length_m": 0.0, "border": Border.BRIDGE, "link": True}
        at = int(np.flatnonzero(over)[0]) + 1
        columns = {name: np.insert(column, at, row[name]) for name, column in columns.items()}
    return replace(town, adjacency=Adjacency(**columns))
