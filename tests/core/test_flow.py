"""Flows: conserved, within capacity, and proved by cuts and prices."""

import networkx as nx
import numpy as np
import pytest

from gridgeo.core.kernel.flow import Arcs, cheapest_flow, dual_value, greatest_flow, least_level, prices, reaches
from gridgeo.errors import InfeasibleError, InputError


def random_arcs(rng, n=12, m=40) -> Arcs:
    """A random network without parallel arcs or loops."""
    ends = np.unique(rng.integers(0, n, (m, 2)), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    return Arcs(ends[:, 0], ends[:, 1], rng.integers(0, 9, len(ends)), rng.integers(0, 20, len(ends)))


def surplus(arcs: Arcs, flow, n=12):
    """Flow out less flow in, per node."""
    return np.bincount(arcs.tail, flow, n) - np.bincount(arcs.head, flow, n)


@pytest.mark.parametrize("seed", range(10))
def test_the_greatest_flow_equals_its_least_cut(seed):
    """The arcs into the nodes that still reach the sink are full and carry the flow's value."""
    arcs = random_arcs(np.random.default_rng(seed))
    flow = greatest_flow(arcs, 0, 11)
    assert ((flow >= 0) & (flow <= arcs.capacity)).all()
    assert not surplus(arcs, flow)[1:11].any()
    inside = reaches(arcs, flow, np.arange(12) == 11)
    assert not inside[0]
    into = ~inside[arcs.tail] & inside[arcs.head]
    assert arcs.capacity[into].sum() == surplus(arcs, flow)[0]


@pytest.mark.parametrize("seed", range(10))
def test_the_cheapest_flow_costs_what_its_dual_proves(seed):
    """Cost, dual bound and networkx agree on the cheapest flow of greatest value."""
    arcs = random_arcs(np.random.default_rng(seed))
    value = int(surplus(arcs, greatest_flow(arcs, 0, 11))[0])
    supply = np.zeros(12, np.int64)
    supply[0], supply[11] = value, -value
    best = cheapest_flow(arcs, supply)
    assert (surplus(arcs, best.flow) == supply).all()
    graph = nx.DiGraph()
    graph.add_nodes_from((v, {"demand": -int(supply[v])}) for v in range(12))
    graph.add_edges_from((a, b, {"capacity": k, "weight": w}) for a, b, k, w in np.stack(arcs, 1).tolist())
    assert best.cost == best.bound == nx.min_cost_flow_cost(graph)


def test_numbers_beyond_64_bits_are_told():
    """Capacities and costs whose sums no number holds are an error of ours, not of the machine."""
    huge = np.full(2, 2**62, np.int64)
    arcs = Arcs(np.array([0, 0]), np.array([1, 1]), huge, huge)
    with pytest.raises(InputError, match="beyond 64 bits"):
        greatest_flow(arcs, 0, 1)
    with pytest.raises(InputError, match="beyond 64 bits"):
        cheapest_flow(arcs, np.array([2**62, -(2**62)]))


def test_any_prices_give_a_bound_and_wrong_ones_a_weak_one():
    """The dual value of arbitrary prices never exceeds the cheapest cost."""
    rng = np.random.default_rng(3)
    arcs = Arcs(np.array([0, 0, 1, 2]), np.array([1, 2, 3, 3]), np.array([2, 2, 2, 2]), np.array([1, 4, 1, 1]))
    supply = np.array([3, 0, 0, -3])
    best = cheapest_flow(arcs, supply)
    assert best.cost == 9
    assert all(dual_value(arcs, supply, rng.integers(-9, 9, 4)) <= 9 for _ in range(50))


def test_prices_make_every_residual_arc_cost_at_least_nothing():
    """Complementary slackness: what could carry more has reduced cost >= 0, what carries flow <= 0."""
    arcs = Arcs(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1, 3, 1]), np.array([1, 5, 1]))
    flow = np.array([1, 1, 1])
    price = prices(arcs, flow, 3)
    reduced = arcs.cost + price[arcs.tail] - price[arcs.head]
    assert (reduced[flow < arcs.capacity] >= 0).all()
    assert (reduced[flow > 0] <= 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_least_level_is_the_first_limit_that_keeps_the_cost(seed):
    """Leaving out all arcs above the level changes no cost; leaving out the level too makes it dearer or impossible."""
    rng = np.random.default_rng(seed)
    arcs = random_arcs(rng)
    arcs = arcs._replace(cost=arcs.cost % 4)
    value = int(surplus(arcs, greatest_flow(arcs, 0, 11))[0])
    supply = np.zeros(12, np.int64)
    supply[0], supply[11] = value, -value
    level = rng.integers(1, 30, len(arcs.tail))
    best = cheapest_flow(arcs, supply)
    flow = least_level(arcs, supply, best, level)
    assert (surplus(arcs, flow) == supply).all() and (flow * arcs.cost).sum() == best.cost
    assert ((flow >= 0) & (flow <= arcs.capacity)).all()
    top = level[flow > 0].max(initial=0)
    below = Arcs(*(column[level < top] for column in arcs))
    try:
        assert not value or cheapest_flow(below, supply).cost > best.cost
    except InfeasibleError as error:
        assert error.proof == {"supply": value}


def test_supplies_that_cannot_be_met_are_infeasible():
    """The error carries what was asked for."""
    arcs = Arcs(np.array([0]), np.array([1]), np.array([1]), np.array([1]))
    with pytest.raises(InfeasibleError) as caught:
        cheapest_flow(arcs, np.array([2, -2]))
    assert caught.value.proof == {"supply": 2}


def test_an_empty_network_carries_nothing():
    """No arcs, no flow."""
    none = np.zeros(0, np.int64)
    assert greatest_flow(Arcs(none, none, none, none), 0, 1).tolist() == []
