"""A crew of Dask workers: on this machine, or on those of a running cluster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from types import TracebackType
from typing import Any, TypeVar
from uuid import uuid4

from gridgeo.core.model import Stop
from gridgeo.errors import BackendError, InputError

Answer = TypeVar("Answer")

ASKED_S = 0.2
"""Seconds between two questions whether to stop: of the caller, and of a worker to its scheduler."""
CONNECT_S = 10


class Cluster:
    """Workers of a Dask scheduler. They must hold the same release of gridgeo; what they send back is trusted.

    Parameters
    ----------
    name
        "dask" starts `workers` processes on this machine; tcp://HOST:PORT is a running scheduler.
    workers
        Number of processes to start.
    stop
        Asked while answers are awaited; once True every worker ends what it does with the best so far.

    Raises
    ------
    InputError
        Dask is not installed.
    BackendError
        The scheduler does not answer, has no workers, or they hold another release.
    """

    def __init__(self, name: str, workers: int, stop: Stop) -> None:
        try:
            from distributed import Client, Event, LocalCluster
        except ImportError as error:
            hint = 'pip install "gridgeo[dask]"'
            raise InputError("the package distributed is not installed", where="engine", hint=hint) from error
        self.stop = stop
        with ExitStack() as held:
            address: Any = name
            if name == "dask":
                local = LocalCluster(
                    n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
                )
                address = held.enter_context(local)
            try:
                self._client = held.enter_context(Client(address, timeout=CONNECT_S, set_as_default=False))
            except OSError as error:
                hint = "start `dask scheduler` and `dask worker` there, or use --engine local"
                raise BackendError("the scheduler does not answer", where=name, hint=hint) from error
            self.address: str = self._client.scheduler.address
            self.size = self._muster(name)
            self._flag = Event(f"gridgeo-stop-{uuid4().hex}", client=self._client)
            self._held = held.pop_all()

    def _muster(self, name: str) -> int:
        """Number of workers, each with this release of gridgeo at hand and loaded."""
        own = _release()
        try:
            releases = self._client.run(_release)
        except ImportError as error:
            raise BackendError("a worker cannot load gridgeo", where=name, hint="install gridgeo there") from error
        if not releases:
            raise BackendError("the scheduler has no workers", where=name, hint="start `dask worker` beside it")
        for where, release in sorted(releases.items()):
            if release != own:
                message = f"the worker holds gridgeo {release}, not {own}"
                raise BackendError(message, where=where, hint="install the same release everywhere")
        return len(releases)

    def take(self, work: Callable[..., Answer], *arguments: Any) -> Callable[[], Answer]:
        """Give `work(*arguments, stop=...)` to the next free worker."""
        future = self._client.submit(_work, self._flag.name, work, arguments, pure=False)
        return lambda: self._answer(future)

    def _answer(self, future: Any) -> Any:
        from distributed import KilledWorker, wait
        from distributed.client import FutureCancelledError

        while not future.done():
            try:
                with self._client.as_current():
                    wait([future], timeout=ASKED_S)
            except TimeoutError:
                if self.stop():
                    self._flag.set()
        try:
            return future.result()
        except (KilledWorker, FutureCancelledError, OSError) as error:
            raise BackendError(
                "workers were lost while they drew", where="engine", hint="look at their logs"
            ) from error

    def __enter__(self) -> Cluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._held:
            self._flag.set()


def _release() -> str:
    """Load what drawing needs; returns the release that is at hand."""
    import_module("gridgeo.core.partition.wide")
    return str(import_module("gridgeo").__version__)


def _work(flag: str, work: Callable[..., Answer], arguments: tuple[Any, ...]) -> Answer:
    """In a worker: do a piece of work, asking the scheduler now and then whether to stop."""
    from distributed import Event

    return work(*arguments, stop=_seldom(Event(flag).is_set))


def _seldom(asked: Stop) -> Stop:
    """A stop that asks at most every ASKED_S, and not again once it was told to stop."""
    from time import monotonic

    last, told = monotonic(), False

    def stop() -> bool:
        nonlocal last, told
        if not told and monotonic() - last >= ASKED_S:
            told, last = asked(), monotonic()
        return told

    return stop
