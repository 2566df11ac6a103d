"""Alternatives: clearly apart, the first as asked, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.partition.alternatives import draw_alternatives, plan_distance, radii, trade_offs
from gridgeo.errors import InputError
from tests.instances import lattice, plan_of

TOWN = lattice(6, 12, 50)
QUICK = PlanParams(starts=1, effort=2, prove=False)


def test_plans_are_clearly_apart():
    """Any two plans differ in the grids of the asked share of households; the first is the plan as asked."""
    found = draw_alternatives(TOWN, QUICK, count=3, least=0.15)
    assert len(found) == 3
    assert (found[0].result.plan.label == draw_plan(TOWN, QUICK).plan.label).all()
    for one in found:
        assert one.distance >= 0.15
        assert all(plan_distance(one.result.plan, o.result.plan) >= 0.15 for o in found if o is not one)


def test_the_same_plans_every_time():
    """Equal input gives equal alternatives."""
    one, two = (draw_alternatives(TOWN, QUICK, count=2, least=0.1) for _ in range(2))
    assert [a.emphasis for a in one] == [a.emphasis for a in two]
    assert all((a.result.plan.label == b.result.plan.label).all() for a, b in zip(one, two, strict=True))


def test_fewer_plans_where_there_are_no_others():
    """A town with one possible plan has one alternative."""
    assert len(draw_alternatives(lattice(1, 2, 200), QUICK, count=3)) == 1


def test_a_redraw_counts_households_moved():
    """With a plan before, each alternative tells how many households it moves."""
    first = draw_plan(TOWN, QUICK).plan
    found = draw_alternatives(TOWN, QUICK, count=1, previous=first)
    assert found[0].trade_offs.moved == 0


def test_distance_is_zero_under_renaming():
    """Plans that differ in the numbers of their grids only are the same."""
    label = np.arange(72) // 12
    assert plan_distance(plan_of(TOWN, label), plan_of(TOWN, 5 - label)) == 0


def test_trade_offs_of_two_halves():
    """Border, radius and mixed grids of a small plan are those measured by hand."""
    town = lattice(2, 2, 200, community=[0, 0, 1, 1])
    worth = trade_offs(plan_of(town, [0, 1, 0, 1]))
    assert (worth.grids, worth.border_m, worth.mixed, worth.radius_m, worth.moved) == (2, 200.0, 2, 50.0, None)
    assert radii(plan_of(town, [0, 1, 0, 1])).tolist() == [50.0, 50.0]


@pytest.mark.parametrize("asked", [{"count": 0}, {"least": 1.5}])
def test_senseless_numbers_are_refused(asked):
    """No alternatives, or more than everything apart, is bad input."""
    with pytest.raises(InputError):
        draw_alternatives(TOWN, QUICK, **asked)
