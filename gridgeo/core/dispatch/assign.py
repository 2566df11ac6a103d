"""Emergency units and the people who man them: the exact optimum in stages, with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gridgeo.core.dispatch.params import AssignParams
from gridgeo.core.dispatch.roster import Roster
from gridgeo.core.dispatch.shortage import Shortage, find_shortages
from gridgeo.core.dispatch.staffing import Staffing
from gridgeo.core.model import Flags, Ints, Notice, Progress, Stop, Territory, never, silent


@dataclass(frozen=True)
class Assignment:
    """One responder in one unit, `walk_s` seconds away, for a seat that wants somebody `within_s` seconds away."""

    unit: str
    responder: str
    role: Literal["lead", "member"]
    walk_s: int
    within_s: int


@dataclass(frozen=True, kw_only=True)
class AssignmentResult:
    """Who serves where, what is missing, and the proof.

    `bound`: no assignment with as few missing leads and members has a smaller total walk (objective "total") or a
    shorter longest walk ("max"), seconds; `proven` when the answer equals it. `seats` wanted, leads included.
    """

    assignments: tuple[Assignment, ...]
    shortages: tuple[Shortage, ...]
    seats: int
    missing_leads: int
    missing_members: int
    total_walk_s: int
    max_walk_s: int
    bound: int
    proven: bool
    notices: tuple[Notice, ...]
    params: AssignParams


@dataclass(frozen=True)
class _Answer:
    """Rows of the serving pairs, which of them lead, and the proven bound on the objective."""

    rows: Ints
    lead: Flags
    bound: int
    proven: bool


def assign_units(
    territory: Territory, params: AssignParams | None = None, *, stop: Stop = never, progress: Progress = silent
) -> AssignmentResult:
    """Man every emergency unit from the responders who can walk there in time.

    In stages, each exact: fewest missing leads, fewest missing members (inner rings first), then the least total
    walk and the shortest longest one, in the order chosen. Nobody stands twice in one unit, or in more units than
    their capacity.

    Parameters
    ----------
    territory
        Gives units, responders, streets and barriers; responders off duty are left out.
    params
        How units are manned (`AssignParams()` when None).
    stop
        Asked between stages; an answer cut short still misses provably few seats, but its walks are not proven.
    progress
        Told the stages.

    Returns
    -------
    AssignmentResult
        Bad input (nobody on duty, nobody who may lead, points off the network, no streets) is named in `notices`,
        and the rest is still solved.

    Notes
    -----
    Greatest flows give the seats that can be filled in each class, a cheapest flow fills exactly those, and its dual
    prices give the bound (Ahuja, Magnanti and Orlin, Network Flows, 1993, chapters 9 and 10).

    Examples
    --------
    >>> from tests.core.dispatch.cases import responders_at, staffed, units_at
    >>> people = responders_at([[30, 0], [60, 0]], can_lead=[False, True])
    >>> result = assign_units(staffed(units_at([[0, 0]], need=1), people), AssignParams(speed_m_per_s=1.0))
    >>> for a in result.assignments:
    ...     print(a.unit, a.role, a.responder, a.walk_s)
    u0 lead r1 60
    u0 member r0 30
    >>> result.total_walk_s, result.bound, result.proven
    (90, 90, True)
    """
    params = params or AssignParams()
    roster = Roster(territory, params)
    progress("walks", 0.0)
    staffing = roster.staffing()
    progress("seats", 0.3)
    quota = staffing.filled()
    progress("walks", 0.5)
    answer = _answer(staffing, quota, params, stop)
    progress("shortages", 0.9)
    shortages = find_shortages(roster, staffing, quota)
    progress("done", 1.0)
    return _result(roster, staffing, answer, quota, shortages)


def _answer(staffing: Staffing, quota: Ints, params: AssignParams, stop: Stop) -> _Answer:
    rows = np.arange(len(staffing.unit))
    longest = 0
    if stop():
        return _some(staffing, quota, params)
    if params.objective == "max":
        longest = staffing.shortest_limit(quota)
        rows = np.flatnonzero(staffing.walk_s <= longest)
        if stop():
            some = _some(staffing.take(rows), quota, params)
            return _Answer(rows[some.rows], some.lead, longest, True)
    fewer = staffing.take(rows)
    best = fewer.cheapest(quota)
    serving, lead = fewer.serving(best.flow)
    bound = longest if params.objective == "max" else best.bound
    return _Answer(rows[serving], lead, bound, best.bound == best.cost)


def _some(staffing: Staffing, quota: Ints, params: AssignParams) -> _Answer:
    """An assignment that fills the seats, its walks unproven; the bound takes the shortest walks of all."""
    flow = staffing.fill(quota)
    assert flow is not None  # the quota was filled by a flow before
    rows, lead = staffing.serving(flow)
    shortest = np.sort(staffing.walk_s)[: int(quota.sum())]
    bound = int(shortest.max(initial=0) if params.objective == "max" else shortest.sum())
    value = staffing.walk_s[rows].max(initial=0) if params.objective == "max" else staffing.walk_s[rows].sum()
    return _Answer(rows, lead, bound, bool(value == bound))


def _result(
    roster: Roster, staffing: Staffing, answer: _Answer, quota: Ints, shortages: tuple[Shortage, ...]
) -> AssignmentResult:
    missing = staffing.seats.sum(0) - quota
    walk_s = staffing.walk_s[answer.rows]
    return AssignmentResult(
        assignments=_assignments(roster, staffing, answer),
        shortages=shortages,
        seats=int(staffing.seats.sum()),
        missing_leads=int(missing[0]),
        missing_members=int(missing[1:].sum()),
        total_walk_s=int(walk_s.sum()),
        max_walk_s=int(walk_s.max(initial=0)),
        bound=answer.bound,
        proven=answer.proven,
        notices=roster.notices(),
        params=roster.params,
    )


def _assignments(roster: Roster, staffing: Staffing, answer: _Answer) -> tuple[Assignment, ...]:
    """By unit, the lead first, then members from the nearest; each in the innermost ring with a free seat."""
    unit, person = staffing.unit[answer.rows], staffing.person[answer.rows]
    walk_s = staffing.walk_s[answer.rows]
    within_s = _rings(staffing, unit, walk_s, answer.lead)
    order = np.lexsort((person, walk_s, ~answer.lead, unit))
    return tuple(
        Assignment(
            unit=str(roster.units.code[unit[i]]),
            responder=str(roster.responders.code[person[i]]),
            role="lead" if answer.lead[i] else "member",
            walk_s=int(walk_s[i]),
            within_s=int(within_s[i]),
        )
        for i in order
    )


def _rings(staffing: Staffing, unit: Ints, walk_s: Ints, lead: Flags) -> Ints:
    """The limit of the seat each serving pair takes: nearest people fill the inner rings first."""
    within_s: Ints = staffing.limit_s[unit, -1].copy()
    if staffing.classes == 2:
        return within_s
    for u in np.unique(unit[~lead]):
        free = staffing.seats[u, 1:].copy()
        rows = np.flatnonzero((unit == u) & ~lead)
        for row in rows[np.argsort(walk_s[rows], kind="stable")]:
            open_seats = np.flatnonzero((free > 0) & (staffing.limit_s[u] >= walk_s[row]))
            free[open_seats[0]] -= 1
            within_s[row] = staffing.limit_s[u, open_seats[0]]
    return within_s
