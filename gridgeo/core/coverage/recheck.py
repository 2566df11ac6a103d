"""A certificate against what is proven today: the same, or where it differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridgeo.core.coverage.findings import Certificate

_COUNTS = ("version", "complete", "exact", "polygons", "rings", "edges", "unmatched")
_FIELDS = (*_COUNTS, "boundary_hash", "sum", "boundary_sum")
_LANE = 16  # hexadecimal digits of a 64-bit lane


@dataclass(frozen=True)
class Recheck:
    """Fields in which a certificate differs from today's, and codes whose fingerprints differ, are new, or are gone.

    `coherent`: its own numbers fit together (the grids' fingerprints add up to `sum`; exact only if that is the
    boundary's).
    """

    coherent: bool
    differs: tuple[str, ...]
    grids: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the certificate is coherent and says what is proven today."""
        return self.coherent and not self.differs and not self.grids


def rechecked(told: Mapping[str, Any], today: Certificate) -> Recheck:
    """Compare a certificate, as the plain values of `Certificate.to_dict`, with today's.

    >>> import shapely
    >>> from gridgeo.core.coverage import check_polygons
    >>> from gridgeo.core.model import geometries
    >>> square = geometries([shapely.box(0, 0, 1, 1)])
    >>> mine = check_polygons(square, square[0]).certificate
    >>> rechecked(mine.to_dict(), mine).holds, rechecked(mine.to_dict() | {"edges": 5}, mine).differs
    (True, ('edges',))
    """
    now = today.to_dict()
    differs = tuple(name for name in _FIELDS if told.get(name) != now[name])
    grids = told.get("grids")
    had: Mapping[str, Any] = grids if isinstance(grids, Mapping) else {}
    codes = tuple(sorted(code for code in {*had, *now["grids"]} if had.get(code) != now["grids"].get(code)))
    return Recheck(_coherent(told, had), differs, codes)


def _coherent(told: Mapping[str, Any], grids: Mapping[str, Any]) -> bool:
    try:
        lanes = [(int(text[:_LANE], 16), int(text[_LANE:], 16)) for text in grids.values()]
    except (TypeError, ValueError):
        return False
    total = "".join(f"{sum(lane) % 2**64:016x}" for lane in (zip(*lanes, strict=True) if lanes else ((), ())))
    return total == told.get("sum") and (not told.get("exact") or total == told.get("boundary_sum"))
