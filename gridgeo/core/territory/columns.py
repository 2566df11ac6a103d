"""From the tables of a file to the columns of a territory: typed, with the defaults of missing columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import (
    DAY_S,
    Areas,
    Barriers,
    Buildings,
    Communities,
    EmergencyUnits,
    Flags,
    Floats,
    Gates,
    Ints,
    Kind,
    Objects,
    Places,
    Responders,
    Small,
    Stations,
    Table,
    geometries,
    texts,
)

EMPTY = Table(columns={}, geometry=geometries([]))

KINDS: Mapping[str, Kind] = {
    "rural": Kind.RURAL,
    "village": Kind.RURAL,
    "农村": Kind.RURAL,
    "乡村": Kind.RURAL,
    "exclusive": Kind.EXCLUSIVE,
    "专属": Kind.EXCLUSIVE,
}
"""Words for kinds of grids; every other word, and none, says urban."""


def text(table: Table, name: str, default: str = "") -> Objects:
    """Text column, or the default in every row."""
    return texts(table.columns[name]) if name in table.columns else texts([default] * len(table))


def number(table: Table, name: str, default: float = np.nan) -> Floats:
    """Number column as float64, NaN for null; or the default in every row."""
    if name not in table.columns:
        return np.full(len(table), default)
    return np.asarray(table.columns[name], dtype=np.float64)


def count(table: Table, name: str, default: int = 0) -> Ints:
    """Number column as int64, the default for null."""
    value = number(table, name)
    return np.where(np.isnan(value), default, np.rint(np.nan_to_num(value))).astype(np.int64)


def flag(table: Table, name: str, default: bool) -> Flags:
    """Yes/no column, or the default in every row."""
    if name not in table.columns:
        return np.full(len(table), default)
    return np.asarray(table.columns[name], dtype=bool)


def shapes(table: Table) -> Objects:
    """Geometry column; a table without one counts as having no rows."""
    return geometries([] if table.geometry is None else table.geometry)


def codes(table: Table, prefix: str) -> Objects:
    """Codes of the rows; a missing one is made from the prefix and the row number, counted from 1.

    >>> codes(Table(columns={"code": texts(["x", ""])}), "b").tolist()
    ['x', 'b2']
    """
    given = text(table, "code")
    return texts([code or f"{prefix}{row}" for row, code in enumerate(given.tolist(), start=1)])


def points(table: Table) -> Floats:
    """One point a row, (n, 2) metres: the point itself, or a point on the surface or line."""
    return spots(shapes(table))


def spots(geometry: Objects) -> Floats:
    """One point of each geometry, (n, 2) metres: for polygons one that lies inside."""
    spot = shapely.point_on_surface(geometry)
    return np.asarray(shapely.get_coordinates(spot), dtype=np.float64).reshape(-1, 2)


def kinds(words: Objects) -> Small:
    """Kind of each word.

    >>> kinds(texts(["rural", "", "专属"])).tolist()
    [1, 0, 2]
    """
    return np.array([KINDS.get(word.strip().lower(), Kind.URBAN) for word in words.tolist()], dtype=np.int8)


def rows_of(codes: Objects, wanted: Objects) -> NDArray[np.int32]:
    """Row of each wanted code among the codes, -1 for none."""
    row = {code: i for i, code in enumerate(codes.tolist())}
    return np.array([row.get(code, -1) for code in wanted.tolist()], dtype=np.int32)


def areas_of(table: Table, prefix: str) -> Areas:
    """Named polygons: compounds, exclusive land."""
    return Areas(code=codes(table, prefix), name=text(table, "name"), geometry=shapes(table))


def communities_of(table: Table) -> Communities:
    """Communities with the levels above them."""
    return Communities(
        code=codes(table, "community-"),
        name=text(table, "name"),
        geometry=shapes(table),
        subdistrict=text(table, "subdistrict"),
        county=text(table, "county"),
    )


def barriers_of(table: Table) -> Barriers:
    """Lines and polygons nobody walks across."""
    kind = texts([word.strip().lower() for word in text(table, "kind").tolist()])
    return Barriers(
        code=codes(table, "barrier-"), kind=kind, crossable=flag(table, "crossable", False), geometry=shapes(table)
    )


def buildings_of(table: Table, compounds: Areas) -> Buildings:
    """Buildings; a null count is 0 with `known` False; `compound` by its code, -1 where none is given."""
    households = number(table, "households")
    known = ~np.isnan(households)
    source = text(table, "source")
    return Buildings(
        code=codes(table, "building-"),
        geometry=shapes(table),
        households=count(table, "households"),
        known=known,
        estimated=known & (source == "estimate").astype(bool),
        floors=count(table, "floors"),
        compound=rows_of(compounds.code, text(table, "compound")),
    )


def places_of(table: Table) -> Places:
    """Places an officer calls at; no opening hours mean all day, no number of visits means none asked."""
    bound = text(table, "round")
    return Places(
        code=codes(table, "place-"),
        name=text(table, "name"),
        kind=text(table, "kind"),
        xy=points(table),
        service_s=count(table, "service_s"),
        opens=clock(table, "opens", 0),
        closes=clock(table, "closes", DAY_S),
        visits_per_day=np.nan_to_num(number(table, "visits_per_day", 0.0)),
        round=bound if any(bound) else None,
    )


def clock(table: Table, name: str, default: int) -> Ints:
    """Seconds of the day of a column of seconds or of texts like 08:30.

    >>> clock(Table(columns={"opens": texts(["08:30", ""])}), "opens", 0).tolist()
    [30600, 0]
    """
    column: NDArray[Any] | None = table.columns.get(name)
    if column is None or column.dtype != object:
        return count(table, name, default)
    out = []
    for word in texts(column).tolist():
        hour, _, rest = word.strip().partition(":")
        minute = rest.partition(":")[0]
        out.append(int(hour) * 3600 + int(minute or 0) * 60 if hour.isdigit() and minute.isdigit() else default)
    return np.array(out, dtype=np.int64)


def stations_of(table: Table) -> Stations:
    """Grid stations."""
    return Stations(code=codes(table, "station-"), xy=points(table), grid=text(table, "grid"))


def gates_of(table: Table) -> Gates:
    """Gates; anybody may walk through at any time unless said otherwise."""
    return Gates(
        code=codes(table, "gate-"),
        xy=points(table),
        passable=flag(table, "passable", True),
        opens=clock(table, "opens", 0),
        closes=clock(table, "closes", DAY_S),
    )


def emergency_units_of(table: Table) -> EmergencyUnits:
    """Crowded places that keep a team."""
    return EmergencyUnits(
        code=codes(table, "unit-"),
        name=text(table, "name"),
        kind=text(table, "kind"),
        xy=points(table),
        need=count(table, "need"),
        max_walk_s=count(table, "max_walk_s"),
    )


def responders_of(table: Table) -> Responders:
    """Posts that answer alarms; on duty unless said otherwise."""
    return Responders(
        code=codes(table, "responder-"),
        xy=points(table),
        capacity=count(table, "capacity"),
        can_lead=flag(table, "can_lead", False),
        on_duty=flag(table, "on_duty", True),
    )
