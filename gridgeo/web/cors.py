"""Pages of other origins that may read this service; none unless the settings name them."""

from __future__ import annotations

from flask import Flask, Response, request

from gridgeo.settings import Settings

_HEADERS = "Authorization, X-API-Key, Accept, If-None-Match"
_SHOWN = "ETag, Link, Content-Crs, Retry-After, X-Request-Id"
_KEPT_S = "600"


def install(app: Flask, settings: Settings) -> None:
    """Let the origins of the settings read: GET and HEAD, with keys but never with cookies; changes stay closed."""
    origins = frozenset(settings.origins)
    if not origins:
        return

    @app.before_request
    def preflight() -> Response | None:
        asked = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or asked is None or request.headers.get("Origin") not in origins:
            return None
        given = {
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": _KEPT_S,
        }
        return Response(status=204, headers=given)

    @app.after_request
    def allow(response: Response) -> Response:
        origin = request.headers.get("Origin", "")
        if origin in origins and request.method in ("GET", "HEAD", "OPTIONS"):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _SHOWN
        response.headers.add("Vary", "Origin")
        return response
