"""How long streets take on foot: speed, stairs, slopes either way, and streets to be crossed.

Uphill and downhill differ. Tobler (1993, "Three presentations on geographical analysis and modeling") found that
walkers go 6 exp(-3.5 |s + 0.05|) km/h on a slope s: fastest a little downhill. Only the shape is taken from it, the
speed on the level is the planner's own. Who is faster than RIDES goes by e-bike, which climbs as it rolls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Flags, Floats, Ints, Streets
from gridgeo.core.patrol.params import SLOWEST

STEEP, DOWN = 3.5, 0.05
RIDES = 2.5  # metres per second from which a person is not on foot
STEEPEST = 1.0  # share a street may rise; what is steeper is no street but stairs, or a slip of the pen


def slope_factor(slope: Floats) -> Floats:
    """How many times as long as on the level a stretch takes that rises so much (a share, below 0 downhill).

    >>> slope_factor(np.array([0.0, 0.1, -0.1, -0.05])).round(2).tolist()
    [1.0, 1.42, 1.0, 0.84]
    """
    out: Floats = np.exp(STEEP * (np.abs(slope + DOWN) - DOWN))
    return out


def too_steep(streets: Streets) -> Flags:
    """Which lines are steeper than any street: they count as stairs, (k,)."""
    out: Flags = np.abs(streets.slope) > 100 * STEEPEST
    return out


def rises(streets: Streets) -> Floats:
    """Share each edge rises from tail to head, (m,): the slope of its line, turned where the edge runs against it."""
    out = streets.slope[streets.line] / 100
    steep = np.flatnonzero(out)
    lines, edges = streets.line_geometry[streets.line[steep]], streets.geometry[steep]
    first, last = (
        shapely.line_locate_point(lines, shapely.line_interpolate_point(edges, share, normalized=True))
        for share in (0.25, 0.75)
    )
    out[steep] *= np.where(last < first, -1.0, 1.0)
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Pace:
    """Seconds of every street edge from tail to head (`up`) and back (`down`), (m,); seconds of crossing streets.

    `wait_s` (m,) is what it takes to cross a street at a junction, 0 where that costs nothing.
    """

    streets: Streets
    speed_m_per_s: float
    up: Floats
    down: Floats
    wait_s: Floats

    @cached_property
    def level(self) -> bool:
        """Whether every edge takes as long either way."""
        return bool(np.array_equal(self.up, self.down))

    @cached_property
    def even(self) -> bool:
        """Whether time is length over speed: no slopes, no stairs, no crossings that cost time."""
        usual = self.streets.length_mm / (1000 * self.speed_m_per_s)
        return self.level and not self.wait_s.any() and np.allclose(self.up, usual, rtol=1e-9, atol=0.0)

    @cached_property
    def slow_mm(self) -> Ints:
        """What an edge takes beyond its length, at most, as millimetres walked meanwhile, (m,)."""
        worst = np.maximum(self.up, self.down) * 1000 * self.speed_m_per_s
        out: Ints = np.maximum(0, np.ceil(worst - 1e-6).astype(np.int64) - self.streets.length_mm)
        return out

    def seconds(self, steps: NDArray[Any]) -> Floats:
        """Seconds of each step (2 * edge, plus 1 backwards), the crossing of streets before it included."""
        edge = steps >> 1
        out: Floats = np.where(steps & 1, self.down[edge], self.up[edge])
        if self._junctions and len(steps) > 1:
            begin = np.where(steps & 1, self.streets.head[edge], self.streets.tail[edge])
            for at in np.flatnonzero(np.isin(begin[1:], self._nodes)) + 1:
                out[at] += self._crossing(int(begin[at]), int(steps[at - 1]) ^ 1, int(steps[at]))
        return out

    @cached_property
    def _bearings(self) -> Floats:
        """Direction in which each step sets out, radians, (2 m,)."""
        shapes = self.streets.geometry
        first, second, before, last = (shapely.get_point(shapes, at) for at in (0, 1, -2, -1))
        out = np.empty(2 * len(shapes))
        for way, (a, b) in enumerate(((first, second), (last, before))):
            out[way::2] = np.arctan2(shapely.get_y(b) - shapely.get_y(a), shapely.get_x(b) - shapely.get_x(a))
        return out

    @cached_property
    def _junctions(self) -> dict[int, list[int]]:
        """Steps that leave a node along a street that costs time to cross, for nodes where it goes on."""
        out: dict[int, list[int]] = {}
        for edge in np.flatnonzero(self.wait_s > 0).tolist():
            out.setdefault(int(self.streets.tail[edge]), []).append(2 * edge)
            out.setdefault(int(self.streets.head[edge]), []).append(2 * edge + 1)
        return {node: ways for node, ways in out.items() if len(ways) > 1}

    @cached_property
    def _nodes(self) -> Ints:
        return np.array(sorted(self._junctions), np.int64)

    def _crossing(self, node: int, back: int, on: int) -> float:
        """Seconds lost at a node between the step back where one came from and the step on: the street in between."""
        if self.wait_s[back >> 1] or self.wait_s[on >> 1] or back == on:
            return 0.0
        turn = (self._bearings[on] - self._bearings[back]) % (2 * np.pi)
        sides: tuple[list[float], list[float]] = ([], [])
        for way in self._junctions[node]:
            beyond = (self._bearings[way] - self._bearings[back]) % (2 * np.pi) > turn
            sides[int(beyond)].append(float(self.wait_s[way >> 1]))
        return min(max(side) for side in sides) if all(sides) else 0.0


def pace_of(
    streets: Streets, speed_m_per_s: float, steps_speed_m_per_s: float, crossings: Sequence[tuple[str, float]] = ()
) -> Pace:
    """How long the streets take at a speed on the level and on stairs, and at so many seconds a class crossed."""
    stairs: Flags = ((streets.street_class == "steps") | too_steep(streets))[streets.line].astype(bool)
    on_stairs = min(speed_m_per_s, max(steps_speed_m_per_s, SLOWEST))
    flat = streets.length_mm / np.where(stairs, 1000 * on_stairs, 1000 * speed_m_per_s)
    rise = np.zeros(len(streets)) if speed_m_per_s > RIDES or not streets.slope.any() else rises(streets)
    rise[stairs] = 0.0  # the speed on stairs is that of climbing already
    wait = np.zeros(len(streets.code))
    for name, seconds in crossings:
        wait[streets.street_class == name] = seconds
    return Pace(
        streets=streets,
        speed_m_per_s=speed_m_per_s,
        up=flat * slope_factor(rise),
        down=flat * slope_factor(-rise),
        wait_s=wait[streets.line],
    )
