# ruff: noqa: E501 - a row of the table of attacks is a line
"""Files that lie, burst, point elsewhere or are broken: each names what it attacks and how it is refused.

A refusal is a pattern the message must match; `HARMLESS` marks files that are read, with nothing of the attack left.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from gridgeo import gpkg
from gridgeo.core.model import Table, geometries, texts
from gridgeo.io.crs import crs_of

HARMLESS = "harmless"
SECRET = "TOP-SECRET-CONTENT"


@dataclass(frozen=True)
class Attack:
    """One file: its name, what it attacks, the refusal, and who writes it into a folder."""

    name: str
    attacks: str
    refusal: str
    build: Callable[[Path], None]

    @property
    def id(self) -> str:
        """How tests call it."""
        return f"{self.name}: {self.attacks}"


ATTACKS: list[Attack] = []


def attack(name: str, attacks: str, refusal: str, content: bytes | str | Callable[[Path], None]) -> None:
    """Add a file given by its bytes, its text, or a function that writes it."""

    def build(path: Path) -> None:
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    ATTACKS.append(Attack(name, attacks, refusal, build))


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@cache
def honest(suffix: str) -> bytes:
    """A sound file of a format, to be damaged."""
    frame = geopandas.GeoDataFrame(
        {"code": [f"c{i}" for i in range(40)], "n": range(40)},
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(40)],
        crs=4326,
    )
    with TemporaryDirectory() as name:
        path = Path(name) / f"t{suffix}"
        if suffix == ".xlsx":
            book = openpyxl.Workbook()
            for row in [["code", "n"], *([f"c{i}", i] for i in range(40))]:
                book.active.append(row)
            book.save(path)
        elif suffix == ".parquet":
            frame.to_parquet(path)
        elif suffix in (".dbf", ".shx", ".shp"):
            frame.to_file(path.with_suffix(".shp"))
        elif suffix == ".zip":
            frame.to_file(Path(name) / "s.shp")
            return zipped({part.name: part.read_bytes() for part in sorted(Path(name).glob("s.*"))})
        else:
            drawn = frame.boundary.to_frame("geometry") if suffix == ".dxf" else frame
            drawn.to_file(path, driver={".dxf": "DXF", ".kml": "KML"}.get(suffix))
        return path.read_bytes()


def part(suffix: str, content: bytes) -> Callable[[Path], None]:
    """A shapefile with one part replaced."""

    def write(path: Path) -> None:
        for own in (".shp", ".shx", ".dbf"):
            path.with_suffix(own).write_bytes(content if own == suffix else honest(own))
        if suffix not in (".shp", ".shx", ".dbf"):
            path.with_suffix(suffix).write_bytes(content)

    return write


def feature(geometry: str, properties: str = "{}") -> str:
    return f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'


def polygon(coordinates: str) -> str:
    return feature(f'{{"type": "Polygon", "coordinates": {coordinates}}}')


# GDAL virtual files: they name other files or addresses to be read
VRT = (
    f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/http://127.0.0.1:9/{SECRET}</SrcDataSource>"
    "</OGRVRTLayer></OGRVRTDataSource>"
).encode()
for suffix in (
    *(".geojson", ".json", ".shp", ".gpkg", ".csv", ".tsv", ".xlsx", ".zip", ".kml", ".kmz", ".dxf", ".parquet"),
    *(".osm", ".osm.gz", ".osm.bz2", ".pbf"),
):
    attack(f"v{suffix}", "a VRT under another name", "the file is not", VRT)
attack("v.vrt", "a VRT under its own name", "cannot be read", VRT)
attack("z.zip", "a VRT as the .shp of an archive", "no shapefile", zipped({"s.shp": VRT, "s.dbf": honest(".dbf")}))
attack("v.shp", "a VRT as the .shx of a shapefile", "no shapefile", part(".shx", VRT))
attack("d.shp", "a VRT as the .dbf of a shapefile", "no shapefile", part(".dbf", VRT))
attack("k.kmz", "a VRT as the document of a KMZ", "holds no placemarks", zipped({"doc.kml": VRT}))
attack("b.geojson", "a VRT behind a byte order mark", "the file is not", b"\xef\xbb\xbf \n" + VRT)
attack("w.csv", "a connection text for a web service", HARMLESS, "<a>\nWFS:http://127.0.0.1:9/".replace("<a>", "code"))

# JSON
for word in ("NaN", "Infinity", "-Infinity"):
    attack(f"{word}.geojson", f"{word} as a number", "is no JSON number", polygon(f"[[[0,0],[1,{word}],[1,1],[0,0]]]"))
attack("big.geojson", "1e999, which becomes infinite", "beyond all numbers", polygon("[[[0,0],[1e999,0],[1,1],[0,0]]]"))
attack("int.geojson", "an integer of 5,000 digits", "not valid JSON|cannot be read", polygon(f"[[[0,{'9' * 5000}]]]"))
attack("deep.geojson", "100,000 nested lists", "nests too deep", '{"a": ' + "[" * 100_000)
attack("deeper.geojson", "100,000 nested objects", "nests too deep", '{"a":' * 100_000)
attack("lists.geojson", "coordinates nested 900 deep", "cannot be read", polygon("[" * 900 + "0" + "]" * 900))
attack("twice.geojson", "a name twice in one object", "stands twice", '{"type": "Feature", "type": "Topology"}')
attack("none.geojson", "a polygon of no coordinates", HARMLESS, polygon("[]"))
attack("open.geojson", "a ring that is not closed", "cannot be read", polygon("[[[0,0],[0,1],[1,1],[1,0]]]"))
attack("two.geojson", "a ring of two points", "cannot be read", polygon("[[[0,0],[1,1]]]"))
attack("text.geojson", "texts as coordinates", "cannot be read", polygon('[[["a",0],[1,1],[1,0],["a",0]]]'))
attack("null.geojson", "null as a coordinate", "cannot be read", polygon("[[[null,0],[1,1],[1,0],[null,0]]]"))
attack(
    "kind.geojson",
    "a list as the type of a geometry",
    "is not read",
    feature('{"type": ["Point"], "coordinates": [1]}'),
)
attack(
    "coll.geojson",
    "collections in collections",
    "is not read",
    feature('{"type":"GeometryCollection","geometries":[]}'),
)
attack("topo.json", "a TopoJSON", "no GeoJSON", '{"type": "Topology", "arcs": []}')
attack("esri.json", "an ESRI service answer", "no GeoJSON", '{"spatialReference": {}, "features": []}')
attack("list.geojson", "a bare list", "the file is not", "[1]")
attack("cut.geojson", "the end is missing", "not valid JSON", honest(".geojson")[:-40])
attack("wide.geojson", "UTF-16", "the file is not", honest(".geojson").decode().encode("utf-16"))
attack("latin.geojson", "bytes that are no UTF-8", "not UTF-8", b'{"type": "Feature", "a": "\xff"}')
attack("zero.geojson", "a zero byte in a text", HARMLESS, feature("null", '{"name": "a\\u0000b"}'))
attack("half.geojson", "half a surrogate pair", HARMLESS, feature("null", '{"name": "a\\ud800b"}'))
attack("bidi.geojson", "characters that turn the direction", HARMLESS, feature("null", '{"n\\u202eame": "a\\u202eb"}'))
attack("proj.geojson", "a CRS that names a file of PROJ", "not the name of a CRS",
       '{"type":"FeatureCollection","features":[],"crs":{"properties":{"name":"+proj=longlat +nadgrids=/etc/passwd"}}}')  # fmt: skip
attack("crs.geojson", "a CRS that does not exist", "no such CRS",
       '{"type":"FeatureCollection","features":[],"crs":{"properties":{"name":"EPSG:999999"}}}')  # fmt: skip
attack("crs7.geojson", "a number as the CRS", "crs member", '{"type":"FeatureCollection","crs":7,"features":[]}')
attack(
    "cols.geojson",
    "5,000 properties",
    "properties, at most",
    feature("null", json.dumps({f"a{i}": 1 for i in range(5000)})),
)
attack(
    "many.geojson",
    "a million empty lists",
    "no GeoJSON|not a GeoJSON|cannot be read",
    '{"type":"FeatureCollection","features":[' + ",".join(["[]"] * 1_000_000) + "]}",
)
attack(
    "same.geojson",
    "names that are one once cleaned",
    "two columns have one name",
    feature("null", '{"a": 1, "a\\u200b": 2}'),
)
attack(
    "long.geojson",
    "a text of two million characters",
    "is too long",
    feature("null", json.dumps({"a": "x" * 2_000_000})),
)

# archives
BIG = b"\x00\x00\x27\x0a" + b" " * 50_000_000
attack("bomb.zip", "50 MB of spaces in 49 kB", "unpacks to", zipped({"s.shp": BIG, "s.dbf": b""}))
attack("nest.zip", "a zip in a zip", "holds 0 shapefiles", zipped({"inner.zip": zipped({"s.shp": BIG})}))
for member in ("../s.shp", "/s.shp", "..\\s.shp", "a/../../s.shp", "C:\\s.shp"):
    attack(f"{len(ATTACKS)}.zip", f"a member {member}", "outside of itself", zipped({member: b"\x00\x00\x27\x0a"}))
attack("two.zip", "two shapefiles", "holds 2 shapefiles", zipped({f"{n}.shp": b"\x00\x00\x27\x0a" for n in range(2)}))
attack("none.zip", "no shapefile", "holds 0 shapefiles", zipped({"a.txt": b"x"}))
attack("many.zip", "a thousand members", "members, at most", zipped({f"{n}.txt": b"" for n in range(1000)}))
attack("case.zip", "names that differ in case only", "of one name", zipped({"S.shp": b"", "s.SHP": b""}))
attack("nodbf.zip", "the .dbf is missing", "dbf part is missing", zipped({"s.shp": b"\x00\x00\x27\x0a"}))
attack(
    "junk.zip",
    "rubbish behind the magic",
    "cannot be read",
    zipped({"s.shp": b"\x00\x00\x27\x0a" * 30, "s.dbf": b"\x03" * 40}),
)
attack("cut.zip", "the end is missing", "cannot be read", honest(".zip")[:300])
attack(
    "crc.zip",
    "a wrong checksum",
    "cannot be read",
    zipped({"s.shp": b"\x00\x00\x27\x0ahere", "s.dbf": b"\x03"}, zipfile.ZIP_STORED).replace(b"here", b"gone", 1),
)
attack("lock.zip", "an encrypted member", "encrypted|cannot be read",
       bytearray(zipped({"s.shp": b"x"})).replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"))  # fmt: skip


def symlink_member(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("s.shp", "s.dbf"):
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")


attack("link.zip", "members that are symbolic links", "no shapefile", symlink_member)

# things that are no plain files
attack("folder.gpkg", "a folder", "a folder", lambda path: path.mkdir())
attack("pipe.geojson", "a named pipe", "not a plain file", lambda path: os.mkfifo(path))
attack("zero.csv", "a device without end", "not a plain file", lambda path: path.symlink_to("/dev/zero"))
attack("null.kml", "an empty device", "not a plain file", lambda path: path.symlink_to("/dev/null"))
attack("gone.gpkg", "a link to nothing", "no such file", lambda path: path.symlink_to(path.parent / "nothing"))
attack("loop.gpkg", "a link to itself", "no such file", lambda path: path.symlink_to(path))
for suffix in (".gpkg", ".geojson", ".csv", ".xlsx", ".kml", ".dxf", ".parquet", ".pbf"):
    attack(f"empty{suffix}", "no bytes at all", "is empty", b"")
for suffix in (".exe", ".py", ".qgs", ".mdb", ".xls", ".xlsm", ".tar", ".gpkg.txt", ".sqlite"):
    attack(f"kind{suffix}", "a kind of file that is not on the list", "of this kind cannot be read", b"x")

# cut in the middle, each format
for suffix in (".gpkg", ".xlsx", ".parquet", ".kml"):
    attack(
        f"cut{suffix}", "the second half is missing", "cannot|not|damaged", honest(suffix)[: len(honest(suffix)) // 2]
    )
attack(
    "cut.dxf", "the second half is missing", f"cannot be read|{HARMLESS}", honest(".dxf")[: len(honest(".dxf")) // 2]
)
for own in (".shp", ".shx", ".dbf"):
    attack(f"cut{own[1:]}.shp", f"the second half of the {own} is missing", f"cannot be read|{HARMLESS}",
           part(own, honest(own)[: len(honest(own)) // 2]))  # fmt: skip


# GeoPackage
def package(*statements: str, shapes: list[bytes] | None = None) -> Callable[[Path], None]:
    """A GeoPackage with a layer t, changed by SQL; `shapes` replace its geometry."""

    def write(path: Path) -> None:
        table = Table(columns={"code": texts(["a"])}, geometry=geometries([shapely.Point(1, 2)]))
        gpkg.write_file(path, {"t": table}, crs_of("EPSG:32650"))
        db = sqlite3.connect(path)
        for name in [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            db.execute(f'DROP TRIGGER "{name}"')
        for blob in shapes or ():
            db.execute("UPDATE t SET geom = ?", (blob,))
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.close()

    return write


HEAD = b"GP\x00\x01" + struct.pack("<i", 32650)
CONTENTS = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('{0}', 'attributes', '{0}')"
RING = struct.pack("<BII", 1, 3, 1) + struct.pack("<I", 0xFFFFFFFF)
attack("count.gpkg", "a ring of four billion points", "cannot be read", package(shapes=[HEAD + RING]))
attack(
    "rings.gpkg", "four billion rings", "cannot be read", package(shapes=[HEAD + struct.pack("<BII", 1, 3, 0xFFFFFFFF)])
)
attack(
    "parts.gpkg", "four billion parts", "cannot be read", package(shapes=[HEAD + struct.pack("<BII", 1, 6, 0xFFFFFFFF)])
)
attack("nest.gpkg", "collections nested 50,000 deep", "cannot be read|nest",
       package(shapes=[HEAD + struct.pack("<BII", 1, 7, 1) * 50_000]))  # fmt: skip
attack("rub.gpkg", "rubbish as geometry", "not a GeoPackage geometry", package(shapes=[b"rubbish"]))
attack("wkb.gpkg", "an unknown type of WKB", "cannot be read", package(shapes=[HEAD + struct.pack("<BII", 1, 99, 1)]))
attack("ext.gpkg", "a geometry of an extension", "unknown extension", package(shapes=[b"GP\x00\x21" + bytes(40)]))
attack("view.gpkg", "a view that never ends", "view", package(
    "CREATE VIEW v AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x FROM r) SELECT x FROM r", CONTENTS.format("v")))  # fmt: skip
attack("join.gpkg", "a view that multiplies itself", "view", package(
    "CREATE VIEW v AS SELECT a.fid FROM t a, t b, t c", CONTENTS.format("v")))  # fmt: skip
attack(
    "fts.gpkg",
    "a virtual table",
    "virtual",
    package("CREATE VIRTUAL TABLE v USING rtree(id, a, b)", CONTENTS.format("v")),
)
attack("gone.gpkg", "a layer that is listed and not there", "no such layer", package(CONTENTS.format("nothing")))
attack("own.gpkg", "the schema table as a layer", "no such layer", package(CONTENTS.format("sqlite_master")))
attack("inject.gpkg", "SQL in the name of a layer", "no such layer", package(CONTENTS.format("t; DROP TABLE t")))
attack("gen.gpkg", "a column computed on reading", HARMLESS, package(
    "ALTER TABLE t ADD COLUMN g BLOB GENERATED ALWAYS AS (zeroblob(900000000)) VIRTUAL"))  # fmt: skip
attack(
    "num.gpkg",
    "a text in a column of numbers",
    "no number",
    package("ALTER TABLE t ADD COLUMN n INTEGER", "UPDATE t SET n = 'x'"),
)
attack("trig.gpkg", "a trigger that would change the file", HARMLESS, package(
    "CREATE TRIGGER bad AFTER INSERT ON t BEGIN DELETE FROM t; END"))  # fmt: skip
attack("srs.gpkg", "a CRS that names a file of PROJ", "CRS", package(
    "UPDATE gpkg_spatial_ref_sys SET organization='NONE', definition='+proj=longlat +nadgrids=/etc/passwd' WHERE srs_id=32650"))  # fmt: skip
attack("app.gpkg", "a plain SQLite database", "no GeoPackage", package("PRAGMA application_id = 0"))
attack(
    "page.gpkg",
    "a page size that is none",
    "cannot|not|damaged",
    honest(".gpkg")[:16] + b"\x00\x03" + honest(".gpkg")[18:],
)
attack("junk.gpkg", "rubbish behind the magic", "cannot|not|damaged", b"SQLite format 3\x00" + b"\xff" * 4000)
attack("bidi.gpkg", "a name that turns the direction", HARMLESS, package("UPDATE t SET code = 'a\u202eb'"))


# Parquet
def columns(count: int) -> Callable[[Path], None]:
    return lambda path: pq.write_table(pa.table({f"c{i}": [1] for i in range(count)}), path)


def repeated(path: Path) -> None:
    """Four hundred million rows of one text in a few kilobytes."""
    many = pa.DictionaryArray.from_arrays(pa.array(np.zeros(4_000_000, np.int8)), pa.array(["x" * 100]))
    with pq.ParquetWriter(path, pa.schema([("a", many.type)])) as writer:
        for _ in range(20):
            writer.write_table(pa.table({"a": many}))


def geo(meta: bytes, shapes: list[bytes]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        pq.write_table(pa.table({"geometry": shapes}).replace_schema_metadata({b"geo": meta}), path)

    return write


PRIMARY = b'{"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}'
attack("cols.parquet", "3,000 columns", "columns, at most", columns(3000))
attack("rows.parquet", "80 million rows in some kilobytes", "unpacks to", repeated)
attack(
    "foot.parquet",
    "a footer of four billion bytes",
    "cannot be read",
    b"PAR1" + b"\xff" * 100 + b"\xff\xff\xff\xffPAR1",
)
attack("junk.parquet", "rubbish between the magics", "cannot be read", b"PAR1" + b"x" * 100 + b"\x10\x00\x00\x00PAR1")
attack("geo.parquet", "broken geo metadata", "cannot be read", geo(b"{", [b"x"]))
attack("deep.parquet", "geo metadata nested too deep", "cannot be read", geo(b"[" * 100_000, [b"x"]))
attack("list.parquet", "geo metadata of another shape", "cannot be read", geo(b"[1]", [b"x"]))
attack(
    "gone.parquet",
    "a geometry column that is not there",
    "cannot be read",
    geo(PRIMARY.replace(b'"geometry"', b'"no"', 1), [b"x"]),
)
attack("wkb.parquet", "a ring of four billion points", "cannot be read", geo(PRIMARY, [RING]))
attack("crs.parquet", "a CRS that names a file of PROJ", "CRS",
       geo(PRIMARY.replace(b'"WKB"', b'"WKB", "crs": "+proj=longlat +nadgrids=/etc/passwd"'), [shapely.Point(1, 2).wkb]))  # fmt: skip

# OpenStreetMap
OSM = '<?xml version="1.0"?>{0}<osm version="0.6"><node id="1" lon="7" lat="43" version="1"/></osm>'
LAUGHS = "<!DOCTYPE lolz [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(12)
) + "]>"  # fmt: skip
OUTSIDE = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
HEADER = bytes.fromhex("0000000d0a094f534d486561646572180a") + b"\x00" * 10


def blob(kind: bytes, content: bytes) -> bytes:
    """A blob of a PBF file."""
    size = len(content)
    varint = b""
    while size > 127:
        varint += bytes([size & 127 | 128])
        size >>= 7
    header = b"\x0a" + bytes([len(kind)]) + kind + b"\x18" + varint + bytes([size])
    return struct.pack(">I", len(header)) + header + content


def number(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


ZEROS = zlib.compress(bytes(32 << 20))
FIRST = blob(b"OSMHeader", b"\x10\x04\x1a" + number(len(zlib.compress(b"\x22\x02ab"))) + zlib.compress(b"\x22\x02ab"))
attack("laugh.osm", "entities that multiply", "document type", OSM.format(LAUGHS))
attack("file.osm", "an entity that names a file", "document type", OSM.format(OUTSIDE))
attack("late.osm", "a document type behind a long comment", "readable|document type|ENTITY",
       OSM.format("<!-- <osm " + "x" * 9000 + "-->" + LAUGHS))  # fmt: skip
attack("none.osm", "no streets", "no streets", OSM.format(""))
attack("cut.osm", "the end is missing", "readable", OSM.format("")[:-8])
attack("bomb.osm.gz", "a gigabyte of spaces", "unpacks to more", lambda path: path.write_bytes(gzip.compress(b"<osm>") + gzip.compress(b" " * (60 << 20)) * 16))  # fmt: skip
attack("bomb.osm.bz2", "three hundred megabytes of spaces", "unpacks to more",
       lambda path: path.write_bytes(bz2.compress(b"<osm>") + bz2.compress(b" " * (20 << 20)) * 16))  # fmt: skip
attack("cut.osm.gz", "the end is missing", "cannot be read", gzip.compress(OSM.format("").encode())[:-12])
attack("cut.osm.bz2", "the end is missing", "cannot be read", bz2.compress(OSM.format("").encode())[:-12])
attack("len.pbf", "a header of four billion bytes", "a header of", b"\xff\xff\xff\xff\x0a\x09OSMHeader" + b"x" * 40)
attack(
    "raw.pbf",
    "a blob that says it unpacks to 4 GB",
    "unpacks to",
    FIRST + blob(b"OSMData", b"\x10" + number(1 << 32) + b"\x1a\x01x"),
)
attack("many.pbf", "blobs that unpack to a gigabyte", "unpacks to more",
       lambda path: path.write_bytes(FIRST + blob(b"OSMData", b"\x10" + number(32 << 20) + b"\x1a" + number(len(ZEROS)) + ZEROS) * 40))  # fmt: skip
attack("size.pbf", "a blob longer than the file", "a blob of", FIRST + b"\x00\x00\x00\x0c\x0a\x07OSMData\x18\x7fxx")
attack("end.pbf", "a number without an end", "readable", FIRST + b"\x00\x00\x00\x0e\x18" + b"\xff" * 13)
attack("cut.pbf", "the end is missing", "readable", FIRST[:-3])
attack("junk.pbf", "rubbish as data", "readable|no streets", FIRST + blob(b"OSMData", b"\x0a\x04abcd"))


# Excel
def book(changes: dict[str, bytes | None]) -> bytes:
    """A workbook with parts replaced, added, or taken out (None)."""
    with zipfile.ZipFile(io.BytesIO(honest(".xlsx"))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: content for name, content in (members | changes).items() if content is not None})


SHEET = "xl/worksheets/sheet1.xml"
MAIN = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"


def sheet(rows: str, after: str = "", before: str = "") -> bytes:
    return book(
        {
            SHEET: f"<?xml version='1.0'?>{before}<worksheet {MAIN}><sheetData>{rows}</sheetData>{after}</worksheet>".encode()
        }
    )


CELL = "<row r='1'><c r='A1' t='inlineStr'><is><t>a</t></is></c></row><row r='2'><c r='A2'><v>1</v></c></row>"
attack("laugh.xlsx", "entities that multiply in a sheet", "document type", sheet(CELL, before=LAUGHS))
attack("file.xlsx", "an entity that names a file", "document type", sheet(CELL, before=OUTSIDE))
attack("wide.xlsx", "the same in UTF-16", "document type", book({SHEET: f"{LAUGHS}<worksheet/>".encode("utf-16")}))
attack(
    "utf7.xlsx",
    "an encoding that hides",
    "encoding",
    book({SHEET: b"<?xml version='1.0' encoding='UTF-7'?><worksheet/>"}),
)
attack(
    "bomb.xlsx",
    "a sheet of a gigabyte in a megabyte",
    "unpacks to",
    lambda path: path.write_bytes(book({SHEET: b" " * (300 << 20)})),
)
EMPTY = "".join(f"<row r='{i}' ht='{i * i % 9973}'>" + "<c/>" * 60 + "</row>" for i in range(1, 8000))
attack("elem2.xlsx", "half a million empty cells", "too many elements", sheet(EMPTY))
attack(
    "elem.xlsx",
    "two million empty cells",
    "unpacks to|too many elements",
    sheet("<row>" + "<c/>" * 2_000_000 + "</row>"),
)
attack("deep.xlsx", "elements nested 10,000 deep", "nests too deep", sheet("<row>" * 10_000))
attack(
    "far.xlsx",
    "a cell in the last row and column",
    "reaches beyond",
    sheet("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"),
)
attack("span.xlsx", "two cells 290,000 rows and 500 columns apart", "reach over",
       sheet("<row r='1'><c r='A1'><v>1</v></c></row><row r='290000'><c r='SF290000'><v>1</v></c></row>"))  # fmt: skip
attack(
    "merge.xlsx",
    "a merged range of 17 billion cells",
    HARMLESS,
    sheet(CELL, "<mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells>"),
)
attack("merges.xlsx", "a hundred thousand merged ranges", "unpacks to|merged ranges",
       sheet(CELL, "<mergeCells>" + "<mergeCell ref='A1:B2'/>" * 100_000 + "</mergeCells>"))  # fmt: skip
attack("place.xlsx", "a cell at no place", "no place of a cell", sheet("<row r='1'><c r='1A'><v>1</v></c></row>"))
attack("inf.xlsx", "an infinite number", "is no number", sheet("<row r='1'><c r='A1'><v>1e999</v></c></row>"))
attack("nan.xlsx", "a number that is none", "is no number", sheet("<row r='1'><c r='A1'><v>nan</v></c></row>"))
attack("text.xlsx", "a text as a number", "cannot be read", sheet("<row r='1'><c r='A1'><v>x</v></c></row>"))
attack(
    "str.xlsx",
    "a shared text that is not there",
    HARMLESS,
    sheet(CELL + "<row r='3'><c r='A3' t='s'><v>99999</v></c></row>"),
)
attack("macro.xlsx", "macros", "macros", book({"xl/vbaProject.bin": b"x"}))
attack("gone.xlsx", "no workbook part", "no part", book({"xl/workbook.xml": None}))
attack("link.xlsx", "a sheet that lies on the web", "is empty",
       book({"xl/_rels/workbook.xml.rels": b"<Relationships><Relationship Id='rId1' TargetMode='External' Target='http://127.0.0.1:9/worksheets/x'/></Relationships>"}))  # fmt: skip
attack("up.xlsx", "a sheet outside of the archive", "no part",
       book({"xl/_rels/workbook.xml.rels": b"<Relationships><Relationship Id='rId1' Target='../../../etc/worksheets/passwd'/></Relationships>"}))  # fmt: skip
attack(
    "formula.xlsx",
    "formulas that call out",
    HARMLESS,
    sheet(CELL + "<row r='3'><c r='A3' t='str'><f>WEBSERVICE(\"http://127.0.0.1:9\")</f><v>7</v></c></row>"),
)
attack("word.xlsx", "another kind of archive", "no part", zipped({"word/document.xml": b"<x/>"}))

# KML
KML = "<?xml version='1.0'?>{0}<kml xmlns='http://www.opengis.net/kml/2.2'>{1}</kml>"
MARK = "<Placemark><name>a</name><{0}><coordinates>{1}</coordinates></{0}></Placemark>"
attack(
    "laugh.kml",
    "entities that multiply",
    "document type|not kml",
    KML.format(LAUGHS, "<Placemark><name>&m;</name></Placemark>"),
)
attack(
    "file.kml",
    "an entity that names a file",
    "document type",
    KML.format(OUTSIDE, "<Placemark><name>&e;</name></Placemark>"),
)
attack("wide.kml", "the same in UTF-16", "document type", KML.format(OUTSIDE, "").encode("utf-16"))
attack("deep.kml", "folders nested 10,000 deep", "nests too deep", KML.format("", "<Folder>" * 10_000))
attack("elem.kml", "two million elements", "too many elements", KML.format("", "<a/>" * 2_000_000))
attack("nan.kml", "a place that is no number", "is no place", KML.format("", MARK.format("Point", "nan,1")))
attack("inf.kml", "a place at infinity", "is no place", KML.format("", MARK.format("Point", "1e999,1")))
attack("word.kml", "a place in words", "cannot be read", KML.format("", MARK.format("Point", "here")))
attack("one.kml", "a line of one point", "cannot be read", KML.format("", MARK.format("LineString", "1,1")))
attack("ring.kml", "a ring of two points", "cannot be read", KML.format(
    "", "<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>1,1 2,2</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"))  # fmt: skip
attack(
    "link.kml",
    "links to other files",
    "no placemarks",
    KML.format("", "<NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink>"),
)
attack("html.kml", "a web page", "the file is not", "<html><body/></html>")
attack(
    "bomb.kmz", "300 MB of spaces", "unpacks to", lambda path: path.write_bytes(zipped({"doc.kml": b" " * (300 << 20)}))
)
attack("up.kmz", "a member outside", "outside of itself", zipped({"../doc.kml": b"<kml/>"}))
attack("none.kmz", "no document", "holds no KML", zipped({"a.png": b"x"}))

# tables as text
attack("cols.csv", "ten million columns", "has over|columns, at most", "a" + ",a" * 10_000_000 + "\n")
attack("cols2.csv", "five thousand columns", "columns, at most", ",".join(f"a{i}" for i in range(5000)) + "\n")
attack("line.csv", "one line of 20 MB", "has over", "a" * 20_000_000)
attack("cell.csv", "a cell of 5 MB", "cannot be read|is too long", 'a,b\n"' + "x" * 5_000_000 + '",1\n')
attack("quote.csv", "a quote that is never closed", "cannot be read", 'a,b\n"1,2\n')
attack("uneven.csv", "a line of more cells", "cells, others", "a,b\n1,2,3\n")
attack("same.csv", "two columns of one name", "are named|one name", "a,a\n1,2\n")
attack("hidden.csv", "names that differ in hidden characters", "one name", "a,a\u200b\n1,2\n")
attack("zero.csv", "zero bytes", "the file is not", b"a,b\n1,\x002\n")
attack("late.csv", "zero bytes far behind", "cannot be read|" + HARMLESS, b"a,b\n" + b"1,2\n" * 3000 + b"\x00,2\n")
attack("wide.csv", "UTF-16 without a mark", "the file is not", "a,b\n1,2\n".encode("utf-16-le"))
attack("odd.csv", "half a character of UTF-16", "cannot be decoded", b"\xff\xfea\x00,")
attack(
    "mixed.csv",
    "lines of two encodings",
    "is UTF-8",
    b"a\n" + b"\n".join(["东苑".encode(), "西苑小区".encode("gbk")] * 5),
)
attack("bytes.csv", "bytes of no encoding", "cannot be decoded", b"a\n\xff\xff\xff\n")
attack("head.csv", "nothing but blank lines", "no header", "\n\n,\n")
attack("inf.csv", "a place at infinity", HARMLESS, "code,lon,lat\na,1e999,2\nb,nan,3\n")
attack("wkt.csv", "a WKT nested 5,000 deep", "WKT", 'code,wkt\na,"' + "GEOMETRYCOLLECTION (" * 5000 + '"\n')
attack("wkt2.csv", "a WKT that is cut", "WKT", "code,wkt\na,POLYGON ((\n")
attack("bidi.csv", "a name that turns the direction", HARMLESS, "code,name\na,\u202eabc\n")
attack("formula.csv", "a formula in a cell", HARMLESS, 'code,name\na,"=HYPERLINK(""http://127.0.0.1:9"")"\n')
attack("page.csv", "a web page", "the file is not", "<!DOCTYPE html><html></html>")
attack("pdf.csv", "a PDF", "the file is not", "%PDF-1.7\n")

# shapefiles
SHP = honest(".shp")
DBF = honest(".dbf")
attack(
    "len.shp",
    "a record longer than the file",
    "cannot be read|more time|" + HARMLESS,
    part(".shp", SHP[:104] + b"\x7f\xff\xff\xff" + SHP[108:]),
)
attack(
    "parts.shp",
    "two billion rings",
    "cannot be read|more time|" + HARMLESS,
    part(".shp", SHP[:144] + b"\xff\xff\xff\x7f" + SHP[148:]),
)
attack(
    "points.shp",
    "two billion points",
    "cannot be read|more time|" + HARMLESS,
    part(".shp", SHP[:148] + b"\xff\xff\xff\x7f" + SHP[152:]),
)
attack(
    "nan.shp",
    "a corner that is no number",
    "cannot be read|" + HARMLESS,
    part(".shp", SHP[:160] + struct.pack("<d", float("nan")) + SHP[168:]),
)
attack(
    "rows.shp",
    "four billion records",
    "cannot be read|more time|" + HARMLESS,
    part(".dbf", DBF[:4] + b"\xff\xff\xff\x7f" + DBF[8:]),
)
attack(
    "field.shp",
    "a header of no length",
    "cannot be read|more time|" + HARMLESS,
    part(".dbf", DBF[:8] + b"\x00\x00" + DBF[10:]),
)
attack(
    "index.shp",
    "an index that points outside",
    "cannot be read|" + HARMLESS,
    part(".shx", honest(".shx")[:100] + b"\x7f\xff\xff\xff" * 80),
)
attack("prj.shp", "a CRS that names a file", "names no CRS", part(".prj", b"+init=/etc/passwd"))
attack("nest.shp", "a CRS nested 10,000 deep", "names no CRS", part(".prj", b"PROJCS[" * 10_000))
attack("cpg.shp", "an encoding that is a path", HARMLESS, part(".cpg", b"../../etc/passwd"))
attack("alone.shp", "the .dbf is missing", "dbf part is missing", SHP)

# drawings
DXF = "0\nSECTION\n2\nENTITIES\n{0}0\nENDSEC\n0\nEOF\n"
LINE = "0\nLINE\n8\nA\n10\n{0}\n20\n0\n11\n1\n21\n1\n"
BLOCKS = "0\nSECTION\n2\nBLOCKS\n{0}0\nENDSEC\n"
BLOCK = "0\nBLOCK\n2\nB{0}\n10\n0\n20\n0\n{1}0\nENDBLK\n"
INSERT = "0\nINSERT\n8\nA\n2\nB{0}\n10\n0\n20\n0\n"
GROW = BLOCKS.format(
    "".join(BLOCK.format(i, INSERT.format(i + 1) * 10 if i < 12 else LINE.format(0)) for i in range(13))
)
attack(
    "self.dxf",
    "a block that holds itself",
    f"cannot be read|more time|{HARMLESS}",
    BLOCKS.format(BLOCK.format(0, INSERT.format(0))) + DXF.format(INSERT.format(0)),
)
attack("grow.dxf", "blocks that multiply", f"cannot be read|more time|{HARMLESS}", GROW + DXF.format(INSERT.format(0)))
attack("nan.dxf", "a place that is no number", f"cannot be read|{HARMLESS}", DXF.format(LINE.format("nan")))
attack("word.dxf", "words for group codes", f"cannot be read|{HARMLESS}", DXF.format("zero\nLINE\n"))
attack("binary.dxf", "a binary drawing", "the file is not", b"AutoCAD Binary DXF\r\n\x1a\x00" + b"x" * 100)
attack("dwg.dxf", "a DWG under another name", "the file is not", b"AC1027" + bytes(100))
attack("none.dxf", "a drawing of nothing", f"cannot be read|{HARMLESS}", DXF.format(""))
attack("array.dxf", "a block set out a billion times", f"cannot be read|more time|{HARMLESS}",
       BLOCKS.format(BLOCK.format(0, LINE.format(0))) + DXF.format(INSERT.format(0) + "70\n30000\n71\n30000\n44\n1\n45\n1\n"))  # fmt: skip
