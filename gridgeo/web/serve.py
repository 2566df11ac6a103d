"""Serve under granian, or under waitress where that does not run: workers, graceful stop, keys before strangers."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from gridgeo.errors import InputError
from gridgeo.settings import Settings
from gridgeo.web import logs
from gridgeo.web.addresses import local

if TYPE_CHECKING:
    from flask import Flask

    from gridgeo.web.site import Site

MOST_WORKERS = 2
"""Server processes where nobody says how many: each holds the project in memory."""
_STDERR = {"formatter": "json", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
_LOGS = {
    "formatters": {"json": {"()": "gridgeo.web.logs.JsonLines"}},
    "handlers": {"console": _STDERR, "access": _STDERR},
}


def serve(settings: Settings, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until stopped by SIGINT or SIGTERM; requests under way are answered first.

    `ready` is called when everything that can refuse to start has been passed.

    Raises
    ------
    InputError
        Others can reach the address and there is no key, the address is taken, or the project cannot be opened.
    BackendError
        The project cannot be used.
    """
    check_port(settings.host, settings.port)
    settings = replace(settings, workers=_workers(settings))
    _check_project(settings)
    ready()
    with _shared(settings) as folder:
        replace(settings, shared=folder).hand_on()  # what workers must know travels in their environment
        (_granian if settings.server == "granian" else _waitress)(settings)


def _workers(settings: Settings) -> int:
    """How many processes serve: as many as asked for, else one a core and two at most.

    Raises
    ------
    InputError
        Several are asked for, and the project is kept in the memory of one.
    """
    from gridgeo.store.open import MEMORY

    alone = settings.project.startswith(MEMORY) or settings.server == "waitress"
    if settings.workers > 1 and settings.project.startswith(MEMORY):
        raise InputError("a project in memory has one worker", where="workers", hint="serve a file or a database")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if alone else settings.workers or min(MOST_WORKERS, cores)


@contextmanager
def _shared(settings: Settings) -> Iterator[str]:
    """Folder that the workers share, "" where there is one alone."""
    if settings.shared or settings.workers == 1:
        yield settings.shared
        return
    with TemporaryDirectory(prefix="gridgeo-") as folder:
        yield folder


def _check_project(settings: Settings) -> None:
    """Tell what cannot be served before workers start over and over; a file on this machine by its list of layers.

    Raises
    ------
    InputError, BackendError
        As `serve`.
    """
    if Path(settings.project).is_file():
        from gridgeo import gpkg  # the application itself is left to the workers: loading it takes a second

        with closing(gpkg.open_gpkg(settings.project, readonly=True)) as db:
            if not gpkg.has_table(db, "journals"):
                check_host(settings.host)  # before the file becomes a store
            if local(settings.host) and {"boundary", "atoms", "adjacency"} <= {one.name for one in gpkg.layers(db)}:
                return
    from gridgeo.keys import KeyRing
    from gridgeo.store import open_store

    store = open_store(settings.project)
    try:
        made = KeyRing(store).keys()
        check_host(settings.host, keyed=any(not key.revoked for key in made))
    finally:
        store.close()


def _granian(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "gridgeo.web.serve:from_env",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        factory=True,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=max(1, round(settings.grace_s)),
        log_level=LogLevels(settings.log),
        log_dictconfig=_LOGS,
    ).serve()


def _waitress(settings: Settings) -> None:
    """One process with threads; a signal closes the door, and who is inside is answered."""
    from waitress import create_server

    server = create_server(from_env(), host=settings.host, port=settings.port, threads=settings.threads)
    stopping: list[float] = []

    def stop(number: int, frame: Any) -> None:
        stopping.append(time.monotonic())

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    loop = server.asyncore.loop
    while not stopping:
        loop(timeout=0.5, map=server._map, count=1)
    server.accepting = False
    server.del_channel()
    server.socket.close()
    while _busy(server) and time.monotonic() < stopping[0] + settings.grace_s:
        loop(timeout=0.1, map=server._map, count=1)
    server.task_dispatcher.shutdown()


def _busy(server: Any) -> bool:
    """Whether a request is worked on or an answer not yet sent."""
    return any(channel.requests or channel.total_outbufs_len for channel in list(server.active_channels.values()))


def from_env() -> Flask:
    """The application of a worker process."""
    from gridgeo.store import open_store
    from gridgeo.web import metrics, warm
    from gridgeo.web.app import create_app

    settings = Settings.from_env()
    logs.install(settings.log)
    gc.disable()  # among millions of new rows, all of which stay, a search for cycles finds none
    app = create_app(settings, open_store(settings.project, late=True))
    app.extensions["gridgeo"].state()
    gc.freeze()
    gc.enable()
    site: Site = app.extensions["gridgeo"]
    site.siblings.tell(lambda: metrics.counts(site))
    warm.start(site)
    _trim()
    atexit.register(site.close)
    return app


def _trim() -> None:
    """Give back what reading the project needed for a moment, where the C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def check_host(host: str, *, keyed: bool = False) -> None:
    """Refuse an address others can reach, unless keys keep out who should not be in.

    Raises
    ------
    InputError
        The host is not a loopback address and there are no keys.

    Examples
    --------
    >>> check_host("127.0.0.1")
    >>> check_host("0.0.0.0", keyed=True)
    >>> check_host("0.0.0.0")
    Traceback (most recent call last):
    gridgeo.errors.InputError: 0.0.0.0 can be reached from other machines...
    """
    if host and (host == "localhost" or local(host) or keyed):
        return
    raise InputError(
        f"{host} can be reached from other machines, and there are no keys",
        where="host",
        hint="make a key first: gridgeo key add; or serve on 127.0.0.1",
    )


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody answers on: two servers on one port would share its requests.

    Raises
    ------
    InputError
        The port is taken, or the host is no address.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise InputError(f"{host} is no address: {error}", where="host", hint="give 127.0.0.1 or a name") from None
    with socket.socket(family, kind, proto) as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(address) == 0:
            raise InputError(f"port {port} is taken", where="port", hint="stop the other server or choose another port")
