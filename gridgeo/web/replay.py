"""Answers given once: a request repeated under the same key gets the bytes of the first answer, from any process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256

import msgspec

from gridgeo.errors import ConflictError
from gridgeo.ports import Store
from gridgeo.web.faults import RequestFault
from gridgeo.web.problems import UsedKeyError

LONGEST_KEY = 200
_TRIES = 20


class Given(msgspec.Struct, frozen=True):
    """An answer: its key, the SHA-256 of the request, the bytes."""

    key: str
    request: str
    answer: str


class Replay:
    """Answers of today and yesterday by key, in a journal a day: a key is good for a day at least.

    One key, one answer: of two processes that answer one key at the same time, the one that writes first has given it.

    Parameters
    ----------
    store
        Keeps the journals.

    Examples
    --------
    >>> from tests.instances import lattice
    >>> from gridgeo.store import MemoryStore
    >>> replay = Replay(MemoryStore(lattice(2, 2)))
    >>> replay.once("k", b"where", lambda: b"first", "2026-11-21"), replay.once("k", b"", lambda: b"", "2026-11-23")
    ((b'first', False), (b'', False))
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._days: dict[str, dict[str, Given]] = {}
        self._read: dict[str, int] = {}
        self._lock = threading.Lock()

    def once(self, key: str, request: bytes, answer: Callable[[], bytes], day: str) -> tuple[bytes, bool]:
        """The answer of a key, and whether it was given before; errors are not kept.

        Parameters
        ----------
        key, request
            What names the answer, and what was asked.
        answer
            Works it out.
        day
            The day, as 2026-11-21.

        Raises
        ------
        UsedKeyError
            The key was used for another request.
        ConflictError
            Other processes write without a pause.
        """
        digest = sha256(request).hexdigest()
        days = [day, (date.fromisoformat(day) - timedelta(days=1)).isoformat()]
        with self._lock:
            for old in set(self._days) - set(days):
                del self._days[old], self._read[old]
            made: Given | None = None
            for _ in range(_TRIES):
                known = self._known(key, days)
                if known is not None:
                    return _same(known, digest), True
                made = made or Given(key, digest, answer().decode())
                if self._keep(made, day):
                    return made.answer.encode(), False
        raise ConflictError("too many alarms at once", where="Idempotency-Key")

    def _known(self, key: str, days: list[str]) -> Given | None:
        """The answer kept under a key by any process."""
        for day in days:
            kept, at = self._days.setdefault(day, {}), self._read.get(day, 0)
            entries = self._store.entries(_book(day), at)
            kept.update((given.key, given) for given in (msgspec.json.decode(text, type=Given) for text in entries))
            self._read[day] = at + len(entries)
        return next((self._days[day][key] for day in days if key in self._days[day]), None)

    def _keep(self, given: Given, day: str) -> bool:
        """Write an answer down, unless another process wrote in between."""
        try:
            self._store.append(_book(day), msgspec.json.encode(given).decode(), after=self._read[day])
        except ConflictError:
            return False
        return True


def _book(day: str) -> str:
    return f"alarms-{day}"


def _same(known: Given, digest: str) -> bytes:
    if known.request != digest:
        what, hint = "this Idempotency-Key was used for another request", "send a new key with a new alarm"
        raise UsedKeyError(what, where="Idempotency-Key", hint=hint)
    return known.answer.encode()


def check_key(key: str) -> None:
    """Refuse keys that are too long or hold other than visible ASCII.

    Raises
    ------
    RequestFault
        The key cannot be used.
    """
    if not 0 < len(key) <= LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        what = f"an Idempotency-Key is 1 to {LONGEST_KEY} visible ASCII characters"
        raise RequestFault(what, parameter="Idempotency-Key")
