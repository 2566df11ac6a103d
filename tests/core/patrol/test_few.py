from itertools import pairwise, permutations, product

import numpy as np
import pytest

from gridgeo.core.patrol import PatrolParams, plan_patrols, validate_route
from gridgeo.core.patrol.few import share_few
from gridgeo.core.patrol.share import ShareTask, share_out, walk_cost
from tests.core.patrol.test_stops import CORNERS, with_places
from tests.instances import lattice, plan_of


def services(k, walks, seed):
    """Random streets on a lattice: both ends of each, and the station."""
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, 30, (k, 2, 2))
    begin = np.concatenate([ends.reshape(-1, 2), [[15, 15]]])
    end = np.concatenate([ends[:, ::-1].reshape(-1, 2), [[15, 15]]])
    between = np.abs(end[:, None] - begin).sum(axis=2)
    serve = np.abs(ends[:, 0] - ends[:, 1]).sum(axis=1)
    return ShareTask(between=between, serve=serve, load=np.zeros(k, np.int64), capacity=0, walks=walks)


def back(task, walk, opens, latest):
    """When a walk is back; None where it comes too late to a service."""
    now = 0
    for before, d in pairwise([2 * len(task.serve), *walk]):
        now = max(now + int(task.between[before, d]), int(opens[d >> 1]))
        if now > latest[d >> 1]:
            return None
        now += int(task.serve[d >> 1])
    return now + int(task.between[walk[-1], -1]) if walk else 0


def best_by_hand(task, opens, latest):
    """Least (longest, total) over all ways to part, order and turn the services."""
    k = len(task.serve)
    best = None
    for owner in product(range(task.walks), repeat=k):
        times = []
        for walk in range(task.walks):
            own = [s for s in range(k) if owner[s] == walk]
            ways = (
                back(task, tuple(2 * s + z for s, z in zip(order, turn, strict=True)), opens, latest)
                for order in permutations(own)
                for turn in product((0, 1), repeat=len(own))
            )
            times.append(min((time for time in ways if time is not None), default=None))
        if None not in times:
            found = max(times), sum(times)
            best = found if best is None else min(best, found)
    return best


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("windows", [False, True])
def test_few_services_are_shared_as_brute_force_shares_them(seed, windows):
    """Four services, two walks: longest and total equal those of all ways to share, with hours and without."""
    task = services(4, 2, seed)
    rng = np.random.default_rng(seed)
    opens = rng.integers(0, 60, 4) * windows
    latest = opens + rng.integers(10, 120, 4) if windows else np.full(4, 10**6)
    shared = share_few(task, opens=opens, latest=latest)
    known = best_by_hand(task, opens, latest)
    assert (None if shared is None else (shared.longest, shared.total)) == known
    if shared is not None:
        assert sorted(int(s) >> 1 for walk in shared.walks for s in walk) == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(4))
def test_no_search_beats_the_exact_shares(seed):
    """Ruin and recreate never finds a shorter longest walk; the exact walks are as long as told."""
    task = services(9, 3, seed)
    exact, found = share_few(task), share_out(task, steps=2_000, rng_seed=seed)
    assert exact.longest <= found.longest
    assert exact.longest == max(walk_cost(task, walk) for walk in exact.walks)


def test_officers_share_few_stops_evenly():
    """Two officers without minutes split four corners two and two, instead of one walking them all."""
    plan = with_places(CORNERS, visits=1.0)
    [first, second] = plan_patrols(plan, PatrolParams(mode="stops", rounds=1, officers=2)).routes
    assert len(first.stops) == len(second.stops) == 2
    for route in (first, second):
        validate_route(plan.territory.streets, route)


@pytest.mark.slow
def test_officers_share_many_stops_evenly():
    """Sixteen stops in a ring: the longer of two walks is well below the one of a single officer."""
    pytest.importorskip("pyvrp", reason="many stops are shared out by PyVRP")
    ring = [(x, y) for x in range(0, 301, 60) for y in (0, 300)] + [(x, y) for x in (0, 300) for y in (120, 180)]
    plan = with_places(ring, visits=1.0)
    alone = plan_patrols(plan, PatrolParams(mode="stops", rounds=1)).routes[0]
    both = plan_patrols(plan, PatrolParams(mode="stops", rounds=1, officers=2)).routes
    assert sum(len(route.stops) for route in both) == 16
    longest = max(route.walk_s + route.service_s for route in both)
    assert longest < 0.7 * (alone.walk_s + alone.service_s)


@pytest.mark.parametrize("size_m", [100.0, 500.0])
def test_the_sharing_of_few_streets_is_proven(size_m):
    """Twelve stretches among two officers, short or long: the bound meets the longest walk."""
    plan = plan_of(lattice(2, 2, size_m=size_m), [0] * 4)
    [share] = plan_patrols(plan, PatrolParams(officers=2, rounds=1)).longest
    assert share.proven
    assert share.bound_m == share.longest_m
