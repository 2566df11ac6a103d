"""GeoPackages written by gridgeo are read by GDAL, and read back as they were."""

from __future__ import annotations

import sqlite3
import struct
import subprocess
import sys
import warnings
from contextlib import closing

import numpy as np
import pyogrio
import pytest
import shapely

from gridgeo import gpkg
from gridgeo.core.model import Table, geometries, texts
from gridgeo.errors import InputError, NotFoundError
from gridgeo.gpkg.blob import decode, encode
from tests.geopackages import read_file

CRS = gpkg.Crs(
    32650,
    "EPSG",
    'PROJCS["WGS 84 / UTM zone 50N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",117],PARAMETER["scale_factor",0.9996],'
    'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","32650"]]',
    "WGS 84 / UTM zone 50N",
)


def squares(n: int) -> Table:
    """N unit squares in a row with a column of each type."""
    x = np.arange(n, dtype=float)
    return Table(
        columns={
            "code": texts([f"甲{i}" if i else "" for i in range(n)]),
            "households": np.where(np.arange(n) == 1, np.nan, 2.5),
            "floors": np.arange(n, dtype=np.int64) * 10**12,
            "walkable": np.arange(n) % 2 == 0,
        },
        geometry=geometries(shapely.box(x, 0, x + 1, 1)),
    )


def mixed() -> Table:
    """A polygon, a multipolygon, a null and an empty polygon."""
    square = shapely.box(0, 0, 1, 1)
    shapes = [square, shapely.MultiPolygon([square, shapely.box(2, 2, 3, 3)]), None, shapely.Polygon()]
    return Table(columns={"code": texts(list("abcd"))}, geometry=geometries(shapes))


@pytest.fixture
def path(tmp_path):
    where = tmp_path / "t.gpkg"
    points = Table(columns={}, geometry=geometries(shapely.points([[1.0, 2.0], [3.0, 4.0]])))
    rows = Table(columns={"u": np.arange(3), "v": np.arange(3.0)})
    tables = {"squares": squares(5), "mixed": mixed(), "points": points, "rows": rows}
    gpkg.write_file(where, tables, CRS, metadata={"b": "2", "a": "一"})
    return where


def test_round_trip_keeps_every_value(path):
    """Text, null numbers, large integers, flags and coordinates come back as written."""
    tables, crs, metadata = read_file(path)
    assert crs == CRS
    assert metadata == {"a": "一", "b": "2"}
    for name, value in squares(5).columns.items():
        np.testing.assert_array_equal(tables["squares"].columns[name], value)
        assert tables["squares"].columns[name].dtype == value.dtype
    assert shapely.equals_identical(tables["squares"].geometry, squares(5).geometry).all()
    assert tables["mixed"].geometry[2] is None
    assert tables["mixed"].geometry[3].is_empty
    assert tables["rows"].geometry is None
    assert tables["points"].geometry[1].coords[0] == (3.0, 4.0)


def test_same_input_gives_same_bytes(tmp_path, path):
    """Two files of the same tables are equal byte by byte."""
    tables, crs, metadata = read_file(path)
    gpkg.write_file(tmp_path / "u.gpkg", tables, crs, metadata=metadata)
    assert (tmp_path / "u.gpkg").read_bytes() == path.read_bytes()


def test_gdal_reads_it_without_a_warning(path):
    """GDAL finds layers, geometry types, CRS, extent, index and values."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kinds = dict(pyogrio.list_layers(path).tolist())
        assert kinds == {
            "squares": "Polygon",
            "mixed": "Unknown",
            "points": "Point",
            "rows": None,
            "gridgeo_metadata": None,
        }
        info = pyogrio.read_info(path, layer="squares")
        frame = pyogrio.read_dataframe(path, layer="squares")
        few = pyogrio.read_dataframe(path, layer="squares", bbox=(3.2, 0.2, 3.4, 0.4))
    assert info["crs"] == "EPSG:32650"
    assert tuple(info["total_bounds"]) == (0, 0, 5, 1)
    assert info["capabilities"]["fast_spatial_filter"]
    assert frame["floors"].tolist() == (np.arange(5) * 10**12).tolist()
    assert frame["walkable"].dtype == bool
    assert frame["households"].isna().tolist() == [False, True, False, False, False]
    assert few["code"].tolist() == ["甲3"]


def test_index_follows_edits(path):
    """Changing, adding and removing a geometry by plain SQL keeps the R-tree true."""
    away, blobs = geometries([shapely.box(100, 100, 101, 101)]), []
    blobs = encode(away, 32650)
    with closing(gpkg.open_gpkg(path)) as db, db:
        db.execute("UPDATE squares SET geom = ? WHERE fid = 1", blobs)
        db.execute("DELETE FROM squares WHERE fid = 2")
        db.execute("INSERT INTO squares (geom) VALUES (?)", blobs)
        db.execute("UPDATE squares SET geom = NULL WHERE fid = 3")
        found = db.execute("SELECT id, minx FROM rtree_squares_geom ORDER BY id").fetchall()
    assert found == [(1, 100.0), (4, 3.0), (5, 4.0), (6, 100.0)]


def test_writing_a_layer_again_replaces_it(path):
    """A layer of the same name takes the place of the old one, index and all."""
    with closing(gpkg.open_gpkg(path)) as db, db:
        gpkg.write_layer(db, "squares", squares(2), CRS)
    with closing(gpkg.open_gpkg(path)) as db:
        assert {layer.name: layer.rows for layer in gpkg.layers(db)}["squares"] == 2
        assert db.execute("SELECT count(*) FROM rtree_squares_geom").fetchone()[0] == 2


def test_layer_of_no_rows(tmp_path):
    """A layer without rows keeps its columns and their types."""
    none = squares(3)
    none = Table(columns={k: v[:0] for k, v in none.columns.items()}, geometry=none.geometry[:0])
    gpkg.write_file(tmp_path / "e.gpkg", {"squares": none}, CRS)
    back = read_file(tmp_path / "e.gpkg")[0]["squares"]
    assert {k: v.dtype for k, v in back.columns.items()} == {k: v.dtype for k, v in none.columns.items()}
    assert len(back) == 0


def test_a_failed_write_leaves_the_old_file(path):
    """When a table cannot be stored the file stays as it was and nothing lies beside it."""
    before = path.read_bytes()
    bad = Table(columns={"FID": np.arange(2)})
    with pytest.raises(InputError, match="cannot be named"):
        gpkg.write_file(path, {"squares": squares(2), "bad": bad}, CRS)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_missing_folder_is_an_input_error(tmp_path):
    """Writing into a folder that does not exist says so."""
    with pytest.raises(InputError, match="cannot write"):
        gpkg.write_file(tmp_path / "no" / "t.gpkg", {"a": squares(1)}, CRS)


@pytest.mark.parametrize(
    "content", [b"", b"<OGRVRTDataSource></OGRVRTDataSource>", b"SQLite format 3\x00" + b"\x07" * 4096]
)
def test_other_files_are_refused(tmp_path, content):
    """Text, nothing and rubbish named .gpkg are refused."""
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_file(path)


def test_other_databases_are_refused(tmp_path):
    """An SQLite database that is no GeoPackage is refused."""
    with closing(sqlite3.connect(tmp_path / "x.gpkg")) as db, db:
        db.execute("CREATE TABLE a (b)")
    with pytest.raises(InputError, match="no GeoPackage"):
        read_file(tmp_path / "x.gpkg")


def test_a_truncated_file_is_an_input_error(path):
    """A file cut in the middle ends in an error of ours."""
    path.write_bytes(path.read_bytes()[: 4096 * 6])
    with pytest.raises(InputError):
        read_file(path)


def test_views_are_refused(path):
    """A layer that is a view is never run."""
    with closing(gpkg.open_gpkg(path)) as db, db:
        db.execute("DROP TABLE rows")
        db.execute(
            "CREATE VIEW rows AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
        )
    with pytest.raises(InputError, match="view"):
        read_file(path)


def test_unknown_layer(path):
    """Asking for a layer that is not there is a NotFoundError."""
    with closing(gpkg.open_gpkg(path, readonly=True)) as db, pytest.raises(NotFoundError):
        gpkg.read_layer(db, "nothing")


def test_text_in_a_number_column_is_an_input_error(path):
    """SQLite lets text into a number column; reading it does not."""
    with closing(gpkg.open_gpkg(path)) as db, db:
        db.execute("UPDATE squares SET floors = 'many' WHERE fid = 2")
    with pytest.raises(InputError, match="no number") as caught:
        read_file(path)
    assert caught.value.where == "squares.floors"


def header(flags: int = 1) -> bytes:
    return b"GP\x00" + bytes([flags]) + struct.pack("<i", 4326)


@pytest.mark.parametrize(
    "blob",
    [
        b"GP",
        "text",
        b"XX" + header()[2:] + shapely.Point(1, 1).wkb,
        header() + shapely.box(0, 0, 1, 1).wkb[:40],
        header() + b"\x01" + struct.pack("<II", 6, 2**32 - 1),
        header() + (b"\x01\x07\x00\x00\x00\x01\x00\x00\x00") * 200_000 + shapely.Point(1, 1).wkb,
        header() + (b"\x00\x00\x00\x00\x06\x00\x00\x00\x01") * 200_000 + shapely.Point(1, 1).wkb,
        header() + b"\x01" + struct.pack("<II", 10, 1),
        header(0x0B) + b"\x00" * 20,
    ],
)
def test_hostile_blobs_are_input_errors(blob):
    """Cut, nested, huge, curved and foreign geometry blobs end in an error, not in a crash."""
    with pytest.raises(InputError):
        decode([blob])


def test_big_endian_and_enveloped_blobs_are_read():
    """Blobs of other writers, with another byte order or a longer envelope, are read."""
    shape = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    big = header() + shapely.to_wkb(shape, byte_order=0)
    boxed = header(0x05) + struct.pack("<6d", 0, 3, 0, 1, 0, 0) + shapely.to_wkb(shape)
    assert [g.equals(shape) for g in decode([big, boxed])] == [True, True]


def test_import_needs_no_frames():
    """Importing the codec loads neither pandas nor pyproj nor GDAL."""
    script = "import sys, gridgeo.gpkg; print([m for m in ('pandas', 'pyproj', 'pyogrio') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_gdal_may_add_to_a_layer(path):
    """A layer of ours takes new rows from GDAL, and its index with them."""
    new = pyogrio.read_dataframe(path, layer="squares").iloc[:1]
    new["geometry"] = [shapely.box(50, 50, 51, 51)]
    pyogrio.write_dataframe(new, path, layer="squares", append=True)
    assert len(pyogrio.read_dataframe(path, layer="squares", bbox=(50, 50, 51, 51))) == 1
    assert len(read_file(path)[0]["squares"]) == 6


def test_layers_nobody_searches_have_no_index(tmp_path):
    """A layer named as unindexed has no R-tree and is read all the same."""
    gpkg.write_file(tmp_path / "u.gpkg", {"squares": squares(2)}, CRS, unindexed=["squares"])
    assert not pyogrio.read_info(tmp_path / "u.gpkg")["capabilities"]["fast_spatial_filter"]
    assert len(read_file(tmp_path / "u.gpkg")[0]["squares"]) == 2
