"""Sheets of QR codes to print, cut and put up: one card a grid, labeled in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from gridgeo.core.model import Stop, never
from gridgeo.handover.mapbook import LANGUAGES
from gridgeo.handover.paper import A4, FAINT, GRAY, MM, Paper
from gridgeo.handover.qr import qr_matrix
from gridgeo.handover.register import Entry
from gridgeo.handover.typeface import Typeface
from gridgeo.words import say

COLUMNS, ROWS = 3, 4
EDGE = 11 * MM
CODE_PT = 42 * MM
"""Side of a code with its quiet zone: phones read it from more than an arm's length."""


def qr_sheets(
    entries: Sequence[Entry], face: Typeface, *, name: str, lang: str = "en", stop: Stop = never
) -> bytes | None:
    """Cards of all grids as a PDF of standing A4 sheets; None when stopped. Same input, same bytes."""
    paper = Paper(face, title=f"{name} {say('qr-title', lang)}", lang=LANGUAGES[lang], lying=False)
    each = COLUMNS * ROWS
    pages = -(-len(entries) // each)
    for page in range(pages):
        if stop():
            return None
        for at, entry in enumerate(entries[page * each : (page + 1) * each]):
            _card(paper, entry, at % COLUMNS, at // COLUMNS)
        paper.text(EDGE, 5.5 * MM, f"{name}  {say('qr-title', lang)}", 6.6, color=GRAY)
        told = say("book-page-of", lang, page=page + 1, pages=pages)
        paper.text(A4[0] - EDGE, 5.5 * MM, told, 6.6, color=GRAY, side="right")
        paper.turn()
    return paper.finished()


def _card(paper: Paper, entry: Entry, column: int, row: int) -> None:
    """One card: code, its grid, and what to do with it in two languages, inside lines to cut along."""
    width, height = (A4[0] - 2 * EDGE) / COLUMNS, (A4[1] - 2 * EDGE) / ROWS
    left, top = EDGE + column * width, A4[1] - EDGE - row * height
    middle = left + width / 2
    paper.box(left, top - height, width, height, edge=FAINT, line=0.4)
    paper.qr(qr_matrix(entry.address), middle - CODE_PT / 2, top - CODE_PT - 2 * MM, CODE_PT)
    y = top - CODE_PT - 6.5 * MM
    room = width - 5 * MM
    paper.text(middle, y, paper.fitted(entry.code, 11, room), 11, side="middle", bold=True)
    label = " · ".join(dict.fromkeys(text for text in (entry.name or entry.community, entry.subdistrict) if text))
    paper.text(middle, y - 12, paper.fitted(label, 8.4, room), 8.4, side="middle")
    for line, lang in enumerate(("zh", "en")):
        paper.text(middle, y - 24 - 9 * line, say("qr-scan", lang), 6.8, color=GRAY, side="middle")
