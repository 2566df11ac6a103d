"""Repair: each fault mended by the grids it concerns, all others untouched, the result proven."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from benchmarks.speed.coverage import made
from gridgeo.core.coverage import CoverageParams
from gridgeo.core.coverage.repair import RepairParams, combined, repair_polygons
from gridgeo.core.model import geometries, texts
from gridgeo.errors import InputError


def ring(*corners):
    return shapely.Polygon(corners)


LEFT = ring((0, 0), (50, 0), (50, 100), (0, 100))
RIGHT = ring((50, 0), (100, 0), (100, 100), (50, 100))
DENTED = ring((50, 0), (100, 0), (100, 100), (50, 100), (51, 50))
NODED = ring((0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100))


def repair(*polygons, **options):
    return repair_polygons(geometries(polygons), NODED, **options)


def test_a_gap_goes_to_one_neighbor_and_the_other_keeps_its_bytes():
    """A bare face is given to a neighbor; the result is exact and the rest is the very same object."""
    done = repair(LEFT, DENTED)
    assert done.report.exact
    (made_,) = done.proposals
    assert made_.before[made_.to][0] + made_.finding.area_m2 == pytest.approx(made_.after[made_.to][0])
    assert sum(a is b for a, b in zip(done.polygons, (LEFT, DENTED), strict=True)) == 1


def test_locks_decide_who_changes():
    """A locked grid takes nothing; where all are locked, the fault is left to the planner."""
    assert repair(LEFT, DENTED, params=RepairParams(locked=frozenset({"1"}))).proposals[0].to == "2"
    assert repair(LEFT, DENTED, params=RepairParams(locked=frozenset({"2"}))).proposals[0].to == "1"
    stuck = repair(LEFT, DENTED, params=RepairParams(locked=frozenset({"1", "2"})))
    assert (stuck.proposals, [f.kind for f in stuck.left]) == ((), ["gap"])


def test_households_in_a_gap_go_where_the_band_allows():
    """A neighbor the gap would push over the band is passed by."""
    homes = np.array([[50.3, 50.0]]), np.array([30])
    params = RepairParams(coverage=CoverageParams(band=(300, 500)))
    for full, expected in (([490, 400], "2"), ([400, 490], "1")):
        done = repair(LEFT, DENTED, households=np.array(full), homes=homes, params=params)
        assert done.proposals[0].to == expected
        assert done.proposals[0].after[expected][1] == 430


def test_double_ground_stays_with_the_grid_short_of_households():
    """An overlap is cut from the grid that can spare it."""
    wide = ring((0, 0), (50, 0), (51, 50), (50, 100), (0, 100))
    params = RepairParams(coverage=CoverageParams(band=(300, 500)))
    done = repair(wide, RIGHT, households=np.array([200, 400]), params=params)
    assert (done.proposals[0].to, done.proposals[0].taken_from) == ("1", ("2",))
    assert done.report.exact


def test_communities_draw_gaps():
    """With equal borders, the gap goes to the community most of its outline belongs to."""
    top = ring((50, 50), (100, 50), (100, 100), (50, 100))
    low = ring((50, 0), (100, 0), (100, 50), (52, 50), (51, 25))
    done = repair(LEFT, top, low, community=texts(["x", "x", "y"]), params=RepairParams(fill_missing=True))
    assert done.proposals[0].to in ("1", "2")


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
    """A duplicate is left to the planner, and a grid wholly under another keeps its ground."""
    twin = repair(LEFT, RIGHT, RIGHT)
    assert ([f.kind for f in twin.left], twin.proposals) == (["duplicate"], ())
    nested = repair(LEFT, RIGHT, shapely.box(70, 40, 80, 60))
    assert nested.report.exact
    assert nested.proposals[0].to == "3"


def test_a_missing_grid_is_filled_only_on_demand():
    """Ground as large as a grid is not swallowed by a neighbor unless asked."""
    assert repair(LEFT).proposals == ()
    assert repair(LEFT, params=RepairParams(fill_missing=True)).report.exact


def test_alignment_makes_a_complete_coverage_exact():
    """Lacking vertices are put in and drifted ones shared, when asked."""
    more = ring((0, 0), (50, 0), (50, 40), (50, 100), (0, 100))
    drifted = ring((50 + 2e-7, 0), (100, 0), (100, 100), (50, 100))
    assert repair(more, drifted).proposals == ()
    assert repair(more, drifted, params=RepairParams(align=True)).report.exact


def test_planted_faults_are_repaired_and_sound_grids_stay():
    """Of a lattice full of faults, only grids named in proposals change, none is emptied, and all is proven."""
    instance = made(40, per=3)
    done = repair_polygons(instance.polygons, instance.boundary, params=RepairParams(fill_missing=True, align=True))
    assert set(done.report.counts) <= {"duplicate", "detached-part"}
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
    assert (done.proposals, len(done.left)) == ((), 1)


def test_codes_must_differ():
    """Repeated codes cannot name who changes."""
    with pytest.raises(InputError, match="repeat"):
        repair(LEFT, RIGHT, codes=texts(["a", "a"]))


def test_combined_keeps_vertices_elsewhere():
    """Adding a face changes the polygon at that face only."""
    grown = combined(LEFT, ring((50, 20), (60, 30), (50, 40)), 1, 1e-9)
    assert {(50.0, 20.0), (60.0, 30.0), (50.0, 40.0)} | set(LEFT.exterior.coords) == set(grown.exterior.coords)
    assert combined(LEFT, LEFT, -1, 1e-9).is_empty
