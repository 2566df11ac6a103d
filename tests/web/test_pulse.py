from __future__ import annotations

import pytest

from gridgeo.errors import BackendError
from gridgeo.store import MemoryStore
from gridgeo.web import pulse


def test_readyz_tells_when_nothing_can_be_kept(client, monkeypatch):
    """While writing fails the service is not ready and says why; it lives, it reads, and it recovers by itself."""

    def full(self):
        raise BackendError("database or disk is full", where="/srv/plan.gpkg")

    monkeypatch.setattr(pulse, "HOLDS_S", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryStore, "try_write", full)
        reply = client.get("/readyz")
        assert reply.status_code == 503 and "disk is full" in reply.json["detail"] and "/srv" not in reply.text
        assert client.get("/healthz").status_code == client.get("/collections/grids/items").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_a_write_is_tried_once_in_a_while(client, monkeypatch):
    """However often readiness is asked for, one write is tried in a few seconds."""
    tries = []
    monkeypatch.setattr(MemoryStore, "try_write", lambda self: tries.append(1))
    replies = [client.get("/readyz") for _ in range(20)]
    assert {(reply.status_code, reply.headers["Cache-Control"]) for reply in replies} == {(200, "no-store")}
    assert len(tries) == 1


def test_a_fault_is_told_to_all_who_ask(client, monkeypatch):
    """A failed try is told again until the next one."""

    def cut(self):
        raise BackendError("the database cannot be used")

    monkeypatch.setattr(MemoryStore, "try_write", cut)
    first, again = client.get("/readyz"), client.get("/readyz")
    assert first.status_code == again.status_code == 503
    with pytest.raises(BackendError):
        pulse.Pulse(client.application.extensions["gridgeo"].store).feel()
