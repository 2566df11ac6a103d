"""Serve under granian: worker processes, graceful stop, this machine only."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import ip_address

from flask import Flask

from gridgeo.errors import InputError
from gridgeo.settings import Settings
from gridgeo.web.app import create_app

_STDERR = {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}


def serve(settings: Settings, *, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until stopped by SIGINT or SIGTERM; requests under way are answered first.

    `ready` is called when everything that can refuse to start has been passed.

    Raises
    ------
    InputError
        The address is not this machine's own loopback or is taken, or the project cannot be opened.
    BackendError
        The project cannot be used.
    """
    check_host(settings.host)
    check_port(settings.host, settings.port)
    create_app(settings)  # a project that cannot be served is told here, not by workers starting over and over
    from granian import Granian
    from granian.constants import Interfaces

    ready()
    settings.hand_on()  # granian starts fresh processes: what they must know travels in their environment
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
        log_dictconfig={"handlers": {"console": _STDERR, "access": _STDERR}},
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


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody answers on: two servers on one port would share its requests.

    Raises
    ------
    InputError
        The port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(1.0)
        if probe.connect_ex((host, port)) == 0:
            raise InputError(f"port {port} is taken", where="port", hint="stop the other server or choose another port")
