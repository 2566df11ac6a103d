"""Where the real towns lie; tests that use them skip, with a reason, where they are absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("GRIDGEO_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


def shared(*parts: str) -> Path:
    """Path of a file of real data; skips the test when it is not there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data not present: {path} (set GRIDGEO_SHARED_DATA)")
    return path


def place(name: str) -> Path:
    """GeoPackage of a real place, e.g. place("sg_toa_payoh")."""
    return shared("places", name, f"{name}.gpkg")
