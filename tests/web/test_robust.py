"""Servers killed and databases cut while they are written to over HTTP: what was answered is kept, whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException

import pytest

from gridgeo.audit import AuditLog
from gridgeo.core.coverage import check_coverage
from gridgeo.io.write import write_plan
from gridgeo.settings import Settings
from gridgeo.store import open_store
from gridgeo.store.postgis import create_postgis
from gridgeo.web.app import create_app
from gridgeo.web.computing import JobBook
from tests.web.conftest import NOW, nine_grids, town
from tests.web.test_serve import SERVE, answers, free_port

KILLS = 4


class Served:
    """A server in a process group of its own, to be killed whole."""

    def __init__(self, project, **more):
        settings = Settings(project=str(project), port=free_port(), log="error", **more)
        self.port = settings.port
        environment = {**os.environ, **settings.to_env()}
        self.process = subprocess.Popen([sys.executable, "-c", SERVE], env=environment, start_new_session=True)
        answers(f"http://127.0.0.1:{self.port}", self.process)

    def kill(self):
        """Kill -9 the server and all it has started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(self, line, method, path, body=None, **headers):
        """One request over a kept connection."""
        data = None if body is None else json.dumps(body)
        line.request(method, path, data, {"Content-Type": "application/json", **headers})
        reply = line.getresponse()
        return reply.status, json.loads(reply.read()), reply.headers


def edit_until_cut(server, kept):
    """Edit the plan to and fro, and note every version that was answered."""
    line = HTTPConnection("127.0.0.1", server.port, timeout=30)
    with suppress(OSError, HTTPException, ValueError):
        tag = server.ask(line, "GET", "/plans/main")[2]["ETag"]
        labels = server.ask(line, "GET", "/plans/main/labels")[1]["labels"]
        goal = "g1" if labels["a2"] == "g0" else "g0"
        while True:
            body = {"edits": [{"op": "move", "atoms": ["a2"], "to": goal}]}
            status, told, headers = server.ask(line, "POST", "/plans/main/edits", body, **{"If-Match": tag})
            assert status == 201, told
            kept.append((told["version"], told["digest"]))
            tag, goal = headers["ETag"], "g1" if goal == "g0" else "g0"


def change_until_cut(server, kept):
    """Move a place about, and note the last state that was answered."""
    line = HTTPConnection("127.0.0.1", server.port, timeout=30)
    path = "/collections/places/items/p0"
    with suppress(OSError, HTTPException, ValueError):
        tag = server.ask(line, "GET", path)[2]["ETag"]
        for number in range(1, 1_000_000):
            body = {"properties": {"service_s": number}}
            status, told, headers = server.ask(line, "PATCH", path, body, **{"If-Match": tag})
            assert status == 200, told
            kept.append(number)
            tag = headers["ETag"]


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_answered(tmp_path):
    """Killed in the middle of edits, changes and a job, every answered version and change is there and whole.

    Each version stands in the journal of edits and in the audit log, and nothing else does.
    """
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    rng = random.Random(7)
    versions = []
    for _ in range(KILLS):
        server, places = Served(path), []
        job = server.ask(
            HTTPConnection("127.0.0.1", server.port, timeout=30), "POST", "/processes/draw/execution",
            {"inputs": {"seconds": 60, "id": "job", "publish": False}}, Prefer="respond-async",
        )  # fmt: skip
        assert job[0] == 201
        hands = [
            threading.Thread(target=edit_until_cut, args=(server, versions)),
            threading.Thread(target=change_until_cut, args=(server, places)),
        ]
        for hand in hands:
            hand.start()
        before, end = len(versions), time.monotonic() + 60
        while (len(versions) == before or not places) and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 1.0))
        server.kill()
        for hand in hands:
            hand.join()
        with closing(open_store(str(path))) as store:
            found = {record.version: record.digest for record in store.plans() if record.id == "main"}
            assert set(versions) <= set(found.items())
            assert check_coverage(store.plan("main")).complete
            said = int(store.territory().places.service_s[0])
            assert not places or said in (places[-1], places[-1] + 1)
            told = next(j for j in JobBook(store, lambda: NOW).jobs() if j.id == job[1]["jobID"])
            assert told.state in ("failed", "successful")
            assert AuditLog(store).verify() == ()
            entered = [entry.where for entry in AuditLog(store).read() if entry.what == "post_edit"]
            edited = [json.loads(text) for text in store.entries("edits")]
            made = [f"plans/main@{version}" for version in sorted(found) if version > 1]
            assert entered == made == [f"plans/{entry['plan']}@{entry['version']}" for entry in edited]
    assert len(versions) > KILLS


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["granian", "waitress"])
def test_told_to_stop_it_answers_first(tmp_path, kind):
    """A request under way when the server is told to stop is answered; then it ends by itself."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    server = Served(path, server=kind, grace_s=60.0)
    line = HTTPConnection("127.0.0.1", server.port, timeout=60)
    answer = []

    def compute():
        answer.append(server.ask(line, "POST", "/processes/check/execution", {"inputs": {}})[0])

    thread = threading.Thread(target=compute)
    thread.start()
    time.sleep(0.3)  # the computing process takes longer than this to start
    server.process.send_signal(signal.SIGTERM)
    thread.join()
    assert answer == [200]
    assert server.process.wait(60) in (0, -signal.SIGTERM)


@pytest.mark.slow
def test_several_workers_agree(tmp_path):
    """With two server processes, what one was told the other tells: versions, places, jobs."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    server = Served(path, workers=2)
    try:
        tag, seen = '"main@1"', set()
        for number in range(12):
            line = HTTPConnection("127.0.0.1", server.port, timeout=30)
            goal = ("g0", "g1")[number % 2]
            body = {"edits": [{"op": "move", "atoms": ["a2"], "to": goal}], "publish": True}
            status, told, headers = server.ask(line, "POST", "/plans/main/edits", body, **{"If-Match": tag})
            assert (status, told["version"]) == (201, number + 2), told
            tag = headers["ETag"]
            for _ in range(3):
                other = HTTPConnection("127.0.0.1", server.port, timeout=30)
                shown = server.ask(other, "GET", "/collections/atoms/items/a2")[1]["properties"]["grid"]
                assert shown == goal
                other.request("GET", "/metrics")
                text = other.getresponse().read().decode()
                seen |= {line.partition('worker="')[2].partition('"')[0] for line in text.splitlines() if "cpu" in line}
        assert len(seen - {""}) == 2
    finally:
        server.kill()


@pytest.mark.postgis
def test_a_database_cut_is_503_and_leaves_no_half_plan(postgis, hand):
    """While the database is away everything is answered with 503 and a time to come back; then all is as it was."""
    url = postgis.url()
    create_postgis(url, town(), lambda db: None)
    with closing(open_store(url)) as store:
        store.save_plan(nine_grids(store.territory()), id="main", created=NOW)
        store.publish("main", 1)
        client = create_app(Settings(), store, hand).test_client()
        body = {"edits": [{"op": "move", "atoms": ["a2"], "to": "g0"}]}
        assert client.post("/plans/main/edits", json=body, headers={"If-Match": '"main@1"'}).status_code == 201
        postgis.stop("immediate")
        try:
            body["edits"][0]["to"] = "g1"
            replies = [
                client.post("/plans/main/edits", json=body, headers={"If-Match": '"main@2"'}),
                client.get("/plans"),
                client.get("/readyz"),
                client.post("/processes/check/execution", json={"inputs": {}}),
            ]
        finally:
            postgis.start()
        assert [reply.status_code for reply in replies] == [503] * 4
        assert all(int(reply.headers["Retry-After"]) > 0 for reply in replies)
        assert client.get("/healthz").status_code == 200
        assert [record.name for record in store.plans()] == ["main@1", "main@2"]
        assert check_coverage(store.plan("main", 2)).complete
        assert client.post("/plans/main/edits", json=body, headers={"If-Match": '"main@2"'}).json["version"] == 3


def line_to(server):
    """A connection of its own: any worker may answer it."""
    return closing(HTTPConnection("127.0.0.1", server.port, timeout=30))


def statuses(server, path, number):
    """Answers to one question, each over a connection of its own."""
    for _ in range(number):
        with line_to(server) as line:
            yield server.ask(line, "GET", path)[0]


@pytest.mark.slow
def test_what_one_worker_was_told_all_workers_tell(tmp_path):
    """Five hundred marks, each read back at once over another connection, and named by the alarm or not: none is stale.

    The last mark holds after all processes were killed and started again.
    """
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    server, asked = Served(path, workers=2), set()
    try:
        for at in range(500):
            busy = at % 2 == 0
            with line_to(server) as line:
                told = server.ask(line, "POST", "/responders/r0/status", {"busy": busy})[1]
            with line_to(server) as line:
                asked.add(_worker(line))
                named = [one["code"] for one in server.ask(line, "POST", "/alarms", {"site": "u0"})[1]["responders"]]
                shown = server.ask(line, "GET", "/responders/r0/status")[1]
            assert (told["busy"], shown["busy"], "r0" in named) == (busy, busy, not busy)
        assert len(asked) == 2
    finally:
        server.kill()
    again = Served(path, workers=2)
    try:
        for _ in range(8):
            with line_to(again) as line:
                assert not again.ask(line, "GET", "/responders/r0/status")[1]["busy"]
    finally:
        again.kill()


def _worker(line):
    """Which process answers this connection: the first that metrics tell is the one asked."""
    line.request("GET", "/metrics")
    return line.getresponse().read().decode().partition('worker="')[2].partition('"')[0]


@pytest.mark.slow
def test_a_key_is_answered_once_by_all_workers(tmp_path):
    """One key sent at the same time to whichever worker is free has one answer, and one is the first."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    server = Served(path, workers=2)
    answers_, lock = [], threading.Lock()

    def send(key):
        with line_to(server) as line:
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}
            line.request("POST", "/alarms", json.dumps({"site": "u0"}), headers)
            reply = line.getresponse()
            with lock:
                answers_.append((key, reply.status, reply.read(), reply.headers["Idempotent-Replayed"]))

    try:
        for key in ("one", "two", "three", "four", "five"):
            with line_to(server) as line:
                server.ask(line, "POST", "/responders/r0/status", {"busy": key > "p"})
            threads = [threading.Thread(target=send, args=(key,)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            mine = [(status, data, again) for name, status, data, again in answers_ if name == key]
            assert len({data for _, data, _ in mine}) == 1 and {status for status, _, _ in mine} == {200}
            assert sorted(again is None for _, _, again in mine) == [False] * 7 + [True]
    finally:
        server.kill()


@pytest.mark.slow
def test_workers_count_together(tmp_path):
    """A rate is that of the server however many workers it has, and any worker tells the requests of all."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    server = Served(path, workers=2, rate=0.5)  # ten at once at least, then one every two seconds
    try:
        began = time.monotonic()
        found = list(statuses(server, "/plans", 40))
        most = 10 + (time.monotonic() - began) * 0.5
        assert 0 < found.count(200) <= most and set(found) == {200, 429}
    finally:
        server.kill()
    server = Served(path, workers=2)
    try:
        assert list(statuses(server, "/plans", 40)) == [200] * 40
        time.sleep(2.0)  # a worker writes down what it counted every second
        with line_to(server) as line:
            line.request("GET", "/metrics")
            lines = line.getresponse().read().decode().splitlines()
        told = [one for one in lines if one.startswith("gridgeo_requests_total") and 'route="/plans"' in one]
        assert len(told) == 2 and sum(int(one.rpartition(" ")[2]) for one in told) == 40
    finally:
        server.kill()
