"""Polygons that share borders, given each other's vertices: done before any change of CRS.

A vertex of one polygon on the middle of a neighbor's straight edge leaves that edge when both are projected, because a
straight line does not stay straight: a gap opens. Once the neighbor has the vertex too, both move alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Floats, Objects, geometries

NEAR = 1e-9
"""A vertex this near to an edge, in units of the layer, lies on it (0.1 mm in degrees)."""


def noded(polygons: Objects, near: float = NEAR) -> Objects:
    """The polygons with every vertex of any of them that lies on their edges; nothing else changes.

    O(v log v) for v vertices, by an R-tree of the edges.

    Examples
    --------
    >>> left, low, high = shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2)
    >>> shapely.get_num_coordinates(noded(np.array([left, low, high], dtype=object))).tolist()
    [6, 5, 5]
    """
    shapes = geometries(polygons)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    if not len(xy):
        return shapes
    ring_of = _rings(shapes)
    inside = np.flatnonzero(ring_of[1:] == ring_of[:-1])
    edges = shapely.linestrings(np.stack([xy[inside], xy[inside + 1]], 1))
    vertex = np.unique(xy, axis=0)
    edge, point = _on(edges, xy[inside], xy[inside + 1], vertex, near)
    if not len(edge):
        return shapes
    touched = np.unique(owner[inside[edge]])
    for row in touched.tolist():
        of_row = owner[inside[edge]] == row
        shapes[row] = _with(shapes[row], xy, owner, row, inside[edge[of_row]], vertex[point[of_row]])
    return shapes


def _rings(shapes: Objects) -> NDArray[np.int64]:
    """Number of the ring each coordinate belongs to, in coordinate order."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    return np.repeat(np.arange(len(rings)), shapely.get_num_coordinates(rings))


def _on(
    edges: Objects, start: Floats, end: Floats, vertex: Floats, near: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of an edge and a vertex strictly inside it, sorted along each edge."""
    point, edge = shapely.STRtree(edges).query(shapely.points(vertex), predicate="dwithin", distance=near)
    a, b, p = start[edge], end[edge], vertex[point]
    free = (p != a).any(axis=1) & (p != b).any(axis=1)
    edge, point, a, b, p = edge[free], point[free], a[free], b[free], p[free]
    along = np.einsum("ij,ij->i", p - a, b - a) / np.einsum("ij,ij->i", b - a, b - a)
    order = np.lexsort((along, edge))
    order = order[(along[order] > 0) & (along[order] < 1)]
    return edge[order], point[order]


def _with(shape: Any, xy: Floats, owner: NDArray[Any], row: int, after: NDArray[Any], added: Floats) -> Any:
    """One polygon with points added after some of its coordinates (numbered over all polygons)."""
    first = int(np.searchsorted(owner, row))
    own = xy[first : int(np.searchsorted(owner, row, side="right"))]
    longer = np.insert(own, after - first + 1, added, axis=0)
    ring_of = _rings(geometries([shape]))
    longer_ring = np.insert(ring_of, after - first + 1, ring_of[after - first])
    rings = [shapely.linearrings(longer[longer_ring == ring]) for ring in range(int(ring_of[-1]) + 1)]
    counts = shapely.get_num_interior_rings(shapely.get_parts(shape)) + 1
    ends = np.cumsum(counts).tolist()
    parts = [shapely.Polygon(rings[b - n], rings[b - n + 1 : b]) for n, b in zip(counts.tolist(), ends, strict=True)]
    return parts[0] if shape.geom_type == "Polygon" else shapely.multipolygons(parts)
