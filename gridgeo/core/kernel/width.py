"""The width of a polygon: the largest circle that fits inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@njit(cache=True)
def width(line: Floats) -> float:
    """Diameter of the largest circle found inside the edges (k, 2, 2) of a polygon, its inside on their left.

    Circles are grown from points along every edge until they touch another edge (shrinking balls, Ma, Bae and Choi
    2012, doi:10.1007/s00371-011-0594-7), so slivers of any thinness are measured without a lattice. Never above the
    true width; on squares, triangles and strips within a few per cent below it. O(k**2) time at worst.
    """
    best = 0.0
    steps = 3 if len(line) > 64 else 9
    for i in range(len(line)):
        dx, dy = line[i, 1, 0] - line[i, 0, 0], line[i, 1, 1] - line[i, 0, 1]
        length = np.hypot(dx, dy)
        if length == 0:
            continue
        nx, ny = -dy / length, dx / length
        for s in range(steps):
            t = (s + 1) / (steps + 1)
            mx, my = line[i, 0, 0] + t * dx, line[i, 0, 1] + t * dy
            radius = np.inf
            for j in range(len(line)):
                if j != i:
                    radius = min(radius, _ball(mx, my, nx, ny, line[j, 0], line[j, 1]))
                    if 2 * radius <= best:
                        break
            if np.isfinite(radius):
                best = max(best, 2 * radius)
    return best


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
