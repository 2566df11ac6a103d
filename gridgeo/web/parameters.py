"""What parameters take in this very service: names of its collections' properties, its systems, shapes of filters."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from gridgeo.web.crs import offered
from gridgeo.web.encode import Column, Features
from gridgeo.web.layers import LAYERS
from gridgeo.web.openapi import Refine
from gridgeo.web.site import State

_ITEMS = re.compile(r"/collections/(\w+)/items")
_DAY = "(?:0[1-9]|1[0-9]|2[0-8])"
_MOMENT = f"2[01][0-9]{{2}}-(?:0[1-9]|1[0-2])-{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_TIMES = {"type": "string", "pattern": rf"^(?:{_MOMENT}|\.\./{_MOMENT}|{_MOMENT}/\.\.|\.\./\.\.)$"}
_BOXES = {"oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]}
_SIGN = "(?:=|<>|<|>|<=|>=)"
_VALUES = {
    "string": rf"{_SIGN} '[0-9A-Za-z _-]{{0,40}}'",
    "integer": rf"{_SIGN} -?[0-9]{{1,9}}",
    "number": rf"{_SIGN} -?[0-9]{{1,9}}(?:\.[0-9]{{1,6}})?",
    "boolean": "= (?:TRUE|FALSE)",
}
_MOST_PHRASES = 8


def refined(state: State) -> Refine:
    """What the description tells of query parameters beyond their types."""

    def refine(path: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        if name in ("crs", "bbox-crs", "filter-crs"):
            return {**schema, "enum": offered(state.territory.crs)}
        if name == "datetime":
            return _TIMES
        if "{" + name + "}" in path:
            example = _example(state, path, name)
            return {**schema, "example": example} if example else schema
        found = _ITEMS.match(path)
        if found is None or found[1] not in LAYERS:
            return schema
        if name == "bbox":
            return {**schema, **_BOXES}
        make = _PATTERNS.get(name)
        features = _features(state, found[1]) if make else None
        return {**schema, "pattern": make(features.columns)} if make and features is not None else schema

    return refine


def _example(state: State, path: str, name: str) -> str:
    """Something that is there, "" where nothing stands for all."""
    if name == "plan":
        return state.record.id if state.record else ""
    found = re.match(r"/(?:collections/)?(\w+)", path)
    features = _features(state, found[1]) if found and name == "code" else None
    return features.codes[0] if features else ""


def _features(state: State, id: str) -> Features | None:
    """A collection, None for no name of one; faults only once somebody has asked for their proof: it takes its time."""
    if id not in LAYERS or (id == "faults" and state.drawn is not None and not state.proven):
        return None
    return state.features(id, LAYERS[id].build)


def _scalars(columns: dict[str, Column]) -> list[str]:
    return [re.escape(name) for name, column in columns.items() if column.kind != "array"]


def _properties(columns: dict[str, Column]) -> str:
    name = "|".join(map(re.escape, columns))
    return f"^(?:{name})(?:,(?:{name}))*$"


def _sortby(columns: dict[str, Column]) -> str:
    name = "|".join(_scalars(columns))
    return f"^[+-]?(?:{name})(?:,[+-]?(?:{name}))*$"


def _filter(columns: dict[str, Column]) -> str:
    """Phrases that every reader can write; the language knows more."""
    kinds: dict[str, list[str]] = {}
    for name, column in columns.items():
        if column.kind in _VALUES:
            kinds.setdefault(column.kind, []).append(re.escape(name))
    phrases = [f"(?:{'|'.join(names)}) {_VALUES[kind]}" for kind, names in kinds.items()]
    phrase = "|".join([*phrases, "TRUE|FALSE|true|false", f"(?:{'|'.join(_scalars(columns))}) IS (?:NOT )?NULL"])
    return f"^(?:{phrase})(?: (?:AND|OR) (?:{phrase})){{0,{_MOST_PHRASES}}}$"


_PATTERNS: dict[str, Callable[[dict[str, Column]], str]] = {
    "properties": _properties,
    "sortby": _sortby,
    "filter": _filter,
}
