"""A planted roster of residents leaves no trace: not in the files written, not on the terminal, not in the mapping."""

from __future__ import annotations

import geopandas
import pytest
import shapely
from click.testing import CliRunner

from gridgeo.cli import gridgeo
from gridgeo.io.formats import read_layers
from tests.io.raw import X, Y, square, table, write
from tests.io.test_readers import workbook

ID = "11010519491231002X"
PHONE = "13812345678"
PERSON = "欧阳修文"
REMARK = f"联系{PERSON} 138-1234-5678"
MAIL = "ouyang@example.org"
TRACES = (ID, PHONE, PERSON, "138-1234-5678", MAIL)
COLUMNS = {
    "编码": ["A", "B", "C"],
    "户数": [30, 40, 50],
    "小区": ["王家湾", "李村", "张江苑"],
    "身份证号": [ID, "", ID],
    "户主": [PERSON, "李娜", "王伟"],
    "phone": [PHONE, "", PHONE],
    "col5": [PERSON, "李娜华", "王伟"],
    "col6": [int(PHONE), 13912345678, 15912345678],
    "备注": [REMARK, "北门", MAIL],
}
ROWS = list(zip(*COLUMNS.values(), strict=True))


def roster_xlsx(path):
    return workbook(path / "buildings.xlsx", [list(COLUMNS), *map(list, ROWS)], title="buildings"), True


def roster_csv(path):
    lines = [",".join(COLUMNS), *(",".join(map(str, row)) for row in ROWS)]
    (path / "buildings.csv").write_bytes("\n".join(lines).encode("gbk"))
    return path / "buildings.csv", True


def frame():
    return geopandas.GeoDataFrame(COLUMNS, geometry=[square(i, size=40) for i in range(3)], crs="EPSG:32650")


def layer_gpkg(path):
    frame().to_file(path / "buildings.gpkg", layer="buildings")
    return path / "buildings.gpkg", False


def layer_geojson(path):
    frame().to_file(path / "buildings.geojson")
    return path / "buildings.geojson", False


def layer_parquet(path):
    frame().to_parquet(path / "buildings.parquet")
    return path / "buildings.parquet", False


def layer_shp(path):
    frame().to_file(path / "buildings.shp", encoding="GBK")
    return path / "buildings.shp", False


def layer_kml(path):
    marks = []
    for row, shape in zip(ROWS, frame().to_crs(4326).geometry, strict=True):
        data = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in zip(COLUMNS, row, strict=True))
        ring = " ".join(f"{x},{y}" for x, y in shape.exterior.coords)
        described = f"<description>&lt;b&gt;{REMARK} {ID}&lt;/b&gt;</description>"
        area = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
        marks.append(f"<Placemark>{described}<ExtendedData>{data}</ExtendedData>{area}</Polygon></Placemark>")
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>'
    (path / "buildings.kml").write_text(text, encoding="utf-8")
    return path / "buildings.kml", False


@pytest.mark.parametrize(
    "plant", [roster_xlsx, roster_csv, layer_gpkg, layer_geojson, layer_parquet, layer_shp, layer_kml]
)
def test_residents_leave_no_trace(tmp_path, plant):
    """Identity numbers, phones, names and mail, in columns with and without a header that says so, are gone."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    source, joined = plant(tmp_path / "in")
    base = {
        "boundary": table([shapely.box(X - 10, Y - 10, X + 300, Y + 100)], name=["镇"]),
        "streets": table([shapely.LineString([(X, Y + 60), (X + 300, Y + 60)])], code=["s"], walkable=[True]),
    }
    if joined:
        base["buildings"] = table([square(i, size=40) for i in range(3)], code=["A", "B", "C"])
    town = write(tmp_path / "in" / "town.gpkg", base)
    words = ["import", str(town), str(source), "-o", str(tmp_path / "out" / "t.gpkg"), "--json"]
    said = CliRunner().invoke(gridgeo, [*words, "--save-mapping", str(tmp_path / "out" / "map.toml")])
    assert said.exit_code == 0, said.output
    assert "personal-data-dropped" in said.stdout
    content = b"".join(path.read_bytes() for path in sorted((tmp_path / "out").rglob("*")))
    spoken = said.stdout + said.stderr
    for trace in TRACES:
        assert trace not in spoken
        for encoding in ("utf-8", "gbk", "utf-16-le"):
            assert trace.encode(encoding) not in content
    kept = next(layer for layer in read_layers(source).values()).table.columns
    assert kept["小区"].tolist() == COLUMNS["小区"]
    assert kept["户数"].tolist() == COLUMNS["户数"]
