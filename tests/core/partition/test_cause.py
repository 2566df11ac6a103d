"""The cheapest reason why a zone has no plan."""

from __future__ import annotations

import pytest

from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.partition.cause import Cause
from tests.instances import lattice
from tests.stuck import no_plan_anywhere, no_plan_inside


def test_an_area_that_fits_with_no_neighbor_is_named():
    """200 households beside 400 only: alone too few, together too many."""
    case = draw_plan(no_plan_anywhere(), PlanParams()).infeasible[0]
    assert case.cause == Cause("area-fits-nowhere", "a0", 200, 400)
    assert case.atoms == (0, 1, 2)


def test_a_pocket_behind_an_area_is_named():
    """Two areas of 100 behind one of 400 fit neither alone nor with it."""
    case = draw_plan(lattice(1, 5, [100, 100, 400, 100, 100]), PlanParams()).infeasible[0]
    assert (case.proof, case.cause) == ("no-plan-proven", Cause("pocket-behind-area", "a2", 400, 200))


def test_the_reason_stands_before_the_join():
    """A community joined because of a proof is told the area that forces it, right before the join."""
    kinds = [notice.kind for notice in draw_plan(no_plan_inside(), PlanParams()).plan.notices]
    at = kinds.index("community-joined-proof")
    assert kinds[at - 1] == "area-fits-nowhere"


@pytest.mark.parametrize("households", [[250, 250, 250, 250], [300, 450, 300]])
def test_where_a_plan_exists_no_cause_is_named(households):
    """A town with a plan has no such area."""
    result = draw_plan(lattice(1, len(households), households), PlanParams())
    assert not result.infeasible
    assert not [notice for notice in result.plan.notices if notice.kind.endswith(("nowhere", "behind-area"))]
