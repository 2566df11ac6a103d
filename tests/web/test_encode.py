"""Features written as GeoJSON, and how many are kept written."""

from __future__ import annotations

import numpy as np

from gridgeo.web import encode
from gridgeo.web.encode import Column, Features


def made(n):
    """A collection of n features without geometry."""
    codes = [f"a{i}" for i in range(n)]
    return Features(codes, {"code": Column(codes)}, None, None)


def test_what_is_kept_is_bounded(monkeypatch):
    """Walking through a whole collection keeps no more than the bound, and every page is told right."""
    monkeypatch.setattr(encode, "KEPT_BYTES", 1_000)
    features, fresh = made(200), made(200)
    for start in range(0, 200, 10):
        rows = np.arange(start, start + 10)
        assert features.written(rows) == fresh.write(rows)
        assert sum(map(len, features._written.values())) <= 1_000


def test_asked_twice_written_once(monkeypatch):
    """A feature that is kept is not written again."""
    features = made(3)
    first = features.written([0, 1])
    monkeypatch.setattr(features, "write", lambda rows: [b"other"] * len(rows))
    assert features.written([0, 1, 2]) == [*first, b"other"]
