"""The register as a workbook and as CSV."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest

from gridgeo.handover.register import Change, totals
from gridgeo.handover.workbook import Register, register_csv, workbook
from tests.handover.conftest import EVIL


def filed(entries) -> Register:
    """A register with everything in it."""
    change = Change(
        code="=1+1", change="S", successor_of="old", before=("old",), households=3, households_kept=2, area_m2=9.6
    )
    gone = Change(
        code="x", change="ended", successor_of="", before=(), households=None, households_kept=None, area_m2=None
    )
    entries = (replace(entries[0], start=date(2026, 1, 31), post="+1"), *entries[1:])
    return Register(
        name="=Town", entries=entries, totals=totals(entries, "=Town"), changes=(change, gone),
        about=(("about-proof", "=1"),),
    )  # fmt: skip


@pytest.fixture
def book(entries):
    """The workbook, read again."""
    return openpyxl.load_workbook(io.BytesIO(workbook(filed(entries), "en")))


def test_no_cell_is_a_formula(entries):
    """Names that begin like formulas are texts, marked so that they stay texts when a person edits them."""
    data = workbook(filed(entries), "zh")
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    wild = [cell for cell in cells if str(cell.value).startswith(("=", "+", "@", "-"))]
    assert EVIL in {cell.value for cell in wild}
    assert all(cell.data_type == "s" and cell.quotePrefix and cell.number_format == "@" for cell in wild)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(b"<f>" in parts.read(name) or b"hyperlink" in parts.read(name) for name in parts.namelist())


def test_headings_speak_both_languages(book):
    """The chosen language stands above the other."""
    sheet = book["Register"]
    heads = {a.value: b.value for a, b in zip(sheet[2], sheet[3], strict=True)}
    wanted = {
        "Code": "网格编码", "Officer post": "网格员岗位", "Households": "户数",
        "Bound, east": "东至", "Bound, north": "北至", "Bounds verified": "四至核对",
        "Exclusive places": "专属场所", "Emergency units": "最小应急单元", "In force from": "启用日期",
        "Predecessor codes": "原网格编码", "Address (QR)": "二维码网址",
    }  # fmt: skip
    assert wanted.items() <= heads.items()
    zh = openpyxl.load_workbook(io.BytesIO(workbook(Register(name="T", entries=(), totals=()), "zh")))
    assert zh.sheetnames == ["登记册", "汇总", "说明"]
    assert zh["登记册"]["A2"].value == "网格编码"


def test_numbers_and_days_are_such(book):
    """Counts and areas can be added up, days are days; the last row holds the totals."""
    sheet = book["Register"]
    column = {cell.value: cell.column - 1 for cell in sheet[2]}
    first, last = [[cell.value for cell in row] for row in (sheet[4], sheet[sheet.max_row])]
    assert first[column["In force from"]] == datetime(2026, 1, 31)
    counted = [row[column["Households"]].value for row in sheet.iter_rows(min_row=4, max_row=sheet.max_row - 1)]
    assert last[column["Households"]] == sum(counted) == 1720
    assert last[column["Area, m²"]] == 160_000


def test_set_up_for_print(book):
    """Every sheet is A4 landscape; headings stay in sight and on every page."""
    for sheet in book:
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    for name in ("Register", "Totals", "Changes"):
        assert book[name].freeze_panes == "B4"
        assert book[name].print_title_rows == "$2:$3"


def test_totals_of_every_level(book):
    """There is a row for each community, subdistrict, county and the whole."""
    levels = [row[0].value for row in book["Totals"].iter_rows(min_row=4)]
    assert levels == ["community", "community", "subdistrict", "county", "in all"]


def test_changes_name_what_became_of_each_grid(book):
    """Changes carry their code and word; what is not known stays blank."""
    rows = [[cell.value for cell in row] for row in book["Changes"].iter_rows(min_row=4, max_row=5)]
    assert rows[0] == ["=1+1", "S", "split", "old", "old", 3, 2, 10]
    assert rows[1][:3] == ["x", "-", "ended"] and rows[1][5:] == [None, None, None]


def test_texts_no_workbook_could_hold(entries):
    """Control signs are kept out of the markup, and texts longer than a cell are cut, not lost."""
    odd = replace(entries[0], name="a\x00\x0bb\u202e", post="long " * 9000)
    book = openpyxl.load_workbook(io.BytesIO(workbook(Register(name="T", entries=(odd,), totals=()), "en")))
    row = [cell.value for cell in book["Register"][4]]
    assert row[1].startswith("a") and row[1].replace("_x0000_", "").replace("_x000B_", "").endswith("b\u202e")
    assert len(row[6]) == 32_000


def test_same_register_same_bytes(entries):
    """No day or hour is kept in the file."""
    assert workbook(filed(entries)) == workbook(filed(entries))


def test_csv_holds_the_same_rows_and_no_formula(entries):
    """The CSV has a row a grid; what looks like a formula has an apostrophe in front."""
    data = register_csv(entries)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [entry.code for entry in entries]
    assert rows[0]["name"] == f"'{EVIL}"
    assert not any(str(cell).startswith(("=", "+", "@", "-")) for row in rows for cell in row.values())
