import numpy as np
import shapely

from gridgeo.core.territory import build_territory
from gridgeo.core.territory.estimate import with_estimates
from tests.core.territory.towns import square, table


def footprints(**columns):
    """Three footprints of 1040, 104 and 25 square metres."""
    return table([shapely.box(10, 10, 50, 36), shapely.box(60, 10, 73, 18), shapely.box(80, 80, 85, 85)], **columns)


def test_floors_decide():
    """Households are footprint times floors over the usual home; a shed holds nobody."""
    made, notices = with_estimates(footprints(floors=np.array([2, 6, 1])))
    assert made.columns["households"].tolist() == [20, 6, 0]
    assert made.columns["source"].tolist() == ["estimate"] * 3
    assert notices == []


def test_height_stands_for_floors():
    """Where floors are not told the height is, at 3.2 m a floor."""
    made, _ = with_estimates(footprints(floors=np.array([0, 6, 0]), height_m=np.array([6.4, np.nan, 3.0])))
    assert made.columns["households"].tolist() == [20, 6, 0]


def test_assumed_floors_are_told():
    """Buildings that tell neither get three floors, and that is told."""
    made, (notice,) = with_estimates(footprints())
    assert made.columns["households"].tolist() == [30, 3, 0]
    assert (notice.kind, notice.households, notice.facts["floors"]) == ("floors-assumed", 33, 3)


def test_use_decides_who_lives_there():
    """An office holds nobody, a house one household, whatever their floors; an unknown use may be a home."""
    made, _ = with_estimates(footprints(floors=np.array([2, 6, 1]), use=["office", "House", ""]))
    assert made.columns["households"].tolist() == [0, 1, 0]
    assert (
        with_estimates(footprints(floors=np.array([2, 6, 1]), use=["平房", "", ""]))[0].columns["households"][0] == 20
    )


def test_one_count_forbids_estimates():
    """Where any building has a count, the others stay unknown."""
    given = footprints(households=np.array([5.0, np.nan, np.nan]))
    assert with_estimates(given) == (given, [])


def test_points_cannot_be_estimated():
    """Points have no floor area: they stay unknown."""
    given = table([shapely.Point(1, 1)], households=np.array([np.nan]))
    assert with_estimates(given) == (given, [])


def test_territory_says_it_rests_on_estimates():
    """A territory of footprints without counts is estimated, and says so."""
    town = build_territory({"boundary": table([square()]), "buildings": footprints()}, name="t", crs="EPSG:32650")
    assert town.households == 33
    assert town.atoms.estimated.tolist() == [True]
    assert {n.kind for n in town.notices} == {"floors-assumed", "households-estimated"}


def test_counted_areas_need_no_estimates():
    """Where atoms have counts, buildings without any are left alone."""
    atoms = table([square()], households=np.array([400.0]))
    tables = {"boundary": table([square()]), "atoms": atoms, "buildings": footprints()}
    town = build_territory(tables, name="t", crs="EPSG:32650")
    assert (town.households, town.buildings.known.any()) == (400, False)
