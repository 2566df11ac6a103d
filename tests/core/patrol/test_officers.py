import numpy as np
import pytest

from gridgeo.core.patrol import PatrolParams, plan_patrols, validate_route
from gridgeo.core.patrol.share import ShareTask, share_out, walk_cost
from tests.core.patrol.test_plan import planned, quarters
from tests.core.patrol.test_stops import CORNERS, with_places
from tests.instances import lattice, plan_of


def test_officers_cover_all_streets_between_them():
    """In every round the officers' walks together serve each street once, and the longest is near half the whole."""
    plan = plan_of(lattice(5, 5), [0] * 25)
    alone = plan_patrols(plan).routes[0].length_m
    result = planned(plan, PatrolParams(officers=2), walks=4)
    for turn in (1, 2):
        routes = [route for route in result.routes if route.round == turn]
        served = sorted(leg.edge for route in routes for leg in route.legs if not leg.deadhead)
        assert served == list(range(len(plan.territory.streets)))
        assert max(route.length_m for route in routes) < 0.62 * alone
        for route in routes:
            validate_route(plan.territory.streets, route)


def test_minutes_share_the_streets_out_over_the_week():
    """Walks keep within their minutes, and every street is walked in the week."""
    plan = plan_of(lattice(4, 4), [0] * 16)
    result = plan_patrols(plan, PatrolParams(days=5, minutes=30))
    assert all(route.walk_s <= 1800 for route in result.routes)
    walked = {leg.edge for route in result.routes for leg in route.legs if not leg.deadhead}
    assert len(walked) == len(plan.territory.streets)
    assert not result.unreached


def test_too_few_walks_are_told_with_what_is_left_out():
    """Where the walks do not suffice, the streets left out are listed and a notice says how many walks are wanted."""
    plan = plan_of(lattice(6, 6), [0] * 36)
    result = plan_patrols(plan, PatrolParams(rounds=1, minutes=40))
    notice = next(n for n in result.notices if n.kind == "too-few-walks")
    assert notice.facts["wanted"] > notice.facts["walks"] == 1
    walked = {leg.edge for route in result.routes for leg in route.legs if not leg.deadhead}
    assert len(walked) + len(result.unreached) == len(plan.territory.streets)
    assert {street.reason for street in result.unreached} == {"time-budget"}


def test_shares_serve_everything_once_within_capacity():
    """Every service is in exactly one walk, loads keep the capacity, and the figures are the walks' own."""
    rng = np.random.default_rng(1)
    k = 12
    xy = rng.integers(0, 100, (k + 1, 2))
    away = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    at = np.append(np.repeat(np.arange(k), 2), k)
    load = rng.integers(1, 5, k)
    task = ShareTask(
        between=away[np.ix_(at, at)], serve=np.full(k, 3), load=load, capacity=12, walks=k, longest_counts=0.0
    )
    shared = share_out(task, steps=2_000)
    assert sorted(int(s) >> 1 for walk in shared.walks for s in walk) == list(range(k))
    assert max(load[walk >> 1].sum() for walk in shared.walks) <= 12
    assert shared.total == sum(walk_cost(task, walk) for walk in shared.walks)


def test_the_same_seed_shares_alike():
    """Shares repeat with the seed."""
    plan = plan_of(lattice(3, 3), [0] * 9)
    first, second = (planned(plan, PatrolParams(officers=2), rng_seed=4, walks=4).routes for _ in range(2))
    assert [r.legs for r in first] == [r.legs for r in second]


@pytest.mark.parametrize("mode", ["streets", "both", "stops"])
def test_a_week_covers_all_within_the_minutes(mode):
    """A week of short walks passes every street, calls as often as asked, and no walk is longer than its minutes."""
    plan = with_places([*CORNERS, (100, 200)], visits=3 / 7)
    params = PatrolParams(mode=mode, days=7, rounds=2, minutes=35)
    result = plan_patrols(plan, params)
    assert not result.unreached
    assert max(route.walk_s + route.service_s for route in result.routes) <= 35 * 60
    for route in result.routes:
        validate_route(plan.territory.streets, route)
    if mode != "stops":
        assert {leg.edge for route in result.routes for leg in route.legs} == set(range(len(plan.territory.streets)))
    if mode != "streets":
        calls = [call.code for route in result.routes for call in route.stops]
        assert {code: calls.count(code) for code in set(calls)} == {f"p{k}": 3 for k in range(5)}


@pytest.mark.parametrize("officers", [2, 3, 5])
def test_the_longest_walk_has_a_bound_that_holds(officers):
    """No sharing of the streets could undercut the bound told; the longest walk is near it."""
    result = plan_patrols(quarters(), PatrolParams(officers=officers, rounds=1))
    assert [share.grid for share in result.longest] == ["g0", "g1", "g2", "g3"]
    for share in result.longest:
        assert 1 < share.walks <= officers
        assert share.bound_m <= share.longest_m <= 1.5 * share.bound_m
        assert share.total_m >= share.longest_m


def test_the_spread_of_a_grid_is_that_of_all_its_officers():
    """The spread told for a grid is the median over its walks, not the one walked last."""
    result = plan_patrols(plan_of(lattice(5, 5), [0] * 25), PatrolParams(officers=2, rounds=3, days=2))
    by_walk = [route.spread for route in result.routes]
    assert len(set(by_walk)) > 1
    assert result.spreads == {"g0": pytest.approx(np.median(by_walk), abs=1e-4)}
