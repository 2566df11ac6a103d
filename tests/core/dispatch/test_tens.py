"""Ten-household units: everybody in one, inside the grid, within reach of the middle."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch import TenParams, ten_household_units
from gridgeo.core.model import Buildings, geometries, texts
from gridgeo.errors import InputError
from tests.instances import ORIGIN, lattice, plan_of


def village(seed=0, n=80, most=5):
    """A 2 x 4 lattice in two grids with n homes of 1..most households."""
    rng = np.random.default_rng(seed)
    homes = Buildings(
        code=texts([f"b{i}" for i in range(n)]),
        geometry=geometries(shapely.points(ORIGIN + rng.uniform(0, [400, 200], (n, 2)))),
        households=rng.integers(1, most + 1, n),
        known=np.ones(n, bool),
        estimated=np.zeros(n, bool),
        floors=np.ones(n, np.int64),
        compound=np.full(n, -1, np.int32),
    )
    return plan_of(replace(lattice(2, 4, 0), buildings=homes), [0, 0, 1, 1] * 2)


@pytest.mark.parametrize(("seed", "most"), [(0, 3), (1, 3), (2, 60)])
def test_every_household_is_in_exactly_one_group_of_its_own_grid(seed, most):
    """Counts of each building add up, and every building lies in the grid its groups name."""
    plan = village(seed, most=most)
    buildings = plan.territory.buildings
    told = Counter()
    for unit in ten_household_units(plan).units:
        told.update(dict(unit.homes))
        assert unit.households == sum(count for _, count in unit.homes) <= 13
        for code, _ in unit.homes:
            home = buildings.geometry[buildings.row(code)]
            assert plan.geometry[plan.grids.row(unit.grid)].intersects(home)
    assert told == dict(zip(buildings.code.tolist(), buildings.households.tolist(), strict=True))


def test_groups_keep_the_walking_limit():
    """With a limit of a minute nobody walks longer to the middle, whatever that costs in size."""
    result = ten_household_units(village(), TenParams(speed_m_per_s=1.0, max_walk_s=60))
    assert max(unit.walk_s for unit in result.units) <= 60
    assert all(unit.middle in dict(unit.homes) for unit in result.units)


def test_a_large_building_is_divided_evenly_by_itself():
    """60 households make six groups of ten, 14 make two of seven."""
    for count, sizes in ((60, [10] * 6), (14, [7, 7]), (27, [9, 9, 9])):
        plan = village(n=1)
        crowd = replace(plan.territory.buildings, households=np.array([count]))
        result = ten_household_units(replace(plan, territory=replace(plan.territory, buildings=crowd)))
        assert [unit.households for unit in result.units] == sizes


def test_a_lonely_home_is_a_small_group_and_is_named():
    """One household with no neighbor: its grid is named with how many households that concerns."""
    result = ten_household_units(village(n=1, most=1))
    (notice,) = result.notices
    assert (notice.kind, notice.households, notice.facts) == ("tens-below-band", 1, {"units": 1, "fewest": 7})
    assert result.in_band == 0.0


def test_most_households_of_a_village_are_in_groups_that_keep_the_band():
    """80 homes close together leave at most an odd rest outside."""
    assert ten_household_units(village()).in_band > 0.95


@pytest.mark.parametrize("bad", [{"size": 0}, {"band": (8, 12), "size": 10}, {"band": (5, 9), "size": 10}])
def test_bands_that_cannot_work_are_refused(bad):
    """Size inside the band, band wide enough to divide any larger home."""
    with pytest.raises(InputError):
        TenParams(**bad)


def test_stopped_early_the_grids_done_are_handed_over():
    """What was grouped before the end is what would have been grouped anyway; how many grids are left is told."""
    plan = plan_of(lattice(1, 3, [27, 10, 12]), [0, 1, 2])
    asked = iter([False, True])
    part, whole = ten_household_units(plan, stop=lambda: next(asked)), ten_household_units(plan)
    assert part.units == tuple(unit for unit in whole.units if unit.grid == "g0")
    assert [(n.kind, n.facts) for n in part.notices] == [("tens-stopped", {"grids": 2})]
