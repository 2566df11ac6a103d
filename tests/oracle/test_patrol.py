"""Walks against exhaustive answers on tiny graphs."""

import itertools

import numpy as np
import pytest

from gridgeo.core.kernel.tjoin import tjoin
from gridgeo.core.patrol.exact import RuralTask, solve_rural
from gridgeo.core.patrol.network import components


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
    rows = tjoin(6, u, v, weight, odd)
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
