"""Reach: shares, gaps, and walks that agree with the pairs behind them."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch import ReachParams, reach
from gridgeo.core.model import Buildings, Places, Stations, geometries, texts
from gridgeo.errors import InputError
from tests.instances import ORIGIN, lattice

WALK = {"speed_m_per_s": 1.0, "limits_s": (100, 250)}


def stations_at(xy) -> Stations:
    """Stations st0, st1, ... in metres from the lattice's corner."""
    xy = ORIGIN + np.asarray(xy, float).reshape(-1, 2)
    return Stations(code=texts([f"st{i}" for i in range(len(xy))]), xy=xy, grid=texts([""] * len(xy)))


def places_at(xy, kinds) -> Places:
    """Places p0, p1, ... of these kinds."""
    n = len(kinds)
    return Places(
        code=texts([f"p{i}" for i in range(n)]),
        name=texts([""] * n),
        kind=texts(kinds),
        xy=ORIGIN + np.asarray(xy, float).reshape(-1, 2),
        service_s=np.zeros(n, np.int64),
        opens=np.zeros(n, np.int64),
        closes=np.full(n, 86400),
        visits_per_day=np.ones(n),
    )


def row_town(**columns):
    """One row of four 100 m blocks, 50 households each, and a station at the west end."""
    return replace(lattice(1, 4), stations=stations_at([[0, 0]]), **columns)


def test_households_are_counted_in_the_rings_they_fall_in():
    """Block middles lie 100, 200, 300, 400 m from the station by street and access."""
    result = reach(row_town(), ReachParams(**WALK))
    assert [(r.limit_s, r.households, r.household_share) for r in result.rings] == [(100, 50, 0.25), (250, 100, 0.5)]


def test_gaps_list_what_lies_beyond_with_its_walk():
    """The two far blocks are named, the farthest first, with seconds."""
    result = reach(row_town(), ReachParams(**WALK))
    assert [(g.code, g.kind, g.households, g.walk_s) for g in result.gaps] == [
        ("a3", "home", 50, 400),
        ("a2", "home", 50, 300),
    ]


def test_what_nobody_can_walk_to_has_no_walk():
    """A place off the network is a gap without seconds, and is said in a notice."""
    result = reach(row_town(places=places_at([[50, 0], [50, -900]], ["school", "school"])), ReachParams(**WALK))
    assert result.rings[0].place_share == 0.5
    assert [(g.code, g.walk_s) for g in result.gaps if g.kind == "place"] == [("p1", None)]
    assert [(n.kind, n.facts["number"]) for n in result.notices] == [("places-off-network", 1)]


def test_places_of_a_kind_may_serve_and_are_not_reached_themselves():
    """The hospital serves; only the school counts as a place to reach."""
    town = row_town(places=places_at([[400, 0], [350, 0]], ["hospital", "school"]))
    result = reach(town, ReachParams(**WALK, service="places:hospital"))
    assert (result.services, result.places, result.rings[0].places) == (1, 1, 1)


def test_buildings_carry_the_households_when_they_know_them():
    """All 200 households sit in one building beside the station."""
    home = Buildings(
        code=texts(["b"]),
        geometry=geometries([shapely.Point(ORIGIN + np.array([10.0, 5.0]))]),
        households=np.array([200]),
        known=np.array([True]),
        estimated=np.array([False]),
        floors=np.array([6]),
        compound=np.array([-1], np.int32),
    )
    assert reach(row_town(buildings=home), ReachParams(**WALK)).rings[0].household_share == 1.0


def test_no_service_reaches_nobody_and_is_named():
    """Without stations the shares are 0, without places theirs is unknown."""
    result = reach(lattice(1, 4), ReachParams(**WALK))
    assert [n.kind for n in result.notices] == ["no-service"]
    assert (result.rings[1].household_share, result.rings[1].place_share) == (0.0, None)


@pytest.mark.parametrize("bad", [{"limits_s": ()}, {"limits_s": (300, 100)}, {"limits_s": (0,)}, {"service": "taxis"}])
def test_bad_questions_are_refused(bad):
    """Limits rise from above 0, services are known."""
    with pytest.raises(InputError):
        ReachParams(**bad)
