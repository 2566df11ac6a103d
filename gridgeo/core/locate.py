"""Which grid a point lies in."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely

from gridgeo.core.model import Floats, Ints, Objects, Plan

BORDER_M = 0.001
"""A point this near to a grid lies on its border: coordinates are good to 1 mm."""


class Locator:
    """Answers which grid a point lies in, again and again.

    Parameters
    ----------
    plan
        Plan to look in; its grid polygons are indexed once.

    Notes
    -----
    A point within 1 mm of a grid belongs to it, so a shared border belongs to both sides: the lowest code answers.
    Searched in a packed R-tree (Leutenegger et al. 1997, doi:10.1109/ICDE.1997.582015): O(log k) for each point.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of, ORIGIN
    >>> locator = Locator(plan_of(lattice(1, 2), [0, 1]))
    >>> locator.codes(ORIGIN + [[50.0, 50.0], [100.0, 50.0], [150.0, 50.0], [-1.0, 0.0]]).tolist()
    ['g0', 'g0', 'g1', '']
    """

    def __init__(self, plan: Plan) -> None:
        order = np.argsort(plan.grids.code.astype(str), kind="stable")
        self._code = plan.grids.code[order]
        self._shape = plan.geometry[order]
        shapely.prepare(self._shape)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._shape)

    def rows(self, xy: Floats) -> Ints:
        """Position in ascending order of codes of the grid at each point, -1 outside all."""
        point, grid = self._tree.query(shapely.points(xy), predicate="dwithin", distance=BORDER_M)
        out = np.full(len(xy), len(self._code), np.int64)
        np.minimum.at(out, point, grid)
        return np.where(out == len(self._code), -1, out)

    def codes(self, xy: Floats) -> Objects:
        """Code of the grid at each point, "" outside all."""
        rows = self.rows(np.asarray(xy, np.float64).reshape(-1, 2))
        out = np.full(len(rows), "", object)
        out[rows >= 0] = self._code[rows[rows >= 0]]
        return out

    def code(self, x: float, y: float) -> str:
        """Code of the grid at one point, "" outside all."""
        hits = self._tree.query(shapely.Point(x, y), predicate="dwithin", distance=BORDER_M)
        return str(self._code[hits.min()]) if len(hits) else ""
