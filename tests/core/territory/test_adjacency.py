import numpy as np
import shapely

from gridgeo.core.model import Border, geometries
from gridgeo.core.territory.adjacency import adjacency_of, directed_edges, segments_of
from tests.core.territory.towns import rows


def squares(n):
    r, c = np.divmod(np.arange(n * n), n)
    return geometries(shapely.box(c * 10.0, r * 10.0, c * 10.0 + 10, r * 10.0 + 10))


def brute(shapes):
    """Shared lengths of all pairs by intersecting their outlines."""
    out = {}
    for i in range(len(shapes)):
        for j in range(i + 1, len(shapes)):
            length = shapely.intersection(shapes[i].boundary, shapes[j].boundary).length
            if length > 0:
                out[i, j] = length
    return out


def test_squares():
    """Two squares side by side share their common side once."""
    assert rows(adjacency_of(squares(2))) == [
        (0, 1, "OPEN", 10.0, True),
        (0, 2, "OPEN", 10.0, True),
        (1, 3, "OPEN", 10.0, True),
        (2, 3, "OPEN", 10.0, True),
    ]


def test_equals_brute_force():
    """Shared lengths equal those of intersected outlines on an irregular coverage with holes."""
    rng = np.random.default_rng(3)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(rng.random((60, 2)) * 100)))
    group = rng.permutation(len(cells)) % 25
    shapes = geometries([shapely.coverage_union_all(cells[group == k]) for k in range(25)])
    found = adjacency_of(shapes)
    wanted = brute(shapes)
    assert {(int(u), int(v)) for u, v in zip(found.u, found.v, strict=True)} == set(wanted)
    assert np.allclose(found.length_m, [wanted[int(u), int(v)] for u, v in zip(found.u, found.v, strict=True)])


def test_hole_and_island():
    """An atom in the hole of another shares its whole outline with it."""
    inner = shapely.box(4, 4, 6, 6)
    outer = shapely.box(0, 0, 10, 10).difference(inner)
    assert rows(adjacency_of(geometries([outer, inner]))) == [(0, 1, "OPEN", 8.0, True)]


def test_corner_is_no_border():
    """Atoms that meet in a point have no row."""
    assert len(adjacency_of(geometries([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)]))) == 0


def test_short_contact_is_no_link():
    """A contact shorter than a metre is a border but no link."""
    pair = geometries([shapely.box(0, 0, 1, 0.5), shapely.box(1, 0, 2, 0.5)])
    assert rows(adjacency_of(pair)) == [(0, 1, "OPEN", 0.5, False)]


def test_classes_are_rows_of_their_own():
    """A border on two kinds of ground has a row for each, and the pair links if one of them may be crossed."""

    def ground(segments):
        south = segments.start[:, 1] < 5
        return np.where(south, Border.RIVER, Border.STREET).astype(np.int8), ~south

    left = shapely.Polygon([(0, 0), (10, 0), (10, 5), (10, 10), (0, 10)])
    right = shapely.Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5)])
    assert rows(adjacency_of(geometries([left, right]), ground)) == [
        (0, 1, "STREET", 5.0, True),
        (0, 1, "RIVER", 5.0, False),
    ]


def test_outline_segments():
    """Segments of the outline carry no first owner, and their length is the perimeter."""
    found = segments_of(squares(3))
    assert found.take(found.u < 0).length_m.sum() == 120


def test_repeated_vertices_are_ignored():
    """An edge of no length is no edge."""
    twice = shapely.Polygon([(0, 0), (0, 0), (1, 0), (1, 1)])
    assert len(directed_edges(geometries([twice]))[0]) == 3


def test_no_polygons():
    """No polygons have no borders."""
    assert len(adjacency_of(geometries([]))) == 0
