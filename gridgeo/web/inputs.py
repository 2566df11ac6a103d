"""What the processes take: the core's own parameters, as checked structs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gridgeo.errors import InputError
from gridgeo.io.readiness import FootingRules, footing_named, footings_with

if TYPE_CHECKING:
    from gridgeo.core.coverage import RepairParams
    from gridgeo.core.dispatch import AssignParams, Footing, ReachParams, SiteParams, TenParams
    from gridgeo.core.partition import PlanParams
    from gridgeo.core.patrol import PatrolParams

Seconds = Annotated[float, Meta(gt=0, le=3600, description="Longest time to compute, seconds.")]
RngSeed = Annotated[int, Meta(ge=0, le=2**63 - 1, description="Start of the random stream; same seed, same plan.")]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]


Code = Annotated[str, Meta(min_length=1, max_length=200)]
PlanName = Annotated[str, Meta(max_length=80, description="Plan as id or id@version.")]
Households = tuple[Count, Count]


class GridFeature(msgspec.Struct, frozen=True):
    """One polygon in longitude and latitude, with its code and, where known, its households."""

    type: Literal["Feature"]
    geometry: dict[str, Any]
    properties: dict[str, Any] | None = None
    id: str | int | None = None


class GridCollection(msgspec.Struct, frozen=True):
    """Polygons as GeoJSON."""

    type: Literal["FeatureCollection"]
    features: Annotated[tuple[GridFeature, ...], Meta(min_length=1, max_length=100_000)]


class DrawInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of a plan, and under which name to keep it; `from` redraws that plan with the least change."""

    households: tuple[Count, Count] = (300, 500)
    count: Count | None = None
    nest: bool = True
    cross_bridges: bool = False
    effort: Annotated[
        Literal["quick", "normal", "thorough"], Meta(description="Quality or speed; the rules hold all the same.")
    ] = "normal"
    before: PlanName = msgspec.field(name="from", default="")
    locks: Annotated[tuple[Code, ...], Meta(max_length=10_000, description="Grids of that plan which stay.")] = ()
    seconds: Seconds = 20.0
    rng_seed: RngSeed = 1
    id: Annotated[str, Meta(pattern="^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$")] = "main"
    note: Annotated[str, Meta(max_length=1000)] = ""
    publish: bool = True

    def params(self) -> PlanParams:
        """As the core wants them."""
        from gridgeo.core.partition import PlanParams

        return PlanParams(
            households=self.households, count=self.count, nest=self.nest, cross_bridges=self.cross_bridges,
            effort=self.effort,
        )  # fmt: skip


class CheckInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which plan to check, empty for the published one; or polygons, against a boundary or the territory's."""

    plan: PlanName = ""
    grids: GridCollection | None = None
    boundary: dict[str, Any] | None = None
    households: Households | None = None


class RepairInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Polygons to mend, against a boundary or the territory's, and what the repair may do."""

    grids: GridCollection
    boundary: dict[str, Any] | None = None
    households: Households | None = None
    locks: Annotated[tuple[Code, ...], Meta(max_length=10_000, description="Grids that stay as they are.")] = ()
    fill_missing: bool = False
    drop_duplicates: bool = False
    move_parts: bool = False
    align: bool = False
    seconds: Seconds = 30.0

    def params(self) -> RepairParams:
        """As the core wants them."""
        from gridgeo.core.coverage import CoverageParams, RepairParams

        return RepairParams(
            coverage=CoverageParams(band=self.households),
            locked=frozenset(self.locks),
            fill_missing=self.fill_missing,
            drop_duplicates=self.drop_duplicates,
            move_parts=self.move_parts,
            align=self.align,
        )


class PatrolInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How officers walk; `keep` stores the routes, of the published plan only."""

    plan: PlanName = ""
    mode: Literal["streets", "stops", "both"] = "streets"
    rounds: Annotated[int, Meta(ge=1, le=24)] = 2
    officers: Annotated[int, Meta(ge=1, le=50)] = 1
    days: Annotated[int, Meta(ge=1, le=31)] = 1
    sides: Annotated[int, Meta(ge=1, le=2)] = 1
    minutes: Annotated[float, Meta(ge=1, le=1440)] | None = None
    border: Literal["once", "both"] = "once"
    speed_m_per_s: Annotated[float, Meta(gt=0, le=15)] = 1.2
    steps_speed_m_per_s: Annotated[float, Meta(gt=0, le=15)] = 0.5
    rural_speed_m_per_s: Annotated[float, Meta(gt=0, le=15)] | None = None
    last: Annotated[bool, Meta(description="Set arrivals apart from those of the routes kept now.")] = False
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
            speed_m_per_s=self.speed_m_per_s,
            steps_speed_m_per_s=self.steps_speed_m_per_s,
            rural_speed_m_per_s=self.rural_speed_m_per_s,
        )


Members = Annotated[int, Meta(ge=0, le=1000)]
WalkSeconds = Annotated[int, Meta(ge=1, le=86_400)]
Service = Annotated[str, Meta(max_length=200, description="stations, responders, emergency_units, places:KIND.")]


FootingName = Annotated[
    str, Meta(min_length=1, max_length=200, description="normal, level-3, level-2, level-1, or one of `footings`.")
]
Footings = Annotated[
    dict[Code, FootingRules], Meta(max_length=100, description="Footings of your own; they replace known ones by name.")
]
_RULES = ("members", "lead", "max_walk_s", "rings", "per_person", "objective")


class AssignInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How emergency units are manned; `rings` are (seconds, members) and rise; `keep` stores the assignment.

    With neither `max_walk_s` nor `rings`: the unit's own limit, or even shares within 1, 3 and 5 minutes. A `footing`
    brings rules, roster and units of its own: no rule may be given beside it.
    """

    members: Members = 5
    lead: bool = True
    max_walk_s: WalkSeconds | None = None
    rings: Annotated[tuple[tuple[WalkSeconds, Members], ...], Meta(max_length=10)] = ()
    per_person: Annotated[int, Meta(ge=1, le=1000)] = 2
    objective: Literal["total", "max"] = "total"
    footing: FootingName | None = None
    footings: Footings = {}
    seconds: Seconds = 30.0
    keep: bool = True

    def params(self) -> AssignParams:
        """As the core wants them."""
        return self.chosen().params

    def chosen(self) -> Footing:
        """The footing named, or one of the rules given.

        Raises
        ------
        InputError
            There is none of that name, a rule is given beside it, or a value does not fit.
        """
        from gridgeo.core.dispatch import AssignParams, Footing

        rules = {name: getattr(self, name) for name in _RULES}
        if self.footing is None:
            return Footing(name="", params=AssignParams(**rules))
        both = [name for name, rule in rules.items() if rule != getattr(AssignInputs(), name)]
        if both:
            what, hint = f"footing and {both[0]} are given together", "write the rule into a footing of your own"
            raise InputError(what, where=f"inputs.{both[0]}", hint=hint)
        return footing_named(footings_with(self.footings), self.footing)


class FootingsInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two states of readiness to man the emergency units on, one after the other."""

    before: FootingName = "normal"
    after: FootingName = "level-1"
    footings: Footings = {}
    seconds: Seconds = 30.0

    def params(self) -> tuple[Footing, Footing]:
        """The two footings.

        Raises
        ------
        InputError
            There is none of a name, or a value does not fit.
        """
        known = footings_with(self.footings)
        return footing_named(known, self.before), footing_named(known, self.after)


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


class TensInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How neighbors are grouped: about `size` households, within `band`, by walking seconds to the leader's home."""

    plan: PlanName = ""
    size: Annotated[int, Meta(ge=1, le=1000)] = 10
    band: Households = (7, 13)
    max_walk_s: WalkSeconds = 180

    def params(self) -> TenParams:
        """As the core wants them."""
        from gridgeo.core.dispatch import TenParams

        return TenParams(size=self.size, band=self.band, max_walk_s=self.max_walk_s)


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one pair costs."""

    giver: Code
    taker: Code
    cost: Annotated[int, Meta(ge=0, le=10**12)]


Wanted = Annotated[int, Meta(ge=0, le=1_000_000)]


class PairInputs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many takers each giver can have and each taker wants.

    With `costs` only the pairs named there are allowed; without, every pair is, at no cost.
    """

    givers: Annotated[dict[Code, Wanted], Meta(max_length=10_000)]
    takers: Annotated[dict[Code, Wanted], Meta(max_length=10_000)]
    costs: Annotated[tuple[Price, ...], Meta(max_length=1_000_000)] | None = None

    def priced(self) -> dict[tuple[str, str], int] | None:
        """Cost of each pair allowed, None where all are.

        Raises
        ------
        InputError
            A pair is given twice.
        """
        if self.costs is None:
            return None
        costs = {(price.giver, price.taker): price.cost for price in self.costs}
        if len(costs) < len(self.costs):
            raise InputError("a pair is given twice", where="inputs.costs", hint="name each pair once")
        return costs
