"""Shortest paths against networkx, and what bounds and early stops promise."""

import itertools

import networkx as nx
import numpy as np
import pytest

from gridgeo.core.kernel.paths import UNREACHED, arcs_of, hooks_of, pairs_within, shortest_tree, starts_of


def random_graph(rng, n=30, m=55):
    """Edges (u, v, cost) with loops and parallels, and the same as a networkx graph."""
    u, v, cost = rng.integers(0, n, m), rng.integers(0, n, m), rng.integers(1, 50, m)
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(zip(u.tolist(), v.tolist(), cost.tolist(), strict=True))
    return arcs_of(n, u, v, cost), graph


def one_start(nodes, costs):
    """Starts of a single source."""
    return starts_of(1, np.zeros(len(nodes), np.int64), np.asarray(nodes), np.asarray(costs))


@pytest.mark.parametrize("seed", range(10))
def test_a_tree_holds_the_least_cost_from_the_nearest_start(seed):
    """Costs from several starts with head starts equal the least over networkx searches from each."""
    rng = np.random.default_rng(seed)
    arcs, graph = random_graph(rng)
    nodes, costs = rng.integers(0, 30, 3), rng.integers(0, 20, 3)
    tree = shortest_tree(arcs, one_start(nodes, costs))
    walks = [nx.single_source_dijkstra_path_length(graph, a) for a in nodes.tolist()]
    least = [min(w.get(v, UNREACHED - c) + c for w, c in zip(walks, costs.tolist(), strict=True)) for v in range(30)]
    assert tree.cost.tolist() == least


@pytest.mark.parametrize("seed", range(5))
def test_a_path_runs_from_its_start_along_edges_that_add_up(seed):
    """Every path's edges exist, and their costs and the start's sum to the cost found."""
    rng = np.random.default_rng(seed)
    arcs, graph = random_graph(rng)
    tree = shortest_tree(arcs, one_start([3, 7], [5, 0]))
    reached = np.flatnonzero(tree.cost != UNREACHED).tolist()
    assert {3, 7} < set(reached)
    for v in reached:
        path = tree.path(v)
        edges = [min(d["weight"] for d in graph[a][b].values()) for a, b in itertools.pairwise(path)]
        assert {3: 5, 7: 0}[path[0]] + sum(edges) == tree.cost[v]
        assert tree.root[v] == {3: 0, 7: 1}[path[0]]


def test_nodes_beyond_the_limit_are_unreached():
    """A node exactly at the limit is in, one past it is out."""
    arcs = arcs_of(3, np.array([0, 1]), np.array([1, 2]), np.array([5, 7]))
    assert (shortest_tree(arcs, one_start([0], [0]), limit=12).cost != UNREACHED).tolist() == [True, True, True]
    assert (shortest_tree(arcs, one_start([0], [0]), limit=11).cost != UNREACHED).tolist() == [True, True, False]


def random_targets(rng, n=30, targets=12):
    """Targets hung on one or two nodes each, as rows and as hooks."""
    target = np.concatenate([np.arange(targets), rng.integers(0, targets, 6)])
    node, cost = rng.integers(0, n, len(target)), rng.integers(0, 30, len(target))
    return (node, target, cost), hooks_of(n, node, target, cost)


@pytest.mark.parametrize("seed", range(10))
def test_pairs_are_all_targets_within_the_limit_nearest_first(seed):
    """Many-to-many costs equal networkx plus the hooks, each source with its own limit."""
    rng = np.random.default_rng(seed)
    arcs, graph = random_graph(rng)
    rows, hooks = random_targets(rng)
    starts = starts_of(4, np.arange(4), rng.integers(0, 30, 4), np.zeros(4, np.int64))
    limit = rng.integers(20, 120, 4)
    wanted = []
    for s in range(4):
        walk = nx.single_source_dijkstra_path_length(graph, int(starts.item[s]))
        best = {}
        for node, target, cost in zip(*(column.tolist() for column in rows), strict=True):
            if node in walk:
                best[target] = min(best.get(target, UNREACHED), walk[node] + cost)
        wanted += sorted((s, c, t) for t, c in best.items() if c <= limit[s])
    source, target, cost = pairs_within(arcs, hooks, np.ones(12, bool), starts, limit)
    assert list(zip(source.tolist(), cost.tolist(), target.tolist(), strict=True)) == wanted


@pytest.mark.parametrize("count", [1, 3])
def test_a_counted_search_gives_the_first_of_the_whole_one(count):
    """Ending after k targets gives exactly the k nearest free ones."""
    rng = np.random.default_rng(1)
    arcs, _ = random_graph(rng, m=90)
    _, hooks = random_targets(rng)
    starts = starts_of(5, np.arange(5), rng.integers(0, 30, 5), np.zeros(5, np.int64))
    free = rng.random(12) < 0.6
    whole = np.stack(pairs_within(arcs, hooks, free, starts, 500))
    few = np.stack(pairs_within(arcs, hooks, free, starts, 500, count))
    assert free[whole[1]].all()
    assert few.tolist() == np.concatenate([whole[:, whole[0] == s][:, :count] for s in range(5)], 1).tolist()


def test_a_start_may_be_a_target_reached_without_the_graph():
    """An item past the nodes is a target; the cheaper of the direct and the graph's way counts."""
    arcs = arcs_of(2, np.array([0]), np.array([1]), np.array([10]))
    hooks = hooks_of(2, np.array([1, 1]), np.array([0, 1]), np.array([0, 0]))
    starts = starts_of(1, np.zeros(3, np.int64), np.array([0, 2, 3]), np.array([0, 4, 40]))
    assert [row.tolist() for row in pairs_within(arcs, hooks, np.ones(2, bool), starts, 100)] == [
        [0, 0],
        [0, 1],
        [4, 10],
    ]
