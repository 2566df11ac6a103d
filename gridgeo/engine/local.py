"""Several processes that share the work of drawing; the plan is the one a single process draws."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from importlib import import_module
from multiprocessing import get_context
from types import TracebackType
from typing import Any, TypeVar

from gridgeo.core.model import Stop

Answer = TypeVar("Answer")

ASKED_S = 0.1
"""Seconds between two questions whether to stop, while an answer is awaited."""

_flag: Any = None
"""In a worker: the event that tells to stop."""


def _join(flag: Any) -> None:
    """Begin life as a worker: remember the event, and leave Ctrl-C to the process that leads."""
    import signal

    global _flag
    _flag = flag
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _prepare() -> None:
    """Load what drawing needs, before the first piece of work comes."""
    import_module("gridgeo.core.partition.wide")


def _work(work: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
    """Do a piece of work, asking the event whether to stop."""
    return work(*arguments, stop=_flag.is_set)


class Processes:
    """A crew of worker processes, started afresh (spawned): safe beside threads, on every system.

    Parameters
    ----------
    size
        Number of processes.
    stop
        Asked while answers are awaited; once True every worker ends what it does with the best so far.
    """

    def __init__(self, size: int, stop: Stop) -> None:
        context = get_context("spawn")
        self.size, self.stop = size, stop
        self._flag = context.Event()
        self._pool = ProcessPoolExecutor(size, mp_context=context, initializer=_join, initargs=(self._flag,))
        for _ in range(size):  # all start at once, while the process that leads prepares the ground
            self._pool.submit(_prepare)

    def take(self, work: Callable[..., Answer], *arguments: Any) -> Callable[[], Answer]:
        """Give `work(*arguments, stop=...)` to the next free worker."""
        future = self._pool.submit(_work, work, arguments)
        return lambda: self._answer(future)

    def _answer(self, future: Future[Answer]) -> Answer:
        while not wait([future], timeout=ASKED_S).done:
            if self.stop():
                self._flag.set()
        return future.result()

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flag.set()
        self._pool.shutdown(cancel_futures=True)
