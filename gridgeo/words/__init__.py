"""Every sentence gridgeo says to people, in English and Chinese, picked by a stable kind.

Templates are filled with named facts; a kind without a sentence is shown as itself with its facts, so nothing a
verb reports can be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridgeo.words.sentences import SENTENCES

if TYPE_CHECKING:
    from gridgeo.core.model import Notice

LANGUAGES = ("en", "zh")
SHOWN_CODES = 8
"""Codes of a list a sentence names before it says how many more there are."""


def say(kind: str, lang: str = "en", /, **facts: object) -> str:
    """The sentence of a kind in a language, filled with facts.

    >>> say("cancelled", "en")
    'Cancelled.'
    >>> say("cancelled", "zh")
    '已取消。'
    >>> say("no-such-kind", "en", where="x")
    'no-such-kind (where=x)'
    """
    if kind not in SENTENCES:
        told = ", ".join(f"{name}={value}" for name, value in facts.items() if value not in ("", 0))
        return f"{kind} ({told})" if told else kind
    filling = _Facts({name: _shown(name, value, lang) for name, value in facts.items()})
    return SENTENCES[kind][LANGUAGES.index(lang)].format_map(filling)


def told(notice: Notice, lang: str = "en") -> str:
    """The sentence of a notice in a language.

    >>> from gridgeo.core.model import Notice
    >>> told(Notice(kind="zone-drawn", where="A001", facts={"grids": 4, "gap_percent": 2.5}))
    'A001: 4 grids, at most 2.5% from the best'
    """
    return say(notice.kind, lang, **{"where": notice.where, "households": notice.households} | dict(notice.facts))


def few(codes: str, lang: str = "en") -> str:
    """A list of codes with commas, of many only the first few.

    >>> few("a, b"), few("a, b, c, d, e, f, g, h, i, j"), few("a, b, c, d, e, f, g, h, i, j", "zh")
    ('a, b', 'a, b, c, d, e, f, g, h … and 2 more', 'a, b, c, d, e, f, g, h ……另有 2 个')
    """
    *shown, rest = codes.split(", ", SHOWN_CODES)
    if len(shown) < SHOWN_CODES:
        return codes
    return say("codes-more", lang, shown=", ".join(shown), more=rest.count(", ") + 1)


class _Facts(dict[str, object]):
    """Facts that show the name of one that was not given."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def _shown(name: str, value: object, lang: str) -> object:
    if name == "codes" and isinstance(value, str):
        return few(value, lang)
    if name == "error" and isinstance(value, str) and lang != "en":
        from gridgeo.words.translate import translated

        return translated(value, lang)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000 else value
