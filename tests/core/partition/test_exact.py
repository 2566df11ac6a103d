"""Mending by proof: what a list finds, a random search may miss."""

import numpy as np
import pytest

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import never
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.partition.exact import clumps, coarsened, divide_exactly, edges_of
from gridgeo.core.partition.score import Rule
from gridgeo.core.partition.stream import stream_of
from gridgeo.core.partition.units import ground_of
from gridgeo.core.partition.zone import mend_exactly, packed, table_for
from tests.instances import lattice

RULE = Rule(300, 500, 300, 500, 400.0, 25.0, 1.0)


def graph(households, rows, cols):
    """Units of a lattice with the given households."""
    ground = ground_of(lattice(rows, cols, households), PlanParams())
    return ground.graph(np.arange(rows * cols))


def whole(units, label):
    """Whether each grid is connected."""
    u, v, _ = edges_of(units)
    same = label[u] == label[v]
    return len(np.unique(components(len(label), u[same], v[same]))) == len(np.unique(label))


def test_the_only_division_is_found():
    """On a path of six blocks a single pair of cuts keeps the band, and it is found."""
    units = graph([440, 38, 222, 111, 73, 440], 1, 6)
    found = divide_exactly(units, np.zeros(6, np.int64), RULE)
    assert found is not None
    assert np.bincount(found, units.households).tolist() == [478, 406, 440]


def test_clumps_stay_in_their_grid_and_keep_the_sums():
    """Coarsening merges within grids only; households and area add up."""
    units = graph(np.arange(48) % 7 * 10 + 5, 6, 8)
    label = np.arange(48) % 8 // 4
    clump = clumps(units, label, 10)
    coarse = coarsened(units, clump)
    assert clump.max() + 1 == len(coarse.households) == 10
    assert all(len(np.unique(label[clump == c])) == 1 for c in range(10))
    assert coarse.households.sum() == units.households.sum()
    assert np.allclose(coarse.moments.sum(axis=0), units.moments.sum(axis=0))


@pytest.mark.slow
def test_a_large_building_among_small_ones_is_placed():
    """A broken plan around a building of 440 households is mended into whole grids within the band."""
    households = np.full(100, 25)
    households[[45, 46, 55]] = 440, 111, 73
    units = graph(households, 10, 10)
    label = np.repeat(np.arange(5), 20)
    table = table_for(units, RULE, stream_of(1, "exact"))
    table.offer(packed(label))
    mend_exactly(table, never)
    size = np.bincount(table.plan, units.households)
    assert size.min() >= 300
    assert size.max() <= 500
    assert whole(units, table.plan)


def test_what_cannot_be_is_proven():
    """On a path that starts with 250 and 350 households no plan keeps the band, though 1,100 would make three grids."""
    result = draw_plan(lattice(1, 4, [250, 350, 250, 250]))
    assert [(case.households, case.proof) for case in result.infeasible] == [(1100, "no-plan-proven")]
    assert {o.reason for o in result.out_of_band} == {"no-plan-proven"}
