from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Gates, Table, texts
from gridgeo.core.patrol import PatrolParams, plan_patrols, validate_route
from gridgeo.core.patrol.hours import hours_of
from gridgeo.core.territory.streets import streets_of
from tests.core.patrol.test_plan import quarters, with_station
from tests.core.patrol.test_stops import with_places
from tests.instances import lattice, plan_of

HOUR = 3600


def gate_on(plan, edges, *, opens=0, closes=24, passable=True):
    """The plan with a gate in the middle of some street edges."""
    streets = plan.territory.streets
    xy = (streets.node_xy[streets.tail[edges]] + streets.node_xy[streets.head[edges]]) / 2
    n = len(edges)
    gates = Gates(
        code=texts([f"gate{i}" for i in range(n)]),
        xy=xy,
        passable=np.full(n, passable),
        opens=np.full(n, int(opens * HOUR)),
        closes=np.full(n, int(closes * HOUR)),
    )
    return replace(plan, territory=replace(plan.territory, gates=gates))


def comb():
    """Two rows of blocks; the streets of the upper row hang on the lower one by single edges."""
    return plan_of(lattice(1, 3), [0, 0, 0])


def walked(result, number):
    """Edges walked in a round."""
    return {leg.edge for route in result.routes if route.round == number for leg in route.legs}


def test_a_street_is_not_walked_while_its_gate_is_shut():
    """A gate shut after noon closes its street in the afternoon only, with the change that would open it."""
    plan = gate_on(quarters(), [3], closes=12)
    result = plan_patrols(plan)
    assert 3 in walked(result, 1)
    assert 3 not in walked(result, 2)
    missed = [street for street in result.unreached if street.reason == "closed"]
    assert [(street.street, street.times, street.change) for street in missed] == [("s3", 1, "start")]
    assert -3 * HOUR <= missed[0].change_s < -2 * HOUR
    for route in result.routes:
        validate_route(plan.territory.streets, route)


def test_the_change_of_hours_told_for_a_gate_works():
    """Two gates no start fits both: with hours as much longer as was told, the street is walked."""
    plan, params = gate_on(quarters(), [3, 3], opens=9, closes=9.1), PatrolParams(rounds=1)
    missed = plan_patrols(plan, params).unreached[0]
    assert missed.change == "hours"
    longer = gate_on(quarters(), [3], opens=9 - missed.change_s / HOUR, closes=9.1 + missed.change_s / HOUR)
    assert 3 in walked(plan_patrols(longer, params), 1)


@pytest.mark.parametrize("opens, shift_s", [(8.2, 900), (8.3, 1800)])
def test_another_start_is_told_where_that_works(opens, shift_s):
    """A gate that opens a little after the round begins is passed if the round begins some quarters later."""
    plan, params = gate_on(quarters(), [3], opens=opens), PatrolParams(rounds=1)
    missed = plan_patrols(plan, params).unreached
    assert [(street.change, street.change_s) for street in missed] == [("start", shift_s)]
    begin_s = params.first_start_s + shift_s
    assert 3 in walked(plan_patrols(plan, replace(params, first_start_s=begin_s)), 1)


def test_a_street_of_limited_hours_counts_like_a_gate():
    """A street's own hours close it as a gate does."""
    plan = quarters()
    streets = plan.territory.streets
    closes = streets.closes.copy()
    closes[3] = 12 * HOUR
    plan = replace(plan, territory=replace(plan.territory, streets=replace(streets, closes=closes)))
    assert hours_of(plan.territory).edge.tolist() == [3]
    assert 3 not in walked(plan_patrols(plan), 2)


def test_a_gate_that_never_opens_must_be_opened():
    """Behind a gate closed to the public a street is unreached in all rounds: somebody has to open."""
    missed = plan_patrols(gate_on(quarters(), [3], passable=False), PatrolParams(days=2)).unreached
    assert [(street.street, street.times, street.change) for street in missed] == [("s3", 4, "gate")]


def test_streets_behind_a_gate_are_unreached_with_it():
    """What only a shut gate leads to is told with the gate's change; the rest is walked."""
    plan = comb()
    streets = plan.territory.streets
    ends = np.stack([streets.tail, streets.head], 1)
    corner = [row for row, pair in enumerate(ends.tolist()) if 0 in pair]
    plan = with_station(gate_on(plan, corner, closes=9), (300.0, 0.0))
    result = plan_patrols(plan, PatrolParams(rounds=1, first_start_s=10 * HOUR, last_start_s=10 * HOUR))
    assert sorted(street.street for street in result.unreached) == sorted(f"s{row}" for row in corner)
    assert walked(result, 1) == set(range(len(streets))) - set(corner)


def test_a_walk_goes_around_a_shut_gate():
    """A deadhead does not pass a gate that is shut: the walk is longer, and proven on the streets that are open."""
    territory = lattice(1, 5)
    plan = plan_of(territory, [0, 1, 1, 1, 0])
    free = plan_patrols(plan, grids=["g0"], params=PatrolParams(rounds=1)).routes[0]
    used = next(leg.edge for leg in free.legs if leg.deadhead)
    around = plan_patrols(gate_on(plan, [used], closes=7), grids=["g0"], params=PatrolParams(rounds=1)).routes[0]
    assert used not in {leg.edge for leg in around.legs}
    assert around.length_m >= free.length_m
    assert around.proven


@pytest.mark.parametrize("mode", ["stops", "both"])
def test_a_place_behind_a_shut_gate_is_missed_with_the_reason(mode):
    """No call is made behind a gate that is shut all day."""
    plan = with_station(with_places([(0.0, 0.0)], visits=1.0), (300.0, 0.0))
    streets = plan.territory.streets
    ends = np.stack([streets.tail, streets.head], 1)
    corner = [row for row, pair in enumerate(ends.tolist()) if 0 in pair]
    result = plan_patrols(gate_on(plan, corner, passable=False), PatrolParams(mode=mode, rounds=1))
    missed = [entry for entry in result.unreached if entry.length_m == 0]
    assert [(entry.reason, entry.change) for entry in missed] == [("closed", "gate")]
    assert not any(route.stops for route in result.routes)


def test_walks_of_several_openings_are_told_apart():
    """Rounds with different gates open still set their arrivals apart, and the spread counts them together."""
    result = plan_patrols(gate_on(quarters(), [3], closes=12), PatrolParams(days=3))
    assert result.spread > 0.2
    assert len({route.legs for route in result.routes if route.grid == "g1"}) == 6


def test_one_can_walk_up_to_a_gate_at_a_dead_end():
    """A shut gate at the end of a street, or a little beyond, closes nothing."""
    plan = quarters()
    streets = streets_of(Table(columns={}, geometry=shapely.linestrings([[[0, 0], [90, 0]], [[0, 0], [0, 90]]])))
    for x, shut in ((90.0, []), (90.5, []), (45.0, [0])):
        gates = Gates(
            code=texts(["g"]),
            xy=np.array([[x, 0.0]]),
            passable=np.array([False]),
            opens=np.zeros(1, int),
            closes=np.full(1, 24 * HOUR),
        )
        assert hours_of(replace(plan.territory, streets=streets, gates=gates)).edge.tolist() == shut
