"""Flask with what every request pays for, and none of ours needs twice, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.routing import MapAdapter

F = TypeVar("F", bound=Callable[..., Any])
_KEPT = 256
"""Names the server is called by, each with a version of a plan or none, that are kept."""


class LeanFlask(Flask):
    """Checks a host name once and not on every request that shows it; runs no coroutines."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self._known: dict[tuple[Any, ...], tuple[str, MapAdapter]] = {}

    def ensure_sync(self, func: F) -> F:
        """Views here are plain functions: there is nothing to look for."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The routes as seen from the address of a request; a host that is not trusted is refused as by Flask."""
        if request is None or "HTTP_UPGRADE" in request.environ:
            return super().create_url_adapter(request)
        environ = request.environ
        key = tuple(map(environ.get, ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME")))
        known = self._known.get(key)
        if known is None:
            made = super().create_url_adapter(request)
            if made is not None and request.host:
                if len(self._known) >= _KEPT:
                    self._known.clear()
                self._known[key] = (request.host, made)
            return made
        host, adapter = known
        request.trusted_hosts, request.host = self.config["TRUSTED_HOSTS"], host
        own = copy(adapter)
        own.default_method = environ["REQUEST_METHOD"]
        own.path_info, own.query_args = _text(environ.get("PATH_INFO", "/")), _text(environ.get("QUERY_STRING", ""))
        return own


def _text(given: str) -> str:
    r"""Text of a request as werkzeug reads it: UTF-8 that WSGI hands on as Latin-1.

    >>> _text("/grids/\xe4\xb8\x9c")
    '/grids/东'
    """
    return given if given.isascii() else given.encode("latin-1").decode(errors="replace")
