"""Random polygons that cross, against areas computed in rational numbers."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.core.coverage import CoverageParams, check_polygons
from gridgeo.core.model import geometries
from tests.effort import examples

MAP = np.array([500_000.0, 3_400_000.0])
GAPS = {"gap", "edge-gap", "hole", "missing"}
DOUBLE = {"overlap", "nested", "duplicate"}

corner = st.tuples(st.integers(0, 12), st.integers(0, 12))


def polygon(corners) -> shapely.Polygon:
    """The corners walked round their mean: simple unless they are collinear."""
    middle = np.mean(corners, axis=0)
    angle = [np.arctan2(y - middle[1], x - middle[0]) for x, y in corners]
    return shapely.Polygon([corners[i] for i in np.argsort(angle)])


shapes = st.lists(corner, min_size=3, max_size=6, unique=True).map(polygon).filter(lambda p: p.is_valid and p.area > 0)


def segments(shape) -> list:
    """Directed edges of a polygon's rings, in rational numbers."""
    rings = shapely.get_rings(shape)
    return [
        ((Fraction(a[0]), Fraction(a[1])), (Fraction(b[0]), Fraction(b[1])))
        for ring in rings
        for a, b in pairwise(shapely.get_coordinates(ring).tolist())
    ]


def height(edge, x) -> Fraction:
    (ax, ay), (bx, by) = edge
    return ay + (by - ay) * (x - ax) / (bx - ax)


def meeting(e, f) -> Fraction | None:
    """Where, in x, two edges that are not parallel would meet."""
    (ax, ay), (bx, by) = e
    (cx, cy), (dx, dy) = f
    det = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if det == 0:
        return None
    return ax + (bx - ax) * ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / det


def exact_areas(shapes) -> Counter:
    """Area of every set of shapes that covers ground together: vertical slabs between all crossings."""
    edges = [(row, edge) for row, shape in enumerate(shapes) for edge in segments(shape) if edge[0][0] != edge[1][0]]
    cuts = {end[0] for _, edge in edges for end in edge}
    for (_, e), (_, f) in combinations(edges, 2):
        x = meeting(e, f)
        if x is not None and max(min(e)[0], min(f)[0]) < x < min(max(e)[0], max(f)[0]):
            cuts.add(x)
    out: Counter = Counter()
    for left, right in pairwise(sorted(cuts)):
        middle = (left + right) / 2
        here = sorted((height(e, middle), row) for row, e in edges if min(e)[0] < middle < max(e)[0])
        on: set[int] = set()
        for (low, row), (high, _) in pairwise(here):
            on ^= {row}
            if on and high > low:
                out[frozenset(on)] += (high - low) * (right - left)
    return out


def found_areas(report) -> Counter:
    out: Counter = Counter()
    for f in report.findings:
        kind = "gap" if f.kind in GAPS else "double" if f.kind in DOUBLE else f.kind
        out[kind, () if kind == "gap" else f.grids] += f.area_m2
    return out


def expected_areas(shapes, boundary) -> Counter:
    out: Counter = Counter()
    n = len(shapes)
    for on, area in exact_areas([*shapes, boundary]).items():
        grids = tuple(sorted(str(row + 1) for row in on if row < n))
        if n in on and not grids:
            out["gap", ()] += area
        elif n not in on:
            out["outside", grids] += area
        elif len(grids) > 1:
            out["double", grids] += area
    return out


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(shapes, min_size=1, max_size=5), shapes, st.booleans())
def test_every_face_has_its_exact_area(shapes, boundary, on_a_map):
    """Gaps, double covers by each set of grids, and overhang have the areas rational arithmetic gives."""
    moved = [shapely.transform(s, lambda xy: xy + MAP * on_a_map) for s in (*shapes, boundary)]
    report = check_polygons(geometries(moved[:-1]), moved[-1], params=CoverageParams(drift_m=0))
    found, expected = found_areas(report), expected_areas(shapes, boundary)
    found = Counter({key: area for key, area in found.items() if key[0] not in ("vertex-mismatch", "detached-part")})
    assert found.keys() == expected.keys()
    for key, area in expected.items():
        assert found[key] == pytest.approx(float(area), rel=1e-6)
    assert report.complete == (not expected)


tangled = st.lists(corner, min_size=4, max_size=6, unique=True).map(shapely.Polygon).filter(lambda p: p.area > 0)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(tangled, min_size=1, max_size=3), shapes)
def test_rings_that_cross_themselves_cover_by_the_even_odd_rule(shapes, boundary):
    """With self-crossing rings among them, faces still have the areas of the even-odd rule."""
    report = check_polygons(geometries(shapes), boundary, params=CoverageParams(drift_m=0))
    found = Counter({key: area for key, area in found_areas(report).items() if key[0] in ("gap", "double", "outside")})
    expected = expected_areas(shapes, boundary)
    assert found.keys() == expected.keys()
    for key, area in expected.items():
        assert found[key] == pytest.approx(float(area), rel=1e-6)
    assert report.counts.get("invalid-ring", 0) == sum(not s.is_valid for s in shapes)


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.data())
def test_clean_tessellations_are_exact(rows, cols, data):
    """Cells with shaken shared corners, merged at will, are proven complete and exact."""
    shake = data.draw(st.lists(corner, min_size=(rows + 1) * (cols + 1), max_size=(rows + 1) * (cols + 1)))
    grid = np.stack(np.meshgrid(np.arange(cols + 1), np.arange(rows + 1)), -1) * 40.0
    xy = grid + np.array(shake, float).reshape(grid.shape) + MAP
    cells = [
        shapely.Polygon([xy[r, c], xy[r, c + 1], xy[r + 1, c + 1], xy[r + 1, c]])
        for r in range(rows)
        for c in range(cols)
    ]
    label = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(cells), max_size=len(cells))))
    merged = [shapely.coverage_union_all(geometries(cells)[label == k]) for k in np.unique(label)]
    report = check_polygons(geometries(merged), shapely.coverage_union_all(cells))
    assert report.complete and report.exact
    assert set(report.counts) <= {"detached-part"}


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 3), st.lists(st.floats(-4e-7, 4e-7), min_size=10, max_size=10))
def test_drift_alone_keeps_a_coverage_complete(which, shift):
    """Vertices moved by less than the drift break exactness, never completeness."""
    corners = np.array([[0, 0, 20, 20], [20, 0, 40, 20], [0, 20, 20, 40], [20, 20, 40, 40]])
    cells = geometries(shapely.box(*corners.T))
    still = shapely.get_coordinates(cells[which])
    moved = still + np.reshape(shift, (5, 2))
    moved[-1] = moved[0]
    cells[which] = shapely.Polygon(moved)
    boundary = shapely.Polygon([(0, 0), (20, 0), (40, 0), (40, 20), (40, 40), (20, 40), (0, 40), (0, 20)])
    report = check_polygons(cells, boundary)
    assert report.complete
    assert set(report.counts) <= {"drift", "vertex-mismatch"}
    assert report.exact == bool((moved == still).all())  # the least shifts are lost in rounding
