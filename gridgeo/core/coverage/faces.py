"""Faces of what did not cancel: residual edges noded and polygonized in local clusters, each face with its covers.

Clusters are moved to their own origin first. The move loses nothing (differences of close floating-point numbers are
exact), and intersections are then rounded a million times finer than they would be at the map's coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.coverage.layer import Layer
from gridgeo.core.coverage.narrow import Pieces
from gridgeo.core.kernel import chain
from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Flags, Floats, Ints, Objects, geometries


@dataclass(frozen=True, eq=False)
class Faces:
    """f faces that are not covered exactly as they should be.

    `shape` (f,) polygons relative to `origin` (f, 2); `covers` the owners on each, ascending, without the boundary;
    `inside` (f,) within the boundary; `owner`, `face`, `length` (t,) which owners' residual edges lie on which face's
    outline, in units of the coordinates scaled to metres; `loose` (k,) rest pieces on no face.
    """

    shape: Objects
    origin: Floats
    covers: tuple[tuple[int, ...], ...]
    inside: Flags
    face: Ints
    owner: Ints
    length: Floats
    loose: Flags

    def __len__(self) -> int:
        return len(self.shape)


def clusters(rest: Pieces) -> tuple[Ints, Floats]:
    """Cluster of each piece, and the origin of each cluster, (c, 2).

    Pieces belong together when they share a node, or when the boxes of what they are connected to meet: so a chain
    that crosses or surrounds another is always noded with it.
    """
    used, node = np.unique(rest.node, return_inverse=True)
    node = node.reshape(-1, 2)
    part = components(len(used), node[:, 0], node[:, 1])
    box = _boxes(rest.xy[used], part)
    a, b = shapely.STRtree(shapely.box(*box.T)).query(shapely.box(*box.T))
    group = components(len(box), a[a < b], b[a < b])
    low, high = np.full((group.max() + 1, 2), np.inf), np.full((group.max() + 1, 2), -np.inf)
    np.minimum.at(low, group, box[:, :2])
    np.maximum.at(high, group, box[:, 2:])
    near = (high - low) <= np.minimum(abs(low), abs(high)) / 2
    return group[part[node[:, 0]]], np.where(near, low, 0.0)


def _boxes(xy: Floats, part: Ints) -> Floats:
    box = np.empty((part.max() + 1, 4))
    box[:, :2], box[:, 2:] = np.inf, -np.inf
    np.minimum.at(box[:, :2], part, xy)
    np.maximum.at(box[:, 2:], part, xy)
    return box


def faces_of(layer: Layer, rest: Pieces, unit: tuple[float, float]) -> Faces:
    """Every face of the rest chain that is covered other than exactly once inside, or at all outside.

    Faces crossed by borders of the polygons on them are cut along these, so the covers of a face are those of every
    point of it.
    """
    cluster, origin = clusters(rest)
    line = rest.xy[rest.node] - origin[cluster][:, None]
    shape, of = _polygonize(line, cluster)
    covers, inside = _covers(layer, shape, origin[of])
    wrong = np.array([len(c) != int(i) for c, i in zip(covers, inside.tolist(), strict=True)], bool)
    extra, at = _crossing(layer, shape, of, origin, wrong & np.array([len(c) > 0 for c in covers], bool))
    if len(extra):
        again = np.unique(at)
        redo, stay = np.isin(cluster, again), ~np.isin(of, again)
        new, new_of = _polygonize(np.concatenate([line[redo], extra]), np.concatenate([cluster[redo], at]))
        new_covers, new_inside = _covers(layer, new, origin[new_of])
        shape, of = np.concatenate([shape[stay], new]), np.concatenate([of[stay], new_of])
        covers = [c for c, s in zip(covers, stay.tolist(), strict=True) if s] + new_covers
        inside = np.concatenate([inside[stay], new_inside])
        wrong = np.array([len(c) != int(i) for c, i in zip(covers, inside.tolist(), strict=True)], bool)
    shape, of, inside = shape[wrong], of[wrong], inside[wrong]
    covers = [c for c, w in zip(covers, wrong.tolist(), strict=True) if w]
    face, owner, length, loose = _touching(rest, cluster, origin, shape, of, unit)
    return Faces(shape, origin[of], tuple(covers), inside, face, owner, length, loose)


def _polygonize(line: Floats, cluster: Ints) -> tuple[Objects, Ints]:
    """Faces enclosed by the lines of each cluster, and the cluster of each face."""
    order = np.argsort(cluster, kind="stable")
    names, packed = np.unique(cluster[order], return_inverse=True)
    bundle = shapely.multilinestrings(shapely.linestrings(line[order]), indices=packed)
    noded = shapely.union_all(bundle[:, None], axis=1)
    parts, index = shapely.get_parts(shapely.polygonize(noded[:, None]), return_index=True)
    return geometries(parts), names[index]


def _covers(layer: Layer, shape: Objects, origin: Floats) -> tuple[list[tuple[int, ...]], Flags]:
    """Owners that hold a point inside each face, and whether the boundary does."""
    if not len(shape):
        return [], np.zeros(0, bool)
    local = shapely.get_coordinates(shapely.point_on_surface(shape))
    order = np.argsort((origin + local)[:, 0], kind="stable")
    r = layer.rings
    hit, owner = chain.covering(r.xy, r.start, layer.first_ring, layer.box, origin[order], local[order])
    covers: list[list[int]] = [[] for _ in range(len(shape))]
    inside = np.zeros(len(shape), bool)
    for face, row in zip(order[hit].tolist(), owner.tolist(), strict=True):
        if row == layer.n:
            inside[face] = True
        else:
            covers[face].append(row)
    return [tuple(c) for c in covers], inside


def _crossing(layer: Layer, shape: Objects, of: Ints, origin: Floats, chosen: Flags) -> tuple[Floats, Ints]:
    """Matched edges that run through the inside of the chosen faces, in the faces' local coordinates."""
    rows = np.flatnonzero(chosen)
    nothing = np.zeros((0, 2, 2)), np.zeros(0, np.int64)
    if not len(rows):
        return nothing
    box = shapely.bounds(shape[rows]) + np.tile(origin[of[rows]], 2)
    order = np.argsort(box[:, 0], kind="stable")
    wanted = (layer.sign != 0) & (layer.net == 0)
    r = layer.rings
    edge, hit = chain.edges_in_boxes(r.xy, r.start, layer.first_ring, layer.box, box[order], wanted)
    if not len(edge):
        return nothing
    face = rows[order[hit]]
    line = layer.ends(edge) - origin[of[face]][:, None]
    through = shapely.relate_pattern(shapely.linestrings(line), shape[face], "T********")
    return line[through], of[face[through]]


def _touching(
    rest: Pieces, cluster: Ints, origin: Floats, shape: Objects, of: Ints, unit: tuple[float, float]
) -> tuple[Ints, Ints, Floats, Flags]:
    """Which owners' residual edges lie on which outlines, and for how long; and the pieces on none."""
    nothing = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.ones(len(rest), bool)
    if not len(shape):
        return nothing
    edge, face = _outline(shape)
    middle = edge.mean(axis=1) + origin[of[face]]
    reach = _tolerance(shape)
    tree = shapely.STRtree(shapely.linestrings(rest.xy[rest.node]))
    slack = float(reach.max()) + 4 * float(np.spacing(abs(rest.xy).max()))
    at, row = tree.query(shapely.points(middle), predicate="dwithin", distance=slack)
    same = cluster[row] == of[face[at]]
    at, row = at[same], row[same]
    line = rest.xy[rest.node[row]] - origin[cluster[row]][:, None]
    on = np.ones(len(at), bool)
    for end in (0, 1):
        on &= _distance(edge[at, end], line) <= reach[face[at]]
    at, row = at[on], row[on]
    loose = nothing[3]
    loose[row] = False
    length = np.hypot(*((edge[at, 1] - edge[at, 0]) * np.asarray(unit)).T)
    return face[at], rest.owner[row], length, loose


def _outline(shape: Objects) -> tuple[Floats, Ints]:
    """Edges of the faces' rings (e, 2, 2), and the face of each."""
    rings, face = shapely.get_rings(shape, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inner = np.flatnonzero(ring[1:] == ring[:-1])
    return np.stack([xy[inner], xy[inner + 1]], axis=1), face[ring[inner]]


def _tolerance(shape: Objects) -> Floats:
    """How far an outline's edge may lie from the residual edge it came from: well under the face's width."""
    thickness = shapely.area(shape) / shapely.length(shape)
    extent = abs(shapely.bounds(shape)).max(axis=1)
    reach: Floats = np.minimum(thickness / 2, np.maximum(1e-9 * extent, 1e-12))
    return reach


def _distance(point: Floats, line: Floats) -> Floats:
    """Distance of each point (k, 2) to its segment (k, 2, 2)."""
    step = line[:, 1] - line[:, 0]
    square = np.maximum((step**2).sum(axis=1), np.finfo(float).tiny)
    share = np.clip(((point - line[:, 0]) * step).sum(axis=1) / square, 0, 1)
    return np.asarray(np.hypot(*(point - line[:, 0] - share[:, None] * step).T), dtype=np.float64)
