"""Bounds by shares: never above the best plan, and close to it where the list is complete."""

from functools import cache

import numpy as np
import pytest

from gridgeo.core.kernel.graph import csr
from gridgeo.core.model import never
from gridgeo.core.partition.bound import plain_bound, prove, shares
from gridgeo.core.partition.bound.shares import listed, most_within, share_bound
from gridgeo.core.partition.bound.thin import LEVELS, thinned
from gridgeo.core.partition.pool import note_plan, pool_for
from gridgeo.core.partition.score import Rule, Units
from gridgeo.core.partition.stream import stream_of
from gridgeo.core.partition.tree import desk_for
from gridgeo.core.partition.zone import Task, draw_zone

RULE = Rule(300, 500, 300, 500, 400.0, 25.0, 1.0)


def random_zone(seed, rows=3, cols=5):
    """Lattice of units with random households (some none), weights, areas, communities, and a hub beside many."""
    rng = np.random.default_rng(seed)
    cell = np.arange(rows * cols).reshape(rows, cols)
    u = np.r_[cell[:, :-1].ravel(), cell[:-1].ravel()]
    v = np.r_[cell[:, 1:].ravel(), cell[1:].ravel()]
    n = rows * cols
    if seed % 3 == 0:
        near = rng.choice(n, int(rng.integers(2, n)), replace=False)
        u, v, n = np.r_[u, near], np.r_[v, np.full(len(near), n)], n + 1
    households = rng.integers(20, 260, n)
    households[rng.random(n) < 0.25] = 0
    households[-1] = 0
    ptr, adj, edge = csr(n, u, v)
    weight = rng.uniform(0.01, 300, len(u))[edge]
    area = rng.uniform(500, 40_000, n)
    x, y = rng.uniform(0, 900, (2, n))
    moments = np.stack([area, area * x, area * y, area * (x * x + y * y) + area**2 / 12], 1)
    home = rng.integers(0, 2, n) if seed % 4 == 0 else np.zeros(n, np.int64)
    return Units(ptr, adj, weight, households.astype(np.int64), moments, home)


def best_plan(units):
    """Proven best plan and its price, or None where there is none."""
    proof = prove(units, RULE, np.zeros(len(units.households), np.int64), np.inf)
    return proof if proof.status == "optimal" else None


@cache
def solved(seed):
    """A random zone and its best plan, or None."""
    units = random_zone(seed)
    return units, best_plan(units)


def prices(units, label):
    """Price of each grid of a plan."""
    return note_plan(pool_for(1, 1), units, label, int(label.max()) + 1, RULE, desk_for(units).mark)


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_no_plan_undercuts_the_bound(first, monkeypatch):
    """On random zones the bound stays at or below the proven best price, however much the zone is thinned."""
    monkeypatch.setattr(shares, "LEVELS", LEVELS[first:])
    monkeypatch.setattr("gridgeo.core.partition.bound.thin.LEVELS", LEVELS[first:])
    checked = 0
    for seed in range(40):
        units, found = solved(seed)
        if found is not None:
            checked += 1
            low = share_bound(units, RULE, found.label, prices(units, found.label))
            assert low <= found.cost * (1 + 1e-9), seed
            assert plain_bound(units, RULE) <= found.cost, seed
    assert checked >= 10


def test_the_bound_is_close_where_nothing_is_left_out():
    """With households everywhere all grids are listed, and the bound is within a tenth of the best price."""
    units = random_zone(1, 4, 5)
    units = units._replace(households=units.households + 60)
    found = best_plan(units)
    assert found is not None
    assert share_bound(units, RULE, found.label, prices(units, found.label)) >= 0.9 * found.cost


def test_a_wild_unit_is_a_hub_without_households():
    """A unit without households and with more neighbors than its level allows is wild; others are free."""
    units = random_zone(0)
    units = units._replace(households=np.where(np.arange(len(units.households)) % 5 == 0, 0, 100))
    thin = thinned(units, np.zeros(len(units.households), np.int64))
    assert len(thin.row) == (units.households > 0).sum()
    many = np.diff(units.ptr) > LEVELS[0, 1]
    assert thin.wild.tolist() == np.flatnonzero(many & (units.households == 0)).tolist()


def test_a_zone_too_fine_to_list_has_no_shares(monkeypatch):
    """Where even the thinnest list is too long, nothing is said."""
    monkeypatch.setattr(shares, "SETS", 3)
    assert listed(random_zone(1), RULE) is None


def test_most_within_splits_the_last_unit():
    """The most that shares add up to fills the room by share for each household; losses are left out."""
    assert most_within(np.array([6.0, 6.0, -5.0, 1.0]), np.array([2, 4, 1, 0]), 4) == 6.0 + 3.0 + 1.0


def test_a_large_zone_tells_a_bound():
    """A zone too large for a proof is bounded within a third of its price, and never above it."""
    units = random_zone(2, 9, 9)
    units = units._replace(households=np.maximum(units.households, 90))
    plan = draw_zone(Task(units, RULE, stream_of(1, "bound"), 1, 6, 0, True), stop=never)
    assert plan.status == "open"
    assert 0.66 * plan.cost <= plan.bound <= plan.cost
