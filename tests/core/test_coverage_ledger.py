"""Fingerprints: edits rechecked locally, levels that nest."""

from __future__ import annotations

import json
import struct
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage import check_polygons, rechecked
from gridgeo.core.coverage.ledger import Ledger, check_nesting, fingerprints_of
from gridgeo.core.model import geometries
from gridgeo.errors import InputError
from tests.instances import lattice

CELLS = lattice(4, 4).atoms.geometry
QUARTER = np.array([(i // 8) * 2 + (i % 4) // 2 for i in range(16)])


def union(rows):
    return shapely.coverage_union_all(CELLS[rows])


def test_moving_an_atom_between_two_grids_keeps_the_ledger():
    """An edit that hands ground from one grid to another is accepted, by the two grids alone."""
    before = geometries([union([0, 1]), union([2, 3])])
    ledger = Ledger.of(before)
    after = geometries([union([0]), union([1, 2, 3])])
    assert ledger.keeps([0, 1], after)


@pytest.mark.parametrize("spoilt", [0, 1, 2])
def test_an_edit_that_loses_or_doubles_ground_is_refused(spoilt):
    """Lost ground, double ground and a vertex off by a nanometre all change the sum."""
    ledger = Ledger.of(geometries([union([0, 1]), union([2, 3])]))
    nudged = shapely.get_coordinates(union([1, 2, 3]))
    nudged[2, 0] += 1e-9
    after = [
        [union([0]), union([2, 3])],
        [union([0, 1]), union([1, 2, 3])],
        [union([0]), shapely.Polygon(nudged)],
    ][spoilt]
    assert not ledger.keeps([0, 1], geometries(after))


def test_an_invalid_polygon_keeps_nothing():
    """A self-crossing ring is refused even where its edges would add up."""
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(InputError, match="valid"):
        fingerprints_of(geometries([bow_tie]))
    assert not Ledger.of(CELLS).keeps([0], geometries([bow_tie]))


def test_levels_add_up():
    """The sums of atoms, rolled up, are those of the grids made of them."""
    parents = geometries([union(k == QUARTER) for k in range(4)])
    assert (Ledger.of(CELLS).rolled_up(QUARTER, 4).sums == fingerprints_of(parents)).all()
    assert check_nesting(CELLS, QUARTER, parents) == ()


def test_the_parent_that_does_not_nest_is_named():
    """A community its grids do not fill is named with what is missing there; the others are left in peace."""
    parents = geometries([union(k == QUARTER) for k in range(4)])
    wrong = QUARTER.copy()
    wrong[0] = -1
    ((name, report),) = check_nesting(CELLS, wrong, parents)
    assert (name, report.counts) == ("1", {"missing": 1})


def by_the_book(rings) -> tuple[int, int]:
    """Fingerprint of rings with the inside on their left, in plain integers, as docs/exactness.md tells it."""
    mask = 2**64 - 1
    out = []
    for lane in (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03):
        total = 0
        for ring in rings:
            for a, b in pairwise(ring):
                h = lane
                for word in struct.unpack("<4Q", struct.pack("<4d", *min(a, b), *max(a, b))):
                    h ^= word
                    h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9 & mask
                    h = (h ^ (h >> 27)) * 0x94D049BB133111EB & mask
                    h = ((h ^ (h >> 31)) + lane) & mask
                total += h if a < b else -h
        out.append(total & mask)
    return out[0], out[1]


def walked(ring, shell) -> list:
    """A ring as GeoJSON gives it, turned by the exact sign of its area."""
    points = [(Fraction(x), Fraction(y)) for x, y in ring]
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points))
    points = [tuple(p) for p in ring]
    return points if (area > 0) == shell else points[::-1]


def test_fingerprints_follow_the_published_recipe():
    """Anyone can recompute a fingerprint with integers alone."""
    ring = [(0.0, 0.0), (3.5, 0.25), (4.0, 1e6), (-1.0, 2.0), (0.0, 0.0)]
    assert tuple(fingerprints_of(geometries([shapely.Polygon(ring)]))[0].tolist()) == by_the_book([ring])


def test_a_client_with_nothing_but_integers_rechecks_a_certificate():
    """From GeoJSON text and the certificate's JSON alone: every grid's fingerprint, their sum, and the boundary's."""
    cells = [union(k == QUARTER) for k in range(3)]
    hole = shapely.Polygon(CELLS[15].exterior, [shapely.Point(*CELLS[15].centroid.coords[0]).buffer(9).exterior])
    outer = shapely.coverage_union_all(geometries([CELLS[i] for i in np.flatnonzero(QUARTER == 3)[:-1]]))
    cells += [outer, hole, shapely.Polygon(hole.interiors[0])]
    boundary = shapely.coverage_union_all(geometries(cells))
    report = check_polygons(geometries(cells), boundary)
    certificate = json.loads(json.dumps(report.certificate.to_dict()))
    sums = {}
    for code, cell in enumerate([*cells, boundary]):
        told = json.loads(shapely.to_geojson(cell))
        parts = [told["coordinates"]] if told["type"] == "Polygon" else told["coordinates"]
        sums[code] = by_the_book([walked(ring, i == 0) for part in parts for i, ring in enumerate(part)])
    for code in range(len(cells)):
        assert certificate["grids"][str(code + 1)] == "".join(f"{lane:016x}" for lane in sums[code])
    added_up = [sum(sums[code][lane] for code in range(len(cells))) % 2**64 for lane in (0, 1)]
    assert tuple(added_up) == sums[len(cells)]
    assert certificate["sum"] == certificate["boundary_sum"] == "".join(f"{lane:016x}" for lane in added_up)


def test_a_certificate_is_rechecked():
    """A certificate holds for the layer it was made of; another layer, or a number changed in it, shows."""
    sound = check_polygons(CELLS, union(np.arange(16))).certificate
    moved = CELLS.copy()
    moved[3] = shapely.transform(moved[3], lambda xy: xy + np.array([1e-3, 0]))
    other = check_polygons(moved, union(np.arange(16))).certificate
    told = json.loads(json.dumps(sound.to_dict()))
    assert rechecked(told, sound).holds
    assert rechecked(told, other).grids == ("4",)
    forged = told | {"grids": told["grids"] | {"1": "0" * 32}}
    assert (rechecked(forged, sound).coherent, rechecked(forged, sound).grids) == (False, ("1",))
    assert not rechecked(told | {"grids": {"1": "no number"}}, sound).coherent
