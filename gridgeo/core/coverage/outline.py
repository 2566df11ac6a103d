"""The outline polygons have of their own, for layers that come without a boundary."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridgeo.core.coverage.layer import layer_of
from gridgeo.core.coverage.narrow import residual, separate
from gridgeo.core.kernel import chain
from gridgeo.core.model import Objects


def outline_of(polygons: Objects, drift: float) -> Any:
    """Filled outline of the union of the polygons, its edges being theirs wherever they do not cross.

    Only what does not cancel between neighbors is noded. Empty when no polygon can be used.

    Examples
    --------
    >>> from gridgeo.core.model import geometries
    >>> outline_of(geometries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]), 0.0).area
    2.0
    """
    layer = layer_of(polygons, None)
    _, rest = separate(residual(layer), drift, layer.n)
    if not len(rest):
        return shapely.MultiPolygon()
    lines = shapely.linestrings(rest.xy[rest.node])
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    point = shapely.get_coordinates(shapely.point_on_surface(faces))
    order = np.argsort(point[:, 0], kind="stable")
    r = layer.rings
    hit, _ = chain.covering(r.xy, r.start, layer.first_ring, layer.box, point[order], np.zeros_like(point))
    union = shapely.coverage_union_all(faces[np.unique(order[hit])])
    shells = shapely.get_exterior_ring(shapely.get_parts(union))
    return shapely.union_all(shapely.polygons(shells[~shapely.is_missing(shells)]))
