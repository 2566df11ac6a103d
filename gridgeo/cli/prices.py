"""`--price NAME=NUMBER`: what counts in a plan, and how much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.core.partition import PlanParams

GRID = ("roundness", "deviation", "moving", "walking", "workload")
GROUPS = {"border": "border_costs", "work": "work"}


def with_prices(params: PlanParams, prices: tuple[str, ...]) -> PlanParams:
    """The parameters with prices given as NAME=NUMBER, such as walking=5, border.street=0.8 or work.visit=2.

    Raises
    ------
    InputError
        A text that is no price, or a price nothing has.

    Examples
    --------
    >>> from gridgeo.core.partition import PlanParams
    >>> priced = with_prices(PlanParams(), ("walking=5", "border.main=0.4"))
    >>> priced.walking, priced.border_costs.main
    (5.0, 0.4)
    """
    for text in prices:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            raise InputError(f"{text} is no price", where="--price", hint="write NAME=NUMBER, e.g. walking=5") from None
        group, _, part = name.partition(".")
        changed: dict[str, Any] = {name: value}
        if name in GRID:
            params = replace(params, **changed)
        elif group in GROUPS and part in vars(getattr(params, GROUPS[group])):
            params = replace(params, **{GROUPS[group]: replace(getattr(params, GROUPS[group]), **{part: value})})
        else:
            raise InputError(f"nothing is priced by {name}", where="--price", hint=f"known: {', '.join(names(params))}")
    return params


def names(params: PlanParams) -> list[str]:
    """All names a price may have."""
    parts = [f"{group}.{part}" for group, holder in GROUPS.items() for part in vars(getattr(params, holder))]
    return [*GRID, *parts]
