"""Levels: totals add up on every level, joins keep their reason."""

from __future__ import annotations

import numpy as np

from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.partition.levels import joined_communities, roll_up
from tests.instances import lattice, plan_of


def test_every_level_adds_up_to_the_whole():
    """Households, buildings and grids of each level are those of the plan, also where a grid lies over two."""
    town = lattice(2, 6, 50, community=np.tile([0, 0, 0, 1, 1, -1], 2), compound=np.tile([0, 0, 0, 1, 1, -1], 2))
    plan = plan_of(town, np.tile([0, 0, 1, 1, 2, 2], 2))
    for level in ("compound", "community", "subdistrict", "county"):
        totals = [total for total in roll_up(plan) if total.level == level]
        assert sum(t.households for t in totals) == 600
        assert sum(t.buildings for t in totals) == 12
        assert sum(t.grids for t in totals) == 3


def test_a_grid_belongs_to_the_compound_of_most_of_its_households():
    """Compounds count the households inside them; a grid over two counts once, in the larger."""
    town = lattice(1, 4, [100, 90, 110, 300], compound=[0, 0, 1, -1])
    found = [t for t in roll_up(plan_of(town, [0, 0, 0, 1])) if t.level == "compound"]
    assert [(t.code, t.households, t.grids) for t in found] == [("", 300, 1), ("c0", 190, 1), ("c1", 110, 0)]


def test_ground_of_no_community_is_told_apart():
    """Atoms of no community are a unit without a code."""
    plan = plan_of(lattice(1, 2, 300, community=[0, -1]), [0, 0])
    assert [(t.code, t.households) for t in roll_up(plan) if t.level == "community"] == [
        ("", 300),
        ("000110101001", 300),
    ]


def test_joins_keep_their_reason():
    """A community too small for a grid is joined by arithmetic, and says so."""
    town = lattice(2, 6, 50, community=np.tile([0, 0, 1, 1, 1, 1], 2))
    found = joined_communities(draw_plan(town, PlanParams()).plan)
    assert [(join.community, join.partner, join.reason) for join in found] == [
        ("000110101001", "Community 1", "arithmetic")
    ]
