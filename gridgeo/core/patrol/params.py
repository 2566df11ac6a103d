"""What a planner may choose about patrols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gridgeo.core.model import DAY_S, Kind
from gridgeo.errors import InputError

SLOWEST = 0.001  # metres per second: whoever is slower does not walk, and times stay numbers


@dataclass(frozen=True, kw_only=True)
class PatrolParams:
    """How grids are walked.

    Parameters
    ----------
    mode
        What a walk covers: every walkable street, every stop (place to call at), or both.
    rounds
        Walks a day of each officer, 1 or more.
    officers
        Officers who share each grid, 1 or more; the longest of their walks is kept short.
    days
        Days planned, 1 or more; no two walks of a grid are meant to be alike.
    sides
        2 walks both sides of every street that has two; 1 walks every street once.
    speed_m_per_s
        Speed, metres per second: 1.2 suits most walkers, 0.9 elderly volunteers. Below 0.001 counts as 0.001.
    rural_speed_m_per_s
        Speed in rural grids, e.g. 4.0 by e-bike; None: as everywhere.
    steps_speed_m_per_s
        Speed on stairs (streets of class "steps").
    crossings
        Pairs (class of street, seconds): what it takes to cross a street of that class at a junction, e.g.
        ("primary", 30.0). Counted in times, not in lengths.
    start
        Walks begin at the "station", or at the "best" place, where the walk alone is shortest.
    open_end
        Walks end where that is shortest instead of where they began (one officer, no limit of minutes).
    minutes
        Longest walk including calls, minutes; longer duties are shared out over rounds and days. None: no limit.
    border
        A street on the border of two grids is walked "once", by one of them, or by "both".
    first_start_s, last_start_s
        Seconds of the day the first and the last round begin; the rounds between are spread evenly.
    tries
        Circuits of equal length compared for each walk, for the sake of surprise, 1 or more.
    searches
        Ways compared of linking streets that do not touch, 0 or more.
    prove
        Close what gap is left where streets do not touch by integer programming: some tenths of a second for each
        such grid. Without it every walk still carries a proven bound.

    Raises
    ------
    InputError
        A value is out of its range.

    Examples
    --------
    >>> PatrolParams(rounds=2).speed_m_per_s
    1.2
    """

    mode: Literal["streets", "stops", "both"] = "streets"
    rounds: int = 2
    officers: int = 1
    days: int = 1
    sides: int = 1
    speed_m_per_s: float = 1.2
    rural_speed_m_per_s: float | None = None
    steps_speed_m_per_s: float = 0.5
    crossings: tuple[tuple[str, float], ...] = ()
    start: Literal["station", "best"] = "station"
    open_end: bool = False
    minutes: float | None = None
    border: Literal["once", "both"] = "once"
    first_start_s: int = 8 * 3600
    last_start_s: int = 14 * 3600
    tries: int = 24
    searches: int = 10
    prove: bool = False

    def __post_init__(self) -> None:
        _one_of("mode", self.mode, ("streets", "stops", "both"))
        _one_of("border", self.border, ("once", "both"))
        _one_of("sides", self.sides, (1, 2))
        for name in ("rounds", "officers", "days", "tries"):
            _at_least(name, getattr(self, name), 1)
        _at_least("searches", self.searches, 0)
        _one_of("start", self.start, ("station", "best"))
        if self.open_end and (self.officers > 1 or self.minutes is not None or self.mode == "stops"):
            raise InputError(
                "open walks are walked by one officer, over streets, without a limit of minutes", where="open_end"
            )
        for name in ("speed_m_per_s", "rural_speed_m_per_s", "steps_speed_m_per_s"):
            speed = getattr(self, name)
            if speed is not None and not 0 < speed <= 15:
                raise InputError(f"{name} is {speed}", where=name, hint="between 0 and 15, e.g. 1.2")
        for name, seconds in self.crossings:
            if not 0 <= seconds <= 3600:
                raise InputError(f"crossing {name} takes {seconds} s", where="crossings", hint="between 0 and 3600")
        if self.minutes is not None and not 0 < self.minutes <= 1440:
            raise InputError(f"minutes is {self.minutes}", where="minutes", hint="between 0 and 1440, or none")
        if not 0 <= self.first_start_s <= self.last_start_s < DAY_S:
            raise InputError(
                f"rounds start from {self.first_start_s} to {self.last_start_s}",
                where="first_start_s",
                hint="seconds of the day, the first not after the last",
            )

    def speed_in(self, kind: Kind) -> float:
        """Speed in grids of a kind, metres per second."""
        rural = kind == Kind.RURAL and self.rural_speed_m_per_s is not None
        return max(SLOWEST, self.rural_speed_m_per_s if rural and self.rural_speed_m_per_s else self.speed_m_per_s)

    def start_s(self, round_number: int) -> int:
        """Second of the day a round (numbered from 1) begins."""
        if self.rounds == 1:
            return self.first_start_s
        return self.first_start_s + (self.last_start_s - self.first_start_s) * (round_number - 1) // (self.rounds - 1)


def _one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} is {value}", where=name, hint=f"one of {', '.join(map(str, allowed))}")


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise InputError(f"{name} is {value}", where=name, hint=f"{least} or more")
