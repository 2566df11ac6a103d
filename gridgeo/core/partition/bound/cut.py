"""The cheapest set of units at prices of their own and half the border around it: a minimum cut.

Sets need not hang together, so what comes out undercuts every grid, and it comes out in no time.
"""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.compiled import inner

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]

OPEN, IN, OUT = 0, 1, 2
DUST = 1e-9
"""Meters that do not count as flow."""


class Land(NamedTuple):
    """A graph of n units in compressed rows, as cuts are made in it.

    `ptr` (n + 1,), `adj` (2 m,) and `half` (2 m,) the half of each border; `rim` (n,) the sum of a unit's halves;
    `households`, `area`, center `x` and `y`, and `own` inertia (n,).
    """

    ptr: Numbers
    adj: Numbers
    half: Reals
    rim: Reals
    households: Numbers
    area: Reals
    x: Reals
    y: Reals
    own: Reals


class Desk(NamedTuple):
    """Scratch of cuts: `price` (n,) of each unit; the window's k units `node`, numbered in `at` (n,), -1 elsewhere.

    `state` (k,) tells who is in; `gain` is a unit's price with what is decided around it, `loose` its halves toward
    the undecided; `left` numbers these. Arcs: `head` (k,), `after`, `to`, `room` (2 m,), `spare` (k,) toward the
    source where positive; `depth`, `begin`, `queue` and `way` serve the flow.
    """

    price: Reals
    at: Numbers
    node: Numbers
    state: Numbers
    gain: Reals
    loose: Reals
    left: Numbers
    head: Numbers
    after: Numbers
    to: Numbers
    room: Reals
    spare: Reals
    depth: Numbers
    begin: Numbers
    queue: Numbers
    way: Numbers


@inner
def desk_of(land: Land) -> Desk:
    """Empty scratch."""
    n, m = len(land.rim), len(land.adj)
    return Desk(
        np.zeros(n), np.full(n, -1, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n), np.zeros(n),
        np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(m, np.int64), np.zeros(m, np.int64), np.zeros(m),
        np.zeros(n), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n + 1, np.int64),
    )  # fmt: skip


@inner
def cheapest_set(land: Land, desk: Desk, rows: Any, enough: float) -> tuple[float, int]:
    """Least sum of `desk.price` and half borders over all sets of units among `rows`, and the size k of the window.

    The set is the `desk.node[i]`, i < k, of state IN; a unit dearer than all its border is in no such set. A value of
    `enough` or more is only less than the least, and there is no set.
    """
    k = 0
    for u in rows:
        if desk.price[u] < land.rim[u]:
            desk.at[u] = k
            desk.node[k] = u
            k += 1
    value = decide(land, desk, k)
    left = 0
    for i in range(k):
        if desk.state[i] == OPEN:
            desk.left[left] = i
            left += 1
            value += min(desk.gain[i], 0.0)
    if left > 0 and value < enough:
        arcs(land, desk, left)
        value = flow(desk, left, value, enough)
        for q in range(left):
            i = desk.left[q]
            desk.state[i] = IN if desk.depth[i] >= 0 else OUT
    for i in range(k):
        desk.at[desk.node[i]] = -1
    return value, k


@inner
def decide(land: Land, desk: Desk, k: int) -> float:
    """Settle the units whose price outweighs all that is undecided around them; the price of those in.

    Half borders toward the undecided are among it.
    """
    end = 0
    for i in range(k):
        u = desk.node[i]
        gain, loose = desk.price[u], 0.0
        for e in range(land.ptr[u], land.ptr[u + 1]):
            if desk.at[land.adj[e]] < 0:
                gain += land.half[e]
            else:
                loose += land.half[e]
        desk.gain[i], desk.loose[i], desk.state[i] = gain, loose, OPEN
        end = judge(desk, i, end)
    begin = 0
    while begin < end:
        i = desk.queue[begin]
        begin += 1
        u = desk.node[i]
        for e in range(land.ptr[u], land.ptr[u + 1]):
            j = desk.at[land.adj[e]]
            if j >= 0 and desk.state[j] == OPEN:
                desk.loose[j] -= land.half[e]
                desk.gain[j] += land.half[e] if desk.state[i] == OUT else -land.half[e]
                end = judge(desk, j, end)
    return paid(land, desk, end)


@inner
def paid(land: Land, desk: Desk, end: int) -> float:
    """Price of the first `end` units queued that are in, with half borders toward all that are not."""
    value = 0.0
    for q in range(end):
        i = desk.queue[q]
        if desk.state[i] == IN:
            u = desk.node[i]
            value += desk.price[u]
            for e in range(land.ptr[u], land.ptr[u + 1]):
                j = desk.at[land.adj[e]]
                if j < 0 or desk.state[j] != IN:
                    value += land.half[e]
    return value


@inner
def judge(desk: Desk, i: int, end: int) -> int:
    """Decide unit i of the window if that can be told, and queue it; the new end of the queue."""
    if desk.gain[i] >= desk.loose[i]:
        desk.state[i] = OUT
    elif desk.gain[i] <= -desk.loose[i]:
        desk.state[i] = IN
    else:
        return end
    desk.queue[end] = i
    return end + 1


@inner
def arcs(land: Land, desk: Desk, left: int) -> None:
    """Arcs, each beside its reverse, among the first `left` undecided units."""
    for q in range(left):
        i = desk.left[q]
        desk.head[i], desk.spare[i] = -1, -desk.gain[i]
    m = 0
    for q in range(left):
        i = desk.left[q]
        u = desk.node[i]
        for e in range(land.ptr[u], land.ptr[u + 1]):
            j = desk.at[land.adj[e]]
            if j > i and desk.state[j] == OPEN:
                desk.to[m], desk.after[m], desk.room[m] = j, desk.head[i], land.half[e]
                desk.to[m + 1], desk.after[m + 1], desk.room[m + 1] = i, desk.head[j], land.half[e]
                desk.head[i], desk.head[j] = m, m + 1
                m += 2


@inner
def flow(desk: Desk, left: int, value: float, enough: float) -> float:
    """Add the maximum flow from the units with spare to those that lack, or `enough` of it, to a value.

    By shortest ways, layer by layer (Dinitz 1970). In the end the side of the source has depth >= 0.
    """
    while layers(desk, left):
        for q in range(left):
            source = desk.left[q]
            while desk.spare[source] > DUST:
                more = push(desk, source)
                if more <= 0.0:
                    break
                value += more
                if value >= enough:
                    return value
    return value


@inner
def layers(desk: Desk, left: int) -> bool:
    """Depth of each undecided unit from the nearest with spare, -1 out of reach; whether one that lacks is reached."""
    end = 0
    for q in range(left):
        i = desk.left[q]
        desk.begin[i], desk.depth[i] = desk.head[i], -1
        if desk.spare[i] > DUST:
            desk.depth[i] = 0
            desk.queue[end] = i
            end += 1
    begin, found, last = 0, False, len(desk.at)
    while begin < end:
        i = desk.queue[begin]
        begin += 1
        if desk.depth[i] >= last:
            continue
        if desk.spare[i] < -DUST:
            found, last = True, desk.depth[i]
            continue
        e = desk.head[i]
        while e >= 0:
            j = desk.to[e]
            if desk.depth[j] < 0 and desk.room[e] > DUST:
                desk.depth[j] = desk.depth[i] + 1
                desk.queue[end] = j
                end += 1
            e = desk.after[e]
    return found


@inner
def push(desk: Desk, source: int) -> float:
    """Push flow along one way through the layers; how much, 0 where there is no way."""
    steps, i = 0, source
    while desk.spare[i] >= -DUST:
        e = desk.begin[i]
        while e >= 0 and not (desk.room[e] > DUST and desk.depth[desk.to[e]] == desk.depth[i] + 1):
            e = desk.after[e]
        desk.begin[i] = e
        if e >= 0:
            desk.way[steps] = e
            steps += 1
            i = desk.to[e]
        elif steps == 0:
            return 0.0
        else:
            desk.depth[i] = len(desk.at) + 1
            steps -= 1
            i = desk.to[desk.way[steps] ^ 1]
            desk.begin[i] = desk.after[desk.way[steps]]
    most = min(desk.spare[source], -desk.spare[i])
    for s in range(steps):
        most = min(most, desk.room[desk.way[s]])
    desk.spare[source] -= most
    desk.spare[i] += most
    for s in range(steps):
        desk.room[desk.way[s]] -= most
        desk.room[desk.way[s] ^ 1] += most
    return most
