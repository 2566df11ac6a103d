"""Groups of neighbors: cuts against every way to cut, and moves that only better them."""

import numpy as np
import pytest

from gridgeo.core.kernel.clusters import cut_order, exchange, middle, walking_order


def street(seed, n=9):
    """Points on a plane, their walks, and weights 1..3."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 60, (n, 2))
    walk = np.rint(np.linalg.norm(xy[:, None] - xy[None], axis=2)).astype(np.int64)
    return walk, rng.integers(1, 4, n)


def price(walk, weight, groups, band, size, limit):
    """(weight below the band, cost) of a grouping; None when a rule is broken."""
    below, cost = 0, 0
    for rows in groups:
        total = int(weight[rows].sum())
        middles = [int((weight[rows] * walk[c, rows]).sum()) for c in rows if walk[c, rows].max() <= limit]
        if total > band[1] or not middles:
            return None
        below += total if total < band[0] else 0
        cost += min(middles) + (total - size) ** 2
    return below, cost


def cuts(order):
    """Every way to cut an order into runs."""
    if len(order) == 0:
        yield []
    for first in range(1, len(order) + 1):
        for rest in cuts(order[first:]):
            yield [order[:first], *rest]


def grouped(group):
    """Rows of each group."""
    return [np.flatnonzero(group == g) for g in range(int(group.max()) + 1)]


RULES = ((4, 7), 5, 30)


@pytest.mark.parametrize("seed", range(8))
def test_a_cut_is_the_best_of_all_cuts_of_the_order(seed):
    """Least weight below the band, then least cost, over all 256 ways to cut nine things."""
    walk, weight = street(seed)
    order = walking_order(walk)
    group = cut_order(walk, weight, order, *RULES)
    found = [p for p in (price(walk, weight, runs, *RULES) for runs in cuts(order)) if p is not None]
    assert price(walk, weight, grouped(group), *RULES) == min(found)


@pytest.mark.parametrize("seed", range(8))
def test_an_exchange_never_makes_it_worse_and_keeps_the_rules(seed):
    """The price after is a price, and at most the one before."""
    walk, weight = street(seed, 20)
    before = cut_order(walk, weight, walking_order(walk), *RULES)
    after = exchange(walk, weight, before, *RULES)
    assert price(walk, weight, grouped(after), *RULES) <= price(walk, weight, grouped(before), *RULES)


@pytest.mark.parametrize("seed", range(5))
def test_no_two_opt_step_shortens_a_walking_order(seed):
    """Reversing any run of the order leaves it at least as long."""
    walk, _ = street(seed, 12)
    order = walking_order(walk)
    assert sorted(order.tolist()) == list(range(12))

    def length(o):
        return walk[o[:-1], o[1:]].sum()

    for i in range(11):
        for j in range(i + 1, 12):
            assert length(np.concatenate([order[:i], order[i : j + 1][::-1], order[j + 1 :]])) >= length(order)


def test_there_is_no_middle_when_everybody_is_too_far_from_somebody():
    """Two ends 10 apart with a limit of 9."""
    walk = np.array([[0, 10], [10, 0]])
    assert middle(walk, np.ones(2, np.int64), 9) == -1
