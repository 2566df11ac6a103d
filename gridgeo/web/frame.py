"""What goes around every request: an id, security headers, counts, and one line in the log.

Done below Flask, where it costs a list or two: its own header objects would take a third of a small request's time.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from gridgeo.web import logs
from gridgeo.web.auth import CALLER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from gridgeo.web.site import Site

REQUEST, ROUTE = "gridgeo.request", "gridgeo.route"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "worker-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("gridgeo.access")


def install(app: Flask, site: Site) -> None:
    """Put the frame around an application."""
    inner = app.wsgi_app
    always = [*HEADERS.items(), ("Vary", "Accept, Accept-Encoding, Authorization, X-API-Key")]

    @app.before_request
    def remember() -> None:
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule

    def framed(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ[REQUEST] = id = given if _ID.fullmatch(given) else os.urandom(8).hex()
        said = ["500"]

        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
            said[0] = status
            return start(status, [*headers, *always, ("X-Request-Id", id)], error)

        answer = inner(environ, begin)
        _tell(site, environ, id, int(said[0][:3]), time.perf_counter() - began)
        return answer

    app.wsgi_app = framed  # type: ignore[assignment, method-assign]


def _tell(site: Site, environ: WSGIEnvironment, id: str, status: int, seconds: float) -> None:
    """Count and log a request: the route, never the address or query, which may name places and households."""
    method, route = environ["REQUEST_METHOD"], environ.get(ROUTE, "-")
    method = method if method in _METHODS else "other"
    site.metrics.count(method, route, status, seconds)
    if _log.isEnabledFor(logging.INFO):
        who = environ.get(CALLER)
        facts = {
            "request": id,
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
            "who": who.name if who is not None else "",
        }
        logs.tell(_log, "request", facts)
