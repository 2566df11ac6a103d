"""Mismatches too narrow to be faults: vertices that drifted, and vertices the other side does not have.

Each vertex of the residual chain may be moved by a quarter of the drift, each edge bent by as much to pass through a
vertex near it. Edges that cancel after that enclose no circle wider than the drift (see docs/exactness.md); the rest,
still a closed chain, goes on to become faces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.coverage.layer import Layer
from gridgeo.core.kernel.graph import csr
from gridgeo.core.model import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class Pieces:
    """k directed pieces of edges that did not cancel.

    `node` (k, 2) rows of `xy` (nodes, 2), where the piece runs once snapped; `line` (k, 2, 2) where it really runs;
    `owner` (k,) row of its polygon; `forced` (k,) of an invalid polygon; `split` (k, 2) ends that are another's vertex.
    """

    xy: Floats
    node: Ints
    line: Floats
    owner: Ints
    forced: Flags
    split: Flags

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, rows: NDArray[np.generic]) -> Pieces:
        """Some of the pieces, over the same nodes."""
        return replace(
            self,
            node=self.node[rows],
            line=self.line[rows],
            owner=self.owner[rows],
            forced=self.forced[rows],
            split=self.split[rows],
        )

    def classes(self) -> tuple[Ints, Ints]:
        """Class of each piece by its two nodes, and the signed count of each class."""
        u, v = self.node[:, 0], self.node[:, 1]
        key = np.minimum(u, v) * len(self.xy) + np.maximum(u, v)
        _, label = np.unique(key, return_inverse=True)
        return label, np.rint(np.bincount(label, np.sign(v - u))).astype(np.int64)

    @property
    def doubtful(self) -> Flags:
        """Pieces that run along an edge of an invalid polygon: their count says nothing, (k,)."""
        label, count = self.classes()
        invalid = np.zeros(len(count), bool)
        invalid[label[self.forced]] = True
        return invalid[label]


def residual(layer: Layer) -> Pieces:
    """Every directed edge that does not cancel, and every edge of the invalid polygons that take part."""
    forced = np.zeros(len(layer.sign), bool)
    for row in np.flatnonzero(layer.forced).tolist():
        a, b = layer.first_ring[row], layer.first_ring[row + 1]
        forced[layer.rings.start[a] : layer.rings.start[b]] = True
    edge = np.flatnonzero((layer.net != 0) | (forced & (layer.sign != 0)))
    line = layer.ends(edge)
    xy, node = _nodes(line)
    return Pieces(xy, node, line, layer.owner_of(edge), forced[edge], np.zeros((len(edge), 2), bool))


def _nodes(line: Floats) -> tuple[Floats, Ints]:
    """Distinct ends in lexicographic order, and their rows per line."""
    packed = np.ascontiguousarray(line.reshape(-1, 2)).view(np.complex128).ravel()
    distinct, node = np.unique(packed, return_inverse=True)
    return distinct.view(np.float64).reshape(-1, 2), node.reshape(-1, 2).astype(np.int64)


def separate(pieces: Pieces, drift: float, boundary: int) -> tuple[Pieces, Pieces]:
    """Split the residual chain into what cancels within the drift and what encloses real faces.

    Parameters
    ----------
    drift
        In units of the coordinates; with 0 nothing is moved and all goes on.
    boundary
        Owner row of the boundary: its vertices stay where they are.

    Returns
    -------
    narrow
        Pieces whose classes cancel, or that shrank to a point.
    rest
        All others: a closed chain over the snapped nodes.
    """
    nothing = pieces.take(np.zeros(len(pieces), bool))
    if drift == 0 or not len(pieces):
        return nothing, pieces
    snapped = _snap(pieces, drift / 4, boundary)
    close, rest = _cancel(snapped)
    if not len(rest):
        return close, rest
    bent, rest = _cancel(_bend(rest, drift / 4))
    return join(close, bent), rest


def join(a: Pieces, b: Pieces) -> Pieces:
    """Both sets of pieces over the same nodes."""
    return Pieces(
        b.xy,
        np.concatenate([a.node, b.node]),
        np.concatenate([a.line, b.line]),
        np.concatenate([a.owner, b.owner]),
        np.concatenate([a.forced, b.forced]),
        np.concatenate([a.split, b.split]),
    )


def _cancel(pieces: Pieces) -> tuple[Pieces, Pieces]:
    label, count = pieces.classes()
    point = pieces.node[:, 0] == pieces.node[:, 1]
    gone = ((count[label] == 0) & ~pieces.doubtful) | point
    return pieces.take(gone), pieces.take(~gone)


def _snap(pieces: Pieces, radius: float, boundary: int) -> Pieces:
    """Nodes within `radius` of an anchor moved onto it.

    Anchors are taken greedily: vertices of the boundary first, then those most polygons share.
    """
    from scipy.spatial import cKDTree

    pair = cKDTree(pieces.xy).query_pairs(radius, output_type="ndarray")
    if not len(pair):
        return pieces
    n = len(pieces.xy)
    on_boundary = np.zeros(n, bool)
    on_boundary[pieces.node[pieces.owner == boundary]] = True
    uses = np.unique(pieces.node * (boundary + 1) + pieces.owner[:, None]) // (boundary + 1)
    order = np.lexsort((np.arange(n), -np.bincount(uses, minlength=n), ~on_boundary))
    ptr, neighbor, _ = csr(n, pair[:, 0], pair[:, 1])
    return replace(pieces, node=_anchors(ptr, neighbor, order)[pieces.node])


@njit(cache=True)
def _anchors(ptr: Ints, neighbor: Ints, order: Ints) -> Ints:
    """Anchor of each node: itself, or the first anchor in `order` it neighbors."""
    anchor = np.full(len(order), -1, np.int64)
    for node in order:
        if anchor[node] < 0:
            anchor[node] = node
            for k in range(ptr[node], ptr[node + 1]):
                if anchor[neighbor[k]] < 0:
                    anchor[neighbor[k]] = node
    return anchor


def _bend(pieces: Pieces, radius: float) -> Pieces:
    """Pieces cut at the nodes that lie within `radius` of their inside."""
    label, _ = pieces.classes()
    _, first = np.unique(label, return_index=True)
    line = pieces.xy[pieces.node[first]]
    nodes = np.unique(pieces.node)
    point = shapely.points(pieces.xy[nodes])
    hit, at = shapely.STRtree(shapely.linestrings(line)).query(point, predicate="dwithin", distance=radius)
    inner = (nodes[hit, None] != pieces.node[first][at]).all(axis=1)
    hit, at = nodes[hit[inner]], at[inner]
    share = _along(line[at], pieces.xy[hit])
    keep = (share > 0) & (share < 1)
    hit, at = hit[keep], at[keep]
    if not len(hit):
        return pieces
    touched = np.isin(label, at)
    cut = _cut(pieces.take(touched), label[touched], hit, at)
    return join(pieces.take(~touched), cut)


def _along(line: Floats, point: Floats) -> Floats:
    """Where each point projects on its line (k, 2, 2), as a share of the line's length."""
    step = line[:, 1] - line[:, 0]
    share: Floats = ((point - line[:, 0]) * step).sum(axis=1) / (step**2).sum(axis=1)
    return share


def _cut(pieces: Pieces, label: Ints, node: Ints, at: Ints) -> Pieces:
    """Every piece cut at the nodes of its class, in walking order."""
    order = np.lexsort((node, at))
    node, at = node[order], at[order]
    begin, end = np.searchsorted(at, label), np.searchsorted(at, label, side="right")
    count = end - begin
    row = np.repeat(np.arange(len(pieces)), count)
    cut = node[np.repeat(begin, count) + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)]
    line = pieces.line[row]
    share = np.clip(_along(line, pieces.xy[cut]), 0, 1)
    order = np.lexsort((share, row))
    row, cut, share, line = row[order], cut[order], share[order], line[order]
    place = line[:, 0] + share[:, None] * (line[:, 1] - line[:, 0])
    every = np.arange(len(pieces))
    rows = np.concatenate([every, row, every])
    stage = np.concatenate([np.full(len(pieces), -1), np.arange(len(row)), np.full(len(pieces), len(row))])
    nodes = np.concatenate([pieces.node[:, 0], cut, pieces.node[:, 1]])
    places = np.concatenate([pieces.line[:, 0], place, pieces.line[:, 1]])
    order = np.lexsort((stage, rows))
    rows, nodes, places = rows[order], nodes[order], places[order]
    inner = (stage[order] >= 0) & (stage[order] < len(row))
    go = np.flatnonzero(rows[1:] == rows[:-1])
    return Pieces(
        pieces.xy,
        np.stack([nodes[go], nodes[go + 1]], axis=1),
        np.stack([places[go], places[go + 1]], axis=1),
        pieces.owner[rows[go]],
        pieces.forced[rows[go]],
        np.stack([inner[go], inner[go + 1]], axis=1),
    )


@dataclass(frozen=True, eq=False)
class Narrow:
    """Mismatch between the same owners, of one kind: where, how far the sides lie apart, and the area between."""

    split: bool
    owners: tuple[int, ...]
    lines: Floats
    point: tuple[float, float]
    width: float
    area: float
    length: float


def groups(narrow: Pieces, unit: tuple[float, float]) -> list[Narrow]:
    """Narrow mismatches grouped by kind and owners, measured in metres (`unit`: metres of a unit of x and y)."""
    solid = narrow.take(narrow.node[:, 0] != narrow.node[:, 1])
    label, count = solid.classes()
    if not len(count):
        return [_shrunk(narrow, int(owner)) for owner in np.unique(narrow.owner).tolist()]
    order = np.lexsort((solid.owner, ~solid.split.any(axis=1), label))
    begin = np.searchsorted(label[order], np.arange(len(count) + 1))
    split = np.zeros(len(count), bool)
    split[label[solid.split.any(axis=1)]] = True
    owners = np.split(solid.owner[order], begin[1:-1])
    key = [(bool(s), tuple(sorted(set(o.tolist())))) for s, o in zip(split.tolist(), owners, strict=True)]
    members: dict[tuple[bool, tuple[int, ...]], list[int]] = {}
    for k, name in enumerate(key):
        members.setdefault(name, []).append(k)
    gap, area = _apart(solid, order, begin, np.asarray(unit))
    out = [
        _narrow(solid, name, order[begin[np.asarray(rows)]], gap[rows], area[rows], np.asarray(unit))
        for name, rows in members.items()
    ]
    seen = {owner for name in members for owner in name[1]}
    lone = narrow.take((narrow.node[:, 0] == narrow.node[:, 1]) & ~np.isin(narrow.owner, sorted(seen)))
    return out + [_shrunk(lone, owner) for owner in np.unique(lone.owner).tolist()]


def _apart(solid: Pieces, order: Ints, begin: Ints, unit: Floats) -> tuple[Floats, Floats]:
    """Largest distance between the sides of each class, metres, and the area between them, square metres."""
    gap, area = np.zeros(len(begin) - 1), np.zeros(len(begin) - 1)
    two = np.diff(begin) == 2
    a, b = solid.line[order[begin[:-1][two]]], solid.line[order[begin[:-1][two] + 1]]
    origin = a[:, :1]
    a, b = (a - origin) * unit, (b - origin) * unit
    gap[two] = np.maximum(np.hypot(*(a[:, 0] - b[:, 1]).T), np.hypot(*(a[:, 1] - b[:, 0]).T))
    corner = np.concatenate([a, b], axis=1)
    x, y = corner[..., 0], corner[..., 1]
    area[two] = abs((x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y).sum(axis=1)) / 2
    return gap, area


def _narrow(
    solid: Pieces, name: tuple[bool, tuple[int, ...]], row: Ints, gap: Floats, area: Floats, unit: Floats
) -> Narrow:
    lines = solid.xy[solid.node[row]]
    length = float(np.hypot(*((lines[:, 1] - lines[:, 0]) * unit).T).sum())
    if name[0]:
        spot = solid.node[row][solid.split[row]][0]
    else:
        shift = np.hypot(*np.moveaxis((solid.line[row] - lines) * unit, -1, 0))
        spot = solid.node[row].ravel()[int(np.argmax(shift))]
    x, y = solid.xy[spot].tolist()
    return Narrow(name[0], name[1], lines, (x, y), float(gap.max()), float(area.sum()), length)


def _shrunk(pieces: Pieces, owner: int) -> Narrow:
    """Edges of one owner that shrank to points: its neighbor has one vertex where it has several."""
    line = pieces.line[pieces.owner == owner]
    x, y = line[0, 0].tolist()
    return Narrow(True, (owner,), line, (x, y), 0.0, 0.0, 0.0)
