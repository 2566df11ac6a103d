"""A plan as tables: those of its territory, the column `grid` on the atoms, and the layer `grids`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gridgeo.core.model import Grids, Kind, Notice, Plan, Table, Territory, texts
from gridgeo.core.tables.columns import codes_at, column, rows_at, rows_of, values_of, words_of
from gridgeo.core.tables.territory import NO_ROWS, territory_of, territory_tables
from gridgeo.errors import InputError


def plan_tables(plan: Plan, bounds: Sequence[str] = (), verified: Sequence[bool] = ()) -> dict[str, Table]:
    """All of a plan as tables by layer name.

    Parameters
    ----------
    plan
        The plan.
    bounds
        Bounding streets of each grid in words; none when empty.
    verified
        Whether the words describe the grid exactly.

    Examples
    --------
    >>> from tests.instances import lattice, plan_of as label
    >>> tables = plan_tables(label(lattice(1, 2), [0, 1]))
    >>> tables["atoms"].columns["grid"].tolist(), tables["grids"].columns["households"].tolist()
    (['g0', 'g1'], [50, 50])
    """
    tables = territory_tables(plan.territory)
    atoms = tables["atoms"]
    grid = plan.grids.code[plan.label]
    tables["atoms"] = Table(columns={**atoms.columns, "grid": grid}, geometry=atoms.geometry)
    tables["grids"] = grids_table(plan, bounds, verified)
    return tables


def grids_table(plan: Plan, bounds: Sequence[str] = (), verified: Sequence[bool] = ()) -> Table:
    """The layer `grids` of a plan; `bounds` and `verified` as for `plan_tables`."""
    grids = plan.grids
    return Table(
        columns={
            "code": grids.code,
            "name": grids.name,
            "kind": words_of(grids.kind, Kind),
            "community": codes_at(plan.territory.communities.code, grids.community),
            "households": plan.households,
            "households_low": np.maximum(plan.households - plan.spread, 0),
            "households_high": plan.households + plan.spread,
            "estimated": plan.estimated,
            "buildings": plan.buildings,
            "area_m2": plan.area_m2,
            "perimeter_m": plan.perimeter_m,
            "compactness": plan.compactness,
            "in_band": plan.in_band,
            "bounds_text": texts(bounds or [""] * len(plan)),
            "bounds_verified": np.array(verified or [False] * len(plan), dtype=bool),
        },
        geometry=plan.geometry,
    )


def plan_of(
    tables: Mapping[str, Table],
    *,
    name: str,
    crs: str,
    band: tuple[int, int] = (300, 500),
    notices: tuple[Notice, ...] = (),
    plan_notices: tuple[Notice, ...] = (),
) -> Plan:
    """The plan of its tables: the inverse of `plan_tables`; `notices` are the territory's.

    Raises
    ------
    InputError
        The tables are not those of a plan.
    """
    territory = territory_of(tables, name=name, crs=crs, notices=notices)
    return plan_on(territory, tables, band=band, notices=plan_notices)


def plan_on(
    territory: Territory,
    tables: Mapping[str, Table],
    *,
    band: tuple[int, int] = (300, 500),
    notices: tuple[Notice, ...] = (),
) -> Plan:
    """Plan of the layers `atoms` (columns code and grid) and `grids` on a territory read before.

    Raises
    ------
    InputError
        There are no grids, or an atom has none.
    """
    if not len(tables.get("grids", NO_ROWS)):
        raise InputError("the file holds no plan: it has no grids", where="grids", hint="draw a plan first")
    grids_table, atoms = tables["grids"], tables["atoms"]
    grids = rows_of(
        Grids,
        grids_table,
        kind=values_of(column(grids_table, "kind"), Kind),
        community=rows_at(territory.communities.code, column(grids_table, "community"), "communities"),
    )
    row = dict(zip(column(atoms, "code").tolist(), column(atoms, "grid").tolist(), strict=True))
    wanted = texts([row.get(code, "") for code in territory.atoms.code.tolist()])
    label = rows_at(grids.code, wanted, "grids")
    if (label < 0).any():
        code = territory.atoms.code[int(np.argmax(label < 0))]
        raise InputError(f"{int((label < 0).sum())} atom(s) have no grid", where=f"atoms {code}", hint="draw again")
    return Plan(territory=territory, label=label, grids=grids, band=band, notices=notices)
