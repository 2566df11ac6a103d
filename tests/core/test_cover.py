"""Location against trying every choice of sites."""

from itertools import combinations

import numpy as np
import pytest

from gridgeo.core.kernel.cover import Reached, cover_all, cover_most, median
from gridgeo.errors import InputError


def table(seed, demands=14, sites=7):
    """A random table of who reaches whom, weights, and costs."""
    rng = np.random.default_rng(seed)
    demand, site = np.nonzero(rng.random((demands, sites)) < 0.3)
    return Reached(demand, site), rng.integers(0, 9, demands), rng.integers(1, 50, len(demand))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("k", [1, 2, 4])
def test_cover_most_equals_the_best_of_all_choices(seed, k):
    """No k sites reach more weight, and the bound says so."""
    reached, weight, _ = table(seed)
    best = max(
        int(weight[np.unique(reached.demand[np.isin(reached.site, choice)])].sum())
        for choice in combinations(range(7), k)
    )
    located = cover_most(weight, 7, reached, k)
    assert located.value == best == pytest.approx(located.bound)
    assert weight[np.unique(reached.demand[np.isin(reached.site, located.site)])].sum() == best
    assert len(located.site) <= k


@pytest.mark.parametrize("seed", range(8))
def test_cover_all_takes_the_fewest_sites(seed):
    """Every demand in the table is reached, and no smaller choice does that."""
    reached, _, _ = table(seed)
    everyone = set(reached.demand.tolist())

    def covers(choice):
        return set(reached.demand[np.isin(reached.site, choice)].tolist()) == everyone

    located = cover_all(7, reached)
    assert covers(located.site) and len(located.site) == located.value == located.bound
    assert not any(covers(choice) for choice in combinations(range(7), len(located.site) - 1))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("k", [1, 3])
def test_median_equals_the_best_of_all_choices(seed, k):
    """No k sites give a smaller total, demands nobody reaches cheaply counting as far."""
    reached, weight, cost = table(seed)
    far = np.random.default_rng(seed).integers(10, 40, 14)

    def total(choice):
        least = far.copy()
        rows = np.isin(reached.site, choice)
        np.minimum.at(least, reached.demand[rows], cost[rows])
        return int((weight * least).sum())

    located = median(weight, 7, reached, cost, far, k)
    assert located.value == total(located.site) == min(map(total, combinations(range(7), k)))
    assert located.bound == pytest.approx(located.value)


def test_a_search_cut_short_still_gives_a_bound():
    """With one node the value may be short of the bound, never beyond it."""
    rng = np.random.default_rng(0)
    demand, site = np.nonzero(rng.random((120, 40)) < 0.1)
    weight = rng.integers(1, 100, 120)
    cut = cover_most(weight, 40, Reached(demand, site), 8, nodes=1)
    assert cut.value <= cover_most(weight, 40, Reached(demand, site), 8).value <= cut.bound + 1e-6


def test_a_search_that_finds_nothing_is_told():
    """A search without a single step ends in an error that says what to ask instead."""
    rng = np.random.default_rng(5)
    pairs = np.unique(rng.integers(0, 60, (600, 2)), axis=0)
    with pytest.raises(InputError, match="no choice of sites"):
        cover_all(60, Reached(pairs[:, 0], pairs[:, 1]), nodes=0)


def test_an_empty_table_needs_no_sites():
    """Nobody to reach, nothing to build."""
    none = Reached(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert cover_most(np.array([3]), 2, none, 1)[1:] == (0.0, 0.0)
    assert cover_all(2, none)[1:] == (0.0, 0.0)
    assert median(np.array([3]), 2, none, np.zeros(0), np.array([7]), 1)[1:] == (21.0, 21.0)
