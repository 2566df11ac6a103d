"""A real server on loopback for other programs to read."""

from __future__ import annotations

import pytest

from gridgeo.io.write import write_plan
from tests.web.conftest import nine_grids, town
from tests.web.test_serve import served


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Address of a town of nine grids."""
    path = tmp_path_factory.mktemp("clients") / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    with served(path, threads=4) as here:
        yield here


@pytest.fixture
def own_address(tmp_path):
    """Address of a town of nine grids that one test may change."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    with served(path, threads=4, max_seconds=0.2) as here:
        yield here
