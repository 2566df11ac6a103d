from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.model import Places, texts
from gridgeo.core.patrol import PatrolParams, plan_patrols, validate_route
from gridgeo.core.patrol.tour import round_trip, trip_length
from gridgeo.errors import InputError
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
    for route in plan_patrols(plan, PatrolParams(mode="stops")).routes:
        validate_route(plan.territory.streets, route)
        assert {call.code for call in route.stops} == {"p0", "p1", "p2", "p3"}
        assert route.proven
        assert route.service_s == 1200


def test_streets_and_stops_are_one_walk():
    """With both, every street is walked and every place called at, in the order the walk passes."""
    plan = with_places([*CORNERS, (110, 105)])
    result = plan_patrols(plan, PatrolParams(mode="both"))
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
    assert [(stop.street, stop.reason) for stop in result.unreached] == [(f"p{i}", "closed") for i in range(4)]


def test_a_walk_waits_for_a_place_to_open():
    """A place that opens after the walk comes by is waited for."""
    result = plan_patrols(with_places([(100, 100)], visits=1.0, opens=12 * 3600), PatrolParams(mode="both", rounds=1))
    route = result.routes[0]
    assert route.stops[0].start_s == 12 * 3600
    assert route.service_s > 300


def test_stops_with_several_officers_are_refused():
    """Stops alone cannot be shared out: the choice is refused with a way out."""
    with pytest.raises(InputError, match="one officer"):
        PatrolParams(mode="stops", officers=2)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 13, 40])
def test_round_trips_visit_every_stop_once(n):
    """A round trip begins at row 0 and holds each stop once."""
    xy = np.random.default_rng(n).integers(0, 1000, (n, 2))
    away = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    order, proven = round_trip(away, kicks=200)
    assert order[0] == 0
    assert sorted(order.tolist()) == list(range(n))
    assert proven == (n <= 12)


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
