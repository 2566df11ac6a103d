"""Unit staffing against enumeration on tiny cases and integer programs on medium ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from gridgeo.core.dispatch import AssignParams, assign_units
from gridgeo.core.dispatch.roster import Roster
from gridgeo.core.dispatch.staffing import Staffing
from tests.core.dispatch.cases import random_case, responders_at

NONE, LEAD, MEMBER = 0, 1, 2


def filled_rings(staffing: Staffing, unit: int, walks: list[int]) -> list[int]:
    """Seats the members of a unit fill in each ring when the inner rings are filled first."""
    out, left = [], 0
    for ring, limit in enumerate(staffing.limit_s[unit]):
        inner = staffing.limit_s[unit, ring - 1] if ring else -1
        left += sum(inner < w <= limit for w in walks)
        out.append(min(left, int(staffing.seats[unit, 1 + ring])))
        left -= out[-1]
    return out


def score(staffing: Staffing, roles: tuple[int, ...], objective: str) -> tuple[int, ...] | None:
    """Missing seats of every class, then the walks; None when a rule is broken."""
    load = Counter(p for p, role in zip(staffing.person.tolist(), roles, strict=True) if role)
    if any(load[p] > staffing.capacity[p] for p in load):
        return None
    missing = staffing.seats.sum(0)
    for unit in range(len(staffing.seats)):
        mine = np.flatnonzero(staffing.unit == unit)
        leads = [i for i in mine if roles[i] == LEAD]
        if len(leads) > staffing.seats[unit, 0] or any(not staffing.can_lead[staffing.person[i]] for i in leads):
            return None
        members = [int(staffing.walk_s[i]) for i in mine if roles[i] == MEMBER]
        filled = filled_rings(staffing, unit, members)
        if sum(filled) < len(members):
            return None
        missing = missing - np.array([len(leads), *filled])
    walks = staffing.walk_s[np.array(roles) > 0]
    total, longest = int(walks.sum()), int(walks.max(initial=0))
    return (*missing.tolist(), *((total, longest) if objective == "total" else (longest, total)))


@pytest.mark.parametrize("objective", ["total", "max"])
@pytest.mark.parametrize("rings", [(), ((120, 1), (250, 2))])
@pytest.mark.parametrize("seed", range(6))
def test_staffing_equals_the_best_of_all_assignments(objective, rings, seed):
    """Every way to give up to four people roles in two units is tried; none is lexicographically better."""
    territory = random_case(np.random.default_rng(seed), units=2, people=4)
    params = AssignParams(members=2, max_walk_s=250, speed_m_per_s=1.0, objective=objective, rings=rings)
    staffing = Roster(territory, params).staffing()
    scores = (score(staffing, roles, objective) for roles in product((NONE, LEAD, MEMBER), repeat=len(staffing.unit)))
    best = min(s for s in scores if s is not None)
    result = assign_units(territory, params)
    walks = (result.total_walk_s, result.max_walk_s)
    walks = walks if objective == "total" else walks[::-1]
    assert (result.missing_leads, result.missing_members, *walks) == (best[0], sum(best[1:-2]), *best[-2:])
    assert result.proven and result.bound == walks[0]


def stages(staffing: Staffing) -> list[int]:
    """Most leads, most members given those, least total walk given both: three integer programs."""
    n, units = len(staffing.unit), len(staffing.seats)
    lead, member = np.arange(n), n + np.arange(n)

    def rows(row, columns, count):
        return coo_array((np.ones(len(columns)), (row, columns)), shape=(count, 2 * n))

    both = np.concatenate([lead, member])
    rules = [
        LinearConstraint(rows(np.tile(np.arange(n), 2), both, n), 0, 1),
        LinearConstraint(rows(np.tile(staffing.person, 2), both, len(staffing.capacity)), 0, staffing.capacity),
        LinearConstraint(rows(staffing.unit, lead, units), 0, staffing.seats[:, 0]),
        LinearConstraint(rows(staffing.unit, member, units), 0, staffing.seats[:, 1]),
    ]
    upper = np.concatenate([staffing.can_lead[staffing.person], np.ones(n)])
    out = []
    costs = [-np.repeat([1.0, 0.0], n), -np.repeat([0.0, 1.0], n), np.tile(staffing.walk_s, 2).astype(float)]
    for cost in costs:
        found = milp(cost, constraints=rules, bounds=Bounds(0, upper), integrality=np.ones(2 * n))
        out.append(round(found.fun))
        rules.append(LinearConstraint(cost[None], found.fun - 0.5, found.fun + 0.5))
    return out


@pytest.mark.parametrize("seed", range(3))
def test_staffing_equals_integer_programs_solved_in_stages(seed):
    """20 units and 90 people: leads, members and total walk agree with HiGHS."""
    territory = random_case(np.random.default_rng(100 + seed), units=20, people=90, side=400, leads=0.08)
    params = AssignParams(members=5, max_walk_s=240, speed_m_per_s=1.0)
    leads, members, total = stages(Roster(territory, params).staffing())
    result = assign_units(territory, params)
    seats = Counter(a.role for a in result.assignments)
    assert (-seats["lead"], -seats["member"], result.total_walk_s) == (leads, members, total)
    assert result.bound == total and result.proven


@pytest.mark.parametrize("seed", range(25))
def test_every_repair_fills_as_many_seats_as_it_says(seed):
    """Carried out and solved again, a repair fills that many seats more; a lead may come from among the members."""
    territory = random_case(np.random.default_rng(seed), units=4, people=7)
    params = AssignParams(members=2, max_walk_s=150, speed_m_per_s=1.0)
    before = assign_units(territory, params)
    missing = before.missing_leads + before.missing_members
    assert all(shortage.repair for shortage in before.shortages) and before.shortages
    for shortage in before.shortages:
        for repair in shortage.repair:
            after = assign_units(repaired(territory, shortage, repair, params), params)
            assert repair.fills >= 1
            assert after.missing_leads <= before.missing_leads - (repair.fills if shortage.role == "lead" else 0)
            taken = shortage.role == "lead" and repair.kind != "add-post"
            assert after.missing_leads + after.missing_members <= missing - (0 if taken else repair.fills)


def repaired(territory, shortage, repair, params):
    """The territory with a repair carried out."""
    units, people = territory.emergency_units, territory.responders
    if repair.kind == "raise-limit":
        limit = units.max_walk_s.copy()
        limit[units.row(repair.unit)] = repair.walk_s
        return replace(territory, emergency_units=replace(units, max_walk_s=limit))
    if repair.kind == "train":
        can_lead = people.can_lead.copy()
        can_lead[people.row(repair.responder)] = True
        return replace(territory, responders=replace(people, can_lead=can_lead))
    place = units.xy[units.row(repair.unit)]
    added = responders_at([[0, 0]], can_lead=shortage.role == "lead")
    columns = {
        name: np.concatenate([getattr(people, name), getattr(added, name)])
        for name in ("code", "capacity", "can_lead", "on_duty")
    }
    columns["code"][-1] = "new"
    return replace(territory, responders=replace(people, xy=np.concatenate([people.xy, place[None]]), **columns))
