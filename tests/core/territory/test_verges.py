"""Verges join what they lie along: compounds, exclusive land, the land across the street of a bank."""

import numpy as np
import pytest
import shapely

from gridgeo.core.territory import AtomParams, build_territory
from tests.core.territory.towns import crossroads, is_exact, line, rows, square, table


def build(tables, **params):
    return build_territory(tables, name="town", crs="EPSG:32650", params=AtomParams(**params))


def walled(*compounds, households=(10.0, 10.0, 10.0, 10.0), **layers):
    """The crossroads with compounds: around its south-west block run 20 m of verge, if it is 60 m wide."""
    return crossroads(list(households)) | {"compounds": table(list(compounds))} | layers


def holes(town):
    return int(shapely.get_num_interior_rings(town.atoms.geometry).sum())


def test_verge_joins_its_compound():
    """Empty land between a wall and its streets belongs to the compound: one atom, bordered by the streets."""
    town = build(walled(square(60, 20, 20)))
    inside = np.flatnonzero(town.atoms.compound == 0)
    assert town.atoms.area_m2[inside].tolist() == [10_000]
    assert {(border, link) for _, _, border, _, link in rows(town.adjacency)} == {("STREET", True)}
    assert len(town.atoms) == 4
    assert town.households == 40
    assert is_exact(town, square())


def test_verge_is_divided_between_compounds():
    """A verge along two compounds is divided midway between their walls, and the line there is a wall."""
    both = shapely.box([10, 60], [10, 10], [40, 90], [90, 90])
    tables = walled(*both) | {"buildings": table(list(shapely.points([(25, 50), (75, 50)])), households=[10.0, 10.0])}
    town = build(tables)
    west, east = (np.flatnonzero(town.atoms.compound == row) for row in (0, 1))
    assert town.atoms.area_m2[west].tolist() == pytest.approx([5000], abs=1)
    assert town.atoms.area_m2[east].tolist() == pytest.approx([5000], abs=1)
    between = [r for r in rows(town.adjacency) if {r[0], r[1]} == {int(west[0]), int(east[0])}]
    assert [(r[2], round(r[3])) for r in between] == [("WALL", 100)]
    assert is_exact(town, square())


@pytest.mark.parametrize("loop", [False, True])
def test_verge_of_a_split_compound(loop):
    """Every atom of a split compound has its own part of the verge, also where a path runs round inside the wall."""
    spots = [(x, y) for y in (40, 60, 80) for x in (40, 60, 80)]
    streets = [line((120, -20), (120, 220)), line((-20, 120), (220, 120))]
    classes = ["residential"] * 2
    if loop:
        streets.append(line((25, 25), (95, 25), (95, 95), (25, 95), (25, 25)))
        classes.append("service")
    town = build(
        {
            "boundary": table([square()]),
            "streets": table(streets, **{"class": classes}),
            "compounds": table([square(90, 15, 15)]),
            "buildings": table(list(shapely.points(spots)), households=[60.0] * 9),
        }
    )
    inside = town.atoms.compound == 0
    assert inside.sum() >= 5
    assert town.atoms.area_m2[inside].sum() == pytest.approx(14_400)
    assert (town.atoms.households[inside] > 0).all()
    assert holes(town) == 0
    assert town.atoms.area_m2[inside].max() < 2.5 * 14_400 / inside.sum()
    assert town.households == 540
    assert is_exact(town, square())


def test_open_ground_stays():
    """Open ground wider than a verge stays an atom of its own."""
    town = build(walled(square(20, 10, 10), households=[0, 10, 10, 10]))
    assert (town.atoms.area_m2[town.atoms.compound == 0]).tolist() == [400]


def test_ground_with_a_building_stays():
    """Land with a building on it is no verge."""
    spots = shapely.points([(50, 50), (10, 50)])
    town = build(walled(square(60, 20, 20)) | {"buildings": table(list(spots), households=[10.0, 0.0])})
    assert (town.atoms.area_m2[town.atoms.compound == 0]).tolist() == [3600]


def test_verge_stays_in_its_community():
    """Land of another community is not joined."""
    halves = table([shapely.box(0, 0, 80, 200), shapely.box(80, 0, 200, 200)])
    town = build(walled(square(60, 20, 20), communities=halves))
    assert town.atoms.area_m2[town.atoms.compound == 0].sum() == pytest.approx(8000)
    assert (town.atoms.community[town.atoms.compound == 0] == 0).all()


def test_wall_nobody_passes():
    """A verge beyond a wall nobody may cross is not the compound's: to stand on it is not to stand inside."""
    wall = shapely.boundary(square(60, 20, 20))
    town = build(walled(square(60, 20, 20), barriers=table([wall], kind=["wall"], crossable=[False])))
    assert (town.atoms.area_m2[town.atoms.compound == 0]).tolist() == [3600]


def test_verge_of_exclusive_land():
    """A verge along exclusive land alone belongs to it; beside a compound it is the compound's."""
    alone = build(crossroads([0, 10, 10, 10]) | {"exclusive": table([square(60, 20, 20)])})
    assert alone.atoms.area_m2[alone.atoms.exclusive == 0].tolist() == [10_000]
    both = walled(shapely.box(60, 10, 90, 90), exclusive=table([shapely.box(10, 10, 40, 90)]))
    town = build(both | {"buildings": table([shapely.Point(75, 50)], households=[10.0])})
    assert town.atoms.area_m2[town.atoms.exclusive == 0].tolist() == [2400]
    assert town.atoms.area_m2[town.atoms.compound == 0].tolist() == [7600]


def banks(kind, barrier):
    """A street from west to east 16 m south of a barrier at y = 100; homes south of the street and north of it all."""
    return {
        "boundary": table([square()]),
        "streets": table([line((-20, 84), (220, 84))]),
        "barriers": table([barrier], kind=[kind], crossable=[False]),
        "buildings": table(list(shapely.points([(50, 40), (50, 160)])), households=[400.0, 400.0]),
    }


@pytest.mark.parametrize(
    ("kind", "barrier"),
    [("river", shapely.box(-9, 100, 209, 120)), ("railway", shapely.linestrings([(-9, 100), (209, 100)]))],
)
def test_strip_along_a_barrier_joins_across_the_street(kind, barrier):
    """An empty strip between a street and a river or railway joins the land across the street, on its own side."""
    town = build(banks(kind, barrier))
    south = town.atoms.centroid[:, 1] < 100
    assert town.atoms.area_m2[south].tolist() == [20_000]
    assert not [r for r in rows(town.adjacency) if r[4]]
    assert is_exact(town, square())


def test_strip_along_a_barrier_stays_in_its_community():
    """Where the land across the street is another community's, the strip stays an atom."""
    halves = table([shapely.box(0, 84, 200, 200), shapely.box(0, 0, 200, 84)])
    town = build(banks("railway", line((-9, 100), (209, 100))) | {"communities": halves})
    assert sorted(town.atoms.area_m2.tolist()) == [3200, 16_800, 20_000]
