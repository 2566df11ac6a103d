"""What errors say is said in Chinese too, with its facts."""

from __future__ import annotations

import re
import time

import pytest

from gridgeo.errors import InputError
from gridgeo.words import translate
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


HOSTILE = ["; y", "+a", " a", " is", " has", "; no such file", "cannot write: ", "no such CRS: "]


@pytest.mark.parametrize("again", HOSTILE)
@pytest.mark.parametrize("size", [1_990, 16_000])
def test_hostile_texts_cost_no_more_than_others(again, size):
    """A text made of a repeated piece takes a blink, however long, and never too deep a recursion."""
    texts = [f"{start}{(again * size)[:size]}{end}" for start in ("", "unknown parameter x") for end in ("", " beside")]
    begin = time.process_time()
    for text in texts:
        assert translated(text, "zh")
    assert time.process_time() - begin < 2


def test_no_template_is_walked_back_over():
    """A text is looked through once for each piece of a template at most."""
    looked = 0

    class Text(str):
        __slots__ = ()

        def find(self, *args):
            nonlocal looked
            looked += args[2] - args[1]
            return super().find(*args)

    for template in translate._TEMPLATES[1]:
        looked, head, tail = 0, template.pieces[0], template.pieces[-1]
        text = Text(head + "".join(template.pieces[1:-1])[:-1] * 500 + tail)
        template.facts(text)
        assert looked <= len(text) * len(template.pieces)


@pytest.mark.parametrize("text", ["no such file" + " x" * 2_000, "; ".join(["no such file"] * 40)])
def test_endless_texts_stay_as_they_are(text):
    """What is too long to be a sentence, or of too many, is not translated."""
    assert translated(text, "zh") == text


def test_sentences_one_after_the_other():
    """Each sentence of a text is translated, those without Chinese stand between them as they are."""
    assert translated("no such file; hm; port is 99999", "zh") == "没有此文件；hm；端口为 99999"
