"""Footings: rosters and limits of their own, and what changes between two."""

import pytest

from gridgeo.core.dispatch import FOOTINGS, AssignParams, Footing, assign_units, compare_footings, on_footing
from gridgeo.errors import SchemaError
from tests.core.dispatch.cases import responders_at, staffed, units_at

NORMAL = Footing(name="normal", params=AssignParams(members=1, max_walk_s=900, speed_m_per_s=1.0))


def town():
    """Two units, four responders, the last off duty."""
    people = responders_at([[10, 0], [20, 0], [310, 0], [320, 0]], on_duty=[True, True, True, False])
    return staffed(units_at([[0, 0], [300, 0]]), people)


def test_a_footing_without_its_own_roster_is_the_territory_as_it_stands():
    """Assigning on it gives what assigning gives."""
    assert assign_units(on_footing(town(), NORMAL), NORMAL.params) == assign_units(town(), NORMAL.params)


def test_only_units_where_something_changes_are_told():
    """Calling up r3 gives the second unit its member and frees r1 there; the first keeps its team."""
    called = Footing(name="alert", params=NORMAL.params, on_duty=frozenset({"r0", "r1", "r2", "r3"}))
    change = compare_footings(town(), NORMAL, called)
    (unit,) = change.changes
    assert (unit.unit, unit.joins, unit.leaves) == ("u1", ("r3",), ("r1",))
    assert change.more_missing == 0


def test_a_footing_may_leave_units_unmanned():
    """Only the first unit is manned; the second loses its whole team."""
    small = Footing(name="night", params=NORMAL.params, units=frozenset({"u0"}))
    change = compare_footings(town(), NORMAL, small)
    assert [(c.unit, c.joins, c.lead_after) for c in change.changes] == [("u1", (), "")]
    assert change.after.seats == 2


def test_codes_a_territory_does_not_have_are_all_listed():
    """One error names both layers."""
    bad = Footing(name="alert", params=NORMAL.params, on_duty=frozenset({"x", "r0"}), units=frozenset({"y"}))
    with pytest.raises(SchemaError) as caught:
        on_footing(town(), bad)
    assert [(fault.layer, fault.kind) for fault in caught.value.faults] == [
        ("responders", "unknown-code"),
        ("emergency_units", "unknown-code"),
    ]


def test_the_footings_given_ask_for_more_the_higher_the_alert():
    """Names in order, seats never fewer."""
    assert [footing.name for footing in FOOTINGS] == ["normal", "level-3", "level-2", "level-1"]
    seats = [assign_units(town(), footing.params).seats for footing in FOOTINGS]
    assert seats == sorted(seats)
