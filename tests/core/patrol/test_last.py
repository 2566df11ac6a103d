"""Walks unlike those walked before."""

import numpy as np
import pytest
import shapely

from gridgeo.core.model import geometries
from gridgeo.core.patrol import PatrolParams, plan_patrols
from gridgeo.core.patrol.circuits import arrivals
from gridgeo.core.patrol.last import arrivals_of_lines
from gridgeo.core.patrol.network import Network
from tests.core.patrol.test_plan import planned, quarters
from tests.core.patrol.test_stops import CORNERS, with_places

WEEK = PatrolParams(days=3)


def lines_of(routes):
    """Lines of walks by code of the grid."""
    return {code: geometries([r.geometry for r in routes if r.grid == code]) for code in {r.grid for r in routes}}


def steps_of(route):
    """Steps of a route: twice the edge, plus one when walked against it."""
    return np.array([[2 * leg.edge + (not leg.forward) for leg in route.legs]])


def test_arrivals_read_off_a_line_are_those_of_its_steps():
    """A walk's line tells of each street the same first arrival as its steps do."""
    plan = quarters()
    network = Network(plan.territory.streets)
    for route in planned(plan, PatrolParams(start="best"), walks=8).routes:
        edges = np.unique([leg.edge for leg in route.legs])
        told = arrivals_of_lines(geometries([route.geometry]), plan.territory.streets.geometry[edges])
        assert np.allclose(told, arrivals(network, steps_of(route), edges), atol=1e-9)


def test_streets_a_walk_does_not_pass_are_unknown():
    """Streets away from the line are NaN, and a walk that passes none of them is left out."""
    streets = shapely.from_wkt(["LINESTRING (0 0, 10 0)", "LINESTRING (0 50, 10 50)"])
    lines = shapely.from_wkt(["LINESTRING (10 0, 0 0, 10 0)", "LINESTRING (0 9, 10 9)", "LINESTRING (3 3, 3 3)"])
    told = arrivals_of_lines(lines, streets)
    assert told.shape == (1, 2) and told[0, 0] == 0.25 and np.isnan(told[0, 1])


def test_this_week_is_unlike_last_week():
    """Told of last week's walks, the new ones spread arrivals of both weeks farther than walks that ignore them."""
    plan = quarters()
    last = plan_patrols(plan, WEEK, rng_seed=1).routes
    again = plan_patrols(plan, WEEK, rng_seed=2).routes
    minding = plan_patrols(plan, WEEK, last=lines_of(last), rng_seed=2)
    edges = np.arange(len(plan.territory.streets))

    def both(routes):
        spreads = []
        for code in plan.grids.code.tolist():
            walked = geometries([r.geometry for r in (*last, *routes) if r.grid == code])
            seen = arrivals_of_lines(walked, plan.territory.streets.geometry[edges])
            spreads.append(np.nanstd(seen[:, ~np.isnan(seen).any(axis=0)], axis=0))
        return float(np.median(np.concatenate(spreads)))

    assert both(minding.routes) > both(again)
    assert [r.length_m for r in minding.routes] == [r.length_m for r in again]


def test_the_spread_counts_walks_walked_before():
    """A single new walk has a spread once another is known, and no leg in common order with it."""
    plan = quarters()
    once = PatrolParams(rounds=1)
    first = plan_patrols(plan, once, grids=["g0"])
    second = plan_patrols(plan, once, grids=["g0"], last=lines_of(first.routes))
    assert first.spread is None and second.spread > 0.1
    assert second.routes[0].legs != first.routes[0].legs


def test_walks_of_other_grids_change_nothing():
    """Last walks that pass none of a grid's streets leave its walks as they are."""
    plan = quarters()
    far = geometries([shapely.LineString([(0, 0), (1, 1)])])
    assert planned(plan, last={"g0": far}, walks=8).routes == planned(plan, walks=8).routes


def test_a_walk_from_stop_to_stop_minds_the_last_one():
    """Where the last walk went one way around, the next goes the other way, as long, and the spread is published."""
    plan, params = with_places(CORNERS[:3]), PatrolParams(mode="stops", rounds=1)
    first = plan_patrols(plan, params).routes[0]
    again = plan_patrols(plan, params, last=lines_of([first]))
    assert [call.code for call in again.routes[0].stops] == [call.code for call in reversed(first.stops)]
    assert again.routes[0].length_m == first.length_m
    assert again.spread == pytest.approx(again.routes[0].spread, abs=1e-4)
    assert again.spread > 0.1
    once_more = plan_patrols(plan, params, last=lines_of([again.routes[0]])).routes[0]
    assert [call.code for call in once_more.stops] == [call.code for call in first.stops]


def test_streets_and_stops_together_mind_the_last_walks():
    """In mode both the street walk is another one when last week's are known."""
    plan, params = with_places(CORNERS), PatrolParams(mode="both", rounds=1)
    first = plan_patrols(plan, params).routes[0]
    minding = plan_patrols(plan, params, last=lines_of([first]))
    assert minding.routes[0].legs != first.legs
    assert minding.routes[0].length_m == first.length_m
    assert minding.spread > 0.15
