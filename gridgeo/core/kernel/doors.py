"""Where a place steps out onto lines, one place at a time: lines in cells, looked up and checked in compiled code.

The same rule as `gridgeo.core.dispatch.entries.entries_at`, which enters many places at once through a tree; a question
about one place would spend most of its time on the way in and out of a dozen library calls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

MOST_WAYS = 4
"""Streets one point may step out onto."""

AS_NEAR = 2.0
"""A street counts as about as near up to this many times the distance of the nearest."""

SHORTER = 0.999
"""Access lines are looked at up to this share, so that they do not touch the street they lead to."""


class Cells(NamedTuple):
    """Segments from `a` to `b` (s, 2), each listed in every square cell it may touch.

    Cell (column, row) holds `item[ptr[c]:ptr[c + 1]]` with c = row * columns + column; it begins `size` metres times
    column and row from `left`, `low`.
    """

    a: NDArray[np.float64]
    b: NDArray[np.float64]
    left: float
    low: float
    size: float
    columns: int
    rows: int
    ptr: NDArray[np.int64]
    item: NDArray[np.int64]


def cells_of(a: NDArray[np.float64], b: NDArray[np.float64]) -> Cells:
    """Segments from a to b (s, 2) in about as many cells; points are segments of no length. O(s + cells crossed).

    >>> cells = cells_of(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]))
    >>> window(cells, 0.0, 0.0, 1.0).tolist(), window(cells, 90.0, 0.0, 1.0).tolist()
    ([0], [])
    """
    a, b = np.ascontiguousarray(a, np.float64), np.ascontiguousarray(b, np.float64)
    if len(a) == 0:
        return Cells(
            a.reshape(0, 2), b.reshape(0, 2), 0.0, 0.0, 1.0, 0, 0, np.zeros(1, np.int64), np.zeros(0, np.int64)
        )
    low, high = np.minimum(a, b).min(0), np.maximum(a, b).max(0)
    width, height = (high - low).tolist()
    # as many cells as segments, and no more of them along a side than that either
    size = max(np.sqrt(width * height / len(a)), max(width, height) / len(a), 1.0)
    columns, rows = int(width // size) + 1, int(height // size) + 1
    left, bottom = low.tolist()
    many = _list(a, b, left, bottom, size, columns, rows, np.zeros(0, np.int64), np.zeros(0, np.int64))
    ptr = np.concatenate([[0], np.cumsum(many)])
    item = np.empty(ptr[-1], np.int64)
    _list(a, b, left, bottom, size, columns, rows, ptr, item)
    return Cells(a, b, left, bottom, size, columns, rows, ptr, item)


@njit(cache=True)
def _list(a, b, left, low, size, columns, rows, ptr, item):  # type: ignore[no-untyped-def]
    """How many segments each cell has; where `ptr` is given, they are put into `item`."""
    many = np.zeros(columns * rows, np.int64)
    for s in range(len(a)):
        x0, y0, x1, y1 = a[s, 0] - left, a[s, 1] - low, b[s, 0] - left, b[s, 1] - low
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        for row in range(int(y0 // size), min(int(y1 // size), rows - 1) + 1):
            # the part of the segment in this row of cells, a hair more on both sides
            share0 = 0.0 if y1 == y0 else max((row * size - y0) / (y1 - y0), 0.0)
            share1 = 1.0 if y1 == y0 else min(((row + 1) * size - y0) / (y1 - y0), 1.0)
            at0, at1 = x0 + share0 * (x1 - x0), x0 + share1 * (x1 - x0)
            first = max(int((min(at0, at1) - 1e-6) // size), 0)
            last = min(int((max(at0, at1) + 1e-6) // size), columns - 1)
            for column in range(first, last + 1):
                cell = row * columns + column
                if len(ptr):
                    item[ptr[cell] + many[cell]] = s
                many[cell] += 1
    return many


@njit(cache=True)
def away(ax, ay, bx, by, x, y):  # type: ignore[no-untyped-def]
    """How far a point is from a segment, and at which share of it the nearest place lies."""
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    share = ((x - ax) * dx + (y - ay) * dy) / square if square > 0 else 0.0
    if share <= 0:
        return np.hypot(x - ax, y - ay), 0.0
    if share >= 1:
        return np.hypot(x - bx, y - by), 1.0
    return abs((x - ax) * dy - (y - ay) * dx) / np.sqrt(square), share


@njit(cache=True)
def window(cells, x, y, reach):  # type: ignore[no-untyped-def]
    """Segments in the cells within `reach` of a point, ascending, each once: all that are so near, and some others."""
    first, last = int((x - reach - cells.left) // cells.size), int((x + reach - cells.left) // cells.size)
    bottom, top = int((y - reach - cells.low) // cells.size), int((y + reach - cells.low) // cells.size)
    first, last = max(first, 0), min(last, cells.columns - 1)
    bottom, top = max(bottom, 0), min(top, cells.rows - 1)
    size = 0
    for row in range(bottom, top + 1):
        for c in range(row * cells.columns + first, row * cells.columns + last + 1):
            size += cells.ptr[c + 1] - cells.ptr[c]
    found = np.empty(size, np.int64)
    at = 0
    for row in range(bottom, top + 1):
        for c in range(row * cells.columns + first, row * cells.columns + last + 1):
            for i in range(cells.ptr[c], cells.ptr[c + 1]):
                found[at] = cells.item[i]
                at += 1
    found.sort()
    kept = 0
    for i in range(size):
        if i == 0 or found[i] != found[i - 1]:
            found[kept] = found[i]
            kept += 1
    return found[:kept]


@njit(cache=True)
def nearest_m(cells, x, y, most):  # type: ignore[no-untyped-def]
    """How far the nearest segment is, infinite beyond `most`."""
    reach = min(cells.size, most)
    while True:
        best = np.inf
        for s in window(cells, x, y, reach):
            best = min(best, away(cells.a[s, 0], cells.a[s, 1], cells.b[s, 0], cells.b[s, 1], x, y)[0])
        if best <= reach or reach >= most:
            return best if best <= most else np.inf
        reach = min(best if best < np.inf else 2 * reach, most)


@njit(cache=True)
def _side(ax, ay, bx, by, x, y):  # type: ignore[no-untyped-def]
    """On which side of the line from a to b a point lies: 1 left, -1 right, 0 on it."""
    turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    return 1 if turn > 0 else -1 if turn < 0 else 0


@njit(cache=True)
def meets(cells, s, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """Whether a segment has a point in common with the line from (x0, y0) to (x1, y1)."""
    ax, ay, bx, by = cells.a[s, 0], cells.a[s, 1], cells.b[s, 0], cells.b[s, 1]
    if max(ax, bx) < min(x0, x1) or max(x0, x1) < min(ax, bx):
        return False
    if max(ay, by) < min(y0, y1) or max(y0, y1) < min(ay, by):
        return False
    across = _side(ax, ay, bx, by, x0, y0) * _side(ax, ay, bx, by, x1, y1) <= 0
    return across and _side(x0, y0, x1, y1, ax, ay) * _side(x0, y0, x1, y1, bx, by) <= 0


@njit(cache=True)
def crossed(cells, x0, y0, x1, y1):  # type: ignore[no-untyped-def]
    """Whether any segment meets the line from (x0, y0) to (x1, y1)."""
    if cells.columns == 0:
        return False
    reach = max(abs(x1 - x0), abs(y1 - y0)) / 2
    met = False
    for s in window(cells, (x0 + x1) / 2, (y0 + y1) / 2, reach):
        met = met or meets(cells, s, x0, y0, x1, y1)
    return met


class Kerbs(NamedTuple):
    """Segments of lines in `cells`: of each its first `vertex` and its `edge`, both ascending."""

    cells: Cells
    vertex: NDArray[np.int64]
    edge: NDArray[np.int64]


def kerbs_of(xy: NDArray[np.float64], edge: NDArray[np.int64]) -> Kerbs:
    """Segments between neighboring vertices xy (v, 2) of the same edge, which ascends.

    >>> kerbs_of(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]), np.array([0, 0, 0])).vertex.tolist()
    [0, 1]
    """
    vertex = np.flatnonzero(edge[1:] == edge[:-1])
    return Kerbs(cells_of(xy[vertex], xy[vertex + 1]), vertex, np.ascontiguousarray(edge[vertex], np.int64))


@njit(cache=True)
def _near_edges(kerbs, lines, x, y, radius):  # type: ignore[no-untyped-def]
    """Segments within a radius, and rows (edge, metres away, along, foot x, foot y) of their edges, ascending."""
    cells = kerbs.cells
    near = window(cells, x, y, radius)
    edge, row = np.empty(len(near), np.int64), np.empty((len(near), 4))
    size = 0
    for s in near:
        ax, ay, bx, by = cells.a[s, 0], cells.a[s, 1], cells.b[s, 0], cells.b[s, 1]
        far, share = away(ax, ay, bx, by, x, y)
        if far > radius:
            continue
        new = size == 0 or edge[size - 1] != kerbs.edge[s]
        if not new and far >= row[size - 1, 0]:
            continue
        size += new
        start, end = lines.along[kerbs.vertex[s]], lines.along[kerbs.vertex[s] + 1]
        edge[size - 1], row[size - 1, 0], row[size - 1, 1] = kerbs.edge[s], far, start + share * (end - start)
        row[size - 1, 2], row[size - 1, 3] = ax + share * (bx - ax), ay + share * (by - ay)
    return near, edge[:size], row[:size]


@njit(cache=True)
def _shut(kerbs, near, walls, x, y, foot_x, foot_y, first):  # type: ignore[no-untyped-def]
    """Whether the way to a foot on a street meets a wall or, unless that street is the first, another street."""
    x1, y1 = x + SHORTER * (foot_x - x), y + SHORTER * (foot_y - y)
    if not first:
        for s in near:
            if meets(kerbs.cells, s, x, y, x1, y1):
                return True
    return crossed(walls, x, y, x1, y1)


@njit(cache=True)
def ways_at(kerbs, lines, walls, x, y, off_street, walled):  # type: ignore[no-untyped-def]
    """Ways by which a place steps out: edges, millimetres along them and to them, nearest first; none far off.

    Parameters
    ----------
    kerbs, lines
        Streets in cells, and as `Lines`.
    walls
        Cells of what nobody walks across.
    x, y, off_street
        The place; farther than this from every street it has no way; metres.
    walled
        Whether the place lies inside something that nobody walks across, which shuts every way.
    """
    edge, along, access = np.empty((3, MOST_WAYS), np.int64)
    nearest = nearest_m(kerbs.cells, x, y, off_street)
    kept = 0
    if nearest == np.inf:
        return edge[:0], along[:0], access[:0]
    near, edges, row = _near_edges(kerbs, lines, x, y, min(AS_NEAR * nearest, off_street) + 1e-6)
    # of streets equally near, the first: edges ascend, and the sort is stable
    order = np.argsort(row[:, 0], kind="mergesort")
    for rank in range(len(order)):
        e, at = edges[order[rank]], row[order[rank]]
        # a street that is nearest at its very end is another block's, or a detour to the corner
        if rank > 0 and (at[1] <= 0 or at[1] >= lines.length[e]):
            continue
        if kept < MOST_WAYS and not (walled or _shut(kerbs, near, walls, x, y, at[2], at[3], rank == 0)):
            edge[kept], along[kept], access[kept] = e, np.rint(at[1]), np.rint(at[0] * 1000)
            kept += 1
    if kept == 0:  # walls before every street: the nearest is entered all the same
        at = row[order[0]]
        edge[0], along[0], access[0], kept = edges[order[0]], np.rint(at[1]), np.rint(at[0] * 1000), 1
    return edge[:kept], along[:kept], access[:kept]


@njit(cache=True)
def straight_to(points, walls, x, y, reach, walled):  # type: ignore[no-untyped-def]
    """Points within reach that nothing stands before, ascending, and the millimetres to them."""
    rows = window(points, x, y, reach) if points.columns > 0 and not walled else np.empty(0, np.int64)
    walk = np.empty(len(rows), np.int64)
    kept = 0
    for t in rows:
        x1, y1 = points.a[t, 0], points.a[t, 1]
        far = np.hypot(x1 - x, y1 - y)
        if far <= reach and not crossed(walls, x, y, x1, y1):
            rows[kept], walk[kept] = t, np.rint(far * 1000)
            kept += 1
    return rows[:kept], walk[:kept]
