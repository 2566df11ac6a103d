"""The outline polygons have of their own, for layers that come without a boundary."""

from __future__ import annotations

from typing import Any

import shapely

from gridgeo.core.coverage.layer import layer_of
from gridgeo.core.coverage.narrow import residual, separate
from gridgeo.core.model import Objects


def outline_of(polygons: Objects, drift: float) -> Any:
    """All that the polygons cover or enclose; its edges are theirs wherever they do not cross.

    Only what does not cancel between neighbors is noded: every bounded face of it, bare or covered, is within the
    outline. Empty when no polygon can be used.

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
    noded = shapely.union_all(shapely.linestrings(rest.xy[rest.node]))
    return shapely.coverage_union_all(shapely.get_parts(shapely.polygonize([noded])))
