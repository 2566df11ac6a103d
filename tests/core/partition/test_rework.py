"""Windows drawn anew: plans get cheaper, and rules hold on the way."""

import numpy as np
import pytest

from gridgeo.core.model import Border
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.partition.params import EFFORTS
from gridgeo.core.partition.units import merged_rows
from gridgeo.errors import InputError
from tests.instances import lattice

COUNT = np.arange(196) % 7 * 25


def test_quick_drawing_keeps_the_rules_and_seeks_no_proof():
    """Effort "quick": no grid outside the band, no zone proven, the same plan each time."""
    territory = lattice(12, 12, 50)
    one, other = (draw_plan(territory, PlanParams(effort="quick", nest=False)) for _ in range(2))
    assert one.plan.in_band.all() and one.proven == 0
    assert one.plan.label.tobytes() == other.plan.label.tobytes()


def test_efforts_have_the_same_names_everywhere():
    """The core, the command line and the service know the same efforts."""
    from gridgeo.cli.draw import EFFORTS as at_the_terminal
    from gridgeo.web.inputs import DrawInputs

    assert at_the_terminal == tuple(EFFORTS)
    assert [DrawInputs(effort=name).params().windows for name in EFFORTS] == list(EFFORTS.values())


@pytest.mark.parametrize("effort", ["hasty", -1])
def test_unknown_effort_is_refused(effort):
    """An effort without a name, or below 0, is told."""
    with pytest.raises(InputError, match="effort is"):
        PlanParams(effort=effort)


def test_more_effort_costs_no_more():
    """Windows drawn anew only ever lower the price, and every grid stays in band."""
    territory = lattice(14, 14, COUNT)
    plain, reworked = (draw_plan(territory, PlanParams(effort=effort, nest=False, prove=False)) for effort in (0, 5))
    assert reworked.cost < plain.cost
    assert reworked.plan.in_band.all()


@pytest.mark.slow
def test_demanded_number_of_grids_outlives_the_rework():
    """With a number of grids demanded, windows keep theirs."""
    territory = lattice(14, 14, COUNT)
    assert len(draw_plan(territory, PlanParams(count=36, nest=False)).plan) == 36


def test_every_meter_costs_one_where_no_street_is_known():
    """Census areas with community lines only: these lines are no cheaper than the areas' own edges."""
    territory = lattice(4, 4)
    rows = territory.adjacency
    kinds = np.where(np.arange(len(rows.u)) % 2, Border.OPEN, Border.COMMUNITY).astype(np.int8)
    object.__setattr__(rows, "border", kinds)
    assert np.allclose(merged_rows(territory, PlanParams()).weight, rows.length_m)
