"""CQL2 JSON: {"op": "and", "args": [{"op": ">", "args": [{"property": "households"}, 400]}, …]}."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import shapely

from gridgeo.web.body import read_json
from gridgeo.web.cql.text import box, checked
from gridgeo.web.cql.tree import (
    COMPARISONS,
    DEEPEST,
    MOST_NODES,
    MOST_TEXT,
    TURNED,
    Both,
    Compare,
    Constant,
    In,
    Like,
    Node,
    Not,
    Null,
    Touches,
    Value,
    between,
    fault,
)
from gridgeo.web.faults import RequestFault


def read_document(text: str) -> Node:
    """The tree of a filter in CQL2 JSON.

    Raises
    ------
    RequestFault
        It is no filter, or one too large.

    Examples
    --------
    >>> read_document('{"op": "isNull", "args": [{"property": "grid"}]}')
    Null(name='grid')
    """
    if len(text) > MOST_TEXT:
        raise fault(f"the filter has {len(text)} letters, at most {MOST_TEXT}")
    try:
        tree = read_json(text.encode("utf-8", "surrogatepass"), max_depth=4 * DEEPEST)
    except RequestFault as error:
        raise fault(f"{error.message} in the filter") from None
    return _Reader().node(tree, 0)


class _Reader:
    """Nodes of a document, counted."""

    def __init__(self) -> None:
        self.nodes = 0

    def node(self, tree: Any, depth: int) -> Node:
        """The node of one part of the document."""
        self.nodes += 1
        if depth > DEEPEST or self.nodes > MOST_NODES:
            raise fault(f"the filter is deeper than {DEEPEST} levels or has more than {MOST_NODES} parts")
        if isinstance(tree, bool):
            return Constant(tree)
        op, args = _call(tree)
        if op in ("and", "or"):
            if len(args) < 2:
                raise fault(f"{op} wants two parts or more")
            return Both(op == "and", tuple(self.node(part, depth + 1) for part in args))
        if op == "not":
            return Not(self.node(_some(args, 1, op)[0], depth + 1))
        if op in COMPARISONS:
            return _compare(op, _some(args, 2, op))
        if op not in _STATEMENTS:
            raise fault(f"the filter's operator {op[:40]!r} is unknown", hint="see /conformance")
        count, make = _STATEMENTS[op]
        return make(*_some(args, count, op))


def _call(tree: Any) -> tuple[str, list[Any]]:
    if not (isinstance(tree, dict) and isinstance(tree.get("op"), str) and isinstance(tree.get("args"), list)):
        raise fault(f"the filter has {json.dumps(tree)[:60]} where an operator with args is wanted")
    return tree["op"], tree["args"]


def _some(args: list[Any], count: int, op: str) -> list[Any]:
    if len(args) != count:
        raise fault(f"{op} wants {count} args, not {len(args)}")
    return args


def _compare(sign: str, args: list[Any]) -> Node:
    left, right = args
    if isinstance(left, dict) and "property" in left:
        return Compare(_name(left), sign, _value(right))
    return Compare(_name(right), TURNED[sign], _value(left))


def _name(part: Any) -> str:
    if not (isinstance(part, dict) and isinstance(part.get("property"), str)):
        raise fault(f"the filter has {json.dumps(part)[:60]} where a property is wanted")
    name: str = part["property"]
    return name


def _value(part: Any) -> Value:
    if isinstance(part, dict):
        part = part.get("date", part.get("timestamp"))
    if not isinstance(part, str | int | float):
        raise fault(f"the filter has {json.dumps(part)[:60]} where a value is wanted")
    return part


def _text(part: Any) -> str:
    if not isinstance(part, str):
        raise fault("like wants a text as its pattern")
    return part


def _values(part: Any) -> tuple[Value, ...]:
    if not isinstance(part, list) or not 0 < len(part) <= MOST_NODES:
        raise fault("in wants a list of values")
    return tuple(_value(item) for item in part)


def _shape(part: Any) -> object:
    if isinstance(part, dict) and isinstance(part.get("bbox"), list):
        if not all(isinstance(item, int | float) for item in part["bbox"]):
            raise fault("a bbox holds numbers")
        return box(part["bbox"])
    return checked(shapely.from_geojson(json.dumps(part), on_invalid="ignore"))


_STATEMENTS: dict[str, tuple[int, Callable[..., Node]]] = {
    "like": (2, lambda left, right: Like(_name(left), _text(right))),
    "in": (2, lambda left, right: In(_name(left), _values(right))),
    "between": (3, lambda left, low, high: between(_name(left), _value(low), _value(high))),
    "isNull": (1, lambda left: Null(_name(left))),
    "s_intersects": (2, lambda left, right: Touches(_name(left), _shape(right))),
}
