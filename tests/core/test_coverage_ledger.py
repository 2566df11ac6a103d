"""Fingerprints: edits rechecked locally, levels that nest."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage.ledger import Ledger, added, check_nesting, fingerprints_of
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
    assert (added(ledger.edited([0, 1], after).sums) == added(ledger.sums)).all()


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


def by_the_book(ring) -> tuple[int, int]:
    """Fingerprint of a counter-clockwise ring in plain integers, as docs/exactness.md tells it."""
    import struct
    from itertools import pairwise

    mask = 2**64 - 1
    out = []
    for lane in (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03):
        total = 0
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


def test_fingerprints_follow_the_published_recipe():
    """Anyone can recompute a fingerprint with integers alone."""
    ring = [(0.0, 0.0), (3.5, 0.25), (4.0, 1e6), (-1.0, 2.0), (0.0, 0.0)]
    assert tuple(fingerprints_of(geometries([shapely.Polygon(ring)]))[0].tolist()) == by_the_book(ring)
