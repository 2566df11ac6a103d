from __future__ import annotations

import base64
import json
import logging

import pytest
from flask.testing import FlaskClient

from gridgeo.audit import AuditLog
from gridgeo.keys import KeyRing, Role
from gridgeo.settings import Settings
from gridgeo.store import MemoryStore
from gridgeo.web.app import create_app, operations
from gridgeo.web.auth import OPEN, ROLES
from gridgeo.web.logs import JsonLines
from gridgeo.web.versions import SHARED
from tests.web.conftest import NOW, town

LATER = "2999-01-01T00:00:00Z"


def key_of(store, role=Role.VIEWER, **more):
    return KeyRing(store).add(role, when=NOW, **more)


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


class Wanderer(FlaskClient):
    """A client that asks from another address each time, so that no address asks too often."""

    address = 0

    def open(self, *args, **options):
        """Ask from the next address."""
        Wanderer.address += 1
        place = {"REMOTE_ADDR": f"10.0.{self.address // 256}.{self.address % 256}"}
        return super().open(*args, **options | {"environ_overrides": place})


@pytest.fixture(scope="module")
def keyed():
    """A served project without a plan, with a key of each role, one of another project, one revoked, one expired."""
    store = MemoryStore(town())
    texts = {role.name.lower(): key_of(store, role)[1] for role in Role}
    revoked, texts["revoked"] = key_of(store)
    KeyRing(store).revoke(revoked.id, when=NOW)
    _, texts["expired"] = key_of(store, expires="2026-11-21T09:00:01Z")
    _, texts["foreign"] = key_of(MemoryStore(town()), Role.ADMIN)
    app = create_app(Settings(rate=1e6), store)
    app.test_client_class = Wanderer
    return app.test_client(), texts, store


def path_of(operation):
    """An address of an operation, with names of nothing."""
    path = operation.path
    for step in operation.steps:
        path = path.replace(f"{{{step}}}", "nothing")
    return path


def asked(client, operation, headers, *, under=""):
    """The status of an operation asked with nothing in its body: who may, is told what is wrong with that."""
    path = under + path_of(operation)
    body = {"json": {}} if operation.body is not None else {}
    return client.open(path, method=operation.method, headers=headers, **body).status_code


PAGES = {"static", "map_page", "vendor"}
WALK = [(op, who) for op in operations() for who in (*ROLES, "revoked", "expired", "foreign", "nobody")]


@pytest.mark.parametrize(("operation", "who"), WALK, ids=[f"{op.id}-{who}" for op, who in WALK])
def test_every_operation_by_every_role(keyed, operation, who):
    """Whoever has the role or a higher one is let in; others of this project get 403, everybody else 401."""
    client, texts, _ = keyed
    status = asked(client, operation, bearer(texts[who]) if who != "nobody" else {})
    if operation.id in OPEN:
        assert status == 200
    elif who not in ROLES:
        assert status == 401
    elif ROLES.index(who) >= ROLES.index(operation.role):
        assert status not in (401, 403)
    else:
        assert status == 403


def test_the_walk_goes_to_every_address(keyed):
    """What the server answers is what the walk asks: each operation by its own address, and a few pages besides."""
    routes = keyed[0].application.url_map
    reached = {operation.id: routes.bind("localhost").match(path_of(operation), operation.method)[0]
               for operation in operations()}  # fmt: skip
    assert all(id == endpoint for id, endpoint in reached.items()) and len(reached) == len(operations())
    served = {rule.endpoint for rule in routes.iter_rules()}
    assert served - set(reached) == PAGES and len({(id, who) for op, who in WALK for id in [op.id]}) == len(WALK)


def test_what_changes_needs_more_than_a_viewer():
    """Said here once more, apart from the routes: who may ask what is not mere reading, and what reading needs more."""
    open_to = {op.id: op.role for op in operations() if op.method not in ("GET", "HEAD", "OPTIONS")}
    asking = {f"post_execute_{verb}" for verb in ("check", "repair", "footings", "reach", "tens", "pair")}
    assert {id for id, role in open_to.items() if role == "viewer"} == asking | {"post_locate_all", "delete_dismiss"}
    assert {id for id, role in open_to.items() if role == "patrol"} == {"post_alarm", "post_mark"}
    assert {role for id, role in open_to.items()} == {"viewer", "patrol", "planner"}
    assert {op.id for op in operations() if op.method == "GET" and op.role != "viewer"} == {"get_audit"}


READ = [op for op in operations() if op.path.partition("/")[2].partition("/")[0] in SHARED]


@pytest.mark.parametrize("operation", READ, ids=[op.id for op in READ])
def test_no_version_is_a_way_around(keyed, operation):
    """Under the address of a version the same keys are asked for as at the root, and nothing is changed there."""
    client, texts, _ = keyed
    for who in ("revoked", "expired", "foreign"):
        assert asked(client, operation, bearer(texts[who]), under="/plans/main@1") == 401
    assert asked(client, operation, {}, under="/plans/main@1") == 401
    status = asked(client, operation, bearer(texts["viewer"]), under="/plans/main@1")
    assert status in (403, 404, 405) if operation.role != "viewer" else status not in (401, 403)


def test_roles_rank_as_in_the_keys():
    """The roles of operations are the roles of keys, in the same order, and each is of some use."""
    assert [role.name.lower() for role in sorted(Role)] == list(ROLES)
    assert {op.role for op in operations()} <= set(ROLES)


@pytest.mark.parametrize("path", ["/map", "/static/map.js", "/vendor/maplibre-gl.js", "/nope", "/plans/x/collections"])
def test_pages_need_a_key_too(keyed, path):
    """What is no operation is not served to strangers either, nor told to be there or not; browsers ask for a key."""
    client, texts, _ = keyed
    reply = client.get(path)
    assert reply.status_code == 401 and "Basic" in reply.headers["WWW-Authenticate"]
    assert client.get(path, headers=bearer(texts["viewer"])).status_code in (200, 404)


def test_ways_to_show_a_key(keyed):
    """A key is taken as bearer token, as X-API-Key, and as the password of any name; nowhere else."""
    client, texts, _ = keyed
    text = texts["viewer"]
    basic = base64.b64encode(f"anybody:{text}".encode()).decode()
    for headers in (bearer(text), {"X-API-Key": text}, {"Authorization": f"Basic {basic}"}):
        assert client.get("/plans", headers=headers).status_code == 200
    for headers in ({"Authorization": text}, {"Authorization": "Basic !"}, {"Authorization": "Basic " + basic[:-9]}):
        assert client.get("/plans", headers=headers).status_code == 401
    assert client.get(f"/plans?key={text}").status_code == 401


def test_health_tells_strangers_nothing(keyed):
    """Health needs no key and names no plan to those without one."""
    client = keyed[0]
    assert client.get("/readyz").json["plan"] is None


def test_a_revoked_key_opens_nothing_at_once():
    """Revoked by another process, a key is refused by the very next request."""
    store = MemoryStore(town())
    key, text = key_of(store)
    client = create_app(Settings(), store).test_client()
    assert client.get("/plans", headers=bearer(text)).status_code == 200
    KeyRing(store).revoke(key.id, when=NOW)
    assert client.get("/plans", headers=bearer(text)).status_code == 401


def test_use_is_noted():
    """A key tells when it was used last."""
    store = MemoryStore(town())
    key, text = key_of(store)
    create_app(Settings(), store).test_client().get("/plans", headers=bearer(text))
    assert KeyRing(store).key(key.id).last_used


def test_without_keys_only_this_machine(store):
    """Where no key was ever made, this machine is served and no other."""
    client = create_app(Settings(), store).test_client()
    assert client.get("/plans").status_code == 200
    reply = client.get("/plans", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert (reply.status_code, "gridgeo key add" in reply.json["hint"]) == (401, True) or reply.json["detail"]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://example.org"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}],
)
def test_pages_of_other_sites_change_nothing(client, store, headers):
    """A change a foreign page makes the browser send is refused, also without keys."""
    before = store.stamp()
    assert client.post("/plans", json={"id": "x"}, headers=headers).status_code == 403
    assert store.stamp() == before
    same = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/plans", json={"id": "x"}, headers=same).status_code == 201


def test_too_many_requests(store):
    """Above its rate a key or address is told to wait, others are not, and waiting helps."""
    client = create_app(Settings(rate=0.001), store).test_client()
    statuses = [client.get("/plans").status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert int(client.get("/plans").headers["Retry-After"]) > 100
    assert client.get("/plans", environ_overrides={"REMOTE_ADDR": "127.0.0.2"}).status_code == 200


def test_guessing_keys_is_slowed(store):
    """Wrong keys of one address are soon answered with 429."""
    key_of(store)
    client = create_app(Settings(), store).test_client()
    statuses = {client.get("/plans", headers=bearer(f"gg_x_y_{i}")).status_code for i in range(40)}
    assert statuses == {401, 429}


def test_changes_are_audited(app, client, store):
    """Every change stands in the log with who, what, where, outcome and request, refused ones too; the chain holds."""
    client.post("/plans", json={"id": "east"}, headers={"X-Request-Id": "abc-1"})
    client.post("/plans", json={"id": "east"})
    client.get("/plans")
    entries = AuditLog(store).read()
    assert [(e.who, e.what, e.where, e.outcome) for e in entries] == [
        ("local", "post_begin", "plans/east@1", "201"),
        ("local", "post_begin", "plans", "412"),
    ]
    assert entries[0].request == "abc-1"
    told = client.get("/audit?since=1").json
    assert told["verified"] and told["head"] == entries[-1].digest and len(told["entries"]) == 1


def test_a_broken_chain_is_told(client, store):
    """An entry changed by other hands shows in the answer."""
    for _ in range(2):
        client.post("/plans", json={"id": "x"})
    book = store._books["audit"]
    book[0] = book[0].replace("201", "200")
    assert not client.get("/audit").json["verified"]


def test_request_ids(client):
    """A request's id is the one it came with, when that is harmless, or a new one."""
    assert client.get("/plans", headers={"X-Request-Id": "a.b-1"}).headers["X-Request-Id"] == "a.b-1"
    made = [
        client.get("/plans", headers={"X-Request-Id": text}).headers["X-Request-Id"] for text in ("", "a b", "x" * 65)
    ]
    assert len(set(made)) == 3 and all(len(id) == 16 for id in made)


def test_requests_are_logged_without_places(client, caplog):
    """A request is one line of JSON that names the route, never the address or the query."""
    with caplog.at_level(logging.INFO, "gridgeo.access"):
        client.get("/locate?point=117.0015,30.726")
        client.get("/collections/atoms/items/a2")
        client.get("/nope/secret")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "gridgeo.access"]
    assert [line["route"] for line in lines] == ["/locate", "/collections/<collection>/items/<code>", "-"]
    assert lines[0].keys() == {
        "at", "level", "logger", "message", "request", "method", "route", "status", "ms", "who",
    }  # fmt: skip
    text = json.dumps(
        [{name: told for name, told in line.items() if name not in ("request", "at", "ms")} for line in lines]
    )
    assert "117.0" not in text and "a2" not in text and "secret" not in text


def test_failures_are_logged_with_their_id(store, caplog):
    """What fails inside is logged with its trace under the id the reader is told."""
    record = logging.LogRecord("gridgeo.web", logging.ERROR, "", 0, "failed", None, None)
    try:
        raise ValueError("inside")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    assert "ValueError: inside" in json.loads(JsonLines().format(record))["trace"]


def test_metrics_count(client):
    """Requests, times, jobs and the published plan are counted in the format of Prometheus."""
    for _ in range(3):
        client.get("/locate?point=117.0015,30.726")
    client.get("/locate")
    lines = client.get("/metrics").text.splitlines()
    values = {line.rpartition(" ")[0].partition("{")[0]: line for line in lines if not line.startswith("#")}
    assert {
        "gridgeo_requests_total", "gridgeo_request_seconds_bucket", "gridgeo_request_seconds_count", "gridgeo_jobs",
        "gridgeo_plan_info", "gridgeo_grids", "gridgeo_cpu_seconds_total",
    } <= values.keys()  # fmt: skip
    counted = {line.partition("{")[2] for line in lines if line.startswith("gridgeo_requests_total")}
    assert any('route="/locate",status="200"} 3' in line for line in counted)
    assert any('route="/locate",status="400"} 1' in line for line in counted)
    assert 'gridgeo_plan_info{plan="main@1"} 1' in lines
    told = [line.split() for line in lines if line.startswith("# TYPE")]
    assert all(len(line) == 4 for line in told) and len({line[2] for line in told}) == len(told)


def test_refused_and_patrol_changes_are_audited(store):
    """A change refused to a known key and the mark of a patrol are entered under the key; an alarm is no change."""
    viewer, shown = key_of(store)
    patrol, patrols = key_of(store, Role.PATROL)
    client = create_app(Settings(), store).test_client()
    assert client.post("/plans", json={"id": "x"}, headers=bearer(shown)).status_code == 403
    assert client.post("/responders/r0/status", json={"busy": True}, headers=bearer(patrols)).status_code == 200
    client.post("/alarms", json={"point": [117.0, 30.7]}, headers=bearer(patrols))
    assert [(e.who, e.what, e.outcome) for e in AuditLog(store).read()] == [
        (viewer.id, "post_begin", "403"),
        (patrol.id, "post_mark", "200"),
    ]
