"""The shortest round trip through stops: 2-opt and Or-opt over near neighbors, kicked by local double bridges.

Iterated local search (Johnson and McGeoch 1997; the segment insertion kick is the double bridge of Martin, Otto and
Felten 1991, kept local so that one kick costs the same whatever the number of stops).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gridgeo.core.model import Ints, Stop, never
from gridgeo.core.patrol.share import _uniform

NEAR = 10  # neighbors looked at for each stop
KICK = 50  # longest stretch of the tour a kick touches
CHUNK = 5_000
EXACT = 12  # up to so many stops all tours are weighed, by dynamic programming (Held and Karp 1962), O(2^n n^2)


def round_trip(away: Ints, *, kicks: int = 30_000, rng_seed: int = 1, stop: Stop = never) -> tuple[Ints, bool]:
    """Order of stops of a short round trip that begins at row 0, and whether it is proven shortest.

    Parameters
    ----------
    away
        (n, n) symmetric whole distances.
    kicks
        Kicks tried; each costs about the same whatever n.
    rng_seed
        Start of the random numbers.
    stop
        Asked every 5,000 kicks.

    Examples
    --------
    >>> around = np.abs(np.subtract.outer([0, 5, 1, 4], [0, 5, 1, 4]))
    >>> order, proven = round_trip(around)
    >>> trip_length(around, order), proven
    (10, True)
    """
    n = len(away)
    if n <= EXACT:
        return equal_trips(away, tries=1)[0], True
    away = np.ascontiguousarray(away, np.int64)
    near = np.argsort(away + np.eye(n, dtype=np.int64) * (away.max() + 1), axis=1, kind="stable")[:, : min(NEAR, n - 1)]
    near = np.ascontiguousarray(near)
    tour = _nearest_next(away)
    random = np.array([np.uint64(2 * rng_seed + 1)])
    best = tour.copy()
    lengths = np.array([trip_length(away, tour)] * 2)
    _improve_all(away, near, tour, best, lengths)
    for done in range(0, kicks, CHUNK):
        _kick(away, near, tour, best, lengths, random, min(CHUNK, kicks - done), 1.0 - done / kicks)
        if stop():
            break
    first = int(np.flatnonzero(best == 0)[0])
    return np.roll(best, -first), False


def equal_trips(away: Ints, *, tries: int, rng_seed: int = 1) -> Ints:
    """Round trips from row 0 that are shortest, drawn at random among all there are, (trips, n); at most EXACT stops.

    Trips are often equally long: the other way around, and wherever one stop lies on the way to another, so that it may
    be called at on the way out or on the way back.

    Parameters
    ----------
    away
        (n, n) whole distances.
    tries
        Trips drawn; equal ones are returned once.
    rng_seed
        Start of the random numbers.

    Examples
    --------
    >>> street = np.abs(np.subtract.outer([0, 5, 9], [0, 5, 9]))
    >>> equal_trips(street, tries=9).tolist()
    [[0, 1, 2], [0, 2, 1]]
    """
    n = len(away)
    if n <= 2:
        return np.arange(n)[None]
    random = np.array([np.uint64(2 * rng_seed + 1)])
    trips = np.unique(_drawn(np.ascontiguousarray(away, np.int64), random, tries), axis=0) + 1
    return np.concatenate([np.zeros((len(trips), 1), np.int64), trips], axis=1)


def earliest_mm(away: Ints) -> Ints:
    """How far one has walked at least by each stop, (n,), on any shortest round trip from row 0; at most EXACT stops.

    Trips may be walked either way around, so by the same way before the end at the latest.

    >>> street = np.abs(np.subtract.outer([0, 5, 9], [0, 5, 9]))
    >>> earliest_mm(street).tolist()
    [0, 5, 9]
    """
    return np.append(0, _earliest(np.ascontiguousarray(away, np.int64)))


def trip_length(away: Ints, order: Ints) -> int:
    """Length of the round trip through all stops in order and back to the first."""
    return int(away[order, np.roll(order, -1)].sum())


def least_trip(away: Ints) -> int:
    """What a round trip through all stops takes at least: exact for few, else each is left for the nearest other one.

    >>> least_trip(np.abs(np.subtract.outer([0, 5, 9], [0, 5, 9])))
    18
    """
    if len(away) <= EXACT:
        return trip_length(away, equal_trips(away, tries=1)[0])
    others = ~np.eye(len(away), dtype=bool)
    return int(away[others].reshape(len(away), -1).min(axis=1).sum())


@njit(cache=True)
def _costs(away):  # type: ignore[no-untyped-def]
    """Least way from row 0 through each set of the other stops, ending at each of them."""
    m = len(away) - 1
    cost = np.full((1 << m, m), np.int64(1) << 60)
    for j in range(m):
        cost[1 << j, j] = away[0, j + 1]
    for held in range(1, 1 << m):
        for j in range(m):
            if held >> j & 1 and held != 1 << j:
                rest = held ^ (1 << j)
                for i in range(m):
                    if rest >> i & 1 and cost[rest, i] + away[i + 1, j + 1] < cost[held, j]:
                        cost[held, j] = cost[rest, i] + away[i + 1, j + 1]
    return cost


@njit(cache=True)
def _drawn(away, random, tries):  # type: ignore[no-untyped-def]
    """Shortest round trips, each traced back from its end; among stops that may come before, one at random."""
    m = len(away) - 1
    cost = _costs(away)
    out = np.empty((tries, m), np.int64)
    best = np.empty(m, np.int64)
    for row in range(tries):
        held, last = (1 << m) - 1, -1
        for at in range(m - 1, -1, -1):
            least, size = np.int64(1) << 61, 0
            for i in range(m):
                if held >> i & 1:
                    value = cost[held, i] + away[i + 1, last + 1]
                    if value < least:
                        least, size = value, 0
                    if value == least:
                        best[size] = i
                        size += 1
            last = best[int(_uniform(random) * size)]
            out[row, at] = last
            held ^= 1 << last
    return out


@njit(cache=True)
def _earliest(away):  # type: ignore[no-untyped-def]
    """Least way to each stop over all states (set called at, last of it) that lie on a shortest trip."""
    m = len(away) - 1
    cost = _costs(away)
    least = np.full(m, np.int64(1) << 61)
    on = np.zeros((1 << m, m), np.bool_)
    for held in range((1 << m) - 1, 0, -1):
        whole = held == (1 << m) - 1
        best = np.int64(1) << 61
        for j in range(m):
            if whole:
                best = min(best, cost[held, j] + away[j + 1, 0])
        for j in range(m):
            if held >> j & 1 == 0 or not (on[held, j] or (whole and cost[held, j] + away[j + 1, 0] == best)):
                continue
            least[j] = min(least[j], cost[held, j])
            rest = held ^ (1 << j)
            for i in range(m):
                if rest >> i & 1 and cost[rest, i] + away[i + 1, j + 1] == cost[held, j]:
                    on[rest, i] = True
    return least


@njit(cache=True)
def _nearest_next(away):  # type: ignore[no-untyped-def]
    """Tour that always goes on to the nearest stop left."""
    n = len(away)
    left = np.ones(n, np.bool_)
    tour = np.zeros(n, np.int64)
    left[0] = False
    for i in range(1, n):
        best = -1
        for j in range(n):
            if left[j] and (best < 0 or away[tour[i - 1], j] < away[tour[i - 1], best]):
                best = j
        tour[i] = best
        left[best] = False
    return tour


@njit(cache=True)
def _reverse(tour, pos, low, high):  # type: ignore[no-untyped-def]
    """Reverse the stretch from position low to high of the ring, or what is left of it if that is shorter."""
    n = len(tour)
    size = (high - low) % n + 1
    if 2 * size > n:
        low, high = (high + 1) % n, (low - 1) % n
        size = n - size
    for _ in range(size // 2):
        a, b = tour[low], tour[high]
        tour[low], tour[high] = b, a
        pos[b], pos[a] = low, high
        low, high = (low + 1) % n, (high - 1) % n


@njit(cache=True)
def _two_opt(away, near, tour, pos, a):  # type: ignore[no-untyped-def]
    """First improving exchange of two links, one of them at stop a; gain and the four ends."""
    n = len(tour)
    for ahead in (1, -1):
        b = tour[(pos[a] + ahead) % n]
        for c in near[a]:
            if away[a, c] >= away[a, b]:
                break
            d = tour[(pos[c] + ahead) % n]
            gain = away[a, b] + away[c, d] - away[a, c] - away[b, d]
            if gain > 0 and d != a and c != b:
                if ahead == 1:
                    _reverse(tour, pos, pos[b], pos[c])
                else:
                    _reverse(tour, pos, pos[c], pos[b])
                return gain, (a, b, c, d)
    return 0, (a, a, a, a)


@njit(cache=True)
def _or_opt(away, near, tour, pos, a):  # type: ignore[no-untyped-def]
    """First improving move of a stretch of up to three stops ending at a to beside a near stop, by reversals."""
    n = len(tour)
    for size in (1, 2, 3):
        for ahead in (1, -1):
            # the stretch runs from a away from `ahead`; p and q are the stops beyond its two ends
            e = tour[(pos[a] - ahead * (size - 1)) % n]
            p, q = tour[(pos[a] + ahead) % n], tour[(pos[e] - ahead) % n]
            freed = away[a, p] + away[e, q] - away[p, q]
            for c in near[a]:
                if away[a, c] >= freed:
                    break
                if (pos[a] - pos[c]) * ahead % n < size:
                    continue
                for side in (1, -1):
                    d = tour[(pos[c] + side) % n]
                    if (pos[a] - pos[d]) * ahead % n < size:
                        continue
                    gain = freed - away[c, a] - away[e, d] + away[c, d]
                    if gain > 0:
                        _carry(tour, pos, a, e, c, d, ahead)
                        return gain, (p, q, c, d)
    return 0, (a, a, a, a)


@njit(cache=True)
def _carry(tour, pos, a, e, c, d, ahead):  # type: ignore[no-untyped-def]
    """Take the stretch between a and e out and put it between neighbors c and d, a beside c."""
    n = len(tour)
    low, high = (pos[e], pos[a]) if ahead == 1 else (pos[a], pos[e])  # the stretch, in ring order
    size = (high - low) % n + 1
    forward = (pos[c] - high) % n < (low - pos[c]) % n
    near_end, far_end = (c, d) if (pos[d] - pos[c]) % n == 1 else (d, c)  # near_end comes first in ring order
    stretch = np.empty(size, np.int64)
    for i in range(size):
        stretch[i] = tour[(low + i) % n]
    if forward:  # shift what lies between back over the stretch
        moved = (pos[near_end] - high) % n
        for i in range(moved):
            x = tour[(high + 1 + i) % n]
            tour[(low + i) % n] = x
            pos[x] = (low + i) % n
        at = (low + moved) % n
    else:
        moved = (low - pos[far_end]) % n
        for i in range(moved):
            x = tour[(low - 1 - i) % n]
            tour[(high - i) % n] = x
            pos[x] = (high - i) % n
        at = (high - moved - size + 1) % n
    # in ring order the stretch lies after near_end: a leads when near_end is c
    flip = (stretch[0] == a) != (near_end == c)
    for i in range(size):
        x = stretch[size - 1 - i] if flip else stretch[i]
        tour[(at + i) % n] = x
        pos[x] = (at + i) % n


@njit(cache=True)
def _improve(away, near, tour, pos, queue, waiting, size):  # type: ignore[no-untyped-def]
    """Exchange links until no stop of the queue gains; total gain."""
    total = 0
    while size > 0:
        size -= 1
        a = queue[size]
        waiting[a] = False
        while True:
            gain, touched = _two_opt(away, near, tour, pos, a)
            if gain == 0:
                gain, touched = _or_opt(away, near, tour, pos, a)
            if gain == 0:
                break
            total += gain
            for x in touched:
                if not waiting[x] and x != a:
                    waiting[x] = True
                    queue[size] = x
                    size += 1
    return total


@njit(cache=True)
def _improve_all(away, near, tour, best, lengths):  # type: ignore[no-untyped-def]
    """Local search from all stops."""
    n = len(tour)
    pos = np.empty(n, np.int64)
    pos[tour] = np.arange(n)
    lengths[0] -= _improve(away, near, tour, pos, tour.copy(), np.ones(n, np.bool_), n)
    lengths[1] = lengths[0]
    best[:] = tour


@njit(cache=True)
def _kick(away, near, tour, best, lengths, random, kicks, heat):  # type: ignore[no-untyped-def]
    """Kicks, each followed by local search around it and undone when it made the tour too long."""
    n = len(tour)
    pos = np.empty(n, np.int64)
    pos[tour] = np.arange(n)
    queue, waiting, old = np.empty(n, np.int64), np.zeros(n, np.bool_), tour.copy()
    span = min(KICK, n - 1)
    window = np.empty(span, np.int64)
    for _ in range(kicks):
        first = int(_uniform(random) * n)
        i = 1 + int(_uniform(random) * (span - 2))
        j = i + 1 + int(_uniform(random) * (span - i - 1))
        for x in range(span):
            window[x] = tour[(first + x) % n]
        k = i + 1 + int(_uniform(random) * (j - i)) if j > i + 1 else j
        # window[i:k] and window[k:j] change places
        a, b, c, d = window[i - 1], window[i], window[k - 1], window[k % span]
        e, f = window[j - 1], tour[(first + j) % n]
        if k >= j:
            continue
        delta = away[a, d] + away[e, b] + away[c, f] - away[a, b] - away[c, d] - away[e, f]
        for x in range(i, j):
            y = window[k + x - i] if x - i < j - k else window[x - (j - k)]
            tour[(first + x) % n] = y
            pos[y] = (first + x) % n
        size = 0
        for x in (a, b, c, d, e, f):
            if not waiting[x]:
                waiting[x] = True
                queue[size] = x
                size += 1
        length = lengths[0] + delta - _improve(away, near, tour, pos, queue, waiting, size)
        slack = -3e-5 * heat * lengths[0] * np.log(_uniform(random) + 1e-300)
        if length <= lengths[0] + slack:
            lengths[0] = length
            old[:] = tour
            if length < lengths[1]:
                lengths[1] = length
                best[:] = tour
        else:
            tour[:] = old
            pos[tour] = np.arange(n)
