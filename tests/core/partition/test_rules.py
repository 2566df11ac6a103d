"""Rules per kind: exclusive land first, villages whole within limits, towns in the band."""

from dataclasses import replace

import numpy as np

from gridgeo.core.model import Kind
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.partition.rules import rules_of
from tests.instances import lattice


def village(rows, cols, households, size_m):
    """One rural community of square atoms."""
    land = lattice(rows, cols, households, size_m=size_m)
    return replace(land, atoms=replace(land.atoms, kind=np.full(len(land.atoms), Kind.RURAL, np.int8)))


def test_kinds_are_settled_in_the_order_of_the_table():
    """The table lists kinds by the turn they are settled in."""
    turns = [rule.settled for rule in rules_of(PlanParams()).values()]
    assert turns == sorted(turns)


def test_only_towns_have_a_lower_bound():
    """Ten households of a village are a grid; nothing is out of the band."""
    result = draw_plan(village(2, 2, np.array([10, 0, 0, 0]), 100.0))
    assert len(result.plan) == 1
    assert result.out_of_band == ()


def test_village_with_too_many_households_is_divided():
    """900 households make two rural grids of at most 500."""
    plan = draw_plan(village(3, 6, 50, 100.0)).plan
    assert len(plan) == 2
    assert plan.households.max() <= 500


def test_village_too_wide_is_divided():
    """2,400 ha of 240 households are at least three grids of at most 1,000 ha."""
    plan = draw_plan(village(4, 6, 10, 1000.0), PlanParams(rural_walk_m=None)).plan
    assert len(plan) >= 3
    assert plan.area_m2.max() <= 1e7


def test_village_too_far_to_walk_is_divided():
    """A row of houses 5 km long has no place within 2 km of all of them, so it becomes two grids or more."""
    long = village(1, 11, 10, 500.0)
    assert len(draw_plan(long, PlanParams(rural_walk_m=None)).plan) == 1
    assert len(draw_plan(long, PlanParams(rural_walk_m=2000.0)).plan) >= 2


def test_no_limit_keeps_the_village_whole():
    """Without limits a village of few households is one grid, however wide."""
    params = PlanParams(rural_area_ha=None, rural_walk_m=None)
    assert len(draw_plan(village(4, 6, 10, 1000.0), params).plan) == 1
