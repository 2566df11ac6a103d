"""Unit cards: what is there, what is missing, what is due."""

from datetime import date

import pytest

from gridgeo.core.dispatch import AssignParams, CardRules, UnitRecord, assign_units, unit_cards
from gridgeo.errors import InputError
from tests.core.dispatch.cases import responders_at, staffed, units_at

RULES = CardRules(equipment={"helmet": 2}, by_kind={"school": {"shield": 1}}, drill_days=30)
TODAY = date(2026, 3, 31)


def cards(**records):
    """Cards of two units with a team for the first."""
    territory = staffed(units_at([[0, 0], [400, 400]], max_walk_s=60), responders_at([[10, 0], [20, 0]]))
    result = assign_units(territory, AssignParams(members=1, max_walk_s=900))
    told = {code: UnitRecord(unit=code, **record) for code, record in records.items()}
    return unit_cards(territory, result, told, RULES, TODAY)


def test_a_card_shows_the_team_and_every_piece_of_equipment():
    """Wanted items and items nobody asked for are both listed."""
    first, second = cards(u0={"equipment": {"helmet": 2, "rope": 1}})
    assert (first.lead.responder, [m.responder for m in first.members]) == ("r0", ["r1"])
    assert [(i.name, i.there, i.wanted) for i in first.equipment] == [
        ("helmet", 2, 2),
        ("rope", 1, 0),
        ("shield", 0, 1),
    ]
    assert second.lead is None and second.members == ()


def test_what_is_missing_and_overdue_is_open():
    """One shield, no plan, and a drill 8 days late."""
    first, _ = cards(u0={"equipment": {"helmet": 3}, "last_drill": date(2026, 2, 21)})
    assert first.next_drill == date(2026, 3, 23)
    assert [(n.kind, dict(n.facts)) for n in first.open] == [
        ("equipment-missing", {"item": "shield", "missing": 1}),
        ("plan-missing", {}),
        ("drill-overdue", {"last": "2026-02-21", "days": 8}),
    ]


def test_a_drill_due_today_is_not_overdue():
    """Thirty days after the first of March."""
    first, _ = cards(u0={"plan": "P1", "equipment": {"helmet": 2, "shield": 1}, "last_drill": date(2026, 3, 1)})
    assert first.open == ()


def test_a_unit_without_a_record_has_everything_open():
    """Each item, the plan and the first drill."""
    _, second = cards()
    assert [n.kind for n in second.open] == ["equipment-missing", "equipment-missing", "plan-missing", "never-drilled"]


@pytest.mark.parametrize("bad", [{"drill_days": 0}, {"equipment": {"rope": -1}}, {"by_kind": {"mall": {"rope": -1}}}])
def test_impossible_rules_are_refused(bad):
    """Days above 0, counts of 0 or more."""
    with pytest.raises(InputError):
        CardRules(**bad)
