"""Polygons put together again from their own edges and those of a face, so that all other vertices keep their bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Floats


def combined(polygon: Any, face: Any, sign: int, reach: float) -> Any:
    """Polygon with a face added (sign 1) or cut out (-1), built from the edges of both that do not cancel.

    Edges of the polygon are cut at corners of the face within `reach` of them, its corners within `reach` are the
    face's; all other vertices stay as they are. Both may have several parts.

    >>> combined(shapely.box(0, 0, 2, 1), shapely.box(2, 0, 3, 1), 1, 1e-9).area
    3.0
    """
    corner = np.unique(shapely.get_coordinates(face), axis=0)
    return assembled(_net([(cut_edges(polygon, corner, reach), 1), (edges(face), sign)]))


def aligned(polygon: Any, corner: Floats, reach: float) -> Any:
    """Polygon with every corner (k, 2) within `reach` of it among its vertices, all other vertices as they are.

    >>> len(aligned(shapely.box(0, 0, 2, 1), np.array([[1.0, 0.0]]), 1e-9).exterior.coords)
    6
    """
    return assembled(_net([(cut_edges(polygon, corner, reach), 1)]))


def soundness(new: Any, old: Any, gain: float, reach: float) -> str:
    """Why a rebuilt grid is not sound, or "".

    Sound is a valid polygon in no more parts than before, larger by `gain` and by nothing else: vertices may have
    moved by `reach`, so the area may differ by that much along the outline. An outline that did not close again loses
    ground, and that shows here. No edit may take more than half of a grid.
    """
    if new.is_empty or gain < -old.area / 2:
        return "would-empty"
    slack = 2 * reach * max(old.length, new.length) + 1e-12 * old.area
    if not new.is_valid or abs(new.area - old.area - gain) > slack:
        return "would-spoil"
    return "would-tear" if shapely.get_num_geometries(new) > shapely.get_num_geometries(old) else ""


def _net(walks: list[tuple[Floats, int]]) -> Floats:
    """Directed edges (k, 2, 2) that do not cancel between walks of edges, each with its sign."""
    count: dict[tuple[float, ...], int] = {}
    for line, weight in walks:
        for ax, ay, bx, by in line.reshape(-1, 4).tolist():
            forward = (ax, ay) < (bx, by)
            key = (ax, ay, bx, by) if forward else (bx, by, ax, ay)
            count[key] = count.get(key, 0) + (weight if forward else -weight)
    left = [key if times > 0 else (*key[2:], *key[:2]) for key, times in count.items() if times]
    return np.array(left, np.float64).reshape(-1, 2, 2)


def assembled(line: Floats) -> Any:
    """Polygon that lies to the left of directed edges (k, 2, 2): of the faces they enclose those walked that way."""
    if not len(line):
        return shapely.Polygon()
    walked = set(map(tuple, line.reshape(-1, 4).tolist()))
    faces = shapely.orient_polygons(shapely.get_parts(shapely.polygonize(shapely.linestrings(line))))
    xy, ring = shapely.get_coordinates(shapely.get_exterior_ring(faces), return_index=True)
    first = np.searchsorted(ring, np.arange(len(faces)))
    start = np.concatenate([xy[first], xy[first + 1]], axis=1)
    inside = faces[[tuple(edge) in walked for edge in start.tolist()]]
    return inside[0] if len(inside) == 1 else shapely.multipolygons(inside)


def edges(shape: Any) -> Floats:
    """Directed edges (k, 2, 2) of a polygon in one or several parts, with the inside on the left."""
    parts = shapely.get_parts(shapely.orient_polygons(shapely.force_2d(shape)))
    xy, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    xy = xy + 0.0
    inner = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    return np.stack([xy[inner], xy[inner + 1]], axis=1)


def cut_edges(polygon: Any, corner: Floats, reach: float) -> Floats:
    """Edges of a polygon, its vertices moved onto near corners and its edges cut at near corners."""
    line = edges(polygon)
    low, high = corner.min(axis=0) - reach, corner.max(axis=0) + reach
    close = (line.min(axis=1) <= high).all(axis=1) & (line.max(axis=1) >= low).all(axis=1)
    far = line[~close]
    cut = [_cut(_moved(a, corner, reach), _moved(b, corner, reach), corner, reach) for a, b in line[close]]
    # the ends of edges left alone must follow vertices that moved
    ends = far.reshape(-1, 2)
    near = ((ends >= low) & (ends <= high)).all(axis=1)
    ends[near] = [_moved(end, corner, reach) for end in ends[near]] if near.any() else ends[near]
    return np.concatenate([ends.reshape(-1, 2, 2), *cut])


def _cut(a: Floats, b: Floats, corner: Floats, reach: float) -> Floats:
    """The edge from a to b in pieces (k, 2, 2), cut at the corners within reach of its inside."""
    step = b - a
    square = float(step @ step)
    if square == 0:
        return np.zeros((0, 2, 2))
    share = (corner - a) @ step / square
    off = np.hypot(*(corner - a - share[:, None] * step).T)
    on = (off <= reach) & (share > 0) & (share < 1) & (corner != a).any(axis=1) & (corner != b).any(axis=1)
    path = np.concatenate([[a], corner[on][np.argsort(share[on])], [b]])
    return np.stack([path[:-1], path[1:]], axis=1)


def _moved(point: Floats, corner: Floats, reach: float) -> Floats:
    """The nearest corner within reach, else the point itself."""
    away = np.hypot(*(corner - point).T)
    nearest = int(np.argmin(away))
    return corner[nearest] if away[nearest] <= reach else point
