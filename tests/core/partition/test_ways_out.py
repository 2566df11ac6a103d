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
from gridgeo.core.partition.ways_out import WayOut, ways_out, widened
from tests.instances import lattice, plan_of


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
    town = lattice(1, 2, [200, 400])
    pairs = town.adjacency
    beside = Adjacency(
        u=pairs.u, v=pairs.v, length_m=pairs.length_m, border=np.array([border], np.int8), link=pairs.link
    )
    plan = plan_of(replace(town, adjacency=beside), [0, 1])
    found = ways_out(plan, Infeasible("a0", 200, "component-unfit"), locks)
    assert kind in {way.kind for way in found if way.where == "g1"}
