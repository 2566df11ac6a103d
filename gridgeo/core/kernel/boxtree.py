"""A tree of boxes: which of many segments lie near one, without looking at all of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FAN = 8
"""Boxes to a node."""
ROOTS = 64
"""So few boxes need no node above them."""


class BoxTree(NamedTuple):
    """Boxes packed into nodes of `FAN`, level by level.

    `box` (nodes, 4) min x, min y, max x, max y, the given ones first; `row` (k,) which given one each of these is;
    `level` (levels + 1,) where each level begins.
    """

    box: Floats
    row: Ints
    level: Ints


def box_tree(line: Floats) -> BoxTree:
    """Tree of the boxes of segments (k, 2, 2), packed by tiles (Leutenegger, Lopez and Edgington 1997). O(k log k).

    >>> tree = box_tree(np.array([[[0.0, 0.0], [1.0, 1.0]], [[5.0, 5.0], [4.0, 6.0]]]))
    >>> place, left = following(tree, np.array([4.5, 5.5, 9.0, 9.0, np.inf]), *begun(tree))
    >>> int(tree.row[place]), left
    (1, 0)
    """
    box = np.concatenate([line.min(axis=1), line.max(axis=1)], axis=1)
    row = np.arange(len(box))
    if len(box) > ROOTS:
        x, y = line.sum(axis=1).T
        slices = np.empty(len(box), np.int64)
        slices[np.argsort(x, kind="stable")] = row // (FAN * int(np.ceil(np.sqrt(len(box) / FAN))))
        row = np.lexsort((y, slices))
        box = box[row]
    levels, level = [box], [0, len(box)]
    while len(box) > ROOTS:
        begin = np.arange(0, len(box), FAN)
        low, high = np.minimum.reduceat(box[:, :2], begin), np.maximum.reduceat(box[:, 2:], begin)
        box = np.concatenate([low, high], axis=1)
        levels.append(box)
        level.append(level[-1] + len(box))
    return BoxTree(np.concatenate(levels), row, np.array(level))


@njit(cache=True)
def begun(tree: Any) -> tuple[Ints, int]:
    """A stack for `following` with the roots of the tree on it, and its size."""
    top = len(tree.level) - 2
    roots = tree.level[top + 1] - tree.level[top]
    stack = np.empty(ROOTS + FAN * (top + 1), np.int64)
    for k in range(roots):
        stack[k] = tree.level[top + 1] - 1 - k
    return stack, roots


@njit(cache=True)
def following(tree: Any, query: Floats, stack: Ints, size: int) -> tuple[int, int]:
    """Place in `tree.row` of the next box that meets the query, which may have shrunk since, and the new size.

    `query` (5,) is a box, and the farthest from its middle that counts. (-1, 0) when there is none left.
    """
    x, y = (query[0] + query[2]) / 2, (query[1] + query[3]) / 2
    while size:
        size -= 1
        node = stack[size]
        box = tree.box[node]
        if box[0] > query[2] or box[2] < query[0] or box[1] > query[3] or box[3] < query[1]:
            continue
        if max(box[0] - x, 0.0, x - box[2]) ** 2 + max(box[1] - y, 0.0, y - box[3]) ** 2 > query[4] ** 2:
            continue
        if node < tree.level[1]:
            return node, size
        depth = 1
        while tree.level[depth + 1] <= node:
            depth += 1
        begin = tree.level[depth - 1] + FAN * (node - tree.level[depth])
        for child in range(min(begin + FAN, tree.level[depth]) - 1, begin - 1, -1):
            stack[size] = child
            size += 1
    return -1, 0
