"""How often one may ask: a bucket of requests for each key or address, filled at a steady rate."""

from __future__ import annotations

import mmap
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from gridgeo.web.problems import TooManyError

fcntl: Any = None
with suppress(ImportError):  # without it each worker counts for itself
    import fcntl

BURST_S = 2.0
"""Seconds' worth of requests that may come at once."""
LEAST_BURST = 10.0
SETS, WAYS = 1024, 8
"""Buckets kept: so many of each of so many sets; the one longest unused is let go, which fills it."""
_BUCKET = struct.Struct("=8sdd")
"""Name as a hash, requests held, and since when."""
_SET = WAYS * _BUCKET.size


class Buckets:
    """Token buckets by name, in memory or in a file that the worker processes of one server share.

    Parameters
    ----------
    rate
        Requests a second.
    clock
        Gives seconds that never run back, the same to all processes.
    file
        Where the buckets stand; None for memory of this process.

    Examples
    --------
    >>> at = [0.0]
    >>> buckets = Buckets(5.0, clock=lambda: at[0])
    >>> [buckets.wait("key") > 0 for _ in range(11)].count(True)
    1
    >>> at[0] += 0.2
    >>> buckets.wait("key")
    0.0
    """

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic, file: Path | None = None) -> None:
        self._rate = rate
        self._most = max(LEAST_BURST, rate * BURST_S)
        self._clock = clock
        self._lock = threading.Lock()
        self._file = None if file is None or fcntl is None else file.open("a+b")
        if self._file is not None:
            self._file.truncate(SETS * _SET)
        self._rows = mmap.mmap(-1 if self._file is None else self._file.fileno(), SETS * _SET)

    def wait(self, name: str) -> float:
        """Take one request out of a bucket; 0 when there was one, else the seconds until there is."""
        digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        start = int.from_bytes(digest, "little") % SETS * _SET
        with self._alone(start):
            now = self._clock()
            at, held, since = self._find(start, digest, now)
            held = min(self._most, held + max(0.0, now - since) * self._rate)
            taken = held >= 1.0
            _BUCKET.pack_into(self._rows, at, digest, held - taken, now)
        return 0.0 if taken else (1.0 - held) / self._rate

    def take(self, name: str) -> None:
        """Take one request out of a bucket.

        Raises
        ------
        TooManyError
            It is empty.
        """
        seconds = self.wait(name)
        if seconds:
            hint = f"at most {self._rate:g} requests a second"
            raise TooManyError("too many requests", hint=hint, seconds=seconds)

    def _find(self, start: int, digest: bytes, now: float) -> tuple[int, float, float]:
        """Place of a bucket in its set, what it held, and since when; a full one where it has no place yet."""
        places = range(start, start + _SET, _BUCKET.size)
        found = [(at, *_BUCKET.unpack_from(self._rows, at)) for at in places]
        for at, name, held, since in found:
            if name == digest:
                return at, held, since
        return min(found, key=lambda bucket: bucket[3])[0], self._most, now

    @contextmanager
    def _alone(self, start: int) -> Iterator[None]:
        """Nobody else at one set, in this process or another; a process that dies lets go of it."""
        with self._lock:
            if self._file is None:
                yield
                return
            fcntl.lockf(self._file, fcntl.LOCK_EX, _SET, start)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _SET, start)
