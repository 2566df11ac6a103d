"""A small staffed town, its plan, and files of both, made once."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from gridgeo.core.model import Stations, texts
from gridgeo.io.write import write_territory
from tests.cli.terminal import run
from tests.core.dispatch.cases import responders_at, units_at
from tests.instances import ORIGIN, lattice


def town():
    """36 blocks of 50 households, one station, one unit and four responders."""
    return replace(
        lattice(6, 6, 50),
        stations=Stations(code=texts(["st"]), xy=ORIGIN.reshape(1, 2) + 150, grid=texts([""])),
        emergency_units=units_at([[300, 300]], need=2),
        responders=responders_at([[200, 200], [400, 200], [300, 400], [100, 100]]),
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Folder with town.gpkg and plan.gpkg; nobody writes into it."""
    folder = tmp_path_factory.mktemp("cli")
    write_territory(town(), folder / "town.gpkg")
    result = run("draw", folder / "town.gpkg", "-o", folder / "plan.gpkg")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def territory(made, tmp_path):
    """A territory file of this test's own."""
    return shutil.copy(made / "town.gpkg", tmp_path / "town.gpkg")


@pytest.fixture
def plan(made, tmp_path):
    """A plan file of this test's own."""
    return shutil.copy(made / "plan.gpkg", tmp_path / "plan.gpkg")
