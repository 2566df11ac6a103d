"""OGC API Features part 4: what stands at points is created, replaced, updated and deleted; grids are renamed.

A feature is changed from the state the writer read, named by its strong ETag. The ground of grids is not changed
here: a border belongs to two grids, so it moves by edits of the plan, all of them or none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
import numpy as np
import shapely
from flask import request
from msgspec import UNSET, Meta

from gridgeo.core.edit import Rename
from gridgeo.core.model import Columns, Floats, Table, texts
from gridgeo.core.tables.columns import rows_of, table_of
from gridgeo.errors import ConflictError, NotFoundError
from gridgeo.web import crs
from gridgeo.web.auth import caller
from gridgeo.web.encode import etag_of, with_links
from gridgeo.web.faults import RequestFault
from gridgeo.web.features import Feature, both, find_layer, link
from gridgeo.web.globe import CRS84
from gridgeo.web.matching import require_feature
from gridgeo.web.problems import RefusedError
from gridgeo.web.routes import GEOJSON, Reply, Routes
from gridgeo.web.shapes import EDITABLE, bodies
from gridgeo.web.site import Site, State

routes = Routes("Transactions")
TRIES = 5
FAR_M = 50_000.0
"""No point farther from the territory than this: longitude and latitude were swapped, or a digit is wrong."""
_PROBLEMS = (400, 404, 409, 412, 413, 415, 428)


@dataclass(frozen=True)
class _Row:
    """One feature as it is kept: its place in metres, and its properties."""

    xy: Floats
    said: msgspec.Struct


@dataclass(frozen=True)
class _Editable:
    """One collection that can be changed."""

    name: str
    properties: type[msgspec.Struct]


def _create(site: Site, layer: _Editable, body: Any) -> Reply:
    row = _row(site, body, layer.properties)
    code = _code(body, row.said)

    def add(state: State, rows: Columns) -> Columns:
        if code in rows.code.tolist():
            hint = "choose another code, or replace that one"
            raise ConflictError(f"{layer.name} has a {code}", where=code, hint=hint)
        return _with(rows, len(rows), code, row)

    _change(site, layer.name, add, made=_address(layer.name, code))
    return _told(site, layer.name, code, status=201)


def _replace(site: Site, layer: _Editable, body: Any, code: str) -> Reply:
    row = _row(site, body, layer.properties)
    _keeps_code(code, _code(body, row.said, code))
    _change(site, layer.name, lambda state, rows: _with(rows, _found(state, layer.name, code), code, row))
    return _told(site, layer.name, code)


def _update(site: Site, layer: _Editable, body: Any, code: str) -> Reply:
    given = {} if body.properties is UNSET else body.properties
    said = {name: value for name, value in given.items() if value is not None}
    _keeps_code(code, said.get("code", code))

    def merge(state: State, rows: Columns) -> Columns:
        at = _found(state, layer.name, code)
        old = {name: value for name, value in _said(rows, at).items() if name not in given}
        xy = rows.xy[at] if body.geometry is UNSET else _metres(site, body.geometry)  # type: ignore[attr-defined]
        return _with(rows, at, code, _Row(xy, _typed(layer.properties, old | said)))

    _change(site, layer.name, merge)
    return _told(site, layer.name, code)


def _delete(site: Site, layer: _Editable, code: str) -> Reply:
    def drop(state: State, rows: Columns) -> Columns:
        keep = np.ones(len(rows), bool)
        keep[_found(state, layer.name, code)] = False
        return rows.take(keep)

    _change(site, layer.name, drop)
    return Reply(document=b"", status=204)


def _keeps_code(code: str, named: Any) -> None:
    if named != code:
        raise RefusedError(f"{code} keeps its code", where=code, hint="delete it and create another")


def _register(layer: _Editable) -> None:
    """Let one collection be changed."""
    whole, part = bodies(layer.name, layer.properties)
    items = f"/collections/{layer.name}/items"
    one: dict[str, Any] = {"path": items + "/{code}", "headers": ("If-Match",)}
    actions: tuple[tuple[str, Callable[..., Reply], str, dict[str, Any]], ...] = (
        ("POST", _create, "Create a feature", {"path": items, "body": whole, "success": (201,)}),
        ("PUT", _replace, "Replace a feature", one | {"body": whole}),
        ("PATCH", _update, "Update a feature", one | {"body": part}),
        ("DELETE", _delete, "Delete a feature", one | {"success": (204,)}),
    )
    for method, act, summary, more in actions:
        routes.add(
            method, summary=summary, returns=Feature, media=GEOJSON, problems=_PROBLEMS, **more
        )(_view(layer, act, summary))  # fmt: skip


def _view(layer: _Editable, act: Callable[..., Reply], summary: str) -> Callable[..., Reply]:
    def view(site: Site, **given: Any) -> Reply:
        return act(site, layer, **given)

    view.__name__ = f"{act.__name__.strip('_')}_{layer.name}"
    view.__doc__ = f"{summary}. {find_layer(layer.name).text}"
    return view


def _change(site: Site, name: str, change: Callable[[State, Columns], Columns], *, made: str = "") -> None:
    """Change a collection as it is kept now, tried again when somebody else was faster with another feature.

    `made` is the address of the feature that is new.

    Raises
    ------
    ConflictError
        Others were faster too often.
    """
    for attempt in range(TRIES):
        digest = site.store.layer_digest(name)
        state = site.state()
        rows: Columns = getattr(state.territory, name)
        try:
            table = table_of(change(state, rows))
            with site.changing() as kept:
                kept.store.save_layer(name, table, after=digest)
                kept.made = made
            return
        except ConflictError as error:
            if attempt == TRIES - 1 or "changed since it was read" not in error.message:
                raise


def _found(state: State, name: str, code: str) -> int:
    """Row of a feature that the writer has read as it is.

    Raises
    ------
    NotFoundError
        There is no such feature.
    BlindError, ConflictError
        If-Match is missing, or names another state.
    """
    layer = find_layer(name)
    features = state.features(name, layer.build)
    row = features.row(code)
    if row < 0:
        raise NotFoundError(f"there is no {code} in {name}", where=code)
    require_feature(features.written([row])[0], code)
    return row


def _with(rows: Columns, at: int, code: str, row: _Row) -> Columns:
    """Rows with one of them set, or added at the end."""
    table = table_of(rows)
    said = {**msgspec.structs.asdict(row.said), "code": code}
    columns = {}
    for name, values in table.columns.items():
        if at == len(rows):
            new = texts([*values.tolist(), ""]) if values.dtype == object else np.append(values, values.dtype.type(0))
        else:
            new = values.copy()
        if name in said:  # what cannot be said here, as the round of a place, stays
            new[at] = said[name]
        columns[name] = new
    xy = np.append(rows.xy, [[0.0, 0.0]], 0) if at == len(rows) else rows.xy.copy()  # type: ignore[attr-defined]
    xy[at] = row.xy
    return rows_of(type(rows), Table(columns=columns, geometry=shapely.points(xy)))


def _row(site: Site, body: Any, properties: type[msgspec.Struct]) -> _Row:
    return _Row(_metres(site, body.geometry), _filled(body.properties or properties()))


def _code(body: Any, said: Any, known: str = "") -> str:
    """The code of a feature: its property, else its id, else the one of the address."""
    code = said.code or (str(body.id) if body.id is not None else known)
    if not code or len(code) > 200:
        raise RequestFault("the feature has no code", pointer="#/properties/code", hint="give code or id")
    if "/" in code or not code.isprintable() or code in (".", ".."):
        raise RequestFault("the code cannot stand in an address", pointer="#/properties/code", hint="use letters")
    return str(code)


def _said(rows: Columns, at: int) -> dict[str, Any]:
    """Properties of a row as plain values."""
    columns = {f.name: getattr(rows, f.name) for f in fields(rows) if f.name != "xy"}
    plain = {name: column[at] for name, column in columns.items() if column is not None}
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in plain.items()}


def _typed(properties: type[msgspec.Struct], said: dict[str, Any]) -> msgspec.Struct:
    try:
        return _filled(msgspec.convert(said, properties))
    except msgspec.ValidationError as error:
        raise RequestFault(str(error), pointer="#/properties") from None


def _filled(said: msgspec.Struct) -> msgspec.Struct:
    """Properties with the default where they are null."""
    kind = type(said)
    nulls = {f.name: f.default for f in msgspec.structs.fields(kind) if getattr(said, f.name) is None}
    return msgspec.structs.replace(said, **nulls)


def _metres(site: Site, point: Any) -> Floats:
    """A point of a request in metres.

    Raises
    ------
    RequestFault
        It is not on the globe, or far from the territory.
    """
    state = site.state()
    land = state.territory
    xy = np.array(point.coordinates[:2], np.float64)
    given = request.headers.get("Content-Crs", "").strip("<> ") or CRS84
    frame = crs.chosen(land.crs, given, "Content-Crs")
    if frame is not None:
        xy = shapely.get_coordinates(frame.shape_to_degrees(shapely.Point(xy)))[0]
    at = "#/geometry/coordinates"
    if not (abs(xy[0]) <= 180 and abs(xy[1]) <= 90):
        raise RequestFault("the point is not on the globe", pointer=at, hint="longitude, latitude in degrees")
    metres: Floats = np.round(state.globe.xy(xy[None])[0], 3)
    away = shapely.distance(shapely.Point(metres), land.boundary) if np.isfinite(metres).all() else np.inf
    if not away <= FAR_M:
        raise RequestFault("the point is far from the territory", pointer=at, hint="longitude first, then latitude")
    return metres


def _address(name: str, code: str) -> str:
    return f"/collections/{name}/items/{quote(code, safe='')}"


def _told(site: Site, name: str, code: str, *, status: int = 200) -> Reply:
    """A feature as it is kept now."""
    layer = find_layer(name)
    state = site.state()
    features = state.features(name, layer.build)
    written = features.written([features.row(code)])[0]
    path = _address(name, code)
    here = link("self", path)["href"]
    links = [*both(path, GEOJSON), link("collection", f"/collections/{name}")]
    headers = {"ETag": etag_of(written), "Content-Crs": f"<{CRS84}>"} | ({"Location": here} if status == 201 else {})
    return Reply(document=with_links(written, links), status=status, media=GEOJSON, headers=headers)


for _name, _properties in EDITABLE.items():
    _register(_Editable(_name, _properties))


class NewName(msgspec.Struct, frozen=True):
    """What of a grid can be changed here: its name."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class RenamedGrid(msgspec.Struct, frozen=True):
    """A grid as it was read, with another name (GeoJSON); its geometry is left out or as it was."""

    properties: NewName
    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any] | None = None


_GRID: dict[str, Any] = {
    "body": RenamedGrid, "returns": Feature, "media": GEOJSON, "problems": _PROBLEMS, "headers": ("If-Match",),
}  # fmt: skip


@routes.add("PUT", "/collections/grids/items/{code}", summary="Rename a grid", **_GRID)
def replace_grids(site: Site, body: RenamedGrid, code: str) -> Reply:
    """Give a grid of the published plan another name, as a new version; another geometry is refused."""
    return _rename(site, body, code)


@routes.add("PATCH", "/collections/grids/items/{code}", summary="Rename a grid", **_GRID)
def update_grids(site: Site, body: RenamedGrid, code: str) -> Reply:
    """Give a grid of the published plan another name, as a new version; another geometry is refused."""
    return _rename(site, body, code)


def _rename(site: Site, body: RenamedGrid, code: str) -> Reply:
    state = site.state()
    features = state.features("grids", find_layer("grids").build)
    row = features.row(code)
    if row < 0:
        raise NotFoundError(f"there is no {code} in grids", where=code)
    written = features.written([row])[0]
    require_feature(written, code)
    if body.geometry is not None and body.geometry != msgspec.json.decode(written)["geometry"]:
        raise RefusedError(
            "the ground of one grid cannot be replaced: each border belongs to two grids", where=code,
            hint="move atoms between grids: POST /plans/{id}/edits",
        )  # fmt: skip
    record = state.record
    assert record is not None
    latest = site.find(record.id)
    if latest.version != record.version:
        raise RefusedError(
            f"plan {record.id} has changes that are not published, at version {latest.version}", where=code,
            hint=f"rename it there: POST /plans/{record.id}/edits",
        )  # fmt: skip
    rename = Rename(code, body.properties.name)
    site.editor.edit(record, [rename], by=caller().name, note=f"{code} renamed", publish=True)
    return _told(site, "grids", code)
