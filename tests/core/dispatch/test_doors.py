"""Doors of one place: the compiled look-up enters streets where the tree does."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch import AlarmParams
from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.dispatch.route import Finder
from gridgeo.core.kernel.doors import cells_of, crossed, nearest_m, straight_to, ways_at, window
from gridgeo.core.model import Barriers, geometries, texts
from tests.core.dispatch.cases import random_case

WALLS = ("lines", "areas")


def walled(territory, kind, rng):
    """The territory with a few rivers, as lines or as areas."""
    low, high = territory.streets.node_xy.min(0), territory.streets.node_xy.max(0)
    ends = rng.uniform(low, high, (12, 2, 2))
    shapes = shapely.linestrings(ends)
    if kind == "areas":
        shapes = np.concatenate([shapely.buffer(shapes[:8], 25.0), shapely.buffer(shapely.points(ends[8:, 0]), 60.0)])
    many = len(shapes)
    barriers = Barriers(
        code=texts([f"w{i}" for i in range(many)]),
        kind=texts(["river"] * many),
        crossable=np.zeros(many, bool),
        geometry=geometries(shapes),
    )
    return replace(territory, barriers=barriers)


@pytest.mark.parametrize("kind", WALLS)
@pytest.mark.parametrize("seed", range(6))
def test_a_place_steps_out_as_many_places_do(seed, kind):
    """Edges, places along them and walks to them are those of `entries_at`, walls in the way or not."""
    rng = np.random.default_rng(seed)
    territory = walled(random_case(rng), kind, rng)
    network = WalkNetwork(territory, AlarmParams(off_street_m=150.0))
    finder = Finder(
        network, *(network.targets(network.enter(t.xy)) for t in (territory.responders, territory.emergency_units)),
        territory.responders.can_lead,
    )  # fmt: skip
    ground = finder._ground
    low, high = territory.streets.node_xy.min(0) - 200, territory.streets.node_xy.max(0) + 200
    xy = np.concatenate([rng.uniform(low, high, (300, 2)), territory.streets.node_xy[:20] + np.array([3.0, 4.0])])
    many = network.enter(xy)
    for row, (x, y) in enumerate(xy.tolist()):
        inside = finder._walled(x, y)
        edge, along, access = ways_at(ground.kerbs, ground.lines, ground.walls, x, y, 150.0, inside)
        at = np.flatnonzero(many.point == row)
        assert edge.tolist() == many.edge[at].tolist(), (x, y)
        assert along.tolist() == many.along_mm[at].tolist()
        assert access.tolist() == many.access_mm[at].tolist()


@pytest.mark.parametrize("seed", range(4))
def test_windows_hold_all_that_is_near_and_the_nearest_is_found(seed):
    """Segments within reach are among those of the window; the nearest distance is that of the geometry library."""
    rng = np.random.default_rng(seed)
    a = rng.uniform(0, 1000, (200, 2))
    b = a + rng.normal(0, 80, (200, 2)) * rng.choice([0, 0.01, 1], (200, 1))
    cells, lines = cells_of(a, b), shapely.linestrings(np.stack([a, b], 1))
    for x, y in rng.uniform(-200, 1200, (50, 2)).tolist():
        far = shapely.distance(shapely.Point(x, y), lines)
        assert set(np.flatnonzero(far <= 90)) <= set(window(cells, x, y, 90.0).tolist())
        found = nearest_m(cells, x, y, 300.0)
        assert found == pytest.approx(far.min(), abs=1e-9) if far.min() <= 300 else found == np.inf
        end = np.array([x, y]) + rng.normal(0, 60, 2)
        line = shapely.LineString([[x, y], end])
        assert crossed(cells, x, y, *end.tolist()) == bool(shapely.intersects(line, lines).any())


def test_walls_and_rivers_stand_between_neighbors():
    """A point is walked to straight when it is near and nothing stands between; from inside a river none is."""
    points = np.array([[10.0, 0.0], [-10.0, 0.0], [200.0, 0.0]])
    walls = cells_of(np.array([[5.0, -5.0]]), np.array([[5.0, 5.0]]))
    rows, walk = straight_to(cells_of(points, points), walls, 0.0, 0.0, 60.0, False)
    assert (rows.tolist(), walk.tolist()) == ([1], [10_000])
    assert len(straight_to(cells_of(points, points), walls, 0.0, 0.0, 60.0, True)[0]) == 0
