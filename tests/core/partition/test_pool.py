"""Grids seen: each is kept once, at its price in the zone."""

import numpy as np

from gridgeo.core.partition.pool import note_plan, note_pool, pool_for
from gridgeo.core.partition.score import Rule, Units


def path(households, old):
    """A path of units with borders of 10, 20, ... meters, and the old grid of each."""
    n = len(households)
    ends = [(v, 10.0 * min(u, v) + 10.0) for u in range(n) for v in (u - 1, u + 1) if 0 <= v < n]
    ptr = np.cumsum([0, *(2 - (u in (0, n - 1)) for u in range(n))])
    moments = np.tile([1.0, 0.0, 0.0, 0.2], (n, 1))
    was = np.bincount(old, np.array(households) + 1).astype(np.int64)
    adjacent, weight = np.array([v for v, _ in ends]), np.array([w for _, w in ends])
    home = np.zeros(n, np.int64)
    return Units(ptr, adjacent, weight, np.array(households), moments, home, np.array(old), was)


def test_grids_of_a_window_are_noted_at_their_price_in_the_zone():
    """A window does not see the border to the rest; the zone's pool holds its grids with that border."""
    zone, window = path([5, 5, 5, 5], [0, 0, 1, 1]), path([5, 5], [0, 1])
    rule, mark = Rule(5, 10, 5, 10, 8.0, 0.0, 0.0, moving=100.0), np.full(4, -1, np.int64)
    seen, pool, direct = pool_for(10, 40), pool_for(10, 40), pool_for(10, 40)
    note_plan(seen, window, np.array([0, 1]), 2, rule, mark)
    note_pool(pool, zone, seen, np.array([1, 2]), rule, mark)
    expected = note_plan(direct, zone, np.array([0, 1, 2, 3]), 4, rule, mark)[1:3]
    assert pool.cost[: int(pool.used[0])].tolist() == expected.tolist()
    assert [pool.member[j] for j in range(2)] == [1, 2]
