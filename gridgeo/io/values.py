"""Columns from outside, read into the types the core works with; what does not fit becomes a fault, not a guess."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Flags, Floats, Objects, texts
from gridgeo.errors import Fault
from gridgeo.io.roles import Field

SHOWN = 50
"""Rows listed of one kind of fault in one layer; the rest are counted."""
MOST = 10_000_000
"""Largest number any column may hold."""
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_UNIT = re.compile(r"\s*(户|戶|人|households?|persons?|people)\.?", re.IGNORECASE)
_COUNTS = ("households", "population")
_YES = {"1", "true", "t", "yes", "y", "是", "有"}
_NO = {"0", "false", "f", "no", "n", "否", "无"}


@dataclass
class Faults:
    """Collects what is wrong, layer by layer."""

    found: list[Fault] = field(default_factory=list)

    def add(self, kind: str, layer: str, message: str, hint: str = "", row: int | None = None) -> None:
        """One fault; `row` counts from 1."""
        self.found.append(Fault(kind, layer, row, message, hint))

    def rows(self, kind: str, layer: str, rows: Iterable[int], message: Callable[[int], str], hint: str = "") -> None:
        """A fault for each row (from 0), the first ones one by one and the rest as a number."""
        listed = list(rows)
        for row in listed[:SHOWN]:
            self.add(kind, layer, message(row), hint, row + 1)
        if len(listed) > SHOWN:
            self.add(kind, layer, f"and {len(listed) - SHOWN:,} more rows", hint)


def typed(values: NDArray[Any], spec: Field, layer: str, faults: Faults) -> NDArray[Any]:
    """A column in the type of its field, null as the default of the field."""
    if spec.type == "text":
        return as_text(values)
    if spec.type == "word":
        return _words(values, spec, layer, faults)
    if spec.type == "flag":
        return _flags(values, spec, layer, faults)
    number = _clock(values, spec, layer, faults) if spec.type == "clock" else _numbers(values, spec, layer, faults)
    _check_numbers(number, spec, layer, faults)
    if spec.type == "households":
        return number
    filled = np.where(np.isnan(number), spec.default, number)
    return filled if spec.type in ("number", "signed") else np.clip(np.nan_to_num(filled), 0, MOST).astype(np.int64)


def absent(spec: Field, rows: int) -> NDArray[Any]:
    """The column of a field the layer does not have."""
    if spec.type == "households":
        return np.full(rows, np.nan)
    if spec.type in ("text", "word", "code"):
        return texts([""] * rows)
    dtype = {"flag": np.bool_, "number": np.float64, "signed": np.float64}.get(spec.type, np.int64)
    return np.full(rows, spec.default, dtype)


def as_text(values: NDArray[Any]) -> Objects:
    """Texts of a column; whole numbers without a decimal point, null as "".

    >>> as_text(np.array([7.0, np.nan])).tolist()
    ['7', '']
    """
    if values.dtype.kind == "O":
        return texts(["" if value is None else str(value).strip() for value in values.tolist()])
    if values.dtype.kind == "f":
        return texts(["" if v != v else str(int(v)) if v.is_integer() else str(v) for v in values.tolist()])
    return texts(values.tolist())


def _numbers(values: NDArray[Any], spec: Field, layer: str, faults: Faults) -> Floats:
    if values.dtype.kind != "O":
        return values.astype(np.float64)
    out = np.full(len(values), np.nan)
    wrong = []
    for row, text in enumerate(as_text(values).tolist()):
        if text:
            try:
                out[row] = float(_bare(text, spec).replace(",", "").replace("，", ""))
            except ValueError:
                wrong.append(row)
    message = _showing(values, spec, "is no number")
    faults.rows("not-a-number", layer, wrong, message, "write digits only, or leave it empty")
    return out


def _bare(text: str, spec: Field) -> str:
    """A count without the unit behind it."""
    found = _UNIT.search(text) if spec.name in _COUNTS else None
    return text[: found.start()] if found and found.end() == len(text) else text


def with_units(values: NDArray[Any], spec: Field) -> int:
    """Rows of a column of counts that bear a unit, which is read away.

    >>> from gridgeo.io.roles import ROLES
    >>> spec = next(field for field in ROLES["atoms"].fields if field.name == "households")
    >>> with_units(texts(["100户", "7", "40 households"]), spec)
    2
    """
    if values.dtype.kind != "O" or spec.name not in _COUNTS:
        return 0
    return sum(_bare(text, spec) != text for text in as_text(values).tolist())


def _check_numbers(number: Floats, spec: Field, layer: str, faults: Faults) -> None:
    known = ~np.isnan(number)
    tests: list[tuple[str, Flags, str, str]] = [
        ("too-large", known & (number > MOST), f"is above {MOST:,}", "check the column and its unit"),
    ]
    if spec.type != "signed":
        below = known & (number < 0)
        tests.insert(0, (f"negative-{spec.name}", below, "is below 0", "give 0 or more, or nothing when not known"))
    if spec.type not in ("number", "signed"):
        broken = known & np.isfinite(number) & (number != np.rint(number))
        tests.append((f"non-integer-{spec.name}", broken, "is not whole", "counts are whole numbers"))
    for kind, wrong, text, hint in tests:
        faults.rows(kind, layer, np.flatnonzero(wrong).tolist(), _showing(number, spec, text), hint)


def _showing(values: NDArray[Any], spec: Field, text: str) -> Callable[[int], str]:
    def message(row: int) -> str:
        value = values[row]
        shown = f"{value:g}" if isinstance(value, float) else repr(str(value)[:40])
        return f"{spec.name} {shown} {text}"

    return message


def _clock(values: NDArray[Any], spec: Field, layer: str, faults: Faults) -> Floats:
    """Seconds of the day from numbers, or from texts like 08:30."""
    if values.dtype.kind != "O":
        return values.astype(np.float64)
    out = np.full(len(values), np.nan)
    wrong = []
    for row, text in enumerate(as_text(values).tolist()):
        found = _CLOCK.fullmatch(text.replace("：", ":"))
        if found:
            hour, minute, second = (int(part or 0) for part in found.groups())
            out[row] = hour * 3600 + minute * 60 + second
        elif text.isdigit():
            out[row] = int(text[:12])
        elif text:
            wrong.append(row)
    faults.rows("not-a-time", layer, wrong, _showing(values, spec, "is no time of day"), "write it like 08:30")
    return out


def _flags(values: NDArray[Any], spec: Field, layer: str, faults: Faults) -> Flags:
    if values.dtype.kind == "b":
        return values.astype(np.bool_)
    words = [text.lower() for text in as_text(values).tolist()]
    wrong = [row for row, word in enumerate(words) if word and word not in _YES and word not in _NO]
    faults.rows("not-yes-or-no", layer, wrong, _showing(values, spec, "is neither yes nor no"), "write 1 or 0")
    if spec.required:
        null = [row for row, word in enumerate(words) if not word]
        faults.rows("missing-value", layer, null, lambda row: f"{spec.name} is empty", "write 1 or 0")
    return np.array([word in _YES if word else bool(spec.default) for word in words], dtype=np.bool_)


def _words(values: NDArray[Any], spec: Field, layer: str, faults: Faults) -> Objects:
    known = spec.words or {}
    given = [text.lower() for text in as_text(values).tolist()]
    wrong = [row for row, word in enumerate(given) if word and word not in known]
    hint = "write one of " + ", ".join(dict.fromkeys(known.values()))
    faults.rows(f"unknown-{spec.name}", layer, wrong, _showing(values, spec, "is not known"), hint)
    return texts([known.get(word, "") for word in given])
