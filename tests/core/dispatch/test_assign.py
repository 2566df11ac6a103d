"""What every staffing keeps, and how bad input is named."""

import os
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch import AssignParams, assign_units
from gridgeo.core.model import geometries, texts
from tests.core.dispatch.cases import random_case, responders_at, staffed, units_at, without_streets
from tests.instances import ORIGIN

SECOND = {"speed_m_per_s": 1.0, "max_walk_s": 200}


def check_rules(territory, result):
    """Nobody twice in a unit, capacities kept, leads qualified and on duty, seats and limits kept, counts add up."""
    people, units, params = territory.responders, territory.emergency_units, result.params
    places = Counter((a.unit, a.responder) for a in result.assignments)
    assert max(places.values(), default=1) == 1
    for code, load in Counter(a.responder for a in result.assignments).items():
        row = people.row(code)
        assert load <= (people.capacity[row] or params.per_person)
        assert people.on_duty[row]
    for a in result.assignments:
        row = units.row(a.unit)
        assert a.walk_s <= a.within_s <= (units.max_walk_s[row] or params.nested[-1][0])
        assert a.role == "member" or people.can_lead[people.row(a.responder)]
    seats = Counter((a.unit, a.role) for a in result.assignments)
    for row, code in enumerate(units.code.tolist()):
        assert seats[code, "lead"] <= 1
        assert seats[code, "member"] <= (units.need[row] or params.nested[-1][1])
    assert len(result.assignments) + result.missing_leads + result.missing_members == result.seats
    assert sum(s.missing for s in result.shortages if s.role == "lead") == result.missing_leads
    assert sum(s.missing for s in result.shortages if s.role == "member") == result.missing_members
    assert result.total_walk_s == sum(a.walk_s for a in result.assignments)
    assert result.max_walk_s == max((a.walk_s for a in result.assignments), default=0)
    assert result.proven
    assert result.bound == (result.total_walk_s if params.objective == "total" else result.max_walk_s)


@pytest.mark.parametrize("block", range(10 if os.environ.get("CI") else 2))
def test_a_thousand_random_staffings_keep_every_rule(block):
    """100 random cases a block: both objectives, with and without leads, with and without rings."""
    rng = np.random.default_rng(block)
    for case in range(100):
        territory = random_case(rng, units=int(rng.integers(0, 5)), people=int(rng.integers(0, 9)))
        rings = ((70, 1), (130, 2), (200, 4)) if case % 3 == 0 else ()
        params = AssignParams(**SECOND, objective=("total", "max")[case % 2], lead=case % 5 > 0, rings=rings)
        check_rules(territory, assign_units(territory, params))


def test_the_nearest_people_come_when_nobody_competes():
    """One unit, three responders in a row: the lead-capable one leads although it is the farthest."""
    people = responders_at([[20, 0], [40, 0], [60, 0]], can_lead=[False, False, True])
    result = assign_units(staffed(units_at([[0, 0]], need=1), people), AssignParams(speed_m_per_s=1.0))
    assert [(a.responder, a.role, a.walk_s) for a in result.assignments] == [("r2", "lead", 60), ("r0", "member", 20)]


def test_somebody_is_never_twice_in_one_unit():
    """One responder with room for five seats fills one seat of a unit that wants six."""
    result = assign_units(staffed(units_at([[0, 0]]), responders_at([[10, 0]], capacity=5)))
    assert len(result.assignments) == 1 and result.missing_members == 5


def test_a_units_own_need_and_limit_replace_the_defaults():
    """Need 1 and limit 30 s hold for the first unit, 5 and 900 s for the second."""
    people = responders_at([[25, 0], [35, 0], [50, 0]])
    territory = staffed(units_at([[0, 0], [0, 0]], need=[1, 0], max_walk_s=[30, 0]), people)
    result = assign_units(territory, AssignParams(speed_m_per_s=1.0))
    assert Counter(a.unit for a in result.assignments) == {"u0": 1, "u1": 3}
    assert result.seats == 2 + 6


def test_rings_seat_the_nearest_inside():
    """The person within a minute takes the inner seat, the next the outer."""
    territory = staffed(units_at([[0, 0]]), responders_at([[50, 0], [150, 0], [55, 0]], can_lead=False))
    result = assign_units(territory, AssignParams(speed_m_per_s=1.0, lead=False, rings=((60, 1), (180, 3))))
    assert [(a.responder, a.within_s) for a in result.assignments] == [("r0", 60), ("r2", 180), ("r1", 180)]


def test_max_takes_the_shortest_longest_walk_even_at_a_greater_total():
    """0 + 200 s is the least total; 150 + 150 s spares the long walk."""
    people = responders_at([[100, 50], [200, 0]], capacity=1)
    territory = staffed(units_at([[0, 0], [100, 50]], need=1), people)
    longest, total = (
        assign_units(territory, AssignParams(speed_m_per_s=1.0, lead=False, objective=aim)) for aim in ("max", "total")
    )
    assert (total.total_walk_s, total.max_walk_s, total.bound) == (200, 200, 200)
    assert (longest.total_walk_s, longest.max_walk_s, longest.bound) == (300, 150, 150)


def test_responders_off_duty_are_left_out():
    """The one on duty is named, the other not."""
    territory = staffed(units_at([[0, 0]]), responders_at([[10, 0], [20, 0]], on_duty=[False, True]))
    assert {a.responder for a in assign_units(territory).assignments} == {"r1"}


def test_stopping_early_still_misses_as_few_seats():
    """A stop before the walks gives the proven number of seats, rules kept, and a bound that is no greater."""
    territory = random_case(np.random.default_rng(5), units=4, people=12)
    whole, cut = (assign_units(territory, stop=stop) for stop in (lambda: False, lambda: True))
    assert (cut.missing_leads, cut.missing_members) == (whole.missing_leads, whole.missing_members)
    assert cut.bound <= whole.total_walk_s <= cut.total_walk_s
    assert cut.proven == (cut.bound == cut.total_walk_s)


@pytest.mark.parametrize(
    ("units", "people", "kind"), [([], [[0, 0]], "no-emergency-units"), ([[0, 0]], [], "no-responders")]
)
def test_nothing_to_staff_or_nobody_to_send_is_named(units, people, kind):
    """The answer is empty and complete, with one notice."""
    result = assign_units(staffed(units_at(units), responders_at(people)))
    assert [notice.kind for notice in result.notices] == [kind]
    assert result.assignments == () and result.proven


def test_points_off_the_network_are_named_and_the_rest_solved():
    """Far points are named with their distance; the sound unit and the sound responder find each other."""
    result = assign_units(staffed(units_at([[0, -400], [200, 200]]), responders_at([[0, -500], [210, 200]])))
    assert [(n.kind, n.where, n.facts["distance_m"]) for n in result.notices] == [
        ("unit-off-network", "u0", 400),
        ("responder-off-network", "r0", 500),
    ]
    assert [(a.unit, a.responder) for a in result.assignments] == [("u1", "r1")]


def test_points_on_streets_joined_to_nothing_are_named():
    """A lone street 200 m north carries the unit; the notice says how many streets are there."""
    territory = staffed(units_at([[50, 610]]), responders_at([[10, 0]]))
    line = shapely.LineString(ORIGIN + np.array([[0, 600.0], [100, 600.0]]))
    streets, n = territory.streets, territory.streets.nodes
    lone = replace(
        streets,
        node_xy=np.concatenate([streets.node_xy, shapely.get_coordinates(line)]),
        tail=np.append(streets.tail, np.int32(n)),
        head=np.append(streets.head, np.int32(n + 1)),
        line=np.append(streets.line, np.int32(0)),
        length_mm=np.append(streets.length_mm, 100_000),
        geometry=geometries([*streets.geometry, line]),
    )
    (notice,) = assign_units(replace(territory, streets=lone)).notices
    assert (notice.kind, notice.where, notice.facts) == ("unit-cut-off", "u0", {"streets": 1})


def test_without_streets_walks_are_straight_and_that_is_said():
    """100 m as the crow flies are 130 s at 1 m/s."""
    territory = without_streets(staffed(units_at([[0, 0]]), responders_at([[100, 0]])))
    result = assign_units(territory, AssignParams(speed_m_per_s=1.0))
    assert [a.walk_s for a in result.assignments] == [130]
    assert [(n.kind, n.facts) for n in result.notices] == [("no-streets", {"detour": 1.3})]


def test_nobody_who_may_lead_is_said_once():
    """Members are still found; every unit misses its lead."""
    result = assign_units(staffed(units_at([[0, 0], [50, 0]]), responders_at([[10, 0]], can_lead=False)))
    assert [notice.kind for notice in result.notices] == ["no-lead"]
    assert result.missing_leads == 2 and len(result.assignments) == 2


def test_duplicate_codes_are_named():
    """Two units of one code are both staffed, and the code is named with its layer."""
    units = units_at([[0, 0], [300, 300]])
    territory = staffed(replace(units, code=texts(["u", "u"])), responders_at([[10, 0]]))
    (notice,) = assign_units(territory).notices
    assert (notice.kind, notice.where, notice.facts) == (
        "duplicate-code",
        "u",
        {"layer": "emergency_units", "times": 2},
    )


def test_the_same_input_gives_the_same_answer():
    """Two runs are equal in every field."""
    territory = random_case(np.random.default_rng(9), units=6, people=20)
    assert assign_units(territory) == assign_units(territory)


def test_a_limit_below_nothing_is_named_and_the_rings_count():
    """A unit whose greatest walk is negative is manned within the rings, and a notice names it."""
    people = responders_at([[60, 0], [120, 0]])
    result = assign_units(staffed(units_at([[0, 0]], need=1, max_walk_s=-5), people))
    assert [(n.kind, n.where, n.facts) for n in result.notices] == [("impossible-limit", "u0", {"max_walk_s": -5})]
    assert len(result.assignments) == 2
