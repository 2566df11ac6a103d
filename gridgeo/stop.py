"""When to end long work: stop rules made of clocks and flags, handed to the pure core as plain callables."""

from __future__ import annotations

import time

from gridgeo.errors import InputError


class MaxSeconds:
    """Stop rule: True once `seconds` have passed since it was first asked.

    >>> MaxSeconds(60)()
    False
    """

    def __init__(self, seconds: float) -> None:
        if not seconds > 0:
            raise InputError(f"seconds is {seconds}", where="seconds", hint="give a number above 0")
        self.seconds = seconds
        self._end: float | None = None

    def __call__(self) -> bool:
        """Whether the time is up."""
        now = time.monotonic()
        if self._end is None:
            self._end = now + self.seconds
        return now >= self._end


class Cancelled:
    """Stop rule pulled by hand: `cancel()` from a signal handler or another thread."""

    def __init__(self) -> None:
        self.pulled = False

    def cancel(self) -> None:
        """Ask the work to finish with the best so far."""
        self.pulled = True

    def __call__(self) -> bool:
        """Whether `cancel` was called."""
        return self.pulled
