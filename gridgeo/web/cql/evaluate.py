"""Which features a filter keeps: the tree worked out over whole columns, nulls neither true nor false."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.web.cql.tree import Both, Compare, Constant, In, Like, Node, Not, Null, Touches, Value, fault
from gridgeo.web.encode import Column, Features

GEOMETRY = "geometry"
_SIGNS = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


class Truth(NamedTuple):
    """Per feature: surely true, surely false; neither where a null decides."""

    yes: NDArray[np.bool_]
    no: NDArray[np.bool_]


def matching(node: Node, features: Features, to_degrees: Callable[[Any], Any] | None = None) -> NDArray[np.bool_]:
    """(n,) whether the filter surely holds for each feature. O(parts x features).

    `to_degrees` brings the filter's shapes to CRS84; they are there already when None.

    Raises
    ------
    RequestFault
        A property is unknown, or of another type than what it is compared with.
    """
    return _truth(node, features, to_degrees or (lambda shape: shape)).yes


def _truth(node: Node, features: Features, place: Callable[[Any], Any]) -> Truth:
    match node:
        case Constant(value):
            return _sure(np.full(len(features), value))
        case Not(part):
            inner = _truth(part, features, place)
            return Truth(inner.no, inner.yes)
        case Both(every, parts):
            yes, no = zip(*(_truth(part, features, place) for part in parts), strict=True)
            joined, other = (np.logical_and, np.logical_or) if every else (np.logical_or, np.logical_and)
            return Truth(joined.reduce(yes), other.reduce(no))
        case Touches(name, shape):
            return _touches(name, place(shape), features)
        case _:
            return _said(node, features)


def _said(node: Compare | Like | In | Null, features: Features) -> Truth:
    """What is said of one property."""
    if not features.columns:  # a collection that holds nothing yet knows no names
        return _sure(np.zeros(len(features), bool))
    column = _column(node.name, features)
    if isinstance(node, Null):
        return _sure(~column.known)
    true = np.zeros(len(features), bool)
    values = column.values[column.known]
    if isinstance(node, Compare):
        _check(column, node.name, node.value)
        true[column.known] = _SIGNS[node.sign](values, node.value).astype(bool)
    elif isinstance(node, In):
        for value in node.values:
            _check(column, node.name, value)
        wanted = set(node.values)
        true[column.known] = [value in wanted for value in values.tolist()]
    else:
        _check(column, node.name, node.pattern)
        pattern = re.compile(_expression(node.pattern), re.DOTALL)
        true[column.known] = [pattern.fullmatch(value) is not None for value in values.tolist()]
    return Truth(true, ~true & column.known)


def _sure(yes: NDArray[np.bool_]) -> Truth:
    return Truth(yes, ~yes)


def _touches(name: str, shape: Any, features: Features) -> Truth:
    if name != GEOMETRY:
        raise fault(f"{name[:60]!r} is no geometry", hint=GEOMETRY)
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        raise fault("the filter's shape leaves the area of its CRS")
    yes = np.zeros(len(features), bool)
    yes[features.touching(shape)] = True
    return _sure(yes)


def _column(name: str, features: Features) -> Column:
    column = features.columns.get(name)
    if column is None or column.kind == "array":
        known = [each for each, c in features.columns.items() if c.kind != "array"]
        raise fault(f"{name[:60]!r} is not queryable", hint=", ".join(known))
    return column


def _check(column: Column, name: str, value: Value) -> None:
    """A text is compared with texts, a number with numbers, a truth with truths."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    wanted = {"string": isinstance(value, str), "boolean": isinstance(value, bool)}
    if not wanted.get(column.kind, number):
        raise fault(f"{name} is {column.kind}, {value!r:.40} is not")


def _expression(pattern: str) -> str:
    """A LIKE pattern as an expression that never goes back: each % takes the first place where the rest fits."""
    parts: list[str] = [""]
    escaped = False
    for letter in pattern:
        if escaped or letter not in "%_\\":
            parts[-1] += re.escape(letter)
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == "_":
            parts[-1] += "."
        else:
            parts.append("")
    if len(parts) == 1:
        return parts[0]
    middle = "".join(f"(?>.*?{part})" for part in parts[1:-1] if part)
    return f"{parts[0]}{middle}.*{parts[-1]}"
