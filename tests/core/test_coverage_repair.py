"""Repair: each fault mended by the grids it concerns, all others untouched, the result proven."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from benchmarks.speed.coverage import made
from gridgeo.core.coverage import REASONS, CoverageParams, RepairParams, repair_polygons
from gridgeo.core.coverage.stitch import combined
from gridgeo.core.model import geometries, texts
from gridgeo.errors import InputError


def ring(*corners):
    return shapely.Polygon(corners)


LEFT = ring((0, 0), (50, 0), (50, 100), (0, 100))
RIGHT = ring((50, 0), (100, 0), (100, 100), (50, 100))
DENTED = ring((50, 0), (100, 0), (100, 100), (50, 100), (65, 50))
NODED = ring((0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100))


def repair(*polygons, **options):
    return repair_polygons(geometries(polygons), NODED, **options)


def reasons(done):
    """Kind and reason of all that is left."""
    assert [left.finding for left in done.left] == list(done.report.findings)
    assert all(left.reason in REASONS for left in done.left)
    return [(left.finding.kind, left.reason) for left in done.left]


def test_a_gap_goes_to_one_neighbor_and_the_other_keeps_its_bytes():
    """A bare face is given to a neighbor; the result is exact and the rest is the very same object."""
    done = repair(LEFT, DENTED)
    assert done.report.exact
    (made_,) = done.proposals
    (to,) = made_.to
    assert made_.before[to][0] + made_.finding.area_m2 == pytest.approx(made_.after[to][0])
    assert sum(a is b for a, b in zip(done.polygons, (LEFT, DENTED), strict=True)) == 1


def test_locks_decide_who_changes():
    """A locked grid takes nothing; where all are locked, the fault is left to the planner."""
    assert repair(LEFT, DENTED, params=RepairParams(locked=frozenset({"1"}))).proposals[0].to == ("2",)
    assert repair(LEFT, DENTED, params=RepairParams(locked=frozenset({"2"}))).proposals[0].to == ("1",)
    stuck = repair(LEFT, DENTED, params=RepairParams(locked=frozenset({"1", "2"})))
    assert (stuck.proposals, reasons(stuck)) == ((), [("gap", "locked")])


def test_households_in_a_gap_go_where_the_band_allows():
    """A neighbor the gap would push over the band is passed by."""
    homes = np.array([[50.3, 50.0]]), np.array([30])
    params = RepairParams(coverage=CoverageParams(band=(300, 500)))
    for full, expected in (([490, 400], "2"), ([400, 490], "1")):
        done = repair(LEFT, DENTED, households=np.array(full), homes=homes, params=params)
        assert done.proposals[0].to == (expected,)
        assert done.proposals[0].after[expected][1] == 430


def test_double_ground_stays_with_the_grid_short_of_households():
    """An overlap is cut from the grid that can spare it."""
    wide = ring((0, 0), (50, 0), (51, 50), (50, 100), (0, 100))
    params = RepairParams(coverage=CoverageParams(band=(300, 500)))
    done = repair(wide, RIGHT, households=np.array([200, 400]), params=params)
    assert (done.proposals[0].to, done.proposals[0].taken_from) == (("1",), ("2",))
    assert done.report.exact


def test_communities_draw_gaps():
    """The gap goes to the community most of its outline belongs to, though another grid shares more of it."""
    west = ring((0, 0), (30, 0), (40, 30), (30, 60), (0, 60))
    north = ring((30, 60), (40, 30), (60, 30), (60, 60))
    south = ring((30, 0), (60, 0), (60, 30), (50, 30))
    options = {"params": RepairParams(coverage=CoverageParams(drift_m=0))}
    boundary = shapely.box(0, 0, 60, 60)
    alone = repair_polygons(geometries([west, north, south]), boundary, **options)
    drawn = repair_polygons(geometries([west, north, south]), boundary, community=texts(["x", "x", "y"]), **options)
    assert alone.proposals[0].to == ("3",)
    assert drawn.proposals[0].to == ("1",)
    assert alone.report.complete and drawn.report.complete


def test_overhang_is_clipped_and_holes_are_filled():
    """What lies beyond the boundary is cut, a void in a grid closed; both exactly."""
    over = ring((0, 0), (50, 0), (50, 100), (0, 100), (-2, 50))
    holed = shapely.Polygon(RIGHT.exterior, [shapely.box(70, 40, 80, 60).exterior])
    done = repair(over, holed)
    assert done.report.exact
    assert {p.finding.kind for p in done.proposals} == {"outside", "hole"}


def test_crossing_borders_are_repaired_exactly():
    """Grids whose borders cross back and forth are mended face by face."""
    left = ring((0, 0), (50, 0), (53, 20), (47, 45), (52, 77), (50, 100), (0, 100))
    right = ring((50, 0), (100, 0), (100, 100), (50, 100), (48, 70), (54, 40), (46, 15))
    done = repair(left, right)
    assert len(done.proposals) == 3
    assert done.report.complete, done.report.counts


def test_nothing_is_emptied():
    """A duplicate is proposed but not dropped, and a grid wholly under another keeps its ground."""
    twin = repair(LEFT, RIGHT, RIGHT)
    assert reasons(twin) == [("duplicate", "needs-drop-duplicates")]
    assert [(p.needs, p.to, p.taken_from) for p in twin.proposals] == [("drop-duplicates", ("2",), ("3",))]
    assert len(twin.polygons) == 3
    nested = repair(LEFT, RIGHT, shapely.box(70, 40, 80, 60))
    assert nested.report.exact
    assert nested.proposals[0].to == ("3",)


def test_a_missing_grid_is_filled_only_on_demand():
    """Ground as large as a grid is not swallowed by a neighbor unless asked."""
    asked = repair(LEFT)
    assert reasons(asked) == [("missing", "needs-fill-missing")]
    assert (asked.proposals[0].needs, asked.polygons[0] is LEFT) == ("fill-missing", True)
    assert repair(LEFT, params=RepairParams(fill_missing=True)).report.exact


def test_alignment_makes_a_complete_coverage_exact():
    """Lacking vertices are put in and drifted ones shared, when asked."""
    more = ring((0, 0), (50, 0), (50, 40), (50, 100), (0, 100))
    drifted = ring((50 + 2e-7, 0), (100, 0), (100, 100), (50, 100))
    plain = repair(more, drifted)
    assert plain.proposals == ()
    assert {reason for _, reason in reasons(plain)} == {"needs-align"}
    assert repair(more, drifted, params=RepairParams(align=True)).report.exact


def test_planted_faults_are_repaired_and_sound_grids_stay():
    """Of a lattice full of faults, only grids named in proposals change, none is emptied, and all is proven."""
    instance = made(40, per=3)
    done = repair_polygons(instance.polygons, instance.boundary, params=RepairParams(fill_missing=True, align=True))
    assert set(done.report.counts) <= {"duplicate", "detached-part"}
    assert {left.reason for left in done.left} <= {"needs-drop-duplicates", "needs-move-parts"}
    named = {code for p in done.proposals for code in p.before}
    changed = {
        str(i + 1)
        for i, (a, b) in enumerate(zip(done.polygons, instance.polygons, strict=True))
        if shapely.to_wkb(a) != shapely.to_wkb(b)
    }
    assert changed <= named
    assert not shapely.is_empty(done.polygons).any()


def test_a_stop_leaves_the_rest():
    """Asked to stop, a repair returns the faults it did not reach."""
    done = repair(LEFT, DENTED, stop=lambda: True)
    assert (done.proposals, reasons(done)) == ((), [("gap", "not-reached")])


def test_codes_must_differ():
    """Repeated codes cannot name who changes."""
    with pytest.raises(InputError, match="repeat"):
        repair(LEFT, RIGHT, codes=texts(["a", "a"]))


def test_combined_keeps_vertices_elsewhere():
    """Adding a face changes the polygon at that face only."""
    grown = combined(LEFT, ring((50, 20), (60, 30), (50, 40)), 1, 1e-9)
    assert {(50.0, 20.0), (60.0, 30.0), (50.0, 40.0)} | set(LEFT.exterior.coords) == set(grown.exterior.coords)
    assert combined(LEFT, LEFT, -1, 1e-9).is_empty


def test_combined_takes_polygons_in_several_parts():
    """A face cut from one part leaves the other parts as they are."""
    two = shapely.MultiPolygon([LEFT, shapely.box(200, 0, 210, 10)])
    cut = combined(two, ring((0, 0), (10, 0), (0, 10)), -1, 1e-9)
    assert shapely.get_num_geometries(cut) == 2
    assert cut.area == two.area - 50


def test_the_later_duplicate_is_dropped_on_demand():
    """Asked to, a repair drops the later copy, or the one that is not locked, and the rest is proven."""
    for locked, rows in ((), [0, 1]), (("3",), [0, 2]):
        params = RepairParams(drop_duplicates=True, locked=frozenset(locked))
        done = repair(LEFT, RIGHT, RIGHT, params=params)
        assert (done.report.exact, done.rows.tolist(), len(done.polygons)) == (True, rows, 2)
    both = RepairParams(drop_duplicates=True, locked=frozenset({"2", "3"}))
    assert reasons(repair(LEFT, RIGHT, RIGHT, params=both)) == [("duplicate", "locked")]


def test_a_gap_beside_a_duplicate_is_not_given_to_either_copy():
    """Where the copies are not settled, a gap goes to another neighbor or waits."""
    done = repair(LEFT, DENTED, shapely.normalize(DENTED))
    assert [p.to for p in done.proposals if not p.needs] == [("1",)]
    stuck = repair(LEFT, DENTED, shapely.normalize(DENTED), params=RepairParams(locked=frozenset("1")))
    assert ("gap", "beside-duplicate") in reasons(stuck)


APART = shapely.MultiPolygon([ring((0, 0), (50, 0), (50, 100), (0, 100)), shapely.box(80, 40, 100, 60)])
AROUND = shapely.Polygon(
    [(50, 0), (100, 0), (100, 40), (80, 40), (80, 60), (100, 60), (100, 100), (50, 100)],
)
WITH_CORNERS = ring((0, 0), (50, 0), (100, 0), (100, 40), (100, 60), (100, 100), (50, 100), (0, 100))


def test_a_part_that_lies_apart_is_given_to_its_neighbor_on_demand():
    """The part goes to the grid it touches, with its households, when that is asked for."""
    homes = np.array([[90.0, 50.0]]), np.array([20])
    told = {"households": np.array([400, 380]), "homes": homes}
    coverage = CoverageParams(band=(300, 500))
    asked = repair_polygons(geometries([APART, AROUND]), WITH_CORNERS, **told, params=RepairParams(coverage=coverage))
    assert reasons(asked) == [("detached-part", "needs-move-parts")]
    params = RepairParams(coverage=coverage, move_parts=True)
    done = repair_polygons(geometries([APART, AROUND]), WITH_CORNERS, **told, params=params)
    assert (done.report.exact, done.report.findings) == (True, ())
    assert (done.proposals[0].after["1"][1], done.proposals[0].after["2"][1]) == (380, 400)


def test_a_part_stays_where_no_neighbor_has_room():
    """A neighbor that would leave the size band does not take the part; an island has no neighbor at all."""
    homes = np.array([[90.0, 50.0]]), np.array([20])
    params = RepairParams(coverage=CoverageParams(band=(300, 500)), move_parts=True)
    full = {"households": np.array([400, 490]), "homes": homes, "params": params}
    assert reasons(repair_polygons(geometries([APART, AROUND]), WITH_CORNERS, **full)) == [
        ("detached-part", "out-of-band")
    ]
    island = shapely.MultiPolygon([LEFT, shapely.box(200, 0, 210, 10)])
    alone = repair_polygons(geometries([island]), island, params=params)
    assert reasons(alone) == [("detached-part", "no-neighbor")]


def test_short_grids_gain_and_full_ones_do_not():
    """Of two neighbors in the band or out of it, the one the households bring nearer to the band takes the gap."""
    homes = np.array([[50.3, 50.0]]), np.array([30])
    params = RepairParams(coverage=CoverageParams(band=(300, 500)))
    for counts, expected in (([250, 400], "1"), ([400, 250], "2"), ([520, 400], "2"), ([280, 290], "1")):
        done = repair(LEFT, DENTED, households=np.array(counts), homes=homes, params=params)
        assert done.proposals[0].to == (expected,), counts


def test_unknown_households_play_no_part():
    """A grid nobody counted is neither short nor full; its count stays unknown."""
    homes = np.array([[50.3, 50.0]]), np.array([30])
    params = RepairParams(coverage=CoverageParams(band=(300, 500)))
    done = repair(LEFT, DENTED, households=np.array([490, -1]), homes=homes, params=params)
    assert (done.proposals[0].to, done.proposals[0].after["2"][1]) == (("2",), None)


def test_overhang_is_cut_even_where_it_ties_a_grid_together():
    """Ground beyond the boundary holds no grid together: the parts that remain are named."""
    hook = ring(
        (10, 100), (10, 120), (90, 120), (90, 100), (90, 90), (80, 90), (80, 110), (20, 110), (20, 90), (10, 90)
    )
    done = repair_polygons(geometries([hook]), shapely.box(0, 0, 100, 100), params=RepairParams(fill_missing=True))
    assert "outside" not in done.report.counts


def test_the_boundary_gains_the_vertices_where_grids_meet():
    """Aligned grids that meet on a straight boundary edge are exact with a boundary that has the vertex too."""
    square = shapely.box(0, 0, 100, 100)
    done = repair_polygons(geometries([LEFT, RIGHT]), square, params=RepairParams(align=True))
    assert done.report.exact
    assert done.boundary.equals(square) and len(done.boundary.exterior.coords) == 7
    assert repair_polygons(geometries([LEFT, RIGHT]), square).boundary is square
