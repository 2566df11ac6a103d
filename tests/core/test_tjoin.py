import numpy as np
import pytest

from gridgeo.core.kernel.tjoin import HEAVIEST, Joins, euler_circuits
from gridgeo.errors import InfeasibleError, InputError

SQUARE = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0])


def walked(u, v, steps):
    """Nodes a walk visits, raising where a step does not begin where the last one ended."""
    nodes = []
    for step in steps.tolist():
        a, b = (u, v) if not step & 1 else (v, u)
        begin, end = int(a[step >> 1]), int(b[step >> 1])
        assert not nodes or nodes[-1] == begin
        nodes += [begin, end] if not nodes else [end]
    return nodes


def test_the_cheaper_way_around_is_taken():
    """A T-join of two nodes is a shortest path."""
    assert Joins(4, *SQUARE, np.array([5, 5, 5, 16])).join(np.array([0, 3])).tolist() == [0, 1, 2]
    assert Joins(4, *SQUARE, np.array([5, 5, 5, 15 - 1])).join(np.array([0, 3])).tolist() == [3]


@pytest.mark.parametrize("weight", [HEAVIEST - 1, HEAVIEST, HEAVIEST + 1, 2 * HEAVIEST, 40_000_000])
def test_heavy_edges_keep_their_weight(weight):
    """Edges beyond the matching's 24 bits count exactly, to the last unit."""
    edges = np.array([0, 1, 0]), np.array([1, 2, 2])
    assert Joins(3, *edges, np.array([weight, weight, 2 * weight - 1])).join(np.array([0, 2])).tolist() == [2]
    assert Joins(3, *edges, np.array([weight, weight, 2 * weight + 1])).join(np.array([0, 2])).tolist() == [0, 1]


def test_too_long_a_graph_is_refused():
    """A path beyond the matching's clock is an error, not an endless run."""
    with pytest.raises(InputError, match="coarser"):
        Joins(2, np.array([0]), np.array([1]), np.array([1 << 30]))


def test_negative_weights_are_refused():
    """A negative weight is an error."""
    with pytest.raises(InputError, match="weighs -1"):
        Joins(2, np.array([0]), np.array([1]), np.array([-1]))


def test_loops_and_dear_parallel_edges_are_never_used():
    """Of parallel edges the cheapest joins; loops never do."""
    u, v = np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1])
    assert Joins(2, u, v, np.array([1, 9, 4, 1])).join(np.array([0, 1])).tolist() == [2]


def test_an_odd_component_is_named():
    """A component with an odd number of odd nodes raises with the proof."""
    with pytest.raises(InfeasibleError) as caught:
        Joins(4, np.array([0, 2]), np.array([1, 3]), np.array([1, 1])).join(np.array([0, 3]))
    assert caught.value.proof["odd_nodes"] == 1


def test_no_odd_nodes_need_no_edges():
    """An empty T has an empty join, also without edges."""
    none = np.zeros(0, np.int64)
    assert len(Joins(3, none, none, none).join(none)) == 0


def test_a_circuit_uses_every_edge_once_and_closes():
    """Loops, parallel edges and shuffled turns make a closed walk over each edge once."""
    u, v = np.array([0, 1, 2, 2, 3, 3, 3]), np.array([1, 2, 0, 3, 2, 3, 3])
    circuits = euler_circuits(u, v, 2, 20, rng_seed=3)
    assert circuits.shape == (20, 7)
    for steps in circuits:
        nodes = walked(u, v, steps)
        assert nodes[0] == nodes[-1] == 2
        assert sorted((steps >> 1).tolist()) == list(range(7))


def test_shuffled_circuits_differ_and_repeat_with_the_seed():
    """Seeds give different circuits, the same seed the same ones."""
    u, v = np.array([0, 1, 2, 0, 3, 4]), np.array([1, 2, 0, 3, 4, 0])
    several = euler_circuits(u, v, 0, 30, rng_seed=1)
    assert len(np.unique(several, axis=0)) > 3
    assert (several == euler_circuits(u, v, 0, 30, rng_seed=1)).all()


@pytest.mark.parametrize(("u", "v"), [([0], [1]), ([0, 1, 2, 3], [1, 0, 3, 2])])
def test_a_graph_without_a_circuit_is_refused(u, v):
    """An odd degree or an edge out of reach is an error."""
    with pytest.raises(InputError):
        euler_circuits(np.array(u), np.array(v), 0, 1, rng_seed=1)
