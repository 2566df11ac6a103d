"""JSON bodies, read strictly: what two readers could understand differently is refused, with a pointer to it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from gridgeo.web.faults import RequestFault

_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Texts and brackets; a text never closed is taken whole, so that the time stays linear."""


class _Refused:
    """Stands in the parsed tree where something was refused."""

    def __init__(self, why: str) -> None:
        self.why = why


def read_json(data: bytes, *, max_depth: int) -> Any:
    """Parse a JSON document.

    Refused, beside broken JSON: other encodings than UTF-8, NaN and infinities, numbers too large for a double,
    lone surrogates, an object with the same key twice, nesting deeper than `max_depth`.

    Raises
    ------
    RequestFault
        With a JSON pointer to the first fault.

    Examples
    --------
    >>> read_json(b'{"point": [116.3, 39.9]}', max_depth=8)
    {'point': [116.3, 39.9]}
    >>> read_json(b'{"point": [NaN]}', max_depth=8)
    Traceback (most recent call last):
    gridgeo.web.faults.RequestFault: NaN is not a JSON number [#/point/0]
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestFault(f"the body is not UTF-8 at byte {error.start}", pointer="#") from None
    _check_depth(text, max_depth)
    try:
        tree = json.loads(
            text,
            parse_constant=lambda word: _Refused(f"{word} is not a JSON number"),
            parse_float=_number,
            parse_int=_integer,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise RequestFault(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}", pointer="#") from None
    _walk(tree, "#")
    return tree


def pointer(*steps: str | int) -> str:
    """A JSON pointer (RFC 6901) as a fragment.

    >>> pointer("inputs", "a/b", 0)
    '#/inputs/a~1b/0'
    """
    return "#" + "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _check_depth(text: str, max_depth: int) -> None:
    """Nesting is counted before parsing, so that no parser has to survive it."""
    depth = 0
    for mark in _MARKS.finditer(text):
        symbol = mark.group()
        if symbol in "[{":
            depth += 1
            if depth > max_depth:
                raise RequestFault(f"nested deeper than {max_depth} levels", pointer="#", hint="flatten the body")
        elif symbol in "]}":
            depth -= 1


def _number(text: str) -> float | _Refused:
    value = float(text)
    return value if math.isfinite(value) else _Refused(f"{text[:24]} is too large for a number")


def _integer(text: str) -> int | _Refused:
    return int(text) if len(text) <= 19 else _Refused(f"{text[:24]}… has too many digits")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                out[key] = _Refused(f"key {key!r} appears twice")
            seen.add(key)
    return out


def _walk(value: Any, at: str) -> None:
    """Refuse the first bad leaf, in document order."""
    if isinstance(value, _Refused):
        raise RequestFault(value.why, pointer=at)
    if isinstance(value, str):
        _check_text(value, at)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, at)
            _walk(item, at + pointer(key)[1:])
    elif isinstance(value, list):
        for i, item in enumerate(value):
            if not isinstance(item, (int, float)):
                _walk(item, f"{at}/{i}")


def _check_text(text: str, at: str) -> None:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RequestFault("text holds half a surrogate pair", pointer=at)
