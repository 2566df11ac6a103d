"""Connections kept open between uses; one found dead is replaced at once, and a server that is back is used at once."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from gridgeo.errors import BackendError


class Pool:
    """At most `most` connections, shared by threads; nothing happens in the background.

    Parameters
    ----------
    connect
        Makes a connection.
    most
        Connections in use at one time.
    wait_s
        Seconds to wait for one of them.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], *, most: int, wait_s: float) -> None:
        self._connect = connect
        self._free = threading.BoundedSemaphore(most)
        self._wait_s = wait_s
        self._idle: list[psycopg.Connection[Any]] = []
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for one use; it comes back when the use has left no transaction open.

        Raises
        ------
        BackendError
            All are in use, or the pool was closed.
        psycopg.OperationalError
            The server cannot be reached.
        """
        if self._closed:
            raise BackendError("the store was closed")
        if not self._free.acquire(timeout=self._wait_s):
            raise BackendError("all connections to the database are in use", hint="try again")
        try:
            db = self._take()
            try:
                yield db
            finally:
                self._put(db)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> psycopg.Connection[Any]:
        with suppress(IndexError):  # another thread may take the last one
            while True:
                db = self._idle.pop()
                if _quiet(db):
                    return db
                db.close()
        return self._connect()

    def _put(self, db: psycopg.Connection[Any]) -> None:
        if self._closed or db.closed or db.info.transaction_status != TransactionStatus.IDLE:
            db.close()
        else:
            self._idle.append(db)


def _quiet(db: psycopg.Connection[Any]) -> bool:
    """Whether an idle connection still stands: a server that ends one says so, and nothing else is said unasked."""
    if db.closed:
        return False
    poll = select.poll()
    poll.register(db.fileno(), select.POLLIN)
    return not poll.poll(0)
