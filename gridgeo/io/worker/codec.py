"""Layers as plain arrays in one file: the only language a worker speaks.

A layer's columns are numbers, or texts as one run of UTF-8 with the places where each begins; geometry is WKB in the
same way. The file is a numpy archive, read without pickles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEADER = "header"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One layer of an answer.

    `columns` hold numbers, or lists of texts (None for null); `wkb` is None for a layer without geometry; `facts` are
    numbers and words the reader tells of it.
    """

    name: str
    columns: Mapping[str, NDArray[Any] | list[str | None]]
    wkb: list[bytes | None] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def put(path: Path, sheets: Sequence[Sheet], *, error: str = "") -> None:
    """Write layers, or the reason why there are none."""
    arrays: dict[str, NDArray[Any]] = {}
    told = []
    for i, sheet in enumerate(sheets):
        kinds = [_put(arrays, f"{i}.{j}", values) for j, values in enumerate(sheet.columns.values())]
        if sheet.wkb is not None:
            _pack(arrays, f"{i}.wkb", sheet.wkb)
        told.append([sheet.name, list(sheet.columns), kinds, sheet.wkb is not None, dict(sheet.facts)])
    header = json.dumps({"error": error, "sheets": told}).encode()
    np.savez(path, **{_HEADER: np.frombuffer(header, np.uint8)}, **arrays)  # type: ignore[arg-type]


def get(path: Path) -> tuple[list[Sheet], str]:
    """Layers of an answer and its reason for having none.

    Raises
    ------
    ValueError
        The file is no such answer.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(file[_HEADER].tobytes())
            sheets = [_sheet(file, i, *entry) for i, entry in enumerate(header["sheets"])]
            return sheets, str(header["error"])
    except (OSError, KeyError, TypeError, EOFError) as error:
        raise ValueError(f"no answer: {error}") from error


def _sheet(
    file: Any, i: int, name: str, names: list[str], kinds: list[str], flat: bool, facts: dict[str, Any]
) -> Sheet:
    columns: dict[str, Any] = {}
    for j, (column, kind) in enumerate(zip(names, kinds, strict=True)):
        columns[column] = _texts(file, f"{i}.{j}") if kind == "text" else file[f"{i}.{j}"]
    return Sheet(name=name, columns=columns, wkb=_unpack(file, f"{i}.wkb") if flat else None, facts=facts)


def _put(arrays: dict[str, NDArray[Any]], key: str, values: Any) -> str:
    if isinstance(values, np.ndarray):
        arrays[key] = values
        return "number"
    _pack(arrays, key, [None if value is None else value.encode("utf-8", "replace") for value in values])
    return "text"


def _pack(arrays: dict[str, NDArray[Any]], key: str, items: Sequence[bytes | None]) -> None:
    """Items end to end, and how long each is; -1 for null."""
    arrays[key] = np.frombuffer(b"".join(item for item in items if item), np.uint8)
    arrays[f"{key}.length"] = np.array([-1 if item is None else len(item) for item in items], np.int64)


def _unpack(file: Any, key: str) -> list[bytes | None]:
    content, length = file[key].tobytes(), file[f"{key}.length"]
    ends = np.cumsum(np.maximum(length, 0))
    if len(ends) and int(ends[-1]) != len(content):
        raise ValueError("lengths do not add up")
    parts = zip((ends - np.maximum(length, 0)).tolist(), ends.tolist(), length.tolist(), strict=True)
    return [None if size < 0 else content[begin:end] for begin, end, size in parts]


def _texts(file: Any, key: str) -> list[str | None]:
    return [None if item is None else item.decode("utf-8") for item in _unpack(file, key)]
