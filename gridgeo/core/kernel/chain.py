"""The signed edge chain of a set of rings: what cancels is covered, what is left bounds the faults.

Every ring is walked with its inside on the left. Where two neighbors agree, each shared edge is walked once in
either direction and cancels; walked against the boundary of the territory, a perfect coverage leaves nothing at all.
No tolerance is involved: two edges are the same when their four coordinates are.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gridgeo.core.kernel.boxtree import begun, box_tree, following

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]

_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
LANES = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03))
_ROUND = 4e-16  # relative rounding of a 2 x 2 determinant of differences (Shewchuk 1997, doi:10.1007/PL00009321)

_EPS = 2.0**-52

FINITE, CLOSED, STAR = 1, 2, 4
CLOSE = 1_000
"""Pairs of edges an edge that are looked at for crossings."""


@dataclass(frozen=True, eq=False)
class Rings:
    """Closed rings as flat arrays: the form every kernel here works on.

    `xy` (v, 2) vertices, the last of a ring repeating its first; `start` (r + 1,) first vertex of each ring;
    `owner` (r,) ascending row of the polygon a ring belongs to; `shell` (r,) True for outer rings.
    """

    xy: Floats
    start: Ints
    owner: Ints
    shell: Flags

    def __len__(self) -> int:
        return len(self.owner)


@njit(cache=True)
def _finite(xy: Floats, a: int, b: int) -> bool:
    good = True
    for i in range(a, b):
        good &= np.isfinite(xy[i, 0]) and np.isfinite(xy[i, 1])
    return good


@njit(cache=True)
def survey(xy: Floats, start: Ints) -> tuple[Floats, Floats, Small]:
    """Twice the signed area of each ring, its rounding bound, and its FINITE, CLOSED and STAR bits.

    STAR: the ring goes round the mean of its vertices exactly once and never turns back, so it is simple.
    O(v) time.
    """
    rings = len(start) - 1
    area, slack, bits = np.zeros(rings), np.zeros(rings), np.zeros(rings, np.int8)
    for r in range(rings):
        a, b = start[r], start[r + 1] - 1
        if b <= a or not _finite(xy, a, b + 1):
            continue
        bits[r] = FINITE
        if xy[a, 0] == xy[b, 0] and xy[a, 1] == xy[b, 1]:
            bits[r] |= CLOSED
        cx = cy = 0.0
        for i in range(a, b):
            cx += xy[i, 0] - xy[a, 0]
            cy += xy[i, 1] - xy[a, 1]
        cx, cy = xy[a, 0] + cx / (b - a), xy[a, 1] + cy / (b - a)
        left = right = turns = 0
        weight = 0.0
        for i in range(a, b):
            px, py, qx, qy = xy[i, 0] - cx, xy[i, 1] - cy, xy[i + 1, 0] - cx, xy[i + 1, 1] - cy
            plus, minus = px * qy, py * qx
            area[r] += plus - minus
            bound = _ROUND * (abs(plus) + abs(minus))
            weight += abs(plus) + abs(minus)
            slack[r] += 2 * bound
            left += plus - minus > bound
            right += minus - plus > bound
            turns += (py < 0) != (qy < 0)
        # each addition rounds a partial sum, and none is above all terms together with what they were rounded by
        slack[r] += (b - a) * _EPS * (weight + slack[r])
        if turns == 2 and (left == b - a or right == b - a):
            bits[r] |= STAR
    return area, slack, bits


def exact_area(ring: Floats) -> Fraction:
    """Twice the signed area of one ring (k, 2), exactly.

    >>> exact_area(np.array([[0.0, 0.0], [0.1, 0.0], [0.1, 0.1], [0.0, 0.0]])) > 0
    True
    """
    points = [(Fraction(x), Fraction(y)) for x, y in ring.tolist()]
    return sum((a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points)), Fraction(0))


def ring_signs(rings: Rings, area: Floats, slack: Floats) -> Small:
    """How each ring must be walked to keep its inside on the left: 1 as stored, -1 backwards, 0 for no area."""
    sign = np.sign(area).astype(np.int8)
    for r in np.flatnonzero(np.abs(area) <= slack).tolist():
        ring = rings.xy[rings.start[r] : rings.start[r + 1]]
        exact = exact_area(ring) if np.isfinite(ring).all() else Fraction(0)
        sign[r] = (exact > 0) - (exact < 0)
    walked: Small = np.where(rings.shell, sign, -sign).astype(np.int8)
    return walked


@njit(cache=True)
def edge_signs(xy: Floats, start: Ints, ring_sign: Small) -> Small:
    """Sign of the edge that starts at each vertex, (v,): 0 where none does (ring ends, repeated points)."""
    out = np.zeros(len(xy), np.int8)
    for r in range(len(ring_sign)):
        for i in range(start[r], start[r + 1] - 1):
            if xy[i, 0] != xy[i + 1, 0] or xy[i, 1] != xy[i + 1, 1]:
                out[i] = ring_sign[r]
    return out


@njit(cache=True)
def _mix(h: np.uint64) -> np.uint64:
    h = (h ^ (h >> np.uint64(30))) * _MIX_A
    h = (h ^ (h >> np.uint64(27))) * _MIX_B
    return h ^ (h >> np.uint64(31))


@njit(cache=True)
def _edge_hash(word: Words, i: int, j: int, lane: np.uint64) -> np.uint64:
    h = lane
    for value in (word[i, 0], word[i, 1], word[j, 0], word[j, 1]):
        h = _mix(h ^ value) + lane
    return h


@njit(cache=True)
def _ascends(xy: Floats, i: int) -> bool:
    return bool(xy[i, 0] < xy[i + 1, 0] or (xy[i, 0] == xy[i + 1, 0] and xy[i, 1] < xy[i + 1, 1]))


@njit(cache=True)
def _slot(xy: Floats, word: Words, table: NDArray[np.int32], a: int, b: int) -> int:
    """Place in the table of the edge from vertex a to b: where it stands, or the free place it belongs."""
    mask = np.uint64(len(table) - 1)
    at = np.int64(_edge_hash(word, a, b, LANES[0]) & mask)
    while table[at] >= 0:
        k = table[at]
        c, d = (k, k + 1) if _ascends(xy, k) else (k + 1, k)
        if (
            word[a, 0] == word[c, 0]
            and word[a, 1] == word[c, 1]
            and word[b, 0] == word[d, 0]
            and word[b, 1] == word[d, 1]
        ):
            break
        at = (at + 1) & np.int64(mask)
    return int(at)


def net(xy: Floats, word: Words, sign: Small) -> NDArray[np.int32]:
    """Signed count of each edge over all rings, at the vertex it starts from, (v,).

    0: the edge cancels. The sign is that of the edge walked from its lexicographically smaller end. An open-addressing
    table over the exact coordinates; O(v) expected time, 16 bytes a vertex.

    Parameters
    ----------
    xy, word
        (v, 2) vertices without negative zeros, and the same memory as unsigned words.
    sign
        (v,) of `edge_signs`.
    """
    size = 1 << max(4, (3 * int(np.count_nonzero(sign)) // 2 - 1).bit_length())
    total = np.zeros(len(sign), np.int32)
    _count(xy, word, sign, np.full(size, -1, np.int32), np.full(len(sign), -1, np.int32), total)
    return total


@njit(cache=True)
def _count(
    xy: Floats,
    word: Words,
    sign: Small,
    table: NDArray[np.int32],
    first: NDArray[np.int32],
    total: NDArray[np.int32],
) -> None:
    """Fill `total`; `table` and `first` come filled with -1."""
    for i in range(len(sign)):
        if sign[i] != 0:
            up = _ascends(xy, i)
            at = _slot(xy, word, table, i, i + 1) if up else _slot(xy, word, table, i + 1, i)
            if table[at] < 0:
                table[at] = i
            first[i] = table[at]
            total[first[i]] += sign[i] if up else -sign[i]
    for i in range(len(sign)):
        if first[i] >= 0 and first[i] != i:
            total[i] = total[first[i]]


@njit(cache=True)
def fingerprints(xy: Floats, word: Words, sign: Small, start: Ints, owner: Ints, owners: int) -> Words:
    """Sum of the signed 128-bit edge hashes of each polygon, (owners, 2), modulo 2**64 in each lane.

    Sums add up as chains do: polygons that tile another sum to it, and two different chains share a sum with
    probability 2**-128. O(v) time.
    """
    out = np.zeros((owners, 2), np.uint64)
    for r in range(len(owner)):
        for i in range(start[r], start[r + 1] - 1):
            if sign[i] == 0:
                continue
            up = _ascends(xy, i)
            a, b = (i, i + 1) if up else (i + 1, i)
            for lane in range(2):
                h = _edge_hash(word, a, b, LANES[lane])
                if up == (sign[i] > 0):
                    out[owner[r], lane] += h
                else:
                    out[owner[r], lane] -= h
    return out


@njit(cache=True)
def boxes(xy: Floats, start: Ints, owner: Ints, owners: int) -> Floats:
    """Bounding box (min x, min y, max x, max y) of each polygon, (owners, 4); NaN-free, empty ones inverted."""
    out = np.empty((owners, 4))
    out[:, :2], out[:, 2:] = np.inf, -np.inf
    for r in range(len(owner)):
        o = owner[r]
        for i in range(start[r], start[r + 1]):
            out[o, 0] = min(out[o, 0], xy[i, 0])
            out[o, 1] = min(out[o, 1], xy[i, 1])
            out[o, 2] = max(out[o, 2], xy[i, 0])
            out[o, 3] = max(out[o, 3], xy[i, 1])
    return out


@njit(cache=True)
def _inside(xy: Floats, a: int, b: int, origin: Floats, local: Floats) -> bool:
    """Whether a ray to the right crosses the ring oddly often; of two rings that share an edge one holds its points."""
    odd = False
    py = (xy[a, 1] - origin[1]) - local[1]
    px = (xy[a, 0] - origin[0]) - local[0]
    for i in range(a, b - 1):
        qx, qy = (xy[i + 1, 0] - origin[0]) - local[0], (xy[i + 1, 1] - origin[1]) - local[1]
        if (py > 0) != (qy > 0):
            side = px * qy - py * qx
            odd ^= side > 0 if qy > py else side < 0
        px, py = qx, qy
    return odd


def covering(
    xy: Floats, start: Ints, first_ring: Ints, box: Floats, origin: Floats, local: Floats
) -> tuple[Ints, Ints]:
    """Which polygons hold which points, by the even-odd rule: (point, polygon) pairs sorted by polygon.

    A point is `origin` + `local`, both (p, 2), with p sorted by x: kept apart, points inside slivers far thinner
    than the spacing of floating-point numbers at the origin are still placed on the right side. `first_ring`
    (owners + 1,) first ring of each polygon. O(owners log p + vertices of the boxes hit).
    """
    where = origin + local
    owners = len(first_ring) - 1
    begin = np.searchsorted(where[:, 0], box[:owners, 0] - 1e-6)
    end = np.searchsorted(where[:, 0], box[:owners, 2] + 1e-6, side="right")
    count = np.maximum(end - begin, 0)
    owner = np.repeat(np.arange(owners), count)
    point = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + begin[owner]
    low, high = box[owner, 1] - 1e-6, box[owner, 3] + 1e-6
    near = (where[point, 1] >= low) & (where[point, 1] <= high)
    point, owner = point[near], owner[near]
    held = np.zeros(len(point), np.bool_)
    _held(xy, start, first_ring, origin, local, point, owner, held)
    return point[held], owner[held]


@njit(cache=True)
def _held(
    xy: Floats, start: Ints, first_ring: Ints, origin: Floats, local: Floats, point: Ints, owner: Ints, held: Flags
) -> None:
    """Fill `held`: whether each point lies in the polygon it is paired with."""
    for k in range(len(point)):
        for r in range(first_ring[owner[k]], first_ring[owner[k] + 1]):
            held[k] ^= _inside(xy, start[r], start[r + 1], origin[point[k]], local[point[k]])


@njit(cache=True)
def edges_in_boxes(
    xy: Floats, start: Ints, first_ring: Ints, box: Floats, faces: Floats, wanted: Flags
) -> tuple[Ints, Ints]:
    """Wanted edges whose box meets a face's box: (edge, face) pairs.

    `faces` (f, 4) boxes sorted by min x; `wanted` (v,) marks edges by their first vertex.
    """
    reach = faces[:, 2].copy()
    for f in range(1, len(reach)):
        reach[f] = max(reach[f], reach[f - 1])
    left = faces[:, 0].copy()
    edges, hits = [np.int64(0)][:0], [np.int64(0)][:0]
    for o in range(len(first_ring) - 1):
        f = np.searchsorted(left, box[o, 2], side="right") - 1
        while f >= 0 and reach[f] >= box[o, 0]:
            if faces[f, 2] >= box[o, 0] and faces[f, 1] <= box[o, 3] and faces[f, 3] >= box[o, 1]:
                for i in range(start[first_ring[o]], start[first_ring[o + 1]] - 1):
                    if (
                        wanted[i]
                        and min(xy[i, 0], xy[i + 1, 0]) <= faces[f, 2]
                        and max(xy[i, 0], xy[i + 1, 0]) >= faces[f, 0]
                        and min(xy[i, 1], xy[i + 1, 1]) <= faces[f, 3]
                        and max(xy[i, 1], xy[i + 1, 1]) >= faces[f, 1]
                    ):
                        edges.append(np.int64(i))
                        hits.append(np.int64(f))
            f -= 1
    return np.array(edges, np.int64), np.array(hits, np.int64)


def crossings(xy: Floats, start: Ints, limit: int) -> int:
    """Pairs of edges of these rings that cross properly, counted up to `limit`.

    Rings whose edges come so close so often that looking at each pair would take long (`CLOSE` pairs an edge) count
    as crossing `limit` times: whatever has to node them would not end soon either. O(e log e + close pairs).
    """
    ends = np.zeros(len(xy), bool)
    ends[start[1:] - 1] = True
    edge = np.flatnonzero(~ends)
    return int(_crossings(xy, edge, box_tree(np.stack([xy[edge], xy[edge + 1]], axis=1)), limit))


@njit(cache=True)
def _crossings(xy: Floats, edge: Ints, tree: Any, limit: int) -> int:
    count, close = 0, CLOSE * len(edge)
    query = np.full(5, np.inf)
    for place in range(len(edge)):
        i = edge[tree.row[place]]
        query[:4] = tree.box[place]
        stack, size = begun(tree)
        near, size = following(tree, query, stack, size)
        while near >= 0:
            if near > place:
                close -= 1
                j = edge[tree.row[near]]
                count += _side(xy, i, j) * _side(xy, i, j + 1) < 0 and _side(xy, j, i) * _side(xy, j, i + 1) < 0
                if count >= limit or close <= 0:
                    return limit
            near, size = following(tree, query, stack, size)
    return count


@njit(cache=True)
def _side(xy: Floats, i: int, p: int) -> int:
    plus = (xy[i + 1, 0] - xy[i, 0]) * (xy[p, 1] - xy[i, 1])
    minus = (xy[i + 1, 1] - xy[i, 1]) * (xy[p, 0] - xy[i, 0])
    bound = _ROUND * (abs(plus) + abs(minus))
    return int(plus - minus > bound) - int(minus - plus > bound)
