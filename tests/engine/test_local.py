"""Work shared by processes of this machine: the plan is the one a single process draws."""

import pytest

from gridgeo import service
from gridgeo.core.model import never
from gridgeo.core.partition import PlanParams, draw_plan, wide
from gridgeo.core.partition.crew import Alone
from gridgeo.core.partition.wide import TURNS
from gridgeo.engine.local import Processes
from tests.instances import lattice


@pytest.mark.slow
def test_two_processes_draw_the_same_plan():
    """One process or two: the same label for every atom."""
    community = [i // 64 for i in range(256)]
    territory = lattice(16, 16, 50, community=community)
    alone = draw_plan(territory, PlanParams(effort=2))
    with Processes(2, never) as crew:
        shared = draw_plan(territory, PlanParams(effort=2), crew=crew)
    assert alone.plan.label.tobytes() == shared.plan.label.tobytes()


@pytest.mark.slow
def test_two_processes_draw_the_same_alternatives():
    """One crew draws all alternatives, label for label those of this process alone."""
    land, params = lattice(12, 12), PlanParams(nest=False, effort="quick")
    alone, shared = (service.alternatives(land, params, count=2, workers=workers) for workers in (1, 2))
    assert [one.emphasis for one in alone] == [one.emphasis for one in shared] and len(alone) == 2
    for one, other in zip(alone, shared, strict=True):
        assert (one.result.plan.label == other.result.plan.label).all()


@pytest.mark.slow
def test_large_zone_is_handed_out_in_tiles(monkeypatch):
    """A large zone is a first plan and then tiles, all taken on by the crew."""
    monkeypatch.setattr(wide, "WIDE", 100)
    monkeypatch.setattr(wide, "TILE_UNITS", 60)
    taken = []

    class Counting(Alone):
        def take(self, work, *arguments):
            taken.append(work.__name__)
            return super().take(work, *arguments)

    draw_plan(lattice(16, 16, 50), PlanParams(nest=False, effort=2), crew=Counting(never))
    assert taken[0] == "first_plan"
    assert taken.count("rework_tile") > TURNS
