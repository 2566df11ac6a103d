"""What errors say is said in Chinese too, with its facts."""

from __future__ import annotations

import re

import pytest

from gridgeo.errors import InputError
from gridgeo.words.chinese import CHINESE
from gridgeo.words.translate import translated


def test_both_languages_have_the_same_facts():
    """A Chinese template takes each fact of the English one once, in order or by number."""
    for english, chinese in CHINESE.items():
        slots, numbered = english.count("{}"), re.findall(r"\{(\d)\}", chinese)
        assert len(set(numbered)) + chinese.count("{}") == slots, english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("no such file", "没有此文件"),
        ("port is 99999", "端口为 99999"),
        ("starts is -1", "起始次数为 -1"),
        ("walking is -1", "walking 的值为 -1"),
        ("cannot write: Permission denied", "无法写入：没有权限"),
        ("grid g1 would be in pieces", "网格 g1 将不连通"),
        ("one of total, max", "可选：total, max"),
        ("not JSON: unexpected end at line 3 column 7", "不是 JSON：第 3 行第 7 列，unexpected end"),
        ("households '3.5' is not whole", "households '3.5' 不是整数"),
        ("the weather is fine", "the weather is fine"),
        ("a\nb", "a\nb"),
    ],
)
def test_sentences(english, chinese):
    """The template that tells most is taken, facts that are sentences are translated, others are left alone."""
    assert translated(english, "zh") == chinese
    assert translated(english, "en") == english


def test_messages_of_an_error():
    """Message and hint are translated, the place is not."""
    error = InputError("no such file", where="a.gpkg", hint="check the name and the folder")
    assert [translated(text, "zh") for text in (error.message, error.hint)] == ["没有此文件", "请检查文件名和文件夹"]
