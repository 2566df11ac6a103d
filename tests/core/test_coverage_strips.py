"""Long strips: divided along their middle, each part exact and on its own side."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage import CoverageParams, RepairParams, repair_polygons
from gridgeo.core.coverage.stitch import edges
from gridgeo.core.coverage.strips import divided, owners_along
from gridgeo.core.model import geometries

MAP = np.array([500_000.0, 3_400_000.0])


def on_map(*corners):
    return shapely.Polygon(np.array(corners, float) + MAP)


def street(width=20.0, bend=150.0):
    """Two grids on both sides of a street that bends, and the boundary around all three."""
    half = width / 2
    north = on_map((0, half), (400, half + bend), (800, half), (800, 600), (0, 600))
    south = on_map((0, -600), (800, -600), (800, -half), (400, bend - half), (0, -half))
    boundary = on_map((0, -600), (800, -600), (800, -half), (800, half), (800, 600), (0, 600), (0, half), (0, -half))
    return north, south, boundary


@pytest.mark.parametrize("width", [40.0, 5.0, 0.5, 0.02])
def test_a_street_left_out_goes_half_to_each_side(width):
    """Both sides gain half of the strip, share the middle line exactly, and no point moves elsewhere."""
    north, south, boundary = street(width)
    done = repair_polygons(geometries([north, south]), boundary)
    assert done.report.exact
    (made,) = done.proposals
    assert made.to == ("1", "2")
    gains = [new.area - old.area for new, old in zip(done.polygons, (north, south), strict=True)]
    assert gains == pytest.approx([made.finding.area_m2 / 2] * 2, rel=0.05)
    for new, old in zip(done.polygons, (north, south), strict=True):
        strip = set(made.finding.geometry.exterior.coords)
        assert set(old.exterior.coords) - strip <= set(new.exterior.coords)


def test_the_middle_line_is_the_middle():
    """Points of the new border are as far from one side as from the other."""
    north, south, boundary = street(20.0, bend=0.0)
    done = repair_polygons(geometries([north, south]), boundary)
    shared = shapely.intersection(*done.polygons)
    inner = shapely.get_coordinates(shapely.line_interpolate_point(shapely.line_merge(shared), np.arange(30, 770, 20)))
    assert inner[:, 1] == pytest.approx(MAP[1], abs=0.5)


def test_a_thinner_strip_than_a_centimetre_goes_to_one_side():
    """Nobody needs the middle of a millimetre."""
    north, south, boundary = street(0.001)
    done = repair_polygons(geometries([north, south]), boundary)
    assert (done.report.complete, len(done.proposals[0].to)) == (True, 1)


def test_a_locked_side_leaves_the_whole_strip_to_the_other():
    """A locked grid takes no half."""
    north, south, boundary = street()
    done = repair_polygons(geometries([north, south]), boundary, params=RepairParams(locked=frozenset({"1"})))
    assert (done.proposals[0].to, done.report.exact) == (("2",), True)


def test_a_half_that_would_burst_a_grid_is_not_given():
    """Where the homes of a half would push a grid over the band, the strip goes whole to the side with room."""
    north, south, boundary = street()
    homes = np.array([[100.0, 40.0], [700.0, 40.0], [100.0, 35.0], [700.0, 35.0]]) + MAP, np.full(4, 10)
    params = RepairParams(coverage=CoverageParams(band=(300, 500)))
    full = {"households": np.array([495, 350]), "homes": homes, "params": params}
    done = repair_polygons(geometries([north, south]), boundary, **full)
    assert done.proposals[0].to == ("2",)
    room = {**full, "households": np.array([400, 350])}
    assert repair_polygons(geometries([north, south]), boundary, **room).proposals[0].to == ("1", "2")


def test_streets_between_four_blocks_go_to_all_four():
    """A crossing left out is divided among the blocks around it, each getting the ground nearest to it."""
    blocks = [on_map((x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100)) for x in (0, 112) for y in (0, 112)]
    corners = [0, 100, 112, 212]
    rim = [(x, 0) for x in corners] + [(212, y) for y in corners[1:]]
    rim += [(x, 212) for x in corners[-2::-1]] + [(0, y) for y in corners[-2:0:-1]]
    done = repair_polygons(geometries(blocks), on_map(*rim))
    assert done.report.exact, done.report.counts
    (made,) = done.proposals
    assert made.to == ("1", "2", "3", "4")
    gains = [made.after[code][0] - made.before[code][0] for code in made.to]
    assert sum(gains) == pytest.approx(made.finding.area_m2)
    assert min(gains) > 0.8 * max(gains)


def test_a_ring_street_is_divided_between_inside_and_outside():
    """A face with a hole: the inner grid and the outer one share it."""
    inner = shapely.Polygon(shapely.Point(*MAP).buffer(100, quad_segs=12).exterior)
    edge = shapely.Polygon(shapely.Point(*MAP).buffer(110, quad_segs=12).exterior)
    boundary = shapely.box(*(MAP - 300), *(MAP + 300))
    done = repair_polygons(geometries([inner, shapely.Polygon(boundary.exterior, [edge.exterior])]), boundary)
    assert done.report.exact
    gains = [done.proposals[0].after[code][0] - done.proposals[0].before[code][0] for code in ("1", "2")]
    assert gains == pytest.approx([done.proposals[0].finding.area_m2 / 2] * 2, rel=0.1)


@pytest.mark.parametrize("seed", range(30))
def test_ragged_strips_are_divided_exactly(seed):
    """Any two ragged sides: parts are valid, each beside its own side, and add up to the strip to rounding."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.choice(np.arange(1, 400), 12, replace=False)).astype(float)
    low = np.stack([np.r_[0, x[::2], 400], rng.uniform(-8, 0, 8)], 1)
    high = np.stack([np.r_[0, x[1::2], 400], rng.uniform(1, 9, 8)], 1)
    face = shapely.Polygon(np.concatenate([low, high[::-1]]) + MAP)
    sides = [shapely.Polygon(np.concatenate([side, [[400, y], [0, y]]]) + MAP) for side, y in ((low, -99), (high, 99))]
    owner = owners_along(face, geometries(sides), 1e-6)
    parts = divided(face, owner, 5.0)
    assert parts is not None
    assert [who for who, _ in parts] == [0, 1]
    assert all(part.is_valid for _, part in parts)
    assert sum(part.area for _, part in parts) == pytest.approx(face.area, rel=1e-9)
    outline = {tuple(edge) for edge in edges(face).reshape(-1, 4).tolist()}
    own = [{tuple(edge) for edge in edges(part).reshape(-1, 4).tolist()} for _, part in parts]
    assert own[0] & own[1] == set()
    assert outline <= own[0] | own[1]


def test_a_face_nobody_borders_is_not_divided():
    """Without owners there is nothing to divide by."""
    square = shapely.box(0, 0, 100, 1)
    assert divided(square, np.full(4, -1), 1.0) is None
    assert divided(square, np.array([0, 0, -1, 0]), 1.0) is None
