"""A territory as tables, and back exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gridgeo.core.model import (
    DAY_S,
    Adjacency,
    Areas,
    Atoms,
    Barriers,
    Border,
    Buildings,
    Columns,
    Communities,
    EmergencyUnits,
    Flags,
    Gates,
    Kind,
    Notice,
    Objects,
    Places,
    Responders,
    Small,
    Stations,
    Streets,
    Table,
    Territory,
    geometries,
    texts,
)
from gridgeo.core.tables.columns import (
    codes_at,
    column,
    coordinates,
    counts_or_null,
    points,
    rows_at,
    rows_of,
    shapes,
    table_of,
    values_of,
    without_null,
    words_of,
)
from gridgeo.errors import InputError

NO_ROWS = Table(columns={})
_PLAIN: Mapping[str, type[Columns]] = {
    "communities": Communities,
    "compounds": Areas,
    "exclusive": Areas,
    "barriers": Barriers,
    "places": Places,
    "stations": Stations,
    "gates": Gates,
    "emergency_units": EmergencyUnits,
    "responders": Responders,
}
STREET_LAYERS = ("streets", "street_nodes", "street_edges")
"""Layers that hold the streets of a territory."""

TERRITORY_LAYERS = (
    "boundary",
    "communities",
    "compounds",
    "exclusive",
    "barriers",
    "places",
    "stations",
    "gates",
    "emergency_units",
    "responders",
    "atoms",
    "adjacency",
    "buildings",
    "streets",
    "street_nodes",
    "street_edges",
)
"""Every table a territory can have."""


def territory_tables(territory: Territory) -> dict[str, Table]:
    """All of a territory as tables by layer name; layers of no rows are left out.

    Examples
    --------
    >>> from tests.instances import lattice
    >>> sorted(territory_tables(lattice(1, 2)))
    ['adjacency', 'atoms', 'boundary', 'communities', 'street_edges', 'street_nodes', 'streets']
    """
    boundary = Table(
        columns={"code": texts([""]), "name": texts([territory.name])}, geometry=geometries([territory.boundary])
    )
    tables = {name: table_of(getattr(territory, name)) for name in _PLAIN}
    tables |= {
        "atoms": _atoms_table(territory),
        "adjacency": _adjacency_table(territory.adjacency),
        "buildings": _buildings_table(territory),
        **_street_tables(territory.streets),
    }
    return {"boundary": boundary} | {name: tables[name] for name in TERRITORY_LAYERS[1:] if len(tables[name])}


def territory_of(tables: Mapping[str, Table], *, name: str, crs: str, notices: tuple[Notice, ...] = ()) -> Territory:
    """The territory of its tables: the inverse of `territory_tables`.

    Raises
    ------
    InputError
        The tables are not those of a territory: a column is missing, or a code points nowhere.
    """
    boundary = shapes(tables.get("boundary", NO_ROWS))
    if len(boundary) != 1:
        raise InputError(f"the boundary has {len(boundary)} rows", where="boundary", hint="give exactly one")
    plain = {layer: rows_of(kind, tables.get(layer, NO_ROWS)) for layer, kind in _PLAIN.items()}
    codes = {layer: rows.code for layer, rows in plain.items()}
    return Territory(
        name=name,
        crs=crs,
        boundary=boundary[0],
        atoms=_atoms_of(tables.get("atoms", NO_ROWS), codes),
        adjacency=_adjacency_of(tables.get("adjacency", NO_ROWS)),
        buildings=_buildings_of(tables.get("buildings", NO_ROWS), codes["compounds"]),
        streets=streets_of(tables),
        notices=notices,
        **plain,  # type: ignore[arg-type]
    )


def _atoms_table(territory: Territory) -> Table:
    atoms = territory.atoms
    return table_of(
        atoms,
        drop=("known", "spread", *(() if atoms.events_per_day.any() else ("events_per_day",))),
        households=counts_or_null(atoms.households, atoms.known),
        low=counts_or_null(np.maximum(atoms.households - atoms.spread, 0), atoms.known),
        high=counts_or_null(atoms.households + atoms.spread, atoms.known),
        kind=words_of(atoms.kind, Kind),
        community=codes_at(territory.communities.code, atoms.community),
        compound=codes_at(territory.compounds.code, atoms.compound),
        exclusive=codes_at(territory.exclusive.code, atoms.exclusive),
    )


def _atoms_of(table: Table, codes: Mapping[str, Objects]) -> Atoms:
    households = column(table, "households", np.float64)
    high = column(table, "high", np.float64) if "high" in table.columns else households
    return rows_of(
        Atoms,
        table,
        households=without_null(households),
        spread=without_null(high - households),
        events_per_day=column(table, "events_per_day") if "events_per_day" in table.columns else np.zeros(0),
        known=~np.isnan(households),
        kind=values_of(column(table, "kind"), Kind),
        community=rows_at(codes["communities"], column(table, "community"), "communities"),
        compound=rows_at(codes["compounds"], column(table, "compound"), "compounds"),
        exclusive=rows_at(codes["exclusive"], column(table, "exclusive"), "exclusive"),
    )


def _buildings_table(territory: Territory) -> Table:
    rows = territory.buildings
    return table_of(
        rows,
        drop=("known", "estimated"),
        households=counts_or_null(rows.households, rows.known),
        compound=codes_at(territory.compounds.code, rows.compound),
        source=_sources(rows.known, rows.estimated),
    )


def _sources(known: Flags, estimated: Flags) -> Objects:
    return texts(np.where(estimated, "estimate", np.where(known, "count", "")))


def _buildings_of(table: Table, compounds: Objects) -> Buildings:
    households = column(table, "households", np.float64)
    return rows_of(
        Buildings,
        table,
        households=without_null(households),
        known=~np.isnan(households),
        estimated=(column(table, "source") == "estimate").astype(bool),
        compound=rows_at(compounds, column(table, "compound"), "compounds"),
    )


def _adjacency_table(adjacency: Adjacency) -> Table:
    return Table(
        columns={
            "u": adjacency.u.astype(np.int64) + 1,
            "v": adjacency.v.astype(np.int64) + 1,
            "length_m": adjacency.length_m,
            "border": words_of(adjacency.border, Border),
            "link": adjacency.link,
        }
    )


def _adjacency_of(table: Table) -> Adjacency:
    return Adjacency(
        u=column(table, "u", np.int32) - np.int32(1),
        v=column(table, "v", np.int32) - np.int32(1),
        length_m=column(table, "length_m", np.float64),
        border=values_of(column(table, "border"), Border),
        link=column(table, "link", np.bool_),
    )


def _street_tables(streets: Streets) -> dict[str, Table]:
    lines = Table(
        columns={
            "code": streets.code,
            "name": streets.name,
            "class": streets.street_class,
            "border": words_of(streets.border, Border),
            "walkable": streets.walkable,
            "sides": streets.sides,
            "width_m": streets.width_m,
            "layer": texts(streets.level.tolist()),
            **_told_of_streets(streets),
        },
        geometry=streets.line_geometry,
    )
    edges = Table(
        columns={
            "tail": streets.tail.astype(np.int64) + 1,
            "head": streets.head.astype(np.int64) + 1,
            "line": streets.line.astype(np.int64) + 1,
            "length_mm": streets.length_mm,
        },
        geometry=streets.geometry,
    )
    return {
        "streets": lines,
        "street_nodes": Table(columns={}, geometry=points(streets.node_xy)),
        "street_edges": edges,
    }


def streets_of(tables: Mapping[str, Table]) -> Streets:
    """The streets of their tables, `STREET_LAYERS`; none where there are none.

    Raises
    ------
    InputError
        A column is missing.
    """
    lines = tables.get("streets", NO_ROWS)
    edges = tables.get("street_edges", NO_ROWS)
    return Streets(
        code=column(lines, "code"),
        name=column(lines, "name"),
        street_class=column(lines, "class"),
        border=values_of(column(lines, "border"), Border),
        walkable=column(lines, "walkable", np.bool_),
        sides=column(lines, "sides", np.int64),
        width_m=column(lines, "width_m", np.float64),
        line_geometry=shapes(lines),
        node_xy=coordinates(tables.get("street_nodes", NO_ROWS)),
        tail=column(edges, "tail", np.int32) - np.int32(1),
        head=column(edges, "head", np.int32) - np.int32(1),
        line=column(edges, "line", np.int32) - np.int32(1),
        length_mm=column(edges, "length_mm", np.int64),
        geometry=shapes(edges),
        level=_levels(lines),
        **{
            name: column(lines, name, dtype)
            for name, dtype in (("slope", np.float64), ("opens", np.int64), ("closes", np.int64))
            if name in lines.columns
        },
    )


def _told_of_streets(streets: Streets) -> dict[str, Any]:
    """Columns that only some towns have: slopes and hours."""
    out: dict[str, Any] = {"slope": streets.slope} if streets.slope.any() else {}
    if streets.opens.any() or (streets.closes != DAY_S).any():
        out |= {"opens": streets.opens, "closes": streets.closes}
    return out


def _levels(lines: Table) -> Small:
    """Level of each street; all on the ground in files of before levels were kept."""
    said = column(lines, "layer") if "layer" in lines.columns else texts([0] * len(lines))
    return np.array([int(word or 0) for word in said.tolist()], dtype=np.int8)
