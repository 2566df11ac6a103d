"""Comparing divisions: what moved, and what became of each grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage.compare import compare_plans, compare_polygons
from gridgeo.core.model import geometries, texts
from tests.instances import lattice, plan_of

TOWN = lattice(2, 4, [10, 20, 30, 40, 50, 60, 70, 80])
BEFORE = [0, 0, 1, 1, 2, 2, 3, 3]


def compare(after, before=BEFORE):
    return compare_plans(plan_of(TOWN, before), plan_of(TOWN, after))


def test_the_same_plan_moves_nothing():
    """A plan against itself: all grids unchanged, no officer affected."""
    same = compare(BEFORE)
    assert (same.households_moved, same.area_moved_m2, same.officers_affected) == (0, 0, 0)
    assert (same.counts, same.moved, same.ended) == ({"U": 4}, (), ())
    assert same.households == 360


def test_renamed_grids_move_nothing():
    """Numbers of grids may change; the ground decides."""
    assert compare([3, 3, 2, 2, 1, 1, 0, 0]).households_moved == 0


def test_one_atom_moved():
    """An atom that changes hands is the only ground moved, with its households."""
    one = compare([0, 1, 1, 1, 2, 2, 3, 3])
    assert (one.households_moved, one.area_moved_m2, one.officers_affected) == (20, 10_000, 2)
    assert one.counts == {"U": 2, "X": 2}
    assert [(m.source, m.target, m.households) for m in one.moved] == [("g0", "g1", 20)]


def test_a_split_and_a_merger():
    """Parts of one grid are S, a union of whole grids is M; the larger part succeeds."""
    both = compare([0, 1, 2, 2, 3, 3, 3, 3])
    assert both.counts == {"U": 1, "S": 2, "M": 1}
    assert [grid.successor_of for grid in both.grids] == ["", "g0", "g1", "g3"]
    assert both.ended == ("g2",)
    assert both.households_moved == 10 + 110


def test_plans_and_polygons_agree():
    """Plain polygons with homes at the atoms' middles give the numbers the atoms give."""
    a, b = plan_of(TOWN, BEFORE), plan_of(TOWN, [0, 1, 1, 1, 2, 3, 3, 3])
    homes = TOWN.atoms.centroid, TOWN.atoms.households
    by_ground = compare_polygons(a.geometry, b.geometry, a.grids.code, b.grids.code, homes=homes)
    by_atoms = compare_plans(a, b)
    assert by_ground.households_moved == by_atoms.households_moved
    assert by_ground.area_moved_m2 == pytest.approx(by_atoms.area_moved_m2)
    assert by_ground.counts == by_atoms.counts
    assert [g.successor_of for g in by_ground.grids] == [g.successor_of for g in by_atoms.grids]


def test_slivers_along_borders_are_no_change():
    """Borders that wobble by a millimetre leave grids unchanged."""
    before = geometries([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])
    after = geometries([shapely.box(0, 0, 100.00005, 100), shapely.box(100.00005, 0, 200, 100)])
    assert compare_polygons(before, after, texts(["a", "b"]), texts(["a", "b"])).counts == {"U": 2}


def test_households_unknown_are_not_zero():
    """Without homes nobody says how many households moved."""
    halves = geometries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    report = compare_polygons(halves, halves[::-1], texts(["a", "b"]), texts(["b", "a"]))
    assert report.households_moved is None
    assert report.grids[0].households is None


def test_successors_keep_the_most_households():
    """No other one-to-one choice of successors moves fewer households."""
    from itertools import permutations

    rng = np.random.default_rng(3)
    town = lattice(6, 6, rng.integers(0, 90, 36))
    a, b = rng.integers(0, 4, 36), rng.integers(0, 4, 36)
    a[:4], b[:4] = range(4), range(4)
    table = np.zeros((4, 4), int)
    np.add.at(table, (a, b), town.atoms.households)
    best = max(sum(table[i, p[i]] for i in range(4)) for p in permutations(range(4)))
    assert compare_plans(plan_of(town, a), plan_of(town, b)).households_moved == table.sum() - best


def test_grids_of_other_ground_are_new():
    """Divisions that share no ground: every grid is new, every old one ended, nobody has moved."""
    there = geometries(shapely.transform(plan_of(TOWN, BEFORE).geometry, lambda xy: xy + 1e6))
    here = plan_of(TOWN, BEFORE)
    apart = compare_polygons(there, here.geometry, texts(list("abcd")), here.grids.code)
    assert (apart.counts, apart.ended) == ({"N": 4}, tuple("abcd"))
    assert (apart.area_moved_m2, apart.moved, apart.officers_affected) == (0.0, (), 4)


def test_new_ground_belongs_to_nobody_before():
    """Ground the first division did not cover is no grid that is split, succeeded, moved from or ended."""
    before = plan_of(TOWN, BEFORE)
    before = replace(before, grids=replace(before.grids, code=texts(["-", "g1", "g2", "g3"])))
    grown = compare_plans(before, plan_of(TOWN, [0, 1, 2, 2, 3, 3, 4, 4]))
    assert grown.counts == {"U": 3, "N": 2}
    assert [grid.successor_of for grid in grown.grids] == ["", "", "g1", "g2", "g3"]
    assert [grid.before for grid in grown.grids[:2]] == [(), ()]
    assert (grown.households_moved, grown.households, grown.ended, grown.officers_affected) == (0, 360, (), 0)
