"""Entries of the register, totals and changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from gridgeo.core.bounds import bounds_of
from gridgeo.core.coverage import compare_plans
from gridgeo.errors import InputError
from gridgeo.handover.qr import address_of
from gridgeo.handover.register import Post, changes, register, totals
from tests.handover.conftest import ADDRESS
from tests.instances import lattice, plan_of


def test_an_entry_tells_what_the_plan_holds(plan, entries):
    """Households, bounds, compounds, units, levels and address of a grid are those of the plan."""
    entry = next(entry for entry in entries if entry.code == "g0")
    assert (entry.households, entry.low, entry.high) == (int(plan.households[0]),) * 3
    assert (entry.south, entry.north, entry.bounds_status) == (("R&D <0> Road",), ("R&D <2> Road",), "verified")
    assert entry.compounds[1] == "@SUM(1)" and len(entry.compounds) == 2
    assert entry.units == ("Unit 0",)
    assert (entry.community, entry.subdistrict, entry.county) == ("Community 0", "Subdistrict 0", "County")
    assert entry.address == "https://town.example/map#grid=g0"
    assert (entry.area_m2, entry.perimeter_m) == (40_000.0, 800.0)


def test_grids_of_a_community_stand_together(entries):
    """Grids are ordered by code inside their community, communities by their first grid."""
    assert [entry.code for entry in entries] == ["g0", "g2", "g1", "g3"]


def test_predecessors_are_told(entries):
    """Codes of the grids before stand with the grid."""
    assert {entry.code: entry.predecessors for entry in entries}["g1"] == ("old", "older")


def test_what_is_known_of_one_grid_stands_above_what_holds_for_all(plan):
    """A grid's own post and days are taken first."""
    own, every = Post(post="P-7", start=date(2026, 3, 1)), Post(post="P", start=date(2026, 1, 1), end=date(2027, 1, 1))
    found = register(plan, bounds_of(plan), address=ADDRESS, posts={"g1": own}, every=every)
    told = {entry.code: (entry.post, entry.start, entry.end) for entry in found}
    assert told["g1"] == ("P-7", date(2026, 3, 1), date(2027, 1, 1))
    assert told["g0"] == ("P", date(2026, 1, 1), date(2027, 1, 1))


def test_no_grid_ends_before_it_starts(plan):
    """A day of a grid's own and one of all grids that contradict each other are told with the grid."""
    posts, every = {"g1": Post(start=date(2026, 3, 1))}, Post(end=date(2026, 2, 1))
    with pytest.raises(InputError, match="2026-02-01 is before 2026-03-01") as error:
        register(plan, bounds_of(plan), address=ADDRESS, posts=posts, every=every)
    assert error.value.where == "grid g1"


def test_estimates_carry_their_interval(plan):
    """Households that rest on estimates come with low and high."""
    land = plan.territory
    atoms = replace(land.atoms, spread=np.full(16, 10, np.int64), estimated=np.ones(16, bool))
    entry = register(replace(plan, territory=replace(land, atoms=atoms)), bounds_of(plan), address=ADDRESS)[0]
    assert (entry.low, entry.high) == (entry.households - 20, entry.households + 20)


def test_every_level_adds_up_to_the_whole(plan, entries):
    """Households, grids and area of communities, subdistricts and counties add up to those of the territory."""
    found = totals(entries, "Town")
    whole = found[-1]
    assert (whole.level, whole.grids, whole.households) == ("all", 4, plan.territory.households)
    for level in ("community", "subdistrict", "county"):
        rows = [total for total in found if total.level == level]
        assert sum(total.households for total in rows) == whole.households
        assert sum(total.grids for total in rows) == whole.grids
        assert sum(total.area_m2 for total in rows) == pytest.approx(whole.area_m2)


def test_places_of_one_name_are_not_added_up(entries):
    """Communities of one name in two subdistricts have totals of their own, named with their subdistricts."""
    named = [
        replace(entry, community="Lake", subdistrict="East" if at < 1 else "West") for at, entry in enumerate(entries)
    ]
    found = {total.name: total.grids for total in totals(named, "Town") if total.level == "community"}
    assert found == {"Lake (East)": 1, "Lake (West)": 3}


def test_subdistricts_of_one_name_are_not_added_up(entries):
    """Subdistricts of one name in two counties, and what lies in them, are told apart by the counties."""
    named = [replace(entry, subdistrict="East", county="A" if at < 1 else "B") for at, entry in enumerate(entries)]
    found = [(total.name, total.grids) for total in totals(named, "Town") if total.level == "subdistrict"]
    assert found == [("East (A)", 1), ("East (B)", 3)]


def test_changed_grids_stand_before_unchanged_ones():
    """A redraw lists what changed, then what ended, then what stayed."""
    land = lattice(1, 4)
    before, after = plan_of(land, [0, 0, 1, 2]), plan_of(land, [0, 0, 1, 1])
    found = changes(compare_plans(before, after))
    assert [(change.code, change.change) for change in found] == [("g1", "M"), ("g2", "ended"), ("g0", "U")]


@pytest.mark.parametrize(
    "template",
    [
        "", "map#grid={code}", "ftp://x/{code}", "http://x/", "http://{code}/", "http://x/{code}{code}", "http:///{code}",
        "http://[/{code}", "javascript://x/{code}", "http://x/ {code}", "http://x/\n{code}",
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_refused(template):
    """A template must be a web address with one {code} behind its host."""
    with pytest.raises(InputError, match="no web address"):
        address_of(template, "g0")


def test_an_address_too_long_to_print_is_refused():
    """A QR code nobody could scan is not made."""
    with pytest.raises(InputError, match="characters"):
        address_of("http://x/{code}", "g" * 2000)
