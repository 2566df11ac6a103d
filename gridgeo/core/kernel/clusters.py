"""Small groups of neighbors on a table of walks: an order to walk in, the best cuts of it, and exchanges."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def walking_order(walk: Ints) -> Ints:
    """Short open walk past n things with walks (n, n): nearest neighbor from the first, then 2-opt.

    Ties go to the lowest row; O(n^2) a sweep.

    >>> walking_order(np.abs(np.subtract.outer([0, 30, 10, 20], [0, 30, 10, 20]))).tolist()
    [0, 2, 3, 1]
    """
    order: Ints = _two_opt(walk, _nearest_next(walk))
    return order


def cut_order(walk: Ints, weight: Ints, order: Ints, band: tuple[int, int], size: int, limit: int) -> Ints:
    """Group (n,) of each thing, 0, 1, ... along the order, cut where it is best.

    A group weighs at most band[1], and everybody walks at most `limit` to its middle (the member with the least
    total walk of those that keep the limit). Fewest weight in groups below band[0]; then the least sum of walks to
    the middle plus (weight - size)^2 for each group. Exact for the order: dynamic program, O(n band^3).

    Parameters
    ----------
    walk, weight
        (n, n) walks and (n,) weights of 1..band[1].
    order
        (n,) the order to cut.

    Examples
    --------
    >>> spot = np.array([0, 1, 2, 50, 51])
    >>> walk = np.abs(np.subtract.outer(spot, spot))
    >>> cut_order(walk, np.ones(5, np.int64), np.arange(5), (2, 3), 3, 10).tolist()
    [0, 0, 0, 1, 1]
    """
    group: Ints = _cut(walk, weight, order, band[0], band[1], size, limit)
    return group


def exchange(walk: Ints, weight: Ints, group: Ints, band: tuple[int, int], size: int, limit: int) -> Ints:
    """Groups (n,) after moving single things to other groups while that helps, by the measure of `cut_order`.

    No move takes a group out of the band or the limit. Ends at a state no single move betters.
    """
    better: Ints = _exchange(walk, weight, group.copy(), band[0], band[1], size, limit)
    return better


def middle(walk: Ints, weight: Ints, limit: int) -> int:
    """Row of the member with the least total walk of all others, weighted, within the limit; -1 when there is none.

    >>> middle(np.abs(np.subtract.outer([0, 4, 5], [0, 4, 5])), np.ones(3, np.int64), 4)
    1
    """
    return int(_middle(walk, weight, np.arange(len(weight)), limit)[0])


@njit(cache=True)
def _nearest_next(walk):  # type: ignore[no-untyped-def]
    n = len(walk)
    order = np.zeros(n, np.int64)
    left = np.ones(n, np.bool_)
    at = 0
    for i in range(n):
        order[i] = at
        left[at] = False
        best = -1
        for j in range(n):
            if left[j] and (best < 0 or walk[at, j] < walk[at, best]):
                best = j
        at = best
    return order


@njit(cache=True)
def _two_opt(walk, order):  # type: ignore[no-untyped-def]
    n = len(order)
    better = True
    while better:
        better = False
        for i in range(n - 1):
            for j in range(i + 1, n):
                before = walk[order[i - 1], order[i]] if i > 0 else 0
                before += walk[order[j], order[j + 1]] if j < n - 1 else 0
                after = walk[order[i - 1], order[j]] if i > 0 else 0
                after += walk[order[i], order[j + 1]] if j < n - 1 else 0
                if after < before:
                    order[i : j + 1] = order[i : j + 1][::-1].copy()
                    better = True
    return order


@njit(cache=True)
def _middle(walk, weight, rows, limit):  # type: ignore[no-untyped-def]
    """(row, total walk) of the middle of some rows."""
    best, least = -1, 0
    for c in rows:
        total = 0
        for r in rows:
            if walk[c, r] > limit:
                total = -1
                break
            total += weight[r] * walk[c, r]
        if total >= 0 and (best < 0 or total < least):
            best, least = c, total
    return best, least


@njit(cache=True)
def _price(walk, weight, rows, low, high, size, limit):  # type: ignore[no-untyped-def]
    """(weight below the band, cost) of a group; (-1, 0) when it may not be."""
    total = 0
    for r in rows:
        total += weight[r]
    if total > high:
        return -1, 0
    row, cost = _middle(walk, weight, rows, limit)
    if row < 0:
        return -1, 0
    return (total if total < low else 0), cost + (total - size) ** 2


@njit(cache=True)
def _cut(walk, weight, order, low, high, size, limit):  # type: ignore[no-untyped-def]
    n = len(order)
    short, cost, start = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    for end in range(1, n + 1):
        found = False
        total = 0
        for at in range(end - 1, -1, -1):
            total += weight[order[at]]
            if total > high:
                break
            below, price = _price(walk, weight, order[at:end], low, high, size, limit)
            if below < 0:
                continue
            s, c = short[at] + below, cost[at] + price
            if not found or s < short[end] or (s == short[end] and c < cost[end]):
                found = True
                short[end], cost[end], start[end] = s, c, at
    group = np.zeros(n, np.int64)
    end, many = n, 0
    while end > 0:
        group[order[start[end] : end]] = many
        many += 1
        end = start[end]
    return many - 1 - group


@njit(cache=True)
def _exchange(walk, weight, group, low, high, size, limit):  # type: ignore[no-untyped-def]
    many = group.max() + 1 if len(group) else 0
    better = True
    while better:
        better = False
        for r in range(len(group)):
            a = group[r]
            here = np.flatnonzero(group == a)
            if len(here) < 2:
                continue
            rest = here[here != r]
            was, cost = _price(walk, weight, here, low, high, size, limit)
            left, rest_cost = _price(walk, weight, rest, low, high, size, limit)
            if left < 0:
                continue
            for b in range(many):
                if b == a:
                    continue
                there = np.flatnonzero(group == b)
                if len(there) == 0 or walk[r, there].min() > limit:
                    continue
                before, there_cost = _price(walk, weight, there, low, high, size, limit)
                after, joined = _price(walk, weight, np.append(there, r), low, high, size, limit)
                if after < 0:
                    continue
                s, c = left + after - was - before, rest_cost + joined - cost - there_cost
                if s < 0 or (s == 0 and c < 0):
                    group[r] = b
                    better = True
                    break
    return group
