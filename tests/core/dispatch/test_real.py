"""The streets of a real city: walks agree with scipy, answers come in order."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.speed.dispatch import people_on, streets_of
from gridgeo.core.dispatch import AlarmDesk, AssignParams, ReachParams, assign_units, reach
from gridgeo.core.dispatch.network import WalkNetwork
from gridgeo.core.dispatch.params import WalkParams
from gridgeo.core.kernel.paths import UNREACHED, shortest_tree, starts_of
from tests.shared import shared

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wuhan():
    """Wuhan with 60 units, 800 people, 200 stations and 3,000 places at street nodes."""
    file = shared("places", "cn_wuhan_streets", "wuhan_8989_original.parquet")
    return people_on(streets_of(file), 60, 800)


def test_walks_to_every_node_equal_scipy(wuhan):
    """From three stations at nodes, all 80,000 nodes are as far as scipy's Dijkstra says."""
    streets = wuhan.streets
    network = WalkNetwork(wuhan, WalkParams())
    at = [int(np.flatnonzero((streets.node_xy == xy).all(1))[0]) for xy in wuhan.stations.xy[:3]]
    tree = shortest_tree(network.arcs, starts_of(1, np.zeros(3, np.int64), np.array(at), np.zeros(3, np.int64)))
    # scipy adds parallel edges up: only the shortest may stay
    ends = np.sort(np.stack([streets.tail, streets.head], 1), axis=1)
    order = np.lexsort((streets.length_mm, ends[:, 1], ends[:, 0]))
    order = order[np.unique(ends[order], axis=0, return_index=True)[1]]
    graph = coo_array((streets.length_mm[order], (ends[order, 0], ends[order, 1])), shape=(streets.nodes,) * 2).tocsr()
    wanted = dijkstra(graph, directed=False, indices=at).min(0)
    assert np.where(tree.cost == UNREACHED, np.inf, tree.cost).tolist() == wanted.tolist()


def test_reach_of_all_places_rises_with_the_limit_and_agrees_with_the_gaps(wuhan):
    """What is not within 15 minutes is a gap, one for one."""
    result = reach(wuhan, ReachParams())
    shares = [ring.places for ring in result.rings]
    assert shares == sorted(shares)
    assert sum(gap.kind == "place" for gap in result.gaps) == result.places - shares[-1]


def test_units_are_staffed_with_proof(wuhan):
    """The answer equals its bound, and every missing seat is in a certificate."""
    result = assign_units(wuhan, AssignParams())
    assert result.proven and result.bound == result.total_walk_s
    assert sum(s.missing for s in result.shortages) == result.missing_leads + result.missing_members


def test_a_desk_names_the_nearest_as_all_pairs_do(wuhan):
    """Twenty alarms: the first five are the five least walks."""
    desk = AlarmDesk(wuhan)
    network = desk.network
    people = network.targets(network.enter(wuhan.responders.xy))
    for xy in wuhan.places.xy[:20]:
        pairs = network.pairs(network.enter(xy[None]), people, desk.params.reach_mm(desk.params.max_walk_s))
        first = wuhan.responders.code[pairs.target[:5]].tolist()
        assert [called.code for called in desk.answer(xy).responders] == first
