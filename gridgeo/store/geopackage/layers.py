"""What a GIS sees of the store: the layers of territory and published plan in the same file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from gridgeo import gpkg
from gridgeo.core.model import Plan, Territory
from gridgeo.core.tables import TERRITORY_LAYERS, notices_of, notices_text, plan_on, plan_tables, territory_of
from gridgeo.core.tables.columns import table_of
from gridgeo.errors import GridgeoError, InputError
from gridgeo.store import rows

_OF_ONE_PLAN = {"rng_seed", "bound", "optimality_gap", "params", "stats", "certificate"}
"""What a file says of the plan drawn into it; untrue as soon as another one is published."""


def read(db: sqlite3.Connection, path: Path) -> tuple[Territory, Plan | None]:
    """Territory of a file, and its plan when its atoms are labelled.

    Raises
    ------
    InputError
        The file was not written by gridgeo, or its layers do not fit together.
    """
    held = {layer.name for layer in gpkg.layers(db)}
    if not {"boundary", "atoms", "adjacency"} <= held:
        raise InputError(
            "the file holds no territory ready to serve", where=str(path), hint="make one with: gridgeo draw"
        )
    tables = {name: gpkg.read_layer(db, name) for name in (*TERRITORY_LAYERS, "grids") if name in held}
    said = gpkg.read_metadata(db)
    crs = gpkg.layer_crs(db, "atoms")
    try:
        territory = territory_of(
            tables,
            name=said.get("name") or str(tables["boundary"].columns["name"][0]),
            crs=crs.text if crs else "",
            notices=notices_of(said.get("notices", "")),
        )
        labelled = "grid" in tables["atoms"].columns and any(tables["atoms"].columns["grid"].tolist())
        if not labelled or "grids" not in tables:
            return territory, None
        plan = plan_on(territory, tables, band=_band(said), notices=notices_of(said.get("plan_notices", "")))
    except GridgeoError as error:
        raise InputError(error.message, where=f"{path}: {error.where}", hint=error.hint) from error
    return territory, plan


def show_plan(db: sqlite3.Connection, plan: Plan, crs: gpkg.Crs | None) -> None:
    """Show the published plan where a GIS and the command line look for it."""
    gpkg.write_layer(db, "grids", plan_tables(plan)["grids"], crs)
    if "grid" not in gpkg.read_layer(db, "atoms").columns:
        db.execute("ALTER TABLE atoms ADD COLUMN grid TEXT")
    low, high = plan.band
    said = {key: text for key, text in gpkg.read_metadata(db).items() if key not in _OF_ONE_PLAN}
    said |= {"band": f"{low} {high}", "plan_notices": notices_text(plan.notices)}
    gpkg.write_layer(db, gpkg.METADATA_TABLE, gpkg.metadata_table(said), None)
    shown = db.execute("SELECT rowid, grid FROM atoms ORDER BY rowid").fetchall()
    wanted = rows.codes(plan).tolist()
    changed = [(new, row) for (row, old), new in zip(shown, wanted, strict=True) if old != new]
    db.executemany("UPDATE atoms SET grid = ? WHERE rowid = ?", changed)


def show_points(db: sqlite3.Connection, name: str, territory: Territory, crs: gpkg.Crs | None) -> None:
    """Show a point layer as it is kept."""
    gpkg.write_layer(db, name, table_of(getattr(territory, name)), crs)


def _band(said: Mapping[str, str]) -> tuple[int, int]:
    """Size band from the metadata of the file."""
    low, _, high = said.get("band", "300 500").partition(" ")
    return int(low), int(high)
