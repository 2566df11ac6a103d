"""Two planners' work on one plan: what sets two plans apart, as edits, and both brought together atom by atom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.edit.commands import Edit, Merge, Move, NewGrid, Rename
from gridgeo.core.edit.desk import EditDesk
from gridgeo.core.model import Notice, Plan
from gridgeo.errors import BrokenRuleError, InputError

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Conflict:
    """Where two sides want different things.

    `kind` is atoms (other grids for the same atoms), name (other names for a grid), code (one new code for different
    ground) or ended (one side ended a grid the other gave atoms to). `base`, `ours`, `theirs` are what each has: codes,
    or names; "" for nothing.
    """

    kind: str
    grids: tuple[str, ...]
    atoms: tuple[str, ...]
    base: str = ""
    ours: str = ""
    theirs: str = ""


@dataclass(frozen=True)
class Merged:
    """Two sides brought together: the plan (None when they conflict), or the conflicts.

    `broken` are hard rules the plan breaks although each side alone kept them, `notices` soft ones.
    """

    plan: Plan | None
    edits: tuple[Edit, ...]
    conflicts: tuple[Conflict, ...] = ()
    broken: tuple[BrokenRuleError, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether there is a plan that keeps every hard rule."""
        return self.plan is not None and not self.broken


def diff(before: Plan, after: Plan) -> tuple[Edit, ...]:
    """Edits that make the first plan the second, as one step: grids are the same when their codes are.

    Raises
    ------
    InputError
        The plans divide other atoms.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of
    >>> town = lattice(1, 3)
    >>> diff(plan_of(town, [0, 0, 1]), plan_of(town, [0, 1, 1]))
    (Move(atoms=('a1',), to='g1'),)
    """
    _same_atoms(before, after)
    codes, (now, wanted) = _numbered(before, after)
    return tuple(_edits(before, codes, now, wanted, _named(after)))


def _edits(before: Plan, codes: list[str], was: Numbers, wanted: Numbers, names: dict[str, str]) -> Iterable[Edit]:
    """Edits from the labels of a plan to others, rows of `codes`: new grids, ended ones, moves, names."""
    atom, known, number = before.territory.atoms.code, _named(before), {code: i for i, code in enumerate(codes)}
    now = was.copy()
    for code in sorted(names.keys() - known.keys()):
        mine = np.flatnonzero(wanted == number[code])
        now[mine] = number[code]
        yield NewGrid(tuple(atom[mine].tolist()), code, names[code])
    for code in sorted(known.keys() - names.keys()):
        mine = np.flatnonzero(now == number[code])
        heirs = wanted[mine] if len(mine) else wanted[was == number[code]]
        into = int(np.bincount(heirs).argmax())
        now[mine] = into
        yield Merge((code,), codes[into])
    changed = np.flatnonzero(now != wanted)
    for target in np.unique(wanted[changed]).tolist():
        yield Move(tuple(atom[changed[wanted[changed] == target]].tolist()), codes[target])
    for code in sorted(names.keys() & known.keys()):
        if names[code] != known[code]:
            yield Rename(code, names[code])


def merge_plans(base: Plan, ours: Plan, theirs: Plan, *, locked: Iterable[str] = ()) -> Merged:
    """Bring two plans made from one together, atom by atom.

    An atom only one side gave to another grid goes there; one that both gave to different grids is a conflict. Two
    merges that each look clean can tear a grid: the plan is checked, and what breaks is told.

    Parameters
    ----------
    base
        The plan both began with.
    ours, theirs
        What each made of it.
    locked
        Codes of grids whose ground stays as in `base`.

    Raises
    ------
    InputError
        The plans divide other atoms.

    Notes
    -----
    O(n) for n atoms, and the degrees of those that changed.
    """
    _same_atoms(base, ours)
    _same_atoms(base, theirs)
    codes, (b, o, t) = _numbered(base, ours, theirs)
    names, conflicts = _names(base, ours, theirs)
    conflicts += [*_atom_conflicts(base, codes, b, o, t), *_code_conflicts(base, ours, theirs, codes, b, o, t)]
    if conflicts:
        return Merged(None, (), tuple(conflicts))
    wanted = np.where(o == b, t, o)
    alive = {codes[i] for i in np.unique(wanted).tolist()}
    edits = tuple(_edits(base, codes, b, wanted, {code: name for code, name in names.items() if code in alive}))
    if not edits:
        return Merged(base, ())
    desk = EditDesk(base)
    outcome, broken = desk.judge(*edits)
    changed = b != wanted
    moved = {codes[i] for i in np.unique([b[changed], wanted[changed]]).tolist()}
    held = [
        BrokenRuleError(f"grid {code} is locked", rule="lock", where=code, grids=(code,))
        for code in sorted(moved & set(locked))
    ]
    return Merged(desk.plan(), edits, (), (*held, *broken), outcome.notices)


def _same_atoms(one: Plan, other: Plan) -> None:
    first, second = one.territory.atoms.code, other.territory.atoms.code
    if one.territory is not other.territory and not np.array_equal(first, second):
        raise InputError("the plans divide other atoms", where="plan", hint="take plans of the same territory")


def _numbered(*plans: Plan) -> tuple[list[str], list[Numbers]]:
    """All codes of some plans, ascending, and for each plan the row of the code of every atom's grid."""
    codes = sorted({code for plan in plans for code in plan.grids.code.tolist()})
    number = {code: row for row, code in enumerate(codes)}
    rows = [np.array([number[code] for code in plan.grids.code.tolist()], np.int64) for plan in plans]
    return codes, [row[plan.label] for row, plan in zip(rows, plans, strict=True)]


def _named(plan: Plan) -> dict[str, str]:
    """Name of each grid by its code."""
    return dict(zip(plan.grids.code.tolist(), plan.grids.name.tolist(), strict=True))


def _atom_conflicts(base: Plan, codes: list[str], b: Numbers, o: Numbers, t: Numbers) -> list[Conflict]:
    """Atoms both sides gave away, to different grids: one conflict a triple of codes."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in np.flatnonzero((o != b) & (t != b) & (o != t)).tolist():
        key = codes[b[row]], codes[o[row]], codes[t[row]]
        groups.setdefault(key, []).append(str(base.territory.atoms.code[row]))
    return [Conflict("atoms", tuple(sorted(set(key))), tuple(atoms), *key) for key, atoms in sorted(groups.items())]


def _code_conflicts(
    base: Plan, ours: Plan, theirs: Plan, codes: list[str], b: Numbers, o: Numbers, t: Numbers
) -> list[Conflict]:
    """New codes both sides gave to different ground, and grids one side ended while the other gave them atoms."""
    atom = base.territory.atoms.code
    number = {code: row for row, code in enumerate(codes)}
    had, mine, yours = (set(plan.grids.code.tolist()) for plan in (base, ours, theirs))
    out = []
    for code in sorted((mine & yours) - had):
        apart = np.flatnonzero((o == number[code]) != (t == number[code]))
        if len(apart):
            out.append(Conflict("code", (code,), tuple(atom[apart].tolist()), "", code, code))
    for ended, other, label in ((had - mine, "theirs", t), (had - yours, "ours", o)):
        for code in sorted(ended):
            gained = np.flatnonzero((label == number[code]) & (b != number[code]))
            if len(gained):
                told = {"ours": "", "theirs": "", other: code}
                out.append(Conflict("ended", (code,), tuple(atom[gained].tolist()), code, **told))
    return out


def _names(base: Plan, ours: Plan, theirs: Plan) -> tuple[dict[str, str], list[Conflict]]:
    """Names of all grids, and the grids both sides named differently."""
    b, o, t = (_named(plan) for plan in (base, ours, theirs))
    names, conflicts = {}, []
    for code in sorted(b.keys() | o.keys() | t.keys()):
        was = b.get(code, "")
        mine, yours = o.get(code, was), t.get(code, was)
        if mine != yours and was not in (mine, yours):
            conflicts.append(Conflict("name", (code,), (), was, mine, yours))
        names[code] = yours if mine == was else mine
    return names, conflicts
