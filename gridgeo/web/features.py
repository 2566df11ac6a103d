"""OGC API Features: the landing page, what we conform to, collections, and their items page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
import numpy as np
from flask import request
from msgspec import Meta

from gridgeo.errors import NotFoundError
from gridgeo.web.encode import Features, with_links
from gridgeo.web.globe import CRS84
from gridgeo.web.layers import LAYERS, Layer
from gridgeo.web.openapi import VND
from gridgeo.web.problems import RequestFault
from gridgeo.web.routes import GEOJSON, HTML, JSON, Query, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Features")

CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/json",
]
Link = dict[str, str]
_EACH = {"collection": tuple(LAYERS)}


class ItemsQuery(Query, frozen=True, forbid_unknown_fields=True):
    """Which items of a collection, and how many."""

    bbox: (
        Annotated[list[float], Meta(min_length=4, max_length=6, description="West, south, east, north in degrees.")]
        | None
    ) = None
    datetime: Annotated[str, Meta(description="Time or interval; our features have no time and match any.")] | None = (
        None
    )
    limit: Annotated[int, Meta(ge=1, le=10_000, description="Most items of one page.")] = 10
    offset: Annotated[int, Meta(ge=0, le=1_000_000_000, description="Items to leave out first.")] = 0
    crs: Annotated[str, Meta(description="CRS of the answer: CRS84 only.")] = CRS84
    bbox_crs: Annotated[str, Meta(description="CRS of bbox: CRS84 only.")] = msgspec.field(
        name="bbox-crs", default=CRS84
    )


class ItemQuery(Query, frozen=True, forbid_unknown_fields=True):
    """How to write one item."""

    crs: Annotated[str, Meta(description="CRS of the answer: CRS84 only.")] = CRS84


class FeatureCollection(msgspec.Struct, frozen=True):
    """GeoJSON FeatureCollection (RFC 7946) with paging."""

    type: Annotated[str, Meta(description="FeatureCollection")]
    features: list[dict[str, Any]]
    links: list[dict[str, str]]
    numberMatched: int
    numberReturned: int


class Feature(msgspec.Struct, frozen=True):
    """GeoJSON Feature (RFC 7946)."""

    type: Annotated[str, Meta(description="Feature")]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any] | None
    links: list[dict[str, str]]


def link(rel: str, path: str, media: str = JSON, title: str = "") -> Link:
    """A link with an address that works from anywhere."""
    out = {"rel": rel, "type": media, "href": request.url_root.rstrip("/") + path}
    return {**out, "title": title} if title else out


def both(path: str, media: str = JSON) -> list[Link]:
    """Links to this document and to its page for readers."""
    mark = "&" if "?" in path else "?"
    return [link("self", path, media), link("alternate", f"{path}{mark}f=html", HTML)]


@routes.get("/", summary="Landing page")
def landing(site: Site, query: Query) -> Reply:
    """What is here, with links to everything."""
    name = site.name
    document = {
        "title": name,
        "description": f"Grids, routes and emergency units of {name}.",
        "links": [
            *both("/"),
            link("service-desc", "/api", VND, "OpenAPI 3.0 description"),
            link("conformance", "/conformance", JSON, "Conformance classes"),
            link("data", "/collections", JSON, "Collections"),
            link("http://www.opengis.net/def/rel/ogc/1.0/processes", "/processes", JSON, "Processes"),
            link("related", "/plans", JSON, "Plans"),
            link("related", "/coverage", JSON, "Is the plan complete?"),
            link("related", "/map", HTML, "Map page"),
        ],
    }
    return Reply(document=document, title=name)


@routes.get("/conformance", summary="Conformance classes")
def conformance(site: Site, query: Query) -> Reply:
    """Standards this API conforms to."""
    return Reply(document={"conformsTo": CONFORMS, "links": both("/conformance")}, title="Conformance")


@routes.get("/collections", summary="All collections")
def collections(site: Site, query: Query) -> Reply:
    """Every collection that holds something, with its extent and links; an empty one still answers at its address.

    Faults are listed once the proof has been asked for, here or at /coverage.
    """
    state = site.state()
    listed = [_describe(site, layer) for layer in LAYERS.values() if layer.filled(state)]
    document = {"links": both("/collections"), "crs": [CRS84], "collections": listed}
    return Reply(document=document, title="Collections")


@routes.get("/collections/{collection}", summary="One collection", choices=_EACH)
def collection(site: Site, query: Query, collection: str) -> Reply:
    """One collection with its extent and links."""
    layer = find_layer(collection)
    return Reply(document=_describe(site, layer), title=layer.title)


@routes.get(
    "/collections/{collection}/items",
    summary="Items of a collection",
    query=ItemsQuery,
    returns=FeatureCollection,
    media=GEOJSON,
    choices=_EACH,
)
def items(site: Site, query: ItemsQuery, collection: str) -> Reply:
    """One page of items; follow the link `next` for the rest."""
    layer = find_layer(collection)
    _check_crs(query)
    _check_time(query.datetime)
    features = site.state().features(layer.id, layer.build)
    found = _chosen(features, query.bbox)
    limit = min(query.limit, site.settings.max_items)
    rows = found[query.offset : query.offset + limit]
    foot = {
        "links": _pages(layer, query, limit, len(found)),
        "numberMatched": len(found),
        "numberReturned": len(rows),
    }
    return Reply(document=features.page(rows, foot), media=GEOJSON, headers=_CONTENT_CRS, title=layer.title)


@routes.get(
    "/collections/{collection}/items/{code}",
    summary="One item",
    query=ItemQuery,
    returns=Feature,
    media=GEOJSON,
    choices=_EACH,
)
def item(site: Site, query: ItemQuery, collection: str, code: str) -> Reply:
    """One feature by its code."""
    layer = find_layer(collection)
    _check_crs(query)
    feature = site.state().features(layer.id, layer.build).one(code)
    if feature is None:
        raise NotFoundError(f"there is no {code} in {layer.id}", where=code)
    here = request.path
    links = [*both(here, GEOJSON), link("collection", f"/collections/{layer.id}")]
    return Reply(document=with_links(feature, links), media=GEOJSON, headers=_CONTENT_CRS, title=code)


_CONTENT_CRS = {"Content-Crs": f"<{CRS84}>"}


def find_layer(id: str) -> Layer:
    """The collection of this id.

    Raises
    ------
    NotFoundError
        There is none.
    """
    try:
        return LAYERS[id]
    except KeyError:
        raise NotFoundError(f"there is no collection {id}", where=id, hint="see /collections") from None


def _describe(site: Site, layer: Layer) -> dict[str, Any]:
    state = site.state()
    path = f"/collections/{layer.id}"
    box = list(state.globe.box(state.territory.boundary.bounds))
    return {
        "id": layer.id,
        "title": layer.title,
        "description": layer.text,
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [box], "crs": CRS84}},
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [*both(path), link("items", path + "/items", GEOJSON), link("items", path + "/items?f=html", HTML)],
    }


def _chosen(features: Features, bbox: list[float] | None) -> Any:
    if bbox is None:
        return range(len(features))
    if len(bbox) == 5:
        raise RequestFault("bbox has 5 numbers", parameter="bbox", hint="give 4, or 6 with heights")
    west, south, east, north = bbox if len(bbox) == 4 else (bbox[0], bbox[1], bbox[3], bbox[4])
    if south > north:
        raise RequestFault("bbox has south above north", parameter="bbox", hint="west, south, east, north")
    if max(abs(south), abs(north)) > 90 or max(abs(west), abs(east)) > 180:
        raise RequestFault("bbox leaves the globe", parameter="bbox", hint="degrees: west, south, east, north")
    return np.sort(features.within(west, south, east, north))


def _pages(layer: Layer, query: ItemsQuery, limit: int, matched: int) -> list[Link]:
    path = f"/collections/{layer.id}/items"

    def at(offset: int) -> str:
        box = f"&bbox={','.join(map(repr, query.bbox))}" if query.bbox else ""
        return f"{path}?limit={limit}&offset={offset}{box}"

    links = [*both(at(query.offset), GEOJSON), link("collection", f"/collections/{layer.id}")]
    if query.offset + limit < matched:
        links.append(link("next", at(query.offset + limit), GEOJSON))
    if query.offset > 0:
        links.append(link("prev", at(max(0, query.offset - limit)), GEOJSON))
    return links


def _check_crs(query: ItemsQuery | ItemQuery) -> None:
    for name, value in (("crs", query.crs), ("bbox-crs", getattr(query, "bbox_crs", CRS84))):
        if value != CRS84:
            raise RequestFault(f"{name} is not offered", parameter=name, hint=CRS84)


def _check_time(text: str | None) -> None:
    """RFC 3339 instants and intervals; features without time match every one."""
    if text is None:
        return
    parts = text.split("/")
    open_end = ("", "..")
    if len(parts) > 2 or (len(parts) == 1 and text in open_end):
        raise RequestFault("datetime is no instant and no interval", parameter="datetime")
    for part in parts:
        try:
            if part not in open_end or len(parts) == 1:
                datetime.fromisoformat(part)
        except ValueError:
            raise RequestFault(f"{part!r} is not a time", parameter="datetime", hint="2026-11-21T09:00:00Z") from None
