"""Isochrones: as long as the streets within the time, cut exactly."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch import ReachParams, isochrones
from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.model import Stations, texts
from tests.core.dispatch.cases import without_streets
from tests.instances import ORIGIN, lattice


def town(*xy):
    """A 3 x 3 lattice with stations at these places."""
    at = ORIGIN + np.array(xy, float).reshape(-1, 2)
    made = Stations(code=texts(range(len(at))), xy=at, grid=texts([""] * len(at)))
    return replace(lattice(3, 3), stations=made)


def walk(*limits_s):
    """Parameters at a meter a second."""
    return ReachParams(speed_m_per_s=1.0, limits_s=limits_s)


def test_a_station_in_the_middle_of_a_street_reaches_along_it():
    """20 s reach 40 m of its own street; 60 s also 10 m past both ends."""
    near, far = isochrones(town([150, 0]), walk(20, 60))
    assert near.length_m == pytest.approx(40)
    assert near.geometry.equals(shapely.LineString(ORIGIN + np.array([[130.0, 0], [170.0, 0]])))
    assert far.length_m == pytest.approx(100 + 4 * 10)


def test_the_way_to_the_street_counts():
    """A station 15 m beside its street has 5 m left of 20."""
    (ring,) = isochrones(town([150, -15]), walk(20))
    assert ring.length_m == pytest.approx(10)


def test_stretches_reached_from_both_sides_are_not_counted_twice():
    """Two stations 60 m apart on one street: 40 s from each overlap in the middle."""
    (ring,) = isochrones(town([120, 0], [180, 0]), walk(40))
    assert ring.length_m == pytest.approx(100 + 4 * 20)


@pytest.mark.parametrize("seed", range(4))
def test_a_point_lies_on_an_isochrone_just_when_its_walk_is_within_the_limit(seed):
    """Points on streets, walked to one by one, agree with the lines."""
    rng = np.random.default_rng(seed)
    territory = town(*rng.uniform(0, 300, (2, 2)))
    params = ReachParams(speed_m_per_s=1.0, limits_s=(110,), straight_m=0.0)
    (ring,) = isochrones(territory, params)
    edge = rng.integers(0, len(territory.streets), 200)
    points = shapely.line_interpolate_point(territory.streets.geometry[edge], rng.uniform(0, 100, 200))
    network = WalkNetwork(territory, params)
    entries = network.enter(shapely.get_coordinates(points))
    walk_mm, _ = network.nearest(network.enter(territory.stations.xy), network.targets(entries), 10**9)
    clear = abs(walk_mm - 110_000) > 10
    on = shapely.dwithin(ring.geometry, points, 0.001)
    assert (on == (walk_mm <= 110_000))[clear].all()


def test_without_streets_there_is_nothing_to_show():
    """No streets, no lines; and none without stations."""
    assert isochrones(without_streets(town([0, 0])), walk(60))[0].length_m == 0
    assert isochrones(town(), walk(60))[0].length_m == 0
