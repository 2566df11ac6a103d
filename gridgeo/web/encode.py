"""Features as GeoJSON bytes, written once per state of the store and joined per request."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Objects

if TYPE_CHECKING:
    from gridgeo.web.crs import Frame
    from gridgeo.web.globe import Globe

_KEEP_BYTES = 64_000_000

Rows = Sequence[int] | NDArray[np.int64]
"""Rows of features, in the order wanted."""


class Column:
    """One property of the features of a collection.

    Parameters
    ----------
    values
        (n,) numbers, yes/no, or objects; NaN and None are null.
    known
        (n,) False where the value is null whatever it is.
    kind
        JSON type; told by the values when empty.

    Examples
    --------
    >>> Column(np.array([3, 0]), known=np.array([True, False])).plain([0, 1])
    [3, None]
    """

    def __init__(self, values: Any, *, known: NDArray[np.bool_] | None = None, kind: str = "") -> None:
        self.values: NDArray[Any] = values if isinstance(values, np.ndarray) else _objects(values)
        self.kind = kind or _KINDS[self.values.dtype.kind]
        self._known = known

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(n,) where there is a value."""
        if self._known is not None:
            return self._known
        if self.values.dtype.kind == "f":
            return np.asarray(np.isfinite(self.values))
        if self.values.dtype.kind == "O":
            return np.array([value is not None for value in self.values.tolist()], bool)
        return np.ones(len(self.values), bool)

    def plain(self, rows: Any) -> list[Any]:
        """Values of some rows as JSON knows them."""
        values: list[Any] = self.values[rows].tolist()
        if self._known is None and self.values.dtype.kind != "f":
            return values
        return [value if sure else None for value, sure in zip(values, self.known[rows].tolist(), strict=True)]


_KINDS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "O": "string", "U": "string"}


def _objects(values: Any) -> Objects:
    listed = list(values)
    out = np.empty(len(listed), object)
    out[:] = listed
    return out


KEPT_BYTES = 8_000_000
"""Written features kept of one collection; with more, all are let go, and written again when asked for."""


class Features:
    """One collection, its features written when first asked for and kept written, the last 8 MB of them.

    Parameters
    ----------
    codes
        Identifier of each feature.
    columns
        Properties by name.
    geometry
        Geometry of each feature in projected metres, or None for a collection without geometry.
    globe
        The way to CRS84.

    Examples
    --------
    >>> features = Features(["a"], {"code": Column(["a"])}, None, None)
    >>> features.one("a")
    b'{"type":"Feature","id":"a","geometry":null,"properties":{"code":"a"}}'
    """

    def __init__(
        self, codes: Sequence[str], columns: Mapping[str, Column], geometry: Objects | None, globe: Globe | None
    ) -> None:
        self.codes = list(codes)
        self.columns = dict(columns)
        self.geometry = geometry
        self._globe = globe
        self._row = {code: i for i, code in enumerate(self.codes)}
        self._written: dict[int, bytes] = {}
        self._written_bytes = 0

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def shapes(self) -> Objects:
        """Geometries in CRS84."""
        none = np.empty(0, object)
        return none if self.geometry is None or self._globe is None else self._globe.shapes(self.geometry)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    def within(self, west: float, south: float, east: float, north: float) -> NDArray[np.int64]:
        """Rows that touch a box of degrees, ascending; a box over the date line has west > east.

        Features without geometry match every box, as the standard has it.
        """
        if self.geometry is None:
            return np.arange(len(self))
        boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        return np.unique(np.concatenate([self.touching(shapely.box(a, south, b, north)) for a, b in boxes]))

    def touching(self, shape: Any) -> NDArray[np.int64]:
        """Rows that touch a shape in degrees, ascending; none without geometry."""
        found: NDArray[np.int64] = np.sort(self._tree.query(shape, predicate="intersects"))
        return found

    def written(self, rows: Rows) -> list[bytes]:
        """Some features as GeoJSON in CRS84."""
        kept = self._written  # stays whole for us when another thread begins a new one
        missing = [row for row in rows if row not in kept]
        if missing:
            fresh = self.write(missing)
            kept.update(zip(missing, fresh, strict=True))
            self._written_bytes += sum(map(len, fresh))
        answer = [kept[row] for row in rows]
        if self._written_bytes > KEPT_BYTES:
            self._written, self._written_bytes = {}, 0
        return answer

    def write(
        self, rows: Rows, *, frame: Frame | None = None, names: Sequence[str] | None = None, bare: bool = False
    ) -> list[bytes]:
        """Some features as JSON: in another frame, with some properties only, or `bare` of geometry."""
        chosen = list(self.columns) if names is None else [name for name in self.columns if name in names]
        columns = [self.columns[name].plain(rows) for name in chosen]
        values = zip(*columns, strict=True) if chosen else repeat((), len(rows))
        shapes = ["null"] * len(rows) if bare else self._texts(rows, frame)
        write = msgspec.json.Encoder().encode
        return [
            b'{"type":"Feature","id":%s,"geometry":%s,"properties":%s}'
            % (write(self.codes[row]), shape.encode(), write(dict(zip(chosen, line, strict=True))))
            for row, shape, line in zip(rows, shapes, values, strict=True)
        ]

    def _texts(self, rows: Rows, frame: Frame | None) -> Sequence[str]:
        if self.geometry is None or self._globe is None:
            return ["null"] * len(rows)
        place = self._globe if frame is None else frame
        texts: Sequence[str] = shapely.to_geojson(place.shapes(self.geometry[rows])).tolist()
        return texts

    def one(self, code: str) -> bytes | None:
        """One feature, None when there is none of this code."""
        row = self._row.get(code)
        return None if row is None else self.written([row])[0]

    def row(self, code: str) -> int:
        """Row of a code, -1 for none."""
        return self._row.get(code, -1)


def page(features: Sequence[bytes], foot: dict[str, Any]) -> bytes:
    """Written features as a FeatureCollection with further members `foot`."""
    return b'{"type":"FeatureCollection","features":[%s],%s' % (b",".join(features), msgspec.json.encode(foot)[1:])


def with_links(feature: bytes, links: list[dict[str, str]]) -> bytes:
    """A written feature with links added."""
    return feature[:-1] + b',"links":' + msgspec.json.encode(links) + b"}"


def etag(data: bytes) -> str:
    """Strong ETag: equal only for equal bytes.

    >>> len(etag(b"a"))
    34
    """
    return f'"{hashlib.blake2b(data, digest_size=16).hexdigest()}"'


def etag_of(feature: bytes, variant: str = "") -> str:
    """Strong ETag of one feature, from its bytes in CRS84; another way to write it (CRS, page) is a `variant`.

    A writer that hands any of them back in If-Match names the same feature: see `matching`.

    >>> etag_of(b"{}", "html") == etag_of(b"{}")
    False
    """
    return (
        etag(feature)
        if not variant
        else f'{etag(feature)[:-1]}-{hashlib.blake2b(variant.encode(), digest_size=4).hexdigest()}"'
    )


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

    def pack(self, data: bytes) -> bytes:
        """A body packed; the same bytes for the same body."""
        tag = etag(data)  # not that of the answer: pages and documents of one feature share it
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
                return self._kept[tag]
        packed = gzip.compress(data, compresslevel=5, mtime=0)
        with self._lock:
            if tag not in self._kept:
                self._kept[tag] = packed
                self._size += len(packed)
            while self._size > _KEEP_BYTES:
                self._size -= len(self._kept.popitem(last=False)[1])
        return packed
