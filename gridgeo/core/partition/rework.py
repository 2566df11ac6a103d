"""Better plans by windows: draw a few neighbor grids anew, cut their pairs once more, and keep what is cheaper.

A large neighborhood search (Shaw 1998, doi:10.1007/3-540-49481-2_30): while it is hot, windows that cost a little
more are kept as well. Every grid seen on the way goes into the pool.
"""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.improve import cut_pair, members_of, pick, relabel
from gridgeo.core.partition.pool import Pool, note, note_plan
from gridgeo.core.partition.score import Rule, Units
from gridgeo.core.partition.seed import divide
from gridgeo.core.partition.stream import Stream, below, uniform
from gridgeo.core.partition.tree import Desk

WIDEST = 7
"""Grids a window holds at most; at least 3."""
CUTS = 2
"""Pairs cut anew in a window, for each of its grids."""
CUT_TREES = 8
"""Trees grown for each of these cuts."""


@inner
def grids_near(units: Units, label: Any, u: int, grids: Any, desk: Desk) -> int:
    """Write the first labels met around unit u, its own first, into `grids`; return how many there are."""
    queue = desk.order
    queue[0] = u
    desk.mark[u] = 0
    got, i, found = 1, 0, 0
    while i < got and found < len(grids):
        x = queue[i]
        i += 1
        new = True
        for j in range(found):
            new = new and grids[j] != label[x]
        if new:
            grids[found] = label[x]
            found += 1
        for e in range(units.ptr[x], units.ptr[x + 1]):
            v = units.adj[e]
            if desk.mark[v] < 0:
                desk.mark[v] = 0
                queue[got] = v
                got += 1
    for j in range(got):
        desk.mark[queue[j]] = -1
    return found


@inner
def draw_window(
    units: Units, nodes: Any, count: int, rule: Rule, price: Any, pool: Pool, desk: Desk, stream: Stream
) -> Any:
    """Divide the nodes and cut pairs of grids anew: the grid of each node, and the number of grids (free with 0).

    `price` gets the price of each.
    """
    size = len(nodes)
    target = rule.soft_low + (0.2 + 0.75 * uniform(stream)) * (rule.soft_high - rule.soft_low)
    part = np.zeros(size, np.int64)
    k = divide(units, nodes, count, target, rule, 1, desk, stream, part)
    for j in range(k):
        price[j] = note(pool, units, pick(nodes, part, j), rule, desk.mark)
    for i in range(size):
        desk.part[nodes[i]] = part[i]
    for _ in range(CUTS * k):
        u = nodes[below(stream, size)]
        cut_pair(units, desk.part, price, u, rule, CUT_TREES, pool, desk, stream)
    for i in range(size):
        part[i] = desk.part[nodes[i]]
        desk.part[nodes[i]] = -1
    return part, k


@inner
def rework_window(
    units: Units,
    label: Any,
    price: Any,
    u: int,
    rule: Rule,
    heat: float,
    keep_count: bool,
    pool: Pool,
    desk: Desk,
    stream: Stream,
) -> float:
    """Draw a window of grids around unit u anew; keep it when it is cheaper, or little dearer; return the gain."""
    grids = np.full(3 + below(stream, WIDEST - 2), -1)
    found = grids_near(units, label, u, grids, desk)
    if found < 2:
        return 0.0
    nodes = members_of(units, label, u, grids, desk)
    cost = np.zeros(len(nodes) + 1)
    part, k = draw_window(units, nodes, found if keep_count else 0, rule, cost, pool, desk, stream)
    if keep_count and k != found:
        return 0.0
    gain = -cost[:k].sum()
    for g in grids[:found]:
        gain += price[g]
    if gain < 1e-9 and (gain > -1e-9 or uniform(stream) >= math.exp(gain / heat)):
        return 0.0
    for g in grids[:found]:
        price[g] = 0.0
    relabel(label, price, nodes, part, k, cost, grids)
    return gain


@kernel
def rework(
    units: Units,
    label: Any,
    rule: Rule,
    rounds: int,
    hot: float,
    cold: float,
    keep_count: bool,
    pool: Pool,
    desk: Desk,
    stream: Stream,
) -> float:
    """Draw `rounds` windows at random units anew, cooling from `hot` to `cold` meters; return the gain in all.

    Labels stay below n. O(rounds window log window).
    """
    n = len(label)
    price = note_plan(pool, units, label, n + 1, rule, desk.mark)
    gain = 0.0
    cool = (cold / hot) ** (1.0 / max(rounds, 1))
    heat = hot
    for _ in range(rounds):
        heat *= cool
        gain += rework_window(units, label, price, below(stream, n), rule, heat, keep_count, pool, desk, stream)
    return gain
