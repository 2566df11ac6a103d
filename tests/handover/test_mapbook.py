"""The map book: pages, words, letters and codes, as a reader of PDF sees them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.model import texts
from gridgeo.handover.mapbook import map_book, sheets
from gridgeo.handover.typeface import signs_of, typeface
from tests.handover.conftest import EVIL, codes, pages, words


@pytest.fixture(scope="module")
def book(plan, entries, face):
    """The book in Chinese and its pages."""
    data, count = map_book(plan, entries, face, lang="zh")
    found = pages(data)
    assert len(found) == count == 1 + 1 + 4
    return data, found


def test_overview_and_index_lead_to_the_pages(book):
    """The overview holds the number of every page, the index every code with it."""
    _, found = book
    assert {"3", "4", "5", "6"} <= set(words(found[0]).split())
    index = words(found[1])
    assert all(code in index for code in ("g0", "g1", "g2", "g3"))


def test_a_page_tells_all_of_its_grid(book):
    """Code, name, counts, bounds, streets, neighbors, places, scale and page stand on the page of a grid."""
    told = words(book[1][2])
    for text in ("网格 g0", EVIL, "四至", "已核对", "R&D <2> Road", "g1", "g2", "药店", "Unit 0", "4.00 公顷", "800 米",
                 "1 : ", "第 3 页，共 6 页"):  # fmt: skip
        assert text in told, text


def test_the_other_language(plan, entries, face):
    """The same book speaks English."""
    data, _ = map_book(plan, entries, face, lang="en")
    assert "Grid g0" in words(pages(data)[2]) and "page 3 of 6" in words(pages(data)[2])


def test_the_code_of_a_page_leads_to_its_grid(book):
    """A phone reads the address of the grid from its page."""
    assert [codes(page) for page in book[1][2:]] == [
        {f"https://town.example/map#grid={code}"} for code in ("g0", "g2", "g1", "g3")
    ]


def test_every_font_is_embedded(book):
    """Each letter on each page is of a font inside the file."""
    from pypdfium2 import raw

    letters = 0
    for page in book[1]:
        for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
            assert raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(thing.raw)) == 1
            letters += 1
    assert letters > 100


def test_contents_lead_to_every_grid(book):
    """Readers list the communities and under them the grids."""
    import pypdfium2

    listed = [mark.get_title() for mark in pypdfium2.PdfDocument(book[0]).get_toc()]
    assert listed[:2] == ["总图 示例 Town", "网格索引"]
    assert listed[2:] == ["Community 0", "g0", "g2", "Community 1", "g1", "g3"]


def test_same_plan_same_bytes(plan, entries, face, book):
    """No day or hour is kept in the file."""
    assert map_book(plan, entries, face, lang="zh")[0] == book[0]


def test_a_stopped_book_is_none(plan, entries, face):
    """Nothing is made of a book that is not finished."""
    assert map_book(plan, entries, face, stop=lambda: True) is None


def test_more_things_than_a_page_lists_are_counted(plan, entries):
    """A list that does not fit says how many are left out, and only those listed are numbered on the map."""
    land = plan.territory
    many = np.arange(120)
    places = replace(
        land.places.take(np.zeros(120, np.int64)), code=texts([f"p{k}" for k in many]),
        name=texts([f"Shop {k}" for k in many]),
    )  # fmt: skip
    crowded = replace(plan, territory=replace(land, places=places))
    data, _ = map_book(crowded, entries, typeface(signs_of(crowded, entries)), lang="en")
    told = words(pages(data)[2])
    assert "more: see the GeoPackage" in told and "Shop 0" in told and "Shop 119" not in told


@pytest.mark.slow
def test_odd_names_print(plan, entries):
    """Control signs, right-to-left marks, other scripts and signs of no font neither break nor stop a page."""
    land = replace(plan.territory, name="a\x00\u202e\n\ufffe\U0010ffff 龘 ñ Ж 굠\U00010000")
    odd = replace(plan, territory=land)
    face = typeface(signs_of(odd, entries))
    assert face.lost.endswith("\U00010000")
    data, _ = map_book(odd, entries, face, lang="en")
    assert "龘 ñ Ж" in words(pages(data)[0])


def test_stations_stand_where_they_serve(plan, entries):
    """A station is drawn with the grid that it names or lies in."""
    found = {sheet.entry.code: len(sheet.stations) for sheet in sheets(plan, entries)}
    assert found == {"g0": 1, "g1": 0, "g2": 0, "g3": 0}


def test_places_of_one_name_have_pages_and_contents_of_their_own(plan, entries, face):
    """Subdistricts of one name get an overview each, communities of one name a line each in the contents."""
    import pypdfium2

    named = [
        replace(entry, community="Unit", subdistrict="Grid", county="g0" if at < 2 else "g1")
        for at, entry in enumerate(entries)
    ]
    data, count = map_book(plan, named, face, lang="en")
    assert count == 3 + 1 + 4
    heads = [words(page).splitlines()[0] for page in pages(data)[1:3]]
    assert [("(g0)" in head, "(g1)" in head) for head in heads] == [(True, False), (False, True)]
    document = pypdfium2.PdfDocument(data)
    lines = [(mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc() if mark.level == 0]
    assert [line for line in lines if line[0].startswith("Unit")] == [("Unit (g0)", 4), ("Unit (g1)", 6)]
