"""Borders by the ground they lie on."""

from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.model import Border
from gridgeo.core.partition import draw_plan
from gridgeo.core.partition.borders import GROUND, border_lengths, border_stats
from tests.instances import lattice, plan_of


def with_ground(territory, border):
    """The territory with all its borders on one ground."""
    rows = territory.adjacency
    return replace(territory, adjacency=replace(rows, border=np.full(len(rows), border, np.int8)))


@pytest.mark.parametrize("border", list(GROUND))
def test_each_ground_is_told_by_its_name(border):
    """A border of two blocks is 200 m of the ground it lies on, and of no other."""
    lengths = border_lengths(plan_of(with_ground(lattice(2, 2), border), [0, 1, 0, 1]))
    assert lengths == {name: 200.0 if name == GROUND[border] else 0.0 for name in GROUND.values()}


def test_bridges_have_no_length():
    """Every ground but a bridge has a name."""
    assert set(Border) - set(GROUND) == {Border.BRIDGE}


def test_parts_add_up_to_the_whole_of_a_plan():
    """What `draw` says of its borders adds up to the length of all borders between grids."""
    result = draw_plan(lattice(8, 8))
    stats = result.stats
    rows, label = result.plan.territory.adjacency, result.plan.label
    whole = rows.length_m[label[rows.u] != label[rows.v]].sum()
    assert stats["border_m"] == pytest.approx(whole)
    assert sum(stats[f"border_{name}_m"] for name in GROUND.values()) == pytest.approx(whole)


def test_one_grid_has_no_inner_border():
    """The outer boundary is no border between grids."""
    assert set(border_stats(plan_of(lattice(2, 2), [0, 0, 0, 0])).values()) == {0.0}
