"""Addresses of grids and their QR codes."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlsplit

import numpy as np

from gridgeo.core.model import Flags
from gridgeo.errors import InputError

LOCAL = "http://127.0.0.1:8000/map#grid={code}"
"""Address of a grid in the service as it starts on this machine."""
MARK = "{code}"
LONGEST = 1000
"""Characters of an address that a printed code can still show in squares a phone tells apart."""


def address_of(template: str, code: str) -> str:
    """Address of a grid; its code is quoted, so that no code changes the address around it.

    Raises
    ------
    InputError
        The template is no web address with {code} in it, or the address is too long for a QR code.

    Examples
    --------
    >>> address_of("https://town.example/map#grid={code}", "A1/东 7")
    'https://town.example/map#grid=A1%2F%E4%B8%9C%207'
    """
    try:
        parts = urlsplit(template)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and template.count(MARK) == 1
    except ValueError:
        sound = False
    if not sound or not template.isprintable() or " " in template or MARK in template.split("://", 1)[1].split("/")[0]:
        hint = "for example https://town.example/map#grid={code}"
        raise InputError(f"{template!r} is no web address with one {MARK}", where="address", hint=hint)
    address = template.replace(MARK, quote(code, safe=""))
    if len(address) > LONGEST:
        raise InputError(f"the address has {len(address)} characters", where="address", hint="choose a shorter one")
    return address


def is_local(template: str) -> bool:
    """Whether an address leads to this machine only, so that a phone finds nothing there.

    >>> is_local(LOCAL), is_local("https://town.example/map#grid={code}")
    (True, False)
    """
    return urlsplit(template).hostname in ("localhost", "127.0.0.1", "::1")


@lru_cache(maxsize=4096)
def qr_matrix(text: str) -> Flags:
    """Dark squares (n, n) of the QR code of a text, without the quiet zone; about a seventh may be dirty.

    >>> qr_matrix("http://town.example/").shape
    (25, 25)
    """
    import segno

    code = segno.make(text, error="m", micro=False, boost_error=True)
    dark = np.array([[bool(square) for square in line] for line in code.matrix], dtype=bool)
    dark.setflags(write=False)
    return dark
