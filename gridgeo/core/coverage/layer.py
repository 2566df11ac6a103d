"""Polygons and boundary as one set of rings, with every ring that cannot be trusted set apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridgeo.core.kernel import chain
from gridgeo.core.model import Flags, Floats, Ints, Objects, Small

POLYGON, MULTIPOLYGON = 3, 6
_TRUSTED = chain.FINITE | chain.CLOSED | chain.STAR


@dataclass(frozen=True)
class Broken:
    """A polygon that is not one: its row, why, and where."""

    row: int
    reason: str
    point: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Layer:
    """Rings of n polygons and, as owner n, of the boundary.

    `sign` (v,) is the direction each edge is walked in (the boundary's negated), 0 for edges left out; `forced`
    (n + 1,) marks invalid polygons that still take part, by the even-odd rule; `out` (n + 1,) those left out.
    """

    polygons: Objects
    rings: chain.Rings
    sign: Small
    forced: Flags
    out: Flags
    broken: tuple[Broken, ...]

    @property
    def n(self) -> int:
        """Number of polygons; also the row of the boundary."""
        return len(self.polygons)

    @cached_property
    def word(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """The vertices' memory as unsigned words, (v, 2)."""
        return self.rings.xy.view(np.uint64)

    @cached_property
    def first_ring(self) -> Ints:
        """First ring of each owner, (n + 2,)."""
        return np.searchsorted(self.rings.owner, np.arange(self.n + 2)).astype(np.int64)

    @cached_property
    def box(self) -> Floats:
        """Bounding boxes of the owners, (n + 1, 4); inverted for those left out."""
        box: Floats = chain.boxes(self.rings.xy, self.rings.start, self.rings.owner, self.n + 1)
        box[self.out] = (np.inf, np.inf, -np.inf, -np.inf)
        return box

    @cached_property
    def net(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        """Signed count of every edge, see `chain.net`."""
        net: np.ndarray[Any, np.dtype[np.int32]] = chain.net(self.rings.xy, self.word, self.sign)
        return net

    def owner_of(self, edge: Ints) -> Ints:
        """Owner of each edge, given by its first vertex."""
        ring = np.searchsorted(self.rings.start, edge, side="right") - 1
        return self.rings.owner[ring]

    def ends(self, edge: Ints) -> Floats:
        """Both ends of each edge in walking order, (k, 2, 2)."""
        line = np.stack([self.rings.xy[edge], self.rings.xy[edge + 1]], axis=1)
        back = self.sign[edge] < 0
        line[back] = line[back][:, ::-1]
        return line

    @cached_property
    def fingerprints(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """Edge fingerprint of each owner, (n + 1, 2); the boundary's is negated."""
        r = self.rings
        sums: np.ndarray[Any, np.dtype[np.uint64]] = chain.fingerprints(
            r.xy, self.word, self.sign, r.start, r.owner, self.n + 1
        )
        return sums


def rings_of(polygons: Objects, rows: Ints) -> chain.Rings:
    """Rings of the polygons in `rows` (all Polygon or MultiPolygon), Z left away, negative zeros made plain."""
    chosen = polygons[rows]
    plain = (shapely.get_type_id(chosen) == POLYGON) & (shapely.get_num_interior_rings(chosen) == 0)
    parts = [_plain_rings(chosen[plain], rows[plain])]
    if not plain.all():
        parts.append(_nested_rings(chosen[~plain], rows[~plain]))
    xy = np.concatenate([p.xy for p in parts])
    count = np.concatenate([np.diff(p.start) for p in parts])
    owner = np.concatenate([p.owner for p in parts])
    shell = np.concatenate([p.shell for p in parts])
    if len(parts) > 1:
        order = np.argsort(owner, kind="stable")
        begin = np.cumsum(count) - count
        xy = xy[np.repeat(begin[order], count[order]) + _ramp(count[order])]
        count, owner, shell = count[order], owner[order], shell[order]
    return chain.Rings(xy=xy, start=np.concatenate([[0], np.cumsum(count)]), owner=owner, shell=shell)


def _ramp(count: Ints) -> Ints:
    """0..c-1 for each count c, in one array."""
    return np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)


def _plain_rings(polygons: Objects, rows: Ints) -> chain.Rings:
    count = shapely.get_num_coordinates(polygons).astype(np.int64)
    return chain.Rings(
        xy=shapely.get_coordinates(polygons) + 0.0,
        start=np.concatenate([[0], np.cumsum(count)]),
        owner=rows.astype(np.int64),
        shell=np.ones(len(rows), bool),
    )


def _nested_rings(polygons: Objects, rows: Ints) -> chain.Rings:
    parts, index = shapely.get_parts(polygons, return_index=True)
    filled = ~shapely.is_empty(parts)
    parts, index = parts[filled], index[filled]
    rings, part = shapely.get_rings(parts, return_index=True)
    count = shapely.get_num_coordinates(rings).astype(np.int64)
    return chain.Rings(
        xy=shapely.get_coordinates(rings) + 0.0,
        start=np.concatenate([[0], np.cumsum(count)]),
        owner=rows[index[part]].astype(np.int64),
        shell=np.diff(part, prepend=-1) != 0,
    )


def layer_of(polygons: Objects, boundary: Any) -> Layer:
    """Layer of the polygons against a boundary (or None), each polygon sorted into sound, forced and out."""
    every = np.append(polygons, np.array([boundary], dtype=object))
    kind = shapely.get_type_id(every)
    usable = np.isin(kind, (POLYGON, MULTIPOLYGON)) & ~shapely.is_empty(every)
    rings = rings_of(every, np.flatnonzero(usable))
    area, slack, bits = chain.survey(rings.xy, rings.start)
    walked = chain.ring_signs(rings, area, slack)
    broken, forced, out = _examine(every, rings, bits, usable)
    if boundary is None:
        broken = [fault for fault in broken if fault.row < len(polygons)]
    walked[forced[rings.owner] & (walked == 0)] = 1  # a bow-tie's lobes may weigh each other out
    walked[out[rings.owner]] = 0
    walked[rings.owner == len(polygons)] *= -1
    sign = chain.edge_signs(rings.xy, rings.start, walked)
    return Layer(polygons, rings, sign, forced, out, tuple(broken))


def _examine(every: Objects, rings: chain.Rings, bits: Small, usable: Flags) -> tuple[list[Broken], Flags, Flags]:
    """Faults of single polygons, and which of them stay in the sum by the even-odd rule or fall out."""
    n = len(every)
    forced, out = np.zeros(n, bool), ~usable
    broken = [Broken(row, _unusable(every[row]), None) for row in np.flatnonzero(~usable).tolist()]
    doubt = np.zeros(n, bool)
    per_owner = np.bincount(rings.owner, minlength=n)
    doubt[rings.owner[bits != _TRUSTED]] = True
    doubt |= per_owner > 1
    unread = (bits & (chain.FINITE | chain.CLOSED)) != (chain.FINITE | chain.CLOSED)
    for ring in np.flatnonzero(unread).tolist():
        row = int(rings.owner[ring])
        if not out[row]:
            out[row] = True
            xy = rings.xy[rings.start[ring] : rings.start[ring + 1]]
            broken.append(Broken(row, _unread(xy), _first_finite(xy)))
    doubt &= ~out
    rows = np.flatnonzero(doubt)
    for row in rows[~shapely.is_valid(every[rows])].tolist():
        reason, point = _reason(every[row])
        broken.append(Broken(row, reason, point))
        if _tangled(rings, row):
            out[row] = True
        else:
            forced[row] = True
    return sorted(broken, key=lambda fault: fault.row), forced, out


def _unusable(geometry: Any) -> str:
    if geometry is None or geometry.is_empty:
        return "empty"
    return "not-a-polygon"


def _unread(xy: Floats) -> str:
    return "unclosed" if np.isfinite(xy).all() else "not-finite"


def _first_finite(xy: Floats) -> tuple[float, float] | None:
    good = xy[np.isfinite(xy).all(axis=1)]
    return (float(good[0, 0]), float(good[0, 1])) if len(good) else None


def _reason(geometry: Any) -> tuple[str, tuple[float, float] | None]:
    """GEOS's reason as a stable word, and the place it names."""
    words, _, place = shapely.is_valid_reason(geometry).partition("[")
    reason = "-".join(words.strip().lower().split())
    numbers = place.rstrip("]").split()
    return reason, (float(numbers[0]), float(numbers[1])) if len(numbers) >= 2 else None


def _tangled(rings: chain.Rings, row: int) -> bool:
    """Whether a ring crosses itself so often that no reading of it makes sense (and noding it would not end soon)."""
    own = np.flatnonzero(rings.owner == row)
    a, b = int(rings.start[own[0]]), int(rings.start[own[-1] + 1])
    limit = 16 + (b - a) // 8
    return bool(chain.crossings(rings.xy[a:b], rings.start[own[0] : own[-1] + 2] - a, limit) >= limit)
