"""A frame of a map on a page: which ground it shows, at a round scale, and where a place of it lies on the paper."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import shapely

from gridgeo.core.model import Floats, Objects, geometries
from gridgeo.handover.paper import MM

ROUND = (1, 1.2, 1.5, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 6, 7, 8)
"""Scales are one of these times a power of ten: 1:1 500, 1:25 000."""
FINE_PT = 0.12
"""Lines on paper are simplified by this much: less than a dot of a printer."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A rectangle of paper, (x, y) its lower left corner in points, showing the ground `ground` at 1:`scale`."""

    x: float
    y: float
    width: float
    height: float
    ground: tuple[float, float, float, float]
    scale: float

    @property
    def points_per_m(self) -> float:
        """Points of paper for a metre of ground."""
        return 1000 * MM / self.scale

    def paper(self, xy: Floats) -> Floats:
        """Places on the ground (n, 2) as places on the paper."""
        return (np.asarray(xy) - self.ground[:2]) * self.points_per_m + (self.x, self.y)

    def cut(self, shapes: Objects) -> Objects:
        """What the frame shows of shapes on the ground, as shapes on the paper; what it does not show is empty."""
        inside = geometries(shapely.clip_by_rect(shapes, *self.ground)) if len(shapes) else shapes
        fine = geometries(shapely.simplify(inside, FINE_PT / self.points_per_m, preserve_topology=False))
        return geometries(shapely.transform(fine, self.paper))


def frame_around(
    bounds: tuple[float, float, float, float], *, x: float, y: float, width: float, height: float, edge: float = 0.06
) -> Frame:
    """The frame that shows the bounds (west, south, east, north; metres) in its middle at the largest round scale.

    `edge` is the least share of the frame left free on each side.

    >>> frame_around((0, 0, 400, 300), x=0, y=0, width=500, height=500).scale
    2800.0
    """
    x0, y0, x1, y1 = bounds
    room = 1 - 2 * edge
    least = max((x1 - x0) / (width * room), (y1 - y0) / (height * room), 1e-3) * 1000 * MM
    scale = round_scale(least)
    half = width / 2 * scale / (1000 * MM), height / 2 * scale / (1000 * MM)
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    ground = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
    return Frame(x=x, y=y, width=width, height=height, ground=ground, scale=scale)


def round_scale(least: float) -> float:
    """The smallest round scale number that is at least so large.

    >>> round_scale(2_100), round_scale(9_000)
    (2200.0, 10000.0)
    """
    power = 10 ** (len(str(ceil(least))) - 1)
    return float(next(round(step * power) for step in (*ROUND, 10) if step * power >= least))
