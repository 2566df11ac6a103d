"""Every connected set with a connected rest, a given weight and a short border: all simple cycles of the dual."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any

import numpy as np

from gridgeo.core.partition.compiled import inner, kernel


@inner
def wanted(weight: int, total: int, low: int, high: int, count: int, single: bool) -> bool:
    """Whether a side and its rest can each be divided into parts; with `single` only if one of them is a part."""
    for parts in range(1, count):
        rest = count - parts
        if single and parts > 1 and rest > 1:
            continue
        if parts * low <= weight <= parts * high and rest * low <= total - weight <= rest * high:
            return True
    return False


@inner
def distances(start: int, alive: Any, ptr: Any, to: Any, edge: Any, length: Any, out: Any, queue: Any) -> None:
    """Least length from each face still alive to `start`, by repeated sweeps of a queue; large where unreached."""
    out[:] = 1_000_000
    out[start] = 0
    queue[0] = start
    head, tail, n = 0, 1, len(out)
    while head != tail:
        f = queue[head]
        head = (head + 1) % (n * 4)
        for e in range(ptr[f], ptr[f + 1]):
            g = to[e]
            if alive[g] and out[f] + length[edge[e]] < out[g]:
                out[g] = out[f] + length[edge[e]]
                queue[tail] = g
                tail = (tail + 1) % (n * 4)


@inner
def enclose(below: Any, crossed: Any, steps: int, out: Any) -> None:
    """Nodes on the side without node 0 of a cycle: the nodes below each tree edge crossed, those met twice left out."""
    for d in range(steps):
        for w in range(len(out)):
            out[w] ^= below[crossed[d], w]


@kernel
def list_sides(  # noqa: C901  (one stack machine: splitting it would hide its few lines)
    ptr: Any, to: Any, edge: Any, gain: Any, below: Any, length: Any, order: Any,
    total: int, low: int, high: int, count: int, longest: int, short: int, most: int, visits: int,
) -> Any:  # fmt: skip
    """Sides of all cycles no longer than `longest` whose weight fits some number of parts, beyond `short` one part.

    Returns
    -------
    mask
        (s, words) nodes of the side without node 0.
    weight, border
        (s,) its weight and the length of its cycle.
    complete
        Whether neither `most` sides nor `visits` steps cut the list short.
    """
    f = len(ptr) - 1
    mask = np.zeros((most, below.shape[1]), np.uint64)
    weight, border = np.zeros(most, np.int64), np.zeros(most, np.int64)
    alive, on_path = np.ones(f, np.bool_), np.zeros(f, np.bool_)
    away, queue = np.zeros(f, np.int64), np.zeros(4 * f, np.int64)
    path, place = np.zeros(f + 2, np.int64), np.zeros(f + 2, np.int64)
    gone, sums = np.zeros(f + 2, np.int64), np.zeros(f + 2, np.int64)
    crossed = np.zeros(f + 2, np.int64)
    got = seen = 0
    for start in order:
        distances(start, alive, ptr, to, edge, length, away, queue)
        depth = 0
        path[0], place[0], gone[0], sums[0] = start, ptr[start], 0, 0
        while depth >= 0:
            here = path[depth]
            if place[depth] == ptr[here + 1]:
                on_path[here] = False
                depth -= 1
                continue
            e = place[depth]
            place[depth] += 1
            there, step = to[e], length[edge[e]]
            if not alive[there] or gone[depth] + step + away[there] > longest:
                continue
            seen += 1
            if seen == visits:
                return mask[:got], weight[:got], border[:got], False
            if there == start:
                first = edge[e] if depth == 0 else crossed[0]
                if depth > 0 and first >= edge[e]:
                    continue
                inside, around = abs(sums[depth] + gain[e]), gone[depth] + step
                if not wanted(inside, total, low, high, count, around > short):
                    continue
                if got == most:
                    return mask, weight, border, False
                crossed[depth] = edge[e]
                enclose(below, crossed, depth + 1, mask[got])
                weight[got], border[got] = inside, around
                got += 1
            elif not on_path[there]:
                crossed[depth] = edge[e]
                depth += 1
                on_path[there] = True
                path[depth], place[depth] = there, ptr[there]
                gone[depth], sums[depth] = gone[depth - 1] + step, sums[depth - 1] + gain[e]
        alive[start] = False
    return mask[:got], weight[:got], border[:got], True
