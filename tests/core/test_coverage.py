"""Checking polygons and plans: every kind of fault, found once, at its place, with its measure."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage import KINDS, CoverageParams, check_coverage, check_polygons
from gridgeo.core.coverage.findings import BREAKS_COVER
from gridgeo.core.model import geometries, texts
from gridgeo.errors import InputError
from tests.instances import lattice, plan_of

FIELD = shapely.box(0, 0, 100, 100)


def check(*polygons, boundary=FIELD, **options):
    return check_polygons(geometries(polygons), boundary, **options)


def only(report):
    """The one finding of a report."""
    assert len(report.findings) == 1, report.counts
    return report.findings[0]


def ring(*corners):
    return shapely.Polygon(corners)


LEFT = ring((0, 0), (50, 0), (50, 100), (0, 100))
RIGHT = ring((50, 0), (100, 0), (100, 100), (50, 100))
NODED = ring((0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100))
HOLED = shapely.Polygon(FIELD.exterior, [shapely.box(40, 40, 60, 60).exterior])


def test_matching_halves_are_complete_and_exact():
    """Two halves with the boundary's own vertices prove it covered, with nothing to say."""
    report = check(LEFT, RIGHT, boundary=NODED)
    assert (report.complete, report.exact, report.findings) == (True, True, ())


@pytest.mark.parametrize("turn", [lambda p: p, shapely.reverse, shapely.normalize, shapely.force_3d])
def test_storage_of_rings_does_not_matter(turn):
    """Direction, first vertex and heights of rings change nothing."""
    assert check(turn(LEFT), RIGHT, boundary=NODED).exact


def test_negative_zeros_match_zeros():
    """A coordinate of -0.0 is 0.0."""
    signed = ring((-0.0, 0), (100, -0.0), (100, 100), (-0.0, 100))
    assert check(signed).exact


def test_islands_and_enclaves_can_be_exact():
    """A boundary of several parts with a hole is covered by parts, one of them an enclave."""
    parts = [HOLED, shapely.box(40, 40, 60, 60), shapely.box(200, 0, 210, 10)]
    boundary = shapely.MultiPolygon([FIELD, parts[2]])
    assert check(*parts, boundary=boundary).exact
    assert check(parts[0], parts[2], boundary=shapely.MultiPolygon([HOLED, parts[2]])).exact


def notch(depth):
    return ring((0, 0), (50, 0), (50 - depth, 50), (50, 100), (0, 100))


@pytest.mark.parametrize("depth", [1e-1, 1e-3, 1e-5])
def test_a_gap_between_grids(depth):
    """A moved vertex leaves a gap with the area of its triangle, beside both grids."""
    gap = only(check(notch(depth), RIGHT, boundary=NODED))
    assert (gap.kind, gap.grids) == ("gap", ("1", "2"))
    assert gap.area_m2 == pytest.approx(abs(50 - (50 - depth)) * 50, rel=1e-12)
    assert gap.width_m == pytest.approx(depth, rel=0.05)
    assert gap.shared_m == pytest.approx((100, 100), rel=1e-3)
    assert gap.geometry.contains(shapely.Point(gap.point))


@pytest.mark.parametrize("depth", [1e-1, 1e-3, 1e-5])
def test_an_overlap_of_grids(depth):
    """The same vertex moved outward makes an overlap of the two grids."""
    overlap = only(check(notch(-depth), RIGHT, boundary=NODED))
    assert (overlap.kind, overlap.grids) == ("overlap", ("1", "2"))
    assert overlap.area_m2 == pytest.approx((50 + depth - 50) * 50, rel=1e-12)


@pytest.mark.parametrize(("depth", "kind"), [(8e-7, "drift"), (2e-7, "vertex-mismatch"), (0, "vertex-mismatch")])
def test_within_the_drift_a_face_is_none(depth, kind):
    """A face no wider than the drift keeps its measure but breaks exactness only."""
    report = check(notch(depth), RIGHT, boundary=NODED)
    assert (report.complete, report.exact) == (True, False)
    assert only(report).kind == kind
    assert only(report).area_m2 == pytest.approx(depth * 50, rel=1e-3)
    sharp = CoverageParams(drift_m=1e-7)
    assert only(check(notch(8e-7), RIGHT, boundary=NODED, params=sharp)).kind == "gap"


def test_vertices_that_drifted():
    """A shared vertex stored twice, less than a quarter of the drift apart, is drift of the two grids."""
    moved = only(check(notch(1), ring((50, 0), (100, 0), (100, 100), (50, 100), (49 + 2e-7, 50)), boundary=NODED))
    assert (moved.kind, moved.grids) == ("drift", ("1", "2"))
    assert moved.width_m == pytest.approx(2e-7, rel=1e-3)
    assert moved.area_m2 == pytest.approx(2e-7 * 50, rel=1e-3)


def test_a_vertex_the_other_side_lacks():
    """A vertex on a neighbor's straight edge is a vertex-mismatch of the two, at the vertex."""
    more = ring((0, 0), (50, 0), (50, 40), (50, 100), (0, 100))
    report = check(more, RIGHT, boundary=NODED)
    assert only(report).kind == "vertex-mismatch"
    assert only(report).grids == ("1", "2")
    assert only(report).point == (50, 40)
    assert (report.complete, report.exact) == (True, False)


def test_gap_and_overhang_at_the_boundary():
    """Faces at the boundary are edge-gap within and outside beyond."""
    inward = ring((0, 0), (50, 0), (50, 100), (0, 100), (1, 50))
    outward = ring((0, 0), (50, 0), (50, 100), (0, 100), (-1, 50))
    kinds = [only(check(left, RIGHT, boundary=NODED)) for left in (inward, outward)]
    assert [f.kind for f in kinds] == ["edge-gap", "outside"]
    assert [f.area_m2 for f in kinds] == [50, 50]
    assert all(f.boundary for f in kinds)


def test_missing_grid_and_hole():
    """Ground as large as a grid is missing; a void inside one grid is a hole."""
    assert only(check(LEFT, boundary=NODED)).kind == "missing"
    assert only(check(boundary=NODED)).kind == "missing"
    hole = only(check(HOLED))
    assert (hole.kind, hole.grids, hole.area_m2) == ("hole", ("1",), 400)
    assert hole.width_m == pytest.approx(20)


def test_duplicate_and_nested():
    """A grid given twice is one duplicate; a grid on top of another is nested in it."""
    twin = only(check(LEFT, RIGHT, shapely.normalize(LEFT).reverse(), boundary=NODED))
    assert (twin.kind, twin.grids, twin.area_m2) == ("duplicate", ("1", "3"), 5000)
    inner = only(check(FIELD, shapely.box(40, 40, 60, 60)))
    assert (inner.kind, inner.grids, inner.area_m2) == ("nested", ("1", "2"), 400)


def test_an_overlap_is_cut_where_its_grids_change():
    """A box over the common border of two grids is two overlaps, each with its own pair."""
    report = check(LEFT, RIGHT, shapely.box(45, 40, 60, 60), boundary=NODED)
    assert [(f.grids, f.area_m2) for f in report.findings] == [(("1", "3"), 100), (("2", "3"), 200)]


def test_a_box_over_the_boundary_is_overlap_and_overhang():
    """What hangs over the boundary is told from what overlaps within."""
    report = check(FIELD, shapely.box(90, 40, 110, 60))
    assert {f.kind: f.area_m2 for f in report.findings} == {"overlap": 200, "outside": 200}


def test_faults_inside_faults_are_told_apart():
    """A box on missing ground fills its part of the gap."""
    report = check(HOLED, shapely.box(45, 45, 55, 55))
    assert only(report).area_m2 == 300


def test_detached_parts_are_named_and_break_nothing():
    """Each part but the largest is a finding; the coverage stays exact."""
    boundary = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 25, 10)])
    report = check(boundary, boundary=boundary)
    assert report.exact
    assert (only(report).kind, only(report).area_m2) == ("detached-part", 50)


def test_sizes_bind_those_asked_for():
    """Households out of the band are findings where the band binds."""
    options = {"households": np.array([299, 501]), "params": CoverageParams(band=(300, 500))}
    report = check(LEFT, RIGHT, boundary=NODED, **options)
    assert report.complete
    assert [(f.kind, f.grids, f.households) for f in report.findings] == [
        ("over-size", ("2",), 501),
        ("under-size", ("1",), 299),
    ]
    assert check(LEFT, RIGHT, boundary=NODED, sized=np.zeros(2, bool), **options).findings == ()


def test_households_inside_a_fault_are_counted():
    """Homes in a gap are counted, and None says that nobody told."""
    homes = np.array([[75.0, 50], [75, 60], [10, 10]]), np.array([3, 4, 5])
    assert only(check(LEFT, boundary=NODED, homes=homes)).households == 7
    assert only(check(LEFT, boundary=NODED)).households is None


def test_grids_over_a_community_border():
    """The part of a grid in a second community is a finding; slivers of it are not."""
    communities = geometries([shapely.box(0, 0, 70, 100), shapely.box(70, 0, 100, 100)])
    assert only(check(LEFT, RIGHT, boundary=NODED, communities=communities)).area_m2 == 2000
    communities = geometries([shapely.box(0, 0, 50.1, 100), shapely.box(50.1, 0, 100, 100)])
    assert check(LEFT, RIGHT, boundary=NODED, communities=communities).findings == ()


def test_allowed_findings_break_nothing():
    """A fault that is meant is set aside by its id, which does not change with other faults."""
    hole = only(check(HOLED))
    params = CoverageParams(allowed=frozenset({hole.id}))
    assert check(HOLED, params=params).complete
    more = check(HOLED, shapely.box(90, 40, 110, 60), params=params)
    assert (more.complete, [f.id for f in more.allowed]) == (False, [hole.id])


def test_faults_less_than_a_micrometre_apart_have_ids_of_their_own():
    """Faces whose rounded outlines agree are still told apart."""
    left = ring((0, 0), (50, 0), (50, 100), (0, 100), (2e-7, 50), (0, 50 - 2e-7), (2e-7, 50 - 4e-7))
    report = check(left, RIGHT, boundary=NODED, params=CoverageParams(drift_m=0))
    assert len(report.findings) > 1
    assert len({f.id for f in report.findings}) == len(report.findings)


def test_codes_name_the_grids():
    """Findings carry the codes given, sorted."""
    assert only(check(notch(1), RIGHT, boundary=NODED, codes=texts(["b", "a"]))).grids == ("a", "b")


def test_without_a_boundary_voids_are_found_against_the_outline():
    """A layer alone is checked against its own filled outline, and the certificate says so."""
    report = check(notch(1), RIGHT, boundary=None)
    assert (only(report).kind, report.certificate.boundary) == ("gap", "derived")
    assert check(LEFT, RIGHT, boundary=None).exact
    assert only(check(HOLED, boundary=None)).kind == "hole"
    assert check(LEFT, RIGHT, shapely.box(45, 90, 55, 110), boundary=None).counts == {"overlap": 2}


@pytest.mark.parametrize("extra", [1e-9, -1e-9, 0.0])
def test_rounded_vertices_on_the_boundary_are_no_gaps(extra):
    """Vertices noded onto long boundary edges and rounded there leave the coverage complete."""
    origin = np.array([500_000.0, 3_400_000.0])
    slope = shapely.Polygon(np.array([[0, 0], [1000, 333], [1000, 1333], [0, 1000]]) + origin)
    at = np.array([0, 0.37, 0.71, 1])
    low = origin + at[:, None] * (1000, 333) + [[0, 0], [0, extra], [extra, -extra], [0, 0]]
    high = low + np.array([0, 1000])
    strips = [shapely.Polygon(np.concatenate([low[i : i + 2], high[i : i + 2][::-1]])) for i in range(3)]
    report = check(*strips, boundary=slope)
    assert report.complete
    assert not report.exact
    assert set(report.counts) <= {"drift", "vertex-mismatch"}


def test_a_plan_of_atoms_is_exact_and_shows_its_rules():
    """A plan over noded atoms is exact; sizes, parts and community borders are findings."""
    territory = lattice(2, 3, [100, 200, 300, 100, 200, 300], community=[0, 0, 1, 0, 0, 1])
    report = check_coverage(plan_of(territory, [0, 1, 1, 0, 1, 1]))
    assert report.exact
    assert [(f.kind, f.grids, f.households) for f in report.findings] == [
        ("crosses-border", ("g1",), 400),
        ("over-size", ("g1",), 1000),
        ("under-size", ("g0",), 200),
    ]
    split = check_coverage(plan_of(territory, [0, 1, 0, 1, 1, 1]))
    assert "detached-part" in split.counts


def test_the_certificate_is_plain_and_adds_up():
    """The certificate survives JSON, and its grid sums add up to the boundary's exactly when all edges match."""
    good, bad = check(LEFT, RIGHT, boundary=NODED), check(notch(1), RIGHT, boundary=NODED)
    plain = json.loads(json.dumps(good.certificate.to_dict()))
    assert plain["sum"] == plain["boundary_sum"]
    assert sum(int(h[:16], 16) for h in plain["grids"].values()) % 2**64 == int(plain["boundary_sum"][:16], 16)
    assert (plain["complete"], plain["polygons"], plain["edges"], plain["unmatched"]) == (True, 2, 8, 0)
    assert bad.certificate.total != bad.certificate.boundary_sum
    assert bad.certificate.boundary_hash == good.certificate.boundary_hash


BOW_TIE = ring((0, 0), (100, 100), (100, 0), (0, 100))
NOT_FINITE = ring((0, 0), (float("nan"), 1), (1, 1))


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (BOW_TIE, "self-intersection"),
        (ring((0, 0), (float("inf"), 1), (1, 1)), "not-finite"),
        (NOT_FINITE, "not-finite"),
        (shapely.Polygon(), "empty"),
        (None, "empty"),
        (shapely.LineString([(0, 0), (1, 1)]), "not-a-polygon"),
        (shapely.GeometryCollection([FIELD]), "not-a-polygon"),
        (ring((0, 0), (5, 5), (0, 0)), "too-few-points-in-geometry-component"),
        (shapely.MultiPolygon([shapely.box(0, 0, 60, 100), shapely.box(50, 0, 100, 100)]), "self-intersection"),
    ],
)
def test_what_is_no_polygon_is_named_and_the_rest_checked(shape, reason):
    """A shape that cannot be trusted is an invalid-ring with its reason; faults of the others are still found."""
    report = check(LEFT, shape, RIGHT, shapely.box(200, 0, 210, 10), boundary=NODED)
    invalid = [f for f in report.findings if f.kind == "invalid-ring"]
    assert [(f.grids, f.reason) for f in invalid] == [(("2",), reason)]
    assert np.isfinite(invalid[0].point).all()
    assert [f.area_m2 for f in report.findings if f.kind == "outside"] == [100]
    assert not report.complete


def test_a_bow_tie_covers_what_the_even_odd_rule_says():
    """A self-crossing ring is named, and the ground it leaves bare too."""
    report = check(BOW_TIE)
    assert report.counts == {"invalid-ring": 1, "missing": 2}
    assert sum(f.area_m2 for f in report.findings) == 5000


def test_a_tangled_ring_is_answered_at_once():
    """A random ring of 400 vertices is set aside in far less than a second of computing."""
    tangle = shapely.Polygon(np.random.default_rng(1).uniform(0, 100, (400, 2)))
    check(BOW_TIE)
    began = time.process_time()
    report = check(tangle, FIELD)
    assert time.process_time() - began < 1
    assert report.counts == {"invalid-ring": 1}


def test_a_boundary_that_crosses_itself_is_a_finding():
    """An invalid boundary is named as such, without a grid."""
    report = check(FIELD, boundary=BOW_TIE)
    invalid = next(f for f in report.findings if f.kind == "invalid-ring")
    assert (invalid.grids, invalid.boundary, report.complete) == ((), True, False)


@pytest.mark.parametrize("boundary", [shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon()])
def test_no_boundary_to_speak_of_is_an_error(boundary):
    """Lines and emptiness cannot be covered."""
    with pytest.raises(InputError, match="boundary"):
        check(FIELD, boundary=boundary)
    with pytest.raises(InputError, match="nothing"):
        check(boundary=None)


@pytest.mark.parametrize(
    "wrong", [{"drift_m": -1}, {"band": (5, 3)}, {"unit_m": (0, 1)}, {"border_share": 1}, {"drift_m": float("nan")}]
)
def test_params_out_of_range_are_refused(wrong):
    """Params say what is wrong with them."""
    with pytest.raises(InputError):
        CoverageParams(**wrong)


def test_columns_of_another_length_are_refused():
    """Codes must be as many as the polygons."""
    with pytest.raises(InputError, match="1 values for 2"):
        check(LEFT, RIGHT, codes=texts(["a"]))


def test_the_same_input_gives_the_same_findings():
    """Ids, order and measures repeat."""
    first, second = (check(notch(1), shapely.box(45, 40, 60, 60), boundary=NODED) for _ in range(2))
    assert [(f.id, f.area_m2, f.shared_m) for f in first.findings] == [
        (f.id, f.area_m2, f.shared_m) for f in second.findings
    ]
    assert {f.kind for f in first.findings} <= set(KINDS)
    assert set(KINDS) > BREAKS_COVER


def test_degrees_are_measured_by_the_areas_given():
    """Layers in degrees are proven in their own coordinates and measured by a function of the caller."""
    unit = (111_320.0, 110_574.0)
    params = CoverageParams(unit_m=unit, area_of=lambda shapes: shapely.area(shapes) * unit[0] * unit[1])
    west, east = shapely.box(0, 0, 0.5, 1), ring((0.5, 0), (1, 0), (1, 1), (0.5, 1), (0.5 + 1e-9, 0.5))
    boundary = ring((0, 0), (0.5, 0), (1, 0), (1, 1), (0.5, 1), (0, 1))
    gap = only(check(west, east, boundary=boundary, params=params))
    assert gap.kind == "gap"
    assert gap.area_m2 == pytest.approx(1e-9 / 2 * unit[0] * unit[1], rel=1e-6)
    assert gap.width_m == pytest.approx(1e-9 * unit[0], rel=0.05)
