"""What an error says, in the reader's language.

The source raises errors in English, where the engineer reads them. Their Chinese is found by the sentence itself, as
with gettext, but on its finished form: the sentence is matched with the templates of `gridgeo.words.chinese`, its
facts are taken out and set into the Chinese. A sentence without Chinese is shown in English, so nothing is lost.

Facts echo what callers sent, so the texts are hostile: a template is matched by its literal pieces, each at the first
place it fits, without going back; facts of facts end at a depth, and texts that are long or of many sentences stay in English.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from gridgeo.words.chinese import CHINESE

_FACT = "{}"
_SLOT = re.compile(r"\{(\d?)\}")
_APART = "; "
"""What sets sentences apart; no fact holds it."""
_TELLING = 6
"""Letters of its own that a template holds when it fits by more than chance: "{} is {}" does not."""
_LONGEST, _MANY = 2000, 32
"""Characters and sentences of a text that is translated."""
_DEEPEST = 3
"""How often a fact of a fact is looked at as a sentence."""


@dataclass(frozen=True)
class _Template:
    """An English sentence as the pieces between its facts, and its Chinese."""

    pieces: tuple[str, ...]
    letters: int
    chinese: str

    def facts(self, text: str) -> tuple[str, ...] | None:
        """What stands between the pieces in a text, each as short as can be but the last; None if they do not fit.

        As any way to fit leaves the pieces no earlier than the first, one pass decides: O(len(text)) for each piece.
        """
        head, *inner, tail = self.pieces
        at, end = len(head), len(text) - len(tail)
        if at > end or not (text.startswith(head) and text.endswith(tail)):
            return None
        facts = []
        for piece in inner:
            place = text.find(piece, at, end)
            if place < 0:
                return None
            facts.append(text[at:place])
            at = place + len(piece)
        if self.letters < _TELLING and any(map(str.isspace, "".join(facts))):
            return None  # of a template with few letters only the last fact may hold spaces
        return (*facts, text[at:end])


def _templates() -> dict[int, list[_Template]]:
    """Templates by the number of sentences they are, the most telling first."""
    made: defaultdict[int, list[_Template]] = defaultdict(list)
    for english, chinese in CHINESE.items():
        if _FACT in english:
            template = _Template(tuple(english.split(_FACT)), sum(map(str.isalpha, english)), chinese)
            made[_sentences(english)].append(template)
    return {number: sorted(some, key=lambda template: -template.letters) for number, some in made.items()}


def _sentences(text: str) -> int:
    return text.count(_APART) + 1


_PLAIN = {english: chinese for english, chinese in CHINESE.items() if _FACT not in english}
_TEMPLATES = _templates()
_MOST = max(map(_sentences, CHINESE))
"""Sentences of the longest text that has its Chinese as a whole."""


def translated(text: str, lang: str) -> str:
    """The sentence in a language; the most telling template that fits gives its Chinese.

    >>> translated("the file has 12 bytes, at most 10 are read", "zh")
    '文件有 12 字节，最多读取 10 字节'
    >>> translated("the file has 12 bytes, at most 10 are read", "en")
    'the file has 12 bytes, at most 10 are read'
    >>> translated("nobody foresaw this", "zh")
    'nobody foresaw this'
    """
    if lang == "en" or len(text) > _LONGEST or _sentences(text) > _MANY:
        return text
    told: list[str] = []
    rest = text.split(_APART)
    while len(rest) > 1:
        whole = _chinese(_APART.join(rest)) if len(rest) <= _MOST else None
        if whole is not None:
            return "；".join((*told, whole))
        first = rest.pop(0)
        told.append(_chinese(first) or first)
    return "；".join((*told, _chinese(rest[0]) or rest[0]))


def _chinese(text: str, depth: int = 0) -> str | None:
    """The Chinese of a text as a whole, None without; a fact must fit a telling template."""
    if text in _PLAIN:
        return _PLAIN[text]
    for template in _TEMPLATES.get(_sentences(text), ()):
        if depth and template.letters < _TELLING:
            break
        facts = template.facts(text)
        if facts is not None:
            return _filled(template.chinese, facts, depth + 1)
    return None


def _filled(chinese: str, facts: tuple[str, ...], depth: int) -> str:
    """The Chinese with its facts, numbered where their order differs; a fact that is a sentence is translated too."""
    told = [(_chinese(fact, depth) if depth <= _DEEPEST else None) or fact for fact in facts]
    unnumbered = iter(told)
    return _SLOT.sub(lambda slot: told[int(slot[1])] if slot[1] else next(unnumbered), chinese)
