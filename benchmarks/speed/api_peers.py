"""pygeoapi beside our service: the same grids as GeoJSON under its own Flask application, on loopback.

It lives in an environment of its own: GRIDGEO_PEERS names the Python that has it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec

PYTHON = os.environ.get("GRIDGEO_PEERS", "")
SERVE = (
    "import sys; from pygeoapi.flask_app import APP; from werkzeug.serving import WSGIRequestHandler, run_simple; "
    "WSGIRequestHandler.protocol_version = 'HTTP/1.1'; WSGIRequestHandler.log = lambda *a, **k: None; "
    "run_simple('127.0.0.1', int(sys.argv[1]), APP, threaded=True)"
)


def command_for(features: list[dict[str, Any]], port: int, folder: Path) -> list[str]:
    """Command that starts a pygeoapi which serves features as the collection `grids`."""
    data = folder / "grids.geojson"
    data.write_bytes(msgspec.json.encode({"type": "FeatureCollection", "features": features}))
    config, described = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_bytes(msgspec.json.encode(_config(data, port)))  # JSON is YAML
    named = [f"PYGEOAPI_CONFIG={config}", f"PYGEOAPI_OPENAPI={described}"]
    program = Path(PYTHON).with_name("pygeoapi")
    command = ["env", *named, str(program), "openapi", "generate", str(config), "--output-file", str(described)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return ["env", *named, PYTHON, "-c", SERVE, str(port)]


def _config(data: Path, port: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}"
    grids = {
        "type": "collection",
        "title": "Grids",
        "description": "Grids",
        "keywords": ["grids"],
        "links": [],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        "providers": [{"type": "feature", "name": "GeoJSON", "data": str(data), "id_field": "id"}],
    }
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 2000},
            "map": {"url": url, "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "peer",
                "description": "peer",
                "keywords": ["peer"],
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": url,
            },
            "license": {"name": "none", "url": url},
            "provider": {"name": "none", "url": url},
            "contact": {"name": "none", "url": url},
        },
        "resources": {"grids": grids},
    }
