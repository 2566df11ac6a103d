"""Random polygons with faces added and cut: ground is what it should be, and nothing else moves."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridgeo.core.coverage import RepairParams, check_polygons, repair_polygons
from gridgeo.core.coverage.stitch import combined, edges, soundness
from gridgeo.core.model import geometries
from tests.effort import examples
from tests.property.test_coverage_exact import MAP, shapes

REACH = 5e-7


@st.composite
def grounds(draw):
    """A valid polygon, often in several parts or with holes, on a map."""
    first, second = draw(shapes), draw(shapes)
    ground = draw(st.sampled_from([shapely.union, shapely.difference, shapely.symmetric_difference]))(first, second)
    apart = shapely.transform(draw(shapes), lambda xy: xy + np.array([40, 0]))
    ground = shapely.union(ground, apart) if draw(st.booleans()) else ground
    assume(ground.geom_type in ("Polygon", "MultiPolygon") and ground.area > 0.1)
    return shapely.transform(ground, lambda xy: xy + MAP)


def pieces(shape):
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 1e-3]


@settings(max_examples=examples(200), deadline=None)
@given(grounds(), shapes)
def test_a_cut_takes_its_face_and_nothing_else(ground, other):
    """Each piece of an intersection cut out takes its own area; vertices off the face keep their bits."""
    other = shapely.transform(other, lambda xy: xy + MAP)
    for face in pieces(shapely.intersection(ground, other)):
        left = combined(ground, face, -1, REACH)
        assert abs(ground.area - face.area - left.area) <= 2 * REACH * (ground.length + face.length)
        kept = edges(ground)[shapely.distance(shapely.linestrings(edges(ground)), face) > 1e-3]
        assert {*map(tuple, kept.reshape(-1, 4).tolist())} <= {*map(tuple, edges(left).reshape(-1, 4).tolist())}


@settings(max_examples=examples(200), deadline=None)
@given(grounds(), shapes)
def test_an_added_face_is_all_that_is_gained(ground, other):
    """Each piece of a difference added to its neighbor adds its own area; a sound answer is valid."""
    other = shapely.transform(other, lambda xy: xy + MAP)
    for face in pieces(shapely.difference(other, ground)):
        grown = combined(ground, face, 1, REACH)
        if grown.is_valid:
            assert abs(ground.area + face.area - grown.area) <= 2 * REACH * (ground.length + face.length)
        else:
            assert soundness(grown, ground, face.area, REACH)


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(shapes, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_a_repair_leaves_sound_grids_and_empties_none(shapes, align, drop):
    """Whatever the faults: no grid is emptied, unnamed grids are the same objects, overhang and bare ground shrink."""
    grids = geometries([shapely.transform(s, lambda xy: xy + MAP) for s in shapes])
    boundary = shapely.box(*MAP, *(MAP + 12))
    done = repair_polygons(grids, boundary, params=RepairParams(fill_missing=True, align=align, drop_duplicates=drop))
    named = {code for proposal in done.proposals for code in proposal.before}
    for row, shape in zip(done.rows.tolist(), done.polygons, strict=True):
        assert shape.is_valid and shape.area > 0
        assert shape is grids[row] or str(row + 1) in named
    before, after = check_polygons(grids, boundary), check_polygons(done.polygons, done.boundary)
    for sign in (-1, 1):
        wrong = [sum(f.area_m2 * f.surplus * sign for f in r.findings if f.surplus * sign > 0) for r in (before, after)]
        assert wrong[1] <= wrong[0] + 1e-3 or drop
    assert all(left.reason for left in done.left)
    assert np.isfinite([p.finding.area_m2 for p in done.proposals]).all()
