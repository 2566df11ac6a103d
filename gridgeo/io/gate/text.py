"""Texts from outside: decoded without guessing in silence, and free of characters that hide or reorder others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from gridgeo.errors import InputError

UTF_8, CHINESE = "utf-8", "gb18030"
MIXED = 0.05
"""Share of the lines beyond ASCII that may read as UTF-8 in a text that is not: few byte pairs of GBK do by chance."""
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]"
)
_SPACE = re.compile(r"[\t\r\n\x85\xa0\u3000]+")


def decoded(content: bytes, encoding: str | None, *, where: str) -> tuple[str, str]:
    """The text of some bytes, and the encoding it was read in: the one given, else by its mark, UTF-8, GB18030.

    >>> decoded("户数".encode("gbk"), None, where="t.csv")
    ('户数', 'gb18030')

    Raises
    ------
    InputError
        It fits none of them, or is partly UTF-8 and partly not.
    """
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    tried = [encoding] if encoding else [marked] if marked else [UTF_8, CHINESE]
    for guess in tried:
        try:
            text = content.decode(guess)
        except (UnicodeDecodeError, LookupError):
            continue
        if guess == CHINESE and not encoding:
            _check_one(content, where)
        return text, guess.removesuffix("-sig")
    raise InputError("the text cannot be decoded", where=where, hint="give --encoding")


def _check_one(content: bytes, where: str) -> None:
    """Refuse a text whose lines are in two encodings: whatever it is read in, some of it would be wrong."""
    lines = [(row, line) for row, line in enumerate(content.splitlines(), 1) if not line.isascii()]
    modern = [row for row, line in lines if _is_utf_8(line)]
    if len(modern) > 1 and len(modern) > MIXED * len(lines):
        other = next(row for row, line in lines if not _is_utf_8(line))
        message = f"line {modern[0]} is UTF-8, line {other} is not"
        raise InputError(message, where=where, hint="save it in one encoding, or give --encoding")


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True


def clean(cells: Sequence[str]) -> tuple[list[str], int]:
    r"""Texts composed (NFC), on one line, without control, zero-width and direction characters; how many changed.

    Tabs, line ends and wide spaces become a space, others are dropped.

    >>> clean(["东\u202e苑", "a", "Cafe\u0301\n2"])
    (['东苑', 'a', 'Café 2'], 2)
    """
    whole = "\x20".join(cells)
    if not (_HIDDEN.search(whole) or _SPACE.search(whole)) and unicodedata.is_normalized("NFC", whole):
        return list(cells), 0
    out = [_HIDDEN.sub("", _SPACE.sub(" ", unicodedata.normalize("NFC", cell))).strip() for cell in cells]
    return out, sum(new != old for new, old in zip(out, cells, strict=True))
