"""What a step of edits must keep: hard rules refuse it, soft ones are told with before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import shapely

from gridgeo.core.edit.redraw import Rules
from gridgeo.core.edit.sheet import Sheet
from gridgeo.core.model import Kind, Notice
from gridgeo.errors import BrokenRuleError

SOFT = {"edit-out-of-band": "band", "edit-two-communities": "community", "edit-compound-split": "compound"}
"""Soft rule behind each notice of an edit."""


def hard_rules(sheet: Sheet) -> Iterator[BrokenRuleError]:
    """Hard rules the step broke, with the place. O(size of the grids touched)."""
    touched = sorted(row for row in sheet.journal.records if row in sheet.records)
    for row in touched:
        if not sheet.records[row].atoms:
            code = sheet.records[row].code
            yield BrokenRuleError(
                f"grid {code} is left without atoms", rule="empty", where=code, grids=(code,),
                hint="merge the grid into another instead",
            )  # fmt: skip
    yield from _exclusive(sheet)
    for row in touched:
        yield from _torn(sheet, row)


def soft_rules(sheet: Sheet, rules: Rules) -> tuple[Notice, ...]:
    """Soft rules the step broke. O(size of the grids touched)."""
    touched = sorted(row for row in sheet.journal.records if row in sheet.records)
    return (*_band(sheet, touched, rules), *_communities(sheet, touched), *_compounds(sheet))


def check_step(sheet: Sheet, rules: Rules) -> tuple[Notice, ...]:
    """Soft rules the step broke, if it keeps the hard ones.

    Raises
    ------
    BrokenRuleError
        A grid is emptied, torn, parted by a barrier or mixed with exclusive land; under strict rules also the first
        soft rule broken.
    """
    for error in hard_rules(sheet):
        raise error
    notices = soft_rules(sheet, rules)
    if rules.params.strict and notices:
        first = notices[0]
        raise BrokenRuleError(
            f"the edit breaks a rule: {first.kind} {first.where}", rule=SOFT[first.kind], where=first.where,
            grids=[n.where for n in notices if n.kind == first.kind], hint="edit otherwise, or allow it",
        )  # fmt: skip
    return notices


def _place(sheet: Sheet, atoms: Iterable[int]) -> tuple[list[str], Any]:
    """Codes of atoms and their ground as one shape."""
    rows = sorted(atoms)
    column = sheet.territory.atoms
    return [str(column.code[row]) for row in rows], shapely.coverage_union_all(column.geometry[rows])


def _exclusive(sheet: Sheet) -> Iterator[BrokenRuleError]:
    """Exclusive land lies in exclusive grids, and nothing else does."""
    exclusive = sheet.territory.atoms.exclusive

    def strange(atom: int, record: Any) -> bool:
        return record is not None and (exclusive[atom] >= 0) != (record.kind == Kind.EXCLUSIVE)

    journal = sheet.journal
    bad = []
    for atom, old in journal.labels.items():
        was = journal.records.get(old, sheet.records.get(old))
        if strange(atom, sheet.records[int(sheet.label[atom])]) and not strange(atom, was):
            bad.append(atom)
    if bad:
        codes, shape = _place(sheet, bad)
        grid = sheet.records[int(sheet.label[min(bad)])].code
        yield BrokenRuleError(
            "exclusive land and other land cannot share a grid", rule="exclusive", where=grid, grids=(grid,),
            atoms=codes, geometry=shape, hint="leave exclusive grids as they were drawn",
        )  # fmt: skip


def _torn(sheet: Sheet, row: int) -> Iterator[BrokenRuleError]:
    """A grid is in one piece, and its households can walk to each other, if that was so before."""
    members = sheet.members(row)
    for on_foot, rule in ((False, "contiguity"), (True, "barrier")):
        pieces = _pieces(sheet, members, on_foot)
        if len(pieces) > 1 and len(pieces) > _pieces_before(sheet, row, on_foot):
            codes, shape = _place(sheet, [atom for piece in pieces[1:] for atom in piece])
            grid = sheet.records[row].code
            what = "in pieces" if rule == "contiguity" else "parted by a barrier"
            yield BrokenRuleError(
                f"grid {grid} would be {what}", rule=rule, where=grid, grids=(grid,), atoms=codes, geometry=shape,
                hint="move the atoms between as well",
            )  # fmt: skip
            return


def _pieces(sheet: Sheet, members: set[int], on_foot: bool) -> list[list[int]]:
    """Pieces of a grid; on foot only those where somebody lives."""
    pieces = sheet.graph.pieces(members, on_foot=on_foot)
    if not on_foot:
        return pieces
    households = sheet.territory.atoms.households
    return [piece for piece in pieces if any(households[atom] for atom in piece)]


def _pieces_before(sheet: Sheet, row: int, on_foot: bool) -> int:
    """Most pieces a grid, or a grid merged into it, had when the step began; at least 1."""
    ended = {old for atom, old in sheet.journal.labels.items() if sheet.label[atom] == row and old not in sheet.records}
    known = [r for r in (row, *sorted(ended)) if sheet.journal.records.get(r) is not None]
    return max((len(_pieces(sheet, sheet.members_before(r), on_foot)) for r in known), default=1)


def _band(sheet: Sheet, touched: list[int], rules: Rules) -> list[Notice]:
    out = []
    low, high = rules.band
    for row in touched:
        record, before = sheet.records[row], sheet.journal.records[row]
        same = before is not None and before.households == record.households
        if not rules.in_band(record) and not same:
            facts: dict[str, str | int | float] = {"low": low, "high": high}
            facts["before"] = 0 if before is None else before.households
            out.append(
                Notice(kind="edit-out-of-band", where=record.code, households=record.households, facts=facts)
            )  # fmt: skip
    return out


def _communities(sheet: Sheet, touched: list[int]) -> list[Notice]:
    """Grids that hold households of several communities, and did not before."""
    out = []
    for row in touched:
        after = _homes(sheet, sheet.members(row))
        if len(after) > 1 and len(after) > len(_homes(sheet, sheet.members_before(row))):
            record = sheet.records[row]
            names = sheet.territory.communities.name
            facts = {"communities": ", ".join(str(names[home]) for home in sorted(after))}
            out.append(
                Notice(kind="edit-two-communities", where=record.code, households=record.households, facts=facts)
            )  # fmt: skip
    return out


def _homes(sheet: Sheet, members: set[int]) -> set[int]:
    """Communities with households among some atoms."""
    rows = np.fromiter(members, np.int64, len(members))
    column = sheet.territory.atoms
    found = column.community[rows[column.households[rows] > 0]]
    return set(np.unique(found[found >= 0]).tolist())


def _compounds(sheet: Sheet) -> list[Notice]:
    """Compounds that were whole and are not any more."""
    column, changed = sheet.territory.atoms, sheet.journal.labels
    out = []
    for compound in sorted({int(column.compound[atom]) for atom in changed} - {-1}):
        inside = np.flatnonzero(column.compound == compound).tolist()
        before = {changed.get(atom, int(sheet.label[atom])) for atom in inside}
        after = {int(sheet.label[atom]) for atom in inside}
        if len(after) > len(before) == 1:
            facts = {
                "name": str(sheet.territory.compounds.name[compound]),
                "grids": ", ".join(sorted(sheet.records[row].code for row in after)),
            }
            code = str(sheet.territory.compounds.code[compound])
            households = int(column.households[inside].sum())
            out.append(Notice(kind="edit-compound-split", where=code, households=households, facts=facts))
    return out
