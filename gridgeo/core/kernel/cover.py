"""Location on a sparse table of who reaches whom: maximal covering, set covering, median, each with a proven bound."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from gridgeo.errors import InputError


class Reached(NamedTuple):
    """Rows (demand, site) of a sparse table, int64, each pair at most once."""

    demand: NDArray[np.int64]
    site: NDArray[np.int64]


class Located(NamedTuple):
    """Chosen sites (rows, ascending), the value they reach, and the bound no choice can beat."""

    site: NDArray[np.int64]
    value: float
    bound: float


def cover_most(weight: NDArray[Any], sites: int, reached: Reached, k: int, *, nodes: int = 10_000) -> Located:
    """At most k of the sites that together reach the greatest weight (Church and ReVelle 1974).

    Demands reached by the same sites are merged first; the rest is an integer program (HiGHS).

    Examples
    --------
    >>> reached = Reached(np.array([0, 1, 1, 2]), np.array([0, 0, 1, 1]))
    >>> located = cover_most(np.array([5, 1, 3]), 2, reached, 1)
    >>> located.site.tolist(), located.value, located.bound
    ([0], 6.0, 6.0)
    """
    weight, reached = _merged(np.asarray(weight, np.float64), reached)
    d = len(weight)
    if d == 0:
        return Located(np.zeros(0, np.int64), 0.0, 0.0)
    # y (d) <= sum of the x (sites) that reach it; sum x <= k
    row, column = np.concatenate([reached.demand, np.arange(d)]), np.concatenate([reached.site, sites + np.arange(d)])
    sign = np.concatenate([np.ones(len(reached.demand)), -np.ones(d)])
    served = LinearConstraint(coo_array((sign, (row, column)), shape=(d, sites + d)), 0, np.inf)
    few = LinearConstraint(np.concatenate([np.ones(sites), np.zeros(d)])[None], 0, k)
    cost = np.concatenate([np.zeros(sites), -weight])
    x, _, bound = _solve(cost, [served, few], sites, nodes)
    chosen = np.flatnonzero(x[:sites] > 0.5)
    hit = np.zeros(d, bool)
    hit[reached.demand[np.isin(reached.site, chosen)]] = True
    return Located(chosen, float(weight[hit].sum()), -bound)


def cover_all(sites: int, reached: Reached, *, nodes: int = 10_000) -> Located:
    """Fewest sites that reach every demand that appears in the table (Toregas et al. 1971).

    >>> cover_all(3, Reached(np.array([0, 1, 1, 2, 0, 2]), np.array([0, 0, 1, 1, 2, 2]))).value
    2.0
    """
    weight, reached = _merged(np.ones(int(reached.demand.max(initial=-1)) + 1), reached)
    if len(weight) == 0:
        return Located(np.zeros(0, np.int64), 0.0, 0.0)
    table = coo_array((np.ones(len(reached.demand)), reached), shape=(len(weight), sites))
    x, value, bound = _solve(np.ones(sites), [LinearConstraint(table, 1, np.inf)], sites, nodes)
    return Located(np.flatnonzero(x > 0.5), value, float(np.ceil(bound - 1e-6)))


def median(
    weight: NDArray[Any],
    sites: int,
    reached: Reached,
    cost: NDArray[Any],
    far: NDArray[Any],
    k: int,
    *,
    nodes: int = 10_000,
) -> Located:
    """At most k sites for the least total weight x cost to the nearest one, `far` (demands,) where none is cheaper.

    `cost` (pairs,) goes with the rows of `reached` (ReVelle and Swain 1970).

    Examples
    --------
    >>> reached = Reached(np.array([0, 1, 1]), np.array([0, 0, 1]))
    >>> median(np.array([1, 2]), 2, reached, np.array([4, 5, 1]), np.array([9, 9]), 1)
    Located(site=array([1]), value=11.0, bound=11.0)
    """
    saving = (far[reached.demand] - cost) * weight[reached.demand]
    kept = np.flatnonzero(saving > 0)
    reached, saving = Reached(reached.demand[kept], reached.site[kept]), saving[kept]
    p, d = len(kept), len(weight)
    total = float((np.asarray(weight, np.float64) * far).sum())
    if p == 0:
        return Located(np.zeros(0, np.int64), total, total)
    # a demand takes one site at most, and only one that is open
    pair = sites + np.arange(p)
    once = LinearConstraint(coo_array((np.ones(p), (reached.demand, pair)), shape=(d, sites + p)), 0, 1)
    row = np.tile(np.arange(p), 2)
    sign = np.repeat([1.0, -1.0], p)
    still = coo_array((sign, (row, np.concatenate([reached.site, pair]))), shape=(p, sites + p))
    few = LinearConstraint(np.concatenate([np.ones(sites), np.zeros(p)])[None], 0, k)
    costs = np.concatenate([np.zeros(sites), -saving])
    x, _, bound = _solve(costs, [once, LinearConstraint(still, 0, np.inf), few], sites, nodes)
    chosen = np.flatnonzero(x[:sites] > 0.5)
    best = np.zeros(d)
    open_pair = np.isin(reached.site, chosen)
    np.maximum.at(best, reached.demand[open_pair], saving[open_pair])
    return Located(chosen, total - float(best.sum()), total + bound)


def _merged(weight: NDArray[np.float64], reached: Reached) -> tuple[NDArray[np.float64], Reached]:
    """Demands that the same sites reach as one, weights added; those nobody reaches left out."""
    if len(reached.demand) == 0:
        return np.zeros(0), reached
    order = np.lexsort((reached.site, reached.demand))
    demand, site = reached.demand[order], reached.site[order]
    rows, first = np.unique(demand, return_index=True)
    keys = [part.tobytes() for part in np.split(site, first[1:])]
    number: dict[bytes, int] = {}
    group = np.array([number.setdefault(key, len(number)) for key in keys], np.int64)
    total = np.zeros(len(number))
    np.add.at(total, group, weight[rows])
    _, leader = np.unique(group, return_index=True)
    kept = np.isin(demand, rows[leader])
    new = np.zeros(len(weight), np.int64)
    new[rows] = group
    return total, Reached(new[demand[kept]], site[kept])


def _solve(
    cost: NDArray[np.float64], rules: list[LinearConstraint], sites: int, nodes: int
) -> tuple[Any, float, float]:
    """The best of an integer program whose first `sites` variables are yes or no, its value and its bound.

    Raises
    ------
    InputError
        None was found within the nodes.
    """
    whole = (np.arange(len(cost)) < sites).astype(np.int64)
    limits: Any = {"node_limit": nodes, "mip_rel_gap": 0.0}
    found = milp(cost, constraints=rules, bounds=Bounds(0, 1), integrality=whole, options=limits)
    if found.x is None:
        hint = "ask for fewer stations, or a shorter walk"
        raise InputError(f"no choice of sites was found within {nodes} steps", where="sites", hint=hint)
    return found.x, float(found.fun), float(found.mip_dual_bound)
