from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import closing

import pytest

from gridgeo.audit import AuditLog
from gridgeo.core.model import Table, texts
from gridgeo.core.partition import PlanParams
from gridgeo.errors import BackendError, InputError
from gridgeo.io.write import write_plan
from gridgeo.keys import KeyRing, Role
from gridgeo.settings import Settings
from gridgeo.store import open_store
from gridgeo.web import inputs
from gridgeo.web.app import create_app
from gridgeo.web.computing import Done, Hand, JobBook, World
from gridgeo.web.computing.book import FullError, alive, me
from gridgeo.web.computing.hand import Lost
from tests.web.conftest import NOW, nine_grids, town

LATER = {"Prefer": "respond-async"}


def order(client, process, headers=None, **given):
    return client.post(f"/processes/{process}/execution", json={"inputs": given}, headers=headers or LATER)


def ended(client, address):
    """The job once it is over."""
    for _ in range(600):
        told = client.get(address).json
        if told["status"] not in ("accepted", "running"):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def test_a_job_runs_to_its_answer(client, store):
    """A job is accepted with its address, runs, and its answer is what the same request answers at once."""
    reply = order(client, "draw", seconds=30, id="later", publish=False, rng_seed=7)
    assert (reply.status_code, reply.headers["Preference-Applied"]) == (201, "respond-async")
    address = reply.headers["Location"]
    told = ended(client, address)
    assert (told["status"], told["progress"], told["processID"]) == ("successful", 100, "draw")
    answer = client.get(address + "/results").json
    assert answer["plan"] == "later@1" and answer["certificate"]["complete"]
    atonce = client.post(
        "/processes/draw/execution",
        json={"inputs": {"seconds": 30, "id": "atonce", "publish": False, "rng_seed": 7}},
    ).json
    assert [r.digest for r in store.plans()[-2:]] == [store.plans()[-1].digest] * 2 and atonce["plan"] == "atonce@1"


def test_jobs_are_listed_newest_first(client):
    """Jobs are listed page by page, by process and state."""
    first = order(client, "pair", givers={}, takers={}).json["jobID"]
    second = order(client, "check").json["jobID"]
    ended(client, f"/jobs/{second}")
    assert [job["jobID"] for job in client.get("/jobs").json["jobs"]] == [second, first]
    page = client.get("/jobs?limit=1").json
    assert [link["href"][-27:] for link in page["links"] if link["rel"] == "next"]
    assert [job["jobID"] for job in client.get("/jobs?processID=pair&status=successful").json["jobs"]] == [first]


def test_a_job_that_fails_says_why(client, store):
    """What the verb raises is the message of a failed job, and there is no answer."""
    address = order(client, "draw", households=[300, 500], count=500, seconds=2).headers["Location"]
    told = ended(client, address)
    assert told["status"] in ("failed", "successful")
    if told["status"] == "failed":
        assert told["message"] and client.get(address + "/results").status_code == 404


@pytest.mark.parametrize(("path", "word"), [("/jobs/nope", "no-such-job"), ("/jobs/nope/results", "no-such-job")])
def test_unknown_jobs(client, path, word):
    """A job that is not there is told in the words of the standard."""
    reply = client.get(path)
    assert (reply.status_code, reply.json["type"].rpartition("/")[2]) == (404, word)
    assert client.delete("/jobs/nope").status_code == 404


class Slow:
    """A hand that is at work until it is told to stop, and hands over what it has."""

    def __init__(self):
        self.begun = threading.Event()
        self.done = lambda: Done({"best": "so far"})

    def run(self, verb, world, given, *, seconds, wanted, progress):
        """Work until nobody wants it."""
        self.begun.set()
        progress("draw", 0.37)
        while wanted():
            time.sleep(0.01)
        return self.done()

    def close(self):
        """Nothing to end."""


@pytest.fixture
def slow(store):
    """A client whose computations last until they are dismissed, and the hand."""
    hand = Slow()
    return create_app(Settings(max_jobs=2), store, hand).test_client(), hand


def test_dismissed_within_a_second_with_the_best_so_far(slow):
    """A running job is ended within a second, and what it has found is kept."""
    client, hand = slow
    address = order(client, "check").headers["Location"]
    assert hand.begun.wait(5)
    assert client.get(address + "/results").json["type"].endswith("result-not-ready")
    assert client.get(address).json["progress"] == 35
    began = time.monotonic()
    reply = client.delete(address)
    assert (reply.status_code, reply.json["status"]) == (200, "dismissed") and time.monotonic() - began < 1.0
    assert client.get(address + "/results").json == {"best": "so far"}
    assert client.delete(address).json["status"] == "dismissed"


def test_dismissed_by_another_process_of_the_service(slow, store):
    """Whichever process of the service is asked, the one that computes hears of it."""
    client, hand = slow
    address = order(client, "check").headers["Location"]
    assert hand.begun.wait(5)
    other = create_app(Settings(), store, Slow()).test_client()
    assert other.delete(address).json["status"] == "dismissed"
    assert ended(client, address)["status"] == "dismissed"


def test_one_computation_at_a_time(slow):
    """While a job computes, a request for an answer at once is sent away with a time to come back; jobs wait."""
    client, hand = slow
    first = order(client, "check").headers["Location"]
    assert hand.begun.wait(5)
    reply = order(client, "check", headers={"Prefer": "wait=5"})
    assert (reply.status_code, int(reply.headers["Retry-After"]) > 0) == (503, True)
    second = order(client, "check").headers["Location"]
    assert client.get(second).json["status"] == "accepted"
    assert client.delete(second).json["status"] == "dismissed"
    client.delete(first)
    assert ended(client, second)["status"] == "dismissed"


@pytest.mark.slow
def test_what_has_nothing_half_done_ends_at_its_time(monkeypatch):
    """A verb that never asks whether to stop is ended when its time is up, and the next task is answered."""
    monkeypatch.setattr("gridgeo.web.computing.hand.WHOLE_S", 0.2)
    hand = Hand()
    go(hand, "pair", inputs.PairInputs({}, {}), seconds=60.0)
    os.kill(hand._process.pid, signal.SIGSTOP)  # at work for ever
    began = time.monotonic()
    with pytest.raises(Lost, match="no answer in time"):
        go(hand, "check", inputs.CheckInputs(), seconds=0.3)
    assert time.monotonic() - began < 5.0
    assert go(hand, "pair", inputs.PairInputs({"a": 1}, {"b": 1}), seconds=60.0).document["pairs"]
    hand.close()


class Brief:
    """A hand that takes a moment for each task."""

    def __init__(self):
        self.begun = threading.Event()

    def run(self, verb, world, given, *, seconds, wanted, progress):
        """Take a moment."""
        self.begun.set()
        time.sleep(0.02)
        return Done({"done": True})

    def close(self):
        """Nothing to end."""


def test_guests_at_work_without_end_keep_nobody_out(store):
    """A planner who finds a viewer at work is next, before viewers who ask again and again."""
    viewer, planner = ({"X-API-Key": KeyRing(store).add(role, when=NOW)[1]} for role in (Role.VIEWER, Role.PLANNER))
    hand = Brief()
    app = create_app(Settings(rate=1000), store, hand)
    answered, over = [], threading.Event()

    def ask_on():
        while not over.is_set():
            answered.append(order(app.test_client(), "check", headers=viewer).status_code)
            time.sleep(0.002)

    guests = [threading.Thread(target=ask_on) for _ in range(3)]
    for guest in guests:
        guest.start()
    assert hand.begun.wait(5)
    try:
        client = app.test_client()
        client.environ_base["HTTP_X_API_KEY"] = planner["X-API-Key"]
        replies = [order(client, "check", headers={"Prefer": "wait=9"}).status_code for _ in range(5)]
        assert ended(client, order(client, "check").headers["Location"])["status"] == "successful"
    finally:
        over.set()
        for guest in guests:
            guest.join()
    assert replies == [200] * 5
    assert {200, 503} <= set(answered)


def test_no_more_jobs_than_allowed(slow):
    """A job beyond the cap is refused with 429 until one ends."""
    client, hand = slow
    addresses = [order(client, "check").headers["Location"] for _ in range(2)]
    reply = order(client, "check")
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "1")
    assert hand.begun.wait(5)
    for address in addresses:
        client.delete(address)
    assert ended(client, addresses[1])["status"] == "dismissed"
    assert order(client, "check").status_code == 201


def test_jobs_of_a_service_that_ended_have_failed(store):
    """A job whose process is gone is told as failed, with the reason, and no longer counts."""
    book = JobBook(store, lambda: NOW)
    book.accept("a" * 32, "draw", "local", 5)
    gone = f"{me().split(':')[0]}:999999999:1"
    book.write("b" * 32, "accepted", process="draw", by="local", owner=gone)
    after = JobBook(store, lambda: NOW)
    assert [(job.state, bool(job.message)) for job in after.jobs()] == [("accepted", False), ("failed", True)]
    assert "service ended" in after.job("b" * 32).message


def test_only_the_living_own_jobs():
    """A process number taken by somebody else later is not the owner."""
    host, pid, began = me().split(":")
    assert alive(me()) and not alive(f"{host}:{pid}:{int(began) + 1}")


def test_two_services_count_together(store):
    """The cap holds over all processes of the service."""
    one, two = JobBook(store, lambda: NOW), JobBook(store, lambda: NOW)
    one.accept("a" * 32, "draw", "local", 2)
    two.accept("b" * 32, "draw", "local", 2)
    with pytest.raises(Exception, match="2 jobs wait or run"):
        one.accept("c" * 32, "draw", "local", 2)


def world():
    land = town()
    return World(territory=land, plan=nine_grids(land))


def go(hand, verb, given, land=None, **more):
    options = {"seconds": 5.0, "wanted": lambda: True, "progress": lambda stage, share: None} | more
    return hand.run(verb, land or world(), given, **options)


def test_a_hand_tells_the_errors_of_the_core(hand):
    """An error of the verb comes back as itself, and the hand goes on."""
    with pytest.raises(InputError) as told:
        go(hand, "draw", inputs.DrawInputs(households=(500, 300)))
    with pytest.raises(InputError) as wanted:
        PlanParams(households=(500, 300))
    assert str(told.value) == str(wanted.value)
    assert go(hand, "check", inputs.CheckInputs()).document["complete"]


def test_a_hand_gives_plans_on_our_own_territory(hand):
    """A drawn plan stands on the very territory it was asked for."""
    land = world()
    assert go(hand, "draw", inputs.DrawInputs(), land, seconds=2.0).kept.territory is land.territory


@pytest.mark.slow
def test_a_killed_hand_is_lost_and_begins_anew():
    """A computing process killed at work is told as such; the next task gets a new one."""
    hand = Hand()
    assert go(hand, "check", inputs.CheckInputs()).document["complete"]
    process = hand._process

    def kill(stage, share):
        process.kill()

    with pytest.raises(Lost):
        go(hand, "patrol", inputs.PatrolInputs(), progress=kill)
    assert go(hand, "check", inputs.CheckInputs()).document["complete"]
    hand.close()


@pytest.mark.slow
def test_a_hand_left_at_work_answers_nobody_else(hand):
    """When the book cannot be reached at progress, the next caller gets the answer of its own task."""
    left = Hand()

    def refuse(stage, share):
        raise BackendError("the book cannot be reached")

    with pytest.raises(BackendError, match="the book"):
        go(left, "draw", inputs.DrawInputs(seconds=1), progress=refuse)
    assert go(left, "tens", inputs.TensInputs()).document == go(hand, "tens", inputs.TensInputs()).document
    left.close()


def test_a_hand_out_of_memory_is_told():
    """A task that needs more memory than allowed fails; the server lives."""
    hand = Hand(memory_mb=1)
    with pytest.raises(Lost):
        go(hand, "check", inputs.CheckInputs())
    hand.close()


def test_guests_leave_places_to_planners(store):
    """Jobs of viewers and patrols take a quarter of the places, one at least; planners have the others."""
    book = JobBook(store, lambda: NOW)
    book.accept("a" * 32, "check", "viewer", 4, guest=True)
    with pytest.raises(FullError, match="1 jobs of viewers"):
        book.accept("b" * 32, "check", "patrol", 4, guest=True)
    assert book.accept("c" * 32, "draw", "planner", 4).state == "accepted"


def test_jobs_are_dismissed_by_their_owner(store):
    """A viewer ends the own job and none of another; a planner ends any. What was refused is in the audit log."""
    keys = [KeyRing(store).add(role, when=NOW) for role in (Role.VIEWER, Role.VIEWER, Role.PLANNER)]
    own, other, planner = ({"X-API-Key": text} for _, text in keys)
    client = create_app(Settings(max_jobs=2), store, Slow()).test_client()
    address = order(client, "check", headers=LATER | own).headers["Location"]
    assert order(client, "check", headers=LATER | other).status_code == 429
    assert client.delete(address, headers=other).status_code == 403
    assert client.delete(address, headers=own).json["status"] == "dismissed"
    assert client.delete(address, headers=planner).status_code == 200
    outcomes = [(e.who, e.outcome) for e in AuditLog(store).read() if e.what == "delete_dismiss"]
    assert outcomes == [(keys[1][0].id, "403"), (keys[0][0].id, "200"), (keys[2][0].id, "200")]


class Quick:
    """A hand that hands over a plan at once."""

    def run(self, verb, world, given, *, seconds, wanted, progress):
        """Draw nine grids."""
        return Done({"grids": 9}, nine_grids(world.territory))

    def close(self):
        """Nothing to end."""


def test_a_plan_is_kept_with_the_end_of_its_job_or_not_at_all(tmp_path):
    """Where the end of a job cannot be entered, neither its plan nor its answer is kept, and it is told as failed."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    with closing(open_store(str(path))) as store:
        client = create_app(Settings(), store, Quick()).test_client()
        store._backend.db.execute(
            "CREATE TRIGGER no_end BEFORE INSERT ON journals WHEN new.text LIKE '%successful%' "
            "BEGIN SELECT RAISE(ABORT, 'no end'); END"
        )
        address = order(client, "draw", id="later").headers["Location"]
        assert ended(client, address)["status"] == "failed"
        assert [record.name for record in store.plans()] == ["main@1"]
        assert not [book for book in store.books() if book.startswith("job-")]
        store._backend.db.execute("DROP TRIGGER no_end")
        address = order(client, "draw", id="later").headers["Location"]
        assert (ended(client, address)["status"], store.plans()[-1].published) == ("successful", True)
        assert client.get(address + "/results").json == {"plan": "later@1", "grids": 9}


def test_routes_of_a_plan_replaced_meanwhile_are_not_kept(store):
    """Walks of a plan that is no longer the published one when they are ready belong to no plan shown."""
    hand = Slow()
    client = create_app(Settings(), store, hand).test_client()
    kept = Table(columns={"grid": texts(["g0"])}, geometry=None)
    hand.done = lambda: Done({"routes": []}, kept)
    address = order(client, "patrol").headers["Location"]
    assert hand.begun.wait(5)
    store.publish(store.save_plan(nine_grids(store.territory()), id="main", created=NOW).id, 0, created=NOW)
    client.delete(address)
    assert (ended(client, address)["status"], store.routes()) == ("dismissed", None)
