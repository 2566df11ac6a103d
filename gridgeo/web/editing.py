"""Plans being edited: each batch carried out on a desk, proven, and kept as the next version, or refused whole."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import shapely

from gridgeo import service
from gridgeo.core.model import Notice, Objects, Plan, geometries
from gridgeo.errors import ConflictError, GridgeoError, NotFoundError
from gridgeo.ports import PlanRecord, Store
from gridgeo.web.problems import RefusedError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from gridgeo.core.edit import Edit, EditDesk, GridEdit, Merged
    from gridgeo.web.change import Change

BOOK = "edits"
"""Journal of what was done to plans, batch by batch."""
DESKS = 2
"""Plans kept laid out."""
DRAW_S = 10.0
"""Longest an edit that draws may take."""


class MergeError(RefusedError):
    """Two drafts that cannot be brought together; `members` tells where."""

    code = "merge-conflict"

    def __init__(self, message: str, *, hint: str = "", members: dict[str, Any], geometry: Any = None) -> None:
        super().__init__(message, hint=hint)
        self.members = members
        self.geometry = geometry


class UnprovenError(RefusedError):
    """An edit whose outcome does not cover the same ground; it was not kept."""

    code = "unproven"


@dataclass(frozen=True, kw_only=True)
class Landed:
    """One batch that was kept: the version it made, the grids it changed, and the soft rules it broke."""

    record: PlanRecord
    changed: tuple[GridEdit, ...] = ()
    notices: tuple[Notice, ...] = ()
    proof: dict[str, Any] = field(default_factory=dict)


class _Clock:
    """Stop rule set anew for each batch."""

    def __init__(self) -> None:
        self.end = 0.0

    def start(self) -> None:
        """Begin a batch."""
        self.end = time.monotonic() + DRAW_S

    def __call__(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() >= self.end


@dataclass
class _Laid:
    """A version laid out for editing."""

    name: str
    plan: Plan
    desk: EditDesk
    clock: _Clock


class _Shelf:
    """The plans laid out last, by id and strictness; safe to share between threads."""

    def __init__(self) -> None:
        self._laid: OrderedDict[tuple[str, bool], _Laid] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, id: str, strict: bool) -> _Laid | None:
        """What lies there, no longer there: nobody else meets a plan half edited."""
        with self._lock:
            return self._laid.pop((id, strict), None)

    def put(self, id: str, strict: bool, laid: _Laid) -> None:
        """Lay a plan back, and let go of the one not edited for the longest."""
        with self._lock:
            self._laid[id, strict] = laid
            while len(self._laid) > DESKS:
                self._laid.popitem(last=False)


class Editor:
    """Edits the plans of one store; plans are edited side by side, one plan by one hand at a time.

    Parameters
    ----------
    store
        Where versions are kept.
    now
        Gives the time.
    changing
        Opens the transaction of one change.
    """

    def __init__(
        self, store: Store, now: Callable[[], str], changing: Callable[[], AbstractContextManager[Change]]
    ) -> None:
        self._store = store
        self._now = now
        self._changing = changing
        self._shelf = _Shelf()
        self._hands: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._locked: dict[str, frozenset[str]] = {}
        self._read = 0

    def edit(
        self,
        record: PlanRecord,
        edits: Sequence[Edit],
        *,
        by: str = "",
        note: str = "",
        strict: bool = False,
        publish: bool = False,
    ) -> Landed:
        """Carry out a batch on the latest version of a plan, and keep the next one, published when asked for.

        Raises
        ------
        BrokenRuleError
            The batch would break a rule of the plan.
        UnprovenError
            The touched grids do not cover the same ground after as before.
        ConflictError
            `record` is no longer the latest version.
        InputError, NotFoundError, InfeasibleError
            An edit cannot be carried out.
        """
        from gridgeo.core.edit import edit_to

        with self._hand(record.id):
            laid = self._lay(record, strict)
            laid.clock.start()
            try:
                outcome = laid.desk.apply(*edits)
            except GridgeoError:  # refused whole: the desk is as it was
                self._shelf.put(record.id, strict, laid)
                raise
            after = laid.desk.plan()
            proof = proven(laid.plan, after, [grid.code for grid in outcome.changed])
            done = {"what": "edits", "locked": sorted(laid.desk.locked), "edits": [edit_to(edit) for edit in edits]}
            kept = self._keep(after, record, done, by=by, note=note, publish=publish)
            laid.name, laid.plan = kept.name, after
            self._shelf.put(record.id, strict, laid)
        return Landed(record=kept, changed=outcome.changed, notices=outcome.notices, proof=proof)

    def locked(self, id: str) -> frozenset[str]:
        """Codes of the grids of a plan whose ground stays."""
        with self._lock:
            for text in self._store.entries(BOOK, self._read):
                entry = msgspec.json.decode(text)
                self._locked[entry["plan"]] = frozenset(entry["locked"])
                self._read += 1
            return self._locked.get(id, frozenset())

    def _hand(self, id: str) -> threading.Lock:
        """One hand at a time on one plan."""
        with self._lock:
            return self._hands.setdefault(id, threading.Lock())

    def take_back(self, record: PlanRecord, records: Sequence[PlanRecord], *, by: str = "") -> Landed:
        """Undo the last change of a plan: the version it was made from becomes the next one.

        Undone again, the change before that is taken back, and so on.

        Raises
        ------
        NotFoundError
            There is nothing to undo.
        ConflictError
            `record` is no longer the latest version.
        """
        by_name = {one.name: one for one in records}
        at = record
        while at.parent in by_name and by_name[at.parent].digest == at.digest:
            at = by_name[at.parent]  # a version that only brought another one back
        target = by_name.get(at.parent)
        if target is None or target.id != record.id:
            raise NotFoundError(f"nothing of {record.id} is left to undo", where=record.name)
        return self.restore(record, target, by=by, note=f"undo of {at.name}")

    def restore(self, record: PlanRecord, target: PlanRecord, *, by: str = "", note: str = "") -> Landed:
        """Make the content of a version before the next version of a plan.

        Raises
        ------
        ConflictError
            `record` is no longer the latest version.
        """
        with self._hand(record.id):
            plan = self._store.plan(target.id, target.version)
            done = {"what": "restore", "locked": sorted(self._locked_of(record.id, plan)), "edits": []}
            told = note or f"{target.name} restored"
            kept = self._keep(plan, record, done, by=by, note=told, parent=target.name)
        return Landed(record=kept)

    def merge(self, base: PlanRecord, ours: PlanRecord, theirs: PlanRecord, *, by: str = "", note: str = "") -> Landed:
        """Bring the work of another plan into the latest version of a plan, atom by atom.

        Raises
        ------
        MergeError
            The two want different things, or would break a rule together.
        UnprovenError
            The merged grids do not cover the same ground.
        ConflictError
            `ours` is no longer the latest version.
        """
        from gridgeo.core.edit import edit_to

        with self._hand(ours.id):
            plans = [self._store.plan(one.id, one.version) for one in (base, ours, theirs)]
            merged = service.merge_plans(*plans, locked=self._locked_of(ours.id, plans[0]))
            if merged.plan is None or merged.broken:
                raise _refused(merged, plans[1])
            before = plans[1]
            codes = _differing(before, merged.plan)
            proof = proven(before, merged.plan, codes)
            told = note or f"{theirs.name} merged into {ours.name}"
            edits = [edit_to(edit) for edit in merged.edits]
            done = {"what": "merge", "locked": sorted(self.locked(ours.id)), "edits": edits}
            kept = self._keep(merged.plan, ours, done, by=by, note=told)
        return Landed(record=kept, notices=merged.notices, proof=proof)

    def _lay(self, record: PlanRecord, strict: bool) -> _Laid:
        """The desk of a version, laid out when it is not; whoever takes it has the hand of its plan."""
        from gridgeo.core.edit import EditParams

        laid = self._shelf.take(record.id, strict)
        current = laid is not None and laid.name == record.name
        if laid and current and laid.desk.locked == self._locked_of(record.id, laid.plan):
            return laid
        plan, clock = self._store.plan(record.id, record.version), _Clock()
        locked = self._locked_of(record.id, plan)
        params = EditParams(strict=strict)
        desk = service.edit_desk(plan, params, locked=locked, stop=clock, like=laid.desk if laid else None)
        return _Laid(record.name, plan, desk, clock)

    def _locked_of(self, id: str, plan: Plan) -> frozenset[str]:
        """Those of the locked grids that the plan has."""
        return self.locked(id) & set(plan.grids.code.tolist())

    def _keep(
        self,
        plan: Plan,
        before: PlanRecord,
        done: dict[str, Any],
        *,
        by: str,
        note: str,
        parent: str = "",
        publish: bool = False,
    ) -> PlanRecord:
        """Keep the next version of a plan together with the entry of what was done."""
        with self._changing() as change:
            kept = change.store.save_plan(
                plan, id=before.id, created=self._now(), note=note, author=by, after=before.version,
                parent=parent or before.name, draft=True,
            )  # fmt: skip
            entry = {"plan": kept.id, "version": kept.version, "by": by, "at": kept.created, **done}
            change.store.append(BOOK, msgspec.json.encode(entry).decode())
            if publish:
                kept = change.store.publish(kept.id, kept.version, created=kept.created)
            change.made = f"plans/{kept.name}"
        return kept


def proven(before: Plan, after: Plan, codes: Iterable[str]) -> dict[str, Any]:
    """Recheck an edit by the grids it touched: their ground after is edge for edge their ground before.

    The fingerprints of the polygons that leave the house are compared, so what was complete stays complete; time
    depends on the touched grids only.

    Raises
    ------
    UnprovenError
        It is not.
    """
    from gridgeo.core.coverage import Ledger

    touched = sorted(set(codes))
    ledger = Ledger.of(grounds(before, touched))
    if len(ledger.sums) and not ledger.keeps(slice(None), grounds(after, touched)):
        raise UnprovenError(
            "the grids after the edit do not cover the ground they covered before", where=", ".join(touched[:5])
        )
    return {"complete": True, "method": "edge fingerprints of the touched grids", "grids": touched}


def grounds(plan: Plan, codes: Sequence[str]) -> Objects:
    """Polygons of some grids of a plan, those of codes it does not have left out."""
    known = {code: row for row, code in enumerate(plan.grids.code.tolist())}
    shapes = plan.territory.atoms.geometry
    return geometries(
        [
            shapely.coverage_union_all(shapes[plan.label == known[code]])  # every vertex kept, as in Plan.geometry
            for code in codes
            if code in known
        ]
    )


def _differing(before: Plan, after: Plan) -> list[str]:
    """Codes of grids whose atoms are others."""
    was, now = before.grids.code[before.label], after.grids.code[after.label]
    changed = np.flatnonzero(was != now)
    return sorted({*was[changed].tolist(), *now[changed].tolist()})


def _refused(merged: Merged, plan: Plan) -> MergeError:
    """Where two sides conflict, or what they break together, with its place."""
    atoms = plan.territory.atoms
    conflicts = [
        {
            "kind": conflict.kind,
            "grids": list(conflict.grids),
            "atoms": list(conflict.atoms),
            "base": conflict.base,
            "ours": conflict.ours,
            "theirs": conflict.theirs,
        }
        for conflict in merged.conflicts
    ]
    broken = [
        {"rule": error.rule, "detail": error.message, "grids": list(error.grids), "atoms": list(error.atoms)}
        for error in merged.broken
    ]
    named = [one.atoms for one in merged.conflicts] + [one.atoms for one in merged.broken]
    rows = [atoms.row(code) for codes in named for code in codes]
    place = shapely.coverage_union_all(atoms.geometry[sorted(set(rows))]) if rows else None
    what = "want different things" if conflicts else "break a rule together"
    return MergeError(
        f"the two drafts {what}", hint="settle these places in one draft and merge again",
        members={"conflicts": conflicts, "broken": broken}, geometry=place,
    )  # fmt: skip


def common_ancestor(one: PlanRecord, other: PlanRecord, records: Sequence[PlanRecord]) -> PlanRecord:
    """The last version both were made from.

    Raises
    ------
    ConflictError
        They have none.
    """
    by_name = {record.name: record for record in records}
    line = _line(one, by_name)
    for record in _line(other, by_name).values():
        if record.name in line:
            return record
    raise ConflictError(
        f"{one.name} and {other.name} were not made from one version", where=other.name, hint="name a base"
    )


def _line(record: PlanRecord, by_name: dict[str, PlanRecord]) -> dict[str, PlanRecord]:
    """A version and all it was made from, the nearest first."""
    line: dict[str, PlanRecord] = {}
    at: PlanRecord | None = record
    while at is not None and at.name not in line:
        line[at.name] = at
        at = by_name.get(at.parent)
    return line
