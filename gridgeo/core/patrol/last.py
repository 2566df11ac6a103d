"""Walks that are over: when they came by each street, read off their lines."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.model import Floats, Objects

TOUCH_M = 0.5  # a line passes a street when it comes this near to its middle


def arrivals_of_lines(lines: Objects | None, streets: Objects) -> Floats:
    """When each street is first passed by each walk, as a share of the walk, (walks, streets); NaN where it is not.

    Only lines are needed, so that walks of another file, or of a plan since redrawn, count as well. Walks that pass
    none of the streets are left out. O(walks x corners x streets).

    Parameters
    ----------
    lines
        (n,) LineStrings in walking order; None: no walks.
    streets
        (m,) LineStrings.

    Examples
    --------
    >>> walk = shapely.from_wkt(["LINESTRING (0 0, 100 0, 100 100)"])
    >>> arrivals_of_lines(walk, shapely.from_wkt(["LINESTRING (0 0, 100 0)", "LINESTRING (0 0, 0 100)"]))
    array([[0.25,  nan]])
    """
    if lines is None or len(lines) == 0 or len(streets) == 0:
        return np.zeros((0, len(streets)))
    return arrivals_at(lines, shapely.get_coordinates(shapely.line_interpolate_point(streets, 0.5, normalized=True)))


def arrivals_at(lines: Objects | None, points: Floats) -> Floats:
    """When each point (m, 2) is first passed by each walk, as `arrivals_of_lines` tells it, (walks, m).

    >>> arrivals_at(shapely.from_wkt(["LINESTRING (0 0, 100 0)"]), np.array([[25.0, 0.2]]))
    array([[0.25]])
    """
    if lines is None or len(lines) == 0 or len(points) == 0:
        return np.zeros((0, len(points)))
    rows = np.array([_first_passes(shapely.get_coordinates(line), points) for line in lines])
    out: Floats = rows[~np.isnan(rows).all(axis=1)]
    return out


def spread_of_lines(lines: Objects, points: Floats) -> Floats:
    """Standard deviation of the arrivals at each point that several walks pass, as a share of the walk."""
    arrival = arrivals_at(lines, points)
    several = (~np.isnan(arrival)).sum(axis=0) > 1
    out: Floats = np.nanstd(arrival[:, several], axis=0)
    return out


def _first_passes(corners: Floats, middle: Floats) -> Floats:
    """Share of a walk at which it first comes by each point; NaN for never."""
    begin, way = corners[:-1], np.diff(corners, axis=0)
    size = np.hypot(*way.T)
    begin, way, size = begin[size > 0], way[size > 0], size[size > 0]
    if len(size) == 0:
        return np.full(len(middle), np.nan)
    to = middle[:, None] - begin
    along = np.clip((to * way).sum(axis=2) / size**2, 0.0, 1.0)
    passes = np.hypot(*np.moveaxis(to - along[..., None] * way, 2, 0)) <= TOUCH_M
    first = passes.argmax(axis=1)
    walked = (np.cumsum(size) - size)[first] + along[np.arange(len(middle)), first] * size[first]
    return np.where(passes.any(axis=1), walked / size.sum(), np.nan)
