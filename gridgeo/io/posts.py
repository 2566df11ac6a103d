"""Officer posts and dates of grids, from a table an office keeps."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridgeo.errors import Fault, InputError, SchemaError
from gridgeo.io.formats import read_layers
from gridgeo.io.privacy import is_personal
from gridgeo.io.values import as_text

COLUMNS = {
    "code": ("code", "grid", "网格编码", "编码"),
    "post": ("post", "officer post", "officer_post", "岗位", "网格员岗位", "岗位编号"),
    "start": ("start", "in force from", "启用日期"),
    "end": ("end", "in force until", "终止日期"),
}
"""Names a column may have, in any case."""
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")


def read_posts(path: str | Path, codes: Collection[str]) -> dict[str, tuple[str, date | None, date | None]]:
    """Post, first and last day of grids, by code, from a CSV or Excel table with a column `code`.

    Parameters
    ----------
    path
        The table; other columns are `post`, `start` and `end`, any of which may be missing or blank.
    codes
        Codes of the grids there are.

    Raises
    ------
    InputError
        The file cannot be read, has none of the columns, or its posts look like names of people.
    SchemaError
        Codes are unknown or repeat, days are none, or the last is before the first; lists all.
    """
    where = str(path)
    table = next(iter(read_layers(path).values())).table
    columns = {name: as_text(values) for name, values in _named(table.columns).items()}
    if "code" not in columns or len(columns) < 2:
        hint = "name the columns code, post, start, end"
        raise InputError("the table has no codes of grids with posts or days", where=where, hint=hint)
    if "post" in columns and is_personal("post", columns["post"]):
        raise InputError("the posts look like names or numbers of people", where=where, hint="name posts, not persons")
    faults: list[Fault] = []
    out: dict[str, tuple[str, date | None, date | None]] = {}
    cells = {name: columns[name].tolist() if name in columns else [""] * len(table) for name in COLUMNS}
    for row, (code, post, start, end) in enumerate(zip(*cells.values(), strict=True), start=1):
        if code not in codes:
            faults.append(Fault("unknown-code", "posts", row, f"no grid has code {code!r}"))
        if code in out:
            faults.append(Fault("duplicate-code", "posts", row, f"code {code} stands there twice"))
        first, last = _day(start, row, "start", faults), _day(end, row, "end", faults)
        if first and last and last < first:
            faults.append(Fault("ends-before-start", "posts", row, f"{last} is before {first}"))
        out[code] = (post.strip(), first, last)
    if faults:
        raise SchemaError(faults, where=where)
    return out


def _named(columns: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """The columns that are known, by our name."""
    known = {title: name for name, titles in COLUMNS.items() for title in titles}
    return {known[t]: values for title, values in columns.items() if (t := title.strip().lower()) in known}


def _day(text: str, row: int, column: str, faults: list[Fault]) -> date | None:
    if not text.strip():
        return None
    found = _DAY.fullmatch(text.strip())
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        found = None
    faults.append(Fault("not-a-day", "posts", row, f"{column} is {text!r}", "write days as 2026-01-31"))
    return None
