"""The columns of one noun as a table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import IntEnum
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Columns, Floats, Ints, Objects, Rows, Small, Table, geometries, texts
from gridgeo.errors import InputError

C = TypeVar("C", bound=Columns)

TYPES: Mapping[str, type[np.generic]] = {
    "households": np.int64,
    "buildings": np.int64,
    "floors": np.int64,
    "service_s": np.int64,
    "opens": np.int64,
    "closes": np.int64,
    "visits_per_day": np.float64,
    "events_per_day": np.float64,
    "need": np.int64,
    "max_walk_s": np.int64,
    "capacity": np.int64,
    "known": np.bool_,
    "estimated": np.bool_,
    "barrier": np.bool_,
    "crossable": np.bool_,
    "passable": np.bool_,
    "can_lead": np.bool_,
    "on_duty": np.bool_,
}
"""Type of each column that is not text."""


def table_of(rows: Columns, /, *, drop: tuple[str, ...] = (), **changed: NDArray[Any]) -> Table:
    """Rows of a noun as a table, with some columns dropped or written another way; `xy` becomes points."""
    names = [f.name for f in fields(rows) if f.name not in ("geometry", "xy", *drop)]
    names = [name for name in names if name in changed or getattr(rows, name) is not None]
    columns = {name: changed.get(name, getattr(rows, name)) for name in names}
    shape = getattr(rows, "geometry", None)
    if shape is None and hasattr(rows, "xy"):
        shape = points(rows.xy)
    return Table(columns={**columns, **changed}, geometry=shape)


def rows_of(kind: type[C], table: Table, /, **changed: NDArray[Any]) -> C:
    """Rows of a noun from its table: the inverse of `table_of`.

    Raises
    ------
    InputError
        A column is missing.
    """
    columns: dict[str, Any] = dict(changed)
    for spec in fields(kind):
        if spec.name in changed or (spec.default is None and spec.name not in table.columns):
            continue
        if spec.name == "geometry":
            columns["geometry"] = shapes(table)
        elif spec.name == "xy":
            columns["xy"] = coordinates(table)
        else:
            columns[spec.name] = column(table, spec.name)
    return kind(**columns)


def column(table: Table, name: str, dtype: type[np.generic] | None = None) -> NDArray[Any]:
    """One column in its type; no rows where the table has none.

    Raises
    ------
    InputError
        The table has rows but no such column.
    """
    wanted = dtype or TYPES.get(name, np.object_)
    if name not in table.columns:
        if len(table):
            raise InputError(f"no column {name}", where=name)
        return np.zeros(0, wanted)
    found = table.columns[name]
    if wanted is np.object_:
        return found if found.dtype.kind == "O" and set(map(type, found.tolist())) <= {str} else texts(found)
    return np.asarray(found).astype(wanted)


def shapes(table: Table) -> Objects:
    """Geometry of a table, none for a table without."""
    return geometries([] if table.geometry is None else table.geometry)


def points(xy: Floats) -> Objects:
    """Points of coordinates (n, 2)."""
    return geometries(shapely.points(xy) if len(xy) else [])


def coordinates(table: Table) -> Floats:
    """Coordinates (n, 2) of a table of points."""
    return np.asarray(shapely.get_coordinates(shapes(table)), dtype=np.float64).reshape(-1, 2)


def codes_at(codes: Objects, rows: Rows) -> Objects:
    """Code at each row number, "" for -1.

    >>> codes_at(texts(["x", "y"]), np.array([1, -1], np.int32)).tolist()
    ['y', '']
    """
    return texts([*codes.tolist(), ""])[rows] if len(rows) else texts([])


def rows_at(codes: Objects, wanted: Objects, where: str) -> Rows:
    """Row number of each wanted code, -1 for "": the inverse of `codes_at`.

    Raises
    ------
    InputError
        A code is not among the codes.
    """
    row: dict[str, int] = {code: i for i, code in enumerate(codes.tolist())}
    row[""] = -1
    try:
        return np.array([row[code] for code in wanted.tolist()], dtype=np.int32)
    except KeyError as error:
        raise InputError(f"{error.args[0]!r} is no code of {where}", where=where) from None


def words_of(values: Small, kind: type[IntEnum]) -> Objects:
    """Lower-case names of enumerated values."""
    names = {int(member): member.name.lower() for member in kind}
    return texts([names[value] for value in values.tolist()])


def values_of(words: Objects, kind: type[IntEnum]) -> Small:
    """Enumerated values of lower-case names: the inverse of `words_of`.

    Raises
    ------
    InputError
        A word is no name of the kind.
    """
    value = {member.name.lower(): int(member) for member in kind}
    try:
        return np.array([value[word] for word in words.tolist()], dtype=np.int8)
    except KeyError as error:
        raise InputError(f"{error.args[0]!r} is none of {', '.join(value)}", where=kind.__name__.lower()) from None


def counts_or_null(households: Ints, known: NDArray[np.bool_]) -> Floats:
    """Counts as numbers, NaN where not known: null is not zero."""
    return np.where(known, households.astype(np.float64), np.nan)


def without_null(households: Floats) -> Ints:
    """Counts, 0 for null."""
    return np.nan_to_num(households).astype(np.int64)
