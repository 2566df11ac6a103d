"""One typeface of several fonts."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont

from gridgeo.errors import InputError
from gridgeo.handover.picture import fonts
from gridgeo.handover.typeface import chinese_font, typeface


def test_letters_of_several_scripts_in_one_font():
    """Latin, Chinese and Cyrillic letters are in one TrueType font that embeds anywhere."""
    face = typeface("Aé大臺Ж")
    font = TTFont(io.BytesIO(face.data))
    assert {ord(sign) for sign in "Aé大臺Ж"} <= set(font.getBestCmap())
    assert face.lost == "" and "glyf" in font


@pytest.mark.slow
def test_a_letter_no_font_has_is_told():
    """What cannot be printed is named, and a box stands for it."""
    face = typeface("A\U00010000")
    names = TTFont(io.BytesIO(face.data)).getBestCmap()
    assert face.lost == "\U00010000" and names[0x10000] == names[ord("□")]


def test_the_chosen_font_comes_first():
    """Letters are taken from the font that was chosen, as far as it has them."""
    chosen = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf")
    font = TTFont(io.BytesIO(typeface("iW大", chosen=chosen).data))
    width = {sign: font["hmtx"][font.getBestCmap()[ord(sign)]][0] for sign in "iW大"}
    assert width["i"] == width["W"] != width["大"]


@pytest.mark.parametrize("content", [b"", b"no font at all", b"\x00\x01\x00\x00" + b"\xff" * 200])
def test_a_file_that_is_no_font_is_refused(tmp_path, content):
    """A broken font is bad input, with its place."""
    (tmp_path / "a.ttf").write_bytes(content)
    with pytest.raises(InputError, match="font"):
        typeface("A", chosen=tmp_path / "a.ttf")


def test_same_letters_same_bytes():
    """The order in which letters are asked for does not matter."""
    assert typeface("大A").data == typeface("A大").data


def test_pictures_have_chinese_letters_too():
    """On a machine without a Chinese font our own is taken."""
    assert fonts("网格")[0] != "sans-serif" and chinese_font().is_file()
