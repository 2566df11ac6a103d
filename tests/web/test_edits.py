from __future__ import annotations

import json
import threading

import numpy as np
import pytest
import shapely

from gridgeo.audit import AuditLog
from gridgeo.core.coverage import check_coverage
from gridgeo.errors import BackendError, ConflictError
from gridgeo.store import MemoryStore
from gridgeo.web.editing import UnprovenError, proven
from gridgeo.web.matching import plan_tag
from tests.web.conftest import nine_grids, town


def send(client, path, body, tag=None):
    """A change of a plan, from the state it has now unless a tag is given."""
    if tag is None:
        tag = client.get(f"/plans/{path.split('/')[2]}").headers["ETag"]
    return client.post(path, json=body, headers={"If-Match": tag} if tag else {})


def edit(client, *edits, plan="main", tag=None, **more):
    return send(client, f"/plans/{plan}/edits", {"edits": list(edits), **more}, tag)


MOVE = {"op": "move", "atoms": ["a2"], "to": "g0"}


def test_a_batch_lands_as_the_next_version(client, store):
    """A batch of moves makes one version, proven, with its numbers before and after; the published plan stays."""
    reply = edit(client, MOVE, {"op": "rename", "grid": "g0", "name": "West"}, note="river split")
    assert (reply.status_code, reply.json["plan"]) == (201, "main@2")
    assert reply.headers["Location"].endswith("/plans/main@2")
    assert reply.json["certificate"]["complete"] and reply.json["certificate"]["grids"] == ["g0", "g1"]
    assert [(g["code"], g["before"]["households"], g["after"]["households"]) for g in reply.json["changed"]] == [
        ("g0", 400, 500),
        ("g1", 400, 300),
    ]
    record = store.plans()[-1]
    assert (record.note, record.author, record.parent, record.draft) == ("river split", "local", "main@1", True)
    assert check_coverage(store.plan("main", 2)).complete
    assert client.get("/collections/atoms/items/a2").json["properties"]["grid"] == "g1"
    assert client.get("/plans/main/collections/atoms/items/a2").json["properties"]["grid"] == "g0"


def test_edits_in_a_row_need_no_reading(client):
    """The ETag of an answer is the state the next batch begins with."""
    tag = edit(client, MOVE).headers["ETag"]
    reply = edit(client, {"op": "move", "atoms": ["a2"], "to": "g1"}, tag=tag, publish=True)
    assert (reply.json["plan"], reply.json["published"]) == ("main@3", True)
    assert edit(client, MOVE, tag=reply.headers["ETag"]).status_code == 201


def test_a_batch_without_if_match(client, store):
    """A change that does not say what it was made from is answered with 428, and nothing changes."""
    before = store.stamp()
    assert edit(client, MOVE, tag="").status_code == 428
    assert store.stamp() == before


@pytest.mark.parametrize("tag", ['"main@7"', '"other"', 'W/"main@1"'])
def test_a_stale_batch(client, store, tag):
    """A change made from another version is answered with 412, and nothing changes."""
    before = store.stamp()
    assert edit(client, MOVE, tag=tag).status_code == 412
    assert store.stamp() == before


def test_a_batch_that_tears_a_grid(client, store):
    """A broken rule is answered with 409, the rule, and the place as geometry; nothing of the batch is kept."""
    before = store.stamp()
    reply = edit(client, {"op": "rename", "grid": "g0", "name": "West"}, {"op": "move", "atoms": ["a35"], "to": "g0"})
    assert (reply.status_code, reply.json["rule"]) == (409, "contiguity")
    place = shapely.from_geojson(str(reply.json["geometry"]).replace("'", '"'))
    assert place.geom_type == "Polygon" and 116 < place.centroid.x < 118
    assert store.stamp() == before
    assert edit(client, MOVE).status_code == 201


@pytest.mark.parametrize(
    ("edits", "status"),
    [
        ([{"op": "move", "atoms": ["a2"], "to": "nope"}], 404),
        ([{"op": "move", "atoms": ["nope"], "to": "g0"}], 404),
        ([{"op": "fly"}], 422),
        ([{"op": "move"}], 422),
        ([], 400),
    ],
)
def test_edits_that_cannot_be_carried_out(client, store, edits, status):
    """Edits that name nothing or say nothing are refused, and nothing changes."""
    before = store.stamp()
    assert edit(client, *edits).status_code == status
    assert store.stamp() == before


def test_more_edits_than_allowed(client):
    """A batch longer than the cap is refused."""
    assert edit(client, *[{"op": "lock", "grid": "g0"}] * 1001).status_code == 400


def test_locks_stay_with_the_plan(client):
    """A locked grid keeps its ground in every later batch, until it is unlocked."""
    edit(client, {"op": "lock", "grid": "g0"})
    assert client.get("/plans/main").json["locked"] == ["g0"]
    reply = edit(client, MOVE)
    assert (reply.status_code, reply.json["rule"]) == (409, "lock")
    assert edit(client, {"op": "unlock", "grid": "g0"}, MOVE).status_code == 201


def test_strict_batches_keep_the_soft_rules(client):
    """A batch that leaves the size band is told, and refused when strict."""
    out = {"op": "move", "atoms": ["a2", "a8"], "to": "g0"}
    assert edit(client, out, strict=True).status_code == 409
    assert {n["kind"] for n in edit(client, out).json["notices"]} == {"edit-out-of-band"}


def test_undo_again_and_again(client, store):
    """Undo takes back one change after the other, keeps them all as versions, and ends where there is none."""
    first = store.plans()[0].digest
    edit(client, MOVE)
    second = store.plans()[1].digest
    edit(client, {"op": "merge", "grids": ["g7", "g8"]})
    for digest in (second, first):
        reply = send(client, "/plans/main/undo", {})
        assert (reply.status_code, reply.json["digest"]) == (201, digest)
    assert send(client, "/plans/main/undo", {}).status_code == 404
    assert len(store.plans()) == 5
    edit(client, MOVE)
    assert send(client, "/plans/main/undo", {}).json["digest"] == first


def test_restore_brings_a_version_back(client, store):
    """An old version becomes the next one; what was between stays readable."""
    edit(client, MOVE)
    reply = send(client, "/plans/main/restore", {"version": 1, "note": "as it was"})
    assert (reply.json["version"], reply.json["digest"]) == (3, store.plans()[0].digest)
    assert client.get("/plans/main@2/collections/atoms/items/a2").json["properties"]["grid"] == "g0"


def test_a_draft_begins_with_a_version(client):
    """A named draft holds what it was begun with, and a name can be taken once."""
    reply = client.post("/plans", json={"id": "east", "from": "main@1", "note": "try"})
    assert (reply.status_code, reply.json["draft"], reply.json["parent"]) == (201, True, "main@1")
    assert client.post("/plans", json={"id": "east"}).status_code == 412
    assert client.post("/plans", json={"id": "../x"}).status_code == 400


def test_two_drafts_are_merged(client, store):
    """What two planners changed in different places comes together, proven."""
    client.post("/plans", json={"id": "east"})
    edit(client, {"op": "move", "atoms": ["a33"], "to": "g8"}, plan="east")
    edit(client, MOVE)
    reply = send(client, "/plans/main/merge", {"theirs": "east"})
    assert (reply.status_code, reply.json["base"], reply.json["certificate"]["complete"]) == (201, "main@1", True)
    labels = client.get("/plans/main/labels").json["labels"]
    assert (labels["a2"], labels["a33"]) == ("g0", "g8")
    assert check_coverage(store.plan("main", 3)).complete


def test_drafts_that_want_different_things(client, store):
    """Where both gave an atom away, to different grids, the merge is refused with the place; nothing changes."""
    client.post("/plans", json={"id": "east"})
    edit(client, {"op": "move", "atoms": ["a8"], "to": "g4"}, plan="east")
    edit(client, {"op": "move", "atoms": ["a8"], "to": "g0"})
    before = store.stamp()
    reply = send(client, "/plans/main/merge", {"theirs": "east"})
    assert (reply.status_code, reply.json["conflicts"][0]["atoms"]) == (409, ["a8"])
    assert reply.json["geometry"]["type"] == "Polygon" and store.stamp() == before


def test_drafts_clean_alone_and_torn_together(client):
    """Two drafts that each keep the rules but tear a grid together are refused with the rule."""
    client.post("/plans", json={"id": "east"})
    assert edit(client, {"op": "move", "atoms": ["a8"], "to": "g4"}, plan="east").status_code == 201
    assert edit(client, {"op": "move", "atoms": ["a3"], "to": "g2"}).status_code == 201
    reply = send(client, "/plans/main/merge", {"theirs": "east"})
    assert reply.status_code == 409 and reply.json["broken"][0]["rule"] == "contiguity"


def test_versions_answer_the_whole_api(client):
    """Under the address of a version stands the same API, with links that stay there."""
    edit(client, {"op": "merge", "grids": ["g0", "g1"]})
    for plan, grids in (("main@1", 9), ("main@2", 8), ("main", 8)):
        listed = client.get(f"/plans/{plan}/collections/grids/items?limit=2").json
        assert listed["numberMatched"] == grids
        follow = next(link["href"] for link in listed["links"] if link["rel"] == "next")
        assert f"/plans/{plan}/collections/" in follow and client.get(follow).status_code == 200
        assert client.get(f"/plans/{plan}/coverage").json["complete"]
        assert client.get(f"/plans/{plan}/conformance").status_code == 200
    assert (
        client.get("/plans/main@2/locate?point=117.0015,30.726").json
        == client.get("/plans/main/locate?point=117.0015,30.726").json
    )
    assert client.get("/plans/nope/collections").status_code == 404
    assert client.get("/plans/main@9/coverage").status_code == 404


def test_time_travel(client, store):
    """`datetime` answers from the plan in force then: none before the first, an old one, the present one."""
    edit(client, {"op": "merge", "grids": ["g0", "g1"]})
    store.publish("main", 2, created="2026-11-22T09:00:00Z")
    count = lambda when: client.get(f"/collections/grids/items?datetime={when}").json["numberMatched"]  # noqa: E731
    assert count("2026-11-20T00:00:00Z") == 0
    assert count("2026-11-21T12:00:00Z") == 9
    assert count("2026-11-21T12:00:00Z/..") == 8
    assert count("../2026-11-21T12:00:00Z") == 9
    assert count("2026-11-23T00:00:00Z") == 8
    assert client.get("/collections/streets/items?datetime=2026-11-20T00:00:00Z").json["numberMatched"] > 0
    assert client.get("/collections/grids/items?datetime=2026-11-23T00:00:00Z/2026-11-20T00:00:00Z").status_code == 400


def test_diff_of_versions(client):
    """What sets two versions apart comes as edits that make one the other."""
    edit(client, MOVE)
    told = client.get("/plans/main@1/diff?to=main@2").json
    assert (told["edits"], told["households_moved"]) == ([MOVE], 100)
    assert client.get("/plans/main@2/diff").json["edits"] == [{"op": "move", "atoms": ["a2"], "to": "g1"}]


def test_versions_have_strong_tags(client, store):
    """A version read again unchanged is not sent twice; publishing it changes what is told of it."""
    record = store.plans()[0]
    tag = client.get("/plans/main").headers["ETag"]
    assert tag == plan_tag(record)
    assert client.get("/plans/main", headers={"If-None-Match": tag}).status_code == 304
    edit(client, MOVE)
    assert client.get("/plans/main").headers["ETag"] == '"main@2"'


def test_two_editors_conflict_cleanly(app, store):
    """Of batches sent at once from one state one lands, the others are stale, and the plan has one more version."""
    tag = plan_tag(store.plans()[0])
    statuses = []

    def go():
        body = {"edits": [MOVE]}
        statuses.append(app.test_client().post("/plans/main/edits", json=body, headers={"If-Match": tag}).status_code)

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 412, 412, 412] and len(store.plans()) == 2


def test_two_services_conflict_cleanly(store, client):
    """A desk laid out before another service saved is not used: the edit begins with what is kept."""
    edit(client, MOVE)
    store.save_plan(store.plan("main", 1), id="main", created="2026-11-22T10:00:00Z", after=2)
    assert edit(client, MOVE, tag='"main@2"').status_code == 412
    assert edit(client, MOVE).json["changed"][0]["after"]["households"] == 500


def test_a_desk_whose_save_failed_is_thrown_away(client, store, monkeypatch):
    """When the store refuses a version, the next edit begins with what is kept, not with what was tried."""

    def refuse(*args, **named):
        raise ConflictError("somebody was faster")

    with monkeypatch.context() as patched:
        patched.setattr(MemoryStore, "save_plan", refuse)
        assert edit(client, MOVE).status_code == 412
    reply = edit(client, MOVE)
    assert [g["before"]["households"] for g in reply.json["changed"]] == [400, 400]


def test_ground_lost_is_not_proven():
    """Polygons that do not cover the ground of before are refused, whoever made them."""
    plan = nine_grids(town())
    moved = plan.move(np.array([2]), "g0")
    assert proven(plan, moved, ["g0", "g1"])["complete"]
    with pytest.raises(UnprovenError):
        proven(plan, moved, ["g0"])


@pytest.mark.parametrize("book", ["edits", "audit"])
def test_an_edit_whose_entry_fails_is_not_kept(client, store, monkeypatch, book):
    """When journal or audit log cannot be written, the version is not kept either, and the next edit begins before."""
    append = MemoryStore.append

    def refuse(self, to, *args, **named):
        if to == book:
            raise BackendError("the disk is full")
        return append(self, to, *args, **named)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryStore, "append", refuse)
        assert edit(client, MOVE, publish=True).status_code == 503
    assert [record.name for record in store.plans()] == ["main@1"] and store.entries("edits") == ()
    assert edit(client, MOVE).json["plan"] == "main@2"


def test_an_edit_and_its_entries_are_one(client, store):
    """A batch that is published at once writes one version, one entry of edits and one of audit, in one transaction."""
    reply = edit(client, MOVE, publish=True)
    assert reply.status_code == 201 and reply.json["published"]
    entry = AuditLog(store).read()[-1]
    assert (entry.what, entry.where, entry.outcome) == ("post_edit", "plans/main@2", "201")
    assert len(store.entries("edits")) == len(AuditLog(store).read()) == 1


def test_editors_side_by_side(app, store):
    """Hands on several plans at once, strict or not, some refused: each version has one entry, with its locks."""
    client, failed = app.test_client(), []
    names = ["main", "east", "west", "north"]
    for name in names[1:]:
        client.post("/plans", json={"id": name})

    def go(name, strict):
        own = app.test_client()
        for n in range(6):
            tag = own.get(f"/plans/{name}").headers["ETag"]
            lock = {"op": "unlock" if n % 2 else "lock", "grid": "g0"}
            edits = [lock] if n % 3 else [{"op": "move", "atoms": ["a99"], "to": "g0"}]
            body = {"edits": edits, "strict": strict}
            reply = own.post(f"/plans/{name}/edits", json=body, headers={"If-Match": tag})
            if reply.status_code not in (201, 400, 404, 409, 412, 422):
                failed.append(reply.json)

    threads = [threading.Thread(target=go, args=(name, strict)) for name in names for strict in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = [json.loads(text) for text in store.entries("edits")]
    done = [f"{entry['plan']}@{entry['version']}" for entry in entries]
    made = [record.name for record in store.plans() if record.version > 1]
    assert not failed and sorted(done) == sorted(made) and len(made) >= len(names)
    last = {entry["plan"]: entry["locked"] for entry in entries}
    assert {name: client.get(f"/plans/{name}").json["locked"] for name in names} == last
