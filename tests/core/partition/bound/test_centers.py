"""Bounds by centers: no possible grid costs less than its shares, and towns of many small units have a bound."""

import numpy as np
import pytest

from gridgeo.core.kernel.graph import csr
from gridgeo.core.model import never
from gridgeo.core.partition.bound import centers, prove
from gridgeo.core.partition.bound.centers import (
    areas_of,
    center_bound,
    first_shares,
    land_of,
    least_mixed,
    settle_tile,
    tiled,
)
from gridgeo.core.partition.listing import list_grids
from gridgeo.core.partition.pool import note_plan, pool_for
from gridgeo.core.partition.score import MIXED, Rule, Units
from gridgeo.core.partition.stream import stream_of
from gridgeo.core.partition.tree import desk_for
from gridgeo.core.partition.zone import Task, draw_zone

RULE = Rule(300, 500, 300, 500, 400.0, 25.0, 1.0)
SIDE = 110.0


def town(seed, rows, cols):
    """Lattice of blocks of uneven size, with empty ones, towers, holes (blocks left out) and barriers (edges cut)."""
    rng = np.random.default_rng(seed)
    there = rng.random((rows, cols)) > (0.12 if seed % 2 else 0.0)
    there[0] = there[:, 0] = True
    number = np.where(there.ravel(), np.cumsum(there.ravel()) - 1, -1).reshape(rows, cols)
    u = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    v = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    open_ = (rng.random(len(u)) > (0.15 if seed % 3 == 0 else 0.0)) | (u < cols) | (u % cols == 0)
    u, v = u[(u >= 0) & (v >= 0) & open_], v[(u >= 0) & (v >= 0) & open_]
    n = int(there.sum())
    households = rng.integers(10, 120, n)
    households[rng.random(n) < 0.2] = 0
    households[rng.random(n) < 0.08] *= 3
    ptr, adj, edge = csr(n, np.minimum(u, v), np.maximum(u, v))
    weight = (SIDE * rng.choice([0.5, 1.0, 1.5, 3.0], len(u)))[edge]
    y, x = (SIDE * at + rng.uniform(-20, 20, n) for at in np.nonzero(there))
    area = SIDE**2 * rng.uniform(0.3, 1.2, n)
    moments = np.stack([area, area * x, area * y, area * (x * x + y * y) + area**2 / 12], 1)
    home = (x > SIDE * cols / 2).astype(np.int64) if seed % 5 == 0 else np.zeros(n, np.int64)
    return Units(ptr, adj, weight, households.astype(np.int64), moments, home)


def prices(units, label, rule=RULE):
    """Price of each grid of a plan."""
    return note_plan(pool_for(1, 1), units, label, int(label.max()) + 1, rule, desk_for(units).mark)


def checked(units, rule, start, monkeypatch):
    """Settle shares from one grid's price, and see whether a grid costs less; grids checked."""
    monkeypatch.setattr(centers, "START", start)
    label = np.zeros(len(units.households), np.int64)
    share, worst = first_shares(units, label, np.full(1, 250.0 * len(label))), 0.0
    for box in tiled(units, rule):
        share, more = settle_tile(units, rule, share, box, 1500.0, stop=never)
        worst = max(worst, more)
    mask, price, _ = list_grids(units, rule, 100_000, 400_000)
    inside = (mask[:, None] >> np.arange(len(label), dtype=np.uint64)) & np.uint64(1)
    assert (inside @ share <= price + worst + 1e-6).all()
    return len(price)


@pytest.mark.slow
@pytest.mark.parametrize("start", [0.1, 0.4, 1.5])
def test_no_grid_undercuts_its_shares(start, monkeypatch):
    """Of all grids that a small town has, none costs less than its shares, however high these began."""
    assert sum(checked(town(seed, 4, 6), RULE, start, monkeypatch) for seed in range(20)) > 10_000


def test_no_grid_undercuts_its_shares_whatever_the_rule(monkeypatch):
    """The same with other bands, targets and prices, one without a lower limit among them."""
    for rule in (
        Rule(250, 300, 250, 300, 260.0, 0.0, 1.0),
        Rule(300, 500, 300, 500, 480.0, 200.0, 3.0),
        Rule(1, 200, 1, 200, 150.0, 10.0, 0.5),
    ):
        assert checked(town(2, 4, 5), rule, 0.4, monkeypatch)


@pytest.mark.slow
def test_no_plan_undercuts_the_bound():
    """On random towns the bound stays at or below the proven best price."""
    met = 0
    for seed in range(12):
        units = town(seed, 4, 5)
        found = prove(units, RULE, np.zeros(len(units.households), np.int64), np.inf)
        if found.status == "optimal":
            met += 1
            low = center_bound(units, RULE, found.label, prices(units, found.label), stop=never)
            assert low <= found.cost * (1 + 1e-9), seed
    assert met >= 4


@pytest.mark.slow
def test_a_town_of_many_small_units_has_a_bound():
    """Where grids are too many to list, the bound is most of the price of the plan."""
    units = town(1, 12, 12)
    plan = draw_zone(Task(units, RULE, stream_of(1, "town"), 1, 6, 0, True), stop=never)
    assert plan.broken == 0
    assert plan.bound > 0.6 * plan.cost


def test_land_without_area_has_no_bound():
    """Where a grid may have no area, its shape costs nothing, and no bound is claimed."""
    units = town(2, 4, 5)
    flat = units.moments.copy()
    flat[:15] = 0
    units = units._replace(moments=flat)
    label = np.zeros(len(flat), np.int64)
    assert areas_of(land_of(units), RULE) == []
    assert center_bound(units, RULE, label, np.ones(1), stop=never) == 0


def test_a_stopped_search_has_no_bound():
    """A bound half made is none."""
    units = town(2, 4, 5)
    label = np.zeros(len(units.households), np.int64)
    assert center_bound(units, RULE, label, np.full(1, 5000.0), stop=lambda: True) == 0


def test_communities_that_fit_no_grid_are_mixed():
    """Two halves of a town of which one fits no whole number of grids share at least one grid."""
    units = town(5, 4, 6)
    households = np.where(units.home == 0, 900 // (units.home == 0).sum(), 290 // (units.home == 1).sum())
    assert least_mixed(units._replace(households=households), RULE) == MIXED
    assert least_mixed(units._replace(households=np.full(len(households), 80)), RULE) == 0
