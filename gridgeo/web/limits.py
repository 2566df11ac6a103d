"""How often one may ask: a bucket of requests for each key or address, filled at a steady rate."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from gridgeo.web.problems import TooManyError

KEPT = 10_000
"""Buckets kept; the ones longest unused are let go, which fills them."""
BURST_S = 2.0
"""Seconds' worth of requests that may come at once."""
LEAST_BURST = 10.0


class Buckets:
    """Token buckets by name.

    Parameters
    ----------
    rate
        Requests a second.
    clock
        Gives seconds that never run back.

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

    def __init__(self, rate: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._most = max(LEAST_BURST, rate * BURST_S)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, name: str) -> float:
        """Take one request out of a bucket; 0 when there was one, else the seconds until there is."""
        now = self._clock()
        with self._lock:
            held, since = self._buckets.pop(name, (self._most, now))
            held = min(self._most, held + (now - since) * self._rate)
            taken = held >= 1.0
            self._buckets[name] = (held - taken, now)
            if len(self._buckets) > KEPT:
                self._buckets.popitem(last=False)
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
