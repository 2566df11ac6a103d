"""The application factory: routes, limits, headers and errors of one served store."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from flask import Flask, Response, request

from gridgeo.ports import Store
from gridgeo.settings import Settings
from gridgeo.store import open_store
from gridgeo.web import (
    alarms,
    audit,
    auth,
    cors,
    coverage,
    edits,
    features,
    frame,
    health,
    jobs,
    locate,
    metrics,
    openapi,
    page,
    parameters,
    plans,
    problems,
    processes,
    tiles,
    transactions,
    versions,
)
from gridgeo.web.computing import Hand
from gridgeo.web.encode import Packer, packed_tag
from gridgeo.web.lean import LeanFlask
from gridgeo.web.routes import NoQuery, Operation, Reply, Routes, bind
from gridgeo.web.site import Site

PARTS = (
    features.routes,
    tiles.routes,
    locate.routes,
    coverage.routes,
    processes.routes,
    jobs.routes,
    plans.routes,
    edits.routes,
    transactions.routes,
    alarms.routes,
    health.routes,
    metrics.routes,
    audit.routes,
)

_PACK_FROM = 1_400  # bytes: below this a packed body still fills one network packet


def create_app(settings: Settings, store: Store | None = None, hand: Hand | None = None) -> Flask:
    """The web application over a store.

    Parameters
    ----------
    settings
        Limits and language; `settings.project` names the store when none is given.
    store
        Store to serve.
    hand
        Process that computes, one of its own when not given.

    Raises
    ------
    InputError
        No project was named, or it cannot be read.
    """
    site = Site(open_store(settings.project) if store is None else store, settings, hand)
    app = LeanFlask("gridgeo.web", static_folder="static", static_url_path="/static")
    app.extensions["gridgeo"] = site
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    # an address bar cannot be talked into reaching this server under a foreign name
    app.config["TRUSTED_HOSTS"] = sorted({"localhost", "127.0.0.1", "[::1]", settings.host, *settings.names})
    app.json.sort_keys = False  # type: ignore[attr-defined]
    problems.install(app)
    for operation in operations():
        bind(app, site, operation)
    page.install(app, site)
    versions.mount(app)
    cors.install(app, settings)
    auth.install(app, site, operations())
    audit.install(app, site, operations())
    _pack(app)
    frame.install(app, site)
    return app


def operations() -> list[Operation]:
    """All operations of the API, the description of itself included."""
    return [*(operation for part in PARTS for operation in part.operations), *_describing.operations]


_describing = Routes("Description")


@_describing.get("/api", summary="This description", query=NoQuery, media=openapi.VND, problems=())
def api(site: Site) -> Reply:
    """The OpenAPI 3.0 document of this API, whole in itself."""
    refine = parameters.refined(site.state())
    document = openapi.describe(operations(), title=site.name, version=_version(), refine=refine)
    return Reply(document=document, media=openapi.VND)


def _version() -> str:
    try:
        return installed("gridgeo")
    except PackageNotFoundError:
        return "0"


def _pack(app: Flask) -> None:
    """Send answers packed where the reader takes that."""
    packer = Packer()

    @app.after_request
    def pack(response: Response) -> Response:
        if _may_pack(response):
            tag = response.headers.get("ETag", "")
            response.set_data(packer.pack(response.get_data()))
            response.headers["Content-Encoding"] = "gzip"
            if tag:
                response.headers["ETag"] = packed_tag(tag)
        return response


def _may_pack(response: Response) -> bool:
    return (
        response.status_code == 200
        and not response.direct_passthrough
        and "gzip" in request.environ.get("HTTP_ACCEPT_ENCODING", "")
        and (response.content_length or 0) >= _PACK_FROM
    )
