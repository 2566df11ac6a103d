"""List what may stay of a grid in a thinned zone: connected sets of its units, each with a price no grid undercuts.

Each set is reached once: it grows from its lowest unit, and a unit passed over is out of reach of the branches after
it. A set may be short of households by what lies in the clusters beside it.
"""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.bound.thin import Thin
from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.score import MIXED, Rule, shape_cost

Numbers = NDArray[np.int64]


class Walk(NamedTuple):
    """Scratch of a search in depth over k units.

    `queue` holds units beside the set, `at` and `end` (k + 2,) what is left of it at each depth; `member` (k + 1,) is
    the set; `queued`, `inside` (k,) and `touched` (clusters,) tell and count; `part` (n,) is the border of free units
    with the set, `parts` counts it; `sums` (k + 2, 8) holds households, area, x, y, r2, border, area of the clusters
    beside the set, least border around free units; `more` (k + 2,) the households of these clusters.
    """

    queue: Numbers
    at: Numbers
    end: Numbers
    member: Numbers
    queued: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    touched: Numbers
    part: NDArray[np.float64]
    parts: Numbers
    sums: NDArray[np.float64]
    more: Numbers


@inner
def walk_for(thin: Thin) -> Walk:
    """Empty scratch."""
    k = len(thin.households)
    return Walk(
        np.empty(k + 1, np.int64), np.zeros(k + 2, np.int64), np.zeros(k + 2, np.int64), np.empty(k + 1, np.int64),
        np.zeros(k, np.bool_), np.zeros(k, np.bool_), np.zeros(len(thin.extra_area), np.int64),
        np.zeros(len(thin.around)), np.zeros(len(thin.around), np.int64), np.zeros((k + 2, 8)),
        np.zeros(k + 2, np.int64),
    )  # fmt: skip


@inner
def enter(thin: Thin, walk: Walk, depth: int, v: int, root: int) -> None:
    """Put unit v into the set; later neighbors not met before are queued."""
    sums, up = walk.sums[depth], walk.sums[depth + 1]
    for q in range(8):
        up[q] = sums[q]
    up[0] += thin.households[v]
    for q in range(4):
        up[q + 1] += thin.moments[v, q]
    up[5] += thin.rim[v]
    end = walk.end[depth]
    for e in range(thin.ptr[v], thin.ptr[v + 1]):
        u = thin.adj[e]
        up[5] += -thin.weight[e] if walk.inside[u] else thin.weight[e]
        if u > root and not walk.queued[u]:
            walk.queued[u] = True
            walk.queue[end] = u
            end += 1
    walk.more[depth + 1] = walk.more[depth]
    touch(thin, walk, depth + 1, v)
    walk.member[depth] = v
    walk.inside[v] = True
    walk.at[depth + 1], walk.end[depth + 1] = walk.at[depth], end


@inner
def touch(thin: Thin, walk: Walk, depth: int, v: int) -> None:
    """Count the free units and the clusters beside unit v in."""
    sums = walk.sums[depth]
    for j in range(thin.star[v], thin.star[v + 1]):
        z = thin.free[j]
        sums[7] -= 0.5 * min(walk.part[z], thin.around[z] - walk.part[z])
        walk.part[z] += thin.part[j]
        walk.parts[z] += 1
        sums[7] += 0.5 * min(walk.part[z], thin.around[z] - walk.part[z])
    for j in range(thin.first[v], thin.first[v + 1]):
        cluster = thin.cluster[j]
        if walk.touched[cluster] == 0:
            sums[6] += thin.extra_area[cluster]
            walk.more[depth] += thin.extra_households[cluster]
        walk.touched[cluster] += 1


@inner
def leave(thin: Thin, walk: Walk, depth: int) -> None:
    """Take the last unit out of a set of `depth` units."""
    for i in range(walk.end[depth - 1], walk.end[depth]):
        walk.queued[walk.queue[i]] = False
    v = walk.member[depth - 1]
    walk.inside[v] = False
    for j in range(thin.star[v], thin.star[v + 1]):
        z = thin.free[j]
        walk.parts[z] -= 1
        # back to an exact 0, so that rounding cannot pile up
        walk.part[z] = walk.part[z] - thin.part[j] if walk.parts[z] > 0 else 0.0
    for j in range(thin.first[v], thin.first[v + 1]):
        walk.touched[thin.cluster[j]] -= 1


@inner
def least_shape(thin: Thin, walk: Walk, size: int) -> float:
    """Shape cost that no set of these `size` units, with any of the free units beside them, undercuts.

    A free unit adds at least its own inertia and its area times the square of its distance, less what the center
    moves. Inertia so grows at least in proportion to the area added; the cost of the shape is then least with none
    of that area or with all.
    """
    sums = walk.sums[size]
    area, more = sums[1], sums[6]
    alone = shape_cost(area, sums[2], sums[3], sums[4])
    if more <= 0.0 or area <= 0.0:
        return alone
    x, y = sums[2] / area, sums[3] / area
    least = np.inf
    for i in range(size):
        v = walk.member[i]
        for j in range(thin.first[v], thin.first[v + 1]):
            for z in range(thin.body[thin.cluster[j]], thin.body[thin.cluster[j] + 1]):
                dx, dy = thin.disc[z, 1] - x, thin.disc[z, 2] - y
                if thin.disc[z, 0] > 0.0:
                    least = min(least, thin.disc[z, 3] + (dx * dx + dy * dy) * area / (area + more))
    inertia = max(sums[4] - area * (x * x + y * y), 0.0) + more * least
    return min(alone, 2.0 * math.pi * inertia / (area + more) ** 1.5)


@inner
def least_price(thin: Thin, walk: Walk, size: int, rule: Rule) -> float:
    """Price that no grid with these `size` units, and any of the free units beside them, undercuts."""
    sums = walk.sums[size]
    half = max(0.5 * (rule.high - rule.low), 1.0)
    households = int(sums[0])
    most = min(households + walk.more[size], rule.high)
    off = (min(max(rule.target, households), most) - rule.target) / half
    mixed = 0
    for i in range(1, size):
        mixed += 1
        for j in range(i):
            if thin.home[walk.member[j]] == thin.home[walk.member[i]]:
                mixed -= 1
                break
    border = 0.5 * sums[5] + max(sums[7], 0.0)
    return border + rule.deviation * off * off + rule.roundness * least_shape(thin, walk, size) + MIXED * mixed


@kernel
def list_sets(thin: Thin, rule: Rule, most: int, room: int, each: int) -> Any:
    """All sets that may be what stays of a grid, as (start, member, price, seen).

    `seen` (k,) counts the sets looked at from each unit, their lowest; no more than `each` and one. It is -1 from where
    `most` sets, or `room` members in all, were reached. The list is complete when all are 0 to `each`.
    O(sets (degree + size)).
    """
    k = len(thin.households)
    walk = walk_for(thin)
    start, member, price = np.zeros(most + 1, np.int64), np.empty(room, np.int32), np.empty(most)
    seen = np.full(k, -1, np.int64)
    got = 0
    for root in range(k):
        walk.queue[0], walk.at[0], walk.end[0] = root, 0, 1
        walk.queued[root] = True
        depth = met = 0
        while depth >= 0:
            if walk.at[depth] == walk.end[depth] or met > each:
                if depth > 0:
                    leave(thin, walk, depth)
                depth -= 1
                continue
            v = walk.queue[walk.at[depth]]
            walk.at[depth] += 1
            if int(walk.sums[depth, 0]) + thin.households[v] > rule.high:
                continue
            met += 1
            enter(thin, walk, depth, v, root)
            depth += 1
            if int(walk.sums[depth, 0]) + walk.more[depth] >= rule.low:
                if got == most or start[got] + depth > room:
                    return start, member, price, seen
                member[start[got] : start[got] + depth] = walk.member[:depth]
                price[got] = least_price(thin, walk, depth, rule)
                start[got + 1] = start[got] + depth
                got += 1
        walk.queued[root] = False
        seen[root] = met
    return start[: got + 1], member[: start[got]], price[:got], seen


@kernel
def settle(start: Any, member: Any, price: Any, share: Any) -> None:
    """Lower shares in place, the higher the more, until those of no set exceed its price; O(members).

    One pass is enough: shares only fall, so a set that was looked at stays settled.
    """
    for j in range(len(price)):
        over, high = -price[j], 0.0
        for i in range(start[j], start[j + 1]):
            over += share[member[i]]
            high += max(share[member[i]], 0.0)
        if over > 0.0:
            for i in range(start[j], start[j + 1]):
                share[member[i]] -= over * max(share[member[i]], 0.0) / high


@kernel
def lift(start: Any, member: Any, price: Any, share: Any, part: float) -> None:
    """Raise shares in place, one unit after the other, by a `part` (0..1) of what all its sets leave; O(members)."""
    left = price.copy()
    count = np.zeros(len(share) + 1, np.int64)
    for j in range(len(price)):
        for i in range(start[j], start[j + 1]):
            left[j] -= share[member[i]]
            count[member[i] + 1] += 1
    for u in range(len(share)):
        count[u + 1] += count[u]
    at, mine = count[:-1].copy(), np.empty(len(member), np.int64)
    for j in range(len(price)):
        for i in range(start[j], start[j + 1]):
            mine[at[member[i]]] = j
            at[member[i]] += 1
    for u in range(len(share)):
        room = np.inf
        for i in range(count[u], count[u + 1]):
            room = min(room, left[mine[i]])
        if room < np.inf and room > 0.0:
            share[u] += part * room
            for i in range(count[u], count[u + 1]):
                left[mine[i]] -= part * room
