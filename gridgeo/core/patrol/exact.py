"""Rural postman walks by integer programming: the least cost, or a proven lower bound.

Each edge is walked whole times forward and backward, as often in as out at every node, required edges at least so
often as asked. Two families of cuts make the bound strong (Corberan and Sanchis 1994,
doi:10.1016/0377-2217(94)90398-0): a set of nodes that separates required streets is entered and left, and a set cut
by an odd number of required passes is crossed at least once more. Costs may differ by direction (windy postman).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gridgeo.core.model import Flags, Floats, Ints, Stop, never
from gridgeo.core.patrol.network import components

VIOLATED = 1e-4
LEVELS = (1e-6, 0.1, 0.25, 0.5)


@dataclass(frozen=True, kw_only=True, eq=False)
class RuralTask:
    """A graph to walk: m edges `u`, `v`, cost `forward` from u to v and `backward`, `passes` wanted of each edge.

    `through` are nodes the walk must touch besides (the station). `most` (m,) is how often an edge may be walked, both
    ways together; None: as often as one likes.
    """

    n: int
    u: Ints
    v: Ints
    forward: Ints
    backward: Ints
    passes: Ints
    through: Ints
    most: Floats | None = None

    @property
    def pieces(self) -> Ints:
        """Component of each node over required edges alone; -1 where nothing is required."""
        on = self.passes > 0
        label = components(self.n, self.u[on], self.v[on])
        touched = np.zeros(self.n, bool)
        touched[self.u[on]] = touched[self.v[on]] = touched[self.through] = True
        return np.where(touched, label, -1)


@dataclass(frozen=True, kw_only=True, eq=False)
class RuralAnswer:
    """`forward` and `backward` walks of each edge (None when no walk was found), cost, proven lower bound."""

    forward: Ints | None
    backward: Ints | None
    cost: int
    bound: int

    @property
    def proven(self) -> bool:
        """Whether no walk costs less."""
        return self.forward is not None and self.cost == self.bound


@dataclass(eq=False)
class _Cuts:
    """Rows of the program that were found to be needed: edges crossed, and how often at least."""

    edges: list[Ints] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    known: set[bytes] = field(default_factory=set)

    def add(self, edges: Ints, least: float) -> bool:
        key = edges.tobytes()
        if key in self.known:
            return False
        self.known.add(key)
        self.edges.append(edges)
        self.least.append(least)
        return True


def solve_rural(task: RuralTask, *, nodes: int = 2_000, rounds: int = 60, stop: Stop = never) -> RuralAnswer:
    """Least-cost closed walk, by cutting planes, then branch and bound with cuts added until the walk is one piece.

    Parameters
    ----------
    task
        What to walk.
    nodes
        Branch-and-bound nodes allowed in each round: the limit of work that does not depend on the clock.
    rounds
        Rounds of cuts allowed in each phase.
    stop
        Asked between rounds; the bound found by then is valid.

    Returns
    -------
    RuralAnswer
        Without a walk when none was found within the limits.
    """
    cuts = _first_cuts(task)
    bound = 0.0
    for _ in range(rounds):
        solved = _program(task, cuts, whole=False, nodes=0)
        bound = max(bound, float(solved.fun))
        if stop() or not _separate(task, cuts, solved.x[: 2 * len(task.u)]):
            break
    for _ in range(rounds):
        if stop():
            break
        solved = _program(task, cuts, whole=True, nodes=nodes)
        if solved.mip_dual_bound is not None and np.isfinite(solved.mip_dual_bound):
            bound = max(bound, float(solved.mip_dual_bound))
        if solved.x is None:
            break
        walks = np.rint(solved.x[: 2 * len(task.u)])
        if not _connect(task, cuts, walks):
            return _answer(task, walks.astype(np.int64), bound)
    return RuralAnswer(forward=None, backward=None, cost=0, bound=_whole(bound))


def _answer(task: RuralTask, walks: Ints, bound: float) -> RuralAnswer:
    m = len(task.u)
    forward, backward = walks[:m], walks[m:]
    cost = int(task.forward @ forward + task.backward @ backward)
    return RuralAnswer(forward=forward, backward=backward, cost=cost, bound=min(cost, _whole(bound)))


def _whole(bound: float) -> int:
    """Costs are whole: a bound rounds up, after the slack a floating-point solver needs."""
    return int(np.ceil(bound - 1e-3 - 1e-9 * abs(bound)))


def _program(task: RuralTask, cuts: _Cuts, *, whole: bool, nodes: int) -> Any:
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, hstack, vstack

    m = len(task.u)
    edge = np.arange(m)
    incidence = coo_array(
        (np.r_[np.ones(m), -np.ones(m)], (np.r_[task.u, task.v], np.r_[edge, edge])), shape=(task.n, m)
    ).tocsr()
    flow = hstack([incidence, -incidence], format="csr")
    row = np.repeat(np.arange(len(cuts.edges)), [len(edges) for edges in cuts.edges])
    column = np.concatenate(cuts.edges) if cuts.edges else np.zeros(0, np.int64)
    crossing = csr_array((np.ones(len(row)), (row, column)), shape=(len(cuts.edges), m))
    required = np.flatnonzero(task.passes > 0)
    passing = csr_array((np.ones(len(required)), (np.arange(len(required)), required)), shape=(len(required), m))
    both = vstack([crossing, passing], format="csr")
    least = np.r_[np.array(cuts.least), task.passes[required].astype(float)]
    most = np.full(m, np.inf) if task.most is None else task.most
    limit = np.r_[np.full(len(cuts.least), np.inf), most[required]]
    constraints = [
        LinearConstraint(flow, 0, 0),
        LinearConstraint(hstack([both, both], format="csr"), least, limit),
    ]
    options: Any = {"node_limit": nodes, "mip_rel_gap": 0.0} if whole else {}
    return milp(
        np.r_[task.forward, task.backward].astype(float),
        constraints=constraints,
        integrality=np.full(2 * m, int(whole)),
        bounds=Bounds(0, np.r_[most, most]),
        options=options,
    )


def _first_cuts(task: RuralTask) -> _Cuts:
    """Every piece is left, and every node of odd required degree is crossed once more."""
    cuts = _Cuts()
    pieces = task.pieces
    names = np.unique(pieces[pieces >= 0])
    if len(names) > 1:
        for name in names.tolist():
            _cut(task, cuts, pieces == name, None)
    for node in np.unique(np.concatenate([task.u[task.passes > 0], task.v[task.passes > 0]])).tolist():
        one = np.zeros(task.n, bool)
        one[node] = True
        _cut(task, cuts, one, None)
    return cuts


def _cut(task: RuralTask, cuts: _Cuts, inside: Flags, total: Floats | None) -> bool:
    """Add the cut of a node set if it is valid and (where walks are given) violated; whether it was added."""
    crossing = np.flatnonzero(inside[task.u] != inside[task.v])
    need = int(task.passes[crossing].sum())
    if need % 2:
        need += 1
    elif need == 0 and _separates(task, inside):
        need = 2
    else:
        return False
    if total is not None and total[crossing].sum() >= need - VIOLATED:
        return False
    return cuts.add(crossing, float(need))


def _separates(task: RuralTask, inside: Flags) -> bool:
    wanted = task.pieces >= 0
    return bool((wanted & inside).any() and (wanted & ~inside).any())


def _separate(task: RuralTask, cuts: _Cuts, x: Floats) -> bool:
    """Add cuts that a fractional solution violates: components of what it walks, and of what it walks beyond need."""
    m = len(task.u)
    total = x[:m] + x[m:]
    added = False
    for values in (total, total - task.passes):
        for level in LEVELS:
            on = values > level
            label = components(task.n, task.u[on], task.v[on])
            for name in range(int(label.max()) + 1):
                added |= _cut(task, cuts, label == name, total)
    return added


def _connect(task: RuralTask, cuts: _Cuts, walks: Floats) -> bool:
    """Add cuts that join the parts of a whole-number solution; False when it is one part."""
    m = len(task.u)
    total = walks[:m] + walks[m:]
    on = total > 0.5
    label = components(task.n, task.u[on], task.v[on])
    wanted = np.unique(label[task.pieces >= 0])
    if len(wanted) <= 1:
        return False
    for name in wanted.tolist():
        _cut(task, cuts, label == name, total)
    return True
