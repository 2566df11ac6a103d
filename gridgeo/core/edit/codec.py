"""Edits as plain values, as JSON and HTTP carry them, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from gridgeo.core.edit.commands import Edit, FixRest, Lock, Merge, Move, NewGrid, Rename, Split, Unlock
from gridgeo.errors import Fault, SchemaError

OPS: Mapping[str, type] = {
    "move": Move,
    "merge": Merge,
    "split": Split,
    "new": NewGrid,
    "lock": Lock,
    "unlock": Unlock,
    "rename": Rename,
    "fix-rest": FixRest,
}
"""Class of each edit by its name on the wire."""

_TYPES = {"str": (str, "a text"), "int": (int, "a whole number"), "tuple[str, ...]": (list, "a list of codes")}


def edit_to(edit: Edit) -> dict[str, Any]:
    """An edit as plain values.

    >>> edit_to(Move(("a1", "a2"), "g1"))
    {'op': 'move', 'atoms': ['a1', 'a2'], 'to': 'g1'}
    """
    op = next(name for name, kind in OPS.items() if isinstance(edit, kind))
    told: dict[str, Any] = {"op": op}
    for spec in fields(edit):
        value = getattr(edit, spec.name)
        if spec.default is MISSING or value != spec.default:
            told[spec.name] = list(value) if isinstance(value, tuple) else value
    return told


def edit_from(values: Any) -> Edit:
    """The edit of plain values.

    Raises
    ------
    SchemaError
        They are none; lists every fault.

    Examples
    --------
    >>> edit_from({"op": "merge", "grids": ["g1", "g2"]})
    Merge(grids=('g1', 'g2'), into='')
    """
    return edits_from([values])[0]


def edits_from(values: Any) -> tuple[Edit, ...]:
    """The edits of a list of plain values.

    Raises
    ------
    SchemaError
        Some are none; lists every fault, rows from 1.
    """
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise SchemaError([Fault("edit-not-a-list", "edits", None, "the edits are no list", "give a list of edits")])
    faults: list[Fault] = []
    found = [_one(value, row, faults) for row, value in enumerate(values, 1)]
    if faults:
        raise SchemaError(faults, where="edits")
    return tuple(edit for edit in found if edit is not None)


def _one(value: Any, row: int, faults: list[Fault]) -> Edit | None:
    if not isinstance(value, Mapping):
        faults.append(Fault("edit-not-an-object", "edits", row, "this is no object", "give op and its members"))
        return None
    op = value.get("op")
    kind = OPS.get(op) if isinstance(op, str) else None
    if kind is None:
        faults.append(Fault("edit-unknown", "edits", row, f"op is {op!r}", f"one of {', '.join(OPS)}"))
        return None
    before = len(faults)
    given = {name: member for name, member in value.items() if name != "op"}
    known = {spec.name: spec for spec in fields(kind)}
    for name in given.keys() - known.keys():
        told = f"{op} has no member {name}"
        faults.append(Fault("edit-member-unknown", "edits", row, told, f"it has {', '.join(known)}"))
    for name, spec in known.items():
        if name in given:
            _check(given[name], str(spec.type), f"{op}.{name}", row, faults)
        elif spec.default is MISSING:
            faults.append(Fault("edit-member-missing", "edits", row, f"{op} lacks {name}", f"give {name}"))
    if len(faults) > before:
        return None
    edit: Edit = kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in given.items()})
    return edit


def _check(value: Any, wanted: str, where: str, row: int, faults: list[Fault]) -> None:
    """Note a value of another type than wanted."""
    kind, told = _TYPES[wanted]
    fits = isinstance(value, kind) and not isinstance(value, bool)
    if fits and kind is list:
        fits = all(isinstance(item, str) for item in value)
    if not fits:
        faults.append(Fault("edit-member-type", "edits", row, f"{where} is {str(value)[:40]!r}", f"give {told}"))
