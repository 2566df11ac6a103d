"""Posts and days of grids from a table."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from gridgeo.errors import InputError, SchemaError
from gridgeo.io.posts import read_posts

CODES = {"110101001001001", "007"}


def test_csv_with_chinese_headings(tmp_path):
    """Headings are read in both languages; codes keep their zeros, blanks are unknown."""
    path = tmp_path / "a.csv"
    path.write_text("网格编码,岗位,启用日期\n110101001001001,岗-1,2026/1/31\n007,,2026年2月3日\n", encoding="utf-8")
    found = read_posts(path, CODES)
    assert found == {
        "110101001001001": ("岗-1", date(2026, 1, 31), None),
        "007": ("", date(2026, 2, 3), None),
    }


def test_workbook_with_days(tmp_path):
    """Days of a workbook are read as days."""
    book = openpyxl.Workbook()
    book.active.append(["code", "post", "end"])
    book.active.append(["007", "P-1", date(2026, 12, 31)])
    book.save(tmp_path / "a.xlsx")
    assert read_posts(tmp_path / "a.xlsx", CODES) == {"007": ("P-1", None, date(2026, 12, 31))}


def test_all_faults_are_listed(tmp_path):
    """Unknown codes, codes that repeat and days that are none are told at once, with their rows."""
    path = tmp_path / "a.csv"
    path.write_text("code,post,start\n007,a,2026-02-30\n007,b,soon\nx,c,\n", encoding="utf-8")
    with pytest.raises(SchemaError) as error:
        read_posts(path, CODES)
    assert [(fault.kind, fault.row) for fault in error.value.faults] == [
        ("not-a-day", 1), ("duplicate-code", 2), ("not-a-day", 2), ("unknown-code", 3)
    ]  # fmt: skip


def test_days_that_end_before_they_start(tmp_path):
    """A row whose last day is before its first is a fault; one day in force is none."""
    path = tmp_path / "a.csv"
    path.write_text("code,start,end\n007,2026-03-01,2026-02-28\n110101001001001,2026-03-01,2026-03-01\n")
    with pytest.raises(SchemaError) as error:
        read_posts(path, CODES)
    assert [(fault.kind, fault.row) for fault in error.value.faults] == [("ends-before-start", 1)]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "code\n007\n"])
def test_a_table_of_something_else(tmp_path, text):
    """Without codes, or with nothing beside them, the table is refused."""
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no codes of grids"):
        read_posts(tmp_path / "a.csv", CODES)


def test_posts_are_not_persons(tmp_path):
    """A column of phone numbers is not taken for posts."""
    codes = [f"g{k}" for k in range(5)]
    rows = "".join(f"{code},1380013800{k}\n" for k, code in enumerate(codes))
    (tmp_path / "a.csv").write_text("code,post\n" + rows, encoding="utf-8")
    with pytest.raises(InputError):
        read_posts(tmp_path / "a.csv", set(codes))
