"""The tables every GeoPackage has, and how one is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gridgeo.errors import InputError
from gridgeo.gpkg.blob import envelope, is_empty

APPLICATION_ID = 0x47504B47  # "GPKG"
OLD_APPLICATION_IDS = (0x47503130, 0x47503131)  # "GP10", "GP11"
USER_VERSION = 10400
PAGE_SIZE = 4096
METADATA_TABLE = "gridgeo_metadata"
LAST_CHANGE = "2000-01-01T00:00:00.000Z"  # fixed: the same content gives the same bytes

_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],'
    'AUTHORITY["EPSG","4326"]]'
)

_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""

RTREE_TRIGGERS = """
CREATE TRIGGER {insert} AFTER INSERT ON {t} WHEN (NEW.{c} NOT NULL AND NOT ST_IsEmpty(NEW.{c}))
BEGIN INSERT OR REPLACE INTO {r} VALUES
  (NEW.{i}, ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c})); END;
CREATE TRIGGER {update2} AFTER UPDATE ON {t} WHEN OLD.{i} = NEW.{i} AND (NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c}))
BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END;
CREATE TRIGGER {update4} AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND (NEW.{c} ISNULL OR ST_IsEmpty(NEW.{c}))
BEGIN DELETE FROM {r} WHERE id IN (OLD.{i}, NEW.{i}); END;
CREATE TRIGGER {update5} AFTER UPDATE ON {t} WHEN OLD.{i} != NEW.{i} AND (NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c}))
BEGIN DELETE FROM {r} WHERE id = OLD.{i}; INSERT OR REPLACE INTO {r} VALUES
  (NEW.{i}, ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c})); END;
CREATE TRIGGER {update6} AFTER UPDATE OF {c} ON {t} WHEN OLD.{i} = NEW.{i}
  AND (NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c})) AND (OLD.{c} NOTNULL AND NOT ST_IsEmpty(OLD.{c}))
BEGIN UPDATE {r} SET minx = ST_MinX(NEW.{c}), maxx = ST_MaxX(NEW.{c}), miny = ST_MinY(NEW.{c}),
  maxy = ST_MaxY(NEW.{c}) WHERE id = NEW.{i}; END;
CREATE TRIGGER {update7} AFTER UPDATE OF {c} ON {t} WHEN OLD.{i} = NEW.{i}
  AND (NEW.{c} NOTNULL AND NOT ST_IsEmpty(NEW.{c})) AND (OLD.{c} ISNULL OR ST_IsEmpty(OLD.{c}))
BEGIN INSERT INTO {r} VALUES
  (NEW.{i}, ST_MinX(NEW.{c}), ST_MaxX(NEW.{c}), ST_MinY(NEW.{c}), ST_MaxY(NEW.{c})); END;
CREATE TRIGGER {delete} AFTER DELETE ON {t} WHEN OLD.{c} NOT NULL
BEGIN DELETE FROM {r} WHERE id = OLD.{i}; END;
"""


@dataclass(frozen=True)
class Crs:
    """A coordinate reference system as GeoPackage stores it; `definition` is its WKT."""

    srs_id: int
    organization: str
    definition: str
    name: str

    @property
    def text(self) -> str:
        """Short form for people and for `Territory.crs`: "EPSG:n", or the WKT.

        >>> Crs(32650, "EPSG", "PROJCS[...]", "WGS 84 / UTM zone 50N").text
        'EPSG:32650'
        """
        known = self.organization.upper() in ("EPSG", "ESRI") and self.srs_id > 0
        return f"{self.organization.upper()}:{self.srs_id}" if known else self.definition


REQUIRED_CRS = (
    Crs(-1, "NONE", "undefined", "Undefined Cartesian SRS"),
    Crs(0, "NONE", "undefined", "Undefined geographic SRS"),
    Crs(4326, "EPSG", _WGS84, "WGS 84 geodetic"),
)


def quoted(name: str) -> str:
    """An SQL identifier in quotes.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def open_gpkg(path: str | Path, *, create: bool = False, readonly: bool = False) -> sqlite3.Connection:
    """Connection to a GeoPackage, with the functions GDAL's R-tree triggers call.

    Parameters
    ----------
    path
        The file.
    create
        Make the file, with its obligatory tables, when it is absent or has no bytes.
    readonly
        Refuse every write, and trust nothing the schema of the file asks to run. All that is read is of one moment.

    Notes
    -----
    The connection keeps Python's transactions: writing starts one, the caller commits.

    Raises
    ------
    InputError
        The file is absent, no SQLite database, or no GeoPackage.
    """
    path = Path(path)
    fresh = not path.exists() or path.stat().st_size == 0
    if fresh and not create:
        what = "the file is empty" if path.exists() else "no such file"
        raise InputError(what, where=str(path), hint="check the name and the folder")
    if not fresh:
        _check_magic(path)
    mode = "ro" if readonly else "rwc"
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise InputError(f"cannot open: {error}", where=str(path)) from error
    try:
        if fresh:
            _create(db)
        with readable(path):
            if readonly:
                db.execute("PRAGMA trusted_schema=OFF")
                db.execute("PRAGMA query_only=ON")
            _check_application(db, path)
            if readonly:
                db.execute("BEGIN")  # all that is read through this connection is of one moment
        _register(db)
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def readable(path: str | Path) -> Iterator[None]:
    """Turn what sqlite3 raises on damaged files into one error of ours.

    Raises
    ------
    InputError
        The file is damaged.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError, TypeError, ValueError, OverflowError) as error:
        raise InputError(f"cannot read: {error}", where=str(path), hint="the file is damaged") from error


def put_crs(db: sqlite3.Connection, crs: Crs) -> None:
    """Remember a CRS in the file, once."""
    db.execute(
        "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)",
        (crs.name, crs.srs_id, crs.organization, crs.srs_id, crs.definition),
    )


def _check_magic(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise InputError(f"cannot open: {error.strerror}", where=str(path)) from error
    if head != b"SQLite format 3\x00":
        raise InputError("not a GeoPackage", where=str(path), hint="its content is not what its name says")


def _check_application(db: sqlite3.Connection, path: Path) -> None:
    found = db.execute("PRAGMA application_id").fetchone()[0]
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'gpkg_%'")}
    known = found in (APPLICATION_ID, *OLD_APPLICATION_IDS)
    if not known or not {"gpkg_contents", "gpkg_spatial_ref_sys"} <= names:
        hint = "save the layers as a GeoPackage"
        raise InputError("an SQLite database, but no GeoPackage", where=str(path), hint=hint)


def _create(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA page_size={PAGE_SIZE}")
    db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(f"PRAGMA user_version={USER_VERSION}")
    db.executescript(_TABLES)
    for crs in REQUIRED_CRS:
        put_crs(db, crs)
    db.commit()


def _register(db: sqlite3.Connection) -> None:
    def corner(number: int) -> object:
        def value(blob: bytes | None) -> float | None:
            box = envelope(blob)
            return None if box is None else box[number]

        return value

    for number, name in enumerate(("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")):
        db.create_function(name, 1, corner(number), deterministic=True)  # type: ignore[arg-type]
    db.create_function("ST_IsEmpty", 1, is_empty, deterministic=True)
