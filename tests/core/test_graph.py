"""Sparse graphs as arrays."""

import itertools

import numpy as np

from gridgeo.core.kernel.graph import components, csr


def test_csr_lists_both_directions_of_every_edge_by_edge_number():
    """Rows hold each neighbor once per edge, parallel edges and loops included, in edge order."""
    ptr, neighbor, edge = csr(3, np.array([0, 0, 1, 2]), np.array([1, 1, 2, 2]))
    rows = [list(zip(neighbor[a:b].tolist(), edge[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(ptr)]
    assert rows == [[(1, 0), (1, 1)], [(0, 0), (0, 1), (2, 2)], [(1, 2), (2, 3), (2, 3)]]


def test_components_are_numbered_by_first_appearance():
    """The component of node 0 is 0, and numbers rise as new ones appear."""
    assert components(5, np.array([4, 1]), np.array([2, 3])).tolist() == [0, 1, 2, 1, 2]


def test_a_graph_without_edges_has_a_component_for_each_node():
    """No edge joins anything."""
    none = np.zeros(0, np.int64)
    assert components(3, none, none).tolist() == [0, 1, 2]
