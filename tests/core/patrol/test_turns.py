from dataclasses import replace

import pytest

from gridgeo.core.model import texts
from gridgeo.core.patrol import plan_patrols
from gridgeo.core.patrol.turns import Way, turn_list
from tests.instances import lattice, plan_of


def test_turns_lead_around_a_block():
    """One block: the walk starts, turns the same way three times and arrives."""
    plan = plan_of(lattice(1, 1), [0])
    turns = turn_list(plan.territory.streets, plan_patrols(plan).routes[0])
    ways = [turn.way for turn in turns]
    assert ways[0] == Way.START
    assert ways[-1] == Way.ARRIVE
    assert set(ways[1:-1]) in ({Way.LEFT}, {Way.RIGHT})
    assert [turn.at_m for turn in turns] == [0.0, 100.0, 200.0, 300.0, 400.0]


def test_a_street_walked_straight_on_is_one_line():
    """Edges of one street walked straight on are one turn; lengths add up."""
    territory = lattice(3, 3)
    named = replace(territory.streets, name=texts(["Long Street"] * len(territory.streets.name)))
    plan = plan_of(replace(territory, streets=named), [0] * 9)
    route = plan_patrols(plan).routes[0]
    turns = turn_list(named, route)
    assert not any(turn.way == Way.STRAIGHT for turn in turns)
    assert sum(turn.length_m for turn in turns) == pytest.approx(route.length_m)
    assert len(turns) < len(route.legs)
