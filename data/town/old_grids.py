"""Today's grids, drawn by hand: grown from street faces, then spoiled the way such maps are in real life."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon, STRtree

from town.finish import Ground
from town.shapes import GRID, rounded
from town.skeleton import Community


@dataclass(frozen=True)
class OldGrid:
    """One of today's grids as the register has it."""

    code: str
    name: str
    kind: str
    community: str
    households: int
    shape: Polygon


def shared_borders(faces: list[Polygon]) -> dict[tuple[int, int], float]:
    """Metres of border that pairs of faces share, by row numbers."""
    tree = STRtree(faces)
    a, b = tree.query(faces, predicate="touches")
    pairs = [(i, j) for i, j in zip(a.tolist(), b.tolist(), strict=True) if i < j]
    lengths = shapely.length(shapely.intersection([faces[i] for i, _ in pairs], [faces[j] for _, j in pairs]))
    return {pair: float(m) for pair, m in zip(pairs, lengths, strict=True) if m > 1.0}


def grow(households: np.ndarray, xy: np.ndarray, near: dict[int, dict[int, float]], count: int) -> np.ndarray:
    """Label faces with `count` connected grids: far-apart seeds, the smallest grid takes its best neighbor next."""
    seeds = [int(np.argmax(households))]
    while len(seeds) < count:
        away = np.min([np.hypot(*(xy - xy[s]).T) for s in seeds], axis=0)
        seeds.append(int(np.argmax(np.where(households > 0, away, -1.0))))
    label = np.full(len(xy), -1)
    label[seeds] = np.arange(count)
    while (label < 0).any():
        total = [int(households[label == g].sum()) for g in range(count)]
        for g in sorted(range(count), key=lambda g: total[g]):
            border: dict[int, float] = {}
            for face in np.flatnonzero(label == g).tolist():
                for other, metres in near[face].items():
                    if label[other] < 0:
                        border[other] = border.get(other, 0.0) + metres
            if border:
                label[max(sorted(border), key=lambda f: border[f])] = g
                break
        else:
            raise ValueError("a face of the community cannot be reached")
    return label


def sound_grids(
    ground: Ground, communities: list[Community], households: np.ndarray, exclusive: dict[str, np.ndarray], rng
) -> list[OldGrid]:
    """Grids without faults of geometry: some hold too many or too few households, as they do today."""
    borders = shared_borders(ground.faces)
    xy = shapely.get_coordinates(shapely.centroid(ground.faces))
    special = {int(f): name for name, rows in exclusive.items() for f in rows}
    out: list[OldGrid] = []
    for c, community in enumerate(communities):
        rows = np.array([f for f in np.flatnonzero(ground.face_community == c).tolist() if f not in special])
        place = {int(f): i for i, f in enumerate(rows)}
        near: dict[int, dict[int, float]] = {i: {} for i in range(len(rows))}
        for (i, j), metres in borders.items():
            if i in place and j in place:
                near[place[i]][place[j]] = near[place[j]][place[i]] = metres
        total = int(households[rows].sum())
        count = max(1, round(total / rng.uniform(260, 500))) if community.kind == "urban" else 1
        count = min(count, int((households[rows] > 0).sum()))
        label = grow(households[rows], xy[rows], near, count)
        parts = [(rows[label == g], community.kind, "") for g in range(count)]
        parts += [(f, "exclusive", n) for n, f in exclusive.items() if ground.face_community[f[0]] == c]
        for serial, (faces, kind, name) in enumerate(parts, 1):
            title = name or f"{community.name}第{serial:02d}网格"
            code, held = f"{community.code}{serial:03d}", int(households[faces].sum())
            out.append(OldGrid(code, title, kind, community.code, held, ground.merged(faces)))
    return out


class Spoiler:
    """Plants faults in sound grids, each in grids no other fault has touched."""

    def __init__(self, grids: list[OldGrid], boundary: Polygon) -> None:
        self.grids, self.boundary = list(grids), boundary
        self.used: set[int] = set()
        self.planted: list[tuple[str, tuple[str, ...]]] = []
        self.borders = shared_borders([g.shape for g in grids])

    def spoil(self) -> list[OldGrid]:
        """All faults, one after the other."""
        for radius in (34.0, 19.0):
            self._at_border("gap", lambda a, spot, r=radius: a.difference(spot.buffer(r, quad_segs=2)))
        for radius in (40.0, 24.0, 12.0):
            self._at_border("overlap", lambda a, spot, r=radius: a.union(spot.buffer(r, quad_segs=2)))
        self._at_border("gap", lambda a, spot: a.difference(self._wedge(a, spot, 0.45)))
        self._at_border("overlap", lambda a, spot: a.union(self._wedge(a, spot, 0.3)))
        self._at_border("drift", lambda a, spot: self._nudged(a, spot))
        self._at_border("duplicated corner", lambda a, spot: self._doubled(a, spot))
        self._at_border("vertex-mismatch", lambda a, spot: self._split_edge(a, spot))
        self._at_edge("edge-gap", lambda a, spot: a.difference(spot.buffer(28, quad_segs=2)))
        self._at_edge("outside", lambda a, spot: a.union(spot.buffer(22, quad_segs=2)))
        self._detached()
        self._twice()
        return self.grids

    def _put(self, kind: str, row: int, shape, *others: int) -> None:
        on_grid = (
            rounded(shape) if kind in ("duplicated corner", "vertex-mismatch") else shapely.set_precision(shape, GRID)
        )
        self.grids[row] = replace(self.grids[row], shape=on_grid)
        self.used |= {row, *others}
        self.planted.append((kind, tuple(self.grids[i].code for i in (row, *others))))

    def _at_border(self, kind: str, change) -> None:
        """Change one grid at the middle of the longest border between two grids still untouched."""
        free = {p: m for p, m in self.borders.items() if not self.used & set(p)}
        a, b = max(sorted(free), key=lambda p: free[p])
        line = shapely.line_merge(self.grids[a].shape.intersection(self.grids[b].shape))
        line = max(shapely.get_parts(line), key=lambda p: p.length)
        self._put(kind, a, change(self.grids[a].shape, line.interpolate(0.5, normalized=True)), b)

    def _at_edge(self, kind: str, change) -> None:
        """Change a grid in the middle of its longest stretch of the territory's edge."""
        rings = [g.shape.intersection(self.boundary.exterior) for g in self.grids]
        free = [i for i in range(len(rings)) if i not in self.used]
        row = max(free, key=lambda i: rings[i].length)
        line = max(shapely.get_parts(shapely.line_merge(rings[row])), key=lambda p: p.length)
        self._put(kind, row, change(self.grids[row].shape, line.interpolate(0.5, normalized=True)))

    @staticmethod
    def _nearest(shape: Polygon, spot: Point) -> tuple[np.ndarray, int]:
        ring = shapely.get_coordinates(shape.exterior)[:-1]
        return ring, int(np.argmin(np.hypot(*(ring - [spot.x, spot.y]).T)))

    def _wedge(self, shape: Polygon, spot: Point, width: float) -> Polygon:
        """A sliver along the border: a thin kite between two vertices and a point beside their middle."""
        ring, i = self._nearest(shape, spot)
        a, b = ring[i], ring[(i + 1) % len(ring)]
        beside = np.array([b[1] - a[1], a[0] - b[0]]) / np.hypot(*(b - a)) * width
        return Polygon([a, (a + b) / 2 + beside, b, (a + b) / 2 - beside])

    def _nudged(self, shape: Polygon, spot: Point) -> Polygon:
        """One vertex moved by 2 centimetres."""
        ring, i = self._nearest(shape, spot)
        ring[i] += (0.016, -0.012)
        return Polygon(ring)

    def _doubled(self, shape: Polygon, spot: Point) -> Polygon:
        """One corner written twice in the ring."""
        ring, i = self._nearest(shape, spot)
        return Polygon(np.insert(ring, i, ring[i], axis=0))

    @staticmethod
    def _split_edge(shape: Polygon, spot: Point) -> Polygon:
        """A vertex in the middle of an edge near a point, which the neighbor does not have."""
        ring = shapely.get_coordinates(shape.exterior)
        middle = (ring[:-1] + ring[1:]) / 2
        # only a middle on whole millimetres leaves the edge where it was
        off_grid = np.abs(middle * 1000 - np.round(middle * 1000)).max(axis=1) > 0.1
        away = np.hypot(*(middle - [spot.x, spot.y]).T) + np.where(off_grid, 1e9, 0.0)
        at = int(np.argmin(away))
        return Polygon(np.insert(ring, at + 1, middle[at], axis=0))

    def _detached(self) -> None:
        """A corner of one grid that the register counts to another, far away in the same community."""
        free = [i for i, g in enumerate(self.grids) if i not in self.used and g.kind == "urban"]
        for a in free:
            for b in free:
                one, other = self.grids[a], self.grids[b]
                if one.community == other.community and one.shape.distance(other.shape) > 20:
                    west, south, east, north = other.shape.bounds
                    part = other.shape.intersection(shapely.box(west, south, west + 0.35 * (east - west), north))
                    part = max(shapely.get_parts(part), key=lambda p: p.area)
                    self.grids[b] = replace(other, shape=shapely.set_precision(other.shape.difference(part), GRID))
                    self._put("detached-part", a, MultiPolygon([one.shape, part]), b)
                    return
        raise ValueError("no two grids of a community lie apart")

    def _twice(self) -> None:
        """A grid that stands in the register under two codes."""
        row = next(i for i, g in enumerate(self.grids) if i not in self.used and g.kind == "urban")
        grid = self.grids[row]
        twin = replace(grid, code=grid.community + "099", name=grid.name + "（旧）")
        self.grids.append(twin)
        self.used.add(row)
        self.planted.append(("duplicate", (grid.code, twin.code)))
