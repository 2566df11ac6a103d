"""The kernel: what cancels, what is left, and what lies where."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely

from gridgeo.core.kernel import chain
from gridgeo.core.kernel.width import _ball, width

SQUARE = np.array([[0.0, 0], [4, 0], [4, 4], [0, 4], [0, 0]])
EAST = np.array([4.0, 0])


def rings(*each, owner=None, shell=None) -> chain.Rings:
    xy = np.concatenate([np.asarray(r, float) for r in each]) + 0.0
    start = np.concatenate([[0], np.cumsum([len(r) for r in each])])
    owner = np.arange(len(each)) if owner is None else np.asarray(owner)
    return chain.Rings(xy, start, owner, np.ones(len(each), bool) if shell is None else np.asarray(shell))


def signs(r: chain.Rings) -> np.ndarray:
    area, slack, _ = chain.survey(r.xy, r.start)
    return chain.edge_signs(r.xy, r.start, chain.ring_signs(r, area, slack))


def net(r: chain.Rings) -> np.ndarray:
    return chain.net(r.xy, r.xy.view(np.uint64), signs(r))


def prints(r: chain.Rings) -> np.ndarray:
    return chain.fingerprints(r.xy, r.xy.view(np.uint64), signs(r), r.start, r.owner, int(r.owner.max()) + 1)


def test_shared_edges_cancel_whatever_way_rings_are_stored():
    """The common edge of two squares cancels, stored in the same direction or not."""
    right = SQUARE + EAST
    for second in (right, right[::-1]):
        left_over = np.count_nonzero(net(rings(SQUARE, second)))
        assert left_over == 6


def test_an_edge_walked_twice_the_same_way_counts_two():
    """A polygon given twice leaves every edge with a count of two."""
    assert set(abs(net(rings(SQUARE, SQUARE))[[0, 1, 2, 3, 5, 6, 7, 8]]).tolist()) == {2}


def test_a_hole_filled_by_an_island_cancels():
    """The hole of one polygon cancels with the shell of the polygon in it."""
    hole = SQUARE[::-1] / 4 + 1
    r = rings(SQUARE, hole, SQUARE / 4 + 1, owner=[0, 0, 1], shell=[True, False, True])
    assert np.count_nonzero(net(r)) == 4


def test_negative_zero_is_zero():
    """Edges that differ in the sign of a zero only are the same edge."""
    flipped = (SQUARE - EAST).copy()
    flipped[flipped == 0] = -0.0
    assert np.count_nonzero(net(rings(SQUARE, flipped))) == 6


def test_repeated_points_are_no_edges():
    """A vertex given twice leaves the chain as it was."""
    assert (prints(rings(np.repeat(SQUARE, 2, axis=0))) == prints(rings(SQUARE))).all()


def test_fingerprints_of_parts_add_up_to_the_whole():
    """Two squares sum to the rectangle with their vertices."""
    whole = [[0, 0], [4, 0], [8, 0], [8, 4], [4, 4], [0, 4], [0, 0]]
    with np.errstate(over="ignore"):
        parts = prints(rings(SQUARE, SQUARE + EAST)).sum(axis=0, dtype=np.uint64)
    assert (parts == prints(rings(whole))[0]).all()
    assert (prints(rings(SQUARE))[0] != prints(rings(SQUARE + EAST * 1e-9))[0]).all()


def test_survey_tells_open_infinite_and_star_rings():
    """Bits say which rings are finite, closed and seen whole from their middle."""
    infinite = SQUARE.copy()
    infinite[1, 0] = np.inf
    bow_tie = SQUARE[[0, 2, 1, 3, 0]]
    bits = chain.survey(*(lambda r: (r.xy, r.start))(rings(SQUARE, SQUARE[:-1], infinite, bow_tie)))[2]
    assert bits[[0, 2, 3]].tolist() == [7, 0, chain.FINITE | chain.CLOSED]
    assert not bits[1] & chain.CLOSED


def test_slivers_below_rounding_are_oriented_exactly():
    """A ring whose area drowns in rounding is still walked the right way round."""
    sliver = np.array([[0.1, 0.1], [0.3, 0.3], [0.2, 0.2 + 2**-55], [0.1, 0.1]]) + 0.0
    exact = chain.exact_area(sliver)
    area, slack, _ = chain.survey(*(lambda r: (r.xy, r.start))(rings(sliver)))
    assert chain.ring_signs(rings(sliver), area, slack)[0] == (exact > 0) - (exact < 0)
    assert isinstance(exact, Fraction)


@pytest.mark.parametrize("thin", [1.0, 1e-3, 1e-6, 1e-9])
def test_points_in_slivers_are_found_at_map_coordinates(thin):
    """A point given as origin and offset is placed right in slivers thinner than the spacing of coordinates."""
    origin = np.array([[500_000.0, 3_400_000.0]])
    box = shapely.get_coordinates(shapely.box(0, 0, 100, 1)) + origin
    r = rings(box, owner=[0])
    first = np.array([0, 1])
    extent = chain.boxes(r.xy, r.start, r.owner, 1)
    for local, expected in (([[50.0, thin / 2]], 1), ([[50.0, -thin / 2]], 0)):
        hit, _ = chain.covering(r.xy, r.start, first, extent, origin, np.array(local))
        assert len(hit) == expected


def test_a_point_on_a_shared_edge_belongs_to_one_side():
    """The even-odd rule gives points of a common edge to exactly one polygon."""
    r = rings(SQUARE, SQUARE + EAST)
    extent = chain.boxes(r.xy, r.start, r.owner, 2)
    hit, _ = chain.covering(r.xy, r.start, np.array([0, 1, 2]), extent, np.array([[4.0, 2.0]]), np.zeros((1, 2)))
    assert len(hit) == 1


@pytest.mark.parametrize("seed", range(5))
def test_crossings_are_those_of_all_pairs(seed):
    """The tree of boxes finds every crossing that trying all pairs finds, of few edges and of many."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(5, 300))
    corner = rng.normal(size=(k, 2)).cumsum(axis=0)
    ring = np.concatenate([corner, corner[:1]])
    line = shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1))
    a, b = np.triu_indices(k, 1)
    expected = int(shapely.crosses(line[a], line[b]).sum())
    assert chain.crossings(ring, np.array([0, len(ring)]), 10**9) == expected


def comb(teeth: int, slope: float) -> np.ndarray:
    """A ring of long teeth side by side, leaning."""
    y = 2.0 * np.arange(teeth)
    at = np.stack([np.stack([0 * y, y], 1), np.stack([0 * y + 1000, y + 0.5], 1), np.stack([0 * y, y + 1], 1)], 1)
    ring = np.concatenate([[[0.0, -1.0]], at.reshape(-1, 2), [[-5.0, 2.0 * teeth], [-7.0, -1.0], [0.0, -1.0]]])
    return ring + np.stack([0 * ring[:, 0], slope * ring[:, 0]], 1)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("slope", "expected"), [(0.0, 0), (30.0, 9)])
def test_combs_are_looked_through_in_short(slope, expected):
    """Teeth side by side cross nowhere; leaning, so that all are close to all, they are given up as tangled."""
    ring = comb(10_000, slope)
    assert chain.crossings(ring, np.array([0, len(ring)]), 9) == expected


@pytest.mark.parametrize("seed", range(3))
def test_width_is_that_of_all_pairs(seed):
    """Balls found by a tree of boxes are those found by trying every edge."""
    rng = np.random.default_rng(seed)
    k = (20, 90, 400)[seed]
    angle, radius = np.sort(rng.random(k)) * 2 * np.pi, rng.uniform(0.2, 1, k)
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    line = np.stack([ring, np.roll(ring, -1, axis=0)], axis=1)
    steps = 3 if k > 64 else 9
    found = 0.0
    for i, (a, b) in enumerate(line):
        nx, ny = np.array([a[1] - b[1], b[0] - a[0]]) / np.hypot(*(b - a))
        for t in np.arange(1, steps + 1) / (steps + 1):
            x, y = a + t * (b - a)
            found = max(found, 2 * min(_ball(x, y, nx, ny, p, q) for j, (p, q) in enumerate(line) if j != i))
    assert width(line) == pytest.approx(found, rel=1e-8)


def test_crossings_are_counted_up_to_the_limit():
    """A bow-tie crosses itself once, a square never."""
    one = rings(SQUARE[[0, 2, 1, 3, 0]])
    assert chain.crossings(one.xy, one.start, 9) == 1
    assert chain.crossings(SQUARE, np.array([0, 5]), 9) == 0


@pytest.mark.parametrize(
    ("ring", "expected", "share"),
    [
        (SQUARE, 4.0, 1e-12),
        (SQUARE * (1000, 1e-6), 4e-6, 1e-6),
        (np.array([[0.0, 0], [70, 0], [35, 1e-6], [0, 0]]), 1e-6, 0.05),
        (np.array([[0.0, 0], [3, 0], [0, 4], [0, 0]]), 2.0, 0.05),
    ],
)
def test_width_is_the_largest_circle_from_below(ring, expected, share):
    """The width of squares, strips and triangles is their inscribed circle's, never above it."""
    found = width(np.stack([ring[:-1], ring[1:]], axis=1))
    assert expected * (1 - share) <= found <= expected * (1 + 1e-9)


def test_edges_in_boxes_finds_what_passes_a_face():
    """Only wanted edges whose box meets the face's box are named."""
    r = rings(SQUARE, SQUARE + 25 * EAST)
    extent = chain.boxes(r.xy, r.start, r.owner, 2)
    faces = np.array([[3.0, 1, 5, 2]])
    wanted = signs(r) != 0
    edge, face = chain.edges_in_boxes(r.xy, r.start, np.array([0, 1, 2]), extent, faces, wanted)
    assert (edge.tolist(), face.tolist()) == ([1], [0])


@pytest.mark.parametrize("seed", range(5))
def test_an_area_is_known_to_its_slack(seed):
    """However often a ring winds to and fro far from where it began, its exact area is within the bound told."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(3, 2_000))
    out = rng.normal(size=(k, 2)) * 10.0 ** rng.integers(-3, 4, (k, 1)) + rng.normal(size=2) * 10.0 ** rng.integers(
        0, 8
    )
    ring = np.concatenate([out, np.nextafter(out, 0)[::-1], out[:1]])
    area, slack, _ = chain.survey(ring, np.array([0, len(ring)]))
    assert abs(Fraction(float(area[0])) - chain.exact_area(ring)) <= Fraction(float(slack[0]))
