"""Alarms: order, who is ready, and the way there."""

import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch import AlarmDesk, AlarmParams, nearest_responders
from gridgeo.errors import InputError, NotFoundError
from tests.core.dispatch.cases import random_case, responders_at, staffed, units_at
from tests.instances import ORIGIN

WALK = AlarmParams(speed_m_per_s=1.0)


def row_of_people(**responders):
    """Four responders along the first street, and one unit at its far end."""
    people = responders_at([[100, 0], [150, 0], [200, 0], [250, 0]], **responders)
    return staffed(units_at([[300, 0]]), people)


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
    for called in desk.answer(place).responders:
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
