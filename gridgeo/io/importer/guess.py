"""Which field of a raw layer fills which column of a role, when nobody said: by name, Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gridgeo.core.model import Notice, Table
from gridgeo.errors import InputError
from gridgeo.io.roles import ROLES, Field
from gridgeo.io.values import Faults, as_text, typed

NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("codebase", "cptvid", "subzone_c", "geoid", "编码", "代码", "编号", "网格编码", "osm_id", "id"),
    "name": ("name", "名称", "vname", "subzone_n", "rd_cd_desc", "小区名称", "社区名称", "道路名称"),
    "subdistrict": ("街道", "乡镇", "街道名称", "所属街道"),
    "county": ("区县", "区", "县", "tname"),
    "households": ("户数", "总户数", "住户数", "常住户数", "household_count"),
    "floors": ("层数", "楼层", "levels", "max_floor_lvl", "building:levels"),
    "height_m": ("height", "高度", "楼高", "建筑高度"),
    "bridge": ("is_bridge", "桥梁"),
    "tunnel": ("is_tunnel", "隧道"),
    "class": ("highway", "fclass", "kind_detail", "roadclass", "道路等级", "等级"),
    "kind": ("类型", "类别"),
    "width_m": ("width", "宽度"),
    "community": ("社区", "所属社区"),
    "compound": ("小区", "所属小区"),
}
"""Fields taken for a column, in order, compared without case."""


@dataclass(frozen=True)
class Mapped:
    """A layer with the columns of its role, and what was guessed on the way."""

    table: Table
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
    columns = {column: table.columns[field] for column, field in (chosen | guessed).items()}
    taken = {name.lower() for name in columns}
    rest = {name: values for name, values in table.columns.items() if name.lower() not in taken and name not in left}
    told = ", ".join(f"{column} = {field}" for column, field in guessed.items() if column != field)
    notices = [Notice(kind="fields-guessed", where=role, facts={"fields": told})] if told else []
    if left:
        notices.append(Notice(kind="columns-left-out", where=role, facts={"columns": ", ".join(left)}))
    return Mapped(Table(columns=columns | rest, geometry=table.geometry), tuple(notices))


def _guessed(role: str, table: Table, chosen: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Field by column, for columns nobody named; and fields that bear a column's name but cannot be read as it."""
    guessed: dict[str, str] = {}
    left: list[str] = []
    lower = {name.lower(): name for name in table.columns}
    for spec in ROLES[role].fields:
        if spec.name in chosen:
            continue
        candidates = [lower[name] for name in (spec.name, *NAMES.get(spec.name, ())) if name.lower() in lower]
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
