"""Random street lattices: whatever the streets, cover and counts are exact."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.core.model import geometries
from gridgeo.core.territory import AtomParams, build_territory
from tests.core.territory.towns import is_exact, line, table
from tests.effort import examples

SIZE = 1000.0


@st.composite
def towns(draw):
    """Crooked streets, communities, a compound, a river, and buildings anywhere, some at the same point."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cuts = draw(st.integers(0, 5))
    streets = []
    for turned in (False, True):
        for at in rng.uniform(0, SIZE, cuts):
            xs = np.linspace(-10, SIZE + 10, 6)
            ys = at + rng.normal(0, 60, 6)
            streets.append(line(*(zip(ys, xs, strict=True) if turned else zip(xs, ys, strict=True))))
    middle = float(rng.uniform(200, 800))
    halves = [shapely.box(-5, -5, middle, SIZE + 5), shapely.box(middle, -5, SIZE + 5, SIZE + 5)]
    spots = rng.uniform(1, SIZE - 1, (draw(st.integers(0, 60)), 2)).round(draw(st.sampled_from([-2, 0, 6])))
    households = rng.integers(0, 90, len(spots)).astype(float)
    households[rng.random(len(spots)) < 0.05] = np.nan
    tables = {
        "boundary": table([shapely.box(0, 0, SIZE, SIZE)]),
        "streets": table(
            geometries(streets), **{"class": rng.choice(["primary", "service", ""], len(streets)).tolist()}
        ),
        "communities": table(halves),
        "compounds": table([shapely.box(300, 300, 420, 400)]),
        "buildings": table(list(shapely.points(spots)), households=households),
    }
    if draw(st.booleans()):
        river = line(*zip(np.linspace(-50, SIZE + 50, 8), 500 + rng.normal(0, 80, 8), strict=True)).buffer(15)
        tables["barriers"] = table([river], kind=["river"], crossable=[False])
    return tables


@settings(max_examples=examples(25), deadline=None)
@given(towns())
def test_cover_and_counts_are_exact(tables):
    """Atoms cover the boundary edge for edge, keep its area and every household, and stay inside walls and limits."""
    town = build_territory(tables, name="town", crs="EPSG:32650", params=AtomParams(max_households=100))
    given_boundary = tables["boundary"].geometry[0]
    assert is_exact(town, given_boundary)
    assert abs(town.atoms.area_m2.sum() - given_boundary.area) < 1e-4
    assert town.households == np.nansum(tables["buildings"].columns["households"])
    wall, walled = tables["compounds"].geometry[0], shapely.union_all(town.atoms.geometry[town.atoms.compound == 0])
    spots = shapely.get_coordinates(tables["buildings"].geometry)
    # its water aside, the compound's land is its own, but for slivers along the wall; beyond it there is empty verge
    land = shapely.union_all(town.atoms.geometry[~town.atoms.barrier])
    assert shapely.intersection(wall, land).difference(walled).area < 400 * AtomParams().sliver_width_m
    assert not shapely.contains(walled.difference(wall.buffer(1)), shapely.points(spots)).any()
    _, at = np.unique(spots, axis=0, return_inverse=True)
    heaviest = np.bincount(at.ravel(), np.nan_to_num(tables["buildings"].columns["households"])).max(initial=0)
    assert town.atoms.households.max() <= max(100, heaviest)


@settings(max_examples=examples(40), deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.5, 30.0),
    st.floats(40.0, 900.0),
    st.tuples(st.integers(51, 90), st.integers(51, 90)),
)
def test_close_buildings_in_a_wide_block_are_parted(seed, apart, size, households):
    """However near two buildings stand and however wide their block is, no atom takes both when they are too many."""
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 2 * np.pi)
    first = rng.uniform(0.2, 0.8, 2) * size
    spots = np.stack([first, first + np.clip(apart, 0.5, size / 10) * np.array([np.cos(turn), np.sin(turn)])])
    tables = {
        "boundary": table([shapely.box(0, 0, size, size)]),
        "buildings": table(list(shapely.points(spots)), households=np.array(households, float)),
    }
    town = build_territory(tables, name="town", crs="EPSG:32650", params=AtomParams(max_households=100))
    assert is_exact(town, tables["boundary"].geometry[0])
    assert sorted(town.atoms.households[town.atoms.households > 0].tolist()) == sorted(households)
