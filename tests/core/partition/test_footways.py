"""Walking and work: ways on streets, radii and work priced in the pool, off by default."""

from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.model import Places, texts
from gridgeo.core.partition import PlanParams, WorkWeights, draw_plan
from gridgeo.core.partition.footways import DETOUR, work_of
from gridgeo.core.partition.score import Rule
from gridgeo.core.partition.units import ground_of
from tests.instances import ORIGIN, lattice


def ways_of(territory):
    """Ways between the units of a territory."""
    return ground_of(territory, PlanParams(walking=1.0)).ways


def test_ways_follow_the_streets():
    """From a block to the next but four it is 400 m of street, a step to the corner and one from it."""
    walk = ways_of(lattice(1, 5)).between(np.arange(5))
    assert walk[0, 4] == pytest.approx(400 + 2 * np.hypot(50, 50), rel=1e-6)
    assert (walk == walk.T).all()
    assert (np.diag(walk) == 0).all()


def test_without_streets_ways_go_from_neighbor_to_neighbor():
    """Where no street is known the way is the straight one between neighbors, with a detour."""
    land = lattice(1, 5)
    bare = replace(land, streets=without_streets(land))
    walk = ways_of(bare).between(np.arange(5))
    assert walk[0, 4] == pytest.approx(400 * DETOUR)


def without_streets(land):
    """The empty walking network."""
    empty = {name: value[:0] for name, value in vars(land.streets).items()}
    return type(land.streets)(**empty)


def radius_of(plan):
    """Mean walking radius of the grids of a plan."""
    ways = ways_of(plan.territory)
    rows = [np.flatnonzero(plan.label == g) for g in range(len(plan))]
    return np.mean([ways.radius(r, plan.territory.atoms.households) for r in rows])


def test_a_price_of_walking_shortens_walks():
    """On a lattice of unlike blocks a high price of walking gives a shorter mean radius, all rules kept."""
    land = lattice(6, 8, np.arange(48) % 7 * 20)
    plain, priced = (draw_plan(land, PlanParams(walking=w, prove=False)).plan for w in (0.0, 20.0))
    assert radius_of(priced) < radius_of(plain)
    assert priced.in_band.all()


@pytest.mark.slow
def test_a_price_of_work_evens_it_out():
    """With places at one side only a price of workload makes the work of grids more alike."""
    land = lattice(8, 10)
    xy = ORIGIN + np.stack([np.arange(40) % 4 * 100 + 50.0, np.arange(40) // 5 * 100 + 50.0], 1)
    columns = {
        "code": texts([f"p{i}" for i in range(40)]), "name": texts([""] * 40), "kind": texts(["shop"] * 40), "xy": xy,
        "service_s": np.zeros(40, np.int64), "opens": np.zeros(40, np.int64), "closes": np.full(40, 86400),
        "visits_per_day": np.ones(40),
    }  # fmt: skip
    places = Places(**columns)
    land, weights = replace(land, places=places), WorkWeights(visit=1, street_km=0, household=0)
    spread = []
    for price in (0.0, 2000.0):
        plan = draw_plan(land, PlanParams(workload=price, work=weights)).plan
        assert plan.in_band.all()
        spread.append(np.std(np.bincount(plan.label, work_of(land, weights, np.arange(80)))))
    assert spread[1] < spread[0]


def test_events_are_work_of_their_atom():
    """An event a day is worth what its weight says, in the unit that holds its atom."""
    land = lattice(2, 2)
    land = replace(land, atoms=replace(land.atoms, events_per_day=np.array([0.0, 2.0, 0.5, 0.0])))
    weights = WorkWeights(visit=0, street_km=0, event=3)
    assert work_of(land, weights, np.array([0, 1, 1, 2])).tolist() == [0.0, 7.5, 0.0]


def test_street_length_is_work_where_its_middle_lies():
    """The streets of a lattice of 2 x 2 blocks are 1.2 km, each counted once."""
    assert work_of(lattice(2, 2), WorkWeights(), np.arange(4)).sum() == pytest.approx(1.2)


def test_without_prices_nothing_is_measured():
    """By default no unit is told distances or work, and plans are as ever."""
    ground = ground_of(lattice(3, 3), PlanParams())
    units = ground.graph(np.arange(9))
    assert units.walk.shape == (0, 0)
    assert units.work.shape == (0,)
    assert Rule(1, 2, 1, 2, 1.0, 0.0, 0.0).walking == 0.0


def test_listing_prices_as_the_pool_does():
    """A small zone proven best has bound and cost equal with walking and work priced."""
    result = draw_plan(lattice(4, 6), PlanParams(walking=3.0, workload=100.0))
    assert result.proven == 1.0
    assert result.cost == pytest.approx(result.bound)
    plain = draw_plan(lattice(4, 6))
    assert result.cost > plain.cost
