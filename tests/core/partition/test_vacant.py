"""Large land without households: proposed, carved where it strands nobody, kept where it is needed."""

from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.coverage import check_coverage
from gridgeo.core.model import Kind
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.errors import InputError
from tests.instances import lattice

CORNER = (np.arange(144) % 12 > 8) & (np.arange(144) // 12 > 8)
"""Nine hectares at one corner of a lattice of 12 x 12."""
MIDDLE = np.arange(144) // 12 == 6
"""A strip of 12 ha that parts it."""


def town(empty):
    """12 x 12 hectares of 50 households, but none on the empty ones."""
    return lattice(12, 12, np.where(empty, 0, 50))


def drawn(land, **options):
    """The result of one quick start: what is empty does not hang on how hard the drawing tries."""
    return draw_plan(land, PlanParams(starts=1, effort=0, prove=False, **options))


def kinds(plan):
    """Kinds of the notices of a plan."""
    return [notice.kind for notice in plan.notices]


def test_large_empty_land_is_proposed_with_its_atoms():
    """Nine empty hectares in grids are noticed from the threshold on, with grid, area and atoms."""
    plan = drawn(town(CORNER), empty_land_ha=3).plan
    found = [notice for notice in plan.notices if notice.kind == "large-empty-land"]
    assert found
    named = " ".join(str(notice.facts["atoms"]) for notice in found).split()
    assert set(named) <= {f"a{i}" for i in np.flatnonzero(CORNER)}
    assert sum(float(notice.facts["area_ha"]) for notice in found) == len(named)


@pytest.mark.parametrize("threshold", [0, 50])
def test_below_the_threshold_nothing_is_said(threshold):
    """Nine hectares are no news at a threshold of 50, and 0 asks for no news."""
    assert "large-empty-land" not in kinds(drawn(town(CORNER), empty_land_ha=threshold).plan)


def test_proposing_changes_no_grid():
    """The threshold of proposals never moves an atom."""
    one, other = (drawn(town(CORNER), empty_land_ha=ha).plan.label for ha in (0, 1))
    assert (one == other).all()


def test_carved_land_is_one_exclusive_grid():
    """Carved, the corner is a grid of its own without a band; the rest keeps it; the plan is still complete."""
    result = drawn(town(CORNER), carve_empty_ha=5)
    plan = result.plan
    own = np.unique(plan.label[CORNER])
    assert len(own) == 1
    assert plan.grids.kind[own[0]] == Kind.EXCLUSIVE
    assert (plan.label == own[0]).sum() == 9
    assert result.out_of_band == ()
    assert check_coverage(plan).complete


def test_land_others_walk_through_stays():
    """An empty strip between two halves of 40 x 50 households stays when carving it would part them."""
    households = np.where(MIDDLE, 0, 50)
    plan = drawn(lattice(12, 12, households), carve_empty_ha=5).plan
    assert "empty-land-needed" in kinds(plan)
    assert not (plan.grids.kind == Kind.EXCLUSIVE).any()


def test_rim_of_needed_land_stays_and_the_inside_is_carved():
    """Of four empty rows between two halves the inner ones would part them too: all stay unless a way leads around."""
    wide = (np.arange(144) // 12 >= 4) & (np.arange(144) // 12 < 8) & (np.arange(144) % 12 < 11)
    plan = drawn(town(wide), carve_empty_ha=5).plan
    carved = plan.grids.kind[plan.label] == Kind.EXCLUSIVE
    assert carved.any()
    assert not (carved & ~wide).any()
    assert plan.in_band.all()


def test_carved_land_keeps_to_its_community():
    """Empty land of two communities becomes two exclusive grids."""
    community = (np.arange(144) % 12 > 5).astype(int)
    top = np.arange(144) // 12 > 9
    land = lattice(12, 12, np.where(top, 0, 50), community=community)
    plan = drawn(land, carve_empty_ha=5).plan
    assert len(np.unique(plan.label[top])) == 2


def test_unknown_counts_are_not_empty():
    """Land whose count is not known is not proposed."""
    land = town(CORNER)
    land = replace(land, atoms=replace(land.atoms, known=~CORNER))
    assert "large-empty-land" not in kinds(drawn(land, empty_land_ha=1).plan)


def test_unknown_counts_are_not_carved():
    """Land whose count is not known stays in the grids."""
    land = town(CORNER)
    land = replace(land, atoms=replace(land.atoms, known=~CORNER))
    assert not (drawn(land, carve_empty_ha=1).plan.grids.kind == Kind.EXCLUSIVE).any()


def test_threshold_below_zero_is_refused():
    """A threshold for carving is above 0."""
    with pytest.raises(InputError):
        PlanParams(carve_empty_ha=0)
