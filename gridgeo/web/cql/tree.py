"""The nodes of a filter, and the limits that keep one small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gridgeo.web.faults import RequestFault

MOST_NODES = 200
DEEPEST = 16
MOST_TEXT = 4_000
MOST_VERTICES = 1_000
FARTHEST = 1e9
"""No coordinate of any system is larger."""

Value = str | int | float | bool
COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
TURNED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
"""Signs of a comparison whose sides change places."""


@dataclass(frozen=True)
class Constant:
    """Always, or never."""

    value: bool


@dataclass(frozen=True)
class Both:
    """All parts hold (`every`), or one of them does."""

    every: bool
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Node


@dataclass(frozen=True)
class Compare:
    """A property beside a value."""

    name: str
    sign: str
    value: Value


@dataclass(frozen=True)
class Like:
    """A text property matches a pattern: % any letters, _ one letter, a backslash takes the next as it is."""

    name: str
    pattern: str


@dataclass(frozen=True)
class In:
    """A property is one of some values."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Null:
    """A property has no value."""

    name: str


@dataclass(frozen=True)
class Touches:
    """The geometry of a feature and a shape, in `filter-crs`, have a point in common."""

    name: str
    shape: Any


Node = Constant | Both | Not | Compare | Like | In | Null | Touches


def fault(what: str, hint: str = "") -> RequestFault:
    """A filter that cannot be used."""
    return RequestFault(what, parameter="filter", hint=hint)


def between(name: str, low: Value, high: Value) -> Node:
    """A property from one value to another, both included."""
    return Both(True, (Compare(name, ">=", low), Compare(name, "<=", high)))
