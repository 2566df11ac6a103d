"""Large zones are drawn in tiles: the rules hold there too, and a stop ends the work."""

import numpy as np
import pytest

from gridgeo.core.partition import PlanParams, draw_plan, wide
from tests.instances import lattice


@pytest.mark.slow
def test_zone_drawn_in_tiles_keeps_the_band(monkeypatch):
    """A lattice above the limit of a large zone is divided in band, the same each time."""
    monkeypatch.setattr(wide, "WIDE", 100)
    monkeypatch.setattr(wide, "TILE_UNITS", 60)
    territory = lattice(12, 14, np.arange(168) % 7 * 20)
    first, second = (draw_plan(territory, PlanParams(nest=False, starts=3)) for _ in range(2))
    assert first.plan.in_band.all()
    assert first.stats["starts"] == wide.STARTS
    assert (first.plan.label == second.plan.label).all()


def test_stopped_large_zone_has_a_plan_after_one_start(monkeypatch):
    """A stop from the outset leaves one start and a grid for every atom."""
    monkeypatch.setattr(wide, "WIDE", 100)
    result = draw_plan(lattice(16, 16), PlanParams(nest=False), stop=lambda: True)
    assert result.stats["starts"] == 1
    assert (result.plan.label >= 0).all()
