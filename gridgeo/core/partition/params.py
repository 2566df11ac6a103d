"""What a plan is asked to be: size band, target, prices of borders, roundness and deviation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from gridgeo.core.model import Border
from gridgeo.errors import InfeasibleError, InputError

EffortName = Literal["quick", "normal", "thorough"]
EFFORTS: dict[EffortName, int] = {"quick": 3, "normal": 24, "thorough": 96}
"""Windows drawn anew for each grid, by the name of an effort."""


@dataclass(frozen=True, kw_only=True)
class BorderCosts:
    """Price of one meter of grid border by the ground it lies on; 1 is a meter of street.

    The less fitting the ground, the higher the price: a border over open ground (`ground`) costs three times one along
    a street, one along a main street half. Barriers cost nothing: they are no place to walk across.
    """

    ground: float = 3.0
    community: float = 1.0
    wall: float = 1.5
    path: float = 1.2
    street: float = 1.0
    main: float = 0.5
    bridge: float = 0.05

    def __post_init__(self) -> None:
        for name, price in vars(self).items():
            if not 0 < price < 1000:
                raise InputError(f"border cost of {name} is {price}", where=name, hint="give a number above 0")

    def of(self, border: Border) -> float:
        """Price of one meter on the given ground.

        >>> BorderCosts().of(Border.MAIN)
        0.5
        """
        names = {
            Border.OPEN: self.ground,
            Border.COMMUNITY: self.community,
            Border.WALL: self.wall,
            Border.PATH: self.path,
            Border.STREET: self.street,
            Border.MAIN: self.main,
            Border.BRIDGE: self.bridge,
        }
        return names.get(border, 0.0)


@dataclass(frozen=True, kw_only=True)
class WorkWeights:
    """What counts as work: a visit paid daily to a place, a kilometer of street, a household, an event a day."""

    visit: float = 1.0
    street_km: float = 1.0
    household: float = 0.0
    event: float = 1.0

    def __post_init__(self) -> None:
        for name, weight in vars(self).items():
            if not 0 <= weight < 1e6:
                raise InputError(f"weight of {name} is {weight}", where=name, hint="give a number from 0")


@dataclass(frozen=True, kw_only=True)
class PlanParams:
    """Rules and prices of a plan.

    Parameters
    ----------
    households
        Size band (fewest, most) of an urban grid. Rural grids keep only the upper limit; exclusive grids have none.
    target
        Households wanted in a grid; None is the middle of the band.
    count
        Number of grids demanded over the whole territory; None leaves it free.
    border_costs
        Price of a meter of border by the ground it lies on.
    roundness
        Price of one meter of sqrt(area) / roundness, where a disc has roundness 1.
    deviation
        Meters paid by a grid at the edge of the band; it falls with the square to 0 at the target.
    nest
        Grids stay inside one community wherever a plan exists there.
    cross_bridges
        Bridges join the two banks of a barrier.
    prove
        Seek a proof of the best plan in each zone small enough to list all its possible grids.
    starts
        Independent random starts; windows of the best are drawn anew.
    effort
        "quick", "normal" or "thorough", or the windows of a few grids drawn anew, for each grid: more is better and
        slower; 0 only cuts pairs anew. All rules hold at any effort; quick seeks no proofs.
    moving
        Meters paid in a redraw for each household, and each piece of land, that leaves its old grid.
    walking
        Meters paid for each meter of walking radius: the way on foot, on streets where there are any, from the
        best-placed piece of a grid to its farthest households. 0: not counted.
    workload
        Meters paid by a grid with no work or with twice the mean; it falls with the square to 0 at the mean. 0: not
        counted.
    work
        What counts as work.
    rural_area_ha, rural_walk_m
        Hectares and meters on foot above which a village is divided; None is no limit.
    empty_land_ha
        Hectares without households in one piece from which a plan proposes exclusive land; 0 proposes none.
    carve_empty_ha
        Hectares without households in one piece that become exclusive land; None carves none.

    Raises
    ------
    InputError
        A number out of its range.

    Examples
    --------
    >>> PlanParams(households=(200, 400)).aim
    300
    """

    households: tuple[int, int] = (300, 500)
    target: int | None = None
    count: int | None = None
    border_costs: BorderCosts = field(default_factory=BorderCosts)
    roundness: float = 1.0
    deviation: float = 25.0
    nest: bool = True
    cross_bridges: bool = False
    prove: bool = True
    starts: int = 1
    effort: EffortName | int = "normal"
    moving: float = 150.0
    walking: float = 0.0
    workload: float = 0.0
    work: WorkWeights = field(default_factory=WorkWeights)
    rural_area_ha: float | None = 1000.0
    rural_walk_m: float | None = 3000.0
    empty_land_ha: float = 50.0
    carve_empty_ha: float | None = None

    def __post_init__(self) -> None:
        low, high = self.households
        if not 0 < low <= high:
            raise InputError(f"size band is {low} to {high}", where="households", hint="give 0 < fewest <= most")
        if self.target is not None and not low <= self.target <= high:
            raise InputError(f"target {self.target} lies outside the band {low} to {high}", where="target")
        if self.count is not None and self.count < 1:
            raise InputError(f"number of grids is {self.count}", where="count", hint="give a number above 0")
        windows_of(self.effort)
        for name in ("roundness", "deviation", "moving", "walking", "workload", "empty_land_ha"):
            if not 0 <= getattr(self, name) < 1e6:
                raise InputError(f"{name} is {getattr(self, name)}", where=name, hint="give a number from 0")
        for name in ("rural_area_ha", "rural_walk_m", "carve_empty_ha"):
            limit = getattr(self, name)
            if limit is not None and not 0 < limit < 1e6:
                raise InputError(f"{name} is {limit}", where=name, hint="give a number above 0, or none")
        if self.starts < 1:
            raise InputError(f"starts is {self.starts}", where="starts", hint="give a number above 0")

    @property
    def windows(self) -> int:
        """Windows drawn anew for each grid.

        >>> PlanParams(effort="quick").windows, PlanParams(effort=5).windows
        (3, 5)
        """
        return windows_of(self.effort)

    @property
    def proofs(self) -> bool:
        """Whether proofs are sought: if asked for, and not when quick."""
        return self.prove and self.effort != "quick"

    @property
    def aim(self) -> int:
        """Households wanted in a grid."""
        return self.target if self.target is not None else sum(self.households) // 2


def windows_of(effort: EffortName | int) -> int:
    """Windows drawn anew for each grid at an effort, named or numbered.

    Raises
    ------
    InputError
        A name that is none, or a number below 0.
    """
    if isinstance(effort, str):
        if effort not in EFFORTS:
            raise InputError(f"effort is {effort}", where="effort", hint=f"known: {', '.join(EFFORTS)}")
        return EFFORTS[effort]
    if not 0 <= effort < 1e6:
        raise InputError(f"effort is {effort}", where="effort", hint="give a number from 0")
    return int(effort)


def fits(households: int, low: int, high: int) -> bool:
    """Whether some whole number of grids of low..high holds the households.

    >>> fits(600, 300, 500), fits(599, 300, 500), fits(0, 300, 500)
    (True, False, False)
    """
    return households > 0 and -(-households // high) <= households // low


def share_count(count: int, totals: list[int], band: tuple[int, int], settled: int = 0) -> list[int]:
    """Share a demanded number of grids among areas with the given households, by the highest mean left.

    `settled` grids elsewhere count in what is said, not here.

    Raises
    ------
    InfeasibleError
        The areas need more grids, or hold fewer, than demanded.

    Examples
    --------
    >>> share_count(5, [800, 1200], (300, 500))
    [2, 3]
    """
    low, high = band
    out = [max(1, -(-total // high)) for total in totals]
    most = [max(k, total // low) for k, total in zip(out, totals, strict=True)]
    if not sum(out) <= count <= sum(most):
        raise InfeasibleError(
            f"{count + settled} grids demanded, but {sum(totals)} households make {sum(out)} to {sum(most)}"
            + (f", beside {settled} settled already" if settled else ""),
            where="count",
            hint="demand a number that fits, or widen the band",
            proof={"least": sum(out), "most": sum(most), "count": count},
            ways_out=count_ways(count, totals, band, settled),
        )
    while sum(out) < count:
        open_ = [i for i in range(len(totals)) if out[i] < most[i]]
        out[max(open_, key=lambda i: (totals[i] / out[i], -i))] += 1
    return out


def limits_of(totals: list[int], low: int, high: int) -> tuple[int, int]:
    """Fewest and most grids of low..high that areas with the given households make together.

    >>> limits_of([800, 1200], 300, 500)
    (5, 6)
    """
    least = [max(1, -(-total // high)) for total in totals]
    return sum(least), sum(max(few, total // low) for few, total in zip(least, totals, strict=True))


def count_ways(count: int, totals: list[int], band: tuple[int, int], settled: int) -> list[dict[str, Any]]:
    """Ways out where areas cannot make `count` grids: the numbers they can, and the nearest band that makes it.

    >>> [(way["kind"], way["low"], way["high"]) for way in count_ways(7, [800, 1200], (300, 500), 0)]
    [('count', 5, 6), ('count-band', 266, 500)]
    """
    low, high = band
    least, most = limits_of(totals, low, high)
    told = {"where": "count", "count": count + settled, "households": sum(totals), "certain": False}
    ways = [{"kind": "count", "low": least + settled, "high": most + settled, **told}]
    lower = ((at, high) for at in range(low - 1, 0, -1))
    higher = ((low, at) for at in range(high + 1, max(totals, default=0) + 1))
    for wider in lower if count > most else higher:
        fewest, largest = limits_of(totals, *wider)
        if fewest <= count <= largest:
            return [*ways, {"kind": "count-band", "low": wider[0], "high": wider[1], **told}]
    return ways
