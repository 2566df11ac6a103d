"""Zip archives: looked through before any of them is unpacked, unpacked by us, member by member."""

from __future__ import annotations

import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from gridgeo.errors import InputError
from gridgeo.io.gate.files import opened, size_of

MAX_BYTES = 4 << 30
MAX_MEMBERS = 256
MAX_RATIO = 200
SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_FREE = 1 << 20
"""A member this small may be packed as tightly as it likes."""
_ENCRYPTED = 0x1
_SHAPE_MAGIC = {
    ".shp": (b"\x00\x00\x27\x0a",),
    ".shx": (b"\x00\x00\x27\x0a",),
    ".dbf": tuple(bytes([version]) for version in (0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xF5)),
}
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,  # how zipfile tells of a way of packing, or a version of the format, it does not know
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
)


@contextmanager
def members(path: Path, *, most: int = MAX_BYTES) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """An archive and its members by name, once all of them are known to be harmless.

    Parameters
    ----------
    path
        The archive.
    most
        Bytes all members together may unpack to.

    Raises
    ------
    InputError
        It cannot be read, bursts, names places outside of itself, repeats a name, is encrypted, or holds archives.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listed = [member for member in archive.infolist() if not member.is_dir()]
            _check(listed, path, most)
            yield archive, {member.filename: member for member in listed}
    except _ZIP_ERRORS as error:
        raise InputError(f"the archive cannot be read: {error}", where=str(path)) from error


def _check(listed: list[zipfile.ZipInfo], path: Path, most: int) -> None:
    where = str(path)
    if len(listed) > MAX_MEMBERS:
        raise InputError(f"the archive has {len(listed)} members, at most {MAX_MEMBERS} are read", where=where)
    total = sum(member.file_size for member in listed)
    if total > most:
        raise InputError(f"the archive unpacks to {total:,} bytes, at most {most:,} are read", where=where)
    if len({member.filename.lower() for member in listed}) < len(listed):
        raise InputError("the archive holds two members of one name", where=where)
    for member in listed:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in member.filename:
            raise InputError(f"the archive names a place outside of itself: {member.filename!r}", where=where)
        if member.flag_bits & _ENCRYPTED:
            raise InputError("the archive is encrypted", where=where, hint="unpack it first")
        if member.file_size > _FREE and member.file_size > member.compress_size * MAX_RATIO:
            packed = f"{member.file_size:,} bytes from {member.compress_size:,}"
            raise InputError(f"the archive unpacks to {packed}", where=where)


@contextmanager
def opened_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """A member, open for reading; never more of it than it declares."""
    with archive.open(member) as source:
        yield source


@contextmanager
def shapefile_copy(path: Path) -> Iterator[Path]:
    """A shapefile, or the only one of a zip archive, with its parts in a folder of its own.

    Raises
    ------
    InputError
        A part is missing or is not what its name says; the archive is larger than allowed, names places outside of
        itself, or holds anything but one shapefile.
    """
    with TemporaryDirectory(prefix="gridgeo-") as name:
        folder = Path(name)
        if path.suffix.lower() == ".zip":
            _unzip(path, folder)
        else:
            _copy_parts(path, folder)
        for suffix, magic in _SHAPE_MAGIC.items():
            part = folder / f"layer{suffix}"
            if part.exists() and not _begins(part, magic):
                raise InputError(f"the {suffix} part is no shapefile", where=str(path))
        for suffix in (".shp", ".dbf"):
            if not (folder / f"layer{suffix}").exists():
                raise InputError(f"the {suffix} part is missing", where=str(path), hint="give all parts of it")
        yield folder / "layer.shp"


def _begins(path: Path, magic: tuple[bytes, ...]) -> bool:
    with opened(path) as file:
        return file.read(4).startswith(magic)


def _copy_parts(path: Path, folder: Path) -> None:
    siblings = {p.name.lower(): p for p in path.parent.iterdir() if p.stem.lower() == path.stem.lower()}
    for suffix in SHAPE_PARTS:
        part = siblings.get(path.stem.lower() + suffix)
        if part is not None:
            if size_of(part) > MAX_BYTES:
                raise InputError("the file is too large", where=str(part))
            with opened(part) as source, (folder / f"layer{suffix}").open("wb") as target:
                shutil.copyfileobj(source, target)


def _unzip(path: Path, folder: Path) -> None:
    with members(path) as (archive, listed):
        stems = {name.rpartition(".")[0] for name in listed if name.lower().endswith(".shp")}
        if len(stems) != 1:
            raise InputError(f"the archive holds {len(stems)} shapefiles", where=str(path), hint="give exactly one")
        stem = stems.pop()
        for name, member in listed.items():
            suffix = PurePosixPath(name).suffix.lower()
            if name.rpartition(".")[0] == stem and suffix in SHAPE_PARTS:
                with opened_member(archive, member) as source, (folder / f"layer{suffix}").open("wb") as target:
                    shutil.copyfileobj(source, target)
