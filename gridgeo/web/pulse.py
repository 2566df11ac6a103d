"""Whether a store still takes what it is given: a small write now and then, and what came of it."""

from __future__ import annotations

import threading
import time

from gridgeo.errors import BackendError
from gridgeo.ports import Store

HOLDS_S = 5.0
"""How long the outcome of one try is told to all who ask."""


class Pulse:
    """Tries to write, at most once in a few seconds however many ask; safe to share between threads.

    Parameters
    ----------
    store
        What is tried.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._tried = float("-inf")
        self._fault: tuple[str, str] | None = None

    def feel(self) -> None:
        """Return when the last try went well.

        Raises
        ------
        BackendError
            It did not.
        """
        with self._lock:
            if time.monotonic() - self._tried >= HOLDS_S:
                self._fault = self._try()
                self._tried = time.monotonic()
            fault = self._fault
        if fault is not None:
            message, where = fault
            raise BackendError(f"nothing can be kept: {message}", where=where, hint="free disk space or permission")

    def _try(self) -> tuple[str, str] | None:
        """Message and place of what stood in the way, None for nothing."""
        try:
            self._store.try_write()
        except BackendError as error:
            return error.message, error.where
        return None
