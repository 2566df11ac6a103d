"""Serve under granian: worker processes, graceful stop, this machine only."""

from __future__ import annotations

import os
from ipaddress import ip_address

from flask import Flask

from gridgeo.errors import InputError
from gridgeo.settings import Settings
from gridgeo.web.app import create_app


def serve(settings: Settings) -> None:
    """Serve until stopped by SIGINT or SIGTERM; requests under way are answered first.

    Raises
    ------
    InputError
        The address is not this machine's own loopback, or the project cannot be opened.
    BackendError
        The project cannot be used.
    """
    check_host(settings.host)
    create_app(settings)  # a project that cannot be served is told here, not by workers starting over and over
    from granian import Granian
    from granian.constants import Interfaces

    # granian starts fresh processes: what they must know travels in their environment
    os.environ.update(settings.to_env())
    Granian(
        "gridgeo.web.serve:from_env",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        factory=True,
        websockets=False,
        workers_kill_timeout=10,
    ).serve()


def from_env() -> Flask:
    """The application of a worker process."""
    return create_app(Settings.from_env())


def check_host(host: str) -> None:
    """Refuse an address others can reach: there are no keys that would keep them out.

    Raises
    ------
    InputError
        The host is not a loopback address.

    Examples
    --------
    >>> check_host("127.0.0.1")
    >>> check_host("0.0.0.0")
    Traceback (most recent call last):
    gridgeo.errors.InputError: 0.0.0.0 can be reached from other machines ...
    """
    try:
        safe = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        safe = False
    if not safe:
        raise InputError(
            f"{host} can be reached from other machines",
            where="host",
            hint="serve on 127.0.0.1, and let a reverse proxy with sign-in stand before it",
        )
