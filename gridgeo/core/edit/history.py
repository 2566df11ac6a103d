"""The history of edits by hand as plain values that travel with a file: the log, and the way back to its start."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gridgeo.core.edit.codec import edit_to, edits_from
from gridgeo.core.edit.desk import EditDesk, Step
from gridgeo.core.edit.redraw import EditParams
from gridgeo.core.model import Grids, Kind, Notice, Plan, texts
from gridgeo.errors import GridgeoError, InputError


@dataclass(frozen=True)
class History:
    """The steps since a plan was last drawn, and the plan they began with; `locked` are the locks at its start."""

    start: Plan
    log: tuple[Step, ...]
    locked: frozenset[str] = frozenset()


def history_text(history: History, plan: Plan) -> str:
    """The history of a plan as one JSON text; its size is that of what changed.

    Examples
    --------
    >>> from gridgeo.core.edit.commands import Move
    >>> from gridgeo.core.edit.desk import apply_all
    >>> from tests.instances import lattice, plan_of
    >>> first = plan_of(lattice(1, 3), [0, 0, 1])
    >>> step = (Move(("a1",), "g1"),)
    >>> plan, _ = apply_all(first, step)
    >>> back = history_from(history_text(History(first, (step,)), plan), plan)
    >>> back.start.label.tolist(), back.log == (step,)
    ([0, 0, 1], True)
    """
    start = history.start
    was, now = start.grids.code[start.label], plan.grids.code[plan.label]
    moved: dict[str, list[str]] = {}
    for row in np.flatnonzero(was != now).tolist():
        moved.setdefault(was[row], []).append(str(plan.territory.atoms.code[row]))
    grids = [
        [code, str(start.grids.name[row]), int(start.grids.kind[row]), int(start.grids.community[row])]
        for row, code in enumerate(start.grids.code.tolist())
        if code in moved or code not in plan.grids._row_of or _differs(start.grids, row, plan.grids, code)
    ]
    told = {
        "log": [[edit_to(edit) for edit in step] for step in history.log],
        "locked": sorted(history.locked),
        "moved": moved,
        "grids": grids,
        "notices": [vars(notice) for notice in start.notices if notice not in plan.notices],
        "new_notices": [n for n, notice in enumerate(plan.notices) if notice not in start.notices],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def taken_back(history: History, steps: int, params: EditParams) -> tuple[EditDesk, History]:
    """The desk before the last steps of a history, and the history up to there: the rest is carried out again.

    Raises
    ------
    InputError
        The history has fewer steps.
    """
    if steps > len(history.log):
        hint = "a plan drawn anew begins a new history"
        raise InputError(f"the plan has {len(history.log)} step(s) to take back, not {steps}", where="undo", hint=hint)
    desk = EditDesk(history.start, replace(params, strict=False), locked=history.locked)
    kept = history.log[: len(history.log) - steps]
    for step in kept:
        desk.apply(*step)
    return desk, replace(history, log=kept)


def _differs(first: Grids, row: int, second: Grids, code: str) -> bool:
    other = second.row(code)
    return any(getattr(first, name)[row] != getattr(second, name)[other] for name in ("name", "kind", "community"))


def history_from(text: str, plan: Plan) -> History:
    """The history of a plan from its JSON text; "" is none: the plan itself, unedited.

    Raises
    ------
    InputError
        The text is no history of this plan.
    """
    if not text:
        return History(plan, ())
    try:
        told = json.loads(text)
        log = tuple(edits_from(step) for step in told["log"])
        return History(_start(told, plan), log, frozenset(told["locked"]))
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, GridgeoError) as error:
        hint = "the file is damaged or was edited elsewhere"
        raise InputError("the history of edits cannot be read", where="edits", hint=hint) from error


def _start(told: dict[str, Any], plan: Plan) -> Plan:
    """The plan the history began with."""
    atoms, code = plan.territory.atoms, plan.grids.code[plan.label]
    for grid, moved in told["moved"].items():
        code[[atoms.row(atom) for atom in moved]] = grid
    rows = {c: [c, n, k, h] for c, n, k, h in _rows(plan.grids)} | {row[0]: row for row in told["grids"]}
    codes = sorted(set(code.tolist()))
    number = {c: i for i, c in enumerate(codes)}
    listed = [rows[c] for c in codes]
    grids = Grids(
        code=texts(codes),
        name=texts([row[1] for row in listed]),
        kind=np.array([Kind(row[2]) for row in listed], np.int8),
        community=np.array([row[3] for row in listed], np.int32),
    )
    new = set(told["new_notices"])
    notices = [notice for n, notice in enumerate(plan.notices) if n not in new]
    notices += [Notice(**notice) for notice in told["notices"]]
    label = np.array([number[c] for c in code.tolist()], np.int32)
    return replace(plan, label=label, grids=grids, notices=tuple(notices), drawn=None)


def _rows(grids: Grids) -> Iterable[tuple[str, str, int, int]]:
    return zip(
        grids.code.tolist(), grids.name.tolist(), grids.kind.tolist(), grids.community.tolist(), strict=True
    )  # fmt: skip
