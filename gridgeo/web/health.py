"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

import msgspec

from gridgeo.web.auth import caller
from gridgeo.web.routes import NoQuery, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Health")
_NOW = {"Cache-Control": "no-store"}


class Health(msgspec.Struct, frozen=True):
    """State of the server."""

    status: str
    plan: str | None = None


@routes.get("/healthz", summary="Does the server live", query=NoQuery, returns=Health, problems=())
def healthz(site: Site) -> Reply:
    """Answers as long as the process does."""
    return Reply(document=Health(status="ok"), headers=_NOW)


@routes.get("/readyz", summary="Can the server answer", query=NoQuery, returns=Health, problems=(503,))
def readyz(site: Site) -> Reply:
    """Answers when the store can be read and written; names the published plan to those who may know.

    A small write is tried every few seconds at most; 503 says what stands in its way.
    """
    site.pulse.feel()
    record = site.state().record
    shown = record.name if record and caller().may("viewer") else None
    return Reply(document=Health(status="ok", plan=shown), headers=_NOW)
