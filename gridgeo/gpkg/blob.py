"""Geometry blobs of GeoPackage: a short header with the envelope, then ISO WKB."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Objects
from gridgeo.errors import InputError

ENVELOPE_BYTES = (0, 32, 48, 48, 64)
HEADER_BYTES = 8
_BARE, _BOXED, _EMPTY = 0x01, 0x03, 0x11  # flags: little-endian without envelope, with [x, x, y, y], empty
_FLAT = tuple(b"\x01" + bytes([kind, 0, 0, 0]) for kind in (1, 2, 3))  # point, line, polygon: nothing nests
_DEEPEST = 8
_POINT_TYPE = 0


def encode(geometry: Objects, srs_id: int) -> list[bytes | None]:
    """Blobs of n geometries; null stays null, points carry no envelope.

    >>> encode(np.array([shapely.Point(1, 2)]), 4326)[0][:8].hex()
    '47500001e6100000'
    """
    if not len(geometry):
        return []
    kind = shapely.get_type_id(geometry)
    empty = shapely.is_empty(geometry)
    wkb = shapely.to_wkb(geometry, byte_order=1, flavor="iso", output_dimension=4)
    box = np.ascontiguousarray(shapely.bounds(geometry)[:, [0, 2, 1, 3]]).view("V32").ravel()
    head = {flags: b"GP\x00" + bytes([flags]) + struct.pack("<i", srs_id) for flags in (_BARE, _BOXED, _EMPTY)}
    out: list[bytes | None] = []
    for body, code, hollow, bounds in zip(wkb, kind.tolist(), empty.tolist(), box, strict=True):
        if code < 0:
            out.append(None)
        elif hollow:
            out.append(head[_EMPTY] + body)
        elif code == _POINT_TYPE:
            out.append(head[_BARE] + body)
        else:
            out.append(head[_BOXED] + bounds.tobytes() + body)
    return out


def decode(blobs: Sequence[Any], *, where: str = "") -> Objects:
    """Geometries of n blobs.

    Raises
    ------
    InputError
        A blob is no GeoPackage geometry.
    """
    bodies: Sequence[bytes | None] = _plain(blobs)
    if not bodies:
        bodies = [None if blob is None else _wkb(blob, where, row) for row, blob in enumerate(blobs, 1)]
    out = np.empty(len(bodies), dtype=object)
    try:
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers are told by those who look at them
            out[:] = shapely.from_wkb(bodies)
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InputError(f"a geometry cannot be read: {error}", where=where, hint="the file is damaged") from error
    return out


def _plain(blobs: Sequence[Any]) -> list[bytes]:
    """WKB parts of blobs that all have the head and the kinds gridgeo writes; none when one is anything else."""
    if not set(map(type, blobs)) <= {bytes}:
        return []
    for flags, start in ((_BARE, HEADER_BYTES), (_BOXED, HEADER_BYTES + ENVELOPE_BYTES[1])):
        if {blob[:4] for blob in blobs} == {b"GP\x00" + bytes([flags])}:
            bodies = [blob[start:] for blob in blobs]
            return bodies if {body[:5] for body in bodies} <= set(_FLAT) else []
    return []


def _wkb(blob: Any, where: str, row: int) -> bytes:
    """WKB part of one blob."""
    if not isinstance(blob, bytes) or len(blob) < HEADER_BYTES + 5 or blob[:2] != b"GP":
        raise InputError("not a GeoPackage geometry", where=f"{where}, row {row}", hint="the file is damaged")
    code = (blob[3] >> 1) & 7
    if code >= len(ENVELOPE_BYTES) or blob[3] & 0x20:
        raise InputError("a geometry of an unknown extension", where=f"{where}, row {row}")
    body = blob[HEADER_BYTES + ENVELOPE_BYTES[code] :]
    if body[:5] not in _FLAT:
        try:
            _walk(body)
        except (struct.error, IndexError, ValueError) as error:
            message = f"a geometry cannot be read: {error}"
            raise InputError(message, where=f"{where}, row {row}", hint="straighten curves, undo nesting") from error
    return body


def _walk(body: bytes) -> None:
    """Step over every part of a WKB: GEOS reads nested collections by recursion and would run out of stack."""
    at, waiting = 0, [1]
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            continue
        waiting[-1] -= 1
        order = "<" if body[at] else ">"
        (code,) = struct.unpack_from(order + "I", body, at + 1)
        kind, size = code % 1000, 8 * (2, 3, 3, 4)[code // 1000]
        at += 5
        if kind == 1:
            at += size
            continue
        (count,) = struct.unpack_from(order + "I", body, at)
        at += 4
        if kind == 2:
            at += count * size
        elif kind == 3:
            for _ in range(count):
                at += 4 + size * struct.unpack_from(order + "I", body, at)[0]
        elif kind in (4, 5, 6, 7) and len(waiting) < _DEEPEST:
            waiting.append(count)
        else:
            raise ValueError("curves or deep nesting")


def is_empty(blob: bytes | None) -> int | None:
    """1 when a blob says it holds no point: the SQL function ST_IsEmpty."""
    return None if blob is None else int(bool(blob[3] & 0x10))


def envelope(blob: bytes | None) -> tuple[float, float, float, float] | None:
    """(min x, max x, min y, max y) of a blob; None for null and empty ones."""
    if blob is None or blob[3] & 0x10:
        return None
    order = "<" if blob[3] & 1 else ">"
    if (blob[3] >> 1) & 7:
        x0, x1, y0, y1 = struct.unpack_from(order + "4d", blob, HEADER_BYTES)
        return x0, x1, y0, y1
    x0, y0, x1, y1 = shapely.from_wkb(blob[HEADER_BYTES:]).bounds
    return x0, x1, y0, y1


def extent(geometry: Objects) -> tuple[float, float, float, float] | None:
    """(min x, min y, max x, max y) of all geometries, or None when there is no point."""
    if not len(geometry):
        return None
    box: NDArray[np.float64] = shapely.total_bounds(geometry)
    return None if np.isnan(box).any() else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
