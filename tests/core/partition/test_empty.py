"""Empty land: which neighbor it goes with."""

from __future__ import annotations

import numpy as np

from gridgeo.core.partition import PlanParams
from gridgeo.core.partition.empty import hosts_of_empty
from gridgeo.core.partition.units import ground_of
from tests.instances import lattice


def test_empty_land_follows_the_empty_land_it_shares_most_border_with():
    """Two empty columns share three cells of border, one touches a grid's land along one cell at a time."""
    ground = ground_of(lattice(3, 4, np.tile([100, 100, 0, 0], 3), community=np.tile([0, 0, 1, 2], 3)), PlanParams())
    columns = np.arange(12).reshape(3, 4)
    hosts = hosts_of_empty(ground, [columns[:, 2], columns[:, 3]], columns[:, :2].ravel())
    assert {hosts[unit] for unit in columns[:, 2].tolist()} <= set(columns[:, 1].tolist())
    assert {hosts[unit] for unit in columns[:, 3].tolist()} <= set(columns[:, 2].tolist())


def test_two_empty_communities_beside_each_other_follow_one_grid():
    """Each touches inhabited land along one cell, and the other along three: both go the same way."""
    row = np.array([100, 0, 0, 100, 100, 0, 0, 100, 100, 0, 0, 100])
    ground = ground_of(lattice(3, 4, row, community=np.tile([0, 1, 2, 3], 3)), PlanParams())
    columns = np.arange(12).reshape(3, 4)
    hosts = hosts_of_empty(ground, [columns[:, 1], columns[:, 2]], columns[:, [0, 3]].ravel())
    assert {hosts[unit] for unit in columns[:, 1].tolist()} <= set(columns[:, 0].tolist())
    assert {hosts[unit] for unit in columns[:, 2].tolist()} <= set(columns[:, 1].tolist())


def test_land_nobody_can_walk_to_is_left_out():
    """A part without a neighbor on foot has no host."""
    ground = ground_of(lattice(1, 3, [100, 0, 0], community=[0, 1, 2]), PlanParams())
    hosts = hosts_of_empty(ground, [np.array([2])], np.array([0]))
    assert hosts == {}
