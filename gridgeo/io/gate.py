"""The gate: every byte from outside is looked at here before anything reads it.

A file must be what its name says by its first bytes; sizes are capped; archives are unpacked by us, member by member;
JSON is strict. GDAL only ever sees shapefiles that passed, by copies in a folder of our own, so no other driver of it
can be called by a file that lies about itself.
"""

from __future__ import annotations

import json
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from gridgeo.errors import InputError

MAX_BYTES = 4 << 30
MAX_TEXT_BYTES = 512 << 20
MAX_MEMBERS = 64
MAX_RATIO = 200
HEAD_BYTES = 4096

FORMATS = {
    ".gpkg": "gpkg",
    ".geojson": "geojson",
    ".json": "geojson",
    ".shp": "shp",
    ".zip": "zip",
    ".csv": "csv",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".pbf": "osm",
    ".osm": "osm",
    ".osm.gz": "osm",
    ".osm.bz2": "osm",
}
SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHAPE_MAGIC = {".shp": b"\x00\x00\x27\x0a", ".shx": b"\x00\x00\x27\x0a"}
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
)


@dataclass(frozen=True)
class Admitted:
    """A file whose content is what its name says; `format` is one of the values of FORMATS."""

    path: Path
    format: str


def admit(path: str | Path) -> Admitted:
    """Let a file in when its size and its first bytes fit its name.

    Raises
    ------
    InputError
        No such file, an unknown kind of file, too large, or its content is not what its name says.
    """
    path = Path(path)
    size = _size(path)
    suffix = _suffix(path)
    if suffix not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise InputError("a file of this kind cannot be read", where=str(path), hint=f"give one of {known}")
    format = FORMATS[suffix]
    cap = MAX_TEXT_BYTES if format in ("geojson", "csv") else MAX_BYTES
    if size > cap:
        raise InputError(f"the file has {size:,} bytes, at most {cap:,} are read", where=str(path), hint="split it")
    if size == 0:
        raise InputError("the file is empty", where=str(path), hint="save or copy it again")
    with _opened(path) as file:
        head = file.read(HEAD_BYTES)
    if not _fits(head, suffix):
        hint = "its content is not what its name says: give the file under its true name, or the right file"
        raise InputError(f"the file is not {format}", where=str(path), hint=hint)
    return Admitted(path, format)


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return max((s for s in FORMATS if name.endswith(s)), key=len, default="")


def _size(path: Path) -> int:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise InputError("no such file", where=str(path), hint="check the name and the folder") from error
    if stat.S_ISDIR(found.st_mode):
        raise InputError("a folder, not a file", where=str(path), hint="name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise InputError("not a plain file", where=str(path), hint="copy it to a file")
    return found.st_size


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=str(path)) from error


def _fits(head: bytes, suffix: str) -> bool:
    """Whether the first bytes are those of the kind."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    tests = {
        "gpkg": head.startswith(b"SQLite format 3\x00"),
        "geojson": text.startswith(b"{"),
        "shp": head.startswith(_SHAPE_MAGIC[".shp"]),
        "zip": head.startswith(b"PK\x03\x04"),
        "parquet": head.startswith(b"PAR1"),
        "csv": b"\x00" not in head and not text.startswith((b"<", b"{", b"PK")),
    }
    osm = {
        ".pbf": b"OSMHeader" in head[:64],
        ".osm": text.startswith(b"<") and b"<osm" in head,
        ".osm.gz": head.startswith(b"\x1f\x8b"),
        ".osm.bz2": head.startswith(b"BZh"),
    }
    return bool(osm[suffix] if suffix in osm else tests[FORMATS[suffix]])


def strict_json(path: Path) -> Any:
    """JSON of a file: no NaN or Infinity, no name twice in an object, no endless nesting, UTF-8.

    Raises
    ------
    InputError
        The text is no such JSON.
    """
    with _opened(path) as file:
        content = file.read()
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_no_twice)
    except UnicodeDecodeError as error:
        raise InputError("the text is not UTF-8", where=str(path), hint="save it as UTF-8") from error
    except RecursionError as error:
        raise InputError("the JSON nests too deep", where=str(path)) from error
    except ValueError as error:
        raise InputError(f"not valid JSON: {error}", where=str(path)) from error


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return out


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
            if part.exists() and not part.read_bytes().startswith(magic):
                raise InputError(f"the {suffix} part is no shapefile", where=str(path))
        for suffix in (".shp", ".dbf"):
            if not (folder / f"layer{suffix}").exists():
                raise InputError(f"the {suffix} part is missing", where=str(path), hint="give all parts of it")
        yield folder / "layer.shp"


def _copy_parts(path: Path, folder: Path) -> None:
    siblings = {p.name.lower(): p for p in path.parent.iterdir() if p.stem.lower() == path.stem.lower()}
    for suffix in SHAPE_PARTS:
        part = siblings.get(path.stem.lower() + suffix)
        if part is not None:
            if _size(part) > MAX_BYTES:
                raise InputError("the file is too large", where=str(part))
            with _opened(part) as source, (folder / f"layer{suffix}").open("wb") as target:
                shutil.copyfileobj(source, target)


def _unzip(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_members(members, path)
            stems = {PurePosixPath(m.filename).stem for m in members if m.filename.lower().endswith(".shp")}
            if len(stems) != 1:
                raise InputError(f"the archive holds {len(stems)} shapefiles", where=str(path), hint="give exactly one")
            stem = stems.pop()
            for member in members:
                name = PurePosixPath(member.filename)
                if name.stem == stem and name.suffix.lower() in SHAPE_PARTS:
                    _extract(archive, member, folder / f"layer{name.suffix.lower()}")
    except _ZIP_ERRORS as error:
        raise InputError(f"the archive cannot be read: {error}", where=str(path)) from error


def _check_members(members: list[zipfile.ZipInfo], path: Path) -> None:
    where = str(path)
    if len(members) > MAX_MEMBERS:
        raise InputError(f"the archive has {len(members)} members, at most {MAX_MEMBERS} are read", where=where)
    total = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if total > MAX_BYTES or total > packed * MAX_RATIO:
        raise InputError(f"the archive unpacks to {total:,} bytes from {packed:,}", where=where)
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise InputError(f"the archive names a place outside of itself: {member.filename!r}", where=where)


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one member, never more than it declares."""
    with archive.open(member) as source, target.open("wb") as file:
        left = member.file_size
        while left > 0 and (chunk := source.read(min(left, 1 << 20))):
            file.write(chunk)
            left -= len(chunk)
