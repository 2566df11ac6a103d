"""A seeded town to draw on: blocks of a warped lattice, walled compounds, main streets around communities, a river.

Every plot is a cell of a warped lattice, so borders match exactly. Nested bands of rows and columns make communities
(bounded by main streets), blocks (streets) and compounds (walls); other borders are open ground. Two rows of plots
near the middle are taken out as the river; three bridges join the banks. Block types set the households: parks none,
work few, low-rise 1 to 7 a plot, walk-ups 6 to 30 on half the plots, towers 55 to 250 on a quarter.
"""

from __future__ import annotations

import numpy as np
import shapely

from benchmarks.quality.places import territory_of
from gridgeo.core.model import Adjacency, Border, Territory, geometries

PLOT_M = 39.0
COMMUNITY, BLOCK, COMPOUND = 15, 5, 2
SHARES = (0.06, 0.14, 0.50, 0.22, 0.08)


def make_town(plots: int, households: int, seed: int) -> Territory:
    """Town of about `plots` plots and about `households` households."""
    rng = np.random.default_rng(seed)
    cols = max(COMMUNITY, round(np.sqrt(plots * 1.3)))
    rows = max(4, round(plots / cols))
    river = rows // 2
    dry = np.repeat(np.arange(rows), cols) != river
    shape = plots_of(rows, cols, rng)
    count, home, compound = people(rows, cols, rng)
    scale = households / count[dry].sum()
    count = np.where(count > 0, np.clip(np.round(count * scale), 1, 250), 0).astype(np.int64)
    new = np.full(rows * cols, -1)
    new[dry] = np.arange(dry.sum())
    rows_of_borders = borders(shape, rows, cols, new, river, compound)
    communities = np.unique(home[dry], return_inverse=True)[1]
    compounds = np.unique(compound[dry], return_inverse=True)[1]
    return territory_of(
        shape[dry], count[dry], name=f"town-{plots}-{seed}", community=communities, compound=compounds,
        adjacency=rows_of_borders,
    )  # fmt: skip


def plots_of(rows: int, cols: int, rng: np.random.Generator) -> np.ndarray:
    """Quadrilaterals of a lattice with jittered corners, in row order."""
    y, x = np.mgrid[: rows + 1, : cols + 1].astype(float)
    jitter = rng.uniform(-0.22, 0.22, (2, rows + 1, cols + 1))
    jitter[:, [0, -1]], jitter[:, :, [0, -1]] = 0, 0
    x, y = np.round((x + jitter[0]) * PLOT_M, 3), np.round((y + jitter[1]) * PLOT_M, 3)
    corner = np.stack([x, y], -1)
    ring = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]], 2)
    return geometries(shapely.polygons(ring.reshape(-1, 4, 2)))


def people(rows: int, cols: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Households, community and compound of each plot."""
    r, c = (a.ravel() for a in np.mgrid[:rows, :cols])
    wide = cols + 1
    home = (r // COMMUNITY) * wide + c // COMMUNITY
    block = (r // BLOCK) * wide + c // BLOCK
    kind = rng.choice(5, p=SHARES, size=(rows // BLOCK + 1) * wide)[block]
    gated = rng.random((rows // BLOCK + 1) * wide)[block] < 0.35
    fine = (r // COMPOUND) * wide + c // COMPOUND + 10_000_000
    compound = np.where(gated & (kind >= 2), block, fine * 100 + block % 97)
    chance = rng.random(len(r))
    towers = np.minimum(250, 55 * np.exp(np.abs(rng.normal(0, 0.7, len(r)))))
    few, low, walk = rng.integers(1, 6, len(r)), rng.integers(1, 8, len(r)), rng.integers(6, 31, len(r))
    count = np.choose(
        kind, [0 * few, few * (chance < 0.15), low * (chance < 0.8), walk * (chance < 0.5), towers * (chance < 0.25)]
    )
    return count, home, compound


def borders(shape: np.ndarray, rows: int, cols: int, new: np.ndarray, river: int, compound: np.ndarray) -> Adjacency:
    """Borders of the lattice with what they lie on, and three bridges over the river."""
    cell = np.arange(rows * cols).reshape(rows, cols)
    pairs = np.concatenate(
        [np.stack([cell[:, :-1].ravel(), cell[:, 1:].ravel()], 1), np.stack([cell[:-1].ravel(), cell[1:].ravel()], 1)]
    )
    pairs = pairs[(new[pairs] >= 0).all(axis=1)]
    edge = shapely.boundary(shape)
    length = shapely.length(shapely.intersection(edge[pairs[:, 0]], edge[pairs[:, 1]]))
    border = np.full(len(pairs), Border.OPEN, np.int8)
    border[compound[pairs[:, 0]] != compound[pairs[:, 1]]] = Border.WALL
    for step, kind in ((BLOCK, Border.STREET), (COMMUNITY, Border.MAIN)):
        for number in (pairs // cols, pairs % cols):
            border[number[:, 0] // step != number[:, 1] // step] = kind
    at = (np.array([0.18, 0.53, 0.85]) * cols).astype(int)
    bridges = np.stack([cell[river - 1, at], cell[river + 1, at]], 1)
    pairs = np.concatenate([pairs, bridges])
    border = np.concatenate([border, np.full(3, Border.BRIDGE, np.int8)])
    length = np.concatenate([length, np.zeros(3)])
    u, v = new[pairs].min(axis=1), new[pairs].max(axis=1)
    order = np.lexsort((border, v, u))
    return Adjacency(
        u=u[order].astype(np.int32), v=v[order].astype(np.int32), length_m=length[order], border=border[order],
        link=np.ones(len(u), bool),
    )  # fmt: skip
