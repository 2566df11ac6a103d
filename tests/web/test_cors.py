from __future__ import annotations

import pytest

from gridgeo.settings import Settings
from gridgeo.web.app import create_app

OURS, OTHERS = {"Origin": "https://maps.example"}, {"Origin": "https://evil.example"}


@pytest.fixture
def opened(store):
    return create_app(Settings(cors="https://maps.example, https://two.example"), store).test_client()


def test_nobody_else_may_read_by_default(client):
    """Without the setting no origin is allowed, preflight included."""
    for reply in (
        client.get("/", headers=OURS),
        client.options("/", headers=OURS | {"Access-Control-Request-Method": "GET"}),
    ):
        assert not [name for name, _ in reply.headers if name.startswith("Access-Control")]


def test_named_origins_may_read(opened):
    """A page of a named origin may read answers and their tags; one of another origin may not."""
    reply = opened.get("/collections/grids/items", headers=OURS)
    assert reply.headers["Access-Control-Allow-Origin"] == OURS["Origin"]
    assert "ETag" in reply.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert "Access-Control-Allow-Origin" not in opened.get("/", headers=OTHERS).headers
    assert "Origin" in ", ".join(opened.get("/").headers.getlist("Vary"))


def test_preflight_allows_reading_only(opened):
    """A preflight is answered without a key, for reading, and for named origins only."""
    asks = {"Access-Control-Request-Method": "POST"}
    reply = opened.options("/locate", headers=OURS | asks)
    assert (reply.status_code, reply.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
    assert "Access-Control-Allow-Methods" not in opened.options("/locate", headers=OTHERS | asks).headers
    assert "Access-Control-Allow-Origin" not in opened.post("/locate", json={"points": []}, headers=OURS).headers
