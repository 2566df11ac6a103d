"""Many walks of the same length: which of a grid's Euler circuits to take, so that nobody can set a watch by them.

An even, connected multigraph has very many circuits, all of one length. Each walk is chosen among shuffled circuits
and their reversals: the one whose arrival times at the streets lie farthest from those of the walks before, last
week's too where they are known. It is then bent further: where a circuit comes twice through a node, the stretch
between may be walked the other way around, and where it comes three times, two stretches may change places; what sets
the arrivals farther apart is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.kernel.tjoin import euler_circuits
from gridgeo.core.model import Floats, Ints, Objects
from gridgeo.core.patrol.last import arrivals_of_lines
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.oriented import KINDS, circuits_along, fastest_ways
from gridgeo.core.patrol.pace import Pace
from gridgeo.core.patrol.postman import Walk
from gridgeo.core.patrol.share import _uniform

BENDS = 200  # stretches turned or exchanged in each walk, twice
CHANCE = 0.289  # deviation of pure chance: more at one street is none the better
ENOUGH = 0.5  # share of the walk by which two arrivals are far enough apart: more at one street is none the better


def varied_circuits(
    network: Network,
    walk: Walk,
    count: int,
    *,
    tries: int,
    rng_seed: int,
    anywhere: bool = False,
    last: Objects | None = None,
    pace: Pace | None = None,
    fits: Callable[[Ints], bool] | None = None,
) -> tuple[Ints, Floats]:
    """Circuits of one walk, chosen one after the other for surprise.

    Parameters
    ----------
    network
        Where the walk lies.
    walk
        A walk; from its start on, to its end.
    count
        Circuits wanted.
    tries
        Shuffled circuits to choose from; each of a closed walk counts in both directions.
    rng_seed
        Start of the random numbers.
    anywhere
        Whether a closed walk may begin at any of its nodes, each time at another one.
    last
        LineStrings of walks walked before, to be unlike too.
    pace
        Where streets take longer one way than the other: circuits keep to the fastest directions. None: no matter.
    fits
        Whether steps come by every street while it is open; where no circuit drawn does, none is returned. None: any.

    Returns
    -------
    steps
        (count, edges walked) steps in walking order: 2 * edge row, plus 1 when walked from head to tail.
    arrival
        (count + those of `last` that pass here, different required edges) when each required street is first reached,
        as a share of the walk; the new walks first. NaN where one of `last` does not pass.
    """
    edges = np.concatenate([walk.required, walk.extra])
    oriented = pace is not None and not np.array_equal(pace.up[edges], pace.down[edges])
    pool = (
        _oriented(network, walk, edges, pace, tries, rng_seed)
        if oriented and pace
        else (_circuits(network, walk, edges, tries, rng_seed))
    )
    anywhere = anywhere and walk.start == walk.end
    if anywhere:
        pool = _rotated(pool, rng_seed)
    steps = 2 * edges[pool >> 1] + (pool & 1)
    if fits is not None:
        steps = steps[[fits(row) for row in steps]]
    streets = np.unique(walk.required)
    arrival = arrivals(network, steps, streets)
    past = arrivals_of_lines(last, network.streets.geometry[streets])
    rows = _spread_out(arrival, count, past) if len(steps) else np.zeros(0, np.int64)
    chosen, arrival = np.ascontiguousarray(steps[rows]), np.ascontiguousarray(arrival[rows])
    if fits is None and count + len(past) > 1 and chosen.shape[1] > 2:
        column = np.where(np.isin(chosen >> 1, streets), np.searchsorted(streets, chosen >> 1), -1)
        random = np.array([np.uint64(2 * rng_seed + 1)])
        ends = network.tail, network.head, network.length_mm
        _bend_all(chosen, column, *ends, anywhere, oriented, arrival, _sums(past), BENDS, random)
    return chosen, np.concatenate([arrivals(network, chosen, streets), past])


def _sums(past: Floats) -> Floats:
    """Number, sum and sum of squares of the known arrivals at each street, (3, streets)."""
    known = ~np.isnan(past)
    value = np.where(known, past, 0.0)
    return np.stack([known.sum(axis=0).astype(np.float64), value.sum(axis=0), (value**2).sum(axis=0)])


def _rotated(pool: Ints, rng_seed: int) -> Ints:
    """Each circuit begun at another of its steps."""
    m = pool.shape[1]
    shift = np.random.default_rng(rng_seed).integers(0, max(m, 1), len(pool))
    return np.take_along_axis(pool, (np.arange(m) + shift[:, None]) % max(m, 1), axis=1)


def _circuits(network: Network, walk: Walk, edges: Ints, tries: int, rng_seed: int) -> Ints:
    """Shuffled circuits of a closed walk and their reversals; of an open one, from start to end."""
    u, v = network.tail[edges], network.head[edges]
    if walk.start == walk.end:
        some = euler_circuits(u, v, walk.start, tries, rng_seed=rng_seed)
        return np.concatenate([some, some[:, ::-1] ^ 1])
    back = len(edges)  # one more edge closes the walk; circuits are cut open at it
    u, v = np.append(u, walk.end), np.append(v, walk.start)
    out = np.empty((tries, len(edges)), np.int64)
    for row, circuit in enumerate(euler_circuits(u, v, walk.start, tries, rng_seed=rng_seed)):
        at = int(np.flatnonzero(circuit >> 1 == back)[0])
        opened = np.concatenate([circuit[at + 1 :], circuit[:at]])
        out[row] = opened if circuit[at] & 1 == 0 else opened[::-1] ^ 1
    return out


def _oriented(network: Network, walk: Walk, edges: Ints, pace: Pace, tries: int, rng_seed: int) -> Ints:
    """Shuffled circuits of a walk in its fastest directions; of an open one, from start to end."""
    u, v, up, down = network.tail[edges], network.head[edges], pace.up[edges], pace.down[edges]
    closed = walk.start == walk.end
    if not closed:  # one more edge closes the walk, one way only; circuits are cut open at it
        u, v = np.append(u, walk.end), np.append(v, walk.start)
        up, down = np.append(up, 0.0), np.append(down, float(up.sum() + down.sum()))
    out = []
    for kind in range(KINDS):
        ways = fastest_ways(u, v, up, down, rng_seed=rng_seed + kind)
        out.append(circuits_along(u, v, ways, walk.start, -(-tries // KINDS), rng_seed=rng_seed + kind))
    pool = np.concatenate(out)
    if closed:
        return pool
    shift = (pool >> 1 == len(edges)).argmax(axis=1) + 1
    return np.take_along_axis(pool, (np.arange(len(edges)) + shift[:, None]) % pool.shape[1], axis=1)


@njit(cache=True)
def _nodes_of(steps, tail, head, node):  # type: ignore[no-untyped-def]
    """Fill the node before each step and, last, the end of the walk."""
    node[0] = head[steps[0] >> 1] if steps[0] & 1 else tail[steps[0] >> 1]
    for k in range(len(steps)):
        edge = steps[k] >> 1
        node[k + 1] = tail[edge] if steps[k] & 1 else head[edge]


@njit(cache=True)
def _reached(steps, column, length, total, out):  # type: ignore[no-untyped-def]
    """Fill when each street is first reached, as a share of the walk."""
    out[:] = 2.0
    walked = 0.0
    for k in range(len(steps)):
        way = length[steps[k] >> 1]
        if column[k] >= 0:
            out[column[k]] = min(out[column[k]], (walked + way / 2) / total)
        walked += way


@njit(cache=True)
def _deviation(arrival, past, walk, tried):  # type: ignore[no-untyped-def]
    """Mean deviation of arrivals, each at most that of chance, with those of one walk replaced by `tried`.

    `past` holds number, sum and sum of squares of the arrivals of walks that are over.
    """
    walks, streets = arrival.shape
    total = 0.0
    for street in range(streets):
        once, square = past[1, street] + tried[street], past[2, street] + tried[street] ** 2
        for k in range(walks):
            if k != walk:
                once += arrival[k, street]
                square += arrival[k, street] ** 2
        number = past[0, street] + walks
        variance = square / number - (once / number) ** 2
        total += min(CHANCE, np.sqrt(max(0.0, variance)))
    return total / streets


@njit(cache=True)
def _turned(steps, column, low, high):  # type: ignore[no-untyped-def]
    """Walk the steps from low up to high the other way around."""
    steps[low:high] = steps[low:high][::-1].copy() ^ 1
    column[low:high] = column[low:high][::-1].copy()


@njit(cache=True)
def _bent(node, random, oriented, steps, column, low, high):  # type: ignore[no-untyped-def]
    """Turn the stretch from low to high, or let two stretches in it that meet at the same node change places."""
    _turned(steps, column, low, high)
    if oriented or _uniform(random) < 0.5:
        for b in range(low + 1, high):
            if node[b] == node[low]:  # each part turned back: the two have changed places
                _turned(steps, column, low, low + high - b)
                _turned(steps, column, low + high - b, high)
                return
        if oriented:  # nothing to exchange: as it was
            _turned(steps, column, low, high)


@njit(cache=True)
def _begun_at(shift, steps, column, new_steps, new_column):  # type: ignore[no-untyped-def]
    """Begin a circuit so many steps later."""
    m = len(steps)
    for at in range(m):
        new_steps[at], new_column[at] = steps[(at + shift) % m], column[(at + shift) % m]


@njit(cache=True)
def _same_node(node, random):  # type: ignore[no-untyped-def]
    """Two places of a walk at one node, the lesser first; (0, 0) where the first one drawn has no other."""
    m = len(node) - 1
    low, shift = int(_uniform(random) * m), int(_uniform(random) * m)
    for s in range(m):
        b = (low + 1 + shift + s) % (m + 1)
        if b != low and node[b] == node[low]:
            return min(low, b), max(low, b)
    return 0, 0


@njit(cache=True)
def _bend_all(  # type: ignore[no-untyped-def]
    steps, column, tail, head, length, anywhere, oriented, arrival, past, bends, random
):
    """Bend each walk in turn away from the others; steps, columns (walks, m) and arrivals are changed in place.

    `oriented` walks keep the direction of every step.
    """
    walks, m = steps.shape
    total = 0.0
    for k in range(m):
        total += length[steps[0, k] >> 1]
    node, tried = np.empty(m + 1, np.int64), np.empty(arrival.shape[1])
    new_steps, new_column = np.empty(m, np.int64), np.empty(m, np.int64)
    for turn in range(2 * walks):
        k = turn % walks
        _nodes_of(steps[k], tail, head, node)
        value = _deviation(arrival, past, k, arrival[k])
        for _ in range(bends):
            new_steps[:], new_column[:] = steps[k], column[k]
            low, high = _same_node(node, random)
            if anywhere and _uniform(random) < 0.5:
                _begun_at(int(_uniform(random) * m), steps[k], column[k], new_steps, new_column)
            elif low < high:
                _bent(node, random, oriented, new_steps, new_column, low, high)
            _reached(new_steps, new_column, length, total, tried)
            better = _deviation(arrival, past, k, tried)
            if better > value:
                value = better
                steps[k], column[k], arrival[k] = new_steps, new_column, tried
                _nodes_of(steps[k], tail, head, node)


def arrivals(network: Network, steps: NDArray[Any], streets: NDArray[Any]) -> Floats:
    """When each street is first set foot on, as a share of the walk, (walks, streets).

    Parameters
    ----------
    network
        Where the walks lie.
    steps
        (walks, edges walked) steps of walks that all cover the streets.
    streets
        Distinct edge rows, ascending.
    """
    length = network.length_mm[steps >> 1]
    after = np.cumsum(length, axis=1)
    total = after[:, -1:] if after.shape[1] else np.ones((len(steps), 1))
    middle = (after - length / 2) / total
    out = np.full((len(steps), len(streets)), np.inf)
    column = np.searchsorted(streets, steps >> 1)
    known = column < len(streets)
    known[known] = streets[column[known]] == (steps >> 1)[known]
    row = np.broadcast_to(np.arange(len(steps))[:, None], steps.shape)
    np.minimum.at(out, (row[known], column[known]), middle[known])
    return out


def _spread_out(arrival: Floats, count: int, past: Floats) -> Ints:
    """Rows chosen one by one, each with the greatest mean distance to those before; repeats when rows run out.

    Distances count against the nearest earlier walk first, so that no two walks are alike.
    """
    away = [_away(arrival, before) for before in past]
    chosen: list[int] = [] if away else [0]
    away += [_away(arrival, arrival[row]) for row in chosen]
    nearest, total = np.min(away, axis=0), np.sum(away, axis=0)
    while len(chosen) < count:
        left = np.ones(len(arrival), bool)
        left[chosen] = False
        if not left.any():
            chosen.append(chosen[len(chosen) % len(arrival)])
            continue
        score = np.where(left, nearest + total / (len(past) + len(chosen)), -1.0)
        best = int(np.argmax(score))
        chosen.append(best)
        found = _away(arrival, arrival[best])
        nearest = np.minimum(nearest, found)
        total = total + found
    return np.array(chosen, np.int64)


def _away(arrival: Floats, before: Floats) -> Floats:
    """How far the arrivals of each walk lie from those of one before, on average over the streets it passed."""
    known = ~np.isnan(before)
    if not known.any():
        return np.zeros(len(arrival))
    out: Floats = np.minimum(ENOUGH, np.abs(arrival[:, known] - before[known])).mean(axis=1)
    return out


def spread_of(arrival: Floats) -> Floats:
    """Standard deviation of the arrival at each street over the walks, as a share of the walk (0.289 is chance).

    NaN stands for a walk that does not pass.
    """
    out: Floats = np.nanstd(arrival, axis=0) if len(arrival) > 1 else np.zeros(arrival.shape[1])
    return out
