"""Parts whose rest falls apart: what lies between sides that neither overlap nor touch."""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

from typing import Any

import numpy as np

from gridgeo.core.partition.compiled import inner, kernel
from gridgeo.core.partition.listing import NONE, ONE, lowest


@inner
def in_one_piece(mask: Any, near: Any) -> bool:
    """Whether the nodes of a mask (words,) hang together; `near` (n, words) are the neighbors of each node."""
    words = len(mask)
    left, wave = mask.copy(), np.zeros(words, np.uint64)
    for w in range(words):
        if left[w] != NONE:
            wave[w] = left[w] & (~left[w] + ONE)
            left[w] ^= wave[w]
            break
    growing = True
    while growing:
        growing = False
        for w in range(words):
            while wave[w] != NONE:
                v = 64 * w + lowest(wave[w])
                wave[w] &= wave[w] - ONE
                growing = True
                for q in range(words):
                    wave[q] |= near[v, q] & left[q]
                    left[q] &= ~near[v, q]
    spare = NONE
    for w in range(words):
        spare |= left[w]
    return spare == NONE


@kernel
def whole(mask: Any, near: Any) -> Any:
    """Which masks (p, words) hang together."""
    out = np.zeros(len(mask), np.bool_)
    for row in range(len(mask)):
        out[row] = in_one_piece(mask[row], near)
    return out


@inner
def apart(hull: Any, mask: Any, a: int, b: int) -> bool:
    """Whether set b lies outside set a and its neighbors."""
    shared = NONE
    for w in range(mask.shape[1]):
        shared |= hull[a, w] & mask[b, w]
    return shared == NONE


@kernel
def list_strips(
    mask: Any, hull: Any, border: Any, value: Any,
    first: Any, last: Any, tail: Any, room: float, longest: int, most: int,
) -> Any:  # fmt: skip
    """Sets of sides apart from each other, one of each row range `first` to `last`, of values up to `room` in all.

    Sides (s, words) come by ascending value within a range; ranges of equal bounds follow each other. `hull` adds the
    neighbors; `tail` (c + 1,) is the least value of all ranges from each on. Returns the union of each set and the
    length of its border, at most `longest`, and whether `most` did not cut the list short.
    """
    words, pieces = mask.shape[1], len(first)
    union, length = np.zeros((most, words), np.uint64), np.zeros(most, np.int64)
    chosen, around, spent = np.zeros(pieces, np.int64), np.zeros(pieces + 1, np.int64), np.zeros(pieces + 1)
    got = depth = 0
    chosen[0] = first[0] - 1
    while depth >= 0:
        chosen[depth] += 1
        i = chosen[depth]
        # values ascend: nothing after i fits either
        if i >= last[depth] or spent[depth] + value[i] + tail[depth + 1] > room:
            depth -= 1
            continue
        free = around[depth] + border[i] <= longest
        for d in range(depth):
            free = free and apart(hull, mask, chosen[d], i)
        if not free:
            continue
        around[depth + 1], spent[depth + 1] = around[depth] + border[i], spent[depth] + value[i]
        if depth + 1 < pieces:
            depth += 1
            chosen[depth] = i if first[depth] == first[depth - 1] else first[depth] - 1
            continue
        if got == most:
            return union, length, False
        for d in range(pieces):
            for w in range(words):
                union[got, w] |= mask[chosen[d], w]
        length[got] = around[pieces]
        got += 1
    return union[:got], length[:got], True
