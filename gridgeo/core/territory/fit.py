"""Fit given polygons to the boundary: bit for bit where they agree, cut where they stick out, filled where they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Notice, Objects, Rows
from gridgeo.core.territory.columns import spots
from gridgeo.core.territory.cut import listed
from gridgeo.core.territory.faces import faces_inside
from gridgeo.core.territory.ground import lines_of
from gridgeo.core.territory.locate import rows_at
from gridgeo.core.territory.merge import absorb, dissolve, faces_to_merge, groups
from gridgeo.core.territory.params import AtomParams
from gridgeo.errors import Fault, SchemaError

OVERLAP_M2 = 0.01
"""Two given polygons that share more area than this overlap; less is noise of drawing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """An exact coverage: `geometry`, the `row` of the given polygon (-1 for land none covered), its `boundary`."""

    geometry: Objects
    row: Rows
    boundary: Any
    notices: tuple[Notice, ...] = ()


def fit_to_boundary(geometry: Objects, code: Objects, boundary: Any, params: AtomParams) -> Fit:
    """Given polygons as an exact coverage of the boundary.

    Polygons that already are one stay bit-exact, and their own outline becomes the boundary, so that the two agree
    edge for edge. Otherwise all borders are noded once: what lies outside the boundary is cut off, slivers go to a
    neighbor, land that is left over becomes extra rows.

    Raises
    ------
    SchemaError
        Polygons overlap; every pair is listed.
    """
    if bool(shapely.coverage_is_valid(geometry)):
        outline = shapely.coverage_union_all(geometry)
        if shapely.symmetric_difference(outline, boundary).area <= params.noise_m2:
            return Fit(geometry=geometry, row=np.arange(len(geometry), dtype=np.int32), boundary=outline)
    else:
        _refuse_overlaps(geometry, code)
    return _noded(geometry, code, boundary, params)


def _refuse_overlaps(geometry: Objects, code: Objects) -> None:
    i, j = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    i, j = i[i < j], j[i < j]
    area = shapely.area(shapely.intersection(geometry[i], geometry[j]))
    bad = np.flatnonzero(area > OVERLAP_M2)
    if len(bad):
        hint = "draw the border once, the same for both"
        raise SchemaError(
            Fault("overlap", "atoms", int(i[k]) + 1, f"{code[i[k]]} and {code[j[k]]} share {area[k]:.2f} m²", hint)
            for k in bad.tolist()
        )


def _noded(geometry: Objects, code: Objects, boundary: Any, params: AtomParams) -> Fit:
    faces = faces_inside(lines_of(geometry)[0], boundary)
    owner = rows_at(spots(faces), geometry)
    none = np.zeros(len(faces), np.int64)
    merging = faces_to_merge(
        faces,
        households=none,
        buildings=none,
        zone=owner.astype(np.int64),
        community=owner,
        block=owner.astype(np.int64),
        split=none.astype(bool),
        land=none == 0,
    )
    absorb(merging, params)
    lead = groups(merging)
    land = len(geometry) + np.cumsum(owner < 0)
    final = np.where(owner[lead] < 0, land[lead], owner[lead])
    shapes, number = dissolve(faces, final)
    row = np.where(number < len(geometry), number, -1).astype(np.int32)
    return Fit(
        geometry=shapes,
        row=row,
        boundary=shapely.coverage_union_all(shapes),
        notices=tuple(_changes(geometry, code, shapes, row, params)),
    )


def _changes(geometry: Objects, code: Objects, shapes: Objects, row: Rows, params: AtomParams) -> list[Notice]:
    """What fitting did: atoms lost, atoms reshaped, land filled in."""
    out = []
    own = row >= 0
    lost = np.setdiff1d(np.arange(len(geometry)), row[own])
    if len(lost):
        out.append(Notice(kind="atoms-outside", where=listed(code[lost]), facts={"atoms": len(lost)}))
    change = shapely.area(shapely.symmetric_difference(shapes[own], geometry[row[own]]))
    moved = change > params.noise_m2
    if moved.any():
        facts: dict[str, str | int | float] = {"atoms": int(moved.sum()), "area_m2": round(float(change.sum()), 2)}
        out.append(Notice(kind="atoms-fitted", where=listed(code[row[own][moved]]), facts=facts))
    if (~own).any():
        area = round(float(shapely.area(shapes[~own]).sum()), 2)
        out.append(Notice(kind="uncovered-land", facts={"atoms": int((~own).sum()), "area_m2": area}))
    return out
