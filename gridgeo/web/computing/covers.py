"""Polygons sent in a request: made ready for the proof and the repair, and what comes of them as plain values.

They are in longitude and latitude, rounded as this service rounds them, so its own answers are proven exactly.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import shapely

from gridgeo.core.model import Objects, Territory, geometries, texts
from gridgeo.errors import Fault, SchemaError
from gridgeo.io.read import Cover
from gridgeo.io.values import MOST
from gridgeo.web.globe import Globe
from gridgeo.web.inputs import GridCollection

if TYPE_CHECKING:
    from gridgeo.core.coverage import Finding, Repair

CRS = "OGC:CRS84"


def cover_of(grids: GridCollection, boundary: dict[str, Any] | None, territory: Territory) -> Cover:
    """Polygons of a request as a cover of their boundary, or of the territory's.

    Raises
    ------
    SchemaError
        Some are no polygons, or their households no counts; all are listed.
    """
    faults: list[Fault] = []
    shapes = [_polygon(feature.geometry, row, faults) for row, feature in enumerate(grids.features, 1)]
    edge = None if boundary is None else _polygon(boundary, None, faults)
    said = [feature.properties or {} for feature in grids.features]
    counts = [_count(row, number, faults) for number, row in enumerate(said, 1)]
    if faults:
        raise SchemaError(faults, where="inputs")
    if edge is None:
        edge = Globe(territory.crs).shapes(geometries([territory.boundary]))[0]
    ids = [row.get("code", feature.id) for row, feature in zip(said, grids.features, strict=True)]
    named = all(ids) and len(set(map(str, ids))) == len(ids)
    known = any(count is not None for count in counts)
    return Cover(
        columns={},
        code=texts(ids if named else range(1, len(ids) + 1)),
        geometry=geometries(shapes),
        households=np.array([np.nan if c is None else c for c in counts], np.float64) if known else None,
        urban=np.array([row.get("kind", "urban") not in ("rural", "exclusive") for row in said], bool),
        boundary=edge,
        crs=CRS,
        where="inputs",
    )


def _polygon(value: dict[str, Any], row: int | None, faults: list[Fault]) -> Any:
    """A GeoJSON polygon, or a fault noted."""
    hint = "give a GeoJSON Polygon or MultiPolygon in longitude and latitude"
    try:
        shape = shapely.from_geojson(json.dumps(value))
    except (shapely.errors.GEOSException, ValueError) as error:
        faults.append(Fault("not-polygons", "grids", row, f"the geometry cannot be read: {error}", hint))
        return None
    west, south, east, north = shape.bounds if shape is not None else (0.0, 0.0, 0.0, 0.0)
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        faults.append(Fault("not-polygons", "grids", row, "the geometry is no polygon", hint))
    elif not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        faults.append(Fault("not-polygons", "grids", row, "the geometry leaves the globe", hint))
    return shape


def _count(said: dict[str, Any], row: int, faults: list[Fault]) -> int | None:
    """Households of a polygon, as many as a file may tell, or a fault noted."""
    value = said.get("households")
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return value
    told = f"households is {str(value)[:40]!r}"
    hint = f"give a whole number from 0 to {MOST:,}, or leave it out"
    faults.append(Fault("not-a-count", "grids", row, told, hint))
    return None


def finding_documents(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Findings in longitude and latitude as plain values."""
    return [
        {
            "id": finding.id,
            "kind": finding.kind,
            "grids": list(finding.grids),
            "area_m2": finding.area_m2,
            "width_m": finding.width_m,
            "households": finding.households,
            "point": list(map(float, finding.point)),
        }
        for finding in findings
    ]


def repair_document(repair: Repair, cover: Cover) -> dict[str, Any]:
    """Proposals, what is left, the proof, and the mended polygons as GeoJSON."""
    left = finding_documents(tuple(each.finding for each in repair.left))
    return {
        "proposals": [
            {
                "finding": proposal.finding.id,
                "kind": proposal.finding.kind,
                "area_m2": proposal.finding.area_m2,
                "to": list(proposal.to),
                "taken_from": list(proposal.taken_from),
                "needs": proposal.needs,
                "applied": not proposal.needs,
            }
            for proposal in repair.proposals
        ],
        "left": [told | {"left": each.reason} for told, each in zip(left, repair.left, strict=True)],
        "complete": repair.report.complete,
        "exact": repair.report.exact,
        "counts": dict(repair.report.counts),
        "certificate": repair.report.certificate.to_dict(grids=False),
        "grids": {"type": "FeatureCollection", "features": _features(cover.code[repair.rows], repair.polygons)},
    }


def _features(codes: Objects, shapes: Objects) -> list[dict[str, Any]]:
    return [
        {"type": "Feature", "id": code, "geometry": msgspec.json.decode(text), "properties": {"code": code}}
        for code, text in zip(codes.tolist(), shapely.to_geojson(shapes).tolist(), strict=True)
    ]
