"""Files that lie about themselves, burst, or point elsewhere are refused with one clear error."""

from __future__ import annotations

import io
import json
import os
import zipfile

import geopandas
import pytest
import shapely

from gridgeo.errors import GridgeoError, InputError
from gridgeo.io.formats import read_layers
from gridgeo.io.gate import admit, shapefile_copy, strict_json

VRT = b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "t.gpkg",
            "t.geojson",
            "t.json",
            "t.shp",
            "t.zip",
            "t.csv",
            "t.tsv",
            "t.parquet",
            "t.osm.pbf",
            "t.osm",
            "t.osm.gz",
        ),
        *("t.kml", "t.kmz", "t.dxf", "t.xlsx"),
    ],
)
@pytest.mark.parametrize("content", [VRT, b"\xef\xbb\xbf  " + VRT, b"", b"<?xml version='1.0'?><x/>"])
def test_xml_under_any_name_is_refused(tmp_path, name, content):
    """An OGR virtual file, other XML, or nothing is refused whatever its name says."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_layers(path)


@pytest.mark.parametrize("name", ["t.vrt", "t.xml", "t.xls", "t", "t.gpkg.txt", "t.py"])
def test_unknown_kinds_are_refused(tmp_path, name):
    """A suffix that is not on the list is refused, with the list."""
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match="cannot be read") as caught:
        admit(tmp_path / name)
    assert ".gpkg" in caught.value.hint


def test_folders_pipes_and_absent_files_are_refused(tmp_path):
    """Only plain files are opened."""
    (tmp_path / "d.gpkg").mkdir()
    os.mkfifo(tmp_path / "p.geojson")
    for name in ("d.gpkg", "p.geojson", "none.gpkg", "nul\x00.gpkg"):
        with pytest.raises(InputError):
            admit(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1, "a": 2}',
        '{"a": ' + "[" * 100_000,
        '{"a": 1',
        '{"a": "\xff"}',
    ],
)
def test_loose_json_is_refused(tmp_path, text):
    """NaN, Infinity, doubled names, endless nesting, a cut end and broken UTF-8 are refused."""
    path = tmp_path / "t.geojson"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError):
        strict_json(path)


def feature(geometry) -> str:
    return json.dumps({"type": "Feature", "properties": {}, "geometry": geometry})


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"type": "FeatureCollection", "features": 3}',
        '{"type": "FeatureCollection", "features": [3]}',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": 3, "geometry": null}]}',
        '{"type": "Topology", "arcs": []}',
        feature({"type": "GeometryCollection", "geometries": []}),
        feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
        feature({"type": "Polygon", "coordinates": [[["a", 0], [1, 1], [1, 0], ["a", 0]]]}),
        feature({"type": ["Polygon"], "coordinates": [1]}),
        feature({"type": "Point", "coordinates": 5}),
        '{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[[0,0],[0,1],[1,1]]]}}',
        '{"type": "FeatureCollection", "crs": 7, "features": []}',
        '{"type": "FeatureCollection", "crs": {"properties": {"name": "EPSG:999999"}}, "features": []}',
    ],
)
def test_json_that_is_no_geojson_is_refused(tmp_path, text):
    """Foreign JSON, broken features, unclosed rings and unknown CRSs end in an error of ours."""
    path = tmp_path / "t.geojson"
    path.write_text(text)
    with pytest.raises(GridgeoError):
        read_layers(path)


def packed(path, members: dict[str, bytes]):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def shapefile(folder, encoding="UTF-8"):
    frame = geopandas.GeoDataFrame({"名称": ["长安街"]}, geometry=[shapely.Point(1, 2)], crs="EPSG:32650")
    frame.to_file(folder / "s.shp", encoding=encoding)
    return {path.name: path.read_bytes() for path in folder.glob("s.*")}


@pytest.mark.parametrize(
    "members",
    [
        {"a.txt": b"x"},
        {"../s.shp": b"\x00\x00\x27\x0a", "../s.dbf": b""},
        {"/s.shp": b"\x00\x00\x27\x0a"},
        {"..\\s.shp": b"\x00\x00\x27\x0a"},
        {"s.shp": VRT, "s.dbf": b""},
        {"s.shp": b"\x00\x00\x27\x0a" + b" " * 50_000_000, "s.dbf": b""},
        {f"{n}.shp": b"\x00\x00\x27\x0a" for n in range(2)},
        {f"{n}.txt": b"" for n in range(100)},
        {"s.shp": b"\x00\x00\x27\x0a"},
        {"s.shp": b"\x00\x00\x27\x0a" * 30, "s.dbf": b"\x03" * 40},
    ],
    ids=["none", "up", "root", "backslash", "vrt", "bomb", "two", "many", "no dbf", "rubbish"],
)
def test_bad_archives_are_refused(tmp_path, members):
    """Archives that burst, climb, lie or hold no shapefile are refused."""
    path = packed(tmp_path / "t.zip", members)
    with pytest.raises(InputError):
        read_layers(path)


def test_archive_in_archive_is_refused(tmp_path):
    """A zip inside of a zip is not opened."""
    inner = io.BytesIO()
    packed(inner, {"s.shp": b"\x00\x00\x27\x0a"})
    with pytest.raises(InputError):
        read_layers(packed(tmp_path / "t.zip", {"inner.zip": inner.getvalue()}))


def test_truncated_archive_is_refused(tmp_path):
    """A zip cut in the middle ends in an error of ours."""
    path = packed(tmp_path / "t.zip", shapefile(tmp_path))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InputError):
        read_layers(path)


def test_shapefile_in_a_zip_is_read(tmp_path):
    """A zipped shapefile comes out with its text, place and CRS."""
    path = packed(tmp_path / "t.zip", {f"folder/{k}": v for k, v in shapefile(tmp_path).items()})
    layer = read_layers(path)["t"]
    assert layer.table.columns["名称"].tolist() == ["长安街"]
    assert layer.table.geometry[0].coords[0] == (1.0, 2.0)
    assert layer.crs.text == "EPSG:32650"


def test_chinese_shapefile_without_a_cpg_is_read(tmp_path):
    """Text in GB18030 is recognized when UTF-8 cannot be it."""
    shapefile(tmp_path, "GBK")
    (tmp_path / "s.cpg").unlink()
    columns = read_layers(tmp_path / "s.shp")["s"].table.columns
    assert list(columns) == ["名称"]
    assert columns["名称"].tolist() == ["长安街"]


def test_only_the_parts_of_a_shapefile_are_copied(tmp_path):
    """Files beside a shapefile that GDAL would also open are left out."""
    shapefile(tmp_path)
    (tmp_path / "s.shp.xml").write_bytes(VRT)
    (tmp_path / "s.qix").write_bytes(b"x")
    with shapefile_copy(tmp_path / "s.shp") as copy:
        assert {p.suffix for p in copy.parent.iterdir()} <= {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert not copy.exists()
