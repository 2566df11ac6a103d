from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
import shapely

from gridgeo.web.layers import LAYERS


def test_landing_page_leads_everywhere(client):
    """Every link of the landing page answers."""
    links = client.get("/").json["links"]
    assert {link["rel"] for link in links} >= {"self", "alternate", "service-desc", "conformance", "data"}
    for link in links:
        target = urlsplit(link["href"])
        assert client.get(f"{target.path}?{target.query}").status_code == 200, link


def test_collections_hold_something(client):
    """Listed collections have items; empty ones are not listed but answer at their address."""
    listed = [entry["id"] for entry in client.get("/collections").json["collections"]]
    assert {"territories", "communities", "grids", "atoms", "streets", "emergency_units", "responders"} <= set(listed)
    for id in LAYERS:
        matched = client.get(f"/collections/{id}/items").json["numberMatched"]
        assert (matched > 0) == (id in listed), id


@pytest.mark.parametrize("limit", [1, 4, 5, 9, 100])
def test_pages_cover_all_items_once(client, limit):
    """Following `next` from the first page meets every item exactly once, in a fixed order."""
    seen, address = [], f"/collections/grids/items?limit={limit}"
    while address:
        page = client.get(address).json
        assert page["numberReturned"] == len(page["features"]) <= limit
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        address = following[0] if following else ""
    assert seen == [f"g{i}" for i in range(9)]


def test_previous_page_is_the_one_before(client):
    """`prev` of the second page is the first page."""
    second = client.get("/collections/grids/items?limit=4&offset=4").json
    before = next(link["href"] for link in second["links"] if link["rel"] == "prev")
    assert [f["id"] for f in client.get(before).json["features"]] == ["g0", "g1", "g2", "g3"]


def test_bbox_keeps_what_it_touches(client, lonlat):
    """A box inside one grid finds that grid; a box over a shared corner finds all four."""
    west, south = lonlat(20, 20)
    east, north = lonlat(50, 50)
    inside = client.get(f"/collections/grids/items?bbox={west},{south},{east},{north}").json
    assert [f["id"] for f in inside["features"]] == ["g0"]
    west, south = lonlat(190, 190)
    east, north = lonlat(210, 210)
    corner = client.get(f"/collections/grids/items?bbox={west},{south},{east},{north}").json
    assert [f["id"] for f in corner["features"]] == ["g0", "g1", "g3", "g4"]
    assert corner["numberMatched"] == 4


def test_bbox_pages_keep_the_box(client, lonlat):
    """The link to the next page asks for the same box."""
    west, south = lonlat(-10, -10)
    east, north = lonlat(610, 150)
    first = client.get(f"/collections/grids/items?limit=2&bbox={west},{south},{east},{north}").json
    second = client.get(next(link["href"] for link in first["links"] if link["rel"] == "next")).json
    assert [f["id"] for f in first["features"] + second["features"]] == ["g0", "g1", "g2"]


def test_published_grids_still_cover_exactly(client):
    """The grids as sent, in rounded degrees, are still an exact coverage of the territory as sent."""
    grids = client.get("/collections/grids/items?limit=100").data
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(grids)["features"]]
    assert shapely.coverage_is_valid(shapes)
    land = client.get("/collections/territories/items").json["features"][0]
    outline = shapely.from_geojson(json.dumps(land["geometry"]))
    assert shapely.coverage_union_all(shapes).equals(outline)


def test_grid_says_its_numbers(client):
    """A grid's properties are the plan's own numbers."""
    grid = client.get("/collections/grids/items/g4").json["properties"]
    assert (grid["households"], grid["in_band"], grid["area_m2"], grid["kind"]) == (400, True, 40_000.0, "urban")


def test_neighbors_differ_in_color(client):
    """Grids that share a border have different color numbers."""
    color = [f["properties"]["color"] for f in client.get("/collections/grids/items?limit=9").json["features"]]
    pairs = [(i, i + 1) for i in range(9) if i % 3 < 2] + [(i, i + 3) for i in range(6)]
    assert all(color[a] != color[b] for a, b in pairs) and max(color) < 6


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=many",
        "limit=1&limit=2",
        "offset=-1",
        "ooga=booga",
        "bbox=1,2,3",
        "bbox=1,2,3,4,5",
        "bbox=1,2,nan,4",
        "bbox=1,2,inf,4",
        "bbox=a,b,c,d",
        "f=null",
        "datetime=",
        "filter=",
        "properties=",
        "sortby=null",
        "datetime=yesterday",
        "datetime=..",
        "crs=EPSG:3857",
        "f=xml",
    ],
)
def test_bad_queries_are_named(client, query):
    """A query that cannot be used is answered with 400 and the name of the parameter."""
    reply = client.get(f"/collections/grids/items?{query}")
    assert reply.status_code == 400
    assert reply.content_type == "application/problem+json"
    assert reply.json["errors"][0]["parameter"] == query.split("=")[0]


@pytest.mark.parametrize(
    "path", ["/collections/nope", "/collections/nope/items", "/collections/grids/items/nope", "/nope", "/plans/nope"]
)
def test_unknown_things_are_not_found(client, path):
    """An address of nothing is a 404 problem."""
    reply = client.get(path)
    assert (reply.status_code, reply.content_type) == (404, "application/problem+json")
    assert reply.json["status"] == 404


@pytest.mark.parametrize(
    "path", ["/", "/conformance", "/collections", "/collections/grids/items", "/processes", "/plans"]
)
def test_documents_have_pages(client, path):
    """Each document is JSON by default, and a page for a browser or with f=html."""
    assert "json" in client.get(path).content_type
    for reply in (client.get(f"{path}?f=html"), client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})):
        assert reply.content_type.startswith("text/html")
        assert "<h1>" in reply.text


def test_unchanged_documents_are_not_sent_twice(client, store):
    """A known ETag gets 304 and no body, until the plan changes."""
    first = client.get("/collections/grids/items")
    again = client.get("/collections/grids/items", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    plan = store.plan()
    store.save_plan(plan.move([2], "g0"), id="main", created="2026-11-21T10:00:00Z")
    store.publish("main", 2)
    changed = client.get("/collections/grids/items", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_packed_bodies_are_the_same_document(client):
    """A reader that takes gzip gets the same document, packed, under an ETag of its own."""
    import gzip

    plain = client.get("/collections/atoms/items?limit=36")
    packed = client.get("/collections/atoms/items?limit=36", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    known = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": "gzip"}
    assert client.get("/collections/atoms/items?limit=36", headers=known).status_code == 304


def test_unknown_counts_are_null(store, client):
    """A count nobody made is null on the wire, never zero."""
    atoms = store.territory().atoms
    assert atoms.known.all()
    from dataclasses import replace

    from gridgeo.settings import Settings
    from gridgeo.store import MemoryStore
    from gridgeo.web.app import create_app

    known = atoms.known.copy()
    known[3] = False
    bare = replace(store.territory(), atoms=replace(atoms, known=known))
    other = create_app(Settings(), MemoryStore(bare)).test_client()
    assert other.get("/collections/atoms/items/a3").json["properties"]["households"] is None
