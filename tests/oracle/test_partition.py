"""Exactness of drawing against brute force on tiny graphs and against a published list of all plans."""

import json
from itertools import product

import numpy as np
import pytest

from gridgeo.core.kernel.graph import components, csr
from gridgeo.core.partition.bound import prove
from gridgeo.core.partition.listing import list_grids
from gridgeo.core.partition.pool import note_plan, pool_for
from gridgeo.core.partition.score import Rule, Units
from tests.shared import shared


def units_of(u, v, households, weight=None, home=None):
    """Graph of units that lie on a small ring, each of unit area."""
    n, m = len(households), len(u)
    ptr, adj, edge = csr(n, np.asarray(u), np.asarray(v))
    weight = np.ones(m) if weight is None else np.asarray(weight, float)
    angle = np.arange(n) * 2 * np.pi / n
    x, y = np.cos(angle) * n, np.sin(angle) * n
    moments = np.stack([np.ones(n), x, y, x**2 + y**2 + 1 / 12], axis=1)
    homes = np.zeros(n, np.int64) if home is None else np.asarray(home, np.int64)
    return Units(ptr, adj, weight[edge], np.asarray(households, np.int64), moments, homes)


def small_lattice(rows, cols, seed):
    """Lattice graph with random households and border prices."""
    rng = np.random.default_rng(seed)
    cell = np.arange(rows * cols).reshape(rows, cols)
    u = np.r_[cell[:, :-1].ravel(), cell[:-1].ravel()]
    v = np.r_[cell[:, 1:].ravel(), cell[1:].ravel()]
    return u, v, units_of(u, v, rng.integers(40, 160, rows * cols), rng.uniform(1, 9, len(u)) * 20)


def whole(n, u, v, members):
    """Whether a set of units is connected."""
    inside = np.zeros(n, bool)
    inside[members] = True
    kept = inside[u] & inside[v]
    return len(np.unique(components(n, u[kept], v[kept])[members])) == 1


def price(units, rule, label):
    """Price of a plan as the pool sees it."""
    grids = int(label.max()) + 1
    mark = np.full(len(label), -1, np.int64)
    return float(note_plan(pool_for(50, 500), units, label, grids, rule, mark).sum())


@pytest.mark.parametrize("seed", range(4))
def test_proof_agrees_with_all_labelings(seed):
    """The proven plan of a 2 x 4 lattice costs what the best of all labelings costs."""
    u, v, units = small_lattice(2, 4, seed)
    rule = Rule(200, 400, 200, 400, 300.0, 25.0, 1.0)
    best = np.inf
    for tail in product(range(4), repeat=7):
        label = np.array((0, *tail))
        if len(np.unique(label)) <= label.max():
            continue
        size = np.bincount(label, units.households)
        if size.min() < 200 or size.max() > 400:
            continue
        if all(whole(8, u, v, np.flatnonzero(label == g)) for g in range(label.max() + 1)):
            best = min(best, price(units, rule, label))
    proof = prove(units, rule, np.zeros(8, np.int64), np.inf)
    assert proof.status == ("none" if np.isinf(best) else "optimal")
    assert proof.cost == pytest.approx(best)


def test_a_plan_arithmetic_allows_may_be_proven_absent():
    """A star of 350 and five times 250 around it holds 1,600 households but no plan of connected grids."""
    units = units_of([0] * 5, [1, 2, 3, 4, 5], [350, 250, 250, 250, 250, 250])
    proof = prove(units, Rule(300, 500, 300, 500, 400.0, 25.0, 1.0), np.zeros(6, np.int64), np.inf)
    assert proof.status == "none"


def test_the_list_of_grids_is_complete():
    """Every connected set within the band whose rest can be divided by arithmetic is listed exactly once."""
    u, v, units = small_lattice(3, 3, 9)
    rule = Rule(200, 400, 200, 400, 300.0, 25.0, 1.0)
    mask, _, complete = list_grids(units, rule, 1000, 100_000)
    expected = set()
    for bits in range(1, 512):
        members = np.flatnonzero([bits >> i & 1 for i in range(9)])
        size = int(units.households[members].sum())
        if 200 <= size <= 400 and whole(9, u, v, members) and rest_fits(units, u, v, members):
            expected.add(bits)
    assert complete
    assert sorted(mask.tolist()) == sorted(expected)


def rest_fits(units, u, v, members):
    """Whether each connected part of the other units can be divided into whole grids of 200 to 400."""
    n = len(units.households)
    outside = np.ones(n, bool)
    outside[members] = False
    kept = outside[u] & outside[v]
    part = components(n, u[kept], v[kept])
    size = [units.households[outside & (part == p)].sum() for p in np.unique(part[outside])]
    return all(-(-int(s) // 400) <= int(s) // 200 for s in size)


@pytest.mark.slow
def test_all_connected_plans_of_a_published_graph():
    """On 25 precincts the listed grids recombine to the cheapest of all published connected plans within the band."""
    graph = json.loads(shared("bench", "districting_enum", "fl25.json").read_text())
    table = np.load(shared("bench", "districting_enum", "fl25_all_plans_k3.npz"))
    plans = table["plans"].T
    people = np.array(graph["population"])
    pairs = np.array([(a, b) for a, near in enumerate(graph["adjacency"]) for b in near if a < b])
    mean = people.sum() / 3
    low, high = int(0.9 * mean), int(1.1 * mean)
    units = units_of(pairs[:, 0], pairs[:, 1], people)
    size = np.stack([((plans == g) * people).sum(axis=1) for g in np.unique(plans)], axis=1)
    kept = plans[(size.min(axis=1) >= low) & (size.max(axis=1) <= high)]
    cut = (kept[:, pairs[:, 0]] != kept[:, pairs[:, 1]]).sum(axis=1)
    proof = prove(units, Rule(low, high, low, high, mean, 0.0, 0.0), np.zeros(25, np.int64), np.inf)
    assert proof.status == "optimal"
    assert proof.cost == cut.min()
