"""A request written to a small TOML file, to be kept, read by people, and run again."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gridgeo.errors import InputError, SchemaError
from gridgeo.io.gate.files import opened, size_of
from gridgeo.io.importer.request import DATUMS, Request
from gridgeo.io.read import split_source
from gridgeo.io.roles import ROLES
from gridgeo.io.values import Faults

VERSION = 1
MAX_BYTES = 1 << 20
_TEXTS = ("datum", "encoding", "crs", "area", "name")
_LISTS = ("sources", "sums", "swapped", "guessed")
_TABLES = ("roles", "rosters", "keys")
_HEAD = "# What gridgeo import understood. Change it, keep it, run it again: gridgeo import --mapping FILE -o T.gpkg"
_KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[\w\-]+)\s*=""")
_TABLE = re.compile(r"""\s*\[([\w\-."' ]+)\]""")


def write_mapping(request: Request, path: Path) -> None:
    """Write a request; files are named as seen from the folder of the mapping. Same request, same bytes."""
    folder = path.absolute().parent

    def relative(text: str) -> str:
        file, layer = split_source(text)
        if not Path(file).exists():
            return text
        place = Path(os.path.relpath(Path(file).absolute(), folder)).as_posix()
        return f"{place}:{layer}" if layer else place

    lines = [_HEAD, f"version = {VERSION}", f"sources = {_list(relative(source) for source in request.sources)}"]
    lines += [f"{key} = {_text(value)}" for key in _TEXTS if (value := getattr(request, key))]
    if request.persons is not None:
        lines.append(f"persons = {request.persons!r}")
    lines += [f"{key} = {_list(value)}" for key in _LISTS[1:] if (value := getattr(request, key))]
    for table in _TABLES:
        entries = getattr(request, table)
        named = {
            role: entries[role] if table == "keys" else relative(entries[role]) for role in ROLES if role in entries
        }
        lines += _table(table, named)
    for role in ROLES:
        of_role = {k.partition(".")[2]: v for k, v in request.fields.items() if k.partition(".")[0] == role}
        lines += _table(f"fields.{role}", of_role)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _table(name: str, entries: Mapping[str, str]) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {_text(value)}" for key, value in entries.items())] if entries else []


def _list(values: Iterator[str] | tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_mapping(path: Path) -> Request:
    """The request of a mapping file.

    Raises
    ------
    InputError
        The file cannot be read or is no TOML.
    SchemaError
        Something in it does not belong there; every fault is listed with its line and key.
    """
    size = size_of(path)
    if size > MAX_BYTES:
        raise InputError(f"the mapping has {size:,} bytes, at most {MAX_BYTES:,} are read", where=str(path))
    with opened(path) as file:
        content = file.read()
    try:
        text = content.decode("utf-8")
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        message = "it nests too deep" if isinstance(error, RecursionError) else str(error)
        raise InputError(f"the mapping is no TOML: {message[:200]}", where=str(path)) from error
    reader = _Reader(document, _lines(text))
    found = reader.request(path.absolute().parent)
    if reader.faults.found:
        raise SchemaError(reader.faults.found, where=str(path))
    return Request(**found)


def _lines(text: str) -> dict[str, int]:
    """Line of each key, by its full name; keys in dotted or inline form are found by their table."""
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = match[1].strip()
            lines.setdefault(table, number)
        elif match := _KEY.match(line):
            key = match[1].strip("\"'")
            lines.setdefault(f"{table}.{key}" if table else key, number)
    return lines


@dataclass
class _Reader:
    """Checks a document key by key, collecting faults."""

    document: Mapping[str, Any]
    lines: Mapping[str, int]
    faults: Faults = field(default_factory=Faults)

    def request(self, folder: Path) -> dict[str, Any]:
        """Arguments of the request, as far as they are sound."""
        known = ("version", "persons", "fields", *_TEXTS, *_LISTS, *_TABLES)
        for key in self.document:
            if key not in known:
                self._fault("unknown-key", key, f"there is no {key}", f"one of {', '.join(known)}")
        if self.document.get("version") != VERSION:
            self._fault("wrong-value", "version", f"version must be {VERSION}", f"write version = {VERSION}")
        out: dict[str, Any] = {key: self._list(key) for key in _LISTS}
        out |= {key: self._word(key) for key in _TEXTS if key in self.document}
        out["sources"] = tuple(_from(folder, text) for text in out["sources"])
        if not out["sources"]:
            self._fault("missing-value", "sources", "sources is empty", 'write sources = ["FILE"]')
        out |= {key: self._roles(key) for key in _TABLES}
        for key in ("roles", "rosters"):
            out[key] = {role: _from(folder, text) for role, text in out[key].items()}
        out["fields"] = self._fields()
        if "persons" in self.document:
            out["persons"] = self._positive("persons")
        if out.get("datum", DATUMS[0]) not in DATUMS:
            self._fault("wrong-value", "datum", f"there is no datum {out['datum']}", f"one of {', '.join(DATUMS)}")
        return out

    def _fault(self, kind: str, key: str, message: str, hint: str = "") -> None:
        self.faults.add(kind, key, message, hint, self.lines.get(key))

    def _list(self, key: str) -> tuple[str, ...]:
        value = self.document.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        self._fault("wrong-value", key, f"{key} is no list of texts", f'write {key} = ["…"]')
        return ()

    def _word(self, key: str) -> str:
        value = self.document[key]
        if isinstance(value, str):
            return value
        self._fault("wrong-value", key, f"{key} is no text", f'write {key} = "…"')
        return ""

    def _positive(self, key: str) -> float | None:
        value = self.document[key]
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e6:
            return float(value)
        self._fault("wrong-value", key, f"{key} is no number above 0", f"write {key} = 2.6")
        return None

    def _roles(self, table: str) -> dict[str, str]:
        """Texts by role."""
        entries = self._table(table, self.document.get(table, {}))
        for role in list(entries):
            if role not in ROLES:
                self._fault("unknown-key", f"{table}.{role}", f"there is no role {role}", f"one of {', '.join(ROLES)}")
                del entries[role]
        return entries

    def _fields(self) -> dict[str, str]:
        """Field by ROLE.COLUMN."""
        out: dict[str, str] = {}
        tables = self.document.get("fields", {})
        if not isinstance(tables, dict):
            self._fault("wrong-value", "fields", "fields is no table", "write [fields.ROLE]")
            return out
        for role, table in tables.items():
            if role not in ROLES:
                self._fault("unknown-key", f"fields.{role}", f"there is no role {role}", f"one of {', '.join(ROLES)}")
                continue
            known = [spec.name for spec in ROLES[role].fields]
            for column, name in self._table(f"fields.{role}", table).items():
                if column in known:
                    out[f"{role}.{column}"] = name
                else:
                    hint = f"one of {', '.join(known)}"
                    self._fault("unknown-key", f"fields.{role}.{column}", f"{role} has no column {column}", hint)
        return out

    def _table(self, name: str, table: Any) -> dict[str, str]:
        if not isinstance(table, dict):
            self._fault("wrong-value", name, f"{name} is no table", f"write [{name}]")
            return {}
        for key, value in table.items():
            if not isinstance(value, str):
                self._fault("wrong-value", f"{name}.{key}", f"{key} is no text", f'write {key} = "…"')
        return {key: value for key, value in table.items() if isinstance(value, str)}


def _from(folder: Path, text: str) -> str:
    """A file named as seen from a folder; what is no file there (a layer, an absolute path) stays as it is."""
    file, _ = split_source(str(folder / text))
    return os.path.relpath(folder / text) if Path(file).exists() and not Path(text).is_absolute() else text
