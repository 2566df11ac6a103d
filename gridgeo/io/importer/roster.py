"""Rosters joined to layers by code or by name; what finds no partner, or several, is listed both ways.

Codes and names are compared in one width, without case and spaces (NFKC). Nothing is joined on a guess: a key that
occurs twice on either side joins nothing, unless the rows of the roster are to be added up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Flags, Ints, Notice, Table, texts
from gridgeo.errors import InputError
from gridgeo.io.crs import CRS84, local_zone, to_lonlat, transformed
from gridgeo.io.formats import Layer
from gridgeo.io.importer.names import fields_for, plain
from gridgeo.io.roles import ROLES
from gridgeo.io.values import as_text

KEYS = ("code", "name")
PLACE = "place"
"""Key of rosters joined by where their rows lie."""
NEAR_M = 15.0
"""Farthest a place of a roster may lie from what it is a place of: the width of a yard."""
ENOUGH = 0.5
"""Share of the roster's keys, or of the layer's, that must be found for a key nobody named to be taken."""
LISTED = 200
"""Rows of one kind listed one by one; the rest are counted."""
_SAME = {"compounds": "compound", "communities": "community"}
"""Column of other roles that bears the name of this one: a roster of compounds calls it so, too."""
_TOTALS = ("合计", "总计", "小计", "总数", "合計", "總計", "小計", "total", "sum", "subtotal")


@dataclass(frozen=True)
class Joined:
    """A layer with the columns of its roster, the key it was joined by (COLUMN=FIELD), and what found no partner."""

    table: Table
    key: str
    fields: Mapping[str, str]
    notices: tuple[Notice, ...]


@dataclass(frozen=True)
class _Match:
    """Row of the layer of each row of the roster (-1 for none), and the keys of both as compared."""

    column: str
    field: str
    left: list[str]
    right: list[str]
    row: Ints


def joined(
    role: str,
    table: Table,
    roster: Table,
    said: Mapping[str, str],
    *,
    place: Ints | None = None,
    key: str = "",
    add: bool = False,
    where: str = "",
) -> Joined:
    """The layer of a role with the columns of its roster.

    A value of the roster stands above one of the layer; where the roster is blank the layer's stays.

    Parameters
    ----------
    role
        The role.
    table
        Its layer, under the column names of the role.
    roster
        The table to join.
    said
        Field of the roster by column of the role; others are guessed by name.
    place
        Row of the layer each row of the roster stands at, -1 for none; None for a roster without places.
    key
        COLUMN=FIELD to compare, or "place"; else code or name, whichever finds enough partners, else the place.
    add
        Add up the rows of the roster that have one key.
    where
        What to call the roster.

    Raises
    ------
    InputError
        The key is not there, no key finds enough partners, or the roster has nothing to join.
    """
    total = _totals(roster)
    roster = roster if not total.any() else Table(columns={n: v[~total] for n, v in roster.columns.items()})
    place = None if place is None else place[~total]
    match = _chosen(role, table, roster, key, place, where)
    fields = _fields(role, roster, said, match.field)
    if not fields:
        hint = f"say with --field {role}.COLUMN=FIELD; it has {', '.join(roster.columns)}"
        raise InputError(f"the roster has no column of {role} beside its key", where=where, hint=hint)
    row, twice = _once(match, add)
    columns = dict(table.columns)
    for column, field in fields.items():
        columns[column] = _filled(columns.get(column), roster.columns[field], row, len(table), add=add)
    facts: dict[str, str | int | float] = {
        "role": role,
        "rows": int((row >= 0).sum()),
        "of": len(roster),
        "key": f"{match.column} = {match.field}",
        "columns": ", ".join(fields),
    }
    notices = (Notice(kind="roster-joined", where=where, facts=facts), *_told(role, match, row, twice, where))
    told = PLACE if match.column == PLACE else f"{match.column}={match.field}"
    return Joined(Table(columns=columns, geometry=table.geometry), told, fields, notices)


def compared(cell: str) -> str:
    """A code or name as it is compared.

    >>> compared(" 东苑 ２期"), compared("A-01 ")
    ('东苑2期', 'a-01')
    """
    return "".join(unicodedata.normalize("NFKC", cell).casefold().split())


def at_place(table: Table, layer: Layer, roster: Layer) -> Ints | None:
    """Row of `table` (the layer, cleaned) in or within `NEAR_M` of which each place of a roster lies, -1 for none.

    None where the roster has no places. O((n + m) log n).
    """
    there, here = roster.table.geometry, table.geometry
    if there is None or here is None or not len(there) or roster.crs is None or layer.crs is None:
        return None
    spots = to_lonlat(there, roster.crs)
    lon, lat = shapely.get_coordinates(spots)[0]
    flat = local_zone(float(lon), float(lat))
    tree = shapely.STRtree(transformed(here, layer.crs, flat))
    spot, row = tree.query_nearest(transformed(spots, CRS84, flat), max_distance=NEAR_M)
    out = np.full(len(there), -1, np.int64)
    out[spot[::-1]] = row[::-1]  # of several as near the first
    return out


def _chosen(role: str, table: Table, roster: Table, key: str, place: Ints | None, where: str) -> _Match:
    """By the key that is said, else by code or name, else by place.

    Raises
    ------
    InputError
        None of these finds enough partners.
    """
    if key and key != PLACE:
        return _said_match(table, roster, key, where)
    try:
        if not key:
            return _best_match(role, table, roster, where)
    except InputError:
        if place is None or 2 * int((place >= 0).sum()) < len(place):
            raise
    if place is None:
        raise InputError("the roster has no places", where=where, hint=f"say --key {role}=COLUMN=FIELD")
    code = as_text(table.columns["code"]).tolist() if "code" in table.columns else []
    left = code if len(set(code)) == len(table) else [str(row) for row in range(1, len(table) + 1)]
    right = [left[row] if row >= 0 else "" for row in place.tolist()]
    return _Match(PLACE, PLACE, left, right, place)


def _totals(roster: Table) -> Flags:
    """Which rows only sum up others."""
    total = np.zeros(len(roster), bool)
    for values in roster.columns.values():
        if values.dtype.kind == "O":
            total |= np.array([plain(cell) in _TOTALS for cell in values.tolist()], bool)
    return total


def _said_match(table: Table, roster: Table, key: str, where: str) -> _Match:
    column, _, field = key.partition("=")
    if column not in table.columns or field not in roster.columns:
        known = f"the layer has {', '.join(table.columns)}; the roster {', '.join(roster.columns)}"
        raise InputError(f"there is no key {key}", where=where, hint=known)
    return _match(table, roster, column, field)


def _best_match(role: str, table: Table, roster: Table, where: str) -> _Match:
    """The pair of columns that finds most partners."""
    names = {"name": [*fields_for(_SAME[role], roster.columns)] if role in _SAME else []}
    pairs = [
        (column, field)
        for column in KEYS
        if column in table.columns
        for field in dict.fromkeys([*fields_for(column, roster.columns), *names.get(column, [])])
    ]
    matches = [_match(table, roster, column, field) for column, field in pairs]
    best = max(matches, key=lambda match: int((match.row >= 0).sum()), default=None)
    fewest = ENOUGH * min(len(roster), len(table))
    if best is None or int((best.row >= 0).sum()) < max(fewest, 1):
        hint = f"say what is compared: --key {role}=COLUMN=FIELD; the roster has {', '.join(roster.columns)}"
        raise InputError(f"cannot tell how the roster belongs to {role}", where=where, hint=hint)
    return best


def _match(table: Table, roster: Table, column: str, field: str) -> _Match:
    left = [compared(cell) for cell in as_text(table.columns[column]).tolist()]
    right = [compared(cell) for cell in as_text(roster.columns[field]).tolist()]
    first: dict[str, int] = {}
    for row, key in enumerate(left):
        if key:
            first.setdefault(key, row)
    return _Match(column, field, left, right, np.array([first.get(key, -1) for key in right], np.int64))


def _fields(role: str, roster: Table, said: Mapping[str, str], key: str) -> dict[str, str]:
    """Field of the roster by column of the role, the key left out."""
    out = {}
    for spec in ROLES[role].fields:
        found = [said[spec.name]] if said.get(spec.name) in roster.columns else []
        found = found or [name for name in fields_for(spec.name, roster.columns) if name != key]
        if found and spec.type != "code":
            out[spec.name] = found[0]
    taken = set(out.values())
    return {column: field for column, field in out.items() if field in taken and field != key}


def _once(match: _Match, add: bool) -> tuple[Ints, dict[str, set[str]]]:
    """Row of the layer by row of the roster without those that have no single partner; keys that occur twice."""
    left = _repeated(match.left)
    right = set() if add else _repeated(match.right)
    doubled = np.array([key in left or key in right for key in match.right], bool)
    return np.where(doubled, -1, match.row), {"layer": left, "roster": right}


def _repeated(keys: Sequence[str]) -> set[str]:
    seen: set[str] = set()
    return {key for key in keys if key and (key in seen or seen.add(key))}  # type: ignore[func-returns-value]


def _filled(old: NDArray[Any] | None, given: NDArray[Any], row: Ints, rows: int, *, add: bool) -> NDArray[Any]:
    """A column of the layer with the values of the roster where it has some."""
    at = np.flatnonzero(row >= 0)
    if given.dtype.kind in "iuf" and (old is None or old.dtype.kind in "iuf"):
        out = np.full(rows, np.nan) if old is None else old.astype(np.float64)
        at = at[np.isfinite(given[at].astype(np.float64))]
        out[row[at]] = 0 if add else given[at]
        if add:
            np.add.at(out, row[at], given[at])
        return out
    out = texts([""] * rows) if old is None else as_text(old)
    cells = as_text(given)
    at = at[cells[at] != ""]
    out[row[at]] = cells[at]
    return out


def _told(role: str, match: _Match, row: Ints, twice: Mapping[str, set[str]], where: str) -> list[Notice]:
    """Every row without a partner, or with several, on both sides."""
    found = set(match.left)
    wanted = set(match.right)
    lists: dict[str, list[tuple[int, str]]] = {
        "roster-row-unmatched": [(n, key) for n, key in enumerate(match.right, 1) if key not in found and key],
        "roster-row-nowhere": [(n, key) for n, key in enumerate(match.right, 1) if not key],
        "layer-row-unmatched": [(n, key) for n, key in enumerate(match.left, 1) if key not in wanted],
        "roster-row-doubled": [(n, key) for n, key in enumerate(match.right, 1) if key in twice["roster"]],
        "layer-row-doubled": [(n, key) for n, key in enumerate(match.left, 1) if key in twice["layer"] & wanted],
    }
    notices = []
    for kind, rows in lists.items():
        side = role if kind.startswith("layer") else where
        facts: list[dict[str, str | int | float]] = [{"row": n, "key": key} for n, key in rows[:LISTED]]
        notices += [Notice(kind=kind, where=side, facts=one) for one in facts]
        if len(rows) > LISTED:
            notices.append(Notice(kind="more-rows", where=side, facts={"rows": len(rows) - LISTED, "kind": kind}))
    return notices
