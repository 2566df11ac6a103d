"""The register as a workbook and as plain text: no cell is ever a formula, whatever a name begins with."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from gridgeo.handover.register import COLUMNS, Change, Entry, Total, joined
from gridgeo.words import LANGUAGES, say
from gridgeo.words.patrol import safe_cell

FIRST_DAY = datetime(1980, 1, 1)
"""Day kept in the file as that of its making, so that the same register gives the same bytes."""
A4_PAPER = 9
HEAD = 3
"""Rows above the first entry: title, and headings in two languages."""
LONGEST = 32_000
"""Characters of a cell; workbooks end at 32,767."""
WIDTHS = {
    "code": 19, "name": 16, "community": 14, "subdistrict": 12, "county": 12, "post": 14, "compound_names": 24,
    "east": 18, "south": 18, "west": 18, "north": 18, "exclusive": 18, "units": 24, "predecessors": 22, "address": 42,
    "before": 34, "successor_of": 19, "start": 11, "end": 11, "area_m2": 12, "bounds_status": 10, "level": 12,
    "unit": 30,
}  # fmt: skip
USUAL_WIDTH = 10
TOTALED = ("households", "low", "high", "buildings", "area_m2")


@dataclass(frozen=True, kw_only=True)
class Register:
    """All that the workbook holds: `about` are lines of what the plan as a whole says, by kind of sentence."""

    name: str
    entries: tuple[Entry, ...]
    totals: tuple[Total, ...]
    changes: tuple[Change, ...] = ()
    about: tuple[tuple[str, str], ...] = ()


class _Book:
    """A workbook being written: its formats, and one way to put a value into a cell."""

    def __init__(self, lang: str) -> None:
        from xlsxwriter import Workbook

        self.lang = lang
        self.bytes = io.BytesIO()
        options = {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False
        }  # fmt: skip
        self.book: Any = Workbook(self.bytes, options)
        self.book.set_properties({"created": FIRST_DAY, "author": "gridgeo"})
        cell = {"border": 1, "border_color": "#d5dade", "valign": "top", "font_size": 10}
        text = {"num_format": "@", "quote_prefix": True, "text_wrap": True}
        head = {"bold": True, "bg_color": "#e8edf0", "align": "center", "valign": "vcenter"}
        strong = {"bold": True, "bg_color": "#f4f2ea"}
        make = self.book.add_format
        self.title = make({"bold": True, "font_size": 14} | text | {"text_wrap": False})
        self.head = make(cell | text | head)
        self.under = make(cell | text | head | {"bold": False, "font_size": 8, "font_color": "#6b757d"})
        self.formats = {
            (kind, bold): make(cell | style | (strong if bold else {}))
            for kind, style in (
                ("text", text),
                ("number", {"num_format": "#,##0"}),
                ("day", {"num_format": "yyyy-mm-dd"}),
            )
            for bold in (False, True)
        }

    def sheet(self, name: str, title: str, columns: Sequence[str], *, wide: int = 1) -> Any:
        """A sheet with its headings in both languages, set up for print on A4, `wide` pages side by side."""
        sheet = self.book.add_worksheet(say(name, self.lang))
        sheet.write_string(0, 0, title, self.title)
        other = LANGUAGES[1 - LANGUAGES.index(self.lang)]
        for at, column in enumerate(columns):
            sheet.write_string(1, at, say(f"register-{column}", self.lang), self.head)
            sheet.write_string(2, at, say(f"register-{column}", other), self.under)
            sheet.set_column(at, at, WIDTHS.get(column, USUAL_WIDTH))
        sheet.set_row(1, 30)
        sheet.freeze_panes(HEAD, 1)
        sheet.repeat_rows(1, HEAD - 1)
        sheet.set_landscape()
        sheet.set_paper(A4_PAPER)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(wide, 0)
        sheet.set_footer("&L&F&C&A&R&P / &N")
        if wide > 1:
            sheet.repeat_columns(0)
        return sheet

    def row(self, sheet: Any, at: int, values: Iterable[Any], *, bold: bool = False) -> None:
        """A row of cells: numbers and days as such, everything else forced to be text."""
        for column, value in enumerate(values):
            if isinstance(value, date):
                sheet.write_datetime(
                    at, column, datetime(value.year, value.month, value.day), self.formats["day", bold]
                )
            elif isinstance(value, int | float):
                sheet.write_number(at, column, value, self.formats["number", bold])
            elif value is None:
                sheet.write_blank(at, column, None, self.formats["text", bold])
            else:
                sheet.write_string(at, column, str(value)[:LONGEST], self.formats["text", bold])

    def finished(self) -> bytes:
        """The workbook."""
        self.book.close()
        return self.bytes.getvalue()


def workbook(register: Register, lang: str = "en") -> bytes:
    """The register as an Excel workbook: register, totals, changes and what the plan says; same input, same bytes."""
    book = _Book(lang)
    _register_sheet(book, register)
    _totals_sheet(book, register)
    if register.changes:
        _changes_sheet(book, register)
    _about_sheet(book, register)
    return book.finished()


def _register_sheet(book: _Book, register: Register) -> None:
    names = _columns()
    sheet = book.sheet("register-sheet", f"{register.name}  {say('register-title', book.lang)}", names, wide=2)
    for at, entry in enumerate(register.entries, start=HEAD):
        book.row(sheet, at, cells(entry, book.lang).values())
    last = HEAD + len(register.entries)
    sums: dict[str, Any] = {name: sum(getattr(entry, name) for entry in register.entries) for name in TOTALED}
    sums |= {"code": say("level-all", book.lang), "area_m2": round(sums["area_m2"])}
    del sums["low"], sums["high"]  # errors of grids do not add up: they partly cancel
    book.row(sheet, last, (sums.get(name) for name in names), bold=True)
    sheet.autofilter(HEAD - 1, 0, max(last - 1, HEAD), len(names) - 1)


def _columns() -> list[str]:
    """Columns of the workbook: those of an entry, and the names of compounds beside their number."""
    at = COLUMNS.index("compounds") + 1
    return [*COLUMNS[:at], "compound_names", *COLUMNS[at:]]


def cells(entry: Entry, lang: str) -> dict[str, Any]:
    """Values of a row of the register by column: numbers, days, None, and words in a language."""
    values: dict[str, Any] = {}
    for name in COLUMNS:
        value = getattr(entry, name)
        values[name] = joined(value, lang) if isinstance(value, tuple) else value
        if name == "compounds":
            values[name], values["compound_names"] = len(entry.compounds), joined(entry.compounds, lang)
    values["kind"] = say(f"kind-{entry.kind.name.lower()}", lang)
    values["in_band"] = say("yes" if entry.in_band else "no", lang)
    values["bounds_status"] = say(f"status-{entry.bounds_status}", lang)
    return values | {"area_m2": round(entry.area_m2), "perimeter_m": round(entry.perimeter_m)}


def _totals_sheet(book: _Book, register: Register) -> None:
    names = [spec.name for spec in fields(Total)]
    heads = ["unit" if name == "name" else name for name in names]
    sheet = book.sheet("totals-sheet", f"{register.name}  {say('totals-sheet', book.lang)}", heads)
    for at, total in enumerate(register.totals, start=HEAD):
        values = {name: getattr(total, name) for name in names}
        values |= {"level": say(f"level-{total.level}", book.lang), "area_m2": round(total.area_m2)}
        values["name"] = total.name or say("book-none", book.lang)
        book.row(sheet, at, values.values(), bold=total.level == "all")


def _changes_sheet(book: _Book, register: Register) -> None:
    names = ["code", "change_code", "change", "successor_of", "before", "households", "households_kept", "area_m2"]
    sheet = book.sheet("changes-sheet", f"{register.name}  {say('changes-sheet', book.lang)}", names)
    for at, change in enumerate(register.changes, start=HEAD):
        code = "-" if change.change == "ended" else change.change
        area = None if change.area_m2 is None else round(change.area_m2)
        told = (change.code, code, say(f"change-{change.change}", book.lang), change.successor_of,
                joined(change.before, book.lang), change.households, change.households_kept, area)  # fmt: skip
        book.row(sheet, at, told)
    sheet.autofilter(HEAD - 1, 0, HEAD + len(register.changes) - 1, len(names) - 1)
    sheet.write_string(HEAD + len(register.changes) + 1, 0, say("about-changes", book.lang), book.title)


def _about_sheet(book: _Book, register: Register) -> None:
    sheet = book.book.add_worksheet(say("about-sheet", book.lang))
    sheet.set_landscape()
    sheet.set_paper(A4_PAPER)
    sheet.set_column(0, 0, 48)
    sheet.set_column(1, 1, 70)
    sheet.write_string(0, 0, f"{register.name}  {say('about-sheet', book.lang)}", book.title)
    for at, (name, value) in enumerate(register.about, start=2):
        book.row(sheet, at, (say(name, book.lang), value))


def register_csv(entries: Sequence[Entry], lang: str = "en") -> bytes:
    """The register as CSV: UTF-8 with a mark so that spreadsheets read it, under the names of the columns.

    >>> register_csv(()).decode("utf-8-sig").startswith("code,name,kind,community")
    True
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(_columns())
    for entry in entries:
        rows.writerow([_plain(value) for value in cells(entry, lang).values()])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _plain(value: Any) -> object:
    return "" if value is None else value.isoformat() if isinstance(value, date) else safe_cell(value)
