"""What an error says, in the reader's language.

The source raises errors in English, where the engineer reads them. Their Chinese is found by the sentence itself, as
with gettext, but on its finished form: the sentence is matched with the templates of `gridgeo.words.chinese`, its
facts are taken out and set into the Chinese. A sentence without Chinese is shown in English, so nothing is lost.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from gridgeo.words.chinese import CHINESE

_FACT = "{}"
_SLOT = re.compile(r"\{(\d?)\}")
_APART = "; "
"""What sets sentences apart; no fact holds it."""
_TELLING = 6
"""Letters of its own that a template holds when it fits by more than chance: "{} is {}" does not."""


def _letters(template: str) -> int:
    return sum(map(str.isalpha, template))


_PLAIN = {english: chinese for english, chinese in CHINESE.items() if _FACT not in english}
_TEMPLATES = sorted((english for english in CHINESE if _FACT in english), key=lambda english: -_letters(english))


def translated(text: str, lang: str) -> str:
    """The sentence in a language; the most telling template that fits gives its Chinese.

    >>> translated("the file has 12 bytes, at most 10 are read", "zh")
    '文件有 12 字节，最多读取 10 字节'
    >>> translated("the file has 12 bytes, at most 10 are read", "en")
    'the file has 12 bytes, at most 10 are read'
    >>> translated("nobody foresaw this", "zh")
    'nobody foresaw this'
    """
    return text if lang == "en" or not text else _chinese(text, 0)


@lru_cache(maxsize=4096)
def _chinese(text: str, least: int) -> str:
    """The Chinese of a sentence by a template of at least so many letters; else of the sentences it is made of."""
    if text in _PLAIN:
        return _PLAIN[text]
    for template in _TEMPLATES:
        if _letters(template) < least:
            break
        found = text.startswith(template.partition(_FACT)[0]) and _pattern(template).fullmatch(text)
        if found and not any(_APART in fact for fact in found.groups()):
            return _filled(CHINESE[template], found.groups())
    first, several, rest = text.partition(_APART)
    return f"{_chinese(first, least)}；{_chinese(rest, least)}" if several else text


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """A template as a pattern; in one of few letters only the last fact may hold spaces."""
    fact = "(.*?)" if _letters(template) >= _TELLING else r"(\S*?)"
    *inner, last = map(re.escape, template.split(_FACT))
    return re.compile(f"{fact.join(inner)}(.*){last}", re.DOTALL)


def _filled(chinese: str, facts: tuple[str, ...]) -> str:
    """The Chinese with its facts, numbered where their order differs; a fact that is a sentence is translated too."""
    told = iter(facts)
    return _SLOT.sub(lambda slot: _chinese(facts[int(slot[1])] if slot[1] else next(told), _TELLING), chinese)
