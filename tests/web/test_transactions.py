from __future__ import annotations

import pytest

from gridgeo.store import MemoryStore
from gridgeo.web.transactions import EDITABLE


def feature(lonlat, x, y, **properties):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(lonlat(x, y))},
        "properties": properties,
    }


def at(code, layer="places"):
    return f"/collections/{layer}/items/{code}"


def tag(client, path):
    return {"If-Match": client.get(path).headers["ETag"]}


@pytest.mark.parametrize("layer", EDITABLE)
def test_options_tell_what_may_be_done(client, layer):
    """OPTIONS list POST where features can be created, and PUT, PATCH and DELETE of one: so QGIS offers editing."""
    assert {"GET", "POST"} <= set(client.options(f"/collections/{layer}/items").headers["Allow"].split(", "))
    one = set(client.options(at("x", layer)).headers["Allow"].split(", "))
    assert {"GET", "PUT", "PATCH", "DELETE"} <= one


@pytest.mark.parametrize("layer", ["grids", "atoms", "streets"])
def test_options_where_nothing_is_created(client, layer):
    """Where features cannot be created, POST is not listed, and not taken."""
    assert "POST" not in client.options(f"/collections/{layer}/items").headers["Allow"]
    assert client.post(f"/collections/{layer}/items", json={}).status_code == 405


@pytest.mark.parametrize(
    ("layer", "properties"),
    [
        ("places", {"code": "p9", "name": "Clinic", "kind": "clinic", "service_s": 60, "visits_per_day": 2.5}),
        ("stations", {"code": "s9", "grid": "g1"}),
        ("emergency_units", {"code": "u9", "name": "Hall", "kind": "hall", "need": 2, "max_walk_s": 300}),
        ("responders", {"code": "r9", "capacity": 1, "can_lead": True, "on_duty": False}),
    ],
)
def test_created_read_replaced_deleted(client, store, lonlat, layer, properties):
    """A feature is created, read as it was sent, replaced, updated in part and deleted, each by its ETag."""
    code = properties["code"]
    reply = client.post(f"/collections/{layer}/items", json=feature(lonlat, 210, 310, **properties))
    assert (reply.status_code, reply.headers["Location"].rpartition("/")[2]) == (201, code)
    read = client.get(at(code, layer))
    assert read.headers["ETag"] == reply.headers["ETag"]
    assert {name: read.json["properties"][name] for name in properties} == properties
    assert read.json["geometry"]["coordinates"] == pytest.approx(lonlat(210, 310), abs=2e-8)
    match = {"If-Match": reply.headers["ETag"]}
    elsewhere = {"geometry": feature(lonlat, 250, 350)["geometry"]}
    moved = client.patch(at(code, layer), json=elsewhere, headers=match)
    assert moved.status_code == 200 and moved.json["properties"] == read.json["properties"]
    whole = {**read.json, "geometry": moved.json["geometry"]}
    again = client.put(at(code, layer), json=whole, headers={"If-Match": moved.headers["ETag"]})
    assert (again.status_code, again.headers["ETag"]) == (200, moved.headers["ETag"])
    assert client.delete(at(code, layer), headers={"If-Match": again.headers["ETag"]}).status_code == 204
    assert client.get(at(code, layer)).status_code == 404


def test_created_without_properties(client, lonlat):
    """What is left out or null has its default, and the code may come as id."""
    body = {**feature(lonlat, 10, 10), "id": "p5", "properties": {"name": None}}
    assert client.post("/collections/places/items", json=body).status_code == 201
    said = client.get(at("p5")).json["properties"]
    assert (said["name"], said["closes"], said["visits_per_day"]) == ("", 86400, 1.0)


def test_changes_reach_alarms(client, store, lonlat):
    """A responder created on the spot is the nearest to the next alarm."""
    client.post("/collections/responders/items", json=feature(lonlat, 100, 100, code="new", can_lead=True))
    order = client.post("/alarms", json={"point": lonlat(100, 110), "count": 1}).json
    assert order["responders"][0]["code"] == "new"


def test_a_change_keeps_the_grids_worked_out(app, client, lonlat):
    """A changed place leaves what was worked out of the plan as it was."""
    client.get("/collections/grids/items")
    before = app.extensions["gridgeo"].state()._features["grids"]
    client.post("/collections/places/items", json=feature(lonlat, 10, 10, code="p7"))
    state = app.extensions["gridgeo"].state()
    assert client.get("/collections/places/items").json["numberMatched"] == 2
    assert state._features["grids"] is before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_changes_without_or_with_old_tags(client, store, lonlat, method):
    """Without If-Match a change is answered with 428, with an old one 412, of nothing 404; nothing changes."""
    stale = tag(client, at("p0"))
    client.patch(at("p0"), json={"properties": {"name": "New"}}, headers=stale)
    before = store.stamp()
    body = {} if method == "delete" else {"json": feature(lonlat, 1, 1)}
    send = getattr(client, method)
    assert send(at("p0"), **body).status_code == 428
    assert send(at("p0"), headers=stale, **body).status_code == 412
    assert send(at("p0"), headers={"If-Match": "W/" + tag(client, at("p0"))["If-Match"]}, **body).status_code == 412
    assert send(at("nope"), headers={"If-Match": "*"}, **body).status_code == 404
    assert store.stamp() == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"geometry": {"type": "Point", "coordinates": [300, 0]}}, 400),
        ({"geometry": {"type": "Point", "coordinates": [30.7, 117.0]}}, 400),
        ({"geometry": {"type": "Point", "coordinates": [117.0]}}, 400),
        ({"geometry": {"type": "LineString", "coordinates": [[117, 30.7], [117.1, 30.7]]}}, 400),
        ({"properties": {"code": "p9", "service_s": -1}}, 400),
        ({"properties": {"code": "p9", "colour": "red"}}, 400),
        ({"properties": {"code": ""}}, 400),
        ({"properties": {}}, 400),
        ({"properties": {"code": "p0"}}, 412),
        ({"type": "Fuel"}, 400),
    ],
)
def test_features_that_cannot_be_taken(client, store, lonlat, body, status):
    """A feature that does not fit, lies elsewhere, or has a code in use is refused, and nothing changes."""
    before = store.stamp()
    reply = client.post("/collections/places/items", json=feature(lonlat, 10, 10, code="p9") | body)
    assert (reply.status_code, store.stamp()) == (status, before)


def test_a_feature_keeps_its_code(client, lonlat):
    """A feature is not given another code."""
    headers = tag(client, at("p0"))
    assert client.put(at("p0"), json=feature(lonlat, 1, 1, code="p1"), headers=headers).status_code == 409
    assert client.patch(at("p0"), json={"properties": {"code": "p1"}}, headers=headers).status_code == 409


def test_other_coordinates(client, lonlat):
    """Coordinates in another offered system are taken in its own order of axes."""
    lon, lat = lonlat(210, 310)
    body = feature(lonlat, 0, 0, code="p6")
    body["geometry"]["coordinates"] = [lat, lon]
    uri = "<http://www.opengis.net/def/crs/EPSG/0/4326>"
    assert client.post("/collections/places/items", json=body, headers={"Content-Crs": uri}).status_code == 201
    assert client.get(at("p6")).json["geometry"]["coordinates"] == pytest.approx([lon, lat], abs=2e-8)
    assert client.post("/collections/places/items", json=body, headers={"Content-Crs": "<urn:x>"}).status_code == 400


def test_somebody_faster_with_another_feature(client, store, lonlat, monkeypatch):
    """A writer who finds the collection changed elsewhere comes through; of the same feature, only one does."""
    inner, raced = MemoryStore.together, []

    def race(self):
        if not raced:
            raced.append(1)
            assert (
                client.post("/collections/places/items", json=feature(lonlat, 5, 5, code="faster")).status_code == 201
            )
        return inner(self)

    monkeypatch.setattr(MemoryStore, "together", race)
    assert client.patch(at("p0"), json={"properties": {"name": "B"}}, headers=tag(client, at("p0"))).status_code == 200
    assert client.get("/collections/places/items").json["numberMatched"] == 2
    assert client.get(at("p0")).json["properties"]["name"] == "B"


def test_a_grid_is_renamed(client, store):
    """Another name for a grid is a new published version; the grid sent back whole is taken too."""
    path = at("g0", "grids")
    read = client.get(path)
    body = {**read.json, "properties": {**read.json["properties"], "name": "West"}}
    reply = client.put(path, json=body, headers={"If-Match": read.headers["ETag"]})
    assert (reply.status_code, reply.json["properties"]["name"]) == (200, "West")
    assert [(r.name, r.published) for r in store.plans()] == [("main@1", False), ("main@2", True)]
    assert client.patch(path, json={"properties": {"name": "East"}}, headers=tag(client, path)).status_code == 200


def test_the_ground_of_a_grid_is_not_replaced(client, store):
    """Another geometry for a grid is refused with the way it is done; nothing changes."""
    before, path = store.stamp(), at("g0", "grids")
    read = client.get(path)
    body = read.json
    body["geometry"]["coordinates"][0][1][0] += 0.001
    reply = client.put(path, json=body, headers={"If-Match": read.headers["ETag"]})
    assert (reply.status_code, "/edits" in reply.json["hint"], store.stamp()) == (409, True, before)
    assert client.put(path, json=client.get(path).json).status_code == 428


def test_a_grid_of_a_plan_with_other_drafts(client, store):
    """Where the plan has changes that are not published, a renaming would lose or publish them: it is refused."""
    store.save_plan(store.plan(), id="main", created="2026-11-21T10:00:00Z")
    path = at("g0", "grids")
    assert client.patch(path, json={"properties": {"name": "X"}}, headers=tag(client, path)).status_code == 409
