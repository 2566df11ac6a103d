"""What patrol planning answers: routes, what they miss and why."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from gridgeo.core.model import Notice
from gridgeo.core.patrol.params import PatrolParams


class Leg(NamedTuple):
    """One street edge of a route: its row, whether it is walked from tail to head, whether for the way only."""

    edge: int
    forward: bool
    deadhead: bool


class Call(NamedTuple):
    """One call at a place: row of the territory's places, its code, seconds of the day it begins, metres walked."""

    place: int
    code: str
    start_s: int
    at_m: float


@dataclass(frozen=True, kw_only=True)
class Route:
    """One walk of one officer, from the station and back to it.

    `officer`, `round`, `day` count from 1. `length_m` is everything walked, `access_m` of it the straight way between
    the station and the network (there and back), `deadhead_m` what is walked for the way only. `bound_m` is a proven
    lower bound of `length_m`, `proven` says that no walk is shorter. `walk_s` excludes the `service_s` of calls.
    `start_node` is the node of the street graph the walk begins at, and ends at unless `end_node` names another.
    `geometry` is a LineString in walking order. `spread` is the median over its streets of how far arrival times lie
    apart between the walks that share them, as a share of the walk. `drawn`: along the grid's boundary, not on streets.
    """

    grid: str
    officer: int
    round: int
    day: int
    length_m: float
    walk_s: int
    service_s: int
    deadhead_m: float
    access_m: float
    bound_m: float
    proven: bool
    geometry: Any
    start_node: int
    legs: tuple[Leg, ...]
    stops: tuple[Call, ...] = ()
    end_node: int | None = None
    spread: float | None = None
    drawn: bool = False


@dataclass(frozen=True, kw_only=True)
class Unreached:
    """A street or place of a grid's duty that walks leave out, `times` often, and why.

    `reason`: "cut-off" (no way leads there), "window" (closed), "distance" (too far), "time-budget" (the walks are
    full), "too-few-walks" (walks pass there less often than calls are wanted), "round" (no walk is in the round asked
    for). `change` is the cheapest change that would serve it, tried out: "minutes" longer, "closes" later, "start" at
    another time, each by `change_s` seconds, or a "walk" of its own.
    """

    grid: str
    street: str
    name: str
    length_m: float
    reason: str
    times: int = 1
    change: str = ""
    change_s: int = 0


@dataclass(frozen=True, kw_only=True)
class Longest:
    """How evenly a grid's streets are shared out: number of walks, the longest of them, its proven bound, their sum.

    `proven`: no sharing of whole stretches between junctions has a shorter longest walk.
    """

    grid: str
    walks: int
    longest_m: float
    bound_m: float
    total_m: float
    proven: bool


@dataclass(frozen=True, kw_only=True)
class PatrolResult:
    """Routes of all grids in plan order, by day, round and officer; and what they leave out.

    `spread` is the median over streets of how far arrival times at them lie apart between the walks of a grid
    (standard deviation as a share of the walk; 0.29 would be pure chance), walks walked before counting too where they
    were given; None when no street is walked twice. Of walks from stop to stop it is that of the calls, and
    `spread_most` what no choice of walks as short could exceed.
    """

    routes: tuple[Route, ...]
    unreached: tuple[Unreached, ...]
    notices: tuple[Notice, ...]
    params: PatrolParams
    rng_seed: int
    spread: float | None = None
    spread_most: float | None = None
    longest: tuple[Longest, ...] = ()

    @property
    def spreads(self) -> dict[str, float | None]:
        """The spread of each grid: the median over its walks, whichever officer's; None where none is walked twice."""
        told: dict[str, list[float]] = {route.grid: [] for route in self.routes}
        for route in self.routes:
            if route.spread is not None:
                told[route.grid].append(route.spread)
        return {grid: round(median(values), 4) if values else None for grid, values in told.items()}
