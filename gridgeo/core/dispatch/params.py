"""What the caller may choose: how people walk, how units are manned, how far reach is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gridgeo.errors import InputError


def _positive(where: str, **values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise InputError(f"{name} is {value}", where=f"{where}.{name}", hint="give a number above 0")


def _not_negative(where: str, **values: float) -> None:
    for name, value in values.items():
        if not value >= 0:
            raise InputError(f"{name} is {value}", where=f"{where}.{name}", hint="give 0 or more")


def _check_service(where: str, service: str) -> None:
    if service.partition(":")[0] not in ("stations", "responders", "emergency_units", "places"):
        hint = "stations, responders, emergency_units, places or places:KIND"
        raise InputError(f"service is {service!r}", where=f"{where}.service", hint=hint)


@dataclass(frozen=True, kw_only=True)
class WalkParams:
    """How people walk.

    `speed_m_per_s` meters a second. `off_street_m`: a point farther than this from every street is off the network.
    `straight_m`: two points this near walk straight to each other, unless a barrier lies between. `detour` stretches
    straight lines where the territory has no streets at all.

    Raises
    ------
    InputError
        A number is out of its range.
    """

    speed_m_per_s: float = 1.33
    off_street_m: float = 300.0
    straight_m: float = 60.0
    detour: float = 1.3

    def __post_init__(self) -> None:
        _positive("walk", speed_m_per_s=self.speed_m_per_s, detour=self.detour)
        _not_negative("walk", off_street_m=self.off_street_m, straight_m=self.straight_m)

    def seconds(self, walk_mm: int) -> int:
        """Whole seconds of a walk, rounded once, half up.

        >>> WalkParams(speed_m_per_s=1.0).seconds(1500)
        2
        """
        return int(walk_mm / (1000 * self.speed_m_per_s) + 0.5)

    def reach_mm(self, walk_s: int) -> int:
        """The longest walk that still rounds to `walk_s` seconds, millimeters; may be 1 mm too long."""
        return int((walk_s + 0.5) * 1000 * self.speed_m_per_s) + 1


@dataclass(frozen=True, kw_only=True)
class AssignParams(WalkParams):
    """How emergency units are manned.

    `members` wanted beside the lead apply where a unit names none of its own; `per_person` units a responder may join
    where its own capacity is 0. `rings` (seconds, members) ask for that many members within that time, nested and
    rising, e.g. ((60, 1), (180, 3), (300, 5)); they replace `members`. `max_walk_s` asks for everybody within one
    limit instead. With neither, a unit's own limit is its one ring, and units without one get the practice in print:
    even shares of the members within 1, 3 and 5 minutes. `objective`: after the fewest missing leads and then the
    fewest missing members (inner rings first), "total" takes the least total walk and then the shortest longest one,
    "max" the other way round.

    Raises
    ------
    InputError
        A number is out of its range.
    """

    members: int = 5
    max_walk_s: int | None = None
    per_person: int = 2
    lead: bool = True
    objective: Literal["total", "max"] = "total"
    rings: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _not_negative("assign", members=self.members)
        _positive("assign", max_walk_s=1 if self.max_walk_s is None else self.max_walk_s, per_person=self.per_person)
        if self.objective not in ("total", "max"):
            raise InputError(f"objective is {self.objective!r}", where="assign.objective", hint="total or max")
        before = (0, 0)
        for ring in self.rings:
            if not (ring[0] > before[0] and ring[1] >= before[1]):
                raise InputError(f"rings are {self.rings}", where="assign.rings", hint="rising seconds and members")
            before = ring

    @property
    def nested(self) -> tuple[tuple[int, int], ...]:
        """The rings in use: (seconds, members within them), innermost first."""
        if self.rings or self.max_walk_s is None:
            return self.rings or even_rings(self.members)
        return ((self.max_walk_s, self.members),)

    @property
    def asks_rings(self) -> bool:
        """Whether the caller chose rings or a limit, rather than leaving them to the units and the practice."""
        return bool(self.rings) or self.max_walk_s is not None


def even_rings(members: int = 5, minutes: tuple[float, ...] = (1, 3, 5)) -> tuple[tuple[int, int], ...]:
    """Nested rings for `AssignParams`: on site, mutual aid, reinforcement; each ring adds an even share of the members.

    >>> even_rings(5)
    ((60, 1), (180, 3), (300, 5))
    """
    return tuple((round(60 * m), members * i // len(minutes)) for i, m in enumerate(minutes, 1))


@dataclass(frozen=True, kw_only=True)
class AlarmParams(WalkParams):
    """How alarms are answered: nobody farther than `max_walk_s` seconds is named.

    Raises
    ------
    InputError
        A number is out of its range.
    """

    max_walk_s: int = 1800

    def __post_init__(self) -> None:
        super().__post_init__()
        _positive("alarm", max_walk_s=self.max_walk_s)


@dataclass(frozen=True, kw_only=True)
class ReachParams(WalkParams):
    """What reach is asked for.

    `limits_s` walking times, rising. `service` is who is walked from: "stations", "responders", "emergency_units",
    "places", or "places:KIND" for places of one kind.

    Raises
    ------
    InputError
        A number is out of its range, or the service is unknown.
    """

    limits_s: tuple[int, ...] = (180, 300, 600, 900)
    service: str = "stations"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.limits_s or min(self.limits_s) <= 0 or list(self.limits_s) != sorted(set(self.limits_s)):
            raise InputError(f"limits_s is {self.limits_s}", where="reach.limits_s", hint="rising seconds above 0")
        _check_service("reach", self.service)


@dataclass(frozen=True, kw_only=True)
class SiteParams(WalkParams):
    """Where new stations are looked for.

    `aim`: "cover" places `k` sites to bring most households within `limit_s`; "median" places `k` sites for the least
    total walk of all households, walks beyond `far_s` counting as `far_s`; "all" takes the fewest sites that bring
    every household that any candidate can reach within `limit_s`. `service` is what stands already, as in
    `ReachParams`. `candidates` is how many street nodes, spread evenly, are tried. `nodes` bounds the search: beyond
    it the best so far is given with the gap that is proven.

    Raises
    ------
    InputError
        A number is out of its range.
    """

    k: int = 1
    aim: Literal["cover", "median", "all"] = "cover"
    limit_s: int = 300
    far_s: int = 1800
    service: str = "stations"
    candidates: int = 1000
    nodes: int = 10_000

    def __post_init__(self) -> None:
        super().__post_init__()
        _positive(
            "sites", k=self.k, limit_s=self.limit_s, far_s=self.far_s, candidates=self.candidates, nodes=self.nodes
        )
        if self.aim not in ("cover", "median", "all"):
            raise InputError(f"aim is {self.aim!r}", where="sites.aim", hint="cover, median or all")
        _check_service("sites", self.service)


@dataclass(frozen=True, kw_only=True)
class TenParams(WalkParams):
    """How neighbors are grouped: about `size` households, within `band`, `max_walk_s` to the leader's home at most.

    Raises
    ------
    InputError
        A number is out of its range, or the band cannot divide every larger home (band[1] < 2 band[0] - 1).
    """

    size: int = 10
    band: tuple[int, int] = (7, 13)
    max_walk_s: int = 180

    def __post_init__(self) -> None:
        super().__post_init__()
        _positive("tens", size=self.size, fewest=self.band[0], max_walk_s=self.max_walk_s)
        low, high = self.band
        if not low <= self.size <= high or high < 2 * low - 1:
            hint = "size inside the band, and its upper end at least twice the lower less 1"
            raise InputError(f"band is {self.band}, size is {self.size}", where="tens.band", hint=hint)
