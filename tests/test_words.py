"""Sentences name few codes, data all of them."""

from __future__ import annotations

import pytest

from gridgeo.core.model import Notice
from gridgeo.io.answers import told as document
from gridgeo.words import SHOWN_CODES, few, say
from gridgeo.words.patrol import safe_cell


@pytest.mark.parametrize(("lang", "more"), [("en", "g7 … and 81 more"), ("zh", "g7 ……另有 81 个")])
def test_a_sentence_names_the_first_codes(lang, more):
    """Of 89 codes eight are named, in both languages."""
    told = say("grids-without-station", lang, grids=89, codes=", ".join(f"g{row}" for row in range(89)))
    assert told.endswith(more) and "g8" not in told


def test_a_document_holds_all_codes():
    """With --json every code is given, however many."""
    codes = ", ".join(f"g{row}" for row in range(89))
    (given,) = document([Notice(kind="grids-without-station", facts={"grids": 89, "codes": codes})])
    assert given["facts"]["codes"] == codes


@pytest.mark.parametrize("count", [0, 1, SHOWN_CODES])
def test_short_lists_are_told_whole(count):
    """As many codes as are shown anyway are all named."""
    codes = ", ".join(f"g{row}" for row in range(count))
    assert few(codes) == codes


def test_numbers_of_codes_stay():
    """A fact that counts codes is told as it is."""
    assert "12 community codes" in say("community-unknown", "en", codes=12, where="a")


@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹦\t\r\n")
@pytest.mark.parametrize("before", ["", " ", "　", "\u00a0", "\ufeff", "\u200b \x00"])
def test_no_cell_is_taken_for_a_formula(before, sign):
    """Signs that begin a formula are quoted at any width and behind blanks and unseen characters."""
    text = f"{before}{sign}HYPERLINK(1)"
    if before and sign.isspace():
        text = f"{before}{sign}=1"
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", " ", "网格 1", "a=1", "3-2", "①", 5, -2.5, None])
def test_other_cells_stay(value):
    """Texts without such a sign in front, and numbers, are written as they are."""
    assert safe_cell(value) == value
