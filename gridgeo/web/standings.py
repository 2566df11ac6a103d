"""How responders stand: busy or free, on or off duty, as somebody said over HTTP; every server process agrees."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec

from gridgeo.ports import Store

if TYPE_CHECKING:
    from gridgeo.core.dispatch import AlarmDesk

BOOK = "standings"


class Mark(msgspec.Struct, frozen=True):
    """What was said of a responder; None where nothing was."""

    code: str
    busy: bool | None = None
    on_duty: bool | None = None

    def put(self, desk: AlarmDesk) -> None:
        """Let a desk know."""
        if self.busy is not None:
            desk.set_busy(self.code, self.busy)
        if self.on_duty is not None:
            desk.set_on_duty(self.code, self.on_duty)


class Standings:
    """Marks of responders, in a journal of the store: what one process was told all others know at their next look.

    A restart forgets nothing; a look costs one small read.

    Parameters
    ----------
    store
        Keeps the journal.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._marks: list[Mark] = []
        self._told: WeakKeyDictionary[AlarmDesk, int] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def note(self, mark: Mark, store: Store) -> None:
        """Keep what was said, through the store or one transaction of it."""
        store.append(BOOK, msgspec.json.encode(mark).decode())

    def tell(self, desk: AlarmDesk) -> None:
        """Let a desk know what it does not know yet."""
        with self._lock:
            news = self._store.entries(BOOK, len(self._marks))
            self._marks += [msgspec.json.decode(text, type=Mark) for text in news]
            told = self._told.get(desk, 0)
            if told == len(self._marks):
                return
            known = set(desk.responders.code.tolist())
            for mark in self._marks[told:]:
                if mark.code in known:  # responders come and go with the territory
                    mark.put(desk)
            self._told[desk] = len(self._marks)
