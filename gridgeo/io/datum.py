"""Longitudes and latitudes of Chinese web maps (GCJ-02, BD-09) back to WGS 84.

GCJ-02 adds a smooth known offset of up to some hundred metres inside China; BD-09 bends that once more. Neither can be
told from the numbers, so the user has to say. The inverse is found by fixed-point rounds on the forward offset.
"""

from __future__ import annotations

import numpy as np

from gridgeo.core.model import Floats

ROUNDS = 6
"""Rounds of the inverse; four already leave less than 2 micrometres."""
_AXIS_M = 6_378_245.0  # semi-major axis of the Krasovsky ellipsoid the offset is defined on
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000 / 180
_BD_SHIFT = (0.0065, 0.006)


def to_wgs84(lonlat: Floats, datum: str) -> Floats:
    """WGS 84 longitude and latitude (n, 2) of points in "gcj02" or "bd09", degrees.

    >>> there = from_wgs84(np.array([[116.4, 39.9]]), "bd09")
    >>> bool(np.abs(to_wgs84(there, "bd09") - [116.4, 39.9]).max() < 1e-11)
    True
    """
    guess = np.array(lonlat, dtype=np.float64)
    for _ in range(ROUNDS + 2 * (datum == "bd09")):
        guess = guess + (lonlat - from_wgs84(guess, datum))
    return guess


def from_wgs84(lonlat: Floats, datum: str) -> Floats:
    """Points (n, 2) of WGS 84 as "gcj02" or "bd09" has them, degrees."""
    shifted = lonlat + _offset(lonlat)
    return _bent(shifted) if datum == "bd09" else shifted


def _offset(lonlat: Floats) -> Floats:
    """Offset of GCJ-02 from WGS 84, degrees."""
    x, y = lonlat[:, 0] - 105, lonlat[:, 1] - 35
    root = np.sqrt(np.abs(x))
    shared = 20 * (np.sin(6 * np.pi * x) + np.sin(2 * np.pi * x))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (shared + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (shared + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    latitude = np.radians(lonlat[:, 1])
    flat = 1 - _ECCENTRICITY_2 * np.sin(latitude) ** 2
    per_north = np.pi / 180 * _AXIS_M * (1 - _ECCENTRICITY_2) / flat**1.5
    per_east = np.pi / 180 * _AXIS_M / np.sqrt(flat) * np.cos(latitude)
    return np.stack([east / per_east, north / per_north], 1)


def _bent(lonlat: Floats) -> Floats:
    """BD-09 of GCJ-02, degrees."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return np.stack([radius * np.cos(angle) + _BD_SHIFT[0], radius * np.sin(angle) + _BD_SHIFT[1]], 1)
