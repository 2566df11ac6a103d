"""Every sentence gridgeo says to people, in English and Chinese, picked by a stable kind.

Templates are filled with named facts; a kind without a sentence is shown as itself with its facts, so nothing a
verb reports can be lost.
"""

from __future__ import annotations

from gridgeo.words.sentences import SENTENCES

LANGUAGES = ("en", "zh")


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
    return SENTENCES[kind][LANGUAGES.index(lang)].format_map(_Facts({k: _shown(v) for k, v in facts.items()}))


class _Facts(dict[str, object]):
    """Facts that show the name of one that was not given."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def _shown(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000 else value
