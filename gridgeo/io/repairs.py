"""Repairs into files: the polygons, and each proposal as a face with what it changes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from gridgeo.core.coverage import Comparison, Left, Proposal, Repair
from gridgeo.core.model import Table, geometries, texts
from gridgeo.core.tables import finding_table
from gridgeo.gpkg import write_file
from gridgeo.io.crs import crs_of
from gridgeo.io.read import Cover
from gridgeo.io.write import write_geojson


def write_repair(repair: Repair, cover: Cover, path: str | Path, *, carried_out: bool) -> None:
    """Write polygons, boundary, proposals and what is left as one GeoPackage; mended only when `carried_out`.

    Raises
    ------
    InputError
        The place cannot be written.
    """
    rows = repair.rows if carried_out else np.arange(len(cover.code))
    columns = {name: values[rows] for name, values in cover.columns.items()} | {"code": cover.code[rows]}
    tables = {"grids": Table(columns=columns, geometry=repair.polygons if carried_out else cover.geometry)}
    boundary = repair.boundary if carried_out else cover.boundary
    if boundary is not None:
        tables["boundary"] = Table(columns={"code": texts(["boundary"])}, geometry=geometries([boundary]))
    if repair.proposals:
        tables["proposals"] = _proposal_table(repair.proposals)
    if repair.left:
        tables["left"] = _left_table(repair.left)
    write_file(path, tables, crs_of(cover.crs))


def _proposal_table(proposals: tuple[Proposal, ...]) -> Table:
    return Table(
        columns={
            "code": texts([p.finding.id for p in proposals]),
            "kind": texts([p.finding.kind for p in proposals]),
            "area_m2": np.array([p.finding.area_m2 for p in proposals], np.float64),
            "given_to": texts([" ".join(p.to) for p in proposals]),
            "taken_from": texts([" ".join(p.taken_from) for p in proposals]),
            "needs": texts([p.needs for p in proposals]),
            "before": texts([json.dumps(p.before, ensure_ascii=False) for p in proposals]),
            "after": texts([json.dumps(p.after, ensure_ascii=False) for p in proposals]),
        },
        geometry=geometries([p.finding.geometry for p in proposals]),
    )


def _left_table(left: tuple[Left, ...]) -> Table:
    found = finding_table([each.finding for each in left])
    columns = {name: values for name, values in found.columns.items() if name != "id"}
    return Table(
        columns={"code": found.columns["id"]} | columns | {"left": texts([each.reason for each in left])},
        geometry=found.geometry,
    )


def write_moved(comparison: Comparison, path: str | Path, *, crs: str) -> None:
    """Write the ground that changed hands as GeoJSON, one face a pair of grids."""
    moved = comparison.moved
    columns = {
        "code": texts([f"{face.source}>{face.target}" for face in moved]),
        "source": texts([face.source for face in moved]),
        "target": texts([face.target for face in moved]),
        "area_m2": np.array([face.area_m2 for face in moved], np.float64),
        "households": np.array([np.nan if f.households is None else f.households for f in moved], np.float64),
    }
    write_geojson(path, Table(columns=columns, geometry=geometries([face.geometry for face in moved])), crs)
