"""Features as GeoJSON bytes, written once per state of the store and joined per request."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Objects

_KEEP_BYTES = 64_000_000


class Features:
    """One collection, ready to send.

    Parameters
    ----------
    codes
        Identifier of each feature.
    rows
        Properties of each feature: plain values.
    geometry
        Geometry of each feature in CRS84, or None for a collection without geometry.

    Examples
    --------
    >>> features = Features(["a"], [{"code": "a"}], None)
    >>> features.one("a")
    b'{"type":"Feature","id":"a","geometry":null,"properties":{"code":"a"}}'
    """

    def __init__(self, codes: Sequence[str], rows: Sequence[dict[str, Any]], geometry: Objects | None) -> None:
        self.codes = list(codes)
        self.geometry = geometry
        self._row = {code: i for i, code in enumerate(self.codes)}
        shapes = ["null"] * len(self.codes) if geometry is None else shapely.to_geojson(geometry)
        write = msgspec.json.Encoder().encode
        self._written = [
            b'{"type":"Feature","id":%s,"geometry":%s,"properties":%s}' % (write(code), shape.encode(), write(row))
            for code, shape, row in zip(self.codes, shapes, rows, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(() if self.geometry is None else self.geometry)

    def within(self, west: float, south: float, east: float, north: float) -> NDArray[np.int64]:
        """Rows that touch a box of degrees, ascending; a box over the date line has west > east.

        Features without geometry match every box, as the standard has it.
        """
        if self.geometry is None:
            return np.arange(len(self))
        boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        found = [self._tree.query(shapely.box(a, south, b, north), predicate="intersects") for a, b in boxes]
        return np.unique(np.concatenate(found))

    def page(self, rows: NDArray[np.int64] | range, foot: dict[str, Any]) -> bytes:
        """Some features as a FeatureCollection with further members `foot`."""
        features = b",".join([self._written[row] for row in rows])
        return b'{"type":"FeatureCollection","features":[%s],%s' % (features, msgspec.json.encode(foot)[1:])

    def one(self, code: str) -> bytes | None:
        """One feature, None when there is none of this code."""
        row = self._row.get(code)
        return None if row is None else self._written[row]


def with_links(feature: bytes, links: list[dict[str, str]]) -> bytes:
    """A written feature with links added."""
    return feature[:-1] + b',"links":' + msgspec.json.encode(links) + b"}"


def etag(data: bytes) -> str:
    """Strong ETag: equal only for equal bytes.

    >>> len(etag(b"a"))
    34
    """
    return f'"{hashlib.blake2b(data, digest_size=16).hexdigest()}"'


def packed_tag(tag: str) -> str:
    """ETag of the same document packed: other bytes, so another tag.

    >>> packed_tag('"a"')
    '"a-gzip"'
    """
    return tag[:-1] + '-gzip"'


class Packer:
    """Packs bodies with gzip and keeps the packed bytes of those asked for again, the last 64 MB of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def pack(self, tag: str, data: bytes) -> bytes:
        """The body with this ETag, packed; the same bytes for the same body."""
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
                return self._kept[tag]
        packed = gzip.compress(data, compresslevel=5, mtime=0)
        with self._lock:
            if tag and tag not in self._kept:
                self._kept[tag] = packed
                self._size += len(packed)
            while self._size > _KEEP_BYTES:
                self._size -= len(self._kept.popitem(last=False)[1])
        return packed
