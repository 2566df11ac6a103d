from __future__ import annotations

import pytest

from gridgeo.core.model import silent
from gridgeo.settings import Settings
from gridgeo.store import MemoryStore
from gridgeo.web.app import create_app
from gridgeo.web.computing import World
from gridgeo.web.computing.verbs import VERBS
from gridgeo.web.inputs import ReachInputs, TensInputs
from gridgeo.web.processes import PROCESSES
from tests.web.conftest import nine_grids, town


def run(client, process, **inputs):
    return client.post(f"/processes/{process}/execution", json={"inputs": inputs})


def test_each_process_describes_itself(client):
    """Every process is listed and says what it takes."""
    assert [p["id"] for p in client.get("/processes").json["processes"]] == list(PROCESSES)
    for id in PROCESSES:
        described = client.get(f"/processes/{id}").json
        assert described["inputs"] and "async-execute" in described["jobControlOptions"]


def test_draw_keeps_and_publishes_a_plan(client, store):
    """A drawn plan is complete, kept as the next version, and what the collections show."""
    reply = run(client, "draw", households=[300, 500], seconds=3, rng_seed=7, note="first try")
    assert reply.status_code == 200
    assert reply.json["certificate"]["complete"] and reply.json["in_band"] == 1.0
    assert reply.json["plan"] == "main@2"
    assert [(r.name, r.note) for r in store.plans() if r.published] == [("main@2", "first try")]
    assert client.get("/collections/grids/items").json["numberMatched"] == reply.json["grids"]


def test_what_cannot_be_comes_with_ways_out(store, hand):
    """Where no plan keeps the band, the answer tells the proof and what would do, as the command line does."""
    client = create_app(Settings(max_seconds=5), MemoryStore(town()), hand).test_client()
    case = run(client, "draw", households=[1250, 1350], seconds=3).json["infeasible"][0]
    assert case["proof"] == "component-unfit" and {"kind", "certain"} <= case["ways_out"][0].keys()


def test_draw_into_a_draft_leaves_the_published_plan(client, store):
    """A draft is kept beside the published plan."""
    assert run(client, "draw", id="draft", publish=False, seconds=3).json["plan"] == "draft@1"
    assert [r.name for r in store.plans() if r.published] == ["main@1"]


def test_check_proves_the_published_plan(client):
    """The published plan is complete and exact."""
    report = run(client, "check").json
    assert (report["complete"], report["exact"], report["findings"]) == (True, True, [])
    assert run(client, "check", plan="main@1").json["complete"]


@pytest.mark.parametrize("plan", ["nope", "main@7", "main@x"])
def test_check_of_an_unknown_plan(client, plan):
    """Checking a plan that does not exist is a 404."""
    assert run(client, "check", plan=plan).status_code == 404


def test_patrol_minds_the_routes_kept(client):
    """Told to mind the last walks, a process sets its own apart from the routes kept now, and publishes the spread."""
    run(client, "patrol", rounds=1, seconds=60)
    plain = run(client, "patrol", rounds=1, seconds=60, keep=False).json
    minding = run(client, "patrol", rounds=1, seconds=60, last=True, keep=False).json
    assert plain["spread"] is None
    assert minding["spread"] > 0.2


def test_patrol_keeps_routes(client):
    """Patrol routes are answered, kept and shown as features."""
    reply = run(client, "patrol", rounds=2, seconds=60)  # kernels may have to be compiled first
    assert reply.status_code == 200
    assert {route["grid"] for route in reply.json["routes"]} == {f"g{i}" for i in range(9)}
    shown = client.get("/collections/routes/items?limit=100").json
    assert shown["numberMatched"] == len(reply.json["routes"])
    assert shown["features"][0]["geometry"]["type"] in ("LineString", "MultiLineString")


def test_assign_keeps_teams(client):
    """Teams are answered, kept and shown as lines from responder to unit."""
    reply = run(client, "assign", members=1, seconds=60)
    assert reply.status_code == 200 and reply.json["assignments"]
    shown = client.get("/collections/assignments/items?limit=100").json
    assert shown["numberMatched"] == len(reply.json["assignments"])
    assert {f["geometry"]["type"] for f in shown["features"]} == {"LineString"}


@pytest.mark.parametrize(
    ("process", "inputs", "at"),
    [
        ("draw", {"households": [300]}, "#/inputs/households"),
        ("draw", {"households": [0, 500]}, "#/inputs/households/0"),
        ("draw", {"households": [300.5, 500]}, "#/inputs/households/0"),
        ("draw", {"seconds": -1}, "#/inputs/seconds"),
        ("draw", {"seconds": 1e9}, "#/inputs/seconds"),
        ("draw", {"id": "../etc"}, "#/inputs/id"),
        ("draw", {"colour": "red"}, "#/inputs"),
        ("patrol", {"rounds": 0}, "#/inputs/rounds"),
        ("assign", {"members": -1}, "#/inputs/members"),
        ("assign", {"objective": "best"}, "#/inputs/objective"),
    ],
)
def test_bad_inputs_are_refused(client, store, process, inputs, at):
    """An input that does not fit is answered with 400 and a pointer, and nothing is kept."""
    before = store.stamp()
    reply = run(client, process, **inputs)
    assert (reply.status_code, reply.json["errors"][0]["pointer"]) == (400, at)
    assert store.stamp() == before


def test_a_band_upside_down_is_refused(client):
    """A size band whose fewest exceed its most is the core's own input error."""
    reply = run(client, "draw", households=[500, 300])
    assert (reply.status_code, reply.json["type"]) == (400, "urn:gridgeo:problem:input")


def test_a_process_of_no_name(client):
    """A process that is not there is told in the words of the standard."""
    reply = client.get("/processes/nope")
    assert (reply.status_code, reply.json["type"].rpartition("/")[2]) == (404, "no-such-process")


def test_an_answer_as_document(client):
    """Asked for a document, the answer stands under its output's name."""
    body = {"inputs": {"givers": {"a": 1}, "takers": {"b": 1}}, "response": "document", "outputs": {"result": {}}}
    reply = client.post("/processes/pair/execution", json=body)
    assert reply.json["result"]["pairs"] == [{"giver": "a", "taker": "b", "cost": 0}]


def test_pairs_allowed(client):
    """An empty list of costs allows no pair, none at all allows every one, and a pair named twice is refused."""
    who = {"givers": {"a": 1}, "takers": {"b": 1}}
    twice = [{"giver": "a", "taker": "b", "cost": cost} for cost in (1, 2)]
    assert run(client, "pair", **who, costs=[]).json["missing"] == {"b": 1}
    assert len(run(client, "pair", **who).json["pairs"]) == 1
    assert run(client, "pair", **who, costs=twice).json["detail"].startswith("a pair is given twice")


def test_nobody_is_called_back(client):
    """A subscriber to be called is refused: the server opens no connection."""
    body = {"inputs": {}, "subscriber": {"successUri": "http://127.0.0.1/"}}
    assert client.post("/processes/check/execution", json=body).status_code == 400


def test_redraw_moves_few(client):
    """Drawn from a plan with locked grids, these stay as they are."""
    reply = run(client, "draw", **{"from": "main"}, locks=["g0"], seconds=3, id="next", publish=False)
    assert reply.json["plan"] == "next@1"
    labels = [client.get(f"/plans/{plan}/labels").json["labels"] for plan in ("main", "next")]
    assert {a for a, g in labels[0].items() if g == "g0"} == {a for a, g in labels[1].items() if g == "g0"}
    assert client.get("/plans/next").json["parent"] == "main@1"


def test_polygons_are_checked_and_repaired(client):
    """The grids as published are proven as they came; with one left out the gap is told, and filled when allowed."""
    grids = client.get("/collections/grids/items?limit=100").json
    body = {"type": "FeatureCollection", "features": grids["features"]}
    assert run(client, "check", grids=body).json["complete"]
    body["features"] = grids["features"][1:]
    report = run(client, "check", grids=body).json
    assert not report["complete"] and report["counts"].get("missing", 0) + report["counts"].get("edge-gap", 0) == 1
    mended = run(client, "repair", grids=body, fill_missing=True).json
    assert mended["complete"] and len(mended["grids"]["features"]) == 8


def test_polygons_that_are_none_are_listed(client):
    """All bad geometries and counts of a request are told at once."""
    bad = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [117.0, 30.0]}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}, "properties": {"households": -1}},
    ]
    reply = run(client, "repair", grids={"type": "FeatureCollection", "features": bad})
    assert (reply.status_code, len(reply.json["errors"])) == (422, 3)


@pytest.mark.parametrize("households", [10_000_001, 2**53 + 1, 2**63 - 1, 1.5, True, "7"])
def test_households_no_file_could_hold_are_refused(client, households):
    """A count above what files may hold is refused as it is written, not rounded or turned negative."""
    grids = client.get("/collections/grids/items?limit=1").json
    grids["features"][0]["properties"]["households"] = households
    body = {"type": "FeatureCollection", "features": grids["features"]}
    reply = run(client, "check", grids=body, households=[300, 500])
    assert reply.status_code == 422
    assert "10,000,000" in reply.json["errors"][0]["hint"]


def test_the_most_households_are_counted_exactly(client):
    """The greatest count allowed comes back unchanged."""
    grids = client.get("/collections/grids/items?limit=1").json
    grids["features"][0]["properties"] |= {"households": 10_000_000, "kind": "urban"}
    body = {"type": "FeatureCollection", "features": grids["features"]}
    findings = run(client, "check", grids=body, households=[300, 500]).json["findings"]
    assert [f["households"] for f in findings if f["kind"] == "over-size"] == [10_000_000]


def test_a_boundary_of_too_many_vertices(store, hand):
    """The vertices of the boundary count as those of the grids do."""
    client = create_app(Settings(max_vertices=10), store, hand).test_client()
    grids = client.get("/collections/grids/items?limit=1").json
    ring = [[117 + i / 1000, 30.0] for i in range(12)] + [[117.0, 31.0], [117.0, 30.0]]
    boundary = {"type": "Polygon", "coordinates": [ring]}
    body = {"type": "FeatureCollection", "features": grids["features"][:1]}
    reply = run(client, "check", grids=body, boundary=boundary)
    assert reply.status_code == 400 and "at most 10" in reply.json["detail"]


def test_too_many_vertices(store, hand):
    """Geometries with more vertices than allowed are refused."""
    client = create_app(Settings(max_vertices=10), store, hand).test_client()
    grids = client.get("/collections/grids/items?limit=100").json
    reply = run(client, "check", grids={"type": "FeatureCollection", "features": grids["features"]})
    assert reply.status_code == 400 and "vertices" in reply.json["detail"]


def test_households_by_tens(client):
    """Neighbors come in groups that keep the band."""
    assert run(client, "tens").json["units"] is not None


def test_plans_list_versions_and_publish(client, store):
    """Versions are listed in order; publishing an old one brings it back."""
    store.save_plan(store.plan().move([2], "g0"), id="main", created="2026-11-21T10:00:00Z", note="moved one")
    assert client.post("/plans/main/publish", json={"version": 2}).json["published"]
    assert client.get("/collections/atoms/items/a2").json["properties"]["grid"] == "g0"
    client.post("/plans/main/publish", json={"version": 1})
    assert client.get("/collections/atoms/items/a2").json["properties"]["grid"] == "g1"
    listed = client.get("/plans").json["plans"]
    assert [(plan["version"], plan["note"], plan["published"]) for plan in listed] == [
        (1, "", True),
        (2, "moved one", False),
    ]


def test_plan_by_version(client, store):
    """A version has an address of its own, with its numbers and its labels."""
    store.save_plan(store.plan().move([2], "g0"), id="main", created="2026-11-21T10:00:00Z")
    assert client.get("/plans/main").json["version"] == 2
    assert client.get("/plans/main@1").json["grids"] == 9
    labels = [client.get(f"/plans/main@{version}/labels").json["labels"]["a2"] for version in (1, 2)]
    assert labels == ["g1", "g0"]


@pytest.mark.parametrize(
    ("plan", "version", "status"), [("main", 9, 404), ("nope", 1, 404), ("main@1", 1, 404), ("main", 0, 404)]
)
def test_unknown_versions_are_not_published(client, plan, version, status):
    """Publishing what does not exist is a 404."""
    assert client.post(f"/plans/{plan}/publish", json={"version": version}).status_code == status


def test_coverage_says_complete(client):
    """The published plan's certificate: complete, exact, every edge matched."""
    report = client.get("/coverage").json
    assert (report["complete"], report["exact"], report["certificate"]["unmatched"]) == (True, True, 0)


def test_alarm_names_the_nearest(client, lonlat):
    """Responders answer in order of walking time, and the nearest unit is named."""
    order = client.post("/alarms", json={"point": lonlat(100, 110), "count": 3, "max_walk_s": 1800}).json
    assert order["grid"] == "g0"
    called = [answering["code"] for answering in order["responders"]]
    assert set(called[:2]) == {"r0", "r1"} and order["units"][0]["code"] == "u0"
    seconds = [answering["walk_s"] for answering in order["responders"]]
    assert seconds == sorted(seconds) and order["lead"]["code"] == "r0"


def test_alarm_names_nobody_out_of_reach(client, lonlat):
    """Nobody farther than the limit is named."""
    order = client.post("/alarms", json={"point": lonlat(100, 110), "max_walk_s": 1}).json
    assert (order["responders"], order["units"]) == ([], [])


@pytest.mark.parametrize("point", [[200, 0], [0, 91]])
def test_alarm_off_the_globe(client, point):
    """An alarm nowhere on the globe is a place that is not there."""
    assert client.post("/alarms", json={"point": point}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "known"),
    [
        ("/processes/reach/execution", {"inputs": {"minutes": [3]}}, "limits_s"),
        ("/processes/reach/execution", {"inputs": {}, "input": 1}, "inputs"),
        ("/processes/reach/execution", {"inputs": {}, "outputs": {"x": 1}}, "result"),
        ("/plans", {"id": "x", "parent": "main"}, "from"),
    ],
)
def test_a_name_that_is_not_known_comes_with_those_that_are(client, path, body, known):
    """Whoever misses the name of a member is told which names stand there."""
    reply = client.post(path, json=body)
    assert reply.status_code == 400 and known in reply.json["hint"].removeprefix("it takes ").split(", ")


def test_a_parameter_that_is_not_known_comes_with_those_that_are(client):
    """Whoever misses the name of a query parameter is told which there are."""
    assert "limit" in client.get("/collections/grids/items?max=3").json["hint"]
    assert "hint" not in client.get("/collections/grids/items?limit=x").json


def test_a_number_that_cannot_be_comes_with_numbers_that_can(client):
    """A number of grids no band allows is refused with the proof and with what would do."""
    reply = run(client, "draw", count=500, seconds=3)
    assert reply.status_code == 422 and reply.json["proof"] and reply.json["ways_out"]


def test_a_reach_ended_early_tells_what_it_has():
    """Ended at once, reach tells its rings and leaves out new sites and streets; tens tell which grids are left."""
    land = town()
    world = World(territory=land, plan=nine_grids(land))
    cut = VERBS["reach"](world, ReachInputs(stations=2, isochrones=True), lambda: True, silent).document
    assert cut["rings"] and not {"sites", "isochrones"} & set(cut)
    notices = VERBS["tens"](world, TensInputs(), lambda: True, silent).document["notices"]
    assert [(notice["kind"], notice["facts"]) for notice in notices] == [("tens-stopped", {"grids": 9})]
