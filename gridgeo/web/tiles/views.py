"""Tiles over the wire: lists of tile sets, how the world is cut, TileJSON, and the tiles."""

from __future__ import annotations

from threading import Lock
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from flask import request
from msgspec import Meta

from gridgeo.errors import NotFoundError
from gridgeo.web.encode import Features
from gridgeo.web.features import both, find_layer, link
from gridgeo.web.layers import TILED
from gridgeo.web.routes import JSON, NoQuery, Query, Reply, Routes
from gridgeo.web.site import Site, State
from gridgeo.web.tiles.source import TileSource

routes = Routes("Tiles")

MVT = "application/vnd.mapbox-vector-tile"
SET = "WebMercatorQuad"
SET_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
DEEPEST = 22
_HALF = 20037508.342789244
_SCALE = 559082264.0287178
_EACH = {"collection": TILED}
_PATH = "/collections/{collection}/tiles"
_sources: WeakKeyDictionary[Features, TileSource] = WeakKeyDictionary()
_making = Lock()
_LASTING = "public, max-age=31536000, immutable"


class TileQuery(NoQuery, frozen=True, forbid_unknown_fields=True):
    """Which edition of the tiles is meant."""

    v: Annotated[str, Meta(max_length=40, description="Edition, as TileJSON names it: its tiles never change.")] = ""


@routes.get(_PATH, summary="Tile sets of a collection", choices=_EACH)
def tilesets(site: Site, query: Query, collection: str) -> Reply:
    """The tile sets a collection is offered as: vector tiles in Web Mercator."""
    layer = _layer(collection)
    path = f"/collections/{layer.id}/tiles"
    document = {"links": both(path), "tilesets": [_brief(layer.id, layer.title)]}
    return Reply(document=document, title=f"{layer.title}: tiles")


@routes.get(_PATH + "/" + SET, summary="One tile set", choices=_EACH)
def tileset(site: Site, query: Query, collection: str) -> Reply:
    """What the tile set holds, where, and how its tiles are addressed."""
    layer, state = _layer(collection), site.state()
    west, south, east, north = state.globe.box(state.territory.boundary.bounds)
    document = {
        **_brief(layer.id, layer.title),
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north]},
        "layers": [{"id": layer.id, "title": layer.title, "dataType": "vector"}],
    }
    return Reply(document=document, title=f"{layer.title}: {SET}")


@routes.get(_PATH + f"/{SET}/tilejson", summary="TileJSON of a collection", query=NoQuery, choices=_EACH)
def tilejson(site: Site, collection: str) -> Reply:
    """TileJSON 3.0: what map libraries read; its tile addresses name the edition, so tiles can be kept for good."""
    layer, state = _layer(collection), site.state()
    source = _source(state, layer.id)
    tiles = _template(layer.id) + f"?v={source.edition}"
    document = {
        "tilejson": "3.0.0",
        "name": layer.title,
        "description": layer.text,
        "tiles": [tiles],
        "bounds": list(state.globe.box(state.territory.boundary.bounds)),
        "minzoom": 0,
        "maxzoom": 18,
        "vector_layers": [{"id": layer.id, "description": layer.text, "fields": source.fields}],
    }
    return Reply(document=document)


@routes.get("/tileMatrixSets", summary="How the world is cut into tiles")
def matrix_sets(site: Site, query: Query) -> Reply:
    """Every way of cutting that is in use: the common one of web maps."""
    listed = [{"id": SET, "title": "Web Mercator", "uri": SET_URI, "crs": CRS, "links": [_scheme("self")]}]
    return Reply(document={"tileMatrixSets": listed, "links": both("/tileMatrixSets")}, title="Tile matrix sets")


@routes.get(f"/tileMatrixSets/{SET}", summary="The cut of Web Mercator")
def matrix_set(site: Site, query: Query) -> Reply:
    """Zoom by zoom: scale, size of a pixel, corner, and how many tiles there are."""
    matrices = [
        {
            "id": str(z),
            "scaleDenominator": _SCALE / 2**z,
            "cellSize": 2 * _HALF / 256 / 2**z,
            "pointOfOrigin": [-_HALF, _HALF],
            "tileWidth": 256,
            "tileHeight": 256,
            "matrixWidth": 2**z,
            "matrixHeight": 2**z,
        }
        for z in range(DEEPEST + 1)
    ]
    document = {
        "id": SET,
        "title": "Web Mercator",
        "uri": SET_URI,
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": matrices,
    }
    return Reply(document=document, title=SET)


def tile(site: Site, query: TileQuery, collection: str, z: str, y: str, x: str) -> Reply:
    """One vector tile; 204 where nothing lies. With the edition in its address it may be kept for good."""
    layer, state = _layer(collection), site.state()
    zoom, row, column = (int(part) if part.isascii() and part.isdigit() and len(part) < 8 else -1 for part in (z, y, x))
    if not (0 <= zoom <= DEEPEST and 0 <= row < 2**zoom and 0 <= column < 2**zoom):
        raise NotFoundError(
            f"there is no tile {z}/{y}/{x}", where="tile", hint=f"zoom 0 to {DEEPEST}, then row, column"
        )
    source = _source(state, layer.id)
    data = source.tile(zoom, column, row)
    headers = {"Cache-Control": _LASTING} if query.v == source.edition else {}
    return Reply(document=data, media=MVT, status=200 if data else 204, headers=headers)


routes.add(
    "GET", _PATH + f"/{SET}/{{z}}/{{y}}/{{x}}", summary="One vector tile", query=TileQuery, returns=bytes, media=MVT,
    choices=_EACH, role="viewer", success=(200, 204),
)(tile)  # fmt: skip


def _layer(collection: str) -> Any:
    layer = find_layer(collection)
    if not layer.drawn:
        raise NotFoundError(f"{layer.id} are not offered as tiles", where=layer.id, hint=", ".join(TILED))
    return layer


def _source(state: State, id: str) -> TileSource:
    features = state.features(id, find_layer(id).build)
    with _making:
        if features not in _sources:
            _sources[features] = TileSource(id, features, state.globe)
        return _sources[features]


def warm(state: State, id: str) -> None:
    """Make a collection ready to be cut, and cut the tile of the whole world, which compiles what is not compiled."""
    _source(state, id).tile(0, 0, 0)


def _template(id: str) -> str:
    return request.url_root.rstrip("/") + f"/collections/{id}/tiles/{SET}/{{z}}/{{y}}/{{x}}"


def _scheme(rel: str) -> dict[str, str]:
    return link(rel, f"/tileMatrixSets/{SET}", JSON, "Web Mercator")


def _brief(id: str, title: str) -> dict[str, Any]:
    path = f"/collections/{id}/tiles/{SET}"
    item = {"rel": "item", "type": MVT, "templated": True}
    href = request.url_root.rstrip("/") + path + "/{tileMatrix}/{tileRow}/{tileCol}"
    return {
        "title": title,
        "dataType": "vector",
        "crs": CRS,
        "tileMatrixSetURI": SET_URI,
        "links": [
            link("self", path),
            _scheme(SCHEME),
            {**item, "href": href},
            link("describedby", path + "/tilejson", JSON, "TileJSON"),
        ],
    }
