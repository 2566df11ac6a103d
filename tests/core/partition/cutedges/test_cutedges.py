"""Fewest cut edges: equal to brute force on small graphs, to proven optima on counties, honest where it cannot be."""

from __future__ import annotations

import csv
import json

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.core.partition.cutedges import Network, fewest_cuts, list_plans
from gridgeo.errors import InputError
from tests.shared import shared


def network_of(graph: nx.Graph, weight) -> Network:
    """Network of a networkx graph whose edges are worth 1."""
    ends = np.array(sorted(tuple(sorted(edge)) for edge in graph.edges), np.int64).reshape(-1, 2)
    return Network(np.asarray(weight, np.int64), ends[:, 0], ends[:, 1], np.ones(len(ends), np.int64))


def best_of_all(network: Network, count: int, band):
    """Fewest cut edges over all plans in the band, None without one."""
    cuts = [
        int((label[network.u] != label[network.v]).sum())
        for label in list_plans(network, count)
        if band[0] <= np.bincount(label, network.weight).min() and np.bincount(label, network.weight).max() <= band[1]
    ]
    return min(cuts, default=None)


def counted(graph: nx.Graph, count: int) -> int:
    """Divisions into connected parts by trying every label."""
    nodes, found = sorted(graph), set()
    for code in range(count ** len(nodes)):
        label = [code // count**i % count for i in range(len(nodes))]
        parts = [[v for v in nodes if label[v] == part] for part in range(count)]
        if all(parts) and all(nx.is_connected(graph.subgraph(part)) for part in parts):
            found.add(frozenset(map(frozenset, parts)))
    return len(found)


def planar_graph(seed: int, n: int) -> nx.Graph:
    """Connected planar graph: random points, triangulated, some edges taken away."""
    from scipy.spatial import Delaunay

    rng = np.random.default_rng(seed)
    graph: nx.Graph = nx.Graph()
    for a, b, c in Delaunay(rng.random((n, 2))).simplices.tolist():
        graph.add_edges_from([(a, b), (b, c), (a, c)])
    for edge in sorted(graph.edges):
        if rng.random() < 0.25:
            graph.remove_edge(*edge)
            if not nx.is_connected(graph):
                graph.add_edge(*edge)
    return graph


@pytest.mark.parametrize("graph", [nx.path_graph(6), nx.cycle_graph(6), nx.grid_2d_graph(2, 3), nx.complete_graph(5)])
@pytest.mark.parametrize("count", [2, 3])
def test_all_divisions_are_listed_once(graph, count):
    """The list holds every division into connected parts, each once."""
    graph = nx.convert_node_labels_to_integers(graph)
    plans = list_plans(network_of(graph, np.ones(len(graph))), count)
    assert len(plans) == counted(graph, count) == len({plan.tobytes() for plan in plans})


@given(st.integers(0, 10_000), st.integers(6, 11), st.integers(2, 4), st.integers(0, 4))
@settings(max_examples=8, deadline=None)
def test_planar_graphs_equal_brute_force(seed, n, count, slack):
    """On small planar graphs the cut is the least of all plans, or the proof that none exists is right."""
    graph = planar_graph(seed, n)
    weight = np.random.default_rng(seed).integers(1, 6, n)
    mean = weight.sum() / count
    band = int(mean - slack), int(mean + slack) + 1
    check(network_of(graph, weight), count, band)


@pytest.mark.slow
@given(st.integers(0, 10_000), st.integers(2, 3), st.integers(0, 3))
@settings(max_examples=4, deadline=None)
def test_other_graphs_equal_brute_force(seed, count, slack):
    """So it is on graphs that are not planar."""
    graph = nx.gnm_random_graph(9, 22, seed=seed)
    if not nx.is_connected(graph):
        return
    weight = np.random.default_rng(seed).integers(1, 6, 9)
    mean = weight.sum() / count
    check(network_of(graph, weight), count, (int(mean - slack), int(mean + slack) + 1))


def check(network, count, band):
    """The answer is that of brute force and its plan is sound."""
    found, best = fewest_cuts(network, count, band), best_of_all(network, count, band)
    if best is None:
        assert (found.status, found.label) == ("none", None)
        return
    assert (found.status, found.cut, found.bound) == ("optimal", best, best)
    weight = np.bincount(found.label, network.weight, count)
    assert band[0] <= weight.min() and weight.max() <= band[1]
    assert (found.label[network.u] != found.label[network.v]).sum() == best


def test_a_part_may_lie_between_two_others():
    """A middle strip, whose rest falls apart, is found."""
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 6), ordering="sorted")
    found = fewest_cuts(network_of(graph, np.ones(18)), 3, (6, 6))
    assert (found.status, found.cut) == ("optimal", 6.0)


def test_stopped_search_is_open():
    """A search stopped at once knows no plan and claims nothing."""
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 4))
    found = fewest_cuts(network_of(graph, np.ones(16)), 4, (4, 4), stop=lambda: True)
    assert (found.status, found.label, found.bound) == ("open", None, 0.0)


def test_one_part_and_impossible_bands():
    """One part is the whole; arithmetic alone refutes what cannot add up."""
    path = network_of(nx.path_graph(3), [1, 5, 1])
    assert fewest_cuts(path, 1, (7, 7)).cut == 0
    assert fewest_cuts(path, 2, (3, 4)).status == "none"
    assert fewest_cuts(path, 3, (1, 1)).status == "none"


@pytest.mark.parametrize(("graph", "count"), [(nx.empty_graph(2), 2), (nx.path_graph(3), 0)])
def test_bad_networks_are_refused(graph, count):
    """Graphs in pieces and no parts are input errors."""
    with pytest.raises(InputError):
        fewest_cuts(network_of(graph, np.ones(len(graph))), count, (1, 2))


def test_long_lists_are_refused():
    """A list that would not end is refused, as is a graph too large to list."""
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 4))
    with pytest.raises(InputError):
        list_plans(network_of(grid, np.ones(16)), 3, most=10)
    with pytest.raises(InputError):
        list_plans(network_of(nx.path_graph(65), np.ones(65)), 2)


def instance(name):
    """A county or tract instance, its parts, its band and the proven optimum."""
    folder = shared("bench", "districting_cutedges")
    told = json.loads((folder / f"{name}.json").read_text())
    level, state = name.split("_")
    lines = csv.DictReader((folder / "best_known.csv").open())
    line = next(row for row in lines if (row["level"], row["state"]) == (level, state))
    graph = nx.Graph([(u, v) for u, row in enumerate(told["adjacency"]) for v in row])
    network = network_of(graph, [node["TOTPOP"] for node in told["nodes"]])
    return network, int(line["k"]), (int(line["L"]), int(line["U"])), float(line["best_cut_edges"])


@pytest.mark.parametrize("name", ["county_ME", "county_ID", "county_NM", "county_NE"])
def test_counties_reach_the_proven_optimum(name):
    """Small county instances are proven optimal at the known value."""
    network, count, band, best = instance(name)
    found = fewest_cuts(network, count, band)
    assert (found.status, found.cut) == ("optimal", best)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["county_WV", "county_AR", "county_OK", "county_MS", "county_IA", "county_KS", "tract_ID", "tract_ME"],
)
def test_larger_instances_reach_the_proven_optimum(name):
    """So are larger ones."""
    network, count, band, best = instance(name)
    found = fewest_cuts(network, count, band)
    assert (found.status, found.cut) == ("optimal", best)


@pytest.mark.slow
def test_all_plans_of_the_known_graph():
    """The list of the 25-node graph is the known one, plan by plan."""
    folder = shared("bench", "districting_enum")
    told = json.loads((folder / "fl25.json").read_text())
    graph = nx.Graph([(u, v) for u, row in enumerate(told["adjacency"]) for v in row])
    plans = list_plans(network_of(graph, told["population"]), told["k"])
    known = np.load(folder / "fl25_all_plans_k3.npz")["plans"].T
    first = {frozenset(tuple(np.flatnonzero(plan == part)) for part in range(3)) for plan in plans}
    assert first == {frozenset(tuple(np.flatnonzero(plan == part)) for part in range(3)) for plan in known}
