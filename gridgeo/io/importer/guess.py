"""Which field of a raw layer fills which column of a role, when nobody said: by name, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gridgeo.core.model import Notice, Table
from gridgeo.errors import InputError
from gridgeo.io.importer.names import fields_for
from gridgeo.io.roles import ROLES, Field
from gridgeo.io.values import Faults, as_text, typed


@dataclass(frozen=True)
class Mapped:
    """A layer with the columns of its role, the field each of them came from, and what was guessed on the way."""

    table: Table
    fields: Mapping[str, str]
    notices: tuple[Notice, ...]


def mapped(role: str, table: Table, fields: Mapping[str, str]) -> Mapped:
    """The layer under the column names of its role.

    Parameters
    ----------
    role
        The role.
    table
        The raw layer.
    fields
        Field of the layer by column of the role, as the user said.

    Raises
    ------
    InputError
        The role has no such column, or the layer no such field.
    """
    chosen = dict(_said(role, table, fields))
    guessed, left = _guessed(role, table, chosen)
    fields = chosen | guessed
    columns = {column: table.columns[field] for column, field in fields.items()}
    taken = {name.lower() for name in columns}
    rest = {name: values for name, values in table.columns.items() if name.lower() not in taken and name not in left}
    told = ", ".join(f"{column} = {field}" for column, field in guessed.items() if column != field)
    notices = [Notice(kind="fields-guessed", where=role, facts={"fields": told})] if told else []
    if left:
        notices.append(Notice(kind="columns-left-out", where=role, facts={"columns": ", ".join(left)}))
    return Mapped(Table(columns=columns | rest, geometry=table.geometry), fields, tuple(notices))


def _guessed(role: str, table: Table, chosen: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Field by column, for columns nobody named; and fields that bear a column's name but cannot be read as it."""
    guessed: dict[str, str] = {}
    left: list[str] = []
    for spec in ROLES[role].fields:
        if spec.name in chosen:
            continue
        candidates = fields_for(spec.name, table.columns)
        usable = [field for field in candidates if _usable(table, field, spec, role)]
        usable = usable or [field for field in candidates if _meant(table, field, spec)]
        if usable:
            guessed[spec.name] = usable[0]
        left += [field for field in candidates if field.lower() == spec.name and field not in usable]
    return guessed, left


def _said(role: str, table: Table, fields: Mapping[str, str]) -> Mapping[str, str]:
    known = [spec.name for spec in ROLES[role].fields]
    for column, field in fields.items():
        if column not in known:
            hint = f"{role} has {', '.join(known)}"
            raise InputError(f"{role} has no column {column}", where="--field", hint=hint)
        if field not in table.columns:
            hint = f"it has {', '.join(list(table.columns)[:40])}"
            raise InputError(f"the layer of {role} has no field {field}", where="--field", hint=hint)
    return fields


def _meant(table: Table, field: str, spec: Field) -> bool:
    """Whether a field is what its name says, only faulty: the fault is then told, the field not left out.

    Codes under that very name are, and counts of households that are numbers for the most part.
    """
    if spec.type == "code":
        return spec.required and field.lower() == spec.name
    if spec.type != "households":
        return False
    values = table.columns[field]
    given = int((as_text(values) != "").sum())
    numbers = int((~np.isnan(typed(values, spec, "", Faults()))).sum())
    return 2 * numbers > given


def _usable(table: Table, field: str, spec: Field, role: str) -> bool:
    """Whether a field nobody named can be read as the column; codes must also be there and unique."""
    values = table.columns[field]
    if spec.type == "code":
        codes = as_text(values).tolist()
        return all(codes) and len(np.unique(codes)) == len(codes)
    faults = Faults()
    typed(values, spec, role, faults)
    return not faults.found
