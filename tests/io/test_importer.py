"""Raw layers of real places become territories; what was guessed or changed is said."""

from __future__ import annotations

import warnings

import geopandas
import numpy as np
import pytest
import shapely

from gridgeo.errors import InputError, SchemaError
from gridgeo.io.crs import crs_of
from gridgeo.io.formats import read_layers
from gridgeo.io.importer import import_sources
from gridgeo.io.read import read_cover, read_territory
from tests.io.raw import X, Y, square, table, write
from tests.io.test_osm import NODES, STREETS, osm
from tests.io.test_osm import square as osm_square
from tests.shared import place, shared


def kinds(territory) -> dict:
    return {notice.kind: notice for notice in territory.notices}


def areas(**columns):
    return table([square(i) for i in range(3)], **columns)


def test_roles_and_fields_are_taken_as_said(tmp_path):
    """A layer under another name, with fields under other names, fills the role."""
    path = write(tmp_path / "t.gpkg", {"oa": areas(ID=["x", "y", "z"], hh=[1, 2, 3])})
    territory = import_sources([path], roles={"atoms": "oa"}, fields={"atoms.code": "ID", "atoms.households": "hh"})
    assert territory.atoms.code.tolist() == ["x", "y", "z"]
    assert territory.households == 6
    assert kinds(territory)["boundary-from-layers"].facts == {"source": "atoms"}


def test_fields_are_guessed_by_name_and_said(tmp_path):
    """Chinese field names are understood, and the notice lists them."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas(编码=["x", "y", "z"], 户数=[1, 2, 3])})
    territory = import_sources([path])
    assert territory.households == 6
    assert kinds(territory)["fields-guessed"].facts == {"fields": "code = 编码, households = 户数"}


def test_a_guess_that_does_not_fit_is_not_made(tmp_path):
    """Ids that repeat are no codes, and words are no counts: they are left out and said so."""
    buildings = table([square(0, size=50)], households=["few"])
    layers = {"atoms": areas(id=["x", "x", "z"], households=[1, 2, 3]), "buildings": buildings}
    path = write(tmp_path / "t.gpkg", layers)
    territory = import_sources([path])
    assert territory.atoms.code.tolist() == ["atom-1", "atom-2", "atom-3"]
    assert not territory.buildings.households.any()
    assert kinds(territory)["columns-left-out"].facts == {"columns": "households"}


@pytest.mark.parametrize("columns", [{"residents": [1, 2, 3]}, {"households": ["few", "many", "2"]}, {}])
def test_atoms_without_counts_are_refused(tmp_path, columns):
    """Atoms in which nothing is known to be a count of households are no territory, and the way out is named."""
    with pytest.raises(SchemaError) as caught:
        import_sources([write(tmp_path / "t.gpkg", {"atoms": areas(code=["x", "y", "z"], **columns)})])
    (fault,) = caught.value.faults
    assert (fault.kind, fault.layer) == ("missing-column", "atoms")
    assert "--field atoms.households=FIELD" in fault.hint
    assert ("residents" in fault.hint) == ("residents" in columns)


def test_counts_may_come_from_elsewhere(tmp_path):
    """Residents serve as counts when the user says so; counts or footprints of buildings where atoms have none."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas(residents=[1, 2, 3])})
    assert import_sources([path], fields={"atoms.households": "residents"}).households == 6
    counted = table([shapely.Point(X + 50, Y + 50)], households=[7])
    assert import_sources([write(tmp_path / "c.gpkg", {"atoms": areas(), "buildings": counted})]).households == 7
    footprint = table([square(0, size=50)], floors=[4])
    assert import_sources([write(tmp_path / "f.gpkg", {"atoms": areas(), "buildings": footprint})]).households > 0


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"households": [-3, 1, 2]}, "negative-households"),
        ({"户数": [2.5, 1, 2]}, "non-integer-households"),
        ({"households": ["1", "2", "x"]}, "not-a-number"),
        ({"code": ["x", "x", "z"], "households": [1, 2, 3]}, "duplicate-code"),
    ],
)
def test_counts_and_codes_with_faults_are_not_left_out(tmp_path, columns, kind):
    """A column that is what its name says, but for some rows, is a fault, not a column to be passed over."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas(**columns)})
    with pytest.raises(SchemaError) as caught:
        import_sources([path])
    assert [fault.kind for fault in caught.value.faults] == [kind]


def test_false_degrees_are_told(tmp_path):
    """Metres under a CRS of degrees are named as such for every layer, not projected into nowhere."""
    layers = {"boundary": areas(), "atoms": areas()}
    with pytest.raises(SchemaError) as caught:
        import_sources([write(tmp_path / "t.gpkg", layers, crs_of("EPSG:4326"))])
    assert [(fault.kind, fault.layer) for fault in caught.value.faults] == [
        ("not-degrees", "boundary"),
        ("not-degrees", "atoms"),
    ]


def test_layers_of_no_role_are_told(tmp_path):
    """Sources without a layer named like a role are refused with what they have."""
    with pytest.raises(InputError, match="there is things") as caught:
        import_sources([write(tmp_path / "t.gpkg", {"things": areas()})])
    assert "--role atoms=things" in caught.value.hint


def test_a_field_named_by_hand_must_fit(tmp_path):
    """What the user named is checked, not dropped."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas(id=["x", "x", "z"])})
    with pytest.raises(SchemaError, match="duplicate-code"):
        import_sources([path], fields={"atoms.code": "id"})


@pytest.mark.parametrize(("crs", "times", "areas_times"), [("EPSG:3857", 1.145, 1.311), ("EPSG:4087", 1.153, 1.153)])
def test_metres_of_maps_of_the_earth_are_projected(tmp_path, crs, times, areas_times):
    """Web maps and cylinders stretch lengths: their layers go to the local zone, told so, with true areas."""
    atoms = table([shapely.box(13_000_000, 3_340_000, 13_000_200, 3_340_100)], code=["a"], households=[300])
    territory = import_sources([write(tmp_path / "t.gpkg", {"atoms": atoms}, crs_of(crs))])
    told = kinds(territory)["metres-not-true"]
    assert territory.crs == "EPSG:32650"
    assert told.where == crs_of(crs).name
    assert told.facts["times"] == pytest.approx(times, abs=0.01)
    assert territory.atoms.area_m2[0] == pytest.approx(20_000 / areas_times, rel=0.01)


def test_a_true_layer_leads_one_of_a_web_map(tmp_path):
    """Where one layer is in metres of the ground and another in those of a web map, the first says the CRS."""
    web = crs_of("EPSG:3857")
    streets = geopandas.GeoSeries([shapely.LineString([(X, Y), (X + 300, Y)])], crs=32650).to_crs(3857)
    lines = write(tmp_path / "s.gpkg", {"streets": table(streets.to_list(), code=["s"], walkable=[True])}, web)
    areas_ = write(tmp_path / "a.gpkg", {"atoms": areas(code=["a", "b", "c"], households=[1, 2, 3])})
    territory = import_sources([lines, areas_])
    assert territory.crs == "EPSG:32650"
    assert shapely.length(territory.streets.geometry).sum() == pytest.approx(300, abs=0.01)


def test_degrees_are_projected_without_gaps(tmp_path):
    """Areas in degrees, one with a straight edge along two others, become an exact coverage in a local zone."""
    shapes = [shapely.box(116, 39, 116.02, 39.02)]
    shapes += [shapely.box(116.02, 39, 116.04, 39.01), shapely.box(116.02, 39.01, 116.04, 39.02)]
    geopandas.GeoDataFrame({"code": list("abc"), "households": [1, 2, 3]}, geometry=shapes, crs=4326).to_file(
        tmp_path / "atoms.geojson"
    )
    territory = import_sources([tmp_path / "atoms.geojson"])
    assert territory.crs == "EPSG:32650"
    assert len(territory.atoms) == 3
    assert len(territory.adjacency) == 3
    assert kinds(territory)["projected"].facts["target"] == "WGS 84 / UTM zone 50N (EPSG:32650)"


def test_cgcs2000_goes_to_its_zone(tmp_path):
    """Degrees said to be CGCS2000 are projected to the 3-degree Gauss-Krüger zone."""
    path = write(
        tmp_path / "t.gpkg",
        {"atoms": table([shapely.box(114, 30, 114.01, 30.01)], households=[1])},
        crs_of("EPSG:4326"),
    )
    assert import_sources([path], datum="cgcs2000").crs == "EPSG:4547"


def test_gcj02_is_undone(tmp_path):
    """Degrees said to be GCJ-02 move by the known half kilometre, and the notice says so."""
    atoms = table([shapely.box(116.39, 39.9, 116.4, 39.91)], households=[1])
    path = write(tmp_path / "t.gpkg", {"atoms": atoms}, crs_of("EPSG:4326"))
    true, shifted = import_sources([path]), import_sources([path], datum="gcj02")
    assert 400 < true.boundary.centroid.distance(shifted.boundary.centroid) < 700
    assert "datum-shifted" in kinds(shifted)


def test_metres_have_no_web_map_datum(tmp_path):
    """Projected layers cannot be in GCJ-02."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas()})
    with pytest.raises(InputError, match="longitudes"):
        import_sources([path], datum="gcj02")


def test_layers_without_crs_need_one(tmp_path):
    """A layer that names no CRS is refused until --crs says it."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas(households=[1, 2, 3])}, None)
    with pytest.raises(InputError, match="no CRS"):
        import_sources([path])
    assert import_sources([path], crs="EPSG:32650").crs == "EPSG:32650"


def without_crs(path):
    """Three atoms and their boundary as geopandas writes them when it knows no CRS; GeoJSON holds the atoms only."""
    atoms = geopandas.GeoDataFrame({"households": [1, 2, 3]}, geometry=[square(i) for i in range(3)])
    boundary = geopandas.GeoDataFrame({"name": ["t"]}, geometry=[shapely.box(X, Y, X + 300, Y + 100)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it warns that there is no CRS, which is the point
        if path.suffix == ".gpkg":
            boundary.to_file(path, layer="boundary")
        atoms.to_file(path, layer="atoms")
    return path


def test_undefined_crs_of_other_programs_is_none(tmp_path):
    """The "Undefined SRS" other programs write counts as none: import asks for --crs, and takes it."""
    path = without_crs(tmp_path / "t.gpkg")
    assert {layer.crs for layer in read_layers(path).values()} == {None}
    with pytest.raises(SchemaError) as caught:
        import_sources([path])
    assert [(fault.kind, fault.layer) for fault in caught.value.faults] == [("no-crs", "boundary"), ("no-crs", "atoms")]
    assert import_sources([path], crs="EPSG:27700").crs == "EPSG:27700"


def test_undefined_crs_is_told_by_every_reader(tmp_path):
    """A file with an undefined CRS is no territory, and nothing to check: its areas would have no unit."""
    path = without_crs(tmp_path / "t.gpkg")
    with pytest.raises(SchemaError, match="no-crs"):
        read_territory(path)
    with pytest.raises(InputError, match="no CRS") as caught:
        read_cover(path, layer="atoms")
    assert "--crs EPSG:n" in caught.value.hint


def test_geojson_without_crs_is_degrees(tmp_path):
    """GeoJSON that names no CRS is longitude and latitude, by its standard; metres in it are told."""
    path = without_crs(tmp_path / "atoms.geojson")
    with pytest.raises(SchemaError, match="not-degrees"):
        import_sources([path])


def test_useless_rows_are_dropped_and_counted(tmp_path):
    """Streets without geometry or length are put aside; an outline that crosses itself becomes its hull."""
    bow = shapely.Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
    line = shapely.LineString([(X, Y), (X + 300, Y)])
    layers = {
        "boundary": table([shapely.box(X, Y, X + 300, Y + 100)]),
        "streets": table([line, None, shapely.LineString([(X, Y), (X, Y)])]),
        "buildings": table([bow, square(2, size=20)], households=[5, 6]),
    }
    territory = import_sources([write(tmp_path / "t.gpkg", layers)])
    assert kinds(territory)["rows-dropped"].facts == {"rows": 2}
    assert kinds(territory)["outlines-simplified"].facts == {"rows": 1}
    assert territory.households == 11


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"roles": {"area": "atoms"}}, "boundary"),
        ({"roles": {"atoms": "nothing"}}, "atoms"),
        ({"fields": {"atoms.code": "nothing"}}, "it has"),
        ({"fields": {"atoms.moon": "code"}}, "households"),
        ({"fields": {"streets.code": "code"}}, "atoms"),
        ({"fields": {"code": "code"}}, "ROLE.COLUMN"),
        ({"datum": "mars"}, "gcj02"),
        ({"encoding": "morse"}, "GB18030"),
        ({"crs": "mars"}, "EPSG:n"),
    ],
)
def test_wrong_options_say_what_there_is(tmp_path, options, hint):
    """An unknown role, layer, field, column or datum is an input error that lists the known ones."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas(code=["x", "y", "z"])})
    with pytest.raises(InputError) as caught:
        import_sources([path], **options)
    assert hint in caught.value.hint


def test_roles_from_other_files(tmp_path):
    """A role may be a file, or a layer of one."""
    write(tmp_path / "a.gpkg", {"one": areas(code=["x", "y", "z"], households=[1, 2, 3])})
    write(tmp_path / "b.gpkg", {"p": table([square(0)]), "q": table([shapely.box(X, Y, X + 300, Y + 100)])})
    roles = {"atoms": str(tmp_path / "a.gpkg"), "boundary": f"{tmp_path / 'b.gpkg'}:q"}
    territory = import_sources([tmp_path / "a.gpkg"], roles=roles)
    assert (len(territory.atoms), territory.boundary.area) == (3, 30_000)


def test_singapore_estate():
    """Toa Payoh: 37,894 dwellings of 371 blocks, on streets and subzones, covered by atoms."""
    territory = import_sources(
        [place("sg_toa_payoh")],
        roles={"buildings": "hdb_blocks", "streets": "roads_lta", "communities": "subzones", "boundary": "boundary"},
        fields={"buildings.households": "total_dwelling_units"},
    )
    assert (territory.households, len(territory.buildings), territory.crs) == (37_894, 371, "EPSG:3414")
    assert territory.atoms.area_m2.sum() == pytest.approx(territory.boundary.area)


def test_taipei_district():
    """Da'an: 1,270 areas kept bit by bit, 120,675 households, villages whose borders do not agree."""
    roles = {"atoms": "bsa", "communities": "villages", "boundary": "boundary"}
    territory = import_sources([place("tw_taipei_daan")], roles=roles)
    raw = geopandas.read_file(place("tw_taipei_daan"), layer="bsa")
    assert (len(territory.atoms), territory.households) == (1270, 120_675)
    assert territory.atoms.code.tolist() == raw["CODEBASE"].tolist()
    assert np.isnan(raw["households"]).tolist() == (~territory.atoms.known).tolist()
    same = shapely.equals_identical(territory.atoms.geometry, shapely.force_2d(raw.geometry.to_numpy()))
    assert same.mean() > 0.99
    assert "borders-disagree" in kinds(territory)


def test_london_borough():
    """Camden: output areas and boundary, 97,534 households."""
    territory = import_sources([place("gb_camden")], roles={"atoms": "output_areas"})
    assert (len(territory.atoms), territory.households) == (749, 97_534)


@pytest.mark.slow
def test_monaco_from_openstreetmap():
    """Monaco's raw extract gives streets and buildings with households marked as estimates."""
    territory = import_sources([shared("places", "mc_monaco", "monaco.osm.pbf")])
    assert len(territory.streets) > 1000
    assert territory.buildings.estimated.any()


def test_area_of_an_extract_becomes_the_boundary(tmp_path):
    """The area named is the boundary and names the territory; nothing beyond it is counted."""
    area = osm_square(5, 11, {"boundary": "administrative", "name": "Middle"})
    homes = [osm_square(6 + i, node, {"building": "house"}) for i, node in enumerate((11, 0))]
    path = tmp_path / "a.osm"
    path.write_text(osm(NODES, [*STREETS, area, *homes]), encoding="utf-8")
    territory = import_sources([path], area="Middle")
    assert (territory.name, len(territory.buildings), territory.households) == ("Middle", 1, 1)
    assert kinds(territory)["boundary-from-osm"].where == "Middle"


def test_area_without_an_extract(tmp_path):
    """An area cannot be looked for where areas have no names."""
    path = write(tmp_path / "t.gpkg", {"atoms": areas()})
    with pytest.raises(InputError, match="only OpenStreetMap extracts have named areas"):
        import_sources([path], area="Middle")
