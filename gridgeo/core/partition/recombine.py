"""The best plan made of given grids: set partitioning, by pricing, reduced-cost fixing and an integer program.

The linear program over a few grids prices all others by its duals until none helps; with an upper bound at hand,
grids whose reduced cost exceeds the gap cannot be in a better plan and are dropped; HiGHS solves the rest. Limits
are gaps and nodes, never seconds, so equal input gives equal plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Numbers = NDArray[np.int64]

SLACK = 1e6
"""Price of leaving a unit uncovered in the linear program; far above any plan within the band."""


class Candidates(Protocol):
    """A set of possible grids over n units."""

    @property
    def cost(self) -> Reals:
        """Price of each candidate."""
        ...

    @property
    def n(self) -> int:
        """Number of units."""
        ...

    def reduced(self, dual: Reals) -> Reals:
        """Reduced cost of every candidate under duals (n,)."""
        ...

    def matrix(self, rows: Numbers) -> Any:
        """Sparse (n, len(rows)) membership of the chosen candidates."""
        ...


@dataclass(frozen=True)
class Partition:
    """Answer of a recombination.

    `chosen` numbers the candidates (None: none better than asked); `bound` is the linear program's or better;
    `proven` tells that the answer is best of all candidates, or that none exists.
    """

    chosen: Numbers | None
    bound: float
    proven: bool


def price_out(candidates: Candidates, start: Numbers, rounds: int = 60) -> tuple[float, Reals, bool]:
    """Solve the linear relaxation over all candidates: bound, reduced cost of each, and whether a cover exists.

    `start` numbers the first columns. The bound is valid even when the rounds run out: the duals are made feasible
    by the most negative reduced cost a plan could collect.
    """
    from scipy.optimize import linprog
    from scipy.sparse import hstack, identity

    n, cost = candidates.n, candidates.cost
    active = np.unique(start)
    batch = max(400, 2 * n)
    for _ in range(rounds):
        table = hstack([candidates.matrix(active), identity(n)]).tocsc()
        price = np.concatenate([cost[active], np.full(n, SLACK)])
        answer: Any = linprog(price, A_eq=table, b_eq=np.ones(n), bounds=(0, None), method="highs")
        reduced = candidates.reduced(answer.eqlin.marginals)
        helps = np.flatnonzero(reduced < -1e-6)
        if not len(helps):
            return float(answer.fun), reduced, bool(answer.x[len(active) :].sum() < 1e-6)
        best = helps[np.argsort(reduced[helps], kind="stable")[:batch]]
        active = np.union1d(active, best)
    return float(answer.fun) + n * float(reduced.min()), reduced, True


def first_columns(candidates: Candidates, share: Reals, start: Numbers) -> Numbers:
    """Columns to begin with: the plan at hand and the cheapest under guessed duals `share` (n,)."""
    guess = np.argsort(candidates.reduced(share), kind="stable")[: 4 * candidates.n + 200]
    return np.union1d(start, guess)


def recombine(
    candidates: Candidates, start: Numbers, upper: float, *, count: int = 0, gap: float = 0.0, nodes: int = 2000,
    most: int = 1_000_000,
) -> Partition:  # fmt: skip
    """Best plan made of candidate grids that is cheaper than `upper`.

    Parameters
    ----------
    candidates
        The grids to choose from.
    start
        Numbers of a plan at hand (may be empty).
    upper
        Its price, or infinity.
    count
        Number of grids demanded, or 0.
    gap, nodes
        Relative gap and node limit of the integer program.
    most
        Columns the integer program may hold; with more the cheapest are kept, or with gap 0, where only a proof
        counts, nothing is solved.

    Notes
    -----
    Set partitioning as in Garfinkel and Nemhauser 1970, doi:10.1287/mnsc.16.8.B495.
    """
    if not len(candidates.cost):
        return Partition(None, np.inf, True)
    plan_cost = upper if np.isfinite(upper) else float(np.median(candidates.cost))
    share = np.full(candidates.n, plan_cost / candidates.n)
    bound, reduced, covered = price_out(candidates, first_columns(candidates, share, start))
    if not covered:
        return Partition(None, np.inf, True)
    if bound >= upper - 1e-6 * max(1.0, abs(upper)) and not count:
        return Partition(None, min(bound, upper), True)
    room = (upper if np.isfinite(upper) and not count else np.inf) - bound
    kept = np.flatnonzero(reduced <= room + 1e-6)
    complete = len(kept) <= most
    if not complete and gap == 0.0:
        return Partition(None, bound, False)
    if not complete:
        kept = np.sort(kept[np.argsort(reduced[kept], kind="stable")[:most]])
    return integer_program(candidates, kept, bound, count, gap, nodes, complete)


def integer_program(
    candidates: Candidates, kept: Numbers, bound: float, count: int, gap: float, nodes: int, complete: bool
) -> Partition:
    """Solve the set partitioning over the kept candidates."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    rules = [LinearConstraint(candidates.matrix(kept), 1, 1)]
    if count:
        rules.append(LinearConstraint(np.ones((1, len(kept))), count, count))
    answer: Any = milp(
        candidates.cost[kept],
        constraints=rules,
        integrality=np.ones(len(kept), np.int64),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": gap, "node_limit": nodes},
    )
    finished = complete and answer.status in (0, 2)
    if answer.x is None:
        return Partition(None, bound, finished and answer.status == 2)
    proved = answer.mip_dual_bound if finished and answer.mip_dual_bound is not None else bound
    return Partition(kept[np.asarray(answer.x) > 0.5], max(bound, float(proved)), finished and gap == 0.0)
