"""Network flow on plain arrays: greatest flow, cheapest flow with its dual proof, and what a residual graph reaches."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.errors import InfeasibleError, InputError

_SMALLER = "give smaller counts and costs"


class Arcs(NamedTuple):
    """Directed arcs of a flow network: `tail`, `head` nodes, `capacity` >= 0 and `cost` a unit, all (m,) int64."""

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    capacity: NDArray[np.int64]
    cost: NDArray[np.int64]


class CheapestFlow(NamedTuple):
    """A cheapest flow and its proof.

    `flow` (m,) units on each arc; `cost` their total; `potential` (n,) dual prices; `bound` the value of the dual,
    computed from the prices alone: no flow that meets the supplies costs less. Equal to `cost`.
    """

    flow: NDArray[np.int64]
    cost: int
    potential: NDArray[np.int64]
    bound: int


def greatest_flow(arcs: Arcs, source: int, sink: int) -> NDArray[np.int64]:
    """Greatest flow from source to sink, units on each arc (push-relabel, OR-Tools).

    Raises
    ------
    InputError
        Capacities add up beyond 64 bits.

    Examples
    --------
    >>> a = Arcs(np.array([0, 1]), np.array([1, 2]), np.array([5, 3]), np.zeros(2, np.int64))
    >>> greatest_flow(a, 0, 2).tolist()
    [3, 3]
    """
    from ortools.graph.python import max_flow

    solver = max_flow.SimpleMaxFlow()
    rows = solver.add_arcs_with_capacity(arcs.tail, arcs.head, arcs.capacity)
    if not len(arcs.tail) or max(source, sink) >= solver.num_nodes():
        return np.zeros(len(arcs.tail), np.int64)
    status = solver.solve(source, sink)
    if status != solver.OPTIMAL:
        raise InputError("the numbers of a flow add up beyond 64 bits", where="flow", hint=_SMALLER)
    return np.asarray(solver.flows(rows), np.int64)


def cheapest_flow(arcs: Arcs, supply: NDArray[np.int64]) -> CheapestFlow:
    """Cheapest flow that meets every supply (negative: demand), with dual prices as proof.

    Cost scaling by OR-Tools; the prices are shortest distances in the residual graph of its answer, so the bound is
    this module's own arithmetic and does not rest on the solver.

    Raises
    ------
    InfeasibleError
        No flow meets the supplies.
    InputError
        Costs times capacities are beyond 64 bits.

    Examples
    --------
    >>> a = Arcs(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1, 1, 1]), np.array([1, 5, 1]))
    >>> best = cheapest_flow(a, np.array([2, 0, -2]))
    >>> best.flow.tolist(), best.cost, best.bound
    ([1, 1, 1], 7, 7)
    """
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    rows = solver.add_arcs_with_capacity_and_unit_cost(arcs.tail, arcs.head, arcs.capacity, arcs.cost)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status in (solver.INFEASIBLE, solver.UNBALANCED):
        raise InfeasibleError(
            "no flow meets the supplies", where="flow", proof={"supply": int(supply[supply > 0].sum())}
        )
    if status != solver.OPTIMAL:
        raise InputError("the numbers of a flow add up beyond 64 bits", where="flow", hint=_SMALLER)
    flow = np.asarray(solver.flows(rows), np.int64)
    price = prices(arcs, flow, len(supply))
    return CheapestFlow(flow, int((flow * arcs.cost).sum()), price, dual_value(arcs, supply, price))


def least_level(
    arcs: Arcs, supply: NDArray[np.int64], best: CheapestFlow, level: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Of all cheapest flows, one (m,) whose greatest level of a used arc is least.

    By complementary slackness every cheapest flow agrees with `best` on arcs whose reduced cost is not 0; the others
    carry any flow that balances the rest. A bisection over levels asks a greatest flow on those arcs whether it can.

    Examples
    --------
    >>> a = Arcs(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1, 1, 1]), np.array([3, 6, 3]))
    >>> supply = np.array([1, 0, -1])
    >>> best = CheapestFlow(np.array([0, 1, 0]), 6, prices(a, np.array([0, 1, 0]), 3), 6)
    >>> least_level(a, supply, best, a.cost).tolist()
    [1, 0, 1]
    """
    free = arcs.cost + best.potential[arcs.tail] == best.potential[arcs.head]
    fixed = np.where(free, 0, best.flow)
    out, into = (np.bincount(end, fixed, len(supply)).astype(np.int64) for end in (arcs.tail, arcs.head))
    need = supply - out + into
    floor, roof = int(level[fixed > 0].max(initial=0)), int(level[best.flow > 0].max(initial=0))
    steps = np.unique(np.append(level[free & (level > floor) & (level <= roof)], floor))
    flow, low, high = best.flow, 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        tried = _balanced(arcs, np.flatnonzero(free & (level <= steps[middle])), need)
        if tried is None:
            low = middle + 1
        else:
            flow, high = fixed + tried, middle
    return flow


def _balanced(arcs: Arcs, rows: NDArray[np.int64], need: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """A flow (m,) on some arcs that meets the supplies `need`, or None."""
    n = len(need)
    give, take = np.flatnonzero(need > 0), np.flatnonzero(need < 0)
    tail = np.concatenate([arcs.tail[rows], np.full(len(give), n), take])
    head = np.concatenate([arcs.head[rows], give, np.full(len(take), n + 1)])
    capacity = np.concatenate([arcs.capacity[rows], need[give], -need[take]])
    found = greatest_flow(Arcs(tail, head, capacity, capacity), n, n + 1)
    if found[len(rows) : len(rows) + len(give)].sum() != need[give].sum():
        return None
    flow = np.zeros(len(arcs.tail), np.int64)
    flow[rows] = found[: len(rows)]
    return flow


def prices(arcs: Arcs, flow: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Dual prices (n,): least residual distance to each node from anywhere, 0 or less.

    Defined when the flow is cheapest (no residual circle costs less than 0). Label correcting, first in first out;
    O(n m) at worst, a few passes in practice.
    """
    ptr, neighbor, cost = _residual(arcs, flow, n)
    price: NDArray[np.int64] = _label_correct(ptr, neighbor, cost)
    return price


def dual_value(arcs: Arcs, supply: NDArray[np.int64], price: NDArray[np.int64]) -> int:
    """Lower bound on the cost of every flow that meets the supplies, whatever the prices.

    >>> a = Arcs(np.array([0]), np.array([1]), np.array([4]), np.array([3]))
    >>> dual_value(a, np.array([2, -2]), np.array([-3, 0])), dual_value(a, np.array([2, -2]), np.zeros(2, np.int64))
    (6, 0)
    """
    reduced = arcs.cost + price[arcs.tail] - price[arcs.head]
    return int((arcs.capacity * np.minimum(reduced, 0)).sum() - (price * supply).sum())


def reaches(arcs: Arcs, flow: NDArray[np.int64], goals: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes from which more flow could still be pushed to a goal: (n,) True for the goals and all that reach them.

    With the sink of a greatest flow as the goal these nodes are the sink side of a least cut.

    >>> a = Arcs(np.array([0, 1]), np.array([1, 2]), np.array([5, 3]), np.zeros(2, np.int64))
    >>> reaches(a, np.array([3, 3]), np.array([False, False, True])).tolist()
    [False, False, True]
    """
    forward, backward = flow < arcs.capacity, flow > 0
    n = len(goals)
    # residual arcs turned around, so that a search from the goals walks against the flow
    tail = np.concatenate([arcs.head[forward], arcs.tail[backward]])
    head = np.concatenate([arcs.tail[forward], arcs.head[backward]])
    ptr, order = _rows(tail, n)
    seen: NDArray[np.bool_] = _flood(ptr, head[order], goals)
    return seen


def _residual(arcs: Arcs, flow: NDArray[np.int64], n: int) -> tuple[Any, Any, Any]:
    forward, backward = flow < arcs.capacity, flow > 0
    tail = np.concatenate([arcs.tail[forward], arcs.head[backward]])
    head = np.concatenate([arcs.head[forward], arcs.tail[backward]])
    cost = np.concatenate([arcs.cost[forward], -arcs.cost[backward]])
    ptr, order = _rows(tail, n)
    return ptr, head[order], cost[order]


def _rows(tail: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=n), out=ptr[1:])
    return ptr, np.argsort(tail, kind="stable")


@njit(cache=True)
def _label_correct(ptr, neighbor, cost):  # type: ignore[no-untyped-def]
    """Least distances from a virtual root that is 0 away from every node; no circle may cost less than 0."""
    n = len(ptr) - 1
    price = np.zeros(n, np.int64)
    queue = np.arange(n)  # a ring: no node stands in it twice
    waiting = np.ones(n, np.bool_)
    first, count = 0, n
    while count > 0:
        v = queue[first]
        first = (first + 1) % n
        count -= 1
        waiting[v] = False
        for a in range(ptr[v], ptr[v + 1]):
            w = neighbor[a]
            if price[v] + cost[a] < price[w]:
                price[w] = price[v] + cost[a]
                if not waiting[w]:
                    queue[(first + count) % n] = w
                    waiting[w] = True
                    count += 1
    return price


@njit(cache=True)
def _flood(ptr, neighbor, goals):  # type: ignore[no-untyped-def]
    """Nodes reached from the goals."""
    seen = goals.copy()
    stack = np.empty(len(goals), np.int64)
    size = 0
    for v in range(len(goals)):
        if goals[v]:
            stack[size] = v
            size += 1
    while size > 0:
        size -= 1
        v = stack[size]
        for a in range(ptr[v], ptr[v + 1]):
            w = neighbor[a]
            if not seen[w]:
                seen[w] = True
                stack[size] = w
                size += 1
    return seen
