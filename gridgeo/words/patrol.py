"""What walks say: turns, calls, files, and the pages that are printed: (English, Chinese)."""

from __future__ import annotations

from hashlib import blake2b
from unicodedata import category, normalize

from gridgeo.words import say

_FORMULA = "=+-@"


def turn_text(way: str, street: str, length_m: float, lang: str) -> str:
    """What to do at a turn; a street without a name is called a path.

    >>> turn_text("left", "", 20.4, "en")
    'Left: unnamed path, 20 m'
    """
    return say(f"turn-{way}", lang, street=street or say("unnamed-path", lang), length_m=round(length_m))


def call_text(place: str, start_s: int, lang: str) -> str:
    """Where to call, and when.

    >>> call_text("School", 29_400, "zh")
    '08:10 走访：School'
    """
    return say("turn-call", lang, place=place, time=f"{start_s // 3600 % 24:02d}:{start_s // 60 % 60:02d}")


def walk_file(grid: str, day: int, round_number: int, officer: int) -> str:
    """Name of a walk's file, safe on every system; a code that is not safe itself gets a mark of its own.

    >>> walk_file("a_b", 1, 2, 1), walk_file("a/b", 1, 2, 1)
    ('a_b-1-2-1', 'a_b.6d959c-1-2-1')
    """
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in grid)
    mark = "" if safe == grid else f".{blake2b(grid.encode('utf-8', 'replace'), digest_size=3).hexdigest()}"
    return f"{safe}{mark}-{day}-{round_number}-{officer}"


def safe_cell(value: object) -> object:
    """A cell no spreadsheet takes for a formula: texts that look like one get an apostrophe in front.

    Signs of any width count, behind blanks and characters that are not seen too.

    >>> safe_cell("=1+1"), safe_cell(" ＝1"), safe_cell(-2.5)
    ("'=1+1", "' ＝1", -2.5)
    """
    if not isinstance(value, str):
        return value
    seen = (sign for sign in normalize("NFKC", value) if category(sign)[0] not in "CZ")
    return f"'{value}" if value[:1] in ("\t", "\r", "\n") or next(seen, "x") in _FORMULA else value
