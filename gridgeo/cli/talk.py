"""The language a person is spoken to in, and what the command line hands to its verbs."""

from __future__ import annotations

import locale
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridgeo.settings import Settings

LANGUAGES = ("en", "zh")


def language(asked: str | None) -> str:
    """Language of messages: the one asked for, else the settings', else the locale's, else English."""
    from gridgeo.settings import Settings, spoken

    with suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "")
    named = (spoken(), locale.getlocale()[0] or "")
    local = "zh" if any(name.startswith(("zh", "Chinese")) for name in named) else "en"
    return asked or Settings.from_env().lang or local


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What the group hands to its verbs: the language, and how to run the web service (None: not wired).

    The service is given the settings and what to call once nothing can keep it from starting.
    """

    lang: str
    serve: Callable[[Settings, Callable[[], None]], None] | None = None
