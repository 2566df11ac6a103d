"""What a GIS sees of a store: the layers of territory and published plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gridgeo import gpkg
from gridgeo.core.model import Plan, Streets, Territory
from gridgeo.core.tables import (
    STREET_LAYERS,
    TERRITORY_LAYERS,
    grids_table,
    joined_hash,
    notices_of,
    notices_text,
    plan_on,
    table_hash,
    territory_of,
)
from gridgeo.core.tables.columns import table_of
from gridgeo.errors import InputError
from gridgeo.store import rows
from gridgeo.store.late import late_territory
from gridgeo.store.sql import Session

_OF_ONE_PLAN = {"rng_seed", "bound", "optimality_gap", "params", "stats", "certificate"}
"""What is said of the plan drawn into a file; untrue as soon as another one is published."""


def read(db: Session, streets: Callable[[], Streets] | None = None) -> tuple[Territory, Plan | None]:
    """The territory of a store, and the plan its atoms are labelled with, if they are.

    `streets` reads them when they are first asked for; without it they are read now.

    Raises
    ------
    InputError
        The layers are missing or do not fit together.
    """
    later = STREET_LAYERS if streets else ()
    read = {name: db.read_layer(name) for name in (*TERRITORY_LAYERS, "grids") if name not in later}
    tables = {name: table for name, table in read.items() if table is not None}
    if not {"boundary", "atoms", "adjacency"} <= set(tables):
        raise InputError("there is no territory ready to serve", where="atoms", hint="make one with: gridgeo draw")
    said = metadata(db)
    territory = territory_of(
        tables,
        name=said.get("name") or str(tables["boundary"].columns["name"][0]),
        crs=db.crs(),
        notices=notices_of(said.get("notices", "")),
    )
    territory = late_territory(territory, streets) if streets else territory
    labelled = "grid" in tables["atoms"].columns and any(tables["atoms"].columns["grid"].tolist())
    if not labelled or "grids" not in tables:
        return territory, None
    plan = plan_on(territory, tables, band=_band(said), notices=notices_of(said.get("plan_notices", "")))
    return territory, plan


def metadata(db: Session) -> dict[str, str]:
    """Keys and values a file or store says of itself."""
    table = db.read_layer(gpkg.METADATA_TABLE)
    if table is None or not {"key", "value"} <= set(table.columns):
        return {}
    return dict(zip(table.columns["key"].tolist(), table.columns["value"].tolist(), strict=True))


def show_plan(db: Session, plan: Plan) -> None:
    """Show the published plan where a GIS and the command line look for it."""
    db.write_layer("grids", grids_table(plan))
    db.label_atoms(rows.codes(plan))
    low, high = plan.band
    said = {key: text for key, text in metadata(db).items() if key not in _OF_ONE_PLAN}
    said |= {"band": f"{low} {high}", "plan_notices": notices_text(plan.notices)}
    db.write_layer(gpkg.METADATA_TABLE, gpkg.metadata_table(said))


def show_points(db: Session, name: str, territory: Territory, hashes: dict[str, str]) -> None:
    """Show a point layer as it is kept.

    A file says the hash of its territory, so that whoever reads it knows that nobody edited it: it is said anew.
    `hashes` are those of the layers before, and become those of the layers now.
    """
    said = metadata(db)
    before = joined_hash(hashes)
    table = table_of(getattr(territory, name))
    db.write_layer(name, table)
    hashes.pop(name, None)
    if len(table):
        hashes[name] = table_hash(table)
    if said.get("territory_hash") == before:
        now = said | {"territory_hash": joined_hash(hashes)}
        db.write_layer(gpkg.METADATA_TABLE, gpkg.metadata_table(now))


def _band(said: Mapping[str, str]) -> tuple[int, int]:
    """Size band from the metadata."""
    low, _, high = said.get("band", "300 500").partition(" ")
    return int(low), int(high)
