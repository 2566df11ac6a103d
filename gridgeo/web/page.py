"""The map page and the library it runs on, served from the installed package: no request leaves this server."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort, render_template, request, send_from_directory

from gridgeo.web.routes import ROOT
from gridgeo.web.site import Site

_VENDOR = ("maplibre-gl.js", "maplibre-gl.css")


def vendor_folder() -> Path:
    """Folder of the installed map library (found without importing it)."""
    spec = find_spec("maplibre")
    if spec is None or not spec.submodule_search_locations:
        abort(503, "the map library is not installed")
    return Path(spec.submodule_search_locations[0]) / "srcjs"


def install(app: Flask, site: Site) -> None:
    """Serve /map and /vendor, and tell every page the path that the whole service is mounted under."""

    @app.context_processor
    def root() -> dict[str, str]:
        return {"root": quote(request.environ[ROOT].encode("latin-1")).rstrip("/")}  # WSGI hands UTF-8 on as Latin-1

    @app.get("/map")
    def map_page() -> str:
        return render_template("map.html", lang=site.settings.lang, name=site.name)

    @app.get("/vendor/<file>")
    def vendor(file: str) -> Response:
        if file not in _VENDOR:
            abort(404)
        return send_from_directory(vendor_folder(), file, max_age=86_400)
