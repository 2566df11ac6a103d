"""Walks between points on the street graph, against networkx with the points inserted as nodes."""

import itertools
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
import shapely

from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.dispatch.params import WalkParams
from gridgeo.core.model import Barriers, Streets, geometries, texts
from tests.core.dispatch.cases import responders_at, staffed, units_at, without_streets
from tests.instances import ORIGIN

FAR = 10**9


def town(**params):
    """A 4 x 4 lattice of 100 m blocks and its walking network."""
    territory = staffed(units_at([]), responders_at([]))
    return territory, WalkNetwork(territory, WalkParams(**params))


def with_feet(streets: Streets, entries) -> nx.DiGraph:
    """The streets as a graph where every way of a point has its foot on its edge; nobody walks through a point."""
    graph = nx.DiGraph()
    for edge in range(len(streets)):
        feet = sorted((int(entries.along_mm[k]), int(k)) for k in np.flatnonzero(entries.edge == edge))
        chain = [(0, int(streets.tail[edge])), *((mm, ("foot", k)) for mm, k in feet)]
        chain.append((int(streets.length_mm[edge]), int(streets.head[edge])))
        for (a, u), (b, v) in itertools.pairwise(chain):
            graph.add_edge(u, v, weight=b - a)
            graph.add_edge(v, u, weight=b - a)
    for k, (i, access) in enumerate(zip(entries.point.tolist(), entries.access_mm.tolist(), strict=True)):
        graph.add_edge(("from", i), ("foot", k), weight=access)
        graph.add_edge(("foot", k), ("to", i), weight=access)
    return graph


@pytest.mark.parametrize("seed", range(5))
def test_walks_are_shortest_paths_between_the_points_feet(seed):
    """Every pair, including those on one edge, walks as far as networkx says."""
    territory, network = town(straight_m=0.0)
    xy = ORIGIN + np.random.default_rng(seed).uniform(0, 400, (25, 2))
    entries = network.enter(xy)
    graph = with_feet(territory.streets, entries)
    pairs = network.pairs(entries, network.targets(entries), FAR)
    assert len(pairs) == 25 * 25
    for a in range(25):
        wanted = nx.single_source_dijkstra_path_length(graph, ("from", a))
        rows = (pairs.source == a) & (pairs.target != a)
        assert pairs.walk_mm[rows].tolist() == [wanted["to", b] for b in pairs.target[rows].tolist()]


def test_a_point_enters_its_nearest_street_at_its_foot():
    """30 m beside the first street, 40 m from its tail."""
    territory, network = town()
    entry = network.enter(ORIGIN + np.array([[40.0, -30.0]]))
    assert territory.streets.code[entry.edge[0]] == "s0"
    assert (entry.along_mm[0], entry.access_mm[0]) == (40_000, 30_000)


def test_in_the_middle_of_a_block_every_side_is_entered():
    """The middle of the first block is 50 m from four streets; of these the first comes first."""
    territory, network = town()
    entries = network.enter(ORIGIN + np.array([[50.0, 50.0]]))
    near = shapely.distance(territory.streets.geometry, shapely.Point(ORIGIN + 50)) == 50
    assert entries.edge.tolist() == np.flatnonzero(near).tolist()
    assert entries.access_mm.tolist() == [50_000] * 4


def test_a_street_more_than_twice_as_far_is_not_entered():
    """20 m from one street and 80 m from the opposite one, 50 m from those beside: only the nearest is entered."""
    _, network = town()
    assert network.enter(ORIGIN + np.array([[50.0, 20.0]])).access_mm.tolist() == [20_000]


def test_nobody_steps_out_over_a_wall():
    """With a wall before the nearest street, the next as near is entered; walled in, the nearest all the same."""
    territory, _ = town()
    xy = ORIGIN + np.array([[40.0, 50.0]])
    for corners, accesses in (
        ([[20, 0], [20, 100]], [50_000, 50_000, 60_000]),
        ([[20, 20], [80, 20], [80, 80], [20, 80], [20, 20]], [40_000]),
    ):
        wall = geometries([shapely.LineString(ORIGIN + np.array(corners, float))])
        barriers = Barriers(code=texts(["w"]), kind=texts(["wall"]), crossable=np.array([False]), geometry=wall)
        network = WalkNetwork(replace(territory, barriers=barriers), WalkParams())
        assert network.enter(xy).access_mm.tolist() == accesses


@pytest.mark.parametrize("seed", range(5))
def test_no_access_crosses_a_street(seed):
    """Wherever points lie, in blocks or beside the town, they step out onto the streets of their own block."""
    territory, network = town()
    entries = network.enter(ORIGIN + np.random.default_rng(seed).uniform(-150, 550, (60, 2)))
    streets = territory.streets.geometry
    feet = [streets[edge].interpolate(mm / 1000) for edge, mm in zip(entries.edge, entries.along_mm, strict=True)]
    lines = [shapely.LineString([entries.xy[i], foot]) for i, foot in zip(entries.point, feet, strict=True)]
    assert not any(shapely.crosses(line, streets).any() for line in lines)
    assert np.bincount(entries.point).max() > 1


def test_points_beyond_the_limit_are_off_the_network():
    """At 301 m from every street a point is off; at 299 m it is on."""
    _, network = town()
    assert network.enter(ORIGIN + np.array([[0, -301.0], [0, -299.0]])).on_network.tolist() == [False, True]


def test_off_network_points_walk_straight_to_what_is_near():
    """Two points 50 m apart and far from streets meet; one 70 m away does not."""
    _, network = town()
    here = network.enter(ORIGIN + np.array([[0, -500.0]]))
    there = network.targets(network.enter(ORIGIN + np.array([[0, -550.0], [0, -570.0]])))
    pairs = network.pairs(here, there, FAR)
    assert (pairs.target.tolist(), pairs.walk_mm.tolist()) == ([0], [50_000])


def test_a_barrier_stops_straight_walks_but_a_crossable_one_does_not():
    """With a wall between, two points 20 m apart go round by the street."""
    territory, network = town()
    xy = ORIGIN + np.array([[40.0, 30.0], [60.0, 30.0]])
    wall = geometries([shapely.LineString(ORIGIN + np.array([[50.0, 20.0], [50.0, 40.0]]))])
    walks = []
    for crossable in (True, False):
        barriers = Barriers(code=texts(["w"]), kind=texts(["wall"]), crossable=np.array([crossable]), geometry=wall)
        network = WalkNetwork(replace(territory, barriers=barriers), WalkParams())
        entries = network.enter(xy)
        pairs = network.pairs(entries, network.targets(entries), FAR)
        walks.append(int(pairs.walk_mm[(pairs.source == 0) & (pairs.target == 1)][0]))
    assert walks == [20_000, 80_000]


def test_without_streets_walks_are_straight_lines_stretched():
    """100 m become 130 m, limits and counts still hold."""
    network = WalkNetwork(without_streets(staffed(units_at([]), responders_at([]))), WalkParams())
    here = network.enter(ORIGIN[None])
    there = network.targets(network.enter(ORIGIN + np.array([[100.0, 0], [0, 50.0], [300.0, 0]])))
    pairs = network.pairs(here, there, 130_000)
    assert (pairs.target.tolist(), pairs.walk_mm.tolist()) == ([1, 0], [65_000, 130_000])
    assert network.pairs(here, there, 130_000, count=1).target.tolist() == [1]
    assert network.pairs(here, there, FAR, free=np.array([False, True, True])).target.tolist() == [1, 2]
    assert network.nearest(here, there, 200_000)[0].tolist() == [130_000, 65_000, -1]


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_source_is_the_best_of_all_pairs(seed):
    """One common search gives each target the least walk over all sources, and a source that has it."""
    _, network = town()
    rng = np.random.default_rng(seed)
    sources = network.enter(ORIGIN + rng.uniform(0, 400, (4, 2)))
    targets = network.targets(network.enter(ORIGIN + rng.uniform(0, 400, (30, 2))))
    pairs = network.pairs(sources, targets, FAR)
    table = np.zeros((4, 30), np.int64)
    table[pairs.source, pairs.target] = pairs.walk_mm
    walk, who = network.nearest(sources, targets, FAR)
    assert walk.tolist() == table.min(0).tolist()
    assert (table[who, np.arange(30)] == walk).all()
