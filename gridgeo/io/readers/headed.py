"""Rows of text under their header: titles above it and merged cells of it sorted out, and said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gridgeo.core.model import Notice
from gridgeo.errors import InputError
from gridgeo.io.readers.cells import located, parsed
from gridgeo.io.readers.layer import MAX_COLUMNS, Layer

MAX_TITLES = 10


class Merged(NamedTuple):
    """A merged range: rows and columns, both ends included, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


def headed(rows: Sequence[Sequence[str]], *, where: str, merged: Sequence[Merged] = ()) -> Layer:
    """A layer of the rows of a table, all of one width, the first of them being titles and the header.

    Parameters
    ----------
    rows
        Cells as text, "" for blank; merged ranges are filled in already.
    where
        The file or sheet, for messages.
    merged
        The merged ranges.

    Raises
    ------
    InputError
        There is no header, its names repeat, or there are too many columns.
    """
    top = _top(rows, merged)
    if top >= len(rows) or not any(rows[top]):
        raise InputError("the table has no header", where=where, hint="name the columns in the first row")
    depth = _depth(merged, top)
    names = _names(rows[top : top + depth])
    body = [row for row in rows[top + depth :] if any(row)]
    used = [i for i, name in enumerate(names) if name or any(row[i] for row in body)]
    if len(used) > MAX_COLUMNS:
        raise InputError(f"{len(used):,} columns, at most {MAX_COLUMNS:,} are read", where=where)
    titles = [names[i] or f"column {i + 1}" for i in used]
    twice = next((name for name in titles if titles.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"two columns are named {twice!r}", where=where, hint="give each column a name of its own")
    columns = {name: parsed([row[i].strip() for row in body]) for name, i in zip(titles, used, strict=True)}
    layer = located(columns, where=where)
    return Layer(layer.table, layer.crs, _told(top, depth, merged, where))


def _top(rows: Sequence[Sequence[str]], merged: Sequence[Merged]) -> int:
    """Row of the header: rows above it with one text only are titles, where the row below has more."""
    wide = {one.top: one.right - one.left for one in merged}
    count = [len(list(filter(None, row))) - wide.get(i, 0) for i, row in enumerate(rows[: MAX_TITLES + 1])]
    for i, texts in enumerate(count[:MAX_TITLES]):
        following = count[i + 1] if i + 1 < len(count) else 0
        if texts > 1 or (texts == 1 and following < 2):
            return i
    return min(MAX_TITLES, len(rows))


def _depth(merged: Sequence[Merged], top: int) -> int:
    """How many rows the header has: as many as its merged cells reach down, two when one spans columns."""
    of_header = [one for one in merged if one.top == top]
    wide = any(one.right > one.left for one in of_header)
    return max([one.bottom - top + 1 for one in of_header] + [2 if wide else 1])


def _names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Name of each column: the lowest text of its header, with those above it where that repeats.

    >>> _names([["小区", "户数", "户数"], ["小区", "总", "常住"]])
    ['小区', '总', '常住']
    >>> _names([["春", "春", "秋"], ["户", "人", "户"]])
    ['春 户', '人', '秋 户']
    """
    parts = [list(dict.fromkeys(filter(None, (cell.strip() for cell in column)))) for column in zip(*rows, strict=True)]
    short = [part[-1] if part else "" for part in parts]
    return [name if short.count(name) < 2 else " ".join(part) for name, part in zip(short, parts, strict=True)]


def _told(top: int, depth: int, merged: Sequence[Merged], where: str) -> tuple[Notice, ...]:
    notices = []
    if top:
        notices.append(Notice(kind="titles-left-out", where=where, facts={"rows": top}))
    if depth > 1:
        notices.append(Notice(kind="header-merged", where=where, facts={"rows": depth}))
    filled = sum(one.top >= top + depth for one in merged)
    if filled:
        notices.append(Notice(kind="merged-filled", where=where, facts={"ranges": filled}))
    return tuple(notices)
