"""Which polygon a point, or most of another polygon, lies in."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.model import Flags, Floats, Objects, Rows


def is_polygon(shapes: Objects) -> Flags:
    """Which shapes have a surface."""
    kind = shapely.get_type_id(shapes)
    flat: Flags = (kind == shapely.GeometryType.POLYGON) | (kind == shapely.GeometryType.MULTIPOLYGON)
    return flat


def rows_at(xy: Floats, polygons: Objects) -> Rows:
    """Lowest row of the polygons that hold each point (n, 2), -1 for none; a border belongs to both sides.

    Examples
    --------
    >>> squares = shapely.box([0, 1], [0, 0], [1, 2], [1, 1])
    >>> rows_at(np.array([[0.5, 0.5], [1.0, 0.5], [9.0, 9.0]]), squares).tolist()
    [0, 0, -1]
    """
    found = np.full(len(xy), len(polygons), np.int64)
    if len(xy) and len(polygons):
        polygon, point = shapely.STRtree(shapely.points(xy)).query(polygons, predicate="intersects")
        np.minimum.at(found, point, polygon)
    return np.where(found == len(polygons), -1, found).astype(np.int32)


def largest_share(shapes: Objects, polygons: Objects) -> tuple[Rows, Floats]:
    """The polygon that covers most of each shape, and the share of the shape's area it covers.

    The lowest row wins a tie; -1 and 0.0 where no polygon reaches.

    Examples
    --------
    >>> row, share = largest_share(shapely.box([0], [0], [4], [1]), shapely.box([0, 1], [0, 0], [1, 9], [1, 1]))
    >>> row.tolist(), share.tolist()
    ([1], [0.75])
    """
    row, best = np.full(len(shapes), -1, np.int32), np.zeros(len(shapes))
    if not len(shapes) or not len(polygons):
        return row, best
    tree = shapely.STRtree(shapes)
    p, s = tree.query(polygons, predicate="contains")
    row[s[::-1]], best[s] = p[::-1], 1.0
    p, s = tree.query(polygons, predicate="intersects")
    open_pair = best[s] < 1
    p, s = p[open_pair], s[open_pair]
    share = shapely.area(shapely.intersection(shapes[s], polygons[p])) / shapely.area(shapes[s])
    order = np.lexsort((p, -share, s))
    first = order[np.unique(s[order], return_index=True)[1]]
    first = first[share[first] > 0]
    row[s[first]], best[s[first]] = p[first], share[first]
    return row, best


def nearest(shapes: Objects, polygons: Objects) -> Rows:
    """Row of the polygon nearest to each shape; the lowest row wins a tie."""
    shape, polygon = shapely.STRtree(polygons).query_nearest(shapes, all_matches=True)
    row = np.full(len(shapes), len(polygons), np.int64)
    np.minimum.at(row, shape, polygon)
    return row.astype(np.int32)
