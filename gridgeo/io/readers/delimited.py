"""Tables as text: comma, semicolon or tab between the cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from gridgeo.core.model import Notice
from gridgeo.errors import InputError
from gridgeo.io.gate import Admitted, decoded
from gridgeo.io.readers.headed import headed
from gridgeo.io.readers.layer import MAX_COLUMNS, Layer

DELIMITERS = ",;\t"
MAX_LINE = 1 << 20
_GUESSED = "gb18030"


def read_delimited(file: Admitted, encoding: str | None) -> Layer:
    """The one layer of a CSV or TSV file.

    Raises
    ------
    InputError
        The text cannot be decoded, a line has another number of cells than the header, or names repeat.
    """
    where = str(file.path)
    text, found = decoded(file.path.read_bytes(), encoding, where=where)
    first = text[: MAX_LINE + 1].partition("\n")[0]
    if len(first) > MAX_LINE:
        raise InputError(f"the first line has over {MAX_LINE:,} characters", where=where, hint="this is no table")
    delimiter = "\t" if file.path.suffix.lower() == ".tsv" else max(DELIMITERS, key=first.count)
    try:
        rows = list(_rows(text, delimiter, where))
    except csv.Error as error:
        raise InputError(f"the CSV cannot be read: {error}", where=where) from error
    layer = headed(_even(rows, where), where=file.path.name)
    if found != _GUESSED or encoding:
        return layer
    sample = next(line for line in text.splitlines() if not line.isascii())
    told = Notice(kind="text-decoded", where=file.path.name, facts={"encoding": "GB18030", "sample": sample[:24]})
    return Layer(layer.table, layer.crs, (told, *layer.notices))


def _rows(text: str, delimiter: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the line each ends at."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for row in reader:
        if len(row) > MAX_COLUMNS:
            raise InputError(f"{len(row):,} columns, at most {MAX_COLUMNS:,} are read", where=where)
        if any(row):
            yield reader.line_num, row


def _even(rows: list[tuple[int, list[str]]], where: str) -> list[list[str]]:
    """Rows of one width; titles above the header are widened, any other uneven line is refused."""
    width = max((len(row) for _, row in rows), default=0)
    body = False
    out = []
    for line, row in rows:
        body = body or sum(map(bool, row)) > 1
        if len(row) != width and body:
            message = f"the line has {len(row)} cells, others {width}"
            raise InputError(message, where=f"{where}, line {line}", hint="quote texts that hold the delimiter")
        out.append(row + [""] * (width - len(row)))
    return out
