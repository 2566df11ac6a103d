from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Gates, Table, texts
from gridgeo.core.patrol import PatrolParams, grid, plan_patrols, validate_route
from gridgeo.core.patrol.hours import Hours, change_to_open, hours_of
from gridgeo.core.patrol.pace import pace_of
from gridgeo.core.patrol.routes import steps_of
from gridgeo.core.patrol.visits import Change
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


@pytest.mark.parametrize("mode", ["streets", "both"])
@pytest.mark.parametrize("opens, closes", [(8.1, 24), (7, 8.15), (8.05, 8.2)])
def test_a_street_open_for_part_of_a_round_is_walked_then(opens, closes, mode):
    """A gate that opens after the round begins, or shuts before it ends, is passed in between; nothing is left out."""
    plan, params = gate_on(quarters(), [3], opens=opens, closes=closes), PatrolParams(rounds=1, days=2, mode=mode)
    result = plan_patrols(plan, params)
    assert not result.unreached
    pace = pace_of(plan.territory.streets, params.speed_m_per_s, params.steps_speed_m_per_s)
    passing = [route for route in result.routes if any(leg.edge == 3 for leg in route.legs)]
    assert len(passing) == 2
    for route in passing:
        validate_route(plan.territory.streets, route)
        steps = steps_of(route)
        end = params.first_start_s + np.cumsum(pace.seconds(steps))
        on = steps >> 1 == 3
        assert (end - pace.seconds(steps))[on].min() >= opens * HOUR
        assert end[on].max() <= closes * HOUR


def test_a_street_no_timing_fits_is_left_out_with_the_change():
    """A gate open for less than a street takes is not passed, however the walk is timed."""
    plan = gate_on(quarters(), [3], opens=8.1, closes=8.11)
    result = plan_patrols(plan, PatrolParams(rounds=1))
    assert 3 not in walked(result, 1)
    assert [(street.street, street.reason, street.change) for street in result.unreached] == [("s3", "closed", "hours")]


@pytest.mark.parametrize("opens, shift_s", [(8.6, 2700), (8.9, 3600)])
def test_another_start_is_told_where_that_works(opens, shift_s):
    """A gate that opens only once the round is over is passed if the round begins some quarters later."""
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


def hours(*rows):
    """Hours of edge 3, each row opening and closing at some hours of the day."""
    opens, closes = (np.array([int(row[k] * HOUR) for row in rows]) for k in (0, 1))
    return Hours(edge=np.full(len(rows), 3), opens=opens, closes=closes, ever=np.ones(len(rows), bool))


def street_behind_a_yard(shut_from_s):
    """A walk that deadheads over streets; gates shut the upper way for good and one street from a second on."""
    plan = plan_of(lattice(2, 5), [0, 1, 1, 1, 0] + [1] * 5)
    streets = plan.territory.streets
    middle = (streets.node_xy[streets.tail] + streets.node_xy[streets.head]) / 2
    x, y = (middle - streets.node_xy.min(axis=0)).T
    edges = [*np.flatnonzero((y == 100) & (x > 100) & (x < 400)).tolist(), 1]
    gates = Gates(
        code=texts([f"x{k}" for k in range(len(edges))]),
        xy=middle[edges],
        passable=np.array([False] * (len(edges) - 1) + [True]),
        opens=np.zeros(len(edges), np.int64),
        closes=np.array([24 * HOUR] * (len(edges) - 1) + [shut_from_s]),
    )
    return replace(plan, territory=replace(plan.territory, gates=gates))


def test_no_walk_undercuts_the_bound_before_a_gate_shuts():
    """A gate that shuts during the round could be passed early: the bound counts that walk, none is called proven."""
    params = PatrolParams(rounds=1)
    town = street_behind_a_yard(24 * HOUR)
    free = plan_patrols(town, params, grids=["g0"]).routes[0]
    steps = (steps_of(free) ^ 1)[::-1]
    taken_s = np.cumsum(pace_of(town.territory.streets, 1.2, 0.5).seconds(steps))
    passed_s = float(taken_s[np.flatnonzero(steps >> 1 == 1)[-1]])
    route = plan_patrols(street_behind_a_yard(int(params.first_start_s + passed_s + 30)), params, grids=["g0"]).routes[
        0
    ]
    assert route.length_m > free.length_m == route.bound_m
    assert not route.proven


def test_a_way_around_a_gate_shut_all_the_while_is_proven():
    """What is shut throughout the round is no way at all: the walk around it is proven shortest."""
    route = plan_patrols(street_behind_a_yard(7 * HOUR), PatrolParams(rounds=1), grids=["g0"]).routes[0]
    assert route.proven and route.bound_m == route.length_m == 1800


@pytest.mark.parametrize("shut_s, proven", [(7 * HOUR, True), (8 * HOUR + 30, False)])
def test_a_trip_from_stop_to_stop_is_bounded_over_what_is_open_at_all(shut_s, proven):
    """A trip around a gate that shuts during the round is no shorter than its bound, and not called shortest."""
    plan = with_station(with_places([(300.0, 0.0)], visits=1.0), (0.0, 0.0))
    streets = plan.territory.streets
    middle = (streets.node_xy[streets.tail] + streets.node_xy[streets.head]) / 2 - streets.node_xy.min(axis=0)
    row = [int(np.flatnonzero((middle == spot).all(axis=1))[0]) for spot in ([50.0, 0.0], [150.0, 0.0])]
    params = PatrolParams(mode="stops", rounds=1)
    free = plan_patrols(plan, params).routes[0]
    route = plan_patrols(gate_on(plan, row, closes=shut_s / HOUR), params).routes[0]
    assert free.proven and route.length_m > free.length_m
    assert (route.proven, route.bound_m == route.length_m) == (proven, proven)
    assert proven or route.bound_m <= free.length_m


@pytest.mark.parametrize(
    "begin, end, missing_s", [(1, 2, 0), (5.5, 6.5, 1800), (21.5, 22.5, 1800), (12, 13, 7 * HOUR), (20, 21, 2 * HOUR)]
)
def test_hours_over_midnight_miss_what_they_miss(begin, end, missing_s):
    """Open from 22 to 6, a street misses the least its night would have to begin earlier or end later."""
    assert hours((22, 6)).missing_s(begin * HOUR, end * HOUR).tolist() == [missing_s]


def test_only_rows_that_are_closed_ask_for_a_change():
    """Beside hours that are long enough, the row that is closed alone says how much is missing."""
    change = change_to_open(hours((22, 6), (8, 5.5)), [3], int(5.25 * HOUR), 6 * HOUR)
    assert change == Change(kind="start", seconds=-1800)


@pytest.mark.parametrize("aside", [(0.0, 0.0), (-0.06, -0.06), (-0.5, -0.5)])
def test_a_gate_off_the_outer_side_of_a_bend_closes_it(aside):
    """A gate on a corner, or drawn a little outside of it, closes the streets that meet there."""
    territory = lattice(1, 3)
    gates = Gates(
        code=texts(["g"]),
        xy=territory.streets.node_xy.min(axis=0)[None] + np.array([aside]),
        passable=np.array([False]),
        opens=np.zeros(1, int),
        closes=np.full(1, 24 * HOUR),
    )
    shut = hours_of(replace(territory, gates=gates)).edge
    assert len(shut) == 2
    ends = np.stack([territory.streets.tail, territory.streets.head], 1)[shut]
    assert len(np.intersect1d(*ends)) == 1


def test_a_gate_across_town_is_nobodys_business():
    """Hours of a street far from a grid neither part its rounds nor veto another start."""
    plan = plan_of(lattice(1, 20), [0] * 3 + [1] * 17)
    params = PatrolParams(rounds=1)
    alone = gate_on(plan, [0], opens=8.45)
    both = gate_on(plan, [0, 19])
    gates = replace(both.territory.gates, opens=np.array([8.45 * HOUR, 0]).astype(int))
    gates = replace(gates, closes=np.array([24 * HOUR, 8 * HOUR + 1200]))
    both = replace(both, territory=replace(both.territory, gates=gates))
    told = [plan_patrols(town, params, grids=["g0"]).unreached for town in (alone, both)]
    assert told[0] == told[1]
    assert told[0][0].change == "start"


def test_stopping_between_trials_names_the_grid(monkeypatch):
    """Asked to stop while walks come by shut gates again and again, planning says which grid has no walk."""
    tried = []
    monkeypatch.setattr(grid, "passed_when_shut", lambda task, routes: tried.append(1) or {1: frozenset([3])})
    result = plan_patrols(quarters(), PatrolParams(rounds=1), grids=["g0"], stop=lambda: bool(tried))
    assert len(tried) == 1 and not result.routes
    assert [notice.where for notice in result.notices if notice.kind == "grid-not-planned"] == ["g0"]
