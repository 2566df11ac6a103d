"""Columns that would name or reach a resident are dropped at the door: gridgeo keeps counts only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Notice, Table

_CHINESE = ("身份证", "证件号", "手机", "电话", "联系方式", "户主", "姓名")
_ENGLISH = re.compile(
    r"(?:^|[\W_])(?:phone|telephone|tel|mobile|cell ?phone|e?mail|id_?card(?:_?no)?|id_?number|national_?id|passport|"
    r"ssn|resident_?names?|person_?name|owner_?name|householder|head_of_household|surname|given_?name|first_?name|"
    r"last_?name|full_?name)(?:$|[\W_\d])",
    re.IGNORECASE,
)
_ID_NUMBER = re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
_MOBILE = re.compile(r"(?<![0-9A-Za-z_/.#-])(?:\+?86[ -]?)?1[3-9]\d{9}(?![0-9A-Za-z_])")
_WEIGHT = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_MOSTLY = 0.9  # bare 11-digit numbers are phones only when nearly the whole column looks so


def is_id_number(text: str) -> bool:
    """Whether a text of 18 characters is a resident identity number, by its check digit (GB 11643).

    >>> is_id_number("11010519491231002X"), is_id_number("110105194912310021")
    (True, False)
    """
    if not (len(text) == 18 and text[:17].isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHT, strict=True))
    return _CHECK[total % 11] == text[17].upper()


def is_personal(name: str, values: NDArray[Any]) -> bool:
    """Whether a column holds personal data, by its header or by what its cells look like.

    >>> is_personal("户主姓名", np.array([], object)), is_personal("floors", np.array([3, 4]))
    (True, False)
    """
    if any(word in name for word in _CHINESE) or _ENGLISH.search(name):
        return True
    if values.dtype.kind == "O":
        return _personal_cells([value for value in values.tolist() if isinstance(value, str) and value])
    if values.dtype.kind in "iuf" and len(values):
        whole = values[np.isfinite(values) & (np.abs(values) >= 1e10)]
        return len(whole) > _MOSTLY * len(values) and _personal_cells([str(int(value)) for value in whole.tolist()])
    return False


def _personal_cells(cells: Sequence[str]) -> bool:
    bare = 0
    for cell in cells:
        if len(cell) < 11:
            continue
        if any(is_id_number(found) for found in _ID_NUMBER.findall(cell)):
            return True
        found = _MOBILE.search(cell)
        if found and cell.strip().isdigit():
            bare += 1
        elif found:
            return True
    return bare > 0 and bare >= _MOSTLY * len(cells)


def without_personal(layer: str, table: Table) -> tuple[Table, tuple[Notice, ...]]:
    """The table without its personal columns, and a notice naming them."""
    dropped = [name for name, values in table.columns.items() if is_personal(name, values)]
    if not dropped:
        return table, ()
    kept = {name: values for name, values in table.columns.items() if name not in dropped}
    facts = {"columns": ", ".join(dropped)}
    return Table(columns=kept, geometry=table.geometry), (
        Notice(kind="personal-data-dropped", where=layer, facts=facts),
    )
