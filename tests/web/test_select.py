"""Features parts 2 and 3 over the wire: systems, filters, order, chosen properties, tags."""

from __future__ import annotations

import json
from urllib.parse import quote

import numpy as np
import pytest
import shapely

from gridgeo.errors import ConflictError
from gridgeo.web.crs import URI, offered
from gridgeo.web.encode import etag_of, packed_tag
from gridgeo.web.globe import CRS84
from gridgeo.web.matching import require_feature
from gridgeo.web.problems import BlindError
from tests.instances import CRS, ORIGIN

HOME = URI.format(code=CRS.partition(":")[2])


def read(client, collection="grids", **query):
    query = "&".join(f"{name.replace('_', '-')}={quote(str(value))}" for name, value in query.items())
    return client.get(f"/collections/{collection}/items?{query}")


def codes(reply):
    return [feature["id"] for feature in reply.json["features"]]


def ring(feature):
    return np.array(feature["geometry"]["coordinates"][0])


def test_collections_tell_their_systems(client):
    """Each collection lists CRS84 first and its own system, which it is kept in."""
    told = client.get("/collections/grids").json
    assert told["crs"] == offered(CRS) and told["crs"][0] == CRS84
    assert told["storageCrs"] == HOME in told["crs"]


def test_the_system_asked_for_is_answered(client):
    """Content-Crs names it; EPSG:4326 has latitude first; the territory's own metres come back as they are kept."""
    plain = client.get("/collections/grids/items/g0")
    assert plain.headers["Content-Crs"] == f"<{CRS84}>"
    turned = client.get(f"/collections/grids/items/g0?crs={quote(URI.format(code=4326))}")
    assert turned.headers["Content-Crs"] == f"<{URI.format(code=4326)}>"
    assert ring(turned.json)[:, ::-1].tolist() == ring(plain.json).tolist()
    metres = read(client, crs=HOME, limit=9)
    xy = np.concatenate([ring(feature) for feature in metres.json["features"]]) - ORIGIN
    assert np.abs(xy - np.rint(xy)).max() < 2e-3 and xy.min() == 0 and xy.max() == 600


def test_a_system_with_north_first_is_written_so(store):
    """A Gauss-Krueger zone of China names north before east, and so do its coordinates and boxes."""
    from gridgeo.web.crs import Frame

    frame = Frame(CRS, URI.format(code=4527))
    [shape] = frame.shapes(np.array([shapely.Point(*ORIGIN)]))
    assert shape.x < 10_000_000 < shape.y  # the zone's number leads the easting


@pytest.mark.parametrize("code", [4326, 4490, 3857, int(HOME.rpartition("/")[2])])
def test_a_box_in_any_system_finds_the_same(client, code):
    """The same box in four systems, in the order of their axes, finds the same grids."""
    uri = URI.format(code=code)
    shape = ring(client.get(f"/collections/grids/items/g4?crs={quote(uri)}").json)
    low, high = shape.min(0), shape.max(0)
    inner = np.concatenate([low + 0.1 * (high - low), high - 0.1 * (high - low)])
    assert codes(read(client, bbox=",".join(map(str, inner)), bbox_crs=uri)) == ["g4"]


def test_filters_choose(client):
    """Only what the filter keeps is counted, listed and paged through; text and JSON say the same."""
    first = read(client, filter="code IN ('g1','g5','g7') AND households = 400", limit=2)
    assert (first.json["numberMatched"], codes(first)) == (3, ["g1", "g5"])
    following = next(link["href"] for link in first.json["links"] if link["rel"] == "next")
    assert codes(client.get(following)) == ["g7"]
    document = json.dumps({"op": "in", "args": [{"property": "code"}, ["g1", "g5", "g7"]]})
    assert codes(read(client, filter=document, filter_lang="cql2-json")) == ["g1", "g5", "g7"]


def test_a_filter_and_a_box_hold_together(client, lonlat):
    """What is listed lies in the box and keeps the filter."""
    west, south = lonlat(190, 190)
    east, north = lonlat(210, 210)
    assert codes(read(client, bbox=f"{west},{south},{east},{north}", filter="code > 'g1'")) == ["g3", "g4"]


def test_shapes_of_a_filter_may_stand_in_another_system(client):
    """`filter-crs` says how the shape is written."""
    x, y = ORIGIN + 300
    assert codes(read(client, filter=f"S_INTERSECTS(geometry, POINT({x} {y}))", filter_crs=HOME)) == ["g4"]


def test_order_is_as_asked(client):
    """Rising, falling, and by a second property where the first is equal."""
    assert codes(read(client, sortby="-code"))[:2] == ["g8", "g7"]
    by_community = read(client, "atoms", sortby="-community,code", properties="community", limit=36).json["features"]
    communities = [feature["properties"]["community"] for feature in by_community]
    assert communities == sorted(communities, reverse=True)


def test_only_the_properties_asked_for_are_told(client):
    """And the geometry."""
    feature = read(client, properties="code,households", limit=1).json["features"][0]
    assert list(feature["properties"]) == ["code", "households"] and feature["geometry"]


@pytest.mark.parametrize(
    ("parameter", "query"),
    [
        ("crs", {"crs": "http://www.opengis.net/def/crs/EPSG/0/9999"}),
        ("bbox-crs", {"bbox": "1,2,3,4", "bbox_crs": "x"}),
        ("filter-crs", {"filter": "TRUE", "filter_crs": "x"}),
        ("filter", {"filter": "nothing = 1"}),
        ("filter", {"filter": "{"}),
        ("bbox-crs", {"bbox_crs": "x"}),
        ("filter-lang", {"filter": "TRUE", "filter_lang": "sql"}),
        ("properties", {"properties": "code,nothing"}),
        ("sortby", {"sortby": "nothing"}),
        ("sortby", {"sortby": "point"}),
        ("bbox", {"bbox": "1,2,3,4,5", "bbox_crs": HOME}),
    ],
)
def test_what_cannot_be_used_is_named(client, parameter, query):
    """Each part of a query that cannot be used is 400 with its name."""
    reply = read(client, **query)
    assert (reply.status_code, reply.content_type) == (400, "application/problem+json")
    assert reply.json["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize(
    "query",
    [
        {"bbox": "1,20,3,4"},
        {"bbox": "1,2,300,4"},
        {"bbox": "5,5,1,1", "bbox_crs": HOME},
        {"bbox": "5,1,1,5", "bbox_crs": HOME},
        {"bbox": "1e300,1e300,1e301,1e301", "bbox_crs": HOME},
    ],
)
def test_a_box_that_is_nowhere(client, query):
    """Upside down, off the globe, beyond its system: nothing lies there, and the answer says so."""
    reply = read(client, **query)
    assert (reply.status_code, reply.json["type"]) == (404, "urn:gridgeo:problem:nowhere")
    assert "bbox" in reply.json["detail"]


def test_queryables_are_a_schema_of_what_filters_take(client):
    """Every queryable can be filtered by, and lists such as points are none."""
    for collection in ("grids", "atoms", "places", "responders"):
        reply = client.get(f"/collections/{collection}/queryables")
        assert reply.content_type == "application/schema+json"
        names = set(reply.json["properties"]) - {"geometry"}
        assert "code" in names
        for name in names:
            assert read(client, collection, filter=f"{name} IS NOT NULL").status_code == 200
        assert "point" not in reply.json["properties"]


def test_unread_features_are_not_counted_as_changed(client):
    """A tag handed back is answered 304, for pages and features alike; another system has another tag."""
    for path in ("/collections/grids/items/g0", "/collections/grids/items?limit=3", "/collections"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    turned = client.get(f"/collections/grids/items/g0?crs={quote(HOME)}").headers["ETag"]
    assert turned != client.get("/collections/grids/items/g0").headers["ETag"]


def test_a_tag_names_its_feature_however_it_was_read(app, client):
    """Plain, packed, in another system: If-Match of any of them means the same feature, and no other."""
    feature = b'{"type":"Feature"}'
    for tag in (etag_of(feature), etag_of(feature, "crs"), packed_tag(etag_of(feature, "crs")), "*"):
        with app.test_request_context(headers={"If-Match": f'"x", {tag}' if tag != "*" else tag}):
            require_feature(feature, "g0")
    for tag in (etag_of(b"{}"), f"W/{etag_of(feature)}", etag_of(feature).strip('"')):
        with app.test_request_context(headers={"If-Match": tag}), pytest.raises(ConflictError):
            require_feature(feature, "g0")
    with app.test_request_context(), pytest.raises(BlindError):
        require_feature(feature, "g0")
    plain = client.get("/collections/grids/items/g0").headers["ETag"].strip('"')
    assert client.get(f"/collections/grids/items/g0?crs={quote(HOME)}").headers["ETag"].strip('"').startswith(plain)


def test_head_says_what_get_would(client):
    """HEAD has the headers of GET and no body; OPTIONS names the methods."""
    get, head = (getattr(client, method)("/collections/grids/items/g0") for method in ("get", "head"))
    assert head.data == b"" and head.headers["ETag"] == get.headers["ETag"]
    assert {"GET", "HEAD", "OPTIONS"} <= set(client.options("/collections/grids/items").headers["Allow"].split(", "))
