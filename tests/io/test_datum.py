"""Encrypted Chinese coordinates are undone to well under a millimetre."""

from __future__ import annotations

import numpy as np
import pytest

from gridgeo.io.datum import from_wgs84, to_wgs84

CHINA = np.array([[lon, lat] for lon in range(74, 135, 3) for lat in range(19, 53, 3)], dtype=float)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_inverse_is_exact(datum):
    """Undoing the offset all over China misses by less than a micrometre (1e-11 degrees)."""
    assert np.abs(to_wgs84(from_wgs84(CHINA, datum), datum) - CHINA).max() < 1e-11


def test_offset_of_tiananmen():
    """The published offset at Tiananmen, some 500 metres east-north-east, is met."""
    east, north = (from_wgs84(np.array([[116.3912757, 39.906217]]), "gcj02")[0] - [116.3912757, 39.906217]).tolist()
    assert 500 < east * 85_400 < 560
    assert 130 < north * 111_000 < 170
