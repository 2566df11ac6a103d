"""The width of a polygon: the largest circle that fits inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.kernel.boxtree import FAN, begun, box_tree, following

Floats = NDArray[np.float64]

_SAME = 1 + 1e-9
"""Circles that differ by less are as wide."""
_DOUBLED = 64
"""How often a ball is doubled before nothing is thought to stop it."""


def width(line: Floats) -> float:
    """Diameter of the largest circle found inside the edges (k, 2, 2) of a polygon, its inside on their left.

    Circles are grown from points along every edge until they touch another edge (shrinking balls, Ma, Bae and Choi
    2012, doi:10.1007/s00371-011-0594-7), so slivers of any thinness are measured without a lattice. Never above the
    true width; on squares, triangles and strips within a few per cent below it. Of many edges those near a circle are
    found by a tree of boxes: O(k log k) time unless many edges crowd around one circle.
    """
    return float(_widest(line, box_tree(line), 3 if len(line) > 64 else 9))


@njit(cache=True)
def _widest(line: Floats, tree: Any, steps: int) -> float:
    best = 0.0
    query = np.empty(5)
    for place in range(len(line)):
        i = tree.row[place]
        dx, dy = line[i, 1, 0] - line[i, 0, 0], line[i, 1, 1] - line[i, 0, 1]
        length = np.hypot(dx, dy)
        if length > 0:
            for s in range(steps):
                t = (s + 1) / (steps + 1)
                root = line[i, 0, 0] + t * dx, line[i, 0, 1] + t * dy, -dy / length, dx / length
                best = max(best, 2 * _grown(line, tree, place, root, best, query))
    return best


@njit(cache=True)
def _grown(
    line: Floats, tree: Any, place: int, root: tuple[float, float, float, float], best: float, query: Floats
) -> float:
    """Radius of the ball from a point of an edge inwards; 0 where nothing stops it, or it is not above `best`.

    Looked for among the edges within a small ball first, the best one so far, then within balls twice as large.
    """
    mx, my, nx, ny = root
    enough = best / 2 * _SAME
    radius, within = np.inf, enough if best > 0 else np.inf
    for near in range(max(0, place - FAN), min(len(tree.row), place + FAN + 1)):  # neighbors make it small at once
        if near != place:
            radius = min(radius, _ball(mx, my, nx, ny, line[tree.row[near], 0], line[tree.row[near], 1]))
            if radius <= enough:
                return 0.0
    for _ in range(_DOUBLED):
        _around(mx, my, nx, ny, min(radius, within), query)
        stack, size = begun(tree)
        near, size = following(tree, query, stack, size)
        while near >= 0:
            if near != place:
                radius = min(radius, _ball(mx, my, nx, ny, line[tree.row[near], 0], line[tree.row[near], 1]))
                if radius <= enough:
                    return 0.0
                if radius < within:
                    _around(mx, my, nx, ny, radius, query)
            near, size = following(tree, query, stack, size)
        if radius <= within:
            break
        within *= 2
    return radius if np.isfinite(radius) else 0.0


@njit(cache=True)
def _around(mx: float, my: float, nx: float, ny: float, radius: float, query: Floats) -> None:
    """Box and reach of a ball, a little wider than it."""
    if np.isfinite(radius):
        reach, x, y = radius * _SAME, mx + radius * nx, my + radius * ny
        query[0], query[1], query[2], query[3], query[4] = x - reach, y - reach, x + reach, y + reach, reach
    else:
        query[:2], query[2:] = -np.inf, np.inf


@njit(cache=True)
def _ball(mx: float, my: float, nx: float, ny: float, p: Any, q: Any) -> float:
    """Radius of the ball tangent at m with inward normal n that touches the segment pq."""
    out = np.inf
    for end in (p, q):
        ex, ey = end[0] - mx, end[1] - my
        along = nx * ex + ny * ey
        if along > 0:
            out = min(out, (ex * ex + ey * ey) / (2 * along))
    dx, dy = q[0] - p[0], q[1] - p[1]
    length = np.hypot(dx, dy)
    if length == 0:
        return out
    for turn in (1.0, -1.0):
        ux, uy = -turn * dy / length, turn * dx / length
        gap = (mx - p[0]) * ux + (my - p[1]) * uy
        lean = 1 - (nx * ux + ny * uy)
        if gap > 0 and lean > 0:
            radius = gap / lean
            fx, fy = mx + radius * (nx - ux) - p[0], my + radius * (ny - uy) - p[1]
            if 0 <= (fx * dx + fy * dy) <= length * length:
                out = min(out, radius)
    return out
