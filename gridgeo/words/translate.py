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
_PLAIN = {english: chinese for english, chinese in CHINESE.items() if _FACT not in english}
_PARTS = sorted(
    (english.split(_FACT) for english in CHINESE if _FACT in english), key=lambda parts: -sum(map(len, parts))
)
_SURE = 8
"""Letters of its own that a template holds when it fits by more than chance: "{} is {}" does not."""


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
    if text in _PLAIN:
        return _PLAIN[text]
    for parts in _PARTS:
        if sum(map(len, parts)) < least:
            break
        if text.startswith(parts[0]) and text.endswith(parts[-1]):
            found = _pattern(tuple(parts)).fullmatch(text)
            if found:
                return _filled(CHINESE[_FACT.join(parts)], found.groups())
    return text


@cache
def _pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    """A template as a pattern; in one of few letters only the last fact may hold spaces."""
    fact = "(.*?)" if sum(map(len, parts)) >= _SURE else r"(\S*?)"
    *inner, last = map(re.escape, parts)
    return re.compile(f"{fact.join(inner)}(.*){last}", re.DOTALL)


def _filled(chinese: str, facts: tuple[str, ...]) -> str:
    """The Chinese with its facts, numbered where their order differs; a fact that is a sentence is translated too."""
    told = iter(facts)
    return _SLOT.sub(lambda slot: _chinese(facts[int(slot[1])] if slot[1] else next(told), _SURE), chinese)
