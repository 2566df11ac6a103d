"""OWSLib, the library of Python programs and catalogues, reads the service."""

from __future__ import annotations

import json

import pytest
import requests

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def features(address):
    """The service as OWSLib sees it."""
    owslib = pytest.importorskip("owslib.ogcapi.features")
    return owslib.Features(f"{address}/")


def test_what_it_is(features):
    """Landing page, classes, description."""
    assert any("ogcapi-features-3" in item for item in features.conformance()["conformsTo"])
    assert features.api()["openapi"].startswith("3.0")


def test_collections_and_items(features):
    """Collections, one of them, its items by box and page, one item."""
    assert "grids" in features.feature_collections()
    assert features.collection("grids")["id"] == "grids"
    page = features.collection_items("grids", limit=4)
    assert (page["numberMatched"], page["numberReturned"]) == (9, 4)
    assert features.collection_item("grids", "g4")["properties"]["households"] == 400
    west, south, east, north = 117.0, 30.0, 117.0005, 31.0
    assert 0 < features.collection_items("grids", bbox=[west, south, east, north])["numberMatched"] < 9


def test_queryables_and_filter(features):
    """What may be asked, and asking it."""
    assert "households" in features.collection_queryables("grids")["properties"]
    kept = features.collection_items("grids", filter="code IN ('g1','g2')")
    assert [feature["id"] for feature in kept["features"]] == ["g1", "g2"]


def test_create_update_delete(own_address):
    """A place is created, replaced under the ETag that was read, and deleted; without the ETag nothing is changed."""
    owslib = pytest.importorskip("owslib.ogcapi.features")
    headers = {"Content-Type": "application/geo+json"}
    writer = owslib.Features(f"{own_address}/", headers=headers)
    point = writer.collection_item("places", "p0")["geometry"]

    def place(name):
        properties = {"code": "p1", "name": name, "kind": "school"}
        return json.dumps({"type": "Feature", "geometry": point, "properties": properties})

    def tag():
        return requests.get(f"{own_address}/collections/places/items/p1", timeout=30).headers["ETag"]

    assert writer.collection_item_create("places", place("Old"))
    with pytest.raises(RuntimeError, match="If-Match"):
        writer.collection_item_update("places", "p1", place("New"))
    writer.headers = headers | {"If-Match": tag()}
    assert writer.collection_item_update("places", "p1", place("New"))
    assert writer.collection_item("places", "p1")["properties"]["name"] == "New"
    with pytest.raises(RuntimeError, match="changed"):
        writer.collection_item_delete("places", "p1")
    writer.headers = headers | {"If-Match": tag()}
    assert writer.collection_item_delete("places", "p1")
    assert [one["id"] for one in writer.collection_items("places")["features"]] == ["p0"]
