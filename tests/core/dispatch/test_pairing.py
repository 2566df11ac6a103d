"""Pairing with capacities and preferences."""

from itertools import combinations

import numpy as np
import pytest

from gridgeo.core.dispatch import pair_up
from gridgeo.errors import InputError


@pytest.mark.parametrize("seed", range(10))
def test_pairs_are_most_then_cheapest_of_all_choices(seed):
    """Every set of allowed pairs that keeps the capacities is tried."""
    rng = np.random.default_rng(seed)
    givers, takers = ({f"{side}{i}": int(rng.integers(0, 3)) for i in range(3)} for side in "gt")
    costs = {(g, t): int(rng.integers(0, 9)) for g in givers for t in takers if rng.random() < 0.8}
    kept = []
    for size in range(len(costs) + 1):
        for chosen in combinations(costs, size):
            fits = all(sum(name in pair for pair in chosen) <= most for name, most in (givers | takers).items())
            kept += [(-size, sum(costs[pair] for pair in chosen))] if fits else []
    result = pair_up(givers, takers, costs)
    assert (-len(result.pairs), result.cost) == min(kept)
    assert result.bound == result.cost
    assert sum(takers.values()) - len(result.pairs) == sum(result.missing.values())


def test_a_pair_is_made_once_whatever_the_capacities():
    """One giver of five for one taker who wants three: one pair, two missing."""
    result = pair_up({"g": 5}, {"t": 3})
    assert result.pairs == (("g", "t", 0),) and result.missing == {"t": 2}


def test_nobody_at_all_pairs_nobody():
    """Takers without givers all stay missing."""
    assert pair_up({}, {"t": 1}).missing == {"t": 1}


def test_all_faults_are_listed_at_once():
    """A negative count, an unknown code and a negative cost in one error."""
    with pytest.raises(InputError) as caught:
        pair_up({"g": -1}, {"t": 1}, {("g", "x"): 0, ("g", "t"): -2})
    assert caught.value.message == "g has -1; g with x names nobody; g with t costs -2"
