"""How tests run: reproducible examples where CI is set, fresh ones for people."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.postgis import Server

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("people", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "people")


@pytest.fixture(scope="session")
def postgis():
    """A PostgreSQL server with PostGIS, started when the first test asks; skips where none is installed."""
    server = Server()
    yield server
    server.close()
