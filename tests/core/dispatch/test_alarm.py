"""Alarms: order, who is ready, and the way there."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch import AlarmDesk, AlarmParams, nearest_responders
from gridgeo.core.model import geometries
from gridgeo.errors import InputError, NotFoundError
from tests.core.dispatch.cases import random_case, responders_at, staffed, units_at, without_streets
from tests.instances import ORIGIN

WALK = AlarmParams(speed_m_per_s=1.0)


def row_of_people(**responders):
    """Four responders along the first street, and one unit at its far end."""
    people = responders_at([[100, 0], [150, 0], [200, 0], [250, 0]], **responders)
    return staffed(units_at([[300, 0]]), people)


def bent_town():
    """One street that makes a detour of many corners, with a responder near its far end."""
    line = shapely.LineString(ORIGIN + np.array([[0, 0], [50, 0], [50, 80], [150, 80], [150, 0], [200, 0]], float))
    territory = staffed(units_at(np.zeros((0, 2))), responders_at([[190, 0]]))
    streets = replace(
        territory.streets,
        node_xy=shapely.get_coordinates(line)[[0, -1]],
        tail=np.array([0], np.int32),
        head=np.array([1], np.int32),
        line=np.array([0], np.int32),
        length_mm=np.array([360_000]),
        geometry=geometries([line]),
    )
    return replace(territory, streets=streets)


def test_responders_come_nearest_first_then_the_reserve():
    """Two are sent, two stand in reserve, in order of walking time."""
    answer = AlarmDesk(row_of_people(), WALK).answer(ORIGIN, k=2)
    assert [(c.code, c.walk_s) for c in answer.responders] == [("r0", 100), ("r1", 150)]
    assert [(c.code, c.walk_s) for c in answer.reserve] == [("r2", 200), ("r3", 250)]
    assert [(c.code, c.walk_s) for c in answer.units] == [("u0", 300)]


def test_the_nearest_who_may_lead_is_named_beside_the_nearest():
    """The lead may stand behind others."""
    answer = AlarmDesk(row_of_people(can_lead=[False, False, False, True]), WALK).answer(ORIGIN, k=1)
    assert answer.lead.code == "r3" and answer.responders[0].code == "r0"


def test_busy_and_off_duty_responders_are_passed_over_until_they_return():
    """Marks take effect on the next answer and can be taken back."""
    desk = AlarmDesk(row_of_people(on_duty=[True, True, True, False]), WALK)
    desk.set_busy("r0")
    desk.set_on_duty("r1", False)
    assert [c.code for c in desk.answer(ORIGIN, k=5).responders] == ["r2"]
    assert desk.ready == 1
    desk.set_busy("r0", False)
    desk.set_on_duty("r3")
    assert [c.code for c in desk.answer(ORIGIN, k=5).responders] == ["r0", "r2", "r3"]


def test_nobody_beyond_the_limit_is_named():
    """At exactly the limit one is in, one second past it out."""
    for limit, named in ((150, ["r0", "r1"]), (149, ["r0"])):
        answer = AlarmDesk(row_of_people(), AlarmParams(speed_m_per_s=1.0, max_walk_s=limit)).answer(ORIGIN)
        assert [c.code for c in answer.responders] == named


@pytest.mark.parametrize("seed", range(10))
def test_a_route_is_as_long_as_its_walk(seed):
    """The line runs from responder to alarm, its length gives the walking seconds."""
    rng = np.random.default_rng(seed)
    territory = random_case(rng, people=6)
    desk = AlarmDesk(territory, WALK)
    place = ORIGIN + rng.uniform(0, 400, 2)
    responders = desk.answer(place).responders
    assert responders
    for called in responders:
        line = desk.route(place, called.code)
        ends = shapely.get_coordinates(line)[[0, -1]]
        assert ends.tolist() == [
            territory.responders.xy[territory.responders.row(called.code)].tolist(),
            place.tolist(),
        ]
        assert line.length == pytest.approx(called.walk_s, abs=0.51)


def test_a_route_beyond_the_limit_is_none():
    """Nobody is routed farther than they are looked for."""
    desk = AlarmDesk(row_of_people(), AlarmParams(speed_m_per_s=1.0, max_walk_s=120))
    assert desk.route(ORIGIN, "r1") is None


def test_an_alarm_off_the_network_says_so():
    """Nobody is near enough to walk straight."""
    answer = AlarmDesk(row_of_people(), WALK).answer(ORIGIN + np.array([0, -400.0]))
    assert not answer.on_network and answer.responders == () and answer.lead is None


def test_one_question_needs_no_desk():
    """`nearest_responders` gives what a desk gives."""
    territory = row_of_people()
    assert nearest_responders(territory, ORIGIN, k=3, params=WALK) == AlarmDesk(territory, WALK).answer(ORIGIN, k=3)


@pytest.mark.parametrize("place", [(np.nan, 0), (1, 2, 3), ("a", "b"), None])
def test_a_place_that_is_none_is_refused(place):
    """Two finite numbers or an error."""
    with pytest.raises(InputError):
        AlarmDesk(row_of_people()).answer(place)


def test_unknown_codes_and_counts_below_one_are_refused():
    """Nothing is marked or asked by mistake."""
    desk = AlarmDesk(row_of_people())
    with pytest.raises(NotFoundError):
        desk.set_busy("nobody")
    with pytest.raises(InputError):
        desk.answer(ORIGIN, k=0)


@pytest.mark.parametrize("seed", range(6))
def test_asked_again_and_again_the_answer_stays(seed):
    """Scratch kept between questions changes no later answer: a fresh desk says the same, routes included."""
    rng = np.random.default_rng(seed)
    territory = random_case(rng, people=12)
    used = AlarmDesk(territory, WALK)
    for place in ORIGIN + rng.uniform(0, 400, (8, 2)):
        fresh = AlarmDesk(territory, WALK).answer(place, k=3, routes=True)
        again = used.answer(place, k=3, routes=True)
        assert again == fresh and again.responders
        for a, b in zip(again.responders, fresh.responders, strict=True):
            assert a.route.tolist() == b.route.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_the_nearest_are_those_of_the_full_search(seed):
    """One compiled search from one place names whom the search from many sources names, with the same walks."""
    rng = np.random.default_rng(seed)
    territory = random_case(rng, people=15)
    desk = AlarmDesk(territory, WALK)
    network = desk.network
    people = network.targets(network.enter(territory.responders.xy))
    for place in ORIGIN + rng.uniform(0, 400, (5, 2)):
        pairs = network.pairs(
            network.enter(place.reshape(1, 2)), people, WALK.reach_mm(1800), free=territory.responders.on_duty, count=8
        )
        answer = desk.answer(place, k=4)
        walks = [called.walk_s for called in answer.responders + answer.reserve]
        assert walks
        assert walks == [WALK.seconds(mm) for mm in pairs.walk_mm.tolist()]


def test_a_route_follows_every_bend_of_a_street():
    """A walk along a street of many vertices passes all of them in order, and stops and starts between vertices."""
    bent = bent_town()
    route = AlarmDesk(bent, WALK).answer(ORIGIN + np.array([10.0, 0.0]), k=1, routes=True).responders[0].route
    assert (route - ORIGIN).tolist() == [
        [190.0, 0.0],
        [150.0, 0.0],
        [150.0, 80.0],
        [50.0, 80.0],
        [50.0, 0.0],
        [10.0, 0.0],
    ]


def test_without_streets_a_route_is_straight():
    """Two vertices, from the responder to the alarm."""
    answer = AlarmDesk(without_streets(row_of_people()), WALK).answer(ORIGIN, k=1, routes=True)
    assert (answer.responders[0].route - ORIGIN).tolist() == [[100.0, 0.0], [0.0, 0.0]]


def test_a_limit_of_one_alarm_is_kept():
    """The desk looks no farther than the alarm asks, and never farther than its own limit."""
    desk = AlarmDesk(row_of_people(), AlarmParams(speed_m_per_s=1.0, max_walk_s=150))
    assert [c.code for c in desk.answer(ORIGIN, max_walk_s=100).responders] == ["r0"]
    assert [c.code for c in desk.answer(ORIGIN, max_walk_s=1000).responders] == ["r0", "r1"]
