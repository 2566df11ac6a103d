"""Some atoms drawn once more: holds, does not, or is not known."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.core.partition import PlanParams
from gridgeo.core.partition.trial import CHEAP, tried
from tests.instances import lattice
from tests.stuck import island, whole_compound


@pytest.mark.parametrize(
    ("households", "atoms", "holds"),
    [
        ([200, 400, 200], [0, 1, 2], False),
        ([100] * 7, [0, 1, 2, 3, 4, 5, 6], True),
        ([100] * 7, [0, 1, 2, 4, 5], False),
    ],
)
def test_a_trial_tells_whether_a_plan_exists(households, atoms, holds):
    """Where an area fits nowhere none exists, nor where one of two pieces apart is too small."""
    assert tried(lattice(1, len(households), households), np.array(atoms), PlanParams()).holds is holds


def test_an_opened_compound_may_be_divided():
    """The compound of 400 between two areas of 200 has a plan only when opened."""
    town, everything = whole_compound(), np.arange(4)
    assert tried(town, everything, PlanParams()).holds is False
    assert tried(town, everything, PlanParams(), opened=0).holds is True


def test_land_apart_is_drawn_apart():
    """Over a river nothing is joined; over a bridge it is where that is allowed, over two communities."""
    town, everything = island(bridge=True), np.arange(6)
    assert tried(town, everything, PlanParams()).holds is False
    found = tried(town, everything, PlanParams(cross_bridges=True))
    assert (found.holds, found.mixed) == (True, 1)


def test_what_is_dear_is_not_tried():
    """More atoms than are cheap, or a stop, leave the question open."""
    town = lattice(1, CHEAP + 1, 100)
    assert tried(town, np.arange(CHEAP + 1), PlanParams()).holds is None
    assert tried(town, np.arange(4), PlanParams(), stop=lambda: True).holds is None
