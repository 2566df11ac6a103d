"""Windows drawn anew: plans get cheaper, and rules hold on the way."""

import numpy as np

from gridgeo.core.model import Border
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.partition.units import merged_rows
from tests.instances import lattice

COUNT = np.arange(196) % 7 * 25


def test_more_effort_costs_no_more():
    """Windows drawn anew only ever lower the price, and every grid stays in band."""
    territory = lattice(14, 14, COUNT)
    plain, reworked = (draw_plan(territory, PlanParams(effort=effort, nest=False, prove=False)) for effort in (0, 5))
    assert reworked.cost < plain.cost
    assert reworked.plan.in_band.all()


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
