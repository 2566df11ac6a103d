"""Ways out: the smallest band by arithmetic, the band the plan keeps, the lock or bridge beside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridgeo.core.model import Adjacency, Border
from gridgeo.core.partition import Infeasible, PlanParams, draw_plan
from gridgeo.core.partition.params import fits
from gridgeo.core.partition.ways_out import WayOut, oversize_ways, ways_out, widened
from tests.instances import lattice, plan_of
from tests.stuck import (
    giant,
    island,
    lone_community,
    no_cut_inside,
    no_plan_anywhere,
    pocket_beside,
    whole_compound,
)


@given(st.integers(1, 3000), st.integers(1, 40), st.integers(0, 30))
def test_widened_band_is_the_smallest_that_fits(households, low, more):
    """No band with a smaller change of its limits fits the households, and this one does."""
    high = low + more
    found = widened(households, low, high)
    assert fits(households, *found)
    change = low - found[0] + found[1] - high
    least = next(
        c for c in range(change + 1) for d in range(c + 1) if low - d > 0 and fits(households, low - d, high + c - d)
    )
    assert change == least


def test_a_small_town_may_keep_the_band_of_its_plan():
    """A town of 200 households fits no grid; a band from 200 is known to do, and the smallest."""
    result = draw_plan(lattice(1, 4, 50), PlanParams())
    assert result.infeasible
    found = ways_out(result.plan, result.infeasible[0])
    assert found[0] == WayOut("band", "a0", 200, 500, 200, certain=True)


@pytest.mark.parametrize(("border", "locks", "kind"), [(Border.BRIDGE, (), "bridge"), (Border.STREET, ("g1",), "lock")])
def test_what_lies_beside_may_help(border, locks, kind):
    """A grid over the bridge, or a locked one, whose households would make the sum fit, is a way out."""
    town = lattice(1, 2, [200, 300])
    pairs = town.adjacency
    beside = Adjacency(
        u=pairs.u, v=pairs.v, length_m=pairs.length_m, border=np.array([border], np.int8), link=pairs.link
    )
    plan = plan_of(replace(town, adjacency=beside), [0, 1])
    found = ways_out(plan, Infeasible("a0", 200, "component-unfit"), locks)
    assert found[0] == WayOut(kind, "g1", 300, 500, 300, certain=True)


def test_a_lock_that_does_not_help_is_not_named():
    """200 and 400 households beside make 600, two grids by arithmetic; no cut makes them."""
    plan = plan_of(lattice(1, 2, [200, 400]), [0, 1])
    assert {way.kind for way in ways_out(plan, Infeasible("a0", 200, "component-unfit"), ["g1"])} == {"band"}


def ways_in(town, **asked):
    """Ways out of the only infeasible case of a town, as drawn."""
    params = PlanParams(**asked)
    result = draw_plan(town, params)
    (case,) = result.infeasible
    return ways_out(result.plan, case, params=params)


def test_the_neighbor_that_resolves_it_is_joined():
    """With a demanded number of grids no community is joined; joining the neighbor is known to do, at a price."""
    first, *others = ways_in(no_cut_inside(), count=3)
    assert (first.kind, first.where, first.certain, first.border_m) == ("join", "000110101001", True, 100.0)
    assert first.mixed == 1 and first.cost_m > 0
    assert {way.kind for way in others} == {"band"}


def test_no_way_is_named_that_is_proven_not_to_do():
    """A town of one community has neither neighbors nor compounds: another band only."""
    assert {way.kind for way in ways_in(no_plan_anywhere())} == {"band"}
    assert [(way.low, way.certain) for way in ways_in(lone_community())] == [(250, True)]


def test_a_compound_that_stands_in_the_way_is_named():
    """A compound of 400 between two areas of 200, once open, goes half to each; keeping it whole comes first."""
    kinds = [(way.kind, way.where, way.certain) for way in ways_in(whole_compound())]
    assert ("open", "c0", True) in kinds and kinds.index(("open", "c0", True)) > 0


def test_a_pocket_names_the_lock_around_it():
    """Two areas behind a locked grid are too few; with that grid they make two."""
    town = pocket_beside()
    result = draw_plan(town, PlanParams(), previous=plan_of(town, [0, 0, 1, 1]), locks=("g1",))
    (first, *_) = ways_out(result.plan, result.infeasible[0], ("g1",))
    assert (first.kind, first.where, first.certain) == ("lock", "g1", True)


def test_a_bridge_is_named_only_where_it_leads_over():
    """An island of 250 households may reach over its bridge; without one only a band helps."""
    (first, *_) = ways_in(island(bridge=True))
    assert (first.kind, first.certain, first.mixed) == ("bridge", True, 1)
    assert {way.kind for way in ways_in(island(bridge=False))} == {"band"}


def test_an_oversize_area_is_to_be_divided():
    """A grid of one area of 900 households names that area; so does a case beside it that could take its parts."""
    result = draw_plan(giant(), PlanParams())
    miss = next(miss for miss in result.out_of_band if miss.reason == "over-size-atom")
    assert [(way.kind, way.where, way.households) for way in oversize_ways(result.plan, miss)] == [
        ("divide", "a2", 900)
    ]


def test_ways_are_the_same_twice():
    """Same plan, same ways."""
    assert ways_in(no_cut_inside(), count=3) == ways_in(no_cut_inside(), count=3)
