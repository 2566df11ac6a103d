"""Pairing: departments with communities, officers with units; both sides have capacities, one has preferences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from operator import itemgetter

import numpy as np

from gridgeo.core.kernel.flow import Arcs, cheapest_flow, greatest_flow
from gridgeo.core.model import Ints
from gridgeo.errors import InputError

MOST_PAIRS = 1_000_000
"""Pairs of one answer, at most."""
MOST = 10**12
"""Largest count or cost: sums of as many as there may be stay within 64 bits."""


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
        at cost 0: they are made one by one in O(pairs x log takers), without a table of all that are allowed.

    Raises
    ------
    InputError
        A number is negative or above `MOST`, or a pair names somebody unknown (all of these are listed), or there
        would be more than `MOST_PAIRS` pairs.

    Examples
    --------
    >>> wishes = {("tax office", "Lakeside"): 1, ("tax office", "Old Town"): 2, ("school board", "Lakeside"): 1}
    >>> result = pair_up({"tax office": 1, "school board": 1}, {"Lakeside": 1, "Old Town": 1}, wishes)
    >>> result.pairs, result.cost, dict(result.missing)
    ((('school board', 'Lakeside', 1), ('tax office', 'Old Town', 2)), 3, {})
    """
    _check(givers, takers, costs or {})
    if costs is None:
        return _every_pair_free(givers, takers)
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


def _every_pair_free(givers: Mapping[str, int], takers: Mapping[str, int]) -> PairingResult:
    """As many pairs as can be where any two may pair at no cost.

    Each giver takes those who want most still (Gale 1957, doi:10.2140/pjm.1957.7.1073). That is the most: a best
    answer can give this giver as many takers as are left, in exchange for those of other givers; and the takers who
    want most, for one who wants more has another giver besides, who can go to the one who wants less.
    """
    given = sum(min(count, len(takers)) for count in givers.values())
    most = min(given, sum(min(count, len(givers)) for count in takers.values()))
    if most > MOST_PAIRS:
        hint = "ask for fewer at a time, or name the pairs allowed"
        raise InputError(f"up to {most} pairs, at most {MOST_PAIRS}", where="pairing", hint=hint)
    wanted = [(-count, name) for name, count in sorted(takers.items()) if count]
    heapify(wanted)
    pairs = tuple((giver, taker, 0) for giver in sorted(givers) for taker in _most_wanting(wanted, givers[giver]))
    missing = {name: -less for less, name in sorted(wanted, key=itemgetter(1))}
    return PairingResult(pairs=pairs, missing=missing, cost=0, bound=0)


def _most_wanting(wanted: list[tuple[int, str]], count: int) -> Iterator[str]:
    """Names of the takers who want most, in order; `wanted` holds (-left, name) and is written anew."""
    chosen = [heappop(wanted) for _ in range(min(count, len(wanted)))]
    for less, name in chosen:
        if less < -1:
            heappush(wanted, (less + 1, name))
    return iter(sorted(name for _, name in chosen))


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
    counts = [(name, count) for side in (givers, takers) for name, count in side.items()]
    faults = [f"{name} has {count}" for name, count in counts if not 0 <= count <= MOST]
    faults += [f"{g} with {t} names nobody" for g, t in costs if g not in givers or t not in takers]
    faults += [f"{g} with {t} costs {cost}" for (g, t), cost in costs.items() if not 0 <= cost <= MOST]
    if faults:
        hint = f"counts and costs from 0 to {MOST}, codes that exist"
        raise InputError("; ".join(faults), where="pairing", hint=hint)
