"""Rosters are joined by code or name, and what finds no partner is listed both ways."""

from __future__ import annotations

import pytest
import shapely

from gridgeo.core.model import geometries
from gridgeo.errors import InputError
from gridgeo.io.crs import transformed
from gridgeo.io.importer import Request, import_request, import_sources
from tests.io.raw import X, Y, square, table, write
from tests.io.test_readers import workbook


def village(path, **columns):
    """Three buildings in a territory; columns of the buildings."""
    boundary = table([shapely.box(X, Y, X + 300, Y + 100)], name=["镇"])
    street = table([shapely.LineString([(X, Y + 50), (X + 300, Y + 50)])], code=["s"], walkable=[True])
    buildings = table([square(i, size=40) for i in range(3)], **columns)
    return write(path / "t.gpkg", {"boundary": boundary, "streets": street, "buildings": buildings})


def told(territory, kind):
    return [{"where": n.where, **n.facts} for n in territory.notices if n.kind == kind]


def households(territory):
    columns = territory.buildings
    return dict(zip(columns.code.tolist(), columns.households.tolist(), strict=True))


def test_joined_by_code(tmp_path):
    """A roster of codes in other width and case fills the households; unmatched rows of both sides are listed."""
    path = village(tmp_path, code=["A-1", "A-2", "A-3"])
    roster = workbook(tmp_path / "r.xlsx", [["楼栋编号", "户数"], ["Ａ-1", 30], ["a-2 ", 40], ["B-9", 5], ["合计", 75]])
    territory = import_sources([path, roster])
    assert households(territory) == {"A-1": 30, "A-2": 40, "A-3": 0}
    assert told(territory, "roster-joined") == [
        {"where": "楼栋", "role": "buildings", "rows": 2, "of": 3, "key": "code = 楼栋编号", "columns": "households"}
    ]
    assert told(territory, "roster-row-unmatched") == [{"where": "楼栋", "row": 3, "key": "b-9"}]
    assert told(territory, "layer-row-unmatched") == [{"where": "buildings", "row": 3, "key": "a-3"}]


def test_joined_by_name(tmp_path):
    """Compounds without codes are joined by their names, written with other spaces and width."""
    compounds = table([square(0), square(1)], name=["东苑 2期", "西苑"])
    atoms = table([square(i) for i in range(2)], code=["a", "b"], households=[1, 2])
    path = write(tmp_path / "t.gpkg", {"atoms": atoms, "compounds": compounds})
    (tmp_path / "r.csv").write_text("小区名称,户数\n东苑２期,30\n西苑,40\n", encoding="utf-8")
    territory = import_sources([path], rosters={"compounds": str(tmp_path / "r.csv")})
    assert told(territory, "roster-joined")[0]["key"] == "name = 小区名称"
    assert told(territory, "roster-joined")[0]["columns"] == "households"
    assert not told(territory, "roster-row-unmatched")


def test_double_keys_join_nothing(tmp_path):
    """A key that stands twice in the roster joins nothing, and both its rows are listed; added up when told so."""
    path = village(tmp_path, code=["A", "B", "C"])
    roster = workbook(tmp_path / "r.xlsx", [["编码", "户数"], ["A", 30], ["A", 31], ["B", 40]], title="buildings")
    territory = import_sources([path, roster])
    assert households(territory) == {"A": 0, "B": 40, "C": 0}
    assert [entry["row"] for entry in told(territory, "roster-row-doubled")] == [1, 2]
    added = import_request(Request(sources=(str(path), str(roster)), sums=("buildings",))).territory
    assert households(added) == {"A": 61, "B": 40, "C": 0}


def test_the_layer_keeps_what_the_roster_leaves_blank(tmp_path):
    """Values of the roster stand above those of the layer, blanks do not."""
    path = village(tmp_path, code=["A", "B", "C"], households=[1, 2, 3])
    roster = workbook(tmp_path / "r.xlsx", [["编码", "户数"], ["A", 30], ["B", None]], title="buildings")
    assert households(import_sources([path, roster])) == {"A": 30, "B": 2, "C": 3}


def test_the_key_can_be_said(tmp_path):
    """A key and a field nobody could guess are taken as said."""
    path = village(tmp_path, code=["A", "B", "C"])
    roster = workbook(tmp_path / "r.xlsx", [["x", "y"], ["A", 30], ["B", 40]], title="t")
    request = Request(
        sources=(str(path), str(roster)),
        rosters={"buildings": "t"},
        keys={"buildings": "code=x"},
        fields={"buildings.households": "y"},
    )
    assert households(import_request(request).territory) == {"A": 30, "B": 40, "C": 0}


@pytest.mark.parametrize(
    ("rows", "rosters", "message"),
    [
        ([["编码", "户数"], ["X", 1], ["Y", 2]], {"buildings": "t"}, "cannot tell how the roster belongs"),
        ([["编码", "户数"], ["A", 1]], {}, "nobody says what it is joined to"),
        ([["编码", "旧"], ["A", 1]], {"buildings": "t"}, "no column of buildings beside its key"),
        ([["编码", "户数"], ["A", 1]], {"places": "t"}, "no layer to join t to"),
        ([["编码", "户数"], ["A", 1]], {"buildings": "none"}, "no layer or file none"),
    ],
)
def test_rosters_that_belong_to_nothing_are_refused(tmp_path, rows, rosters, message):
    """A table nobody can join is an error with a hint, not left aside in silence."""
    path = village(tmp_path, code=["A", "B", "C"])
    roster = workbook(tmp_path / "r.xlsx", rows, title="t")
    with pytest.raises(InputError, match=message) as caught:
        import_sources([path, roster], rosters=rosters)
    assert caught.value.hint


def test_rosters_with_places(tmp_path):
    """A table with coordinates is a layer of points by itself."""
    path = village(tmp_path, code=["A", "B", "C"])
    lines = ["编码,名称,x,y", *(f"p{i},店{i},{X + 10 + i},{Y + 10}" for i in range(3))]
    (tmp_path / "places.csv").write_text("\n".join(lines), encoding="utf-8")
    territory = import_sources([path, tmp_path / "places.csv"], crs="EPSG:32650")
    assert len(territory.places) == 3


def located(path, rows, x=0.0):
    """A roster in GB18030 with coordinates, rows of code, households and the building each stands at."""
    places = [shapely.Point(X + 40 * i + 20 + x, Y + 20) for _, _, i in rows]
    lonlat = shapely.get_coordinates(transformed(geometries(places), "EPSG:32650", "OGC:CRS84"))
    lines = [
        f"{code},{count},{lon!r},{lat!r}" for (code, count, _), (lon, lat) in zip(rows, lonlat.tolist(), strict=True)
    ]
    path.write_text("\n".join(["编号,户数,经度,纬度", *lines]) + "\n", encoding="gb18030")
    return path


def test_a_roster_with_coordinates_is_joined_by_code(tmp_path):
    """A table of places with households belongs to the buildings though its name says nothing: by code."""
    roster = located(tmp_path / "r2026.csv", [("A", 30, 1), ("B", 40, 2), ("C", 50, 0)])
    territory = import_sources([village(tmp_path, code=["A", "B", "C"]), roster])
    assert households(territory) == {"A": 30, "B": 40, "C": 50}
    assert told(territory, "roster-joined")[0]["key"] == "code = 编号"


def test_a_roster_with_coordinates_is_joined_by_place(tmp_path):
    """Where codes differ the place tells the building; rows near none are listed, and the key can be written down."""
    roster = located(tmp_path / "r2026.csv", [("x", 30, 1), ("y", 40, 2), ("z", 5, 17)])
    found = import_request(Request(sources=(str(village(tmp_path, code=["A", "B", "C"])), str(roster))))
    assert households(found.territory) == {"A": 0, "B": 30, "C": 40}
    assert [one["row"] for one in told(found.territory, "roster-row-nowhere")] == [3]
    assert (found.understood.rosters, found.understood.keys) == ({"buildings": "r2026"}, {"buildings": "place"})
    assert households(import_request(found.understood).territory) == {"A": 0, "B": 30, "C": 40}


def test_a_roster_with_coordinates_far_away_is_refused(tmp_path):
    """A roster neither codes nor places of which are those of the buildings is an error, not ignored."""
    roster = located(tmp_path / "r2026.csv", [("x", 30, 1), ("y", 40, 2)], x=5_000.0)
    with pytest.raises(InputError, match="cannot tell how the roster belongs"):
        import_sources([village(tmp_path, code=["A", "B", "C"]), roster])


def test_a_roster_with_coordinates_may_be_the_buildings(tmp_path):
    """Without buildings its places are these, and that they were taken so is said."""
    street = table([shapely.LineString([(X, Y + 50), (X + 300, Y + 50)])], code=["s"], walkable=[True])
    layers = {"boundary": table([shapely.box(X, Y, X + 300, Y + 100)]), "streets": street}
    roster = located(tmp_path / "r2026.csv", [("A", 30, 1), ("B", 40, 2)])
    territory = import_sources([write(tmp_path / "t.gpkg", layers), roster])
    assert households(territory) == {"A": 30, "B": 40}
    assert told(territory, "role-by-fields") == [{"where": "r2026", "role": "buildings"}]


def test_layers_without_a_role_are_named(tmp_path):
    """A source nothing was taken from is named with its layers, and so is a layer whose name is taken."""
    other = write(tmp_path / "o.gpkg", {"lots": table([square(0)], code=["l"]), "streets": table([square(0)])})
    territory = import_sources([village(tmp_path, code=["A", "B", "C"]), other])
    assert told(territory, "layers-unused") == [{"where": "o.gpkg", "layers": "lots, streets"}]
    assert not told(import_sources([village(tmp_path, code=["A", "B", "C"])]), "layers-unused")
