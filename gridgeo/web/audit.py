"""The audit log of the service: every change somebody made or was refused, before the answer leaves."""

from __future__ import annotations

from typing import Annotated

from flask import Flask, Response, request
from msgspec import Meta

from gridgeo.errors import GridgeoError
from gridgeo.web.auth import caller
from gridgeo.web.change import ENTERED, enter
from gridgeo.web.features import both, link
from gridgeo.web.problems import problem
from gridgeo.web.routes import Operation, Query, Reply, Routes
from gridgeo.web.site import Site

routes = Routes("Audit")
_READING = ("GET", "HEAD", "OPTIONS")
_CHANGING = ("patrol", "planner", "admin")
_ASKING = frozenset({"post_alarm"})
"""Operations sent like changes that change nothing."""
_OWN = frozenset({"delete_dismiss"})
"""Changes that need no higher role where they are of one's own things."""


class AuditQuery(Query, frozen=True, forbid_unknown_fields=True):
    """Which entries, and how many."""

    since: Annotated[int, Meta(ge=0, le=1_000_000_000_000, description="Position of the last entry known.")] = 0
    limit: Annotated[int, Meta(ge=1, le=10_000, description="Most entries of one page.")] = 1000


@routes.get("/audit", summary="Who changed what and when", query=AuditQuery, role="admin")
def audit(site: Site, query: AuditQuery) -> Reply:
    """Entries in order, each with the hash of the one before, and whether the chain holds.

    What this server found whole before is not verified again: `gridgeo fsck` proves all of it. Who notes `head`
    elsewhere can prove later that nothing was cut off.
    """
    breaks = site.audit.verify_on()
    entries = site.audit.read(query.since, query.limit)
    links = both(f"/audit?since={query.since}&limit={query.limit}")
    if len(entries) == query.limit:
        links.append(link("next", f"/audit?since={entries[-1].position}&limit={query.limit}"))
    document = {
        "entries": [vars(entry) for entry in entries],
        "verified": not breaks,
        "breaks": [{"kind": n.kind, **n.facts} for n in breaks],
        "head": site.audit.head,
        "links": links,
    }
    return Reply(document=document, title="Audit", headers={"Cache-Control": "no-store"})


def install(app: Flask, site: Site, operations: list[Operation]) -> None:
    """Enter every change an application was asked for by somebody known, with how it ended.

    What was kept has been entered in the same transaction; here come the refusals, and what changes no plan.
    """
    changing = {op.id for op in operations if op.method not in _READING and op.role in _CHANGING} - _ASKING | _OWN
    site.outcomes |= {op.id: str(op.success[0]) for op in operations}

    @app.after_request
    def tell(response: Response) -> Response:
        entered = request.environ.get(ENTERED) and response.status_code < 400
        if caller().name and request.endpoint in changing and not entered:
            try:
                enter(site.audit, _where(response), str(response.status_code), when=site.now())
            except GridgeoError as error:
                return problem(503, error.code, f"the change could not be entered in the audit log: {error.message}")
        return response


def _where(response: Response) -> str:
    """What was made, else the address that was asked."""
    made: str | None = response.headers.get("Location")
    return made.removeprefix(request.url_root) if made else request.path
