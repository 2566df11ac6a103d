"""From faces and mismatches to findings: what kind each is, and the numbers that go with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridgeo.core.coverage.faces import Faces
from gridgeo.core.coverage.findings import CoverageParams, Finding, finding_id
from gridgeo.core.coverage.layer import Broken, Layer
from gridgeo.core.coverage.narrow import Narrow, Pieces
from gridgeo.core.kernel.width import width as circle
from gridgeo.core.model import Floats, Ints, Objects, geometries

SAME = 1e-9  # relative difference of areas up to which a face is the whole of a polygon


@dataclass(frozen=True, eq=False)
class Homes:
    """Where households live: `xy` (h, 2) in the layer's CRS, `households` (h,) counts."""

    xy: Floats
    households: Ints

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the places."""
        return shapely.STRtree(shapely.points(self.xy))

    def inside(self, shape: Any) -> int:
        """Households on the ground of one shape."""
        return int(self.households[self.tree.query(shape, predicate="intersects")].sum())


@dataclass(frozen=True, eq=False)
class Namer:
    """Makes findings for one layer: codes, measures and the households inside."""

    layer: Layer
    codes: Objects
    params: CoverageParams
    homes: Homes | None

    def finding(
        self,
        kind: str,
        shared: dict[int, float],
        geometry: Any,
        *,
        area: float | None = None,
        width: float = 0.0,
        households: int | None = None,
        point: tuple[float, float] | None = None,
        reason: str = "",
        surplus: int = 0,
    ) -> Finding:
        """One finding; `shared` maps owner rows to shared metres (the boundary's row says it is concerned)."""
        rows = sorted((row for row in shared if row < self.layer.n), key=lambda row: (self.codes[row], row))
        grids = tuple(str(self.codes[row]) for row in rows)
        if point is None:
            point = point_on(geometry)
        if area is None:
            area = float(self.areas(geometries([geometry]))[0])
        return Finding(
            id=finding_id(kind, grids, geometry, self.params.decimals),
            kind=kind,
            grids=grids,
            geometry=geometry,
            area_m2=area,
            width_m=width,
            households=households,
            shared_m=tuple(shared[row] for row in rows),
            point=point,
            reason=reason,
            boundary=self.layer.n in shared,
            surplus=surplus,
        )

    def areas(self, shapes: Objects) -> Floats:
        """Square metres of each polygon, by the params' own measure or in the plane."""
        if self.params.area_of is not None:
            return np.asarray(self.params.area_of(shapes), dtype=np.float64)
        ux, uy = self.params.unit_m
        return np.asarray(shapely.area(shapes) * (ux * uy), dtype=np.float64)

    def width(self, shape: Any) -> float:
        """Width of a polygon in metres, see `kernel.width`."""
        return width_of(shape, self.params.unit_m)

    def inside(self, shapes: Objects) -> list[int | None]:
        """Households living in each polygon; None where nobody told."""
        if self.homes is None:
            return [None] * len(shapes)
        count = np.zeros(len(shapes), np.int64)
        if len(shapes) and len(self.homes.xy):
            face, home = self.homes.tree.query(shapes, predicate="intersects")
            np.add.at(count, face, self.homes.households[home])
        return [int(c) for c in count]


def point_on(geometry: Any) -> tuple[float, float]:
    """A point on the geometry; for polygons one inside."""
    if geometry.is_empty:
        return 0.0, 0.0
    found = shapely.point_on_surface(geometry)
    return float(found.x), float(found.y)


def width_of(shape: Any, unit: tuple[float, float]) -> float:
    """Width in metres of a polygon or of the widest part of a multipolygon.

    >>> width_of(shapely.box(0, 0, 4, 1), (1.0, 1.0))
    1.0
    """
    best = 0.0
    for part in shapely.get_parts(shapely.orient_polygons(shape)).tolist():
        rings = shapely.get_rings(part)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        xy = (xy - xy[0]) * np.asarray(unit)
        inner = np.flatnonzero(ring[1:] == ring[:-1])
        best = max(best, float(circle(np.stack([xy[inner], xy[inner + 1]], axis=1))))
    return best


def name_faces(namer: Namer, faces: Faces) -> list[Finding]:
    """A finding for every face; what two duplicates share is one finding, however many faces it has."""
    moved = [shapely.transform(s, lambda xy, o=o: xy + o) for s, o in zip(faces.shape, faces.origin, strict=True)]
    shape = geometries(moved)
    area = namer.areas(faces.shape if namer.params.area_of is None else shape)
    width = [namer.width(s) for s in faces.shape]
    touch: list[dict[int, float]] = [{} for _ in range(len(faces))]
    for f, owner, length in zip(faces.face.tolist(), faces.owner.tolist(), faces.length.tolist(), strict=True):
        touch[f][owner] = touch[f].get(owner, 0.0) + length
    kind = [_kind(namer, faces, f, float(area[f]), width[f], touch[f]) for f in range(len(faces))]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for f, name in enumerate(kind):
        groups.setdefault((name, faces.covers[f] if name == "duplicate" else f), []).append(f)
    members = list(groups.values())
    whole = geometries([shape[fs[0]] if len(fs) == 1 else shapely.multipolygons(shape[fs]) for fs in members])
    out = []
    for fs, geometry, households in zip(members, whole, namer.inside(whole), strict=True):
        spot = point_on(faces.shape[fs[0]])
        out.append(
            namer.finding(
                kind[fs[0]],
                _shared(faces.covers[fs[0]], [touch[f] for f in fs], namer.layer.n),
                geometry,
                area=float(area[fs].sum()),
                width=max(width[f] for f in fs),
                surplus=len(faces.covers[fs[0]]) - int(faces.inside[fs[0]]),
                households=households,
                point=(float(spot[0] + faces.origin[fs[0], 0]), float(spot[1] + faces.origin[fs[0], 1])),
            )
        )
    return out


def _shared(covers: tuple[int, ...], touch: list[dict[int, float]], boundary: int) -> dict[int, float]:
    """Shared metres of the owners a face concerns: those that cover it, else those around it."""
    total: dict[int, float] = dict.fromkeys(covers, 0.0)
    for each in touch:
        for row, metres in each.items():
            if not covers or row in covers or row == boundary:
                total[row] = total.get(row, 0.0) + metres
    return total


def _kind(namer: Namer, faces: Faces, f: int, area: float, width: float, touch: dict[int, float]) -> str:
    """Kind of one face, from what covers it and what it touches."""
    covers, n = faces.covers[f], namer.layer.n
    if width <= namer.params.drift_m:
        return "drift"
    if not faces.inside[f]:
        return "outside"
    if not covers:
        return _gap(namer, area, width, {row for row in touch if row < n}, n in touch)
    whole = namer.areas(namer.layer.polygons[list(covers)])
    same = [row for row, size in zip(covers, whole.tolist(), strict=True) if size <= area * (1 + SAME)]
    prints = {tuple(lanes) for lanes in namer.layer.fingerprints[list(covers)].tolist()}
    if len(prints) == 1 or len(same) == len(covers):
        return "duplicate"
    return "nested" if same else "overlap"


def _gap(namer: Namer, area: float, width: float, grids: set[int], at_boundary: bool) -> str:
    """hole: in one grid; missing: as large and round as a grid; edge-gap: at the boundary; gap: any other."""
    if not at_boundary and len(grids) == 1:
        return "hole"
    if grids:
        least = float(namer.areas(namer.layer.polygons[sorted(grids)]).min())
        if area >= least / 2 and width >= np.sqrt(area) / 4:
            return "missing"
    elif at_boundary:
        return "missing"
    return "edge-gap" if at_boundary else "gap"


def name_narrow(namer: Namer, groups: Sequence[Narrow]) -> list[Finding]:
    """Findings for mismatches within the drift."""
    lines = [shapely.line_merge(shapely.multilinestrings(list(shapely.linestrings(g.lines)))) for g in groups]
    return [
        namer.finding(
            "vertex-mismatch" if g.split else "drift",
            dict.fromkeys(g.owners, g.length),
            line,
            area=g.area,
            width=g.width,
            point=g.point,
        )
        for g, line in zip(groups, lines, strict=True)
    ]


def name_loose(namer: Namer, rest: Pieces, cluster: Ints) -> list[Finding]:
    """Findings for edges that enclose nothing although they do not match: vertices the other side lacks."""
    out = []
    for c in np.unique(cluster).tolist():
        rows = cluster == c
        line = rest.xy[rest.node[rows]]
        step = (line[:, 1] - line[:, 0]) * np.asarray(namer.params.unit_m)
        length = np.hypot(*step.T)
        shared: dict[int, float] = {}
        for owner, metres in zip(rest.owner[rows].tolist(), length.tolist(), strict=True):
            shared[owner] = shared.get(owner, 0.0) + metres
        merged = shapely.line_merge(shapely.union_all(shapely.linestrings(line)))
        inner = shapely.get_coordinates(merged)
        point = float(inner[len(inner) // 2, 0]), float(inner[len(inner) // 2, 1])
        out.append(namer.finding("vertex-mismatch", shared, merged, area=0.0, point=point))
    return out


def name_broken(namer: Namer, broken: Iterable[Broken], boundary: Any) -> list[Finding]:
    """Findings for polygons whose rings are not valid."""
    out = []
    for fault in broken:
        at_boundary = fault.row == namer.layer.n
        shape = boundary if at_boundary else namer.layer.polygons[fault.row]
        drawn = _drawable(shape)
        point = fault.point
        if point is None:
            point = point_on(drawn if not drawn.is_empty else boundary if boundary is not None else drawn)
        out.append(namer.finding("invalid-ring", {fault.row: 0.0}, drawn, area=0.0, point=point, reason=fault.reason))
    return out


def _drawable(shape: Any) -> Any:
    """What can be shown of a geometry: itself as lines, or the points of it that are finite."""
    if shape is None or shape.is_empty:
        return shapely.Point()
    xy = shapely.get_coordinates(shape)
    good = xy[np.isfinite(xy).all(axis=1)]
    if len(good) < len(xy):
        return shapely.MultiPoint(good)
    return shapely.boundary(shape) if shape.geom_type in ("Polygon", "MultiPolygon") else shapely.force_2d(shape)
