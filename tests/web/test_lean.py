"""Flask with what is worked out once: hosts stay checked, addresses stay those of the request, logs stay whole."""

import json
import logging

from gridgeo.web.logs import JsonLines, tell


def test_a_host_that_is_not_trusted_is_refused_before_and_after_one_that_is(client):
    """What is kept of a known host opens no door to another."""
    hosts = ("evil.example", "localhost", "evil.example", "localhost")
    answers = [client.get("/collections", headers={"Host": host}).status_code for host in hosts]
    assert answers == [400, 200, 400, 200]


def test_links_carry_the_address_the_request_came_by(client):
    """Two names of one server are told apart, and so is a version in the address."""
    for base in ("http://localhost:81", "https://127.0.0.1", "http://localhost:81"):
        answer = client.get("/collections/grids", base_url=base).get_json()
        assert answer["links"][0]["href"] == f"{base}/collections/grids"
    answer = client.get("/plans/main/collections/grids", base_url="http://localhost:81").get_json()
    assert answer["links"][0]["href"] == "http://localhost:81/plans/main/collections/grids"


def test_paths_and_queries_are_those_of_the_request_in_any_script(client):
    """Letters beyond ASCII in path and query are read as UTF-8, also when the address is known already."""
    for _ in range(2):
        answer = client.get("/collections/grids/items/东?f=json")
        assert answer.status_code == 404 and "东" in answer.get_json()["detail"]
        assert client.get("/collections/grids/items", query_string="filter=name='东'").status_code == 200


def test_a_line_is_json_whatever_stands_in_it(caplog):
    """Time to the millisecond, facts beside the message, half a surrogate pair escaped."""
    with caplog.at_level(logging.INFO, logger="gridgeo.access"):
        tell(logging.getLogger("gridgeo.access"), "request", {"who": "\ud800"})
    line = json.loads(JsonLines().format(caplog.records[-1]))
    assert line["message"] == "request" and line["who"] == "\ud800"
    assert len(line["at"]) == len("2026-11-21T10:00:00.000Z")
