"""Territories, plans and features into files: each written at once or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridgeo import __version__
from gridgeo.core.bounds import Bounds, bounds_of
from gridgeo.core.coverage import check_coverage
from gridgeo.core.model import Objects, Plan, Table, Territory, geometries
from gridgeo.core.tables import (
    assignment_table,
    finding_table,
    notices_text,
    plan_tables,
    route_table,
    shortage_table,
    tables_hash,
    territory_tables,
)
from gridgeo.gpkg import placed, write_file
from gridgeo.io.crs import crs_of, to_lonlat
from gridgeo.io.read import Project

if TYPE_CHECKING:
    from gridgeo.core.partition import PlanResult

FORMAT = "1"
INNER = ("street_nodes", "street_edges")
"""Layers of the walking graph: read whole, never searched by place."""
DECIMALS = 7
"""Decimals of longitude and latitude on the wire: 1 cm (RFC 7946, section 11.2)."""


def write_territory(territory: Territory, path: str | Path) -> None:
    """Write a territory as one GeoPackage; the same territory gives the same bytes.

    Raises
    ------
    InputError
        The place cannot be written.
    """
    tables = territory_tables(territory)
    write_file(path, tables, crs_of(territory.crs), metadata=_about(territory, tables), unindexed=INNER)


def write_plan(
    result: Plan | PlanResult,
    path: str | Path,
    *,
    routes: Sequence[Any] = (),
    assignment: Any = None,
    certificate: Any = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a plan, with everything its territory holds, as one GeoPackage.

    Parameters
    ----------
    result
        A plan, or the result of drawing it. A plan as drawn brings its parameters, rng_seed and bound along.
    path
        The file.
    routes
        Patrol routes, written as the layer `routes`.
    assignment
        AssignmentResult, written as the table `assignments`.
    certificate
        Proof of coverage, kept in the metadata; None proves a plan as drawn.
    metadata
        More keys and values to keep.

    Raises
    ------
    InputError
        The place cannot be written.
    """
    plan: Plan = result if isinstance(result, Plan) else result.plan
    tables = _plan_tables(plan)
    if certificate is None and plan.drawn is not None:
        certificate = check_coverage(plan).certificate
    about = _about(plan.territory, tables) | _about_plan(plan, certificate) | dict(metadata or {})
    tables |= _extra(routes, assignment, plan.territory)
    write_file(path, tables, crs_of(plan.territory.crs), metadata=about, unindexed=INNER)


def write_either(
    project: Project,
    path: str | Path,
    *,
    routes: Sequence[Any] | None = None,
    assignment: Any = None,
    bounds: Sequence[Bounds] | None = None,
) -> None:
    """Write what was read by `read_either`, with new routes and a new assignment in place of old ones.

    None keeps what the file held; no routes at all take the old ones away. `bounds` of the grids are found anew
    unless given.

    Raises
    ------
    InputError
        The place cannot be written.
    """
    territory, plan = project.territory, project.plan
    tables = territory_tables(territory) if plan is None else _plan_tables(plan, bounds)
    about = dict(project.metadata) | _about(territory, tables)
    if plan is not None:
        about |= _about_plan(plan)
    kept = {name: table for name, table in project.others.items() if name != "routes" or routes is None}
    tables |= kept | _extra(routes or (), assignment, territory)
    write_file(path, tables, crs_of(territory.crs), metadata=about, unindexed=INNER)


def _plan_tables(plan: Plan, bounds: Sequence[Bounds] | None = None) -> dict[str, Table]:
    """All of a plan as tables, the bounds of its grids in words."""
    bounds = bounds_of(plan) if bounds is None else bounds
    return plan_tables(plan, [one.text() for one in bounds], [one.verified for one in bounds])


def _extra(routes: Sequence[Any], assignment: Any, territory: Territory) -> dict[str, Table]:
    """Tables of routes, each walked again before it is written, and of an assignment."""
    out = {}
    if routes:
        check_walks(routes, territory)
        out["routes"] = route_table(routes)
    if assignment is not None:
        out["assignments"] = assignment_table(assignment.assignments)
        out["shortages"] = shortage_table(assignment.shortages)
    return out


def check_walks(routes: Sequence[Any], territory: Territory) -> None:
    """Walk routes again, before anybody is sent on them.

    Raises
    ------
    InputError
        A route leaves the streets, or its length is not the sum of its parts.
    """
    from gridgeo.core.patrol import validate_route

    for route in routes:
        validate_route(territory.streets, route)


def _about(territory: Territory, tables: Mapping[str, Table]) -> dict[str, str]:
    return {
        "format": FORMAT,
        "version": __version__,
        "name": territory.name,
        "crs": crs_of(territory.crs).text,
        "territory_hash": tables_hash(tables),
        "notices": notices_text(territory.notices),
    }


def _about_plan(plan: Plan, certificate: Any = None) -> dict[str, str]:
    """Band and notices of a plan, how it was drawn, and its proof."""
    about = {"band": f"{plan.band[0]} {plan.band[1]}", "plan_notices": notices_text(plan.notices)}
    if plan.drawn is not None:
        about |= {name: _json(value) for name, value in vars(plan.drawn).items()}
    if certificate is not None:
        about["certificate"] = _json(certificate.to_dict() if hasattr(certificate, "to_dict") else certificate)
    return about


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def _plain(value: Any) -> Any:
    """Numbers, texts, lists and mappings of any of them as JSON has them; NaN and infinity become null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence | set | frozenset | np.ndarray):
        return [_plain(inner) for inner in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return str(value)


def feature_texts(table: Table, crs: str) -> list[str]:
    """Rows of a table as GeoJSON features in longitude and latitude; `id` is the code, where there is one."""
    shapes = _rounded(to_lonlat(geometries([] if table.geometry is None else table.geometry), crs))
    texts = shapely.to_geojson(shapes).tolist() if len(shapes) else []
    names = list(table.columns)
    cells = [table.columns[name].tolist() for name in names]
    features = []
    for row, text in enumerate(texts):
        properties = {name: _plain(column[row]) for name, column in zip(names, cells, strict=True)}
        code = properties.get("code") or properties.get("id")
        id_ = "" if code is None else f'"id":{_dumped(code)},'
        feature = f'{{"type":"Feature",{id_}"geometry":{text or "null"},"properties":{_dumped(properties)}}}'
        features.append(feature)
    return features


def _rounded(shapes: Objects) -> Objects:
    """Counter-clockwise shells (RFC 7946, section 3.1.6), coordinates to 1 cm."""
    if not len(shapes):
        return shapes
    turned = shapely.orient_polygons(shapes)
    return geometries(shapely.transform(turned, lambda xy: np.round(xy, DECIMALS)))


def write_geojson(path: str | Path, table: Table, crs: str) -> None:
    """Write a table as a GeoJSON FeatureCollection (RFC 7946, CRS84).

    Raises
    ------
    InputError
        The place cannot be written.
    """
    content = '{"type":"FeatureCollection","features":[' + ",\n".join(feature_texts(table, crs)) + "]}\n"
    write_bytes(content.encode(), path)


def write_faults(report: Any, path: str | Path, *, crs: str) -> None:
    """Write the findings of a check as GeoJSON."""
    write_geojson(path, finding_table(report.findings), crs)


def write_routes(routes: Sequence[Any], path: str | Path, *, crs: str) -> None:
    """Write patrol routes as GeoJSON."""
    write_geojson(path, route_table(routes), crs)


def write_json(document: Any, path: str | Path) -> None:
    """Write one JSON document, UTF-8, keys in their order.

    Raises
    ------
    InputError
        The place cannot be written.
    """
    write_bytes(_dumped(_plain(document)).encode() + b"\n", path)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_bytes(content: bytes, path: str | Path) -> None:
    """Put a whole file in its place in one step: a reader sees the old content or the new.

    Raises
    ------
    InputError
        The place cannot be written.
    """
    with placed(path) as part:
        part.write_bytes(content)


def to_frame(plan: Plan) -> Any:
    """The grids of a plan as a geopandas.GeoDataFrame, indexed by code.

    >>> from tests.instances import lattice, plan_of
    >>> to_frame(plan_of(lattice(1, 2), [0, 1])).households.tolist()
    [50, 50]
    """
    import geopandas

    grids = plan_tables(plan)["grids"]
    frame = geopandas.GeoDataFrame(dict(grids.columns), geometry=list(grids.geometry), crs=plan.territory.crs)  # type: ignore[arg-type]
    return frame.set_index("code")
