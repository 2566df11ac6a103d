"""The table of rules: what a grid of each kind must keep, and in which order kinds are settled."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from gridgeo.core.model import Kind
from gridgeo.core.partition.params import PlanParams


@dataclass(frozen=True, kw_only=True)
class KindRule:
    """What a grid of one kind must keep; None is no limit.

    Parameters
    ----------
    settled
        Turn in which the kind is settled; what an earlier kind took is gone for the later ones.
    fewest, most
        Households of a grid.
    area_ha
        Hectares of a grid at most.
    walk_m
        Meters on foot, on streets where there are any, from the best-placed piece of a grid to its farthest
        households at most.
    whole
        What is one grid as it stands as long as no limit is broken: "area" (a drawn area), "village" (a community)
        or "" (drawn freely).
    """

    settled: int
    fewest: int | None = None
    most: int | None = None
    area_ha: float | None = None
    walk_m: float | None = None
    whole: str = ""


def rules_of(params: PlanParams) -> MappingProxyType[Kind, KindRule]:
    """The rules of each kind, in the order they are settled.

    Exclusive land is drawn by the planner, carved first, and has no limits. A village is a grid unless it holds too
    many households, is too wide or too far to walk; it has no lower bound. Urban grids keep the size band.

    Examples
    --------
    >>> rules = rules_of(PlanParams(households=(300, 500)))
    >>> [(kind.name, rule.fewest, rule.most, rule.whole) for kind, rule in rules.items()]
    [('EXCLUSIVE', None, None, 'area'), ('RURAL', None, 500, 'village'), ('URBAN', 300, 500, '')]
    """
    low, high = params.households
    return MappingProxyType(
        {
            Kind.EXCLUSIVE: KindRule(settled=0, whole="area"),
            Kind.RURAL: KindRule(
                settled=1, most=high, area_ha=params.rural_area_ha, walk_m=params.rural_walk_m, whole="village"
            ),
            Kind.URBAN: KindRule(settled=2, fewest=low, most=high),
        }
    )
