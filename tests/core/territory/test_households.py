"""Counts, shares of counts, people and floor area: where households come from, and how sure they are."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridgeo.core.model import Plan, texts
from gridgeo.core.partition import draw_plan
from gridgeo.core.territory import AtomParams, build_territory
from gridgeo.core.territory.households import shares, with_households
from tests.core.territory.towns import line, square, table


def kinds(notices):
    return [notice.kind for notice in notices]


def blocks(**columns):
    """Three footprints of 1000, 500 and 20 square metres."""
    return table([shapely.box(0, 0, 100, 10), shapely.box(0, 20, 50, 30), shapely.box(90, 90, 94, 95)], **columns)


@given(st.integers(0, 10**6), st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_shares_add_up(total, weight):
    """Whatever the weights, shares are whole, not negative, add up, and none is off its quota by one or more."""
    weight = np.array(weight)
    found = shares(total, weight)
    assert found.sum() == total
    assert (found >= 0).all()
    if weight.sum() > 0:
        assert (np.abs(found - total * (weight / weight.sum())) < 1 + 1e-6).all()


def test_people_become_households():
    """Areas that count people only get households as estimates whose sum is people over persons per household."""
    atoms = table([square(), square(x=200)], population=np.array([10.0, 21.0]))
    town = build_territory({"boundary": table([shapely.box(0, 0, 400, 200)]), "atoms": atoms}, name="t", crs="EPSG:1")
    assert town.households == int(31 / 2.62)
    assert town.atoms.estimated.all()
    assert (town.atoms.spread > 0).all()
    assert {"households-from-population", "households-estimated"} <= set(kinds(town.notices))


def test_counts_beat_people():
    """Where households are counted, people are not looked at."""
    atoms = table([square()], population=np.array([10.0]), households=np.array([7.0]))
    town = build_territory({"boundary": table([square()]), "atoms": atoms}, name="t", crs="EPSG:1")
    assert (town.households, town.atoms.estimated.any(), town.atoms.spread.tolist()) == (7, False, [0])


def test_compound_counts_are_shared_by_floor_area():
    """A compound's count goes to its buildings by floor area, sheds left out, and the sum is kept."""
    tables = {
        "buildings": blocks(floors=np.array([1, 4, 1])),
        "compounds": table([square(100)], households=np.array([90.0])),
    }
    out, notices = with_households(tables, AtomParams())
    assert out["buildings"].columns["households"].tolist() == [30, 60, 0]
    assert out["buildings"].columns["source"].tolist() == ["estimate"] * 3
    assert kinds(notices) == ["counts-shared"]
    assert notices[0].households == 90


def test_known_counts_are_taken_off_first():
    """What counted buildings of a community hold is not shared again; compounds go before communities."""
    tables = {
        "buildings": blocks(households=np.array([25.0, np.nan, np.nan]), source=["count", "", ""]),
        "communities": table([square(100)], households=np.array([85.0])),
        "compounds": table([shapely.box(0, 19, 60, 40)], households=np.array([40.0])),
    }
    out, notices = with_households(tables, AtomParams())
    assert out["buildings"].columns["households"].tolist() == [25, 40, 20]
    assert out["buildings"].columns["source"].tolist() == ["count", "estimate", "estimate"]
    assert kinds(notices) == ["counts-shared", "counts-shared"]


def test_counts_without_buildings_are_told():
    """An area that counts households but has no building to put them in is listed with what is lost."""
    areas = table([square(100), square(100, x=500)], households=np.array([9.0, 70.0]), code=["a", "b"])
    _, notices = with_households({"buildings": blocks(), "communities": areas}, AtomParams())
    (lost,) = [notice for notice in notices if notice.kind == "counts-homeless"]
    assert (lost.where, lost.households) == ("b", 70)


def test_nulls_stay_null():
    """People unknown are households unknown, not zero."""
    out, _ = with_households({"atoms": table([square()] * 2, population=np.array([np.nan, 5.0]))}, AtomParams())
    assert np.isnan(out["atoms"].columns["households"]).tolist() == [True, False]


def towers(source):
    """100 blocks of flats with 40 households each on a lattice of streets."""
    at = [(50 + 100 * i, 50 + 100 * j) for i in range(10) for j in range(10)]
    flats = [shapely.box(x - 10, y - 10, x + 10, y + 10) for x, y in at]
    streets = [line((100 * i, -9), (100 * i, 1009)) for i in range(1, 10)]
    streets += [line((-9, 100 * i), (1009, 100 * i)) for i in range(1, 10)]
    buildings = table(flats, households=np.full(100, 40.0), source=[source] * 100)
    return {"boundary": table([square(1000)]), "streets": table(streets), "buildings": buildings}


@pytest.fixture(scope="module", params=["count", "estimate"])
def plan(request) -> Plan:
    return draw_plan(build_territory(towers(request.param), name="t", crs="EPSG:32650"), rng_seed=1).plan


def test_a_plan_on_estimates_says_so(plan):
    """A plan of estimates is in band by estimate, and told how many grids surely are; one of counts says nothing."""
    guessed = plan.estimated.any()
    told = [notice for notice in plan.notices if notice.kind == "plan-rests-on-estimates"]
    assert len(told) == int(guessed)
    assert plan.in_band.all()
    assert plan.surely_in_band.all() == (not guessed)
    if guessed:
        assert (told[0].households, told[0].facts["in_band"]) == (4000, len(plan))
        assert told[0].facts["sure"] == int(plan.surely_in_band.sum()) < len(plan)


def test_errors_of_a_sum_add_as_squares(plan):
    """A grid of n estimated blocks is off by root n times one block's error, so its share shrinks with size."""
    if not plan.estimated.any():
        assert not plan.spread.any()
        return
    one = 1.2816 * 0.645 * 40
    expected = one * np.sqrt(plan.households / 40)
    assert (np.abs(plan.spread - expected) <= 0.06 * expected + 1).all()


def test_certificate_counts_estimates(plan):
    """The certificate tells how many households are estimates."""
    from gridgeo.core.coverage import check_coverage

    told = check_coverage(plan).certificate.to_dict()
    assert told["estimated_households"] == (4000 if plan.estimated.any() else 0)


def test_intervals_travel_with_the_file(plan, tmp_path):
    """Low and high of atoms and grids are columns of the file, and come back."""
    from gridgeo.io.formats import read_layers
    from gridgeo.io.read import read_plan
    from gridgeo.io.write import write_plan

    write_plan(plan, tmp_path / "p.gpkg")
    grids = read_layers(tmp_path / "p.gpkg", ["grids"])["grids"].table.columns
    assert (grids["households_high"] - plan.households).tolist() == plan.spread.tolist()
    again = read_plan(tmp_path / "p.gpkg")
    assert again.territory.atoms.spread.tolist() == plan.territory.atoms.spread.tolist()
    assert texts(grids["code"]).tolist() == again.grids.code.tolist()


def test_communities_that_count_otherwise_are_told():
    """A community whose own count is not what its atoms hold is listed with both, the largest difference first."""
    tables = towers("count") | {
        "communities": table(
            [shapely.box(0, 0, 500, 1000), shapely.box(500, 0, 1000, 1000)],
            code=["west", "east"],
            households=np.array([2000.0, 1900.0]),
        )
    }
    town = build_territory(tables, name="t", crs="EPSG:32650")
    (told,) = [notice for notice in town.notices if notice.kind == "community-total-differs"]
    assert (told.where, told.households, told.facts["told"], told.facts["more"]) == ("east", 2000, 1900, 100)
