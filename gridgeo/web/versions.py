"""Every version answers the whole API: what stands under /plans/{plan}/ is asked as at the root, of that version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from gridgeo.web.routes import PLAN, ROOT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SHARED = frozenset({"api", "collections", "conformance", "coverage", "locate", "tileMatrixSets"})
"""First steps of addresses that are answered for any version."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_PLANS = "/plans/"


def mount(app: Flask) -> None:
    """Let an application answer for every version: the address up to it becomes the root of links."""
    inner = app.wsgi_app

    def mounted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        root = environ[ROOT] = environ.get("SCRIPT_NAME", "")
        path = environ.get("PATH_INFO", "")
        if path.startswith(_PLANS):
            name, mark, rest = path[len(_PLANS) :].partition("/")
            # a version never changes: what is written under it would be written elsewhere
            reads = environ.get("REQUEST_METHOD") in _READING or rest == "locate"
            if mark and reads and rest.partition("/")[0] in SHARED:
                environ |= {"SCRIPT_NAME": f"{root}{_PLANS}{name}", "PATH_INFO": "/" + rest, PLAN: name}
        return inner(environ, start)

    app.wsgi_app = mounted  # type: ignore[assignment, method-assign]
