"""What a plan takes over from another one is what it would have worked out itself."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Grids, Plan, texts
from gridgeo.store import rules
from tests.instances import lattice

SIDE = 24


def bands(territory, codes, label):
    """A plan of square urban grids with codes."""
    grids = Grids(
        code=texts(codes), name=texts(codes), kind=np.zeros(len(codes), np.int8),
        community=np.full(len(codes), -1, np.int32),
    )  # fmt: skip
    return Plan(territory=territory, label=np.asarray(label, np.int32), grids=grids)


def rows_of_town():
    """One grid for each row of a square town, with its polygons worked out."""
    plan = bands(lattice(SIDE, SIDE), [f"g{i}" for i in range(SIDE)], np.repeat(np.arange(SIDE), SIDE))
    assert len(plan.geometry) == SIDE
    return plan


def moved(base):
    """An atom goes over."""
    label = base.label.copy()
    label[SIDE] = 0
    return bands(base.territory, base.grids.code.tolist(), label)


def merged(base):
    """The last two grids become one, in another order of grids."""
    label = np.where(base.label == SIDE - 1, SIDE - 2, base.label)
    codes = base.grids.code.tolist()[: SIDE - 1]
    return bands(base.territory, codes[::-1], SIDE - 2 - label)


def split(base):
    """Half of a grid becomes a new one."""
    label = base.label.copy()
    label[SIDE // 2 : SIDE] = SIDE
    return bands(base.territory, [*base.grids.code.tolist(), "new"], label)


@pytest.mark.parametrize("change", [moved, merged, split])
def test_lent_polygons_are_the_plans_own(change):
    """Polygons taken over, and those dissolved anew, are byte for byte what the plan dissolves by itself."""
    base = rows_of_town()
    plan, own = change(base), change(base)
    rules.lend_shapes(base, plan)
    assert "geometry" in vars(plan) and "geometry" not in vars(own)
    assert shapely.to_wkb(plan.geometry).tolist() == shapely.to_wkb(own.geometry).tolist()


def test_nothing_is_lent_between_plans_far_apart():
    """Where many grids differ, or the base has worked out nothing, a plan is left as it is."""
    base = rows_of_town()
    plan = bands(base.territory, base.grids.code.tolist(), np.tile(np.arange(SIDE), SIDE))
    rules.lend_shapes(base, plan)
    rules.lend_shapes(moved(base), plan)
    assert "geometry" not in vars(plan)
