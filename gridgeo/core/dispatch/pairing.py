"""Pairing: departments with communities, officers with units; both sides have capacities, one has preferences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gridgeo.core.kernel.flow import Arcs, cheapest_flow, greatest_flow
from gridgeo.core.model import Ints
from gridgeo.errors import InputError


@dataclass(frozen=True, kw_only=True)
class PairingResult:
    """Who serves whom.

    `pairs` (giver, taker, cost); `missing` how many givers each taker still wants; `cost` the total, proven least
    for that many pairs when equal to `bound`.
    """

    pairs: tuple[tuple[str, str, int], ...]
    missing: Mapping[str, int]
    cost: int
    bound: int


def pair_up(
    givers: Mapping[str, int], takers: Mapping[str, int], costs: Mapping[tuple[str, str], int] | None = None
) -> PairingResult:
    """Pair givers with takers: as many pairs as can be, then the least total cost; no pair twice.

    Parameters
    ----------
    givers, takers
        How many pairs each may give, or wants, by code; 0 or more.
    costs
        Cost of each pair allowed, by (giver, taker): rank of a preference, walking seconds. None allows every pair
        at cost 0.

    Raises
    ------
    InputError
        A number is negative, or a pair names somebody unknown; all of these are listed.

    Examples
    --------
    >>> wishes = {("tax office", "Lakeside"): 1, ("tax office", "Old Town"): 2, ("school board", "Lakeside"): 1}
    >>> result = pair_up({"tax office": 1, "school board": 1}, {"Lakeside": 1, "Old Town": 1}, wishes)
    >>> result.pairs, result.cost, dict(result.missing)
    ((('school board', 'Lakeside', 1), ('tax office', 'Old Town', 2)), 3, {})
    """
    if costs is None:
        costs = {(giver, taker): 0 for giver in givers for taker in takers}
    _check(givers, takers, costs)
    rows = sorted(costs)
    names = sorted(givers), sorted(takers)
    arcs, nodes = _arcs(names, givers, takers, rows, costs)
    most = int(greatest_flow(arcs, 0, 1)[: len(givers)].sum())
    supply = np.zeros(nodes, np.int64)
    supply[0], supply[1] = most, -most
    best = cheapest_flow(arcs, supply)
    used = best.flow[len(givers) : len(givers) + len(rows)]
    filled = best.flow[len(givers) + len(rows) :].tolist()
    return PairingResult(
        pairs=tuple((*pair, costs[pair]) for pair, served in zip(rows, used.tolist(), strict=True) if served),
        missing={name: takers[name] - got for name, got in zip(names[1], filled, strict=True) if got < takers[name]},
        cost=best.cost,
        bound=best.bound,
    )


def _arcs(
    names: tuple[Sequence[str], Sequence[str]],
    givers: Mapping[str, int],
    takers: Mapping[str, int],
    rows: Sequence[tuple[str, str]],
    costs: Mapping[tuple[str, str], int],
) -> tuple[Arcs, int]:
    """Source 0 -> givers -> takers -> sink 1."""
    giver = {name: 2 + i for i, name in enumerate(names[0])}
    taker = {name: 2 + len(giver) + i for i, name in enumerate(names[1])}
    from_source, to_sink = list(giver.values()), list(taker.values())
    tail = [*([0] * len(giver)), *(giver[g] for g, _ in rows), *to_sink]
    head = [*from_source, *(taker[t] for _, t in rows), *([1] * len(taker))]
    capacity = [*(givers[name] for name in giver), *([1] * len(rows)), *(takers[name] for name in taker)]
    cost = [*([0] * len(giver)), *(costs[pair] for pair in rows), *([0] * len(taker))]
    return Arcs(_ints(tail), _ints(head), _ints(capacity), _ints(cost)), 2 + len(giver) + len(taker)


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _check(givers: Mapping[str, int], takers: Mapping[str, int], costs: Mapping[tuple[str, str], int]) -> None:
    faults = [f"{name} has {count}" for side in (givers, takers) for name, count in side.items() if count < 0]
    faults += [f"{g} with {t} names nobody" for g, t in costs if g not in givers or t not in takers]
    faults += [f"{g} with {t} costs {cost}" for (g, t), cost in costs.items() if cost < 0]
    if faults:
        raise InputError("; ".join(faults), where="pairing", hint="counts and costs of 0 or more, codes that exist")
