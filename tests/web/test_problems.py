"""Problem documents speak the reader's language."""

from __future__ import annotations

import time

import pytest
from werkzeug.exceptions import default_exceptions

from gridgeo.errors import GridgeoError
from gridgeo.web.problems import MEDIA
from gridgeo.words.problems import PROBLEMS

ZH = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}


@pytest.mark.parametrize(
    ("address", "title", "detail"),
    [
        ("/collections/nothing/items", "未找到", "没有集合 nothing"),
        ("/nowhere", "未找到", "此地址没有内容"),
        ("/collections/grids/items?bbox=1,2,3,4,5", "请求有误", "bbox 有 5 个数"),
        ("/collections/grids/items/none", "未找到", "没有 none"),
        ("/locate?point=999,999", "地点不存在", "不在地球上"),
    ],
)
def test_words_are_chinese_where_asked_for(client, address, title, detail):
    """Who prefers Chinese gets title, detail and hint in Chinese; type and status stay what programs know."""
    response = client.get(address, headers=ZH)
    plain = client.get(address)
    assert response.content_type == plain.content_type == MEDIA
    assert response.json["title"] == title and detail in response.json["detail"]
    assert (response.headers["Content-Language"], plain.headers["Content-Language"]) == ("zh", "en")
    assert [response.json[name] for name in ("type", "status")] == [plain.json[name] for name in ("type", "status")]


def kinds(error=GridgeoError):
    """An error and all kinds of it that the application knows."""
    return {error}.union(*(kinds(kind) for kind in error.__subclasses__()))


def test_every_problem_has_a_chinese_title(app):
    """Each code a problem document can carry, of ours and of HTTP, has its title in Chinese."""
    ours = {kind.code for kind in kinds()} | {"internal"}
    of_http = {kind().name.lower().replace(" ", "-") for kind in default_exceptions.values()}
    assert len(ours) > 20 and len(of_http) > 20
    assert ours | of_http <= set(PROBLEMS)


def test_parts_of_a_request_are_told_in_chinese(client):
    """Each part at fault is named with its sentence in Chinese."""
    (part,) = client.get("/collections/grids/items?limit=-1", headers=ZH).json["errors"]
    assert part["parameter"] == "limit" and part["detail"].startswith("应为")


@pytest.mark.parametrize("asked", ["", "de", "en-GB,zh;q=0.5", "zh;q=0", "zh;q=0,de", "zh-CN;q=0,zh;q=0"])
def test_english_otherwise(client, asked):
    """Other languages, none, and a refusal of Chinese are answered in English."""
    headers = {"Accept-Language": asked} if asked else {}
    assert client.get("/nowhere", headers=headers).json["detail"] == "there is nothing at this address"


def test_answers_differ_by_language(client):
    """Caches are told that the language decides."""
    assert "Accept-Language" in ",".join(client.get("/nowhere").headers.getlist("Vary"))


@pytest.mark.parametrize("asked", ["en;q=0", "en;q=0,de", "zh-TW;q=0,zh"])
def test_a_refused_language_is_not_spoken(client, asked):
    """Who refuses English is answered in Chinese; who refuses one kind of Chinese may have the other."""
    assert client.get("/nowhere", headers={"Accept-Language": asked}).headers["Content-Language"] == "zh"


def test_a_long_address_is_answered_in_a_blink(client):
    """What a caller makes up cannot keep the server busy with its Chinese."""
    begin = time.process_time()
    response = client.get(f"/healthz?x{'+a' * 8_000}=1", headers=ZH)
    assert response.status_code == 400
    assert time.process_time() - begin < 2
