"""Footings: named states of readiness with rosters and limits of their own, and what changes between two."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gridgeo.core.dispatch.assign import AssignmentResult, assign_units
from gridgeo.core.dispatch.params import AssignParams, even_rings
from gridgeo.core.model import Progress, Stop, Territory, never, silent
from gridgeo.errors import Fault, SchemaError


@dataclass(frozen=True, kw_only=True)
class Footing:
    """One state of readiness.

    `params` say how units are manned. `on_duty` and `units` are the codes of the responders on duty and of the units
    to be manned; None takes the territory's own.
    """

    name: str
    params: AssignParams
    on_duty: frozenset[str] | None = None
    units: frozenset[str] | None = None


FOOTINGS = (
    Footing(name="normal", params=AssignParams(members=2)),
    Footing(name="level-3", params=AssignParams(members=3, max_walk_s=600)),
    Footing(name="level-2", params=AssignParams(members=5, max_walk_s=600)),
    Footing(name="level-1", params=AssignParams(rings=even_rings(5))),
)
"""Four footings to begin with, from everyday to the highest alert; each territory sets its own."""


@dataclass(frozen=True, kw_only=True)
class UnitChange:
    """What a change of footing means for one unit: who joins, who leaves, and who leads ("" for nobody)."""

    unit: str
    joins: tuple[str, ...]
    leaves: tuple[str, ...]
    lead_before: str
    lead_after: str


@dataclass(frozen=True, kw_only=True)
class FootingChange:
    """Two footings side by side; `changes` only of units where something changes, in the territory's order."""

    before: AssignmentResult
    after: AssignmentResult
    changes: tuple[UnitChange, ...]

    @property
    def more_missing(self) -> int:
        """Seats missing after, less those missing before."""
        before, after = (r.missing_leads + r.missing_members for r in (self.before, self.after))
        return after - before


def on_footing(territory: Territory, footing: Footing) -> Territory:
    """The territory with the roster and units of a footing.

    Raises
    ------
    SchemaError
        The footing names codes the territory does not have; all are listed.
    """
    people, units = territory.responders, territory.emergency_units
    faults = [
        Fault("unknown-code", layer, None, f"footing {footing.name} names {code}", "use a code of the territory")
        for layer, table, codes in (
            ("responders", people, footing.on_duty),
            ("emergency_units", units, footing.units),
        )
        for code in sorted((codes or frozenset()) - set(table.code.tolist()))
    ]
    if faults:
        raise SchemaError(faults, where=footing.name)
    if footing.on_duty is not None:
        duty = np.array([code in footing.on_duty for code in people.code.tolist()], bool)
        people = replace(people, on_duty=duty)
    if footing.units is not None:
        units = units.take(np.array([code in footing.units for code in units.code.tolist()], bool))
    return replace(territory, responders=people, emergency_units=units)


def compare_footings(
    territory: Territory, before: Footing, after: Footing, *, stop: Stop = never, progress: Progress = silent
) -> FootingChange:
    """Man the units on two footings and tell what changes for each.

    Raises
    ------
    SchemaError
        A footing names codes the territory does not have; all are listed.

    Examples
    --------
    >>> from tests.core.dispatch.cases import responders_at, staffed, units_at
    >>> town = staffed(units_at([[0, 0]]), responders_at([[10, 0], [20, 0], [30, 0], [40, 0]]))
    >>> change = compare_footings(town, FOOTINGS[0], FOOTINGS[1])
    >>> [(c.unit, c.joins, c.leaves) for c in change.changes], change.more_missing
    ([('u0', ('r3',), ())], 0)
    """
    results = [
        assign_units(on_footing(territory, footing), footing.params, stop=stop, progress=progress)
        for footing in (before, after)
    ]
    teams = [_teams(result) for result in results]
    codes = dict.fromkeys(territory.emergency_units.code.tolist())
    changes = (_change(code, *(team.get(code, {}) for team in teams)) for code in codes)
    return FootingChange(
        before=results[0], after=results[1], changes=tuple(change for change in changes if change is not None)
    )


def _teams(result: AssignmentResult) -> dict[str, dict[str, str]]:
    """Role of every responder of every unit."""
    out: dict[str, dict[str, str]] = {}
    for a in result.assignments:
        out.setdefault(a.unit, {})[a.responder] = a.role
    return out


def _change(unit: str, before: dict[str, str], after: dict[str, str]) -> UnitChange | None:
    leads = tuple(next((code for code, role in team.items() if role == "lead"), "") for team in (before, after))
    joins, leaves = tuple(sorted(after.keys() - before.keys())), tuple(sorted(before.keys() - after.keys()))
    if not joins and not leaves and leads[0] == leads[1]:
        return None
    return UnitChange(unit=unit, joins=joins, leaves=leaves, lead_before=leads[0], lead_after=leads[1])
