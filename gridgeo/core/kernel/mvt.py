"""Vector tiles (Mapbox Vector Tile 2.1) from arrays: clip, round to a lattice, and write, in one compiled pass.

Coordinates are shares of the world square of Web Mercator, x eastward and y southward from its north-west corner.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

EXTENT = 4096
BUFFER = 64
"""Lattice units around a tile that are drawn too, so that lines do not end in sight."""

POINT, LINE, POLYGON = 1, 2, 3


class Shapes(NamedTuple):
    """Geometries of n features: `kind` (n,), parts `part_ptr[f]:part_ptr[f + 1]` of feature f, vertices of each part.

    A part is a line, a ring or a handful of points; `outer` (parts,) tells rings that are no holes: holes follow the
    ring they lie in. `xy` (v, 2) world shares, `box` (n, 4) least x, least y, greatest x, greatest y.
    """

    kind: NDArray[np.int64]
    part_ptr: NDArray[np.int64]
    vertex_ptr: NDArray[np.int64]
    outer: NDArray[np.bool_]
    xy: NDArray[np.float64]
    box: NDArray[np.float64]


class Tags(NamedTuple):
    """Properties: rows `ptr[f]:ptr[f + 1]` of `key` and `value`; `text[text_ptr[v]:text_ptr[v + 1]]` is value v.

    A value is written as the tile holds it, its field's head included.
    """

    ptr: NDArray[np.int64]
    key: NDArray[np.int16]
    value: NDArray[np.int32]
    text_ptr: NDArray[np.int64]
    text: NDArray[np.uint8]


@njit(cache=True)
def _varint(out, at, value):  # type: ignore[no-untyped-def]
    """Write a whole number >= 0 in groups of seven bits; where it ends."""
    while value > 127:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@njit(cache=True)
def _size(value):  # type: ignore[no-untyped-def]
    """Bytes of a whole number."""
    size = 1
    while value > 127:
        value >>= 7
        size += 1
    return size


@njit(cache=True)
def _step(out, at, delta):  # type: ignore[no-untyped-def]
    """Write a signed step, small ones short."""
    return _varint(out, at, (delta << 1) ^ (delta >> 63))


@njit(cache=True)
def _cut(ring, size, axis, edge, sign, out):  # type: ignore[no-untyped-def]
    """A closed ring cut by one side of the window (Sutherland & Hodgman 1974); the new size."""
    new = 0
    for i in range(size):
        before = i - 1 if i else size - 1
        a, b = ring[before, axis], ring[i, axis]
        a_in, b_in = sign * (a - edge) <= 0, sign * (b - edge) <= 0
        if a_in != b_in:
            other = ring[before, 1 - axis]
            out[new, axis] = edge
            out[new, 1 - axis] = other + (edge - a) / (b - a) * (ring[i, 1 - axis] - other)
            new += 1
        if b_in:
            out[new, 0], out[new, 1] = ring[i, 0], ring[i, 1]
            new += 1
    return new


@njit(cache=True)
def _rounded(points, size, lattice):  # type: ignore[no-untyped-def]
    """Points on the lattice without repeated ones; how many."""
    new = 0
    for i in range(size):
        x, y = int(np.floor(points[i, 0] + 0.5)), int(np.floor(points[i, 1] + 0.5))
        if new == 0 or lattice[new - 1, 0] != x or lattice[new - 1, 1] != y:
            lattice[new, 0], lattice[new, 1] = x, y
            new += 1
    return new


@njit(cache=True)
def _ring(part, size, inside, low, high, work, lattice):  # type: ignore[no-untyped-def]
    """A ring (its first vertex not repeated), clipped and rounded; how many points, and twice its signed area."""
    a, b = work[0], work[1]
    for i in range(size):
        a[i, 0], a[i, 1] = part[i, 0], part[i, 1]
    if not inside:
        size = _cut(a, size, 0, low, -1.0, b)
        size = _cut(b, size, 0, high, 1.0, a)
        size = _cut(a, size, 1, low, -1.0, b)
        size = _cut(b, size, 1, high, 1.0, a)
    size = _rounded(a, size, lattice)
    if size > 1 and lattice[0, 0] == lattice[size - 1, 0] and lattice[0, 1] == lattice[size - 1, 1]:
        size -= 1
    area = 0
    for i in range(size):
        p, q = lattice[i - 1 if i else size - 1], lattice[i]
        area += p[0] * q[1] - q[0] * p[1]
    return size, area


@njit(cache=True)
def _write_ring(out, at, pen, lattice, size, backward):  # type: ignore[no-untyped-def]
    """Write a ring of points, turned around when `backward`."""
    for i in range(size):
        j = size - 1 - i if backward else i
        if i < 2:  # move to the first, then lines to all others
            at = _varint(out, at, 9 if i == 0 else ((size - 1) << 3) | 2)
        at = _step(out, at, lattice[j, 0] - pen[0])
        at = _step(out, at, lattice[j, 1] - pen[1])
        pen[0], pen[1] = lattice[j, 0], lattice[j, 1]
    return _varint(out, at, 15)


@njit(cache=True)
def _polygon(shapes, feature, frame, inside, work, lattice, out):  # type: ignore[no-untyped-def]
    """Write the rings of a feature that have an area; outer ones run clockwise on the screen. Bytes written."""
    scale, left, top, low, high = frame
    pen, at, shown = np.zeros(2, np.int64), 0, False
    for part in range(shapes.part_ptr[feature], shapes.part_ptr[feature + 1]):
        outer = shapes.outer[part]
        if not outer and not shown:
            continue
        first, last = shapes.vertex_ptr[part], shapes.vertex_ptr[part + 1] - 1
        for i in range(last - first):
            work[2, i, 0] = (shapes.xy[first + i, 0] - left) * scale
            work[2, i, 1] = (shapes.xy[first + i, 1] - top) * scale
        size, area = _ring(work[2], last - first, inside, low, high, work, lattice)
        flat = size < 3 or area == 0
        if outer:
            shown = not flat
        if not flat:
            at = _write_ring(out, at, pen, lattice, size, (area > 0) != outer)
    return at


@njit(cache=True)
def _window(start, end, a, b, low, high):  # type: ignore[no-untyped-def]
    """Shares of a stretch from a to b that lie in the window, along one axis (Liang & Barsky 1984); 1, 0 for none."""
    step = b - a
    if step == 0:
        return (1.0, 0.0) if a < low or a > high else (start, end)
    near, far = (low - a) / step, (high - a) / step
    return max(start, min(near, far)), min(end, max(near, far))


@njit(cache=True)
def _write_line(out, at, pen, points, size, lattice):  # type: ignore[no-untyped-def]
    """Write one line if it still has a length."""
    size = _rounded(points, size, lattice)
    if size < 2:
        return at
    for i in range(size):
        if i < 2:
            at = _varint(out, at, 9 if i == 0 else ((size - 1) << 3) | 2)
        at = _step(out, at, lattice[i, 0] - pen[0])
        at = _step(out, at, lattice[i, 1] - pen[1])
        pen[0], pen[1] = lattice[i, 0], lattice[i, 1]
    return at


@njit(cache=True)
def _line(shapes, feature, frame, work, lattice, out):  # type: ignore[no-untyped-def]
    """Write the stretches of a feature's lines inside the window. Bytes written."""
    scale, left, top, low, high = frame
    pen, at, run = np.zeros(2, np.int64), 0, work[0]
    for part in range(shapes.part_ptr[feature], shapes.part_ptr[feature + 1]):
        size = 0
        for v in range(shapes.vertex_ptr[part], shapes.vertex_ptr[part + 1] - 1):
            x, y = (shapes.xy[v, 0] - left) * scale, (shapes.xy[v, 1] - top) * scale
            to_x, to_y = (shapes.xy[v + 1, 0] - left) * scale, (shapes.xy[v + 1, 1] - top) * scale
            start, end = _window(0.0, 1.0, x, to_x, low, high)
            start, end = _window(start, end, y, to_y, low, high)
            if start > end:
                continue
            if start > 0 or size == 0:  # it comes in here: a new line
                at = _write_line(out, at, pen, run, size, lattice)
                run[0, 0], run[0, 1] = x + start * (to_x - x), y + start * (to_y - y)
                size = 1
            run[size, 0], run[size, 1] = x + end * (to_x - x), y + end * (to_y - y)
            size += 1
            if end < 1:
                at = _write_line(out, at, pen, run, size, lattice)
                size = 0
        at = _write_line(out, at, pen, run, size, lattice)
    return at


@njit(cache=True)
def _points(shapes, feature, frame, lattice, out):  # type: ignore[no-untyped-def]
    """Write a feature's points inside the window. Bytes written."""
    scale, left, top, low, high = frame
    size, pen, at = 0, np.zeros(2, np.int64), 0
    for part in range(shapes.part_ptr[feature], shapes.part_ptr[feature + 1]):
        for v in range(shapes.vertex_ptr[part], shapes.vertex_ptr[part + 1]):
            x, y = (shapes.xy[v, 0] - left) * scale, (shapes.xy[v, 1] - top) * scale
            if low <= x <= high and low <= y <= high:
                lattice[size, 0], lattice[size, 1] = int(np.floor(x + 0.5)), int(np.floor(y + 0.5))
                size += 1
    if size:
        at = _varint(out, at, (size << 3) | 1)
    for i in range(size):
        at = _step(out, at, lattice[i, 0] - pen[0])
        at = _step(out, at, lattice[i, 1] - pen[1])
        pen[0], pen[1] = lattice[i, 0], lattice[i, 1]
    return at


@njit(cache=True)
def _room(out, at, more):  # type: ignore[no-untyped-def]
    """The buffer, grown where fewer than `more` bytes are left."""
    if at + more <= len(out):
        return out
    grown = np.empty(2 * len(out) + more, np.uint8)
    grown[:at] = out[:at]
    return grown


@njit(cache=True)
def _feature(out, at, feature, kind, tags, local, used, count, drawn, size):  # type: ignore[no-untyped-def]
    """Write one feature: number, properties, kind and drawing; where it ends, and how many values are used by now."""
    long = 0
    for row in range(tags.ptr[feature], tags.ptr[feature + 1]):
        value = tags.value[row]
        if local[value] < 0:
            local[value] = count
            used[count] = value
            count += 1
        long += _size(tags.key[row]) + _size(local[value])
    whole = 1 + _size(feature + 1) + 2 + 1 + _size(size) + size + (1 + _size(long) + long if long else 0)
    out[at] = 0x12
    at = _varint(out, at + 1, whole)
    out[at] = 0x08
    at = _varint(out, at + 1, feature + 1)
    if long:
        out[at] = 0x12
        at = _varint(out, at + 1, long)
        for row in range(tags.ptr[feature], tags.ptr[feature + 1]):
            at = _varint(out, at, tags.key[row])
            at = _varint(out, at, local[tags.value[row]])
    out[at], out[at + 1], out[at + 2] = 0x18, kind, 0x22
    at = _varint(out, at + 3, size)
    for i in range(size):
        out[at + i] = drawn[i]
    return at + size, count


@njit(cache=True)
def _values(out, at, tags, used, count):  # type: ignore[no-untyped-def]
    """Write the values in use, in the order of their local numbers."""
    for i in range(count):
        first, last = tags.text_ptr[used[i]], tags.text_ptr[used[i] + 1]
        out = _room(out, at, last - first)
        for i in range(first, last):
            out[at + i - first] = tags.text[i]
        at += last - first
    return out, at


@njit(cache=True)
def _body(shapes, tags, z, column, row, work, lattice, drawn, local, used):  # type: ignore[no-untyped-def]
    """Features and values of one tile, as they stand in its layer; and how many features."""
    tiles = 2.0**z
    frame = (tiles * EXTENT, column / tiles, row / tiles, -1.0 * BUFFER, 1.0 * EXTENT + BUFFER)
    edge = BUFFER / EXTENT / tiles
    west, north = frame[1] - edge, frame[2] - edge
    east, south = frame[1] + 1 / tiles + edge, frame[2] + 1 / tiles + edge
    out, at, count, features = np.empty(4096, np.uint8), 0, 0, 0
    for f in range(len(shapes.kind)):
        box = shapes.box[f]
        if not (box[0] <= east and box[2] >= west and box[1] <= south and box[3] >= north):
            continue
        inside = box[0] >= west and box[2] <= east and box[1] >= north and box[3] <= south
        kind = shapes.kind[f]
        if kind == POLYGON:
            size = _polygon(shapes, f, frame, inside, work, lattice, drawn)
        elif kind == LINE:
            size = _line(shapes, f, frame, work, lattice, drawn)
        else:
            size = _points(shapes, f, frame, lattice, drawn)
        if size:
            out = _room(out, at, size + 64 + 20 * (tags.ptr[f + 1] - tags.ptr[f]))
            at, count = _feature(out, at, f, kind, tags, local, used, count, drawn, size)
            features += 1
    out, at = _values(out, at, tags, used, count)
    return out[:at], features


def body(shapes: Shapes, tags: Tags, z: int, column: int, row: int) -> tuple[bytes, int]:
    """Features and values of one tile, as its layer holds them, and how many features there are.

    Polygons are cut at the tile's edge plus `BUFFER`, rings without an area are left out, and outer rings run
    clockwise on the screen. O(features + vertices in the tile).

    Parameters
    ----------
    shapes, tags
        What may be drawn.
    z, column, row
        Zoom, counted from 0; place of the tile from the west and from the north.

    Examples
    --------
    >>> shapes = shapes_of(np.array([1]), np.array([0, 1]), np.array([0, 1]), np.ones(1, bool), np.array([[0.5, 0.5]]))
    >>> none = np.zeros(0, np.int16), np.zeros(0, np.int32)
    >>> tags = Tags(np.zeros(2, np.int64), *none, np.zeros(1, np.int64), np.zeros(0, np.uint8))
    >>> body(shapes, tags, 0, 0, 0)[0].hex(" ")
    '12 0b 08 01 18 01 22 05 09 80 20 80 20'
    """
    most = int(np.diff(shapes.vertex_ptr[shapes.part_ptr]).max(initial=0))
    # each of four cuts adds at most half as many vertices as there were
    wide = 6 * most + 16
    lattice = np.empty((wide, 2), np.int64)
    values = len(tags.text_ptr) - 1
    out, features = _body(
        shapes, tags, z, column, row, np.empty((3, wide, 2)), lattice, np.empty(8 * wide + 64, np.uint8),
        np.full(values, -1, np.int64), np.empty(values, np.int64),
    )  # fmt: skip
    return out.tobytes(), int(features)


def shapes_of(
    kind: NDArray[np.int64],
    part_ptr: NDArray[np.int64],
    vertex_ptr: NDArray[np.int64],
    outer: NDArray[np.bool_],
    xy: NDArray[np.float64],
) -> Shapes:
    """Shapes with their boxes; a feature without a vertex has an empty box and is never drawn."""
    box = np.full((len(kind), 4), np.nan)
    filled = np.flatnonzero(vertex_ptr[part_ptr[1:]] > vertex_ptr[part_ptr[:-1]])
    if len(filled):
        first = vertex_ptr[part_ptr[filled]]
        box[filled] = np.hstack([np.minimum.reduceat(xy, first), np.maximum.reduceat(xy, first)])
    return Shapes(kind, part_ptr, vertex_ptr, outer, np.ascontiguousarray(xy), box)
