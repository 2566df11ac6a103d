"""OGC API Features: the landing page, what we conform to, collections, and their items page by page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import msgspec
from flask import request
from msgspec import Meta
from werkzeug.sansio.utils import get_current_url

from gridgeo.errors import NotFoundError
from gridgeo.web import crs, select
from gridgeo.web.encode import Features, etag_of, page, with_links
from gridgeo.web.globe import CRS84
from gridgeo.web.layers import LAYERS, Layer
from gridgeo.web.openapi import VND
from gridgeo.web.routes import GEOJSON, HTML, JSON, Query, Reply, Routes
from gridgeo.web.select import Rows
from gridgeo.web.site import Site

routes = Routes("Features")

CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/job-list",
    "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/dismiss",
]
Link = dict[str, str]
SCHEMA = "application/schema+json"
_EACH = {"collection": tuple(LAYERS)}


class Written(Query, frozen=True, forbid_unknown_fields=True):
    """How features are written."""

    crs: Annotated[str, Meta(description="CRS of the answer, one of the collection's.")] = CRS84
    properties: (
        Annotated[str, Meta(max_length=1000, description="Names of the properties to tell, with commas.")] | None
    ) = None
    skip_geometry: Annotated[bool, Meta(description="Leave geometries out.")] = msgspec.field(
        name="skipGeometry", default=False
    )


class ItemsQuery(Written, frozen=True, forbid_unknown_fields=True):
    """Which items of a collection, in which order, and how many."""

    bbox: (
        Annotated[
            list[float], Meta(min_length=4, max_length=6, description="Least x, least y, greatest x, greatest y.")
        ]
        | None
    ) = None
    datetime: (
        Annotated[str, Meta(description="Instant, or interval whose end counts: the plan in force then.")] | None
    ) = None
    limit: Annotated[int, Meta(ge=1, le=10_000, description="Most items of one page.")] = 10
    offset: Annotated[int, Meta(ge=0, le=1_000_000_000, description="Items to leave out first.")] = 0
    bbox_crs: Annotated[str, Meta(description="CRS of bbox, one of the collection's.")] = msgspec.field(
        name="bbox-crs", default=CRS84
    )
    filter: (
        Annotated[str, Meta(max_length=4000, description="CQL2: households > 400 AND kind = 'urban', and much more.")]
        | None
    ) = None
    filter_lang: Annotated[
        Literal["cql2-text", "cql2-json"],
        Meta(description="How the filter is written; JSON begins with a brace and is known by it."),
    ] = msgspec.field(name="filter-lang", default="cql2-text")
    filter_crs: Annotated[str, Meta(description="CRS of shapes in the filter.")] = msgspec.field(
        name="filter-crs", default=CRS84
    )
    sortby: (
        Annotated[str, Meta(max_length=1000, description="Properties to sort by, with commas; -name falls.")] | None
    ) = None


class ItemQuery(Written, frozen=True, forbid_unknown_fields=True):
    """How to write one item, and as of when."""

    datetime: (
        Annotated[str, Meta(description="Instant, or interval whose end counts: the plan in force then.")] | None
    ) = None


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
    out = {"rel": rel, "type": media, "href": _root(request.scheme, request.host, request.root_path) + path}
    return {**out, "title": title} if title else out


@lru_cache(maxsize=256)
def _root(scheme: str, host: str, root_path: str) -> str:
    """Address of the landing page without its last slash."""
    return get_current_url(scheme, host, root_path).rstrip("/")


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
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes", "/tileMatrixSets", JSON, "Tile matrix sets"),
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
    document = {"links": both("/collections"), "crs": crs.offered(state.territory.crs), "collections": listed}
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
    layer, state = find_layer(collection), site.state()
    features = state.features(layer.id, layer.build)
    frame = crs.chosen(state.territory.crs, query.crs, "crs")
    found = select.chosen(features, select.Wanted.of(query), state.territory.crs)
    limit = min(query.limit, site.settings.max_items)
    rows = found[query.offset : query.offset + limit]
    foot = {
        "links": _pages(layer, query, limit, len(found)),
        "numberMatched": len(found),
        "numberReturned": len(rows),
    }
    document = page(_written(features, rows, query, frame), foot)
    return Reply(document=document, media=GEOJSON, headers=_content_crs(query.crs), title=layer.title)


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
    layer, state = find_layer(collection), site.state()
    features = state.features(layer.id, layer.build)
    frame = crs.chosen(state.territory.crs, query.crs, "crs")
    row = features.row(code)
    if row < 0:
        raise NotFoundError(f"there is no {code} in {layer.id}", where=code)
    [feature] = _written(features, [row], query, frame)
    links = [*both(quote(request.path), GEOJSON), link("collection", f"/collections/{layer.id}")]
    tag = etag_of(
        features.written([row])[0],
        f"{query.crs} {query.properties} {query.skip_geometry}" if query != ItemQuery() else "",
    )
    headers = _content_crs(query.crs) | {"ETag": tag}
    return Reply(document=with_links(feature, links), media=GEOJSON, headers=headers, title=code)


@routes.get("/collections/{collection}/queryables", summary="What a filter may name", media=SCHEMA, choices=_EACH)
def queryables(site: Site, query: Query, collection: str) -> Reply:
    """Properties that `filter` and `sortby` may name, as a JSON Schema."""
    layer, state = find_layer(collection), site.state()
    features = state.features(layer.id, layer.build)
    named = {
        name: {"title": name, "type": column.kind}
        for name, column in features.columns.items()
        if column.kind != "array"
    }
    if features.geometry is not None:
        named["geometry"] = {"title": "geometry", "format": "geometry-any"}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": link("self", f"/collections/{layer.id}/queryables")["href"],
        "type": "object",
        "title": layer.title,
        "properties": named,
        "additionalProperties": False,
    }
    return Reply(document=document, media=SCHEMA, title=layer.title)


def _written(features: Features, rows: Rows | Sequence[int], query: Written, frame: crs.Frame | None) -> list[bytes]:
    if frame is None and query.properties is None and not query.skip_geometry:
        return features.written(rows)
    names = None if query.properties is None else select.names(query.properties, features, "properties")
    return features.write(rows, frame=frame, names=names, bare=query.skip_geometry)


def _content_crs(uri: str) -> dict[str, str]:
    return {"Content-Crs": f"<{uri}>"}


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
        "crs": crs.offered(state.territory.crs),
        "storageCrs": crs.storage(state.territory.crs),
        "links": [
            *both(path),
            link("items", path + "/items", GEOJSON),
            link("items", path + "/items?f=html", HTML),
            link("http://www.opengis.net/def/rel/ogc/1.0/queryables", path + "/queryables", SCHEMA),
            *([link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", path + "/tiles")] if layer.drawn else []),
        ],
    }


def _pages(layer: Layer, query: ItemsQuery, limit: int, matched: int) -> list[Link]:
    path = f"/collections/{layer.id}/items"
    asked = [(name, value) for name, value in request.args.items() if name not in ("limit", "offset", "f")]

    def at(offset: int) -> str:
        return f"{path}?{urlencode([('limit', limit), ('offset', offset), *asked])}"

    links = [*both(at(query.offset), GEOJSON), link("collection", f"/collections/{layer.id}")]
    if query.offset + limit < matched:
        links.append(link("next", at(query.offset + limit), GEOJSON))
    if query.offset > 0:
        links.append(link("prev", at(max(0, query.offset - limit)), GEOJSON))
    return links
