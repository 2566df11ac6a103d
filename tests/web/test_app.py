from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

import gridgeo.web
from gridgeo.errors import InputError
from gridgeo.settings import Settings
from gridgeo.store import MemoryStore
from gridgeo.web.app import create_app
from gridgeo.web.frame import HEADERS
from gridgeo.web.serve import check_host
from tests.web.conftest import town

STATIC = Path(gridgeo.web.__file__).parent / "static"
PAGES = {"/map", "/vendor/<file>", "/static/<path:filename>"}


def rules(app):
    return {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}


def test_every_route_is_documented(app, client):
    """Each route but those of the map page stands in the OpenAPI document, and nothing else does."""
    from gridgeo.web.layers import LAYERS, TILED

    wanted = set()
    for rule, method in rules(app):
        path = re.sub(r"<(\w+)>", r"{\1}", rule)
        if rule not in PAGES:
            ids = (TILED if "/tiles" in path else LAYERS) if "{collection}" in path else [""]
            written = [path.replace("{collection}", id) for id in ids]
            wanted |= {(each, method.lower()) for each in written}
    document = client.get("/api").json
    assert {(path, method) for path, item in document["paths"].items() for method in item} == wanted


def test_description_is_whole_in_itself(client):
    """Every reference of the OpenAPI document points inside it, and every operation has an id of its own."""
    document = client.get("/api").json
    for reference in set(re.findall(r'"\$ref":"([^"]+)"', client.get("/api").text)):
        part = document
        assert reference.startswith("#/")
        for step in reference[2:].split("/"):
            part = part[step]
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


def test_description_keeps_to_its_version(client):
    """No word of later versions of OpenAPI stands in the document."""
    text = client.get("/api").text
    assert not re.search(r'"type":"null"|"prefixItems"|"const":', text)


@pytest.mark.parametrize(
    "path", ["/", "/collections/grids/items", "/nope", "/map", "/static/map.js", "/vendor/maplibre-gl.js"]
)
def test_every_answer_has_security_headers(client, path):
    """Pages, documents, files and errors alike carry the security headers, and none opens other origins' way in."""
    reply = client.get(path, headers={"Origin": "https://example.org"})
    assert {name: reply.headers[name] for name in HEADERS} == HEADERS
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_foreign_host_names_are_refused(client):
    """A request under another host name, as by a rebound DNS entry, is refused."""
    reply = client.get("/", headers={"Host": "example.org"})
    assert (reply.status_code, reply.content_type) == (400, "application/problem+json")


def test_wrong_method(client):
    """A method a path does not know is 405 and says which it knows."""
    reply = client.delete("/collections")
    assert (reply.status_code, reply.content_type) == (405, "application/problem+json")
    assert "GET" in reply.headers["Allow"]


def test_too_large_a_body(client):
    """A body over the limit is refused before it is read."""
    reply = client.post("/locate", data=b" " * 100_001, content_type="application/json")
    assert (reply.status_code, reply.content_type) == (413, "application/problem+json")


def test_a_body_that_is_not_json(client):
    """A body of another media type is 415."""
    assert client.post("/locate", data="points=1", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("body", [b'{"points": [[NaN, 1]]}', b"[" * 90_000, b'{"points": [], "points": []}', b"\x00"])
def test_hostile_bodies_are_refused(client, body):
    """Bodies made to break parsers get a 400 problem."""
    reply = client.post("/locate", data=body, content_type="application/json")
    assert (reply.status_code, reply.content_type) == (400, "application/problem+json")
    assert reply.json["errors"][0]["pointer"].startswith("#")


def test_unknown_failures_tell_an_id_only(store, caplog):
    """A failure nobody foresaw is 500 with an id that leads to the log, and tells nothing else."""

    class Broken(MemoryStore):
        def plans(self):
            raise RuntimeError("secret path /srv/plans.gpkg")

    client = create_app(Settings(), Broken(store.territory())).test_client()
    with caplog.at_level(logging.ERROR, logger="gridgeo.web"):
        reply = client.get("/plans")
    assert (reply.status_code, reply.content_type) == (500, "application/problem+json")
    assert "secret" not in reply.text and reply.json["id"] in caplog.text


def test_territory_without_plan_is_served(store):
    """A territory that has no plan yet is served; what needs a plan says that none is published."""
    client = create_app(Settings(), MemoryStore(town())).test_client()
    assert client.get("/readyz").json == {"status": "ok", "plan": None}
    assert client.get("/collections/grids/items").json["features"] == []
    for path in ("/coverage", "/locate?point=117.0,30.7"):
        assert (client.get(path).status_code, client.get(path).json["type"]) == (404, "urn:gridgeo:problem:not-found")


def test_health(client):
    """The server says that it lives and which plan it shows."""
    assert client.get("/healthz").json["status"] == "ok"
    assert client.get("/readyz").json == {"status": "ok", "plan": "main@1"}


def test_app_needs_a_project():
    """Without a project there is an error with a hint, not an empty service."""
    with pytest.raises(InputError, match="GRIDGEO_PROJECT"):
        create_app(Settings())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_only_loopback_is_served(host):
    """An address others can reach is refused."""
    with pytest.raises(InputError):
        check_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.3.2.1"])
def test_loopback_is_served(host):
    """Addresses of this machine itself are fine."""
    check_host(host)


def test_map_page_asks_nobody_else(client):
    """The map page and its files name no address of another host, and every file it names is served."""
    page = client.get("/map").text
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert addresses
    for address in addresses:
        assert address.startswith("/")
        assert client.get(address).status_code == 200
    for file in STATIC.glob("*.*"):
        foreign = set(re.findall(r"https?://[\w.]+", file.read_text("utf-8"))) - {"http://www.w3.org"}
        assert not foreign, file.name


@pytest.mark.parametrize("path", ["/map", "/collections?f=html", "/plans/main@1/collections?f=html"])
def test_pages_stay_under_a_prefix(client, path):
    """Mounted under a path, every address a page names lies under it and is served there, once and not twice."""
    page = client.get(path, base_url="http://localhost/%E8%A1%97/town").text
    addresses = set(re.findall(r'(?:src|href)="(?:http://localhost)?([^"#]+)"', page))
    assert len(addresses) > 4
    for address in addresses:
        under = address.removeprefix("/%E8%A1%97/town").removeprefix("/街/town")
        assert under != address and client.get(under.replace("&amp;", "&")).status_code == 200, address
    assert path != "/map" or ' data-root="/%E8%A1%97/town">' in page


def test_map_page_runs_no_inline_code(client):
    """The page holds no inline script, style or handler, as its policy demands."""
    page = client.get("/map").text
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)


def test_vendor_serves_two_files_only(client):
    """Nothing else of the installed package can be fetched."""
    assert client.get("/vendor/ipywidget.js").status_code == 404
    assert client.get("/vendor/..%2f__init__.py").status_code == 404


def words() -> dict[str, dict[str, str]]:
    """Words of the page by language, read from its source."""
    text = (STATIC / "words.js").read_text("utf-8")
    blocks = re.findall(r"^  (zh|en): \{\n(.*?)^  \},", text, re.DOTALL | re.MULTILINE)
    return {language: dict(re.findall(r'^    "?([\w-]+)"?: "(.*)",$', body, re.MULTILINE)) for language, body in blocks}


def test_page_speaks_both_languages():
    """Every word of the page exists in Chinese and in English, with the same places for facts."""
    zh, en = words()["zh"], words()["en"]
    assert len(zh) > 60 and zh.keys() == en.keys()
    for key in zh:
        assert sorted(re.findall(r"{\w+}", zh[key])) == sorted(re.findall(r"{\w+}", en[key])), key


def test_page_words_are_known(client):
    """Every word the page and its scripts ask for by name is there, each fault kind included."""
    from gridgeo.core.coverage import KINDS

    asked = set(re.findall(r'data-(?:word|label|hint)="(\w+)"', client.get("/map").text))
    for file in STATIC.glob("*.js"):
        asked |= set(re.findall(r'\b(?:say|row|figure)\("([\w-]+)"', file.read_text("utf-8")))
    assert asked | {f"fault_{kind}" for kind in KINDS} <= words()["zh"].keys()


def test_settings_come_from_the_environment():
    """Every setting can be given as a variable, and comes back through the variables of a worker."""
    given = Settings(project="a.gpkg", port=9, workers=2, lang="en", max_seconds=1.5)
    assert Settings.from_env(given.to_env()) == given
    assert Settings.from_env({}) == Settings()


@pytest.mark.parametrize(
    "variables",
    [
        {"GRIDGEO_PORT": "x"},
        {"GRIDGEO_PORT": "0"},
        {"GRIDGEO_LANG": "fr"},
        {"GRIDGEO_MAX_SECONDS": "nan"},
        {"GRIDGEO_WORKERS": "-1"},
    ],
)
def test_bad_settings_are_named(variables):
    """A variable that cannot be used is named in the error."""
    with pytest.raises(InputError) as caught:
        Settings.from_env(variables)
    assert caught.value.where == next(iter(variables))


def test_codes_of_any_script_have_an_address(store):
    """Codes with blanks and Chinese letters are reachable under their address and come back as they are."""
    territory = store.territory()
    codes = territory.places.code.copy()
    codes.setflags(write=True)
    codes[0] = "学校 1"
    named = replace(territory, places=replace(territory.places, code=codes))
    client = create_app(Settings(), MemoryStore(named)).test_client()
    assert client.get("/collections/places/items/学校 1").json["id"] == "学校 1"
    assert json.loads(client.get("/collections/places/items").data)["features"][0]["properties"]["code"] == "学校 1"
