"""Times in queries: instants and intervals of RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime

from gridgeo.web.faults import RequestFault

_OPEN = ("", "..")


def last_instant(text: str) -> str:
    """The instant asked for or, of an interval, its end; "" where the end is open, which means now.

    Raises
    ------
    RequestFault
        Neither an instant nor an interval, or an interval that ends before it begins.

    Examples
    --------
    >>> last_instant("2026-11-01T00:00:00Z/2026-11-21T09:00:00Z")
    '2026-11-21T09:00:00Z'
    >>> last_instant("2026-11-01T00:00:00Z/..")
    ''
    """
    parts = text.split("/")
    if len(parts) > 2 or (len(parts) == 1 and text in _OPEN):
        raise RequestFault("datetime is no instant and no interval", parameter="datetime")
    ends = [None if part in _OPEN else _instant(part) for part in parts]
    first, last = ends[0], ends[-1]
    if first and last and first > last:
        raise RequestFault("the interval ends before it begins", parameter="datetime")
    return "" if last is None else parts[-1]


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RequestFault(f"{text!r} is not a time", parameter="datetime", hint="2026-11-21T09:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
