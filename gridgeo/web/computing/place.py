"""The one place to compute of a server process, shared between those who may change plans and guests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gridgeo.web.problems import BusyError


class Place:
    """One computation at a time: the rest of the machine stays quick.

    Guests, viewers and patrols, have it only while nobody else wants it. Whoever else finds a guest there is next,
    so guests who ask without end hold it for one computation of theirs and not for ever.

    Examples
    --------
    >>> place = Place()
    >>> with place.taken(guest=True, wait_s=0.0):
    ...     with place.taken(guest=False, wait_s=0.01):
    ...         pass
    Traceback (most recent call last):
    ...
    gridgeo.web.problems.BusyError: another computation is running (try again later, or send Prefer: respond-async)
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._held = False
        self._by_guest = False
        self._next = 0

    @contextmanager
    def taken(self, *, guest: bool, wait_s: float | None) -> Iterator[None]:
        """Hold the place.

        Parameters
        ----------
        guest
            Whether it is a guest who asks: who never waits.
        wait_s
            How long to wait for a guest to leave; None: for anybody, however long.

        Raises
        ------
        BusyError
            Somebody holds the place, or waits for it before a guest.
        """
        with self._change:
            if not self._got(guest, wait_s):
                hint = "try again later, or send Prefer: respond-async"
                raise BusyError("another computation is running", hint=hint)
            self._held, self._by_guest = True, guest
        try:
            yield
        finally:
            with self._change:
                self._held = False
                self._change.notify_all()

    def _got(self, guest: bool, wait_s: float | None) -> bool:
        """Whether the place is free, now or after a wait."""
        if guest:
            return not self._held and not self._next
        if self._held and wait_s is not None and not (self._by_guest and not self._next):
            return False
        self._next += 1
        try:
            return self._change.wait_for(lambda: not self._held, wait_s)
        finally:
            self._next -= 1
