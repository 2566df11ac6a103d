"""Where the work of drawing is done: in this process, in several of this machine, or on a Dask cluster."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gridgeo.core.model import Stop
from gridgeo.errors import InputError

if TYPE_CHECKING:
    from gridgeo.core.partition.crew import Crew

ENGINES = ("local", "dask", "tcp://HOST:PORT")
CLUSTERS = ("tcp://", "tls://")


def check_engine(name: str) -> str:
    """The name of an engine, if it is one.

    >>> check_engine("tcp://10.0.0.7:8786")
    'tcp://10.0.0.7:8786'

    Raises
    ------
    InputError
        No engine has this name.
    """
    address = name.partition("://")[2]
    if name in ("local", "dask") or (name.startswith(CLUSTERS) and address.rpartition(":")[2].isdecimal()):
        return name
    raise InputError(
        f"there is no engine {name!r}",
        where="engine",
        hint="local, dask or the address of a scheduler: tcp://HOST:PORT",
    )


def open_engine(name: str, workers: int, stop: Stop) -> AbstractContextManager[Crew | None]:
    """A crew that shares the work, as long as the block runs; None for this process alone.

    The plan is the same, byte for byte, with any engine and any number of workers.

    Parameters
    ----------
    name
        "local": processes of this machine; "dask": a Dask cluster started on this machine;
        "tcp://HOST:PORT": the scheduler of a running one, whose own workers are used.
    workers
        Number of processes of the first two.
    stop
        Asked while answers are awaited; once True every worker ends what it does with the best so far.

    Raises
    ------
    InputError
        There is no such engine, or its package is not installed.
    BackendError
        The cluster cannot be reached.
    """
    if check_engine(name) == "local":
        from gridgeo.engine.local import Processes

        return Processes(workers, stop) if workers > 1 else nullcontext()
    from gridgeo.engine.cluster import Cluster

    return Cluster(name, workers, stop)
