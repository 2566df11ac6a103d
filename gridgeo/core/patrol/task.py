"""One grid to be walked, and what planning finds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import DAY_S, Floats, Kind, Notice, Objects, Plan, Stop, Streets
from gridgeo.core.patrol.hours import Hours
from gridgeo.core.patrol.model import Longest, Route, Unreached
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.pace import Pace
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.routes import Slot
from gridgeo.core.patrol.visits import Clock

REACH_M = 400.0  # from a grid and the way to its station
KEPT = 8  # networks with some streets shut that are kept at a time


class Findings:
    """What planning yields, gathered: routes, what is left out, what to tell, spread of arrival times."""

    def add(self, other: Findings) -> None:
        """Take over all that was found elsewhere."""
        for name in ("routes", "unreached", "notices", "longest", "spread", "spread_most", "no_station"):
            getattr(self, name).extend(getattr(other, name))
        self.no_solver |= other.no_solver

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.unreached: list[Unreached] = []
        self.notices: list[Notice] = []
        self.longest: list[Longest] = []
        self.spread: list[Floats] = []
        self.spread_most: list[Floats] = []
        self.no_station: list[str] = []
        self.no_solver = False

    def told(self) -> tuple[Notice, ...]:
        """All notices, the grids without a station in one."""
        out = list(self.notices)
        if self.no_solver:
            out.append(Notice(kind="no-window-solver"))
        if self.no_station:
            facts: dict[str, str | int | float] = {"grids": len(self.no_station), "codes": ", ".join(self.no_station)}
            out.append(Notice(kind="grids-without-station", facts=facts))
        return tuple(out)


class Networks:
    """The network with all streets open, and those with some edges shut, the latest of them kept."""

    def __init__(self, streets: Streets) -> None:
        self._streets = streets
        self._made: dict[frozenset[int], Network] = {frozenset(): Network(streets)}

    def without(self, shut: frozenset[int]) -> Network:
        """The network without some edges."""
        if shut not in self._made:
            for old in list(self._made)[1 : -KEPT + 1]:
                del self._made[old]
            self._made[shut] = Network(self._streets, np.array(sorted(shut), np.int64))
        return self._made[shut]


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One grid of a plan to be walked: its row and code, the network, the choices, its own random stream.

    `last` are LineStrings of walks walked before, None where none are known. `pace` is how long its streets take,
    `rounds` which rounds of a day are planned now, all when empty. `shut` are edges nobody passes in each round, for
    their `hours`; `network` is that of the first of the rounds. `reach` is around where walks are looked for first:
    hours of streets farther away part no rounds, unless a walk does come by.
    """

    plan: Plan
    row: int
    code: str
    network: Network
    params: PatrolParams
    seed: int
    stop: Stop
    last: Objects | None = None
    pace: Pace
    rounds: tuple[int, ...] = ()
    hours: Hours
    networks: Networks
    shut: Mapping[int, frozenset[int]] = field(default_factory=dict)
    reach: Any = None

    def hours_with(self, edges: Collection[int] = ()) -> Hours:
        """The hours within reach, and those of some edges wherever they are."""
        if self.reach is None or len(self.hours) == 0:
            return self.hours
        shapes = self.network.streets.geometry[self.hours.edge]
        near = shapely.dwithin(shapes, self.reach, REACH_M) | np.isin(self.hours.edge, list(edges))
        return self.hours.rows(np.flatnonzero(near))

    @property
    def speed_m_per_s(self) -> float:
        """Speed in this kind of grid."""
        return self.params.speed_in(Kind(int(self.plan.grids.kind[self.row])))

    @property
    def round_numbers(self) -> tuple[int, ...]:
        """Rounds of a day planned now, from 1."""
        return self.rounds or tuple(range(1, self.params.rounds + 1))

    def at_round(self, number: int) -> Task:
        """The task of one round of the day, on the streets that are open in it."""
        return replace(self, rounds=(number,), network=self.networks.without(self.shut.get(number, frozenset())))

    def with_shut(self, more: Mapping[int, frozenset[int]]) -> Task:
        """The task with more edges shut in some rounds."""
        return replace(
            self, shut={n: self.shut.get(n, frozenset()) | more.get(n, frozenset()) for n in self.round_numbers}
        )

    def with_closed(self, lasts_s: float, *, throughout: bool = False) -> Task:
        """The task with every edge shut that is not open all the while a round lasts, or at no time in it."""
        hours = self.hours_with()
        which = hours.shut_throughout if throughout else hours.closed
        begins = {number: self.params.start_s(number) for number in self.round_numbers}
        return self.with_shut(
            {n: frozenset(hours.edge[which(begin, begin + lasts_s)].tolist()) for n, begin in begins.items()}
        )

    def by_openness(self) -> list[Task]:
        """One task for all rounds in which the same edges are shut, in order of their first round."""
        groups: dict[frozenset[int], list[int]] = {}
        for number in self.round_numbers:
            groups.setdefault(self.shut.get(number, frozenset()), []).append(number)
        return [
            replace(self, rounds=tuple(rounds), network=self.networks.without(shut)) for shut, rounds in groups.items()
        ]

    def clock(self, round_number: int) -> Clock:
        """When a round begins and how long it may take."""
        limit = 2 * DAY_S if self.params.minutes is None else round(60 * self.params.minutes)
        return Clock(start_s=self.params.start_s(round_number), limit_s=limit, pace=self.pace)

    def slots(self, walks: int) -> list[tuple[Slot, int]]:
        """All of the grid's walks in the order they are walked, each with which of so many walks it is."""
        return [
            (Slot(grid=self.code, officer=officer + 1, round=turn + 1, day=day + 1), which)
            for day in range(self.params.days)
            for turn in range(self.params.rounds)
            if not self.rounds or turn + 1 in self.rounds
            for officer, which in enumerate(self._turns(walks, day * self.params.rounds + turn))
        ]

    def _turns(self, walks: int, number: int) -> list[int]:
        """Walk of each officer in one round: walks follow each other, and officers swap from round to round."""
        officers = min(self.params.officers, walks)
        return [(number * officers + (officer + number) % officers) % walks for officer in range(officers)]
