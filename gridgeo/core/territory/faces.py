"""Faces of a set of lines: node them exactly, polygonize, keep what lies inside the boundary."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Objects, geometries
from gridgeo.core.territory.columns import spots
from gridgeo.core.territory.locate import rows_at
from gridgeo.errors import InputError

AREA_NOISE = 1e-9
"""Share of the boundary's area that rounding may take or add when lines are noded."""


def faces_inside(lines: Objects, boundary: Any) -> Objects:
    """Faces the lines cut the boundary into, as an exact coverage of it.

    Lines are noded in floating point, never on a coarser raster, so the outline stays where it is. Lines that end
    inside a face do not cut it.

    Raises
    ------
    InputError
        The lines cannot be noded into faces that cover the boundary.

    Examples
    --------
    >>> square = shapely.box(0, 0, 2, 2)
    >>> len(faces_inside(shapely.linestrings([[[1, -1], [1, 3]], [[0, 1], [0.5, 1]]]), square))
    2
    """
    whole = np.concatenate([lines, geometries([shapely.boundary(boundary)])])
    noded = _noded(whole)
    for _ in range(3):
        faces = _kept(noded, boundary)
        if _covers(faces, boundary):
            return faces
        noded = shapely.union_all(shapely.get_parts(noded))
    raise InputError(
        "streets, barriers and borders cannot be noded into faces that cover the boundary",
        where="boundary",
        hint="look for lines that run on each other within less than a micrometre",
    )


def _noded(lines: Objects) -> Any:
    """All lines cut where they meet; by the robust overlay where the plain noder gives up."""
    try:
        return shapely.node(shapely.geometrycollections(lines.tolist()))
    except shapely.errors.GEOSException:
        return shapely.union_all(lines)


def _kept(noded: Any, boundary: Any) -> Objects:
    faces = geometries(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    inside: Objects = faces[rows_at(spots(faces), geometries([boundary])) == 0]
    return inside


def _covers(faces: Objects, boundary: Any) -> bool:
    if abs(float(shapely.area(faces).sum()) - boundary.area) > AREA_NOISE * boundary.area:
        return False
    return bool(shapely.coverage_is_valid(faces))
