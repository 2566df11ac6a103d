"""Excel workbooks (.xlsx): values only, read once from front to back, every count capped.

Formulas give the value saved with them, nothing is computed; macros, links to other files, pictures and all other
parts are never opened.
"""

from __future__ import annotations

import datetime
import math
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gridgeo.core.model import DAY_S, Notice
from gridgeo.errors import InputError
from gridgeo.io.gate import Admitted, members, opened_member, parse_xml
from gridgeo.io.gate.documents import ELEMENTS
from gridgeo.io.readers.headed import Merged, headed
from gridgeo.io.readers.layer import Layer

MAX_SHEETS = 64
MAX_ROWS = 300_000
MAX_COLUMNS = 512
MAX_CELLS = 6_000_000
MAX_MERGED = 20_000
MAX_FILLED = 500_000
MAX_XML = 512 << 20
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # built-in formats of dates and times
_LITERAL = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)


@dataclass
class Grid:
    """Cells of a sheet by row and column, counted from 0; `errors` are values like #N/A, taken as blank."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Merged] = field(default_factory=list)
    errors: int = 0
    unsaved: int = 0


def read_workbook(file: Admitted) -> dict[str, Layer]:
    """Sheets of a workbook that hold a table, by name.

    Raises
    ------
    InputError
        The workbook cannot be read, has macros, or is larger than allowed.
    """
    where = str(file.path)
    most = ELEMENTS + file.size
    with members(file.path, most=MAX_XML) as (archive, listed):
        if any(name.lower().endswith("vbaproject.bin") for name in listed):
            raise InputError("the workbook holds macros", where=where, hint="save it as .xlsx without macros")
        book = _Book(archive, listed, where, most)
        sheets = book.sheets()
        grids = {name: book.grid(part) for name, part in sheets.items()}
    layers = {name: _layer(f"{file.path.name} {name}", grid) for name, grid in grids.items() if grid.cells}
    if not layers:
        raise InputError("the workbook is empty", where=where)
    return layers


class _Book:
    """The parts of a workbook that matter."""

    def __init__(self, archive: zipfile.ZipFile, listed: Mapping[str, zipfile.ZipInfo], where: str, most: int) -> None:
        self._archive = archive
        self._listed = listed
        self._where = where
        self._most = most
        self._contents = _Contents()
        self._parse("xl/workbook.xml", self._contents)
        self._styles = _Styles()
        self._strings = _Strings()
        for part, handler in (("xl/styles.xml", self._styles), ("xl/sharedStrings.xml", self._strings)):
            if part in listed:
                self._parse(part, handler)

    def _parse(self, part: str, handler: _Listener) -> None:
        if part not in self._listed:
            raise InputError(f"the workbook has no part {part}", where=self._where, hint="save it again as .xlsx")
        with opened_member(self._archive, self._listed[part]) as source:
            parse_xml(source, handler, where=f"{self._where} {part}", most=self._most)

    def sheets(self) -> dict[str, str]:
        """Part of each sheet by its name, in order."""
        links = _Links()
        self._parse("xl/_rels/workbook.xml.rels", links)
        if len(self._contents.sheets) > MAX_SHEETS:
            raise InputError(f"{len(self._contents.sheets)} sheets, at most {MAX_SHEETS} are read", where=self._where)
        parts = {name: links.part(id) for name, id in self._contents.sheets if id in links.targets}
        return {name: part for name, part in parts.items() if "worksheets/" in part}

    def grid(self, part: str) -> Grid:
        reader = _Cells(self._strings.texts, self._styles.dates(), self._contents.epoch)
        self._parse(part, reader)
        return reader.grid


class _Listener:
    """Hears nothing; others override what they need."""

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def closed(self, tag: str, text: str) -> None:
        """An element ends."""


class _Contents(_Listener):
    """Names of the sheets, and from which day dates count."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.epoch = datetime.datetime(1899, 12, 30)

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            id = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == "id"), "")
            self.sheets.append((attributes.get("name", ""), id))
        if tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            self.epoch = datetime.datetime(1904, 1, 1)


class _Links(_Listener):
    """Which part each sheet is; targets outside of the file are not followed."""

    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def part(self, id: str) -> str:
        target = self.targets[id]
        return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class _Strings(_Listener):
    """Texts that cells share."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._phonetic = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self._parts = []
        self._phonetic = self._phonetic or tag == "rPh"

    def closed(self, tag: str, text: str) -> None:
        if tag == "t" and not self._phonetic:
            self._parts.append(text)
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            self.texts.append("".join(self._parts))


class _Styles(_Listener):
    """Which styles of cells show dates."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._formats: list[str] = []
        self._inside = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._inside = True
        elif tag == "xf" and self._inside:
            self._formats.append(attributes.get("numFmtId", "0"))

    def closed(self, tag: str, text: str) -> None:
        if tag == "cellXfs":
            self._inside = False

    def dates(self) -> frozenset[str]:
        """Numbers of those styles, as cells name them."""
        return frozenset(str(i) for i, id in enumerate(self._formats) if self._is_date(id))

    def _is_date(self, id: str) -> bool:
        if id in self._codes:
            return bool(_DATE_LETTERS.search(_LITERAL.sub("", self._codes[id])))
        return id.isdigit() and int(id) in _DATES


class _Cells(_Listener):
    """Cells of one sheet as text; raises ValueError beyond the caps."""

    def __init__(self, strings: list[str], dates: frozenset[str], epoch: datetime.datetime) -> None:
        self.grid = Grid()
        self._strings = strings
        self._dates = dates
        self._epoch = epoch
        self._row = self._column = -1
        self._kind = self._style = ""
        self._value: str | None = None
        self._formula = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            given = attributes.get("r", "")
            self._row = int(given) - 1 if given.isdecimal() else self._row + 1
            self._column = -1
        elif tag == "c":
            self._column = _column_of(attributes.get("r", "")) if "r" in attributes else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._value, self._formula = None, False
        elif tag == "mergeCell":
            self.grid.merged.append(_range(attributes.get("ref", "")))
            if len(self.grid.merged) > MAX_MERGED:
                raise ValueError(f"a sheet has more than {MAX_MERGED:,} merged ranges")

    def closed(self, tag: str, text: str) -> None:
        if tag in ("v", "t"):
            self._value = text if self._value is None else self._value + text
        elif tag == "f":
            self._formula = True
        elif tag == "c":
            self._put()

    def _put(self) -> None:
        if self._value is None or self._value == "":
            self.grid.unsaved += self._formula
            return
        text = self._text(self._value)
        if not text:
            return
        if not 0 <= self._row < MAX_ROWS or not 0 <= self._column < MAX_COLUMNS:
            raise ValueError(f"a sheet reaches beyond {MAX_ROWS:,} rows or {MAX_COLUMNS} columns")
        self.grid.cells[self._row, self._column] = text

    def _text(self, value: str) -> str:
        if self._kind == "s":
            return self._strings[int(value)].strip() if value.isdecimal() and int(value) < len(self._strings) else ""
        if self._kind == "b":
            return "true" if value == "1" else "false"
        if self._kind == "e":
            self.grid.errors += 1
            return ""
        if self._kind in ("str", "inlineStr", "d"):
            return value.strip()
        return _number(value, self._epoch if self._style in self._dates else None)


def _number(value: str, epoch: datetime.datetime | None) -> str:
    """A number of Excel as text: whole ones without a point, dates as 2026-01-31, times as 08:30:00.

    >>> _number("3.0", None), _number("0.1", None), _number("0.354166666666667", datetime.datetime(1899, 12, 30))
    ('3', '0.1', '08:30:00')
    """
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value[:20]} is no number")
    if epoch is None:
        return str(int(number)) if number.is_integer() and abs(number) < 1e18 else repr(number)
    if not 0 <= number < 3_000_000:
        return repr(number)
    moment = epoch + datetime.timedelta(seconds=round(number * DAY_S))
    if number < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if number.is_integer() else moment.isoformat(sep=" ")


def _row_of(place: str) -> int:
    return int(_split(place)[1]) - 1


def _split(place: str) -> tuple[str, str]:
    """Letters and digits of a place like B12."""
    match = _PLACE.fullmatch(place)
    if match is None:
        raise ValueError(f"{place[:20]} is no place of a cell")
    return match[1], match[2]


def _column_of(place: str) -> int:
    number = 0
    for letter in _split(place)[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _range(text: str) -> Merged:
    first, _, last = text.partition(":")
    last = last or first
    return Merged(_row_of(first), _column_of(first), _row_of(last), _column_of(last))


def _layer(where: str, grid: Grid) -> Layer:
    rows = max(row for row, _ in grid.cells) + 1
    width = max(column for _, column in grid.cells) + 1
    if rows * width > MAX_CELLS:
        message = f"its {len(grid.cells):,} cells reach over {rows:,} rows and {width} columns"
        raise InputError(message, where=where, hint="delete stray cells far away from the table")
    out = [[""] * width for _ in range(rows)]
    for (row, column), text in grid.cells.items():
        out[row][column] = text
    filled = 0
    for one in grid.merged:
        for row, column in _places(one, rows, width):
            out[row][column] = out[one.top][one.left]
            filled += 1
            if filled > MAX_FILLED:
                raise InputError("its merged ranges cover too many cells", where=where, hint="unmerge them")
    layer = headed(out, where=where, merged=[one for one in grid.merged if one.top < rows])
    notices = [
        Notice(kind=kind, where=where, facts={"cells": count})
        for kind, count in (("cells-in-error", grid.errors), ("formulas-unsaved", grid.unsaved))
        if count
    ]
    return Layer(layer.table, layer.crs, (*layer.notices, *notices))


def _places(one: Merged, rows: int, width: int) -> Iterator[tuple[int, int]]:
    if one.top < rows and one.left < width:
        for row in range(one.top, min(one.bottom + 1, rows)):
            for column in range(one.left, min(one.right + 1, width)):
                yield row, column
