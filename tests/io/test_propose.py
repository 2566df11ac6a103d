"""An unknown file is told by its names: roles, fields, samples, doubts."""

from __future__ import annotations

from gridgeo.io.importer import propose_mapping
from tests.io.raw import X, Y, square, table, write
from tests.io.test_osm import NODES, STREETS, osm


def test_chinese_layers_and_fields_are_understood(tmp_path):
    """Layers and fields named in Chinese, in either script and any width, get role and column, with samples."""
    layers = {
        "楼栋": table([square(i, size=50) for i in range(2)], 編號=["a1", "a2"], 戶數=[3, 40], 备注=["北门", ""]),
        "小区": table([square(0)], 小区名称=["东苑"]),
    }
    proposal = propose_mapping(write(tmp_path / "t.gpkg", layers))
    buildings, compounds = proposal.layers
    assert (buildings.role, buildings.shape, buildings.rows) == ("buildings", "polygon", 2)
    assert buildings.columns == {"code": "編號", "households": "戶數"}
    assert compounds.columns == {"name": "小区名称"}
    assert {field.field: field.samples for field in buildings.fields}["戶數"] == ("3", "40")
    assert proposal.options == (
        "--role buildings=楼栋",
        "--role compounds=小区",
        "--field buildings.code=編號",
        "--field buildings.households=戶數",
        "--field compounds.name=小区名称",
    )


def test_doubts_are_told(tmp_path):
    """Unknown names, a role taken twice, a shape that does not fit and a missing CRS are doubts, not guesses."""
    layers = {
        "roads": table([square(0)], a=[1]),
        "边界": table([square(0)], a=[1]),
        "outline": table([square(1)], a=[1]),
    }
    proposal = propose_mapping(write(tmp_path / "t.gpkg", layers))
    assert [layer.role for layer in proposal.layers] == ["", "boundary", ""]
    assert [[doubt.kind for doubt in layer.doubts] for layer in proposal.layers] == [
        ["role-unknown"],
        ["role-guessed"],
        ["role-taken"],
    ]
    (tmp_path / "t.csv").write_text(f'code,wkt\na,"POINT ({X} {Y})"\n')
    assert "crs-missing" in [doubt.kind for doubt in propose_mapping(tmp_path / "t.csv").layers[0].doubts]


def test_samples_show_no_residents(tmp_path):
    """Personal columns are neither proposed nor sampled."""
    (tmp_path / "楼栋.csv").write_text("编号,户主姓名,电话\n1,张三,13812345678\n2,李四,13912345678\n", encoding="utf-8")
    (layer,) = propose_mapping(tmp_path / "楼栋.csv").layers
    assert [field.field for field in layer.fields] == ["编号"]
    assert "personal-data-dropped" in [doubt.kind for doubt in layer.doubts]


def test_extracts_need_no_mapping(tmp_path):
    """An OpenStreetMap extract has nothing to map."""
    (tmp_path / "t.osm").write_text(osm(NODES, STREETS))
    proposal = propose_mapping(tmp_path / "t.osm")
    assert (proposal.format, proposal.layers, proposal.options) == ("osm", (), ())
