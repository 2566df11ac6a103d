"""Pairing with capacities and preferences."""

from collections import Counter
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


@pytest.mark.parametrize("seed", range(30))
def test_without_costs_as_many_pairs_as_with_all_at_no_cost(seed):
    """Made one by one where every pair is free, pairs are as many as the flow through a table of all of them finds."""
    rng = np.random.default_rng(seed)
    givers, takers = ({f"{side}{i}": int(rng.integers(0, 7)) for i in range(rng.integers(0, 9))} for side in "gt")
    free = pair_up(givers, takers)
    table = pair_up(givers, takers, {(g, t): 0 for g in givers for t in takers})
    assert len(free.pairs) == len(table.pairs) == len(set(free.pairs))
    for side, wanted in enumerate((givers, takers)):
        served = Counter(pair[side] for pair in free.pairs)
        assert all(served[name] <= count for name, count in wanted.items())
    assert sum(free.missing.values()) == sum(takers.values()) - len(free.pairs)


def test_ten_thousand_with_ten_thousand():
    """Without costs no table of a hundred million pairs is made."""
    result = pair_up({f"g{i}": 2 for i in range(10_000)}, {f"t{i}": 2 for i in range(10_000)})
    assert len(result.pairs) == 20_000 and not result.missing


def test_an_empty_list_of_costs_allows_nobody():
    """No pair is named, so none is made."""
    assert pair_up({"g": 1}, {"t": 1}, {}).missing == {"t": 1}


def test_more_pairs_than_an_answer_holds():
    """Two thousand who each may have two thousand are refused before anything is computed."""
    with pytest.raises(InputError, match="up to 4000000 pairs"):
        pair_up({f"g{i}": 2_000 for i in range(2_000)}, {f"t{i}": 2_000 for i in range(2_000)})


def test_nobody_at_all_pairs_nobody():
    """Takers without givers all stay missing."""
    assert pair_up({}, {"t": 1}).missing == {"t": 1}


def test_all_faults_are_listed_at_once():
    """A negative count, an unknown code and a negative cost in one error."""
    with pytest.raises(InputError) as caught:
        pair_up({"g": -1}, {"t": 1}, {("g", "x"): 0, ("g", "t"): -2})
    assert caught.value.message == "g has -1; g with x names nobody; g with t costs -2"
