"""Tables and drawings that planners hold: Excel, CSV, KML and DXF come in as layers, and what was changed is said."""

from __future__ import annotations

import datetime
import zipfile

import openpyxl
import pytest
import shapely

from gridgeo.errors import InputError, NotFoundError
from gridgeo.io.formats import layer_names, read_layers


def kinds(layer) -> dict:
    return {notice.kind: dict(notice.facts) for notice in layer.notices}


def workbook(path, rows, *, merged=(), title="楼栋"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    book.save(path)
    return path


def test_excel_types(tmp_path):
    """Numbers stay numbers, codes with leading zeros text, dates and times are written out, blanks are null."""
    rows = [
        ["编码", "户数", "登记", "开门", "在岗", "长号"],
        ["001", 30, datetime.date(2026, 1, 31), datetime.time(8, 30), True, 110101001001001],
        ["002", None, datetime.datetime(2026, 1, 31, 9, 15), None, False, 2],
    ]
    columns = read_layers(workbook(tmp_path / "t.xlsx", rows))["楼栋"].table.columns
    assert columns["编码"].tolist() == ["001", "002"]
    assert columns["户数"][0] == 30 and columns["户数"][1] != columns["户数"][1]
    assert columns["登记"].tolist() == ["2026-01-31", "2026-01-31 09:15:00"]
    assert columns["开门"].tolist() == ["08:30:00", ""]
    assert columns["在岗"].tolist() == ["true", "false"]
    assert columns["长号"].tolist() == [110101001001001, 2]


def test_excel_titles_and_merged_cells(tmp_path):
    """A title row is left out, a header of two rows names columns by its lowest row, merged cells are filled."""
    rows = [
        ["小区户数统计表", None, None, None],
        ["社区", "小区", "户数", None],
        [None, None, "总户数", "常住户数"],
        ["东社区", "东苑", 30, 20],
        [None, "西苑", 40, 35],
    ]
    merged = ["A1:D1", "A2:A3", "B2:B3", "C2:D2", "A4:A5"]
    layer = read_layers(workbook(tmp_path / "t.xlsx", rows, merged=merged))["楼栋"]
    columns = layer.table.columns
    assert {name: values.tolist() for name, values in columns.items()} == {
        "社区": ["东社区", "东社区"],
        "小区": ["东苑", "西苑"],
        "总户数": [30, 40],
        "常住户数": [20, 35],
    }
    told = {"titles-left-out": {"rows": 1}, "header-merged": {"rows": 2}, "merged-filled": {"ranges": 1}}
    assert kinds(layer) == told


def test_excel_formulas_give_saved_values_only(tmp_path):
    """A formula without a saved value is blank, and said; nothing is computed."""
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["x", "=1+1"], ["y", 2]])
    layer = read_layers(path)["楼栋"]
    assert layer.table.columns["b"][0] != layer.table.columns["b"][0]
    assert kinds(layer)["formulas-unsaved"] == {"cells": 1}


def test_excel_sheets_are_layers(tmp_path):
    """Every sheet with cells is a layer; an absent one is not found."""
    book = openpyxl.Workbook()
    book.active.title = "a"
    for name in ("b", "empty"):
        book.create_sheet(name)
    for name in ("a", "b"):
        book[name].append(["code"])
        book[name].append([name])
    book.save(tmp_path / "t.xlsx")
    assert layer_names(tmp_path / "t.xlsx") == ("a", "b")
    assert read_layers(tmp_path / "t.xlsx", ["b"])["b"].table.columns["code"].tolist() == ["b"]
    with pytest.raises(NotFoundError, match="no layer c"):
        read_layers(tmp_path / "t.xlsx", ["c"])


def test_macros_are_refused(tmp_path):
    """A workbook with a macro part is refused even under an innocent name."""
    path = workbook(tmp_path / "t.xlsx", [["a"], ["x"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(InputError, match="macros"):
        read_layers(path)


@pytest.mark.parametrize(("name", "mark"), [("t.tsv", "\t"), ("t.csv", ";"), ("t.csv", "\t"), ("t.csv", ",")])
def test_delimiters(tmp_path, name, mark):
    """Tab, semicolon and comma are told apart by the header."""
    (tmp_path / name).write_text(f"code{mark}n\na{mark}1\n")
    assert read_layers(tmp_path / name)["t"].table.columns["n"].tolist() == [1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
def test_marked_and_modern_encodings_are_silent(tmp_path, encoding):
    """UTF-8 and texts that say their encoding by a mark are read without a word."""
    text = "编码,户数\na,3\n"
    content = b"\xff\xfe" + text.encode("utf-16-le") if encoding.endswith("bom") else text.encode(encoding)
    (tmp_path / "t.csv").write_bytes(content)
    layer = read_layers(tmp_path / "t.csv")["t"]
    assert layer.table.columns["户数"].tolist() == [3]
    assert not layer.notices


def test_guessed_encoding_is_shown_with_a_sample(tmp_path):
    """Text that is not UTF-8 is read as GB18030, and a sample lets people see whether that is right."""
    (tmp_path / "t.csv").write_bytes("编码,户数\na,3\n".encode("gbk"))
    assert kinds(read_layers(tmp_path / "t.csv")["t"]) == {
        "text-decoded": {"encoding": "GB18030", "sample": "编码,户数"}
    }
    assert not read_layers(tmp_path / "t.csv", encoding="gbk")["t"].notices


def test_two_encodings_in_one_file_are_refused(tmp_path):
    """Lines of UTF-8 among lines of GBK are named, instead of turning into rubbish."""
    lines = ["编码,名称".encode(), *("a,东苑".encode("gbk"), "b,西苑小区".encode()) * 3]
    (tmp_path / "t.csv").write_bytes(b"\n".join(lines))
    with pytest.raises(InputError, match="line 1 is UTF-8, line 2 is not"):
        read_layers(tmp_path / "t.csv")


def test_hidden_characters_are_taken_out(tmp_path):
    """Direction marks, zero-width spaces and line ends in cells and headers go; letters are composed."""
    (tmp_path / "t.csv").write_text('co\u200bde,name\na\u202e,"Cafe\u0301\n2"\n', encoding="utf-8")
    layer = read_layers(tmp_path / "t.csv")["t"]
    assert {name: values.tolist() for name, values in layer.table.columns.items()} == {
        "code": ["a"],
        "name": ["Café 2"],
    }
    assert kinds(layer) == {"texts-cleaned": {"texts": 3}}


KML = """<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>d</name>
<Folder><name>小区</name><Placemark><name>东苑</name><description><![CDATA[<b>北门</b> 12]]></description>
<ExtendedData><Data name="户数"><value>30</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>116,39,0 116.1,39,0 116.1,39.1,0 116,39,0</coordinates></LinearRing>
</outerBoundaryIs><innerBoundaryIs><LinearRing><coordinates>116.05,39.01 116.06,39.01 116.06,39.02 116.05,39.01
</coordinates></LinearRing></innerBoundaryIs></Polygon></Placemark></Folder>
<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>
<Placemark><name>7</name><MultiGeometry><Point><coordinates>1,2</coordinates></Point>
<Point><coordinates>3,4</coordinates></Point></MultiGeometry></Placemark>
<Placemark><name>none</name></Placemark></Document></kml>"""


@pytest.mark.parametrize("name", ["t.kml", "t.kmz"])
def test_kml(tmp_path, name):
    """Folders are layers, placemarks rows with their fields; links are counted and not followed."""
    path = tmp_path / name
    if name == "t.kmz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("doc.kml", KML)
    else:
        path.write_text(KML, encoding="utf-8")
    layers = read_layers(path)
    assert list(layers) == ["小区", "t"]
    compound = layers["小区"]
    assert compound.crs.text == "EPSG:4326"
    assert {key: values.tolist() for key, values in compound.table.columns.items()} == {
        "name": ["东苑"],
        "description": ["北门  12"],
        "户数": [30],
    }
    assert (compound.table.geometry[0].geom_type, len(compound.table.geometry[0].interiors)) == ("Polygon", 1)
    assert layers["t"].table.columns["name"].tolist() == ["7", "none"]
    assert [None if shape is None else shape.geom_type for shape in layers["t"].table.geometry] == ["MultiPoint", None]
    assert kinds(compound)["links-not-followed"] == {"links": 1}


def drawing(path, entities):
    lines = ["0", "SECTION", "2", "ENTITIES"]
    for layer, points, closed in entities:
        lines += ["0", "LWPOLYLINE", "8", layer, "90", str(len(points)), "70", "1" if closed else "0"]
        for x, y in points:
            lines += ["10", str(x), "20", str(y)]
    path.write_text("\n".join([*lines, "0", "ENDSEC", "0", "EOF"]) + "\n")
    return path


def test_dxf(tmp_path):
    """Layers of a drawing are layers, their name is the class of each row; a drawing names no CRS."""
    square = [(0, 0), (10, 0), (10, 10), (0, 10)]
    path = drawing(tmp_path / "t.dxf", [("ROAD", [(0, 0), (5, 5)], False), ("BUILDING", square, True)])
    layers = read_layers(path)
    assert list(layers) == ["ROAD", "BUILDING"]
    assert layers["ROAD"].table.columns["class"].tolist() == ["ROAD"]
    assert layers["ROAD"].crs is None
    assert shapely.Polygon(layers["BUILDING"].table.geometry[0].coords).area == 100
