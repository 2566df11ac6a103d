"""OpenStreetMap extracts, looked through before osmium reads them: no bombs, no document types, no lying lengths."""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from gridgeo.errors import InputError
from gridgeo.io.gate.files import opened, size_of

MAX_RATIO = 60
"""Bytes out per byte in: honest extracts have about 12 as XML, 4 as PBF."""
FREE = 8 << 20
CHUNK = 1 << 16
PROLOG = 4096
_HEADER_MOST, _BLOB_MOST = 64 << 10, 32 << 20  # limits of the PBF format
_VARINT, _BYTES = 0, 2
_TYPE, _SIZE, _RAW_SIZE = 1, 3, 2


def check_packed(path: Path) -> None:
    """Look through .osm, .osm.gz or .osm.bz2: how much it unpacks to, and how its XML begins. O(bytes).

    Raises
    ------
    InputError
        It bursts, is cut, has a document type, or is no OSM XML.
    """
    head = bytearray()
    with opened(path) as file:
        limit = FREE + MAX_RATIO * size_of(path)
        total = 0
        try:
            for piece in _pieces(file, path.suffix.lower()):
                total += len(piece)
                if len(head) < PROLOG:
                    head += piece[:PROLOG]
                if total > limit:
                    raise InputError(f"the file unpacks to more than {limit:,} bytes", where=str(path))
        except (zlib.error, OSError, EOFError, ValueError) as error:
            raise InputError(f"the archive cannot be read: {error}", where=str(path), hint="load it again") from error
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise InputError("the XML has a document type", where=str(path), hint="load the extract again")
    if b"<osm" not in head:
        raise InputError("the file is not osm", where=str(path), hint="load the extract again")


def _pieces(file: BinaryIO, suffix: str) -> Iterator[bytes]:
    """Content of a plain or packed file, a small piece at a time however tightly it is packed."""
    if suffix not in (".gz", ".bz2"):
        yield file.read(PROLOG)
        return
    unpacker: Any = _unpacker(suffix)
    while chunk := file.read(CHUNK):
        while chunk:
            if unpacker.eof:
                unpacker = _unpacker(suffix)
            yield unpacker.decompress(chunk, CHUNK * 16)
            if suffix == ".gz":
                chunk = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                continue
            while not (unpacker.needs_input or unpacker.eof):
                yield unpacker.decompress(b"", CHUNK * 16)
            chunk = unpacker.unused_data if unpacker.eof else b""
    if not unpacker.eof:
        raise EOFError("its end is missing")


def _unpacker(suffix: str) -> Any:
    return zlib.decompressobj(wbits=31) if suffix == ".gz" else bz2.BZ2Decompressor()


def check_blobs(path: Path) -> None:
    """Walk over the blobs of a PBF file, by their lengths alone. O(blobs).

    Raises
    ------
    InputError
        A length is beyond the format or the file, or the blobs unpack to more than they may.
    """
    size = size_of(path)
    total = 0
    with opened(path) as file:
        try:
            while (place := file.tell()) < size:
                total += _blob(file, size)
                if total > FREE * 4 + MAX_RATIO * size:
                    raise InputError(f"the file unpacks to more than {total:,} bytes", where=str(path))
        except (EOFError, ValueError) as error:
            message = f"not a readable OpenStreetMap file: {error} (byte {place:,})"
            raise InputError(message, where=str(path), hint="load or cut the extract again") from error


def _blob(file: BinaryIO, size: int) -> int:
    """Step over one blob; how many bytes it says it unpacks to."""
    length = int.from_bytes(_exactly(file, 4), "big")
    if not 0 < length <= _HEADER_MOST:
        raise ValueError(f"a header of {length:,} bytes")
    end = file.tell() + length
    blob = next((value for field, value in _fields(file, end) if field == _SIZE), 0)
    file.seek(end)
    if not 0 < blob <= _BLOB_MOST or end + blob > size:
        raise ValueError(f"a blob of {blob:,} bytes")
    raw = next((value for field, value in _fields(file, end + blob) if field == _RAW_SIZE), blob)
    if raw > _BLOB_MOST:
        raise ValueError(f"a blob that unpacks to {raw:,} bytes")
    file.seek(end + blob)
    return raw


def _fields(file: BinaryIO, end: int) -> Iterator[tuple[int, int]]:
    """Numbers of a protocol buffer message that ends at a place; runs of bytes are stepped over."""
    while file.tell() < end:
        key = _number(file)
        if key & 7 == _VARINT:
            yield key >> 3, _number(file)
        elif key & 7 == _BYTES:
            length = _number(file)
            if file.tell() + length > end:
                raise ValueError("a field that is longer than its message")
            file.seek(length, 1)
        else:
            raise ValueError("a field of an unknown type")


def _number(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 64, 7):
        byte = _exactly(file, 1)[0]
        value |= (byte & 127) << shift
        if byte < 128:
            return value
    raise ValueError("a number without an end")


def _exactly(file: BinaryIO, count: int) -> bytes:
    found = file.read(count)
    if len(found) < count:
        raise EOFError("it is cut off")
    return found
