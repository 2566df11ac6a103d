"""Features made ready to be cut into tiles, and the tiles of one collection, kept."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.kernel.mvt import EXTENT, Shapes, Tags, body, shapes_of
from gridgeo.core.model import Floats, Objects
from gridgeo.web.encode import Column, Features
from gridgeo.web.globe import Globe

MOST_LATITUDE = 85.051128779806604
_KEEP_BYTES = 32_000_000
_ENTRY_BYTES = 200
"""What keeping a tile costs beside its bytes, so that empty ones count too."""


class TileSource:
    """One collection as tiles; the last 32 MB of them are kept.

    Parameters
    ----------
    name
        Name of the layer in the tiles.
    features
        What is drawn; lists among their properties are left out, as tiles have none.
    globe
        The way to longitude and latitude.
    """

    def __init__(self, name: str, features: Features, globe: Globe) -> None:
        empty = np.empty(0, object)
        self.shapes = drawn(empty if features.geometry is None else features.geometry, globe)
        columns = {key: column for key, column in features.columns.items() if column.kind != "array"}
        self.fields = {key: column.kind for key, column in columns.items()}
        self.tags = tagged(columns, len(self.shapes.kind))
        self._head = b"\x78\x02" + _field(0x0A, name.encode())
        self._foot = b"".join(_field(0x1A, key.encode()) for key in columns) + b"\x28" + varint(EXTENT)
        digest = hashlib.blake2b(self._head + self._foot, digest_size=10)
        for part in (*self.shapes, *self.tags):
            digest.update(part.tobytes())
        self.edition = digest.hexdigest()
        self._kept: OrderedDict[tuple[int, int, int], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def tile(self, z: int, column: int, row: int) -> bytes:
        """One tile; empty where nothing is drawn."""
        place = z, column, row
        with self._lock:
            if place in self._kept:
                self._kept.move_to_end(place)
                return self._kept[place]
        written, features = body(self.shapes, self.tags, z, column, row)
        tile = _field(0x1A, self._head + written + self._foot) if features else b""
        with self._lock:
            if place not in self._kept:
                self._kept[place] = tile
                self._size += _ENTRY_BYTES + len(tile)
            while self._size > _KEEP_BYTES:
                self._size -= _ENTRY_BYTES + len(self._kept.popitem(last=False)[1])
        return tile

    def forget(self) -> None:
        """Let go of all kept tiles."""
        with self._lock:
            self._kept.clear()
            self._size = 0


def world(lonlat: Floats) -> Floats:
    """Longitude and latitude (n, 2) as shares of the world square of Web Mercator, y southward.

    >>> world(np.array([[0.0, 0.0], [180.0, 66.51326044]])).round(6).tolist()
    [[0.5, 0.5], [1.0, 0.25]]
    """
    latitude = np.radians(np.clip(lonlat[:, 1], -MOST_LATITUDE, MOST_LATITUDE))
    return np.stack([lonlat[:, 0] / 360 + 0.5, 0.5 - np.arcsinh(np.tan(latitude)) / (2 * np.pi)], 1)


def drawn(geometry: Objects, globe: Globe) -> Shapes:
    """Geometries in projected metres as shapes to be cut; of mixed ones the parts like the first. O(vertices)."""
    part, feature = shapely.get_parts(geometry, return_index=True)
    like = shapely.get_dimensions(part) + 1
    kind = np.zeros(len(geometry), np.int64)
    kind[feature[::-1]] = like[::-1]
    part, feature, like = (column[like == kind[feature]] for column in (part, feature, like))
    area = like == 3
    ring, owner = shapely.get_rings(part[area], return_index=True)
    outer = np.diff(owner, prepend=-1) > 0
    pieces = np.concatenate([part[~area], ring])
    row = np.concatenate([feature[~area], feature[area][owner]])
    order = np.argsort(row, kind="stable")
    xy, piece = shapely.get_coordinates(pieces[order], return_index=True)
    return shapes_of(
        kind,
        _ptr(row, len(geometry)),
        _ptr(piece, len(pieces)),
        np.concatenate([np.ones(len(part) - int(area.sum()), bool), outer])[order],
        world(globe.lonlat(xy)),
    )


def tagged(columns: dict[str, Column], n: int) -> Tags:
    """Properties of n features as tags; nulls are left out."""
    rows: list[NDArray[Any]] = [np.zeros(0, np.int64)]
    keys: list[NDArray[Any]] = [np.zeros(0, np.int16)]
    values: list[NDArray[Any]] = [np.zeros(0, np.int32)]
    texts: list[bytes] = []
    for key, column in enumerate(columns.values()):
        known = np.flatnonzero(column.known)
        found, place = np.unique(column.values[known], return_inverse=True)
        rows.append(known)
        keys.append(np.full(len(known), key, np.int16))
        values.append((place + len(texts)).astype(np.int32))
        write = _WRITERS[column.kind]
        texts += [_field(0x22, write(value)) for value in found.tolist()]
    row, key_of, value_of = (np.concatenate(part) for part in (rows, keys, values))
    order = np.argsort(row, kind="stable")
    sizes = np.array([0, *map(len, texts)], np.int64)
    text = np.frombuffer(b"".join(texts), np.uint8).copy()
    return Tags(_ptr(row, n), key_of[order], value_of[order], np.cumsum(sizes), text)


def _ptr(row: NDArray[Any], n: int) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64)


def varint(value: int) -> bytes:
    """A whole number >= 0 in groups of seven bits.

    >>> varint(4096).hex()
    '8020'
    """
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(head: int, data: bytes) -> bytes:
    return bytes([head]) + varint(len(data)) + data


def _whole(value: int) -> bytes:
    return b"\x28" + varint(value) if value >= 0 else b"\x30" + varint(-2 * value - 1)


_WRITERS: dict[str, Callable[[Any], bytes]] = {
    "string": lambda value: _field(0x0A, value.encode()),
    "integer": _whole,
    "number": lambda value: b"\x19" + struct.pack("<d", value),
    "boolean": lambda value: b"\x38" + bytes([bool(value)]),
}
