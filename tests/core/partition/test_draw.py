"""Drawing on lattices: the rules hold, and what cannot be is said."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.quality.places import place_of
from gridgeo.core.coverage import check_coverage
from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Areas, Kind, Stage, geometries, texts
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.errors import InfeasibleError, InputError
from tests.instances import lattice
from tests.shared import place

QUICK = PlanParams(starts=1, effort=0, prove=False)
"""Enough where a rule is asked for, not a good plan."""


def pieces_of(plan):
    """Number of connected pieces of each grid."""
    rows = plan.territory.adjacency
    same = (plan.label[rows.u] == plan.label[rows.v]) & (rows.length_m > 0)
    part = components(len(plan.label), rows.u[same], rows.v[same])
    return np.bincount(np.unique(np.stack([part, plan.label]), axis=1)[1])


def test_every_grid_keeps_the_band_and_is_whole():
    """A lattice of 50-household blocks is divided in band and in one piece."""
    result = draw_plan(lattice(12, 12), PlanParams(nest=False))
    assert result.plan.in_band.all()
    assert (pieces_of(result.plan) == 1).all()
    assert result.out_of_band == ()


def test_same_seed_same_plan():
    """The same territory and seed give the same labels."""
    territory = lattice(10, 10, np.arange(100) % 7 * 20)
    first, second = (draw_plan(territory, QUICK, rng_seed=5).plan.label for _ in range(2))
    assert (first == second).all()


def test_grids_nest_in_communities():
    """No grid lies over two communities when each community holds whole grids."""
    community = np.repeat([0, 1, 2], 48)
    plan = draw_plan(lattice(12, 12, community=community), QUICK).plan
    pairs = np.unique(np.stack([plan.label, community]), axis=1)
    assert np.bincount(pairs[0]).max() == 1


def test_progress_tells_each_zone_and_its_gap():
    """Three communities are three zones: each is told once it is drawn, with its grids and how far from the best."""
    heard = []
    territory = lattice(12, 12, community=np.repeat([0, 1, 2], 48))
    plan = draw_plan(territory, QUICK, progress=lambda stage, share: heard.append((stage, share))).plan
    zones = [stage.done for stage, _ in heard if isinstance(stage, Stage)]
    assert {stage for stage, _ in heard} == {"draw"} and heard[-1][1] == 1.0
    assert len(zones) == 3 and sum(zone.facts["grids"] for zone in zones) == len(plan.grids)
    assert all(0 <= zone.facts["gap_percent"] <= 100 for zone in zones)
    assert pickle.loads(pickle.dumps(heard[1][0])).done == heard[1][0].done


def test_community_too_small_is_joined_with_the_arithmetic():
    """A community of 250 households is joined to its neighbor, and the notice says arithmetic."""
    community = np.r_[np.zeros(5, int), np.ones(15, int)]
    plan = draw_plan(lattice(1, 20, community=community)).plan
    assert plan.in_band.all()
    assert [n.kind for n in plan.notices] == ["community-joined-arithmetic"]


def test_oversize_atom_stands_alone():
    """An atom of 900 households is a grid of its own, with nothing beside it, and reported."""
    households = np.full(100, 50)
    households[55] = 900
    result = draw_plan(lattice(10, 10, households), QUICK)
    assert [(o.households, o.reason) for o in result.out_of_band] == [(900, "over-size-atom")]


def test_pocket_of_an_oversize_atom_goes_with_it():
    """Atoms stranded behind an oversize atom join its grid; the rest is drawn in band."""
    households = np.r_[20, 900, np.full(10, 50)]
    result = draw_plan(lattice(1, 12, households))
    assert [(o.households, o.reason) for o in result.out_of_band] == [(920, "over-size-atom")]


def test_component_no_grids_fit_is_reported():
    """550 households cannot be whole grids of 300 to 500: one grid is wrong and the arithmetic is said."""
    result = draw_plan(lattice(1, 11))
    assert len(result.out_of_band) == 1
    assert result.infeasible[0].households == 550


def test_compound_stays_whole():
    """A compound of up to 500 households is never cut."""
    compound = np.full(144, -1)
    compound[[30, 31, 32, 42, 43, 44]] = 0
    plan = draw_plan(lattice(12, 12, compound=compound), QUICK).plan
    assert len(np.unique(plan.label[compound == 0])) == 1


def test_large_compound_is_opened():
    """A compound over 500 households is divided and noticed."""
    compound = np.full(144, -1)
    compound[:20] = 0
    plan = draw_plan(lattice(12, 12, compound=compound), QUICK).plan
    assert plan.in_band.all()
    assert "compound-opened" in [n.kind for n in plan.notices]


def test_stopped_drawing_is_complete():
    """A stop at once still returns a label for every atom."""
    plan = draw_plan(lattice(12, 12), stop=lambda: True).plan
    assert len(plan.label) == 144
    assert (pieces_of(plan) == 1).all()


def test_bad_params_are_named():
    """A band upside down is an input error."""
    with pytest.raises(InputError):
        PlanParams(households=(500, 300))


@pytest.mark.parametrize("count", [15, 18, 21])
def test_demanded_count_is_kept(count):
    """A demanded number of grids is met exactly."""
    result = draw_plan(lattice(12, 12), replace(QUICK, nest=False, count=count))
    assert len(result.plan) == count
    assert result.plan.in_band.all()


def test_impossible_count_is_refused_with_its_range():
    """More grids than households allow raise with the possible range as proof."""
    with pytest.raises(InfeasibleError) as caught:
        draw_plan(lattice(12, 12), PlanParams(nest=False, count=40))
    assert caught.value.proof == {"least": 15, "most": 24, "count": 40}


def test_oversize_atom_takes_what_no_grid_can():
    """550 households behind an oversize atom: its grid takes as few as let the rest be in band."""
    households = np.r_[np.full(11, 50), 900, np.full(12, 50)]
    result = draw_plan(lattice(1, 24, households))
    assert [o.reason for o in result.out_of_band] == ["over-size-atom"]
    assert 950 <= result.out_of_band[0].households <= 1050


def with_atoms(territory, **columns):
    """The territory with some atom columns replaced."""
    return replace(territory, atoms=replace(territory.atoms, **columns))


def test_river_never_joins_its_banks():
    """A row of water between two banks belongs to one of them, and no grid lies on both."""
    base = lattice(7, 12)
    water = np.arange(84) // 12 == 3
    households = np.where(water, 0, 50)
    plan = draw_plan(with_atoms(base, barrier=water, households=households)).plan
    bank = np.arange(84) // 12 // 3.5
    pairs = np.unique(np.stack([plan.label[~water], bank[~water]]), axis=1)
    assert np.bincount(pairs[0].astype(int)).max() == 1
    assert (pieces_of(plan) == 1).all()


def test_exclusive_land_is_one_grid():
    """An exclusive area is carved first, whole, without a band."""
    base = lattice(12, 12)
    exclusive = np.full(144, -1, np.int32)
    exclusive[[0, 1, 12, 13]] = 0
    area = Areas(code=texts(["x0"]), name=texts(["Park"]), geometry=geometries([base.atoms.geometry[0]]))
    plan = draw_plan(replace(with_atoms(base, exclusive=exclusive), exclusive=area)).plan
    own = np.unique(plan.label[exclusive == 0])
    assert len(own) == 1
    assert plan.grids.kind[own[0]] == Kind.EXCLUSIVE
    assert (plan.label == own[0]).sum() == 4


def test_rural_community_is_one_grid():
    """A rural community of 100 households stays a grid of its own beside urban ones."""
    community = np.r_[np.zeros(20, int), np.ones(80, int)]
    kind = np.where(community == 0, Kind.RURAL, Kind.URBAN).astype(np.int8)
    households = np.where(community == 0, 5, 50)
    result = draw_plan(with_atoms(lattice(10, 10, households, community=community), kind=kind))
    assert (result.plan.label[:20] == result.plan.label[0]).all()
    assert result.out_of_band == ()


def test_codes_follow_the_community():
    """Codes are the community's twelve digits and a serial of three, unique."""
    community = np.repeat([0, 1, 2], 48)
    plan = draw_plan(lattice(12, 12, community=community), QUICK).plan
    codes = plan.grids.code.tolist()
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 15 and code[:12] in plan.territory.communities.code.tolist() for code in codes)


@pytest.mark.slow
@pytest.mark.parametrize("town", ["tw_chiayi_east", "gb_camden"])
def test_real_town_without_a_miss(town):
    """A real town is drawn in band and in one piece, atoms over the band aside."""
    territory = place_of(place(town), nest=False)
    plan = draw_plan(territory, PlanParams(nest=False, starts=1)).plan
    assert plan.in_band.all()
    assert (pieces_of(plan) == 1).all()


@pytest.mark.parametrize("nest", [False, True])
def test_stopped_drawing_ends_within_few_questions(nest):
    """Whenever the answer first is yes, few questions follow and the plan is complete, in one piece each."""
    town = lattice(24, 24, 12, community=[(i // 24) // 8 * 3 + (i % 24) // 8 for i in range(576)])
    asked: list[int] = []
    for at in (0, 1, 4, 16):
        asked.clear()

        def stop(at: int = at) -> bool:
            asked.append(1)
            return len(asked) > at

        plan = draw_plan(town, PlanParams(nest=nest), stop=stop).plan
        assert len(asked) < at + 100
        assert check_coverage(plan).complete and all(plan.label >= 0)


def test_a_pocket_behind_an_area_goes_with_the_oversize_area_beside():
    """100 + 421 households fit no grid: with the area of 683 beside they make one grid out of band instead of two."""
    result = draw_plan(lattice(1, 4, [100, 421, 683, 400]), PlanParams())
    assert result.plan.households.tolist() == [1204, 400]
    assert [miss.reason for miss in result.out_of_band] == ["over-size-atom"]


def test_an_area_that_fits_nowhere_goes_with_an_oversize_area_some_way_off():
    """100 + 421 households fit no grid: with the 20 between they go with the area of 683; one grid is out of band."""
    result = draw_plan(lattice(1, 5, [100, 421, 20, 683, 400]), PlanParams())
    assert result.plan.households.tolist() == [1224, 400]
    assert [miss.reason for miss in result.out_of_band] == ["over-size-atom"]


def test_an_oversize_area_too_far_off_takes_nothing():
    """Over more than two grids' worth of households nothing goes with the oversize area: the grid of 521 is told."""
    result = draw_plan(lattice(1, 7, [100, 421, 400, 400, 400, 683, 400]), PlanParams())
    assert sorted(miss.households for miss in result.out_of_band) == [521, 683]


def test_an_oversize_area_takes_two_grids_as_a_whole_where_less_does_not_help():
    """Of 96, 96, 96, 130 in a row two make a grid, the others none: with the area of 204 beside they are one miss."""
    result = draw_plan(lattice(1, 6, [96, 96, 96, 130, 204, 150]), PlanParams(households=(100, 200)))
    assert result.plan.households.tolist() == [192, 430, 150]
    assert [miss.reason for miss in result.out_of_band] == ["over-size-atom"]


def test_a_territory_without_households_says_so():
    """Where nobody is counted the grid is out of the band for that reason, not for being cut off."""
    (miss,) = draw_plan(lattice(3, 3, 0)).out_of_band
    assert miss.reason == "no-households"
