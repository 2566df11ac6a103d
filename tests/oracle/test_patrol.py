"""Walks against exhaustive answers on tiny graphs."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.kernel.tjoin import Joins
from gridgeo.core.patrol.circuits import varied_circuits
from gridgeo.core.patrol.cutting import Relaxed, Torn, relax
from gridgeo.core.patrol.ends import open_walk
from gridgeo.core.patrol.exact import RuralAnswer, RuralTask, solve_rural
from gridgeo.core.patrol.network import components
from gridgeo.core.patrol.postman import Effort, shortest_walk


def tiny(rng, nodes, edges):
    """A connected random multigraph with whole weights."""
    tree = np.stack([np.arange(1, nodes), rng.integers(0, np.arange(1, nodes))])
    more = rng.integers(0, nodes, (2, edges - nodes + 1))
    u, v = np.concatenate([tree, more], axis=1)
    return u, v, rng.integers(1, 30, edges)


def cheapest_join(n, u, v, weight, odd):
    """Least weight of all edge sets with odd degree exactly at `odd`."""
    best = None
    wanted = np.isin(np.arange(n), odd)
    for chosen in itertools.product((False, True), repeat=len(u)):
        on = np.array(chosen)
        degree = np.bincount(np.concatenate([u[on], v[on]]), minlength=n)
        if ((degree % 2 == 1) == wanted).all():
            cost = int(weight[on].sum())
            best = cost if best is None else min(best, cost)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_tjoin_equals_all_edge_sets(seed):
    """The T-join weighs as little as the best of all edge sets, and is one."""
    rng = np.random.default_rng(seed)
    u, v, weight = tiny(rng, 6, 10)
    odd = np.sort(rng.choice(6, 2 * int(rng.integers(1, 4)), replace=False))
    rows = Joins(6, u, v, weight).join(odd)
    degree = np.bincount(np.concatenate([u[rows], v[rows]]), minlength=6)
    assert np.flatnonzero(degree % 2).tolist() == odd.tolist()
    assert weight[rows].sum() == cheapest_join(6, u, v, weight, odd)


def cheapest_rural(n, u, v, weight, required, start):
    """Least extra weight over all ways of walking each edge 0, 1 or 2 times more."""
    best = None
    for extra in itertools.product((0, 1, 2), repeat=len(u)):
        total = required + np.array(extra)
        degree = np.bincount(np.concatenate([np.repeat(u, total), np.repeat(v, total)]), minlength=n)
        if (degree % 2).any():
            continue
        label = components(n, u[total > 0], v[total > 0])
        touched = np.append(u[required > 0], start)
        if len(np.unique(label[touched])) == 1:
            cost = int(weight @ np.array(extra))
            best = cost if best is None else min(best, cost)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_rural_program_equals_all_walks(seed):
    """The integer program finds the least rural postman walk and proves it."""
    rng = np.random.default_rng(seed)
    u, v, weight = tiny(rng, 6, 8)
    required = (rng.random(8) < 0.4).astype(np.int64)
    start = int(rng.integers(6))
    task = RuralTask(n=6, u=u, v=v, forward=weight, backward=weight, passes=required, through=np.array([start]))
    answer = solve_rural(task)
    assert answer.proven
    assert answer.cost == cheapest_rural(6, u, v, weight, required, start) + int(weight @ required)


@pytest.mark.parametrize("seed", range(30))
def test_relaxed_bound_never_exceeds_the_least_walk(seed):
    """The bound of linear programming is at most what the best of all ways to link and even out costs."""
    rng = np.random.default_rng(seed)
    u, v, weight = tiny(rng, 6, 8)
    loop = u == v
    u, v, weight = u[~loop], v[~loop], weight[~loop]
    required = (rng.random(len(u)) < 0.4).astype(np.int64)
    on = required > 0
    piece = components(6, u[on], v[on])
    odd = np.bincount(np.concatenate([u[on], v[on]]), minlength=6) % 2 == 1
    start = int(u[on][0]) if on.any() else 0
    touched = np.isin(np.arange(6), np.append(np.concatenate([u[on], v[on]]), start))
    least = cheapest_rural(6, u, v, weight, required, start)
    away = all_pairs(6, u, v, weight)
    names = np.flatnonzero(touched)
    i, j = np.triu_indices(len(names), 1)
    label = np.unique(piece[names], return_inverse=True)[1]
    answer = relax(Torn(label, odd[names], i, j, away[names[i], names[j]]))
    assert answer.bound <= least
    assert answer.done
    assert answer.bound >= 0.75 * least


def all_pairs(n, u, v, weight):
    """Shortest distances (Floyd and Warshall)."""
    away = np.full((n, n), 10**6)
    np.minimum.at(away, (u, v), weight)
    away = np.minimum(away, away.T)
    away[np.arange(n), np.arange(n)] = 0
    for middle in range(n):
        away = np.minimum(away, away[:, [middle]] + away[[middle]])
    return away


@pytest.mark.parametrize("seed", range(12))
def test_open_walks_equal_all_edge_sets(seed):
    """The walk from one node to another over all edges is as short as the best edge set that evens the others out."""
    rng = np.random.default_rng(seed)
    u, v, weight = tiny(rng, 7, 10)
    start, end = rng.choice(7, 2, replace=False).tolist()
    network = on_one_spot(7, u, v, weight)
    walk = shortest_walk(network, np.arange(10), start, end=end)
    degree = np.bincount(np.concatenate([u, v, [start, end]]), minlength=7)
    best = cheapest_join(7, u, v, weight, np.flatnonzero(degree % 2))
    assert walk.proven
    assert walk.length_mm == weight.sum() + best


def on_one_spot(n, u, v, weight):
    """A network on one spot: nodes all at the origin, so that every patch is the whole."""
    import shapely

    from gridgeo.core.model import geometries
    from gridgeo.core.patrol.network import Network
    from tests.instances import lattice

    lines = geometries(shapely.linestrings(np.zeros((len(u), 2, 2))))
    streets = replace(
        lattice(1, 1).streets,
        node_xy=np.zeros((n, 2)),
        tail=u.astype(np.int32),
        head=v.astype(np.int32),
        line=np.zeros(len(u), np.int32),
        length_mm=weight.astype(np.int64),
        geometry=lines,
    )
    return Network(streets)


def torn(seed):
    """A network of six nodes on one spot, some of its edges, required once or twice, and the least walk of all ends."""
    rng = np.random.default_rng(seed)
    u, v, weight = tiny(rng, 6, 8)
    rows = np.union1d(np.flatnonzero(rng.random(8) < 0.4), rng.integers(8))
    rows = np.repeat(rows, 1 + (rng.random(len(rows)) < 0.2))
    return on_one_spot(6, u, v, weight), rows, all_least(6, u, v, weight, np.bincount(rows, minlength=8))


def all_least(n, u, v, weight, required):
    """Length of the least walk over required edges between each two nodes, each edge up to two times more, (n, n)."""
    total = required + np.array(list(itertools.product((0, 1, 2), repeat=len(u))))
    ends = np.zeros((len(u), n), int)
    np.add.at(ends, (np.arange(len(u)), u), 1)
    np.add.at(ends, (np.arange(len(u)), v), 1)
    odd, cost = total @ ends % 2, total @ weight
    least = np.full((n, n), np.iinfo(np.int64).max)
    for row in np.flatnonzero(odd.sum(axis=1) <= 2):
        on = total[row] > 0
        label, touched = components(n, u[on], v[on]), np.union1d(u[on], v[on])
        if (label[touched] == label[touched[0]]).all():
            a, b = np.flatnonzero(odd[row]) if odd[row].any() else (touched, touched)
            least[a, b] = least[b, a] = np.minimum(least[a, b], cost[row])
    return least


def assert_walk(network, walk, rows, best):
    """The walk can be walked over all rows, is as long as it says, and its bound holds."""
    edges = np.concatenate([walk.required, walk.extra])
    assert walk.required.tolist() == rows.tolist()
    assert walk.length_mm == network.length_mm[edges].sum()
    steps = varied_circuits(network, walk, 1, tries=2, rng_seed=1)[0]
    assert sorted((steps[0] >> 1).tolist()) == sorted(edges.tolist())
    assert walk.bound_mm <= best <= walk.length_mm


@pytest.mark.parametrize("seed", range(12))
def test_rural_walks_equal_all_walks(seed):
    """Over some of the edges, from any node to any other, the walk can be walked and is the best where proven."""
    network, rows, least = torn(seed)
    for start, end in itertools.product(range(6), repeat=2):
        walk = shortest_walk(network, rows, start, end=end, effort=Effort(prove=True))
        assert_walk(network, walk, rows, least[start, end])


def test_an_open_walk_in_pieces_takes_no_way_home():
    """Where the edge that closes an open walk would even out degrees if it counted twice, it counts once."""
    u, v = np.array([1, 2, 3, 4, 5, 6, 1, 5, 6]), np.array([0, 0, 1, 3, 4, 0, 1, 2, 6])
    network = on_one_spot(7, u, v, np.array([13, 8, 25, 8, 12, 19, 16, 3, 1]))
    rows = np.array([2, 4, 6, 8])
    walk = shortest_walk(network, rows, 3, end=1, effort=Effort(prove=True))
    assert_walk(network, walk, rows, 142)
    assert walk.proven


@pytest.mark.parametrize("seed", range(12))
def test_walks_with_free_ends_equal_all_walks(seed):
    """Ending anywhere, or beginning so too, no walk undercuts the bound; streets that hang together are proven."""
    network, rows, least = torn(seed)
    for start in range(6):
        walk = open_walk(network, rows, start)
        assert_walk(network, walk, rows, least[start].min())
        assert walk.length_mm <= shortest_walk(network, rows, start).length_mm
        assert walk.proven or not network.hangs_together(rows, start, start)
    walk = open_walk(network, rows, 0, free_start=True)
    assert_walk(network, walk, rows, least.min())


@pytest.mark.parametrize("free_start", [False, True])
def test_an_open_walk_around_a_ring_ends_where_it_began(free_start):
    """Streets without an odd node are walked in a ring: no other end is better."""
    ring = on_one_spot(4, np.arange(4), np.array([1, 2, 3, 0]), np.full(4, 5))
    walk = open_walk(ring, np.arange(4), 0, free_start=free_start)
    assert (walk.start, walk.end, walk.length_mm, walk.proven) == (0, 0, 20, True)


def test_a_walk_that_cannot_be_walked_proves_nothing(monkeypatch):
    """Answers of the integer program with odd degrees or in pieces are left aside, and so are their bounds."""
    from gridgeo.core.patrol import postman

    u, v, weight = np.array([0, 1, 2, 3, 4]), np.array([1, 2, 3, 4, 5]), np.array([10, 100, 10, 100, 10])
    network, rows = on_one_spot(6, u, v, weight), np.array([0, 2, 4])

    def wrong(task, **limits):
        none = np.zeros(len(task.u), np.int64)
        return RuralAnswer(forward=task.passes, backward=none, cost=30, bound=10_000)

    monkeypatch.setattr(postman, "relax", lambda torn, work: Relaxed(bound=0, passes=np.zeros(len(torn.i)), done=True))
    monkeypatch.setattr(postman, "solve_rural", wrong)
    walk = shortest_walk(network, rows, 0, effort=Effort(prove=True))
    assert walk.length_mm == 460
    assert not walk.proven
