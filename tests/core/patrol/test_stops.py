from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from gridgeo.core.model import Places, texts
from gridgeo.core.patrol import PatrolParams, plan_patrols, validate_route
from gridgeo.core.patrol.arrivals import Arrivals
from gridgeo.core.patrol.tour import earliest_mm, equal_trips, least_trip, round_trip, trip_length
from tests.core.patrol.test_plan import planned
from tests.instances import ORIGIN, lattice, plan_of


def with_places(xy, *, opens=0, closes=86_400, visits=2.0):
    """A 3 x 3 lattice in one grid, with places at offsets from the origin that take five minutes each."""
    n = len(xy)
    places = Places(
        code=texts([f"p{i}" for i in range(n)]),
        name=texts([f"Place {i}" for i in range(n)]),
        kind=texts(["school"] * n),
        xy=ORIGIN + np.array(xy, float),
        service_s=np.full(n, 300),
        opens=np.full(n, opens),
        closes=np.full(n, closes),
        visits_per_day=np.full(n, visits),
    )
    return plan_of(replace(lattice(3, 3), places=places), [0] * 9)


CORNERS = [(0, 0), (300, 0), (300, 300), (0, 300)]


def test_stops_are_called_at_the_shortest_way_around():
    """Four corners: the round trip is the outline, proven, and every corner is called at."""
    plan = with_places(CORNERS)
    for route in planned(plan, PatrolParams(mode="stops"), walks=2).routes:
        validate_route(plan.territory.streets, route)
        assert {call.code for call in route.stops} == {"p0", "p1", "p2", "p3"}
        assert route.proven
        assert route.service_s == 1200


def test_streets_and_stops_are_one_walk():
    """With both, every street is walked and every place called at, in the order the walk passes."""
    plan = with_places([*CORNERS, (110, 105)])
    result = planned(plan, PatrolParams(mode="both"), walks=2)
    for route in result.routes:
        validate_route(plan.territory.streets, route)
        assert len({leg.edge for leg in route.legs}) == len(plan.territory.streets)
        assert len(route.stops) == 5
        times = [call.start_s for call in route.stops]
        assert times == sorted(times)
    assert not result.unreached


def test_a_place_closed_at_all_hours_of_the_walk_is_listed():
    """A place that shuts before any walk comes by is unreached, and the reason is its hours."""
    result = plan_patrols(with_places(CORNERS, closes=3600), PatrolParams(mode="both"))
    assert [(stop.street, stop.reason) for stop in result.unreached] == [(f"p{i}", "window") for i in range(4)]


def test_a_walk_waits_for_a_place_to_open():
    """A place that opens after the walk comes by is waited for."""
    result = plan_patrols(with_places([(100, 100)], visits=1.0, opens=12 * 3600), PatrolParams(mode="both", rounds=1))
    route = result.routes[0]
    assert route.stops[0].start_s == 12 * 3600
    assert route.service_s > 300


def test_officers_share_the_stops():
    """Two officers with half an hour each call at four corners that one could not do in that time."""
    plan = with_places(CORNERS)
    alone = plan_patrols(plan, PatrolParams(mode="stops", rounds=1, minutes=25))
    shared = planned(plan, PatrolParams(mode="stops", rounds=1, minutes=25, officers=2), walks=2)
    assert len(alone.unreached) > 0
    assert len(shared.unreached) < len(alone.unreached)
    for route in shared.routes:
        validate_route(plan.territory.streets, route)
        assert route.walk_s + route.service_s <= 25 * 60 + 1


@pytest.mark.parametrize("n", [1, 2, 3, 7, 13, 40])
def test_round_trips_visit_every_stop_once(n):
    """A round trip begins at row 0 and holds each stop once."""
    xy = np.random.default_rng(n).integers(0, 1000, (n, 2))
    away = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    order, proven = round_trip(away, kicks=200)
    assert order[0] == 0
    assert sorted(order.tolist()) == list(range(n))
    assert proven == (n <= 12)


@pytest.mark.parametrize("seed", range(8))
def test_all_shortest_round_trips_are_drawn_and_no_others(seed):
    """On random trees and lattices, drawn trips are those that are shortest, and the earliest calls are theirs."""
    rng = np.random.default_rng(seed)
    xy = rng.integers(0, 4, (6, 2)) * (1, seed % 2)  # odd: a lattice, even: one street
    away = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    trips = {order: trip_length(away, np.array([0, *order])) for order in permutations(range(1, 6))}
    shortest = {order for order, length in trips.items() if length == min(trips.values())}
    drawn = equal_trips(away, tries=4_000)
    assert {tuple(trip[1:].tolist()) for trip in drawn} == shortest
    assert least_trip(away) == min(trips.values())
    walked = [np.cumsum(away[(0, *order[:-1]), order])[np.argsort(order)] for order in shortest]
    assert earliest_mm(away)[1:].tolist() == np.min(walked, axis=0).tolist()


def test_a_place_on_the_way_to_another_is_called_at_on_the_way_out_or_back():
    """Along one street a place is passed twice: the call that sets arrivals apart reaches the most there can be."""
    plan = with_places([(100, 0), (200, 0), (300, 0)])
    result = planned(plan, PatrolParams(mode="stops", days=7), walks=14)
    assert all(route.proven for route in result.routes)
    assert len({route.length_m for route in result.routes}) == 1
    assert 0 < result.spread == pytest.approx(result.spread_most)


def test_ways_settle_where_arrivals_lie_farthest_apart():
    """Of two walks over two stops the second goes the other way around; the spread is half the distance."""
    seen = Arrivals(np.zeros((0, 3)))
    for _ in range(2):
        seen.add(np.array([[0.2, 0.6], [0.8, 0.4]]), np.array([0.3, 0.3]), [0, 2])
    chosen = seen.settle()
    assert sorted(chosen) == [0, 1]
    spread, most = seen.spread(chosen)
    assert spread.tolist() == pytest.approx([0.3, 0.1])
    assert most.tolist() == pytest.approx([0.3, 0.3])


def test_search_finds_the_ring():
    """Stops on a circle are visited around it."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    mixed = np.random.default_rng(0).permutation(60)
    xy = 1000 * np.stack([np.cos(angle), np.sin(angle)], 1)[mixed]
    away = np.rint(np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))).astype(np.int64)
    order, _ = round_trip(away, kicks=2_000)
    ring = np.argsort(mixed)
    assert trip_length(away, order) == trip_length(away, ring)


def test_places_that_want_no_visit_are_told():
    """Places with no visits a day are left out, and a notice counts them."""
    result = plan_patrols(with_places(CORNERS, visits=0.0), PatrolParams(mode="both"))
    assert [n.facts for n in result.notices if n.kind == "places-without-visits"] == [{"places": 4}]


def missed(plan, **choices):
    """What walks from stop to stop miss, as (place, reason, change, seconds)."""
    result = plan_patrols(plan, PatrolParams(mode="stops", rounds=1, **choices))
    return [(m.street, m.reason, m.change, m.change_s) for m in result.unreached]


def test_a_missed_stop_has_a_reason_and_a_remedy_that_works():
    """Each remedy, carried out, serves the place: opening longer, walking longer."""
    late = with_places([(300, 300)], closes=8 * 3600 + 500, visits=1.0)
    [(place, reason, change, seconds)] = missed(late)
    assert (place, reason, change) == ("p0", "window", "closes")
    assert missed(with_places([(300, 300)], closes=8 * 3600 + 500 + seconds, visits=1.0)) == []
    [(place, reason, change, seconds)] = missed(with_places([(300, 300)], visits=1.0), minutes=10)
    assert (place, reason, change) == ("p0", "distance", "minutes")
    assert missed(with_places([(300, 300)], visits=1.0), minutes=10 + seconds / 60) == []


def test_stops_compete_for_the_minutes():
    """Where time does not suffice for all, what is left out says so, and each remedy is enough for one more."""
    plan = with_places(CORNERS, visits=1.0)
    left = missed(plan, minutes=25)
    assert {reason for _, reason, _, _ in left} == {"time-budget"}
    more = min(seconds for _, _, change, seconds in left if change == "minutes")
    assert len(missed(plan, minutes=25 + more / 60)) < len(left)


def test_hours_are_kept():
    """Every call lies within the hours of its place, and the order bends to them."""
    plan = with_places([*CORNERS, (100, 100)], visits=1.0)
    places = plan.territory.places
    hours = replace(
        places, opens=np.array([36000, 0, 0, 32400, 0]), closes=np.array([39600, 30600, 32400, 34200, 86400])
    )
    plan = replace(plan, territory=replace(plan.territory, places=hours))
    result = plan_patrols(plan, PatrolParams(mode="stops", rounds=1))
    calls = [call for route in result.routes for call in route.stops]
    assert sorted(call.code for call in calls) == ["p0", "p1", "p2", "p3", "p4"]
    for call in calls:
        assert hours.opens[call.place] <= call.start_s <= hours.closes[call.place] - 300


def test_without_the_solver_hours_are_kept_all_the_same(monkeypatch):
    """Where PyVRP is not installed, insertion serves, and a notice says so."""
    from gridgeo.core.patrol import rounds, visits

    monkeypatch.setattr(visits, "solver_present", lambda: False)
    monkeypatch.setattr(rounds, "solver_present", lambda: False)
    plan = with_places(CORNERS, opens=10 * 3600, closes=11 * 3600, visits=1.0)
    result = plan_patrols(plan, PatrolParams(mode="stops", rounds=1, minutes=240))
    assert len(result.routes[0].stops) == 4
    tight = plan_patrols(plan, PatrolParams(mode="stops", rounds=1, minutes=20))
    assert "no-window-solver" in {notice.kind for notice in tight.notices}


def test_a_weekly_call_is_made_once_a_week():
    """A place that wants one call a week gets one in seven days of two rounds, whichever walk comes by."""
    plan = with_places([(100, 100), (300, 300)], visits=1 / 7)
    result = planned(plan, PatrolParams(mode="both", days=7, minutes=25), walks=14)
    calls = [call.code for route in result.routes for call in route.stops]
    assert sorted(calls) == ["p0", "p1"]
    assert not result.unreached
    assert all(route.walk_s + route.service_s <= 25 * 60 + 1 for route in result.routes)


@pytest.mark.parametrize("mode", ["stops", "both"])
@pytest.mark.parametrize(("wanted", "rounds"), [("morning", {1}), ("afternoon", {2}), ("2", {2}), ("", {1, 2})])
def test_a_place_is_called_at_in_its_round(mode, wanted, rounds):
    """Over a week a place bound to a round is called at once a day, in that round only."""
    plan = with_places(CORNERS, visits=1.0 if wanted else 2.0)
    places = replace(plan.territory.places, round=texts([wanted] * 4))
    plan = replace(plan, territory=replace(plan.territory, places=places))
    result = plan_patrols(plan, PatrolParams(mode=mode, days=7))
    called = [(route.day, route.round, call.code) for route in result.routes for call in route.stops]
    assert {turn for _, turn, _ in called} == rounds
    assert len(called) == len(set(called)) == 4 * 7 * len(rounds)
    assert not result.unreached


def test_a_round_nobody_walks_is_told():
    """A place bound to a third round of two is listed with that reason, as often as it is missed."""
    plan = with_places(CORNERS)
    places = replace(plan.territory.places, round=texts(["", "3", "", ""]))
    plan = replace(plan, territory=replace(plan.territory, places=places))
    for mode in ("stops", "both"):
        missed = plan_patrols(plan, PatrolParams(mode=mode)).unreached
        assert [(stop.street, stop.reason, stop.times, stop.change) for stop in missed] == [("p1", "round", 2, "walk")]
