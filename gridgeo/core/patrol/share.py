"""Streets shared out among several walks: ruin and recreate over directed services.

A service is an edge to be walked in one of two directions. Strings of neighboring services are taken out of some
walks and put back where they cost least, each in its better direction, under simulated annealing (slack induction by
string removals: Christiaens and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914). One search serves two tasks: any
number of walks under a capacity (capacitated arc routing), and a fixed number of walks whose longest is kept short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.model import Ints, Stop, never

STRING = 10  # longest string of services taken out of one walk
REMOVED = 10.0  # services taken out on average
BLINK = 0.01  # share of good places overlooked, for variety
RUN = 800  # steps for each service after which it is worth starting anew: one run in many is caught in a bad valley
CHUNK = 2_000  # steps between two questions whether to stop


@dataclass(frozen=True, kw_only=True, eq=False)
class ShareTask:
    """Services to share out.

    `between` (2 k + 1, 2 k + 1) whole costs from the end of one directed service to the begin of another: 2 i walks
    service i as given, 2 i + 1 the other way, 2 k is the station. `serve` (k,) cost of a service itself, `load` (k,)
    what it takes of a walk's `capacity`. `walks` is the greatest number of walks; `longest_counts` weighs the longest
    walk against the total.
    """

    between: Ints
    serve: Ints
    load: Ints
    capacity: int
    walks: int
    longest_counts: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Shared:
    """Directed services of each walk in order; total cost, cost of the longest walk."""

    walks: tuple[Ints, ...]
    total: int
    longest: int


def share_out(task: ShareTask, *, steps: int = 20_000, rng_seed: int = 1, stop: Stop = never) -> Shared:
    """Share services out among walks.

    Parameters
    ----------
    task
        The services.
    steps
        Ruin-and-recreate steps; each costs O(services taken out x services). Many are parted into runs that each start
        anew, and the best of all runs is kept.
    rng_seed
        Start of the random numbers.
    stop
        Asked every 2,000 steps; the best shares so far are kept.
    """
    k = len(task.serve)
    if k == 0:
        return Shared(walks=(), total=0, longest=0)
    off = task.between[task.between > 0]
    typical = float(np.median(off)) if len(off) else 1.0
    scale = 1.0 + task.longest_counts
    hot, cold = max(2.0, 0.4 * typical) * scale, max(0.05, 0.004 * typical) * scale
    routes = np.full((task.walks, k + 1), -1, np.int64)
    state = _State(routes, np.zeros(task.walks, np.int64), np.full(k, -1, np.int64))
    best_routes, best_count = routes.copy(), state.count.copy()
    random = np.array([np.uint64(rng_seed * 2 + 1)])
    costs = np.array([np.inf, np.inf])  # of the current and of the best shares
    near = _near(task.between, k)
    run = steps // max(1, steps // (RUN * k)) + 1
    for done in _chunks(steps, run):
        if done % run == 0:
            costs[0] = np.inf
        _anneal(
            task.between, task.serve, task.load, task.capacity, task.longest_counts, near, random,
            state.routes, state.count, state.where, best_routes, best_count, costs,
            hot * (cold / hot) ** (done % run / run), (cold / hot) ** (1.0 / run),
            min(CHUNK, steps - done, run - done % run),
        )  # fmt: skip
        if stop():
            break
    return _shared(task, best_routes, best_count)


def _chunks(steps: int, run: int) -> Iterator[int]:
    """Steps done before each chunk; no chunk lies in two runs.

    >>> list(_chunks(9_000, 5_000))
    [0, 2000, 4000, 5000, 7000]
    """
    for begin in range(0, steps, run):
        yield from range(begin, min(begin + run, steps), CHUNK)


@dataclass(eq=False)
class _State:
    routes: Ints
    count: Ints
    where: Ints


def _near(between: Ints, k: int) -> Ints:
    """For each service all services, nearest first, itself leading."""
    ways = between[: 2 * k, : 2 * k].reshape(k, 2, k, 2).min(axis=(1, 3))
    least: Ints = np.minimum(ways, ways.T)
    np.fill_diagonal(least, -1)
    return np.argsort(least, axis=1, kind="stable")


def _shared(task: ShareTask, routes: NDArray[Any], count: NDArray[Any]) -> Shared:
    walks = tuple(routes[r, : count[r]].copy() for r in range(len(count)) if count[r])
    cost = [walk_cost(task, walk) for walk in walks]
    return Shared(walks=walks, total=sum(cost), longest=max(cost))


def walk_cost(task: ShareTask, walk: Ints) -> int:
    """Cost of one walk of directed services, from the station and back."""
    station = np.array([2 * len(task.serve)])
    stops = np.concatenate([station, walk, station])
    return int(task.between[stops[:-1], stops[1:]].sum() + task.serve[walk >> 1].sum())


@njit(cache=True)
def _uniform(state):  # type: ignore[no-untyped-def]
    """Next number in [0, 1) of a splitmix64 stream (Steele, Lea, Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def _lengths(between, serve, routes, count, length):  # type: ignore[no-untyped-def]
    """Fill the cost of each walk."""
    station = 2 * len(serve)
    for r in range(len(count)):
        length[r] = 0
        at = station
        for i in range(count[r]):
            length[r] += between[at, routes[r, i]] + serve[routes[r, i] >> 1]
            at = routes[r, i]
        if count[r]:
            length[r] += between[at, station]


@njit(cache=True)
def _ruin(near, random, routes, count, where, out, load, held):  # type: ignore[no-untyped-def]
    """Take strings of services around a random one out of their walks; how many, listed in `out`."""
    k = len(where)
    used = 0
    for r in range(len(count)):
        used += count[r] > 0
    longest = min(float(STRING), k / max(1, used))
    strings = int(_uniform(random) * (4.0 * REMOVED / (1.0 + longest) - 1.0) + 1.0)
    ruined = np.zeros(len(count), np.bool_)
    center, taken, done = int(_uniform(random) * k), 0, 0
    for x in range(k):
        if done >= strings:
            break
        service = near[center, x]
        r = where[service]
        if r < 0 or ruined[r]:
            continue
        size = min(count[r], int(_uniform(random) * min(float(count[r]), longest) + 1.0))
        at = 0
        while routes[r, at] >> 1 != service:
            at += 1
        low, high = max(0, at - size + 1), min(at, count[r] - size)
        first = low + int(_uniform(random) * (high - low + 1))
        for i in range(first, first + size):
            out[taken] = routes[r, i] >> 1
            where[out[taken]] = -1
            held[r] -= load[out[taken]]
            taken += 1
        for i in range(first + size, count[r]):
            routes[r, i - size] = routes[r, i]
        count[r] -= size
        ruined[r] = True
        done += 1
    return taken


@njit(cache=True)
def _order(between, serve, load, random, out, taken):  # type: ignore[no-untyped-def]
    """Order in which services go back: at random, dearest first, farthest first or nearest first."""
    station = 2 * len(serve)
    key = np.empty(taken)
    kind = _uniform(random) * 11.0
    for i in range(taken):
        s = out[i]
        away = float(min(between[station, 2 * s], between[station, 2 * s + 1]))
        noise = 1e-6 * _uniform(random)
        if kind < 4:
            key[i] = noise
        elif kind < 8:
            key[i] = noise - float(load[s]) - 1e-3 * float(serve[s])
        elif kind < 10:
            key[i] = noise - away
        else:
            key[i] = noise + away
    return np.argsort(key)


@njit(cache=True)
def _best_place(between, serve, s, load, capacity, weight, random, routes, count, length, held):  # type: ignore[no-untyped-def]
    """Cheapest (walk, position, direction, cost) to put service s; walk -1 where capacity leaves none."""
    station = 2 * len(serve)
    top = length.max()
    least, walk, place, way, grows = np.inf, -1, 0, 0, 0
    empty_seen = False
    for r in range(len(count)):
        if held[r] + load[s] > capacity or (count[r] == 0 and empty_seen):
            continue
        empty_seen = empty_seen or count[r] == 0
        at = station
        for i in range(count[r] + 1):
            then = routes[r, i] if i < count[r] else station
            if _uniform(random) >= BLINK:
                for z in range(2):
                    d = 2 * s + z
                    more = between[at, d] + between[d, then] - between[at, then] * (count[r] > 0) + serve[s]
                    value = more + weight * max(0, length[r] + more - top) + 0.02 * (weight > 0) * (length[r] + more)
                    if value < least:
                        least, walk, place, way, grows = value, r, i, z, more
            at = then
    return walk, place, way, grows


@njit(cache=True)
def _recreate(between, serve, load, capacity, weight, random, routes, count, where, out, taken, length, held):  # type: ignore[no-untyped-def]
    """Put all services back; False when one fits into no walk."""
    for i in _order(between, serve, load, random, out, taken):
        s = out[i]
        walk = -1
        for _ in range(20):  # a blink may hide the only place left
            walk, place, way, grows = _best_place(
                between, serve, s, load, capacity, weight, random, routes, count, length, held
            )
            if walk >= 0:
                break
        if walk < 0:
            return False
        for j in range(count[walk], place, -1):
            routes[walk, j] = routes[walk, j - 1]
        routes[walk, place] = 2 * s + way
        count[walk] += 1
        where[s] = walk
        length[walk] += grows
        held[walk] += load[s]
    return True


@njit(cache=True)
def _anneal(  # type: ignore[no-untyped-def]
    between, serve, load, capacity, weight, near, random,
    routes, count, where, best_routes, best_count, costs, heat, cool, steps,
):  # fmt: skip
    """Run some steps of ruin and recreate, from the current shares, keeping the best ones."""
    k = len(serve)
    out, length, held = np.empty(k, np.int64), np.zeros(len(count), np.int64), np.zeros(len(count), np.int64)
    for s in range(k):
        if where[s] >= 0:
            held[where[s]] += load[s]
    old_routes, old_count, old_where, old_held = routes.copy(), count.copy(), where.copy(), held.copy()
    for _ in range(steps):
        if np.isinf(costs[0]):
            routes[:], count[:], where[:], held[:] = -1, 0, -1, 0
            out[:] = np.arange(k)
            taken = k
        else:
            taken = _ruin(near, random, routes, count, where, out, load, held)
        _lengths(between, serve, routes, count, length)
        whole = _recreate(
            between, serve, load, capacity, weight, random, routes, count, where, out, taken, length, held
        )
        cost = float(length.sum()) + weight * float(length.max()) if whole else np.inf
        heat *= cool
        if whole and cost < costs[0] - heat * np.log(_uniform(random) + 1e-300):
            costs[0] = cost
            for r in range(len(count)):
                old_count[r] = count[r]
                old_routes[r, : count[r]] = routes[r, : count[r]]
            old_where[:], old_held[:] = where, held
            if cost < costs[1]:
                costs[1] = cost
                for r in range(len(count)):
                    best_count[r] = count[r]
                    best_routes[r, : count[r]] = routes[r, : count[r]]
        else:
            for r in range(len(count)):
                count[r] = old_count[r]
                routes[r, : count[r]] = old_routes[r, : count[r]]
            where[:], held[:] = old_where, old_held
