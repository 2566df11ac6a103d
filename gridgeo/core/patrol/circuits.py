"""Many walks of the same length: which of a grid's Euler circuits to take, so that nobody can set a watch by them.

An even, connected multigraph has very many circuits, all of one length. Each walk is chosen among shuffled circuits
and their reversals: the one whose arrival times at the streets lie farthest from those of the walks before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.tjoin import euler_circuits
from gridgeo.core.model import Floats, Ints
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.postman import Walk


def varied_circuits(network: Network, walk: Walk, count: int, *, tries: int, rng_seed: int) -> tuple[Ints, Floats]:
    """Circuits of one walk, chosen one after the other for surprise.

    Parameters
    ----------
    network
        Where the walk lies.
    walk
        A closed walk.
    count
        Circuits wanted.
    tries
        Shuffled circuits to choose from; each counts in both directions.
    rng_seed
        Start of the random numbers.

    Returns
    -------
    steps
        (count, edges walked) steps in walking order: 2 * edge row, plus 1 when walked from head to tail.
    arrival
        (count, different required edges) when each required street is first reached, as a share of the walk.
    """
    edges = np.concatenate([walk.required, walk.extra])
    u, v = network.tail[edges], network.head[edges]
    some = euler_circuits(u, v, walk.start, tries, rng_seed=rng_seed)
    pool = np.concatenate([some, some[:, ::-1] ^ 1])
    steps = 2 * edges[pool >> 1] + (pool & 1)
    arrival = arrivals(network, steps, np.unique(walk.required))
    chosen = _spread_out(arrival, count)
    return steps[chosen], arrival[chosen]


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


def _spread_out(arrival: Floats, count: int) -> Ints:
    """Rows chosen one by one, each with the greatest mean distance to those before; repeats when rows run out.

    Distances count against the nearest earlier walk first, so that no two walks are alike.
    """
    chosen = [0]
    away = np.abs(arrival - arrival[0]).mean(axis=1) if arrival.shape[1] else np.zeros(len(arrival))
    nearest, total = away.copy(), away.copy()
    while len(chosen) < count:
        left = np.ones(len(arrival), bool)
        left[chosen] = False
        if not left.any():
            chosen.append(chosen[len(chosen) % len(arrival)])
            continue
        score = np.where(left, nearest + total / len(chosen), -1.0)
        best = int(np.argmax(score))
        chosen.append(best)
        away = np.abs(arrival - arrival[best]).mean(axis=1) if arrival.shape[1] else np.zeros(len(arrival))
        nearest = np.minimum(nearest, away)
        total += away
    return np.array(chosen, np.int64)


def spread_of(arrival: Floats) -> Floats:
    """Standard deviation of the arrival at each street over the walks, as a share of the walk (0.289 is chance)."""
    out: Floats = arrival.std(axis=0) if len(arrival) > 1 else np.zeros(arrival.shape[1])
    return out
