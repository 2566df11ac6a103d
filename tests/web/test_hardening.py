"""What somebody who means harm, or a clumsy program, sends."""

from __future__ import annotations

import pytest

from gridgeo.web.body import read_json
from gridgeo.web.faults import RequestFault
from tests.web.test_transactions import at, feature

HTML = {"Accept": "text/html", "Accept-Encoding": "gzip"}


@pytest.mark.timeout(60)
def test_a_text_never_closed_is_read_in_linear_time():
    """Two million bytes of escaped quotes are refused at once, not after hours."""
    with pytest.raises(RequestFault, match="not JSON"):
        read_json(b'"' + b'\\"' * 1_000_000, max_depth=8)


def test_nothing_is_written_under_a_version(client, lonlat):
    """The address of a version reads; a change sent there is refused and changes nothing."""
    before = client.get("/plans").data
    posted = client.post("/plans/main@1/collections/places/items", json=feature(lonlat, 10, 10, code="p9"))
    renamed = client.patch(
        "/plans/main/collections/grids/items/g0",
        json={"type": "Feature", "properties": {"name": "x"}},
        headers={"If-Match": "*"},
    )
    assert (posted.status_code, renamed.status_code) == (404, 404)
    assert client.get("/plans").data == before


def test_a_page_is_never_the_packed_document(client):
    """Packed, a page stays a page and a document a document, each with an ETag of its own."""
    document = client.get(at("g0", "grids"), headers={"Accept-Encoding": "gzip"})
    page = client.get(at("g0", "grids"), headers=HTML)
    assert page.content_type.startswith("text/html") and page.data != document.data
    assert page.headers["ETag"] != document.headers["ETag"]


@pytest.mark.parametrize("code", ["x\r\nSet-Cookie: a=b", "a/b", "n\0l", ".", ".."])
def test_codes_that_break_addresses_are_refused(client, lonlat, code):
    """A code with a slash or a control character, or one that means a folder, is 400, and nothing is kept."""
    answer = client.post("/collections/places/items", json=feature(lonlat, 10, 10, code=code))
    assert answer.status_code == 400
    assert code not in [one["id"] for one in client.get("/collections/places/items").json["features"]]


def test_odd_codes_have_sound_addresses(client, lonlat):
    """What an address cannot hold as it is, it holds quoted."""
    answer = client.post("/collections/places/items", json=feature(lonlat, 10, 10, code="点?x#y"))
    assert answer.status_code == 201
    assert client.get(answer.headers["Location"]).json["id"] == "点?x#y"


def test_an_origin_that_is_no_address_is_foreign(client):
    """A malformed Origin is refused like that of another site."""
    assert client.post("/locate", json={"points": []}, headers={"Origin": "http://["}).status_code == 403


def test_made_up_methods_are_counted_as_one(client):
    """However many methods are made up, the metrics hold one more line each."""
    for number in range(20):
        client.open("/healthz", method=f"ZZ{number}")
    told = client.get("/metrics").text
    assert "ZZ" not in told and 'method="other"' in told


def test_any_version_is_asked_for_by_a_bare_star_only(client):
    """A quoted star is an ordinary tag, and so stale."""
    edits = {"edits": [{"op": "lock", "grid": "g0"}]}
    assert client.post("/plans/main/edits", json=edits, headers={"If-Match": '"*"'}).status_code == 412
    assert client.post("/plans/main/edits", json=edits, headers={"If-Match": "*"}).status_code in (200, 201)
