"""Better plans from a plan: cut two neighbor grids anew, regroup a few, and annealed flips of single units."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.pool import Pool, note, note_plan
from gridgeo.core.partition.score import MIXED, Rule, Units, shape_cost, size_cost
from gridgeo.core.partition.seed import divide
from gridgeo.core.partition.stream import Stream, below, uniform
from gridgeo.core.partition.tree import Desk, split


@inner
def neighbor_grid(units: Units, label: Any, u: int, grids: Any, stream: Stream) -> int:
    """Label of a random neighbor of unit u outside the listed grids, or -1."""
    degree = units.ptr[u + 1] - units.ptr[u]
    if degree == 0:
        return -1
    offset = below(stream, degree)
    for j in range(degree):
        g = label[units.adj[units.ptr[u] + (j + offset) % degree]]
        new = True
        for known in grids:
            if known == g:
                new = False
        if new:
            return g
    return -1


@inner
def members_of(units: Units, label: Any, u: int, grids: Any, desk: Desk) -> Any:
    """Units of the listed grids reached from u without leaving them."""
    queue = desk.order
    queue[0] = u
    desk.mark[u] = 0
    got = 1
    i = 0
    while i < got:
        x = queue[i]
        i += 1
        for e in range(units.ptr[x], units.ptr[x + 1]):
            v = units.adj[e]
            if desk.mark[v] >= 0:
                continue
            for g in grids:
                if label[v] == g:
                    desk.mark[v] = 0
                    queue[got] = v
                    got += 1
                    break
    nodes = np.empty(got, np.int64)
    for j in range(got):
        nodes[j] = queue[j]
        desk.mark[queue[j]] = -1
    return nodes


@inner
def pick(nodes: Any, part: Any, wanted: int) -> Any:
    """The nodes whose part is the wanted one."""
    size = 0
    for i in range(len(nodes)):
        size += part[i] == wanted
    out = np.empty(size, np.int64)
    size = 0
    for i in range(len(nodes)):
        if part[i] == wanted:
            out[size] = nodes[i]
            size += 1
    return out


@inner
def cut_pair(
    units: Units, label: Any, price: Any, u: int, rule: Rule, trees: int, pool: Pool, desk: Desk, stream: Stream
) -> float:
    """Cut the grid of u and a neighbor grid anew; keep the better; return the gain."""
    grids = np.full(2, -1)
    a = grids[0] = label[u]
    b = grids[1] = neighbor_grid(units, label, u, grids, stream)
    if b < 0:
        return 0.0
    nodes = members_of(units, label, u, grids, desk)
    if split(units, nodes, 2, rule.target, 1.0, rule, trees, desk, stream) == np.inf:
        return 0.0
    one, two = pick(nodes, desk.side, 1), pick(nodes, desk.side, 0)
    cost_1 = note(pool, units, one, rule, desk.mark)
    cost_2 = note(pool, units, two, rule, desk.mark)
    gain = price[a] + price[b] - cost_1 - cost_2
    if gain <= 1e-9:
        return 0.0
    for x in one:
        label[x] = a
    for x in two:
        label[x] = b
    price[a], price[b] = cost_1, cost_2
    return gain


@inner
def regroup(
    units: Units, label: Any, price: Any, u: int, rule: Rule, trees: int, pool: Pool, desk: Desk, stream: Stream
) -> float:
    """Divide the grid of u and one to three grids around it anew into any number of grids; return the gain."""
    grids = np.full(4, -1)
    grids[0] = label[u]
    x = u
    for i in range(1, 2 + below(stream, 3)):
        g = neighbor_grid(units, label, x, grids, stream)
        if g < 0:
            break
        grids[i] = g
        nodes = members_of(units, label, u, grids, desk)
        x = nodes[below(stream, len(nodes))]
    nodes = members_of(units, label, u, grids, desk)
    target = rule.soft_low + (0.2 + 0.75 * uniform(stream)) * (rule.soft_high - rule.soft_low)
    part = np.zeros(len(nodes), np.int64)
    k = divide(units, nodes, 0, target, rule, trees, desk, stream, part)
    gain = 0.0
    for g in grids:
        if g >= 0:
            gain += price[g]
    cost = np.zeros(k)
    for j in range(k):
        cost[j] = note(pool, units, pick(nodes, part, j), rule, desk.mark)
        gain -= cost[j]
    if gain <= 1e-9:
        return 0.0
    for g in grids:
        if g >= 0:
            price[g] = 0.0
    relabel(label, price, nodes, part, k, cost, grids)
    return gain


@inner
def relabel(label: Any, price: Any, nodes: Any, part: Any, k: int, cost: Any, grids: Any) -> None:
    """Give k new grids the labels of the old ones (their price is 0 by now), then unused labels."""
    name = np.empty(k, np.int64)
    free = 0
    for j in range(k):
        if j < len(grids) and grids[j] >= 0:
            name[j] = grids[j]
        else:
            while price[free] != 0.0:
                free += 1
            name[j] = free
        price[name[j]] = cost[j]
    for i in range(len(nodes)):
        label[nodes[i]] = name[part[i]]


@kernel
def improve(
    units: Units, label: Any, rule: Rule, tries: int, trees: int, mixing: float, pool: Pool, desk: Desk, stream: Stream
) -> float:
    """Cut pairs and regroup a few grids at random units, `tries` times; labels stay below n; return the gain.

    `mixing` is the share of regroupings; 0 keeps the number of grids.
    """
    n = len(label)
    price = note_plan(pool, units, label, n + 1, rule, desk.mark)
    gain = 0.0
    for _ in range(tries):
        u = below(stream, n)
        if uniform(stream) < mixing:
            gain += regroup(units, label, price, u, rule, max(trees // 10, 1), pool, desk, stream)
        else:
            gain += cut_pair(units, label, price, u, rule, trees, pool, desk, stream)
    return gain


@inner
def stays_whole(units: Units, label: Any, u: int, desk: Desk) -> bool:
    """Whether the grid of u stays in one piece, and not empty, without u."""
    s = label[u]
    left, first = 0, -1
    for e in range(units.ptr[u], units.ptr[u + 1]):
        if label[units.adj[e]] == s:
            left += 1
            first = units.adj[e]
    if left <= 1:
        return left == 1
    queue = desk.order
    queue[0], queue[1] = u, first
    desk.mark[u] = desk.mark[first] = 0
    got, i, left = 2, 1, left - 1
    while i < got and left > 0:
        x = queue[i]
        i += 1
        for e in range(units.ptr[x], units.ptr[x + 1]):
            v = units.adj[e]
            if label[v] == s and desk.mark[v] < 0:
                desk.mark[v] = 0
                queue[got] = v
                got += 1
                for f in range(units.ptr[u], units.ptr[u + 1]):
                    left -= units.adj[f] == v
    for j in range(got):
        desk.mark[queue[j]] = -1
    return left == 0


@inner
def sum_grids(units: Units, label: Any) -> Any:
    """Households and moments (n, 5) of each label, and units of each community in each (n, homes)."""
    n = len(label)
    total = np.zeros((n, 5))
    homes = np.zeros((n, units.home.max() + 1), np.int64)
    for u in range(n):
        g = label[u]
        total[g, 0] += units.households[u]
        for q in range(4):
            total[g, q + 1] += units.moments[u, q]
        homes[g, units.home[u]] += 1
    return total, homes


@inner
def part_cost(total: Any, g: int, units: Units, u: int, sign: float, rule: Rule) -> float:
    """Size and shape price of grid g with (sign 1), without (-1) or before (0) unit u."""
    m = units.moments
    a, x = total[g, 1] + sign * m[u, 0], total[g, 2] + sign * m[u, 1]
    y, r2 = total[g, 3] + sign * m[u, 2], total[g, 4] + sign * m[u, 3]
    return size_cost(int(total[g, 0] + sign * units.households[u]), rule) + rule.roundness * shape_cost(a, x, y, r2)


@inner
def flip_cost(units: Units, label: Any, u: int, g: int, total: Any, homes: Any, rule: Rule) -> float:
    """Change of price when unit u goes from its grid to grid g."""
    s = label[u]
    change = 0.0
    for e in range(units.ptr[u], units.ptr[u + 1]):
        if label[units.adj[e]] == s:
            change += units.weight[e]
        elif label[units.adj[e]] == g:
            change -= units.weight[e]
    home = units.home[u]
    change += MIXED * ((homes[g, home] == 0) * 1.0 - (homes[s, home] == 1) * 1.0)
    change += part_cost(total, s, units, u, -1.0, rule) - part_cost(total, s, units, u, 0.0, rule)
    return change + part_cost(total, g, units, u, 1.0, rule) - part_cost(total, g, units, u, 0.0, rule)


@inner
def flip(units: Units, label: Any, u: int, g: int, total: Any, homes: Any) -> None:
    """Give unit u to grid g and carry the sums."""
    s = label[u]
    total[s, 0] -= units.households[u]
    total[g, 0] += units.households[u]
    for q in range(4):
        total[s, q + 1] -= units.moments[u, q]
        total[g, q + 1] += units.moments[u, q]
    homes[s, units.home[u]] -= 1
    homes[g, units.home[u]] += 1
    label[u] = g


@kernel
def anneal(
    units: Units, label: Any, rule: Rule, steps: int, hot: float, cold: float, desk: Desk, stream: Stream
) -> float:
    """Annealed flips of units at borders, grids whole at every step; the best plan met stays; return its change."""
    n = len(label)
    total, homes = sum_grids(units, label)
    best_label = label.copy()
    now = best = 0.0
    cool = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for _ in range(steps):
        heat *= cool
        u = below(stream, n)
        degree = units.ptr[u + 1] - units.ptr[u]
        if degree == 0:
            continue
        g = label[units.adj[units.ptr[u] + below(stream, degree)]]
        if g == label[u]:
            continue
        change = flip_cost(units, label, u, g, total, homes, rule)
        if change > 0.0 and uniform(stream) >= math.exp(-change / heat):
            continue
        if not stays_whole(units, label, u, desk):
            continue
        flip(units, label, u, g, total, homes)
        now += change
        if now < best - 1e-9 and heat < 8.0 * cold:
            best = now
            for v in range(n):
                best_label[v] = label[v]
    for v in range(n):
        label[v] = best_label[v]
    return best
