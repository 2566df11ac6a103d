"""What the processes take: the core's own parameters, as checked structs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

if TYPE_CHECKING:
    from gridgeo.core.dispatch import AssignParams, ReachParams, SiteParams
    from gridgeo.core.partition import PlanParams
    from gridgeo.core.patrol import PatrolParams

Seconds = Annotated[float, Meta(gt=0, le=3600, description="Longest time to compute, seconds.")]
RngSeed = Annotated[int, Meta(ge=0, le=2**63 - 1, description="Start of the random stream; same seed, same plan.")]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class DrawInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of a plan, and under which name to keep it."""

    households: tuple[Count, Count] = (300, 500)
    count: Count | None = None
    nest: bool = True
    cross_bridges: bool = False
    seconds: Seconds = 20.0
    rng_seed: RngSeed = 1
    id: Annotated[str, Meta(pattern="^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$")] = "main"
    note: Annotated[str, Meta(max_length=1000)] = ""
    publish: bool = True

    def params(self) -> PlanParams:
        """As the core wants them."""
        from gridgeo.core.partition import PlanParams

        return PlanParams(
            households=self.households, count=self.count, nest=self.nest, cross_bridges=self.cross_bridges
        )


class CheckInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which plan to check: id, id@version, or empty for the published one."""

    plan: Annotated[str, Meta(max_length=80)] = ""


class PatrolInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How officers walk; `keep` stores the routes."""

    mode: Literal["streets", "stops", "both"] = "streets"
    rounds: Annotated[int, Meta(ge=1, le=24)] = 2
    officers: Annotated[int, Meta(ge=1, le=50)] = 1
    days: Annotated[int, Meta(ge=1, le=31)] = 1
    sides: Annotated[int, Meta(ge=1, le=2)] = 1
    minutes: Annotated[float, Meta(gt=0, le=1440)] | None = None
    border: Literal["once", "both"] = "once"
    seconds: Seconds = 30.0
    rng_seed: RngSeed = 1
    keep: bool = True

    def params(self) -> PatrolParams:
        """As the core wants them."""
        from gridgeo.core.patrol import PatrolParams

        return PatrolParams(
            mode=self.mode,
            rounds=self.rounds,
            officers=self.officers,
            days=self.days,
            sides=self.sides,
            minutes=self.minutes,
            border=self.border,
        )


Members = Annotated[int, Meta(ge=0, le=1000)]
WalkSeconds = Annotated[int, Meta(ge=1, le=86_400)]
Service = Annotated[str, Meta(max_length=200, description="stations, responders, emergency_units, places:KIND.")]


class AssignInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How emergency units are manned; `rings` are (seconds, members) and rise; `keep` stores the assignment."""

    members: Members = 5
    lead: bool = True
    max_walk_s: WalkSeconds = 900
    rings: Annotated[tuple[tuple[WalkSeconds, Members], ...], Meta(max_length=10)] = ()
    per_person: Annotated[int, Meta(ge=1, le=1000)] = 2
    objective: Literal["total", "max"] = "total"
    seconds: Seconds = 30.0
    keep: bool = True

    def params(self) -> AssignParams:
        """As the core wants them."""
        from gridgeo.core.dispatch import AssignParams

        return AssignParams(
            members=self.members,
            lead=self.lead,
            max_walk_s=self.max_walk_s,
            rings=self.rings,
            per_person=self.per_person,
            objective=self.objective,
        )


class ReachInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Walking times and the service walked from; `stations` proposes so many new ones.

    Responders are counted as they stand now: on duty and free.
    """

    limits_s: Annotated[tuple[WalkSeconds, ...], Meta(min_length=1, max_length=20)] = (180, 300, 600, 900)
    service: Service = "stations"
    stations: Annotated[int, Meta(ge=1, le=200)] | None = None
    aim: Literal["cover", "median", "all"] = "cover"
    limit_s: WalkSeconds = 300
    isochrones: bool = False

    def params(self) -> ReachParams:
        """As the core wants them."""
        from gridgeo.core.dispatch import ReachParams

        return ReachParams(limits_s=self.limits_s, service=self.service)

    def sites(self) -> SiteParams | None:
        """What new stations are looked for, None for none."""
        from gridgeo.core.dispatch import SiteParams

        if self.stations is None:
            return None
        return SiteParams(k=self.stations, aim=self.aim, limit_s=self.limit_s, service=self.service)
