"""How each edit is carried out on the sheet; whether the result keeps the rules is asked at the end of the step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from gridgeo.core.edit.commands import Edit, FixRest, Lock, Merge, Move, NewGrid, Rename, Split, Unlock
from gridgeo.core.edit.redraw import Rules, fix_rest, parts_of
from gridgeo.core.edit.sheet import Record, Sheet
from gridgeo.core.model import Kind
from gridgeo.core.model.codes import next_code
from gridgeo.errors import BrokenRuleError, InputError


def carry_out(sheet: Sheet, edit: Edit, rules: Rules) -> None:
    """Carry out one edit.

    Raises
    ------
    InputError
        The edit says nothing that can be done.
    NotFoundError
        It names grids or atoms that are not there.
    BrokenRuleError
        It touches a locked grid, or gives a code that was used before.
    InfeasibleError
        A grid cannot be drawn anew as the number of grids asked for.
    """
    _CARRIED[type(edit)](sheet, edit, rules)


def home_of(sheet: Sheet, atoms: Iterable[int]) -> int:
    """Community that holds most households of some atoms, then most area, then the lowest row; -1 for none."""
    column = sheet.territory.atoms
    weight: dict[int, tuple[int, float]] = {}
    for atom in atoms:
        home = int(column.community[atom])
        households, area = weight.get(home, (0, 0.0))
        weight[home] = households + int(column.households[atom]), area + float(column.area_m2[atom])
    return max(weight, key=lambda home: (weight[home], -home), default=-1)


def _free(sheet: Sheet, row: int) -> int:
    """A grid's number, if it is not locked."""
    code = sheet.records[row].code
    if code in sheet.locked:
        raise BrokenRuleError(
            f"grid {code} is locked", rule="lock", where=code, grids=(code,), hint="unlock it first"
        )  # fmt: skip
    return row


def _move(sheet: Sheet, edit: Move, rules: Rules) -> None:
    if not edit.atoms:
        raise InputError("a move names no atoms", where=edit.to, hint="name at least one")
    target = _free(sheet, sheet.row(edit.to))
    atoms = sheet.atoms(edit.atoms)
    for row in sorted({int(sheet.label[atom]) for atom in atoms}):
        _free(sheet, row)
    sheet.give(atoms, target)


def _merge(sheet: Sheet, edit: Merge, rules: Rules) -> None:
    codes = list(dict.fromkeys((*((edit.into,) if edit.into else ()), *edit.grids)))
    if len(codes) < 2:
        raise InputError("a merge needs two grids", where=" ".join(codes), hint="name two or more")
    target, *others = [_free(sheet, sheet.row(code)) for code in codes]
    for row in others:
        sheet.give(sorted(sheet.members(row)), target)
        sheet.put(row, None)


def _split(sheet: Sheet, edit: Split, rules: Rules) -> None:
    row = _free(sheet, sheet.row(edit.grid))
    if bool(edit.atoms) == bool(edit.parts):
        raise InputError("a split names its atoms or the number of parts", where=edit.grid, hint="give one of them")
    if edit.parts:
        if edit.parts < 2:
            raise InputError(f"a split into {edit.parts} parts", where=edit.grid, hint="ask for 2 or more")
        pieces = parts_of(sheet, row, edit.parts, rules)
    else:
        atoms = sheet.atoms(edit.atoms)
        strange = [atom for atom in atoms if sheet.label[atom] != row]
        if strange:
            code = str(sheet.territory.atoms.code[strange[0]])
            raise InputError(
                f"{len(strange)} atoms of the split are not in grid {edit.grid}", where=code, hint="name atoms of it"
            )
        pieces = [atoms]
    for number, piece in enumerate(pieces):
        _begin(sheet, piece, edit.code if number == 0 else "", edit.name if number == 0 else "", rules)


def _new_grid(sheet: Sheet, edit: NewGrid, rules: Rules) -> None:
    if not edit.atoms:
        raise InputError("a new grid names no atoms", where=edit.code, hint="name at least one")
    atoms = sheet.atoms(edit.atoms)
    for row in sorted({int(sheet.label[atom]) for atom in atoms}):
        _free(sheet, row)
    _begin(sheet, atoms, edit.code, edit.name, rules)


def _begin(sheet: Sheet, atoms: list[int], code: str, name: str, rules: Rules) -> None:
    """Make a grid of some atoms, under a code given or the next free one."""
    home = home_of(sheet, atoms)
    used = sheet.ended | set(sheet.row_of)
    if code in used:
        raise BrokenRuleError(
            f"code {code} was used before", rule="code", where=code, grids=(code,), hint="give a new code, or none"
        )
    if "/" in code or (code and not code.isprintable()):
        raise InputError("a code cannot hold / or control characters", where=code[:40], hint="use letters and digits")
    if not code:
        community = str(sheet.territory.communities.code[home]) if home >= 0 else ""
        code = next_code(rules.params.codes, community, used)
    sheet.give(atoms, sheet.add(Record(code, name or code, _kind_of(sheet, atoms), home)))


def _kind_of(sheet: Sheet, atoms: list[int]) -> Kind:
    """Exclusive if all the atoms are, else the kind of most of the others."""
    column = sheet.territory.atoms
    if all(column.exclusive[atom] >= 0 for atom in atoms):
        return Kind.EXCLUSIVE
    rural = sum(column.kind[atom] == Kind.RURAL for atom in atoms)
    return Kind.RURAL if 2 * rural > len(atoms) else Kind.URBAN


def _lock(sheet: Sheet, edit: Lock, rules: Rules) -> None:
    sheet.row(edit.grid)
    sheet.locked |= {edit.grid}


def _unlock(sheet: Sheet, edit: Unlock, rules: Rules) -> None:
    sheet.row(edit.grid)
    sheet.locked -= {edit.grid}


def _rename(sheet: Sheet, edit: Rename, rules: Rules) -> None:
    if not edit.name.strip():
        raise InputError("the new name is empty", where=edit.grid, hint="give a name")
    row = sheet.row(edit.grid)
    sheet.put(row, replace(sheet.records[row], name=edit.name))


def _fix_rest(sheet: Sheet, edit: FixRest, rules: Rules) -> None:
    kept = sheet.locked | {sheet.records[sheet.row(code)].code for code in edit.keep}
    for found in fix_rest(sheet, kept, edit.rng_seed, rules):
        for code, (name, kind, atoms) in found.items():
            known = sheet.row_of.get(code)
            row = sheet.add(Record(code, name, kind, home_of(sheet, atoms))) if known is None else known
            sheet.give(atoms, row)
        for row in [row for row, record in sheet.records.items() if not record.atoms]:
            sheet.put(row, None)


_CARRIED: Mapping[type, Callable[[Sheet, Any, Rules], None]] = {
    Move: _move,
    Merge: _merge,
    Split: _split,
    NewGrid: _new_grid,
    Lock: _lock,
    Unlock: _unlock,
    Rename: _rename,
    FixRest: _fix_rest,
}
