"""Alarms and readiness over HTTP: routes, repeated alarms, busy responders, and the same answers as Python's."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridgeo import service
from gridgeo.core.dispatch import FOOTINGS, AssignParams, Footing, ReachParams, SiteParams
from gridgeo.io.answers import assignment_document, footings_document, reach_document
from gridgeo.settings import Settings
from gridgeo.web.app import create_app
from gridgeo.web.replay import Replay
from tests.instances import ORIGIN
from tests.web.conftest import town


def run(client, process, **inputs):
    reply = client.post(f"/processes/{process}/execution", json={"inputs": inputs})
    assert reply.status_code == 200, reply.json
    return {name: value for name, value in reply.json.items() if name != "seconds"}


def codes(order):
    return [one["code"] for one in order["responders"]]


def test_assign_answers_as_python_does(client):
    """Teams, shortages with repairs, and proof are those of the core."""
    rings = ((30, 1), (120, 3))
    wanted = assignment_document(service.assign(town(), AssignParams(rings=rings, per_person=1)))
    assert run(client, "assign", rings=rings, per_person=1) == _plain(wanted)
    assert wanted["shortages"]


OWN = {"flood": {"members": 1, "units": ["u1"], "on_duty": ["r2", "r3"]}}


def test_footings_answer_as_python_does(client):
    """Both footings, and what changes between them, are those of the core; one's own beside those that are known."""
    flood = Footing(
        name="flood", params=AssignParams(members=1), units=frozenset(["u1"]), on_duty=frozenset(["r2", "r3"])
    )
    for names, pair in (
        (("normal", "level-1"), (FOOTINGS[0], FOOTINGS[3])),
        (("level-3", "flood"), (FOOTINGS[1], flood)),
    ):
        wanted = footings_document(service.compare_footings(town(), *pair))
        told = run(client, "footings", before=names[0], after=names[1], footings=OWN)
        assert told == _plain({"footings": list(names)} | wanted)
        assert told["changes"]


def test_assign_on_a_footing_answers_as_python_does(client):
    """A footing brings its roster, units and rules; its teams are kept as any others."""
    told = run(client, "assign", footing="flood", footings=OWN)
    assert told == run(client, "footings", after="flood", footings=OWN)["after"]
    assert {one["unit"] for one in told["assignments"]} == {"u1"}


@pytest.mark.parametrize(
    ("process", "given", "status", "told"),
    [
        ("footings", {"before": "nope"}, 400, "there is no footing nope"),
        ("assign", {"footing": "normal", "members": 3}, 400, "footing and members are given together"),
        ("assign", {"footing": "flood", "footings": {"flood": {"units": ["nope"]}}}, 422, "flood"),
        ("footings", {"footings": {"flood": {"size": 1}}}, 400, "size"),
    ],
)
def test_footings_that_cannot_be_used(client, process, given, status, told):
    """Names of nothing, rules beside a footing and unknown members are refused by name."""
    reply = client.post(f"/processes/{process}/execution", json={"inputs": given})
    assert (reply.status_code, told in reply.text) == (status, True), reply.text


def test_reach_answers_as_python_does(client):
    """Rings, gaps and new sites are those of the core."""
    params = ReachParams(limits_s=(60, 300), service="emergency_units")
    sites = SiteParams(k=1, limit_s=120, service="emergency_units")
    wanted = reach_document(service.reach(town(), params), service.sites(town(), sites), town().crs)
    told = run(client, "reach", limits_s=[60, 300], service="emergency_units", stations=1, limit_s=120)
    assert told == _plain(wanted)
    assert told["sites"] and told["after"] > told["before"]


def test_reach_tells_the_streets_within_each_time(client):
    """Isochrones grow with the limit."""
    told = run(client, "reach", service="responders", limits_s=[60, 120], isochrones=True)["isochrones"]
    lengths = [feature["properties"]["length_m"] for feature in told["features"]]
    assert 0 < lengths[0] < lengths[1]


def test_reach_counts_who_is_ready_now(client):
    """When everybody is busy, nobody is reached."""
    for code in ("r0", "r1", "r2", "r3"):
        client.post(f"/responders/{code}/status", json={"busy": True})
    assert run(client, "reach", service="responders")["services"] == 0


def test_rings_that_fall_are_refused(client):
    """The core's own rule, told as 400."""
    reply = client.post("/processes/assign/execution", json={"inputs": {"rings": [[60, 3], [30, 5]]}})
    assert (reply.status_code, reply.json["type"]) == (400, "urn:gridgeo:problem:input")


def test_an_alarm_tells_how_to_walk(client, lonlat):
    """Each route runs from the responder to the alarm."""
    order = client.post("/alarms", json={"point": lonlat(100, 110)}).json
    for one in order["responders"]:
        line = one["route"]["coordinates"]
        assert line[0] == pytest.approx(one["point"], abs=1e-6) and line[-1] == pytest.approx(
            lonlat(100, 110), abs=1e-6
        )
        metres = shapely.length(shapely.LineString(_metres(client, line)))
        assert metres / 1.33 == pytest.approx(one["walk_s"], abs=0.6)
    assert (
        "route" not in client.post("/alarms", json={"point": lonlat(100, 110), "routes": False}).json["responders"][0]
    )


def test_an_alarm_at_a_site(client, lonlat):
    """The code of a unit stands for its place."""
    at_unit, at_point = (
        client.post("/alarms", json={"routes": False} | place).json
        for place in ({"site": "u0"}, {"point": lonlat(100, 100)})
    )
    assert at_unit == at_point
    assert client.post("/alarms", json={"site": "p0"}).json["units"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"site": "u0", "point": [117, 30]}, 400),
        ({"site": "nothing"}, 404),
        ({"site": "u0", "busy": ["nobody"]}, 404),
        ({"site": "u0", "count": 0}, 400),
    ],
)
def test_alarms_that_cannot_be_answered(client, body, status):
    """Nowhere, twice somewhere, unknown codes, nobody wanted: each is refused."""
    assert client.post("/alarms", json=body).status_code == status


def test_the_busy_are_left_out_of_one_answer(client):
    """Codes named in the alarm are left out, and named again in the next."""
    first = codes(client.post("/alarms", json={"site": "u0"}).json)
    assert codes(client.post("/alarms", json={"site": "u0", "busy": first[:1]}).json) == first[1:]
    assert codes(client.post("/alarms", json={"site": "u0"}).json) == first


def test_busy_and_free_again(client):
    """Marked busy, a responder is passed over; freed, named again; off duty, passed over too."""
    nearest = codes(client.post("/alarms", json={"site": "u0"}).json)[0]
    told = client.post(f"/responders/{nearest}/status", json={"busy": True}).json
    assert told == {"code": nearest, "busy": True, "on_duty": True, "ready": 3}
    assert nearest not in codes(client.post("/alarms", json={"site": "u0"}).json)
    client.post(f"/responders/{nearest}/status", json={"busy": False})
    assert codes(client.post("/alarms", json={"site": "u0"}).json)[0] == nearest
    client.post(f"/responders/{nearest}/status", json={"on_duty": False})
    assert client.get(f"/responders/{nearest}/status").json["on_duty"] is False
    assert nearest not in codes(client.post("/alarms", json={"site": "u0"}).json)


def test_marks_outlive_a_new_plan(client, store):
    """A new version in the store changes nothing about who is busy."""
    client.post("/responders/r0/status", json={"busy": True})
    store.save_plan(store.plan().move([2], "g0"), id="main", created="2026-11-21T10:00:00Z")
    assert client.get("/responders/r0/status").json["busy"] is True


def test_nobody_unknown_is_marked(client):
    """An unknown code is 404."""
    assert client.post("/responders/nobody/status", json={"busy": True}).status_code == 404
    assert client.get("/responders/nobody/status").status_code == 404


def test_an_alarm_sent_twice_is_answered_once(client):
    """The same key gives the same bytes, even when the nearest has become busy since."""
    key = {"Idempotency-Key": "alarm-1"}
    first = client.post("/alarms", json={"site": "u0"}, headers=key)
    client.post(f"/responders/{codes(first.json)[0]}/status", json={"busy": True})
    again = client.post("/alarms", json={"site": "u0"}, headers=key)
    assert again.data == first.data and again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert client.post("/alarms", json={"site": "u0"}, headers={"Idempotency-Key": "alarm-2"}).data != first.data


def test_a_key_belongs_to_one_alarm(client):
    """Another body under the same key is refused; so is a key that is none."""
    key = {"Idempotency-Key": "alarm-1"}
    client.post("/alarms", json={"site": "u0"}, headers=key)
    assert client.post("/alarms", json={"site": "u1"}, headers=key).status_code == 409
    assert client.post("/alarms", json={"site": "u1"}, headers={"Idempotency-Key": "x" * 201}).status_code == 400


def test_an_alarm_refused_keeps_no_answer(client):
    """After an error the key is free for the corrected alarm."""
    key = {"Idempotency-Key": "alarm-1"}
    assert client.post("/alarms", json={"site": "nothing"}, headers=key).status_code == 404
    assert client.post("/alarms", json={"site": "u0"}, headers=key).status_code == 200


def test_processes_agree_on_who_is_busy(store):
    """What one server process was told the other knows at its next alarm, and a fresh one from its start."""
    one, other = (create_app(Settings(), store).test_client() for _ in range(2))
    nearest = codes(other.post("/alarms", json={"site": "u0"}).json)[0]
    one.post(f"/responders/{nearest}/status", json={"busy": True})
    assert other.get(f"/responders/{nearest}/status").json["busy"] is True
    for client in (other, create_app(Settings(), store).test_client()):
        assert nearest not in codes(client.post("/alarms", json={"site": "u0"}).json)


def test_processes_agree_on_answers_given(store):
    """A key answered by one process is answered with the same bytes by another."""
    one, other = (create_app(Settings(), store).test_client() for _ in range(2))
    key = {"Idempotency-Key": "alarm-1"}
    first = one.post("/alarms", json={"site": "u0"}, headers=key)
    again = other.post("/alarms", json={"site": "u0"}, headers=key)
    assert again.data == first.data and again.headers["Idempotent-Replayed"] == "true"


def test_of_two_who_answer_at_once_the_first_writer_counts(store):
    """A process that worked an answer out while another gave it gives the other's."""
    one, other = Replay(store), Replay(store)

    def slow() -> bytes:
        assert other.once("k", b"where", lambda: b"other", "2026-11-21") == (b"other", False)
        return b"one"

    assert one.once("k", b"where", slow, "2026-11-21") == (b"other", True)


def test_keys_hold_over_midnight_and_are_let_go_a_day_later(store):
    """Yesterday's keys are known, those of the day before are not."""
    replay = Replay(store)
    replay.once("k", b"", lambda: b"first", "2026-11-30")
    assert replay.once("k", b"", lambda: b"second", "2026-12-01") == (b"first", True)
    assert replay.once("k", b"", lambda: b"third", "2026-12-02") == (b"third", False)


def _plain(document):
    """The document as it comes off the wire."""
    import msgspec

    return msgspec.json.decode(msgspec.json.encode(document))


def _metres(client, line):
    from gridgeo.web.globe import Globe
    from tests.instances import CRS

    xy = Globe(CRS).xy(np.array(line))
    assert (np.abs(xy - ORIGIN) < 2000).all()
    return xy
