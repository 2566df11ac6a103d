"""New stations: what they bring, what nothing can bring, and where they stand."""

from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.dispatch import ReachParams, SiteParams, propose_sites, reach
from gridgeo.core.dispatch.sites import _spread
from gridgeo.core.model import Stations, texts
from gridgeo.errors import InputError
from tests.instances import ORIGIN, lattice

WALK = {"speed_m_per_s": 1.0, "limit_s": 100}


def with_stations(territory, xy):
    """The territory with exactly these stations, in metres of its CRS."""
    n = len(xy)
    made = Stations(code=texts(range(n)), xy=np.asarray(xy, float).reshape(-1, 2), grid=texts([""] * n))
    return replace(territory, stations=made)


@pytest.mark.parametrize("aim", ["cover", "median", "all"])
def test_reach_measured_anew_is_what_was_promised(aim):
    """With the proposed stations built, `reach` counts `after` households within the limit."""
    rng = np.random.default_rng(2)
    town = with_stations(lattice(4, 6, rng.integers(0, 90, 24)), [ORIGIN])
    result = propose_sites(town, SiteParams(**WALK, aim=aim, k=3))
    built = with_stations(town, [ORIGIN, *(site.xy for site in result.sites)])
    ring = reach(built, ReachParams(speed_m_per_s=1.0, limits_s=(100,))).rings[0]
    assert ring.households == result.after
    assert result.proven and result.before < result.after <= result.households


def test_cover_takes_the_spot_with_most_households():
    """Of four blocks in a row, the two crowded ones share the corner between them."""
    town = lattice(1, 4, [10, 70, 80, 10])
    result = propose_sites(town, SiteParams(**WALK, k=1))
    assert result.sites[0].households == result.value == result.bound == 150
    assert result.sites[0].xy[0] == ORIGIN[0] + 200


def test_all_lists_what_no_site_can_reach():
    """With a limit of 40 s nobody in the middle of a block is reached from a corner."""
    result = propose_sites(lattice(1, 2), SiteParams(speed_m_per_s=1.0, limit_s=40, aim="all"))
    assert [gap.code for gap in result.unreachable] == ["a0", "a1"]
    assert result.sites == () and result.after == 0


def test_candidates_are_spread_and_no_more_than_asked():
    """At most 50 of 2,000 points, and every part of the square has one near."""
    xy = np.random.default_rng(0).uniform(0, 100, (2000, 2))
    spots = _spread(xy, 50)
    assert 30 <= len(spots) <= 50
    nearest = np.linalg.norm(xy[:, None] - spots[None], axis=2).min(1)
    assert nearest.max() < 20


@pytest.mark.parametrize("bad", [{"k": 0}, {"aim": "best"}, {"limit_s": 0}, {"service": "taxis"}])
def test_bad_questions_are_refused(bad):
    """Numbers above 0, aims and services that exist."""
    with pytest.raises(InputError):
        SiteParams(**bad)
