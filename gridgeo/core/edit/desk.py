"""The editing desk: edits carried out step by step on a plan, undone and done again, with totals always at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gridgeo.core.edit.carry import carry_out, home_of
from gridgeo.core.edit.commands import Edit
from gridgeo.core.edit.graph import graph_of
from gridgeo.core.edit.redraw import EditParams, Rules
from gridgeo.core.edit.rules import check_step, hard_rules, soft_rules
from gridgeo.core.edit.sheet import Journal, Record, Sheet
from gridgeo.core.model import Notice, Plan, Stop, never
from gridgeo.errors import BrokenRuleError, GridgeoError, InputError

Step = tuple[Edit, ...]
"""Edits carried out together, all or none."""


@dataclass(frozen=True)
class GridEdit:
    """One grid before and after a step: None where it did not exist."""

    code: str
    before: Record | None
    after: Record | None


@dataclass(frozen=True)
class Outcome:
    """What a step did: the grids it changed, by code, and the soft rules it broke."""

    changed: tuple[GridEdit, ...]
    notices: tuple[Notice, ...]


class EditDesk:
    """A plan on the desk.

    Parameters
    ----------
    plan
        The plan to edit; it is not changed.
    params
        How it is edited; None takes the defaults.
    locked
        Codes of grids whose ground stays.
    stop
        Asked while edits draw.
    like
        A desk with the same `params`: where its plan is of the same territory, what it knows of the atoms is taken
        over, which saves most of the work.

    Raises
    ------
    NotFoundError
        A locked code is of no grid.

    Notes
    -----
    The desk is laid out once, O(n + m log m). A step then costs the degrees of the atoms that change and the size of
    the grids it touches, whatever the size of the plan; an edit that draws costs the drawing. `plan` costs O(n).

    Examples
    --------
    >>> from gridgeo.core.edit.commands import Move
    >>> from tests.instances import lattice, plan_of
    >>> desk = EditDesk(plan_of(lattice(1, 4, 200), [0, 0, 1, 1]))
    >>> [(grid.code, grid.after.households) for grid in desk.apply(Move(("a1",), "g1")).changed]
    [('g0', 200), ('g1', 600)]
    >>> _ = desk.undo()
    >>> desk.totals("g1").households
    400
    """

    def __init__(
        self,
        plan: Plan,
        params: EditParams | None = None,
        *,
        locked: Iterable[str] = (),
        stop: Stop = never,
        like: EditDesk | None = None,
    ) -> None:
        params = params or EditParams()
        known = like._sheet if like and like._start.territory.atoms is plan.territory.atoms else None
        bridges = params.drawing is not None and params.drawing.cross_bridges
        graph = known.graph if known else graph_of(plan.territory, bridges=bridges)
        ended = frozenset(notice.where for notice in plan.notices if notice.kind == "grid-ended")
        self._start: Plan = plan
        self._sheet: Sheet = Sheet(plan, frozenset(locked), ended, graph, known)
        self._first = dict(self._sheet.records)
        self._rules = Rules(plan.band, params, stop)
        self._done: list[tuple[Step, Journal]] = []
        self._undone: list[tuple[Step, Journal]] = []

    @property
    def log(self) -> tuple[Step, ...]:
        """The steps in force, in their order."""
        return tuple(step for step, _ in self._done)

    @property
    def locked(self) -> frozenset[str]:
        """Codes of the locked grids."""
        return self._sheet.locked

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the grids, ascending."""
        return tuple(sorted(self._sheet.row_of))

    def totals(self, code: str) -> Record:
        """Totals of one grid.

        Raises
        ------
        NotFoundError
            No grid has this code.
        """
        return self._sheet.records[self._sheet.row(code)]

    def apply(self, *edits: Edit) -> Outcome:
        """Carry out edits as one step: rules are asked at its end, and all are done or none.

        Raises
        ------
        InputError
            There is no edit, or one says nothing that can be done.
        NotFoundError
            An edit names grids or atoms that are not there.
        BrokenRuleError
            The step would break a rule; the error carries the rule and the place.
        InfeasibleError
            A grid cannot be drawn anew as asked.
        """
        return self._step(edits, lambda: check_step(self._sheet, self._rules))

    def judge(self, *edits: Edit) -> tuple[Outcome, tuple[BrokenRuleError, ...]]:
        """Carry out edits as one step whatever rules the outcome breaks; tells the hard ones broken beside.

        Raises
        ------
        InputError, NotFoundError, BrokenRuleError, InfeasibleError
            An edit cannot be carried out.
        """
        outcome = self._step(edits, lambda: soft_rules(self._sheet, self._rules))
        return outcome, tuple(hard_rules(self._sheet))

    def undo(self) -> Outcome:
        """Take back the last step. O(changed).

        Raises
        ------
        InputError
            There is none.
        """
        return self._turn(self._done, self._undone, "undo")

    def redo(self) -> Outcome:
        """Do the step last taken back once more. O(changed).

        Raises
        ------
        InputError
            There is none.
        """
        return self._turn(self._undone, self._done, "redo")

    def plan(self) -> Plan:
        """The plan as it stands: notices of the grids that changed are those of today. O(n)."""
        grids, label = self._sheet.grids()
        start = self._start
        return Plan(territory=start.territory, label=label, grids=grids, band=start.band, notices=self._notices())

    def _step(self, edits: Step, check: Callable[[], tuple[Notice, ...]]) -> Outcome:
        """Carry out edits, check them, and enter the step in the log; or leave everything as it was."""
        if not edits:
            raise InputError("there is no edit", where="edits", hint="give one at least")
        sheet = self._sheet
        sheet.begin()
        try:
            for edit in edits:
                carry_out(sheet, edit, self._rules)
            self._settle_homes()
            notices = check()
        except GridgeoError:
            sheet.swap(sheet.journal)
            raise
        self._done.append((edits, sheet.journal))
        self._undone.clear()
        return Outcome(self._changes(sheet.journal), notices)

    def _turn(self, source: list[tuple[Step, Journal]], target: list[tuple[Step, Journal]], what: str) -> Outcome:
        if not source:
            raise InputError(f"there is nothing to {what}", where=what)
        step, journal = source.pop()
        back = self._sheet.swap(journal)
        target.append((step, back))
        return Outcome(self._changes(back), ())

    def _settle_homes(self) -> None:
        """Community of every grid whose ground changed."""
        sheet = self._sheet
        for row in {row for atom, old in sheet.journal.labels.items() for row in (old, int(sheet.label[atom]))}:
            if row in sheet.records and sheet.members(row):
                sheet.rehome(row, home_of(sheet, sheet.members(row)))

    def _changes(self, before: Journal) -> tuple[GridEdit, ...]:
        """Grids a step changed, by code."""
        pairs = ((old, self._sheet.records.get(row)) for row, old in before.records.items())
        changed = [GridEdit((old or new).code, old, new) for old, new in pairs if old != new and (old or new)]  # type: ignore[union-attr]
        return tuple(sorted(changed, key=lambda grid: grid.code))

    def _notices(self) -> tuple[Notice, ...]:
        """Those of the plan at the start but for grids that changed, and today's of these."""
        sheet, rules = self._sheet, self._rules
        changed = [row for row in {*self._first, *sheet.records} if self._first.get(row) != sheet.records.get(row)]
        stale = {known.code for row in changed for known in (self._first.get(row), sheet.records.get(row)) if known}
        kept = [n for n in self._start.notices if n.kind == "grid-ended" or n.where not in stale]
        told = {n.where for n in kept if n.kind == "grid-ended"}
        low, high = rules.band
        for row in sorted(changed):
            record, first = sheet.records.get(row), self._first.get(row)
            if record is not None and not rules.in_band(record):
                before = 0 if first is None else first.households
                facts = {"low": low, "high": high, "before": before}
                kept.append(
                    Notice(kind="edit-out-of-band", where=record.code, households=record.households, facts=facts)
                )
        kept += [Notice(kind="grid-ended", where=code) for code in sorted(sheet.ended - told)]
        return tuple(kept)


def apply_all(
    plan: Plan,
    edits: Sequence[Edit],
    params: EditParams | None = None,
    *,
    locked: Iterable[str] = (),
    stop: Stop = never,
) -> tuple[Plan, Outcome]:
    """A plan after some edits carried out as one step, all or none, and what they did.

    Raises
    ------
    InputError, NotFoundError, BrokenRuleError, InfeasibleError
        As `EditDesk.apply`; the plan is as it was.
    """
    desk = EditDesk(plan, params, locked=locked, stop=stop)
    outcome = desk.apply(*edits)
    return desk.plan(), outcome


def replay(plan: Plan, log: Iterable[Step], params: EditParams | None = None, *, locked: Iterable[str] = ()) -> Plan:
    """A plan after the steps of a log.

    Raises
    ------
    InputError, NotFoundError, BrokenRuleError, InfeasibleError
        The log is not one of this plan.
    """
    desk = EditDesk(plan, params, locked=locked)
    for step in log:
        desk.apply(*step)
    return desk.plan()
