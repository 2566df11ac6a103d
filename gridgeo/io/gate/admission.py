"""Whether a file is what its name says, and no larger than it may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gridgeo.errors import InputError
from gridgeo.io.gate.archives import MAX_BYTES
from gridgeo.io.gate.extracts import check_blobs, check_packed
from gridgeo.io.gate.files import opened, size_of

MAX_TEXT_BYTES = 512 << 20
HEAD_BYTES = 4096

FORMATS = {
    ".gpkg": "gpkg",
    ".geojson": "geojson",
    ".json": "geojson",
    ".shp": "shp",
    ".zip": "zip",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".kml": "kml",
    ".kmz": "kmz",
    ".dxf": "dxf",
    ".parquet": "parquet",
    ".geoparquet": "parquet",
    ".pbf": "osm",
    ".osm": "osm",
    ".osm.gz": "osm",
    ".osm.bz2": "osm",
}
_TEXTS = ("geojson", "csv", "kml", "dxf")
_REFUSED = {
    ".xls": "an old Excel file: save it as .xlsx",
    ".xlsm": "a workbook with macros: save it as .xlsx",
    ".xlsb": "a binary workbook: save it as .xlsx",
    ".et": "a WPS table: save it as .xlsx",
    ".dwg": "a closed format: save it as .dxf",
    ".vrt": "a file that points to others: give those",
    ".qgz": "a QGIS project, not data: give its layers",
    ".gdb": "a geodatabase: save its layers as a GeoPackage",
    ".mdb": "a geodatabase: save its layers as a GeoPackage",
}
_ZIP, _SHP, _PARQUET, _SQLITE = b"PK\x03\x04", b"\x00\x00\x27\x0a", b"PAR1", b"SQLite format 3\x00"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Admitted:
    """A file whose content is what its name says; `format` is one of the values of FORMATS, `size` its bytes."""

    path: Path
    format: str
    size: int


def admit(path: str | Path) -> Admitted:
    """Let a file in when its size and its first bytes fit its name.

    Packed OpenStreetMap extracts are also looked through for bombs, in O(bytes).

    Raises
    ------
    InputError
        No such file, an unknown kind of file, too large, or its content is not what its name says.
    """
    path = Path(path)
    suffix = _suffix(path)
    size = size_of(path)
    if suffix not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        hint = "; ".join(filter(None, (_REFUSED.get(path.suffix.lower()), f"give one of {known}")))
        raise InputError("a file of this kind cannot be read", where=str(path), hint=hint)
    format = FORMATS[suffix]
    cap = MAX_TEXT_BYTES if format in _TEXTS else MAX_BYTES
    if size > cap:
        raise InputError(f"the file has {size:,} bytes, at most {cap:,} are read", where=str(path), hint="split it")
    if size == 0:
        raise InputError("the file is empty", where=str(path), hint="save or copy it again")
    with opened(path) as file:
        head = file.read(HEAD_BYTES)
        file.seek(max(size - len(_PARQUET), 0))
        tail = file.read()
    if not _fits(head, tail, suffix):
        hint = "its content is not what its name says: give the file under its true name, or the right file"
        raise InputError(f"the file is not {format}", where=str(path), hint=hint)
    _check_extract(path, suffix)
    return Admitted(path, format, size)


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return max((s for s in FORMATS if name.endswith(s)), key=len, default="")


def _fits(head: bytes, tail: bytes, suffix: str) -> bool:
    """Whether the first bytes are those of the kind."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    xml = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")  # UTF-16 counts as well
    tests: Mapping[str, Callable[[], bool]] = {
        "gpkg": lambda: head.startswith(_SQLITE),
        "geojson": lambda: text.startswith(b"{"),
        "shp": lambda: head.startswith(_SHP),
        "zip": lambda: head.startswith(_ZIP),
        "xlsx": lambda: head.startswith(_ZIP),
        "kmz": lambda: head.startswith(_ZIP),
        "kml": lambda: xml.startswith(b"<") and b"<kml" in xml,
        "dxf": lambda: _is_drawing(text),
        "parquet": lambda: head.startswith(_PARQUET) and tail == _PARQUET,
        "csv": lambda: _is_plain_text(head, text),
    }
    extracts: Mapping[str, Callable[[], bool]] = {
        ".pbf": lambda: b"OSMHeader" in head[:64],
        ".osm": lambda: text.startswith(b"<") and b"<osm" in head,
        ".osm.gz": lambda: head.startswith(b"\x1f\x8b"),
        ".osm.bz2": lambda: head.startswith(b"BZh"),
    }
    return extracts.get(suffix, tests.get(FORMATS[suffix], lambda: False))()


def _is_plain_text(head: bytes, text: bytes) -> bool:
    wide = head.startswith(_WIDE_MARKS)
    start = head[2:].replace(b"\x00", b"").lstrip() if wide else text
    return (wide or b"\x00" not in head) and not start.startswith((b"<", b"{", b"PK", b"%PDF"))


def _is_drawing(text: bytes) -> bool:
    """Whether a text begins as a DXF does: the group code 0 and SECTION, perhaps after comments (999)."""
    lines = [line.strip() for line in text.splitlines()[:40]]
    while lines[:1] == [b"999"]:
        lines = lines[2:]
    return lines[:2] == [b"0", b"SECTION"]


def _check_extract(path: Path, suffix: str) -> None:
    if suffix == ".pbf":
        check_blobs(path)
    elif FORMATS[suffix] == "osm":
        check_packed(path)
