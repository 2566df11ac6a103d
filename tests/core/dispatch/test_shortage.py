"""Shortages are Hall certificates: anyone can check them by counting."""

from collections import Counter

import numpy as np
import pytest

from gridgeo.core.dispatch import AssignParams, assign_units
from gridgeo.core.dispatch.roster import Roster
from tests.core.dispatch.cases import random_case, responders_at, staffed, units_at


def test_two_units_that_share_one_lead_are_named_together():
    """One qualified person of capacity 1 for two units: one lead is missing, and both compete for the same person."""
    people = responders_at([[50, 0], [60, 0]], capacity=1, can_lead=[True, False])
    territory = staffed(units_at([[0, 0], [100, 0]], need=1), people)
    lead = assign_units(territory, AssignParams(speed_m_per_s=1.0)).shortages[0]
    assert (lead.units, lead.role, lead.missing, lead.seats, lead.supply) == (("u0", "u1"), "lead", 1, 2, 1)
    assert lead.eligible == ("r0",)
    assert [repair.kind for repair in lead.repair] == ["train", "add-post"]


def test_units_that_share_nobody_are_separate_shortages():
    """Two lonely units are two certificates, not one."""
    territory = staffed(units_at([[0, 0], [400, 400]], max_walk_s=60, need=1), responders_at([]))
    shortages = assign_units(territory).shortages
    assert Counter((s.units, s.role, s.missing) for s in shortages) == {
        (("u0",), "lead", 1): 1,
        (("u1",), "lead", 1): 1,
        (("u0",), "member", 1): 1,
        (("u1",), "member", 1): 1,
    }


def test_a_raised_limit_names_who_would_come_and_how_far():
    """The only lead stands 100 s away from a unit with a limit of 60 s."""
    territory = staffed(
        units_at([[0, 0]], need=1, max_walk_s=60), responders_at([[100, 0], [10, 0]], can_lead=[True, False])
    )
    lead = assign_units(territory, AssignParams(speed_m_per_s=1.0)).shortages[0]
    assert (lead.repair[0].kind, lead.repair[0].responder, lead.repair[0].walk_s) == ("raise-limit", "r0", 100)


@pytest.mark.parametrize("seed", range(40))
def test_the_eligible_cannot_fill_more_than_the_certificate_says(seed):
    """Counting each eligible person's capacity, at most once a unit, gives no more than the lead seats filled."""
    territory = random_case(np.random.default_rng(seed), units=5, people=9, leads=0.3)
    params = AssignParams(members=2, max_walk_s=200, speed_m_per_s=1.0)
    staffing = Roster(territory, params).staffing()
    people = Roster(territory, params).responders
    shortages = assign_units(territory, params).shortages
    assert shortages
    for shortage in shortages:
        units = [territory.emergency_units.row(code) for code in shortage.units]
        wanted = staffing.seats[units, 0].sum() if shortage.role == "lead" else staffing.seats[units].sum()
        near = np.isin(staffing.unit, units)
        if shortage.role == "lead":
            near &= staffing.can_lead[staffing.person]
        visits = np.bincount(staffing.person[near], minlength=len(people))
        assert shortage.eligible == tuple(people.code[visits > 0].tolist())
        most = int(np.minimum(visits, staffing.capacity).sum())
        assert shortage.missing == shortage.seats - shortage.supply > 0
        if shortage.role == "lead":
            assert (shortage.seats, shortage.supply) == (wanted, most)
        else:
            assert shortage.seats <= wanted and shortage.supply <= most
