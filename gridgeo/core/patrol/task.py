"""One grid to be walked, and what planning finds."""

from __future__ import annotations

from dataclasses import dataclass

from gridgeo.core.model import Floats, Kind, Notice, Objects, Plan, Stop
from gridgeo.core.patrol.model import Longest, Route, Unreached
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.params import PatrolParams
from gridgeo.core.patrol.routes import Slot
from gridgeo.core.patrol.visits import DAY_S, Clock


class Findings:
    """What planning yields, gathered: routes, what is left out, what to tell, spread of arrival times."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.unreached: list[Unreached] = []
        self.notices: list[Notice] = []
        self.longest: list[Longest] = []
        self.spread: list[Floats] = []
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """One grid of a plan to be walked: its row and code, the network, the choices, its own random stream.

    `last` are LineStrings of walks walked before, None where none are known.
    """

    plan: Plan
    row: int
    code: str
    network: Network
    params: PatrolParams
    seed: int
    stop: Stop
    last: Objects | None = None

    @property
    def speed_m_per_s(self) -> float:
        """Speed in this kind of grid."""
        return self.params.speed_in(Kind(int(self.plan.grids.kind[self.row])))

    def clock(self, round_number: int) -> Clock:
        """When a round begins and how long it may take."""
        limit = 2 * DAY_S if self.params.minutes is None else round(60 * self.params.minutes)
        return Clock(start_s=self.params.start_s(round_number), limit_s=limit, speed_m_per_s=self.speed_m_per_s)

    def slots(self, walks: int) -> list[tuple[Slot, int]]:
        """All of the grid's walks in the order they are walked, each with which of so many walks it is."""
        return [
            (Slot(grid=self.code, officer=officer + 1, round=turn + 1, day=day + 1), which)
            for day in range(self.params.days)
            for turn in range(self.params.rounds)
            for officer, which in enumerate(self._turns(walks, day * self.params.rounds + turn))
        ]

    def _turns(self, walks: int, number: int) -> list[int]:
        """Walk of each officer in one round: walks follow each other, and officers swap from round to round."""
        officers = min(self.params.officers, walks)
        return [(number * officers + (officer + number) % officers) % walks for officer in range(officers)]
