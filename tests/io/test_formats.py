"""Layers of every admitted format come out alike."""

from __future__ import annotations

import json

import geopandas
import numpy as np
import pytest
import shapely

from gridgeo.errors import InputError, NotFoundError
from gridgeo.io.formats import layer_names, read_layers
from tests.io.raw import town, write


def frame():
    return geopandas.GeoDataFrame(
        {"code": ["甲", "b"], "n": [1, 2], "x": [0.5, None], "yes": [True, False]},
        geometry=[shapely.box(116, 39, 116.1, 39.1), shapely.MultiPolygon([shapely.box(117, 39, 118, 40)])],
        crs="EPSG:4326",
    )


@pytest.mark.parametrize("name", ["t.gpkg", "t.geojson", "t.parquet"])
def test_formats_agree(tmp_path, name):
    """GeoPackage, GeoJSON and GeoParquet written by geopandas give the same columns, shapes and a CRS in degrees."""
    path = tmp_path / name
    frame().to_parquet(path) if name.endswith("parquet") else frame().to_file(path)
    layer = read_layers(path)["t"]
    columns = layer.table.columns
    assert layer_names(path) == ("t",)
    assert columns["code"].tolist() == ["甲", "b"]
    assert (columns["n"].dtype, columns["yes"].dtype, columns["x"].dtype) == (np.int64, np.bool_, np.float64)
    assert np.isnan(columns["x"]).tolist() == [False, True]
    assert shapely.equals(layer.table.geometry, frame().geometry.to_numpy()).all()
    assert layer.crs.name.startswith("WGS 84")


def test_csv_with_longitude_and_latitude(tmp_path):
    """A table with coordinate columns becomes points; codes with leading zeros stay text."""
    path = tmp_path / "t.csv"
    path.write_bytes("code,经度,纬度,户数\n001,116.1,39.9,30\n002,116.2,39.8,\n".encode("gb18030"))
    layer = read_layers(path)["t"]
    assert layer.table.columns["code"].tolist() == ["001", "002"]
    assert layer.table.geometry[1].coords[0] == (116.2, 39.8)
    assert np.isnan(layer.table.columns["户数"]).tolist() == [False, True]


def test_csv_of_wkt(tmp_path):
    """A WKT column becomes the geometry; the CRS is not known."""
    (tmp_path / "t.csv").write_text('code,wkt\na,"POINT (1 2)"\nb,\n')
    layer = read_layers(tmp_path / "t.csv")["t"]
    assert layer.crs is None
    assert layer.table.geometry[0].coords[0] == (1, 2)
    assert layer.table.geometry[1] is None


@pytest.mark.parametrize("text", ["a,b\n1\n", "a,a\n1,2\n", '"a\n', "wkt\nPOINT (\n", "\n"])
def test_broken_csv_is_an_input_error(tmp_path, text):
    """Uneven lines, doubled headers, open quotes and broken WKT are refused."""
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError):
        read_layers(tmp_path / "t.csv")


def test_rubbish_parquet_is_an_input_error(tmp_path):
    """A file that only begins like Parquet is refused."""
    (tmp_path / "t.parquet").write_bytes(b"PAR1" + b"x" * 100)
    with pytest.raises(InputError):
        read_layers(tmp_path / "t.parquet")


def test_geojson_of_mixed_values(tmp_path):
    """Properties that some features lack are null; lists become text; a null geometry stays null."""
    features = [
        {"type": "Feature", "geometry": None, "properties": {"a": 1, "b": [1, 2]}},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": []}, "properties": None},
    ]
    (tmp_path / "t.json").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    table = read_layers(tmp_path / "t.json")["t"].table
    assert table.geometry[0] is None
    assert table.geometry[1].is_empty
    assert table.columns["b"].tolist() == ["[1, 2]", ""]
    assert np.isnan(table.columns["a"][1])


def test_absent_layers_are_not_found(tmp_path):
    """Asking for a layer that is not there lists those that are."""
    path = write(tmp_path / "t.gpkg", town())
    with pytest.raises(NotFoundError, match="stations"):
        read_layers(path, ["nothing"])
    assert set(layer_names(path)) == set(town())


@pytest.mark.parametrize("wrap", ["Polygon", "GeometryCollection", "Feature"])
def test_bare_geojson_is_read(tmp_path, wrap):
    """A geometry, a collection of them or a single feature is a layer too."""
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    whole = {
        "Polygon": polygon,
        "GeometryCollection": {"type": "GeometryCollection", "geometries": [polygon, polygon]},
        "Feature": {"type": "Feature", "properties": {"a": 1}, "geometry": polygon},
    }
    (tmp_path / "t.json").write_text(json.dumps(whole[wrap]))
    table = read_layers(tmp_path / "t.json")["t"].table
    assert [shape.area for shape in table.geometry] == [0.5] * (2 if wrap == "GeometryCollection" else 1)


def test_one_broken_feature_is_named(tmp_path):
    """Among good features the one whose ring is not closed is named, counted from 1."""
    rings = [[[0, 0], [1, 0], [1, 1], [0, 0]], [[0, 0], [1, 0], [1, 1]]]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}} for ring in rings
    ]
    (tmp_path / "t.json").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(InputError) as caught:
        read_layers(tmp_path / "t.json")
    assert caught.value.where.endswith("feature 2")


def test_geojson_coordinates_are_exact(tmp_path):
    """Coordinates of GeoJSON come in to the last bit, in the order of the features."""
    points = [(0.1 + 0.2, 1 / 3), (116.39127570000001, 39.906217), (1e-7, 5e-324)]
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": point}} for point in points
    ]
    (tmp_path / "t.json").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    table = read_layers(tmp_path / "t.json")["t"].table
    assert [shape.coords[0] for shape in table.geometry] == points
