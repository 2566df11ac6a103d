import gzip

import numpy as np
import pytest
import shapely

from gridgeo.core.territory import build_territory
from gridgeo.errors import InputError
from gridgeo.io.osm import read_osm
from tests.core.territory.towns import is_exact
from tests.shared import shared


def osm(nodes, ways):
    """An OSM file: nodes {id: (lon, lat)}, ways [(id, [node ids], {tags})]."""
    out = ['<?xml version="1.0"?><osm version="0.6">']
    out += [f'<node id="{i}" lon="{lon}" lat="{lat}" version="1"/>' for i, (lon, lat) in nodes.items()]
    for number, refs, tags in ways:
        inner = "".join(f'<nd ref="{r}"/>' for r in refs) + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        out.append(f'<way id="{number}" version="1">{inner}</way>')
    return "".join(out) + "</osm>"


NODES = {i * 10 + j: (7.40 + i * 0.001, 43.73 + j * 0.001) for i in range(4) for j in range(4)}
STREETS = [
    (1, [0, 1, 2, 3], {"highway": "residential", "name": "Rue A", "sidewalk": "both", "width": "7.5 m"}),
    (2, [0, 10, 20, 30], {"highway": "motorway"}),
    (3, [3, 13, 23, 33], {"highway": "service", "access": "private"}),
    (4, [30, 31, 32, 33], {"highway": "footway", "bridge": "yes"}),
]


def square(number, node, tags):
    """A closed way around the lattice square that begins at a node."""
    return (number, [node, node + 10, node + 11, node + 1, node], tags)


def write(path, *ways):
    path.write_text(osm(NODES, [*STREETS, *ways]), encoding="utf-8")
    return path


def test_streets_and_walking_rules(tmp_path):
    """Class, name, walking rules, sides, width and level come from the tags; coordinates are UTM metres."""
    tables, crs, _ = read_osm(write(tmp_path / "a.osm"))
    streets = tables["streets"]
    assert crs == "EPSG:32632"
    assert streets.columns["code"].tolist() == ["w1", "w2", "w3", "w4"]
    assert streets.columns["name"].tolist() == ["Rue A", "", "", ""]
    assert streets.columns["walkable"].tolist() == [True, False, False, True]
    assert (streets.columns["sides"].tolist(), streets.columns["layer"].tolist()) == (
        [2, 1, 1, 1],
        ["0", "0", "0", "1"],
    )
    assert streets.columns["width_m"][0] == 7.5
    assert 330 < shapely.length(streets.geometry[0]) < 336


@pytest.mark.parametrize(
    ("tags", "households", "source"),
    [
        ({"building": "apartments", "building:levels": "4"}, 340, "estimate"),
        ({"building": "house", "building:levels": "2"}, 1, "estimate"),
        ({"building": "yes", "building:flats": "77"}, 77, "count"),
        ({"building": "yes", "amenity": "school"}, 0, ""),
        ({"building": "garage"}, 0, ""),
    ],
)
def test_households(tmp_path, tags, households, source):
    """Flats that are tagged are counts; homes are estimated from floor area; other buildings hold nobody."""
    table = read_osm(write(tmp_path / "a.osm", square(9, 11, tags))).tables["buildings"]
    assert abs(table.columns["households"][0] - households) <= 0.02 * households
    assert table.columns["source"].tolist() == [source]


def test_assumed_floors_are_told(tmp_path):
    """Homes without floors get the usual number, and that is told."""
    found = read_osm(write(tmp_path / "a.osm", square(9, 11, {"building": "yes"})))
    (notice,) = [n for n in found.notices if n.kind == "floors-assumed"]
    assert notice.households == found.tables["buildings"].columns["households"][0]
    assert dict(notice.facts) == {"buildings": 1, "floors": 3}


def test_barriers(tmp_path):
    """Rivers, water areas and railways are barriers; culverts and sidings are none."""
    ways = [
        (11, [1, 11], {"waterway": "river"}),
        (12, [1, 11], {"waterway": "river", "tunnel": "culvert"}),
        (13, [2, 12], {"railway": "rail"}),
        (14, [2, 12], {"railway": "rail", "service": "yard"}),
        square(15, 20, {"natural": "water"}),
    ]
    table = read_osm(write(tmp_path / "a.osm", *ways)).tables["barriers"]
    assert sorted(zip(table.columns["code"], table.columns["kind"], strict=True)) == [
        ("w11", "river"),
        ("w13", "railway"),
        ("w15", "river"),
    ]


def test_places(tmp_path):
    """Schools and the like become places at a point inside them, with name and kind."""
    table = read_osm(write(tmp_path / "a.osm", square(9, 11, {"amenity": "school", "name": "École"}))).tables["places"]
    assert (table.columns["name"].tolist(), table.columns["kind"].tolist()) == (["École"], ["school"])
    assert table.geometry[0].geom_type == "Point"


def test_boundary_is_the_hull(tmp_path):
    """Without an administrative area the hull of streets and buildings is the boundary, and that is told."""
    found = read_osm(write(tmp_path / "a.osm"))
    assert [n.kind for n in found.notices] == ["boundary-derived"]
    assert shapely.covers(found.tables["boundary"].geometry[0].buffer(1e-6), found.tables["streets"].geometry).all()


def test_boundary_is_the_area_asked_for(tmp_path):
    """An administrative area can be named; an unknown name lists the known ones."""
    area = square(9, 11, {"boundary": "administrative", "admin_level": "8", "name": "Middle"})
    path = write(tmp_path / "a.osm", area)
    found = read_osm(path, area="Middle")
    assert found.tables["boundary"].columns["name"].tolist() == ["Middle"]
    with pytest.raises(InputError, match="no administrative area is named Nowhere") as caught:
        read_osm(path, area="Nowhere")
    assert "Middle" in caught.value.hint


def test_beyond_the_area_asked_for(tmp_path):
    """Buildings and places beyond a named area are left out, streets that reach into it or pass near are kept."""
    area = square(5, 0, {"boundary": "administrative", "name": "Corner"})
    home, far = square(6, 0, {"building": "house"}), square(7, 22, {"building": "house"})
    school = square(8, 22, {"amenity": "school"})
    found = read_osm(write(tmp_path / "a.osm", area, home, far, school), area="Corner")
    assert found.tables["buildings"].columns["code"].tolist() == ["w6"]
    assert "places" not in found.tables
    assert found.tables["streets"].columns["code"].tolist() == ["w1", "w2", "w4"]  # w3 is 222 m away
    told = {notice.kind: notice for notice in found.notices}
    assert told["floors-assumed"].facts["buildings"] == 1
    assert told["boundary-from-osm"].where == "Corner"


def test_area_of_most_buildings(tmp_path):
    """Where no area holds most of the streets, the smallest one that holds most of the buildings is the boundary."""
    area = square(8, 11, {"boundary": "administrative", "name": "Middle"})
    home = square(9, 11, {"building": "house"})
    found = read_osm(write(tmp_path / "a.osm", area, home))
    assert found.tables["boundary"].columns["name"].tolist() == ["Middle"]


def test_areas_to_choose_from_are_told(tmp_path):
    """Where no area holds most of the extract, the hull is the boundary and the areas are listed."""
    areas = [
        square(8 + i, node, {"boundary": "administrative", "name": name})
        for i, (node, name) in enumerate([(0, "West"), (22, "East")])
    ]
    found = read_osm(write(tmp_path / "a.osm", *areas))
    told = {notice.kind: notice for notice in found.notices}
    assert set(told) == {"boundary-derived", "boundary-areas"}
    assert told["boundary-areas"].facts == {"areas": "East, West"}


def test_smallest_area_that_holds_most_streets(tmp_path):
    """Among areas holding most of the streets the smallest is the boundary."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    nodes = NODES | {100 + i: (7.4015 + 0.01 * x, 43.7315 + 0.01 * y) for i, (x, y) in enumerate(corners)}
    nodes |= {200 + i: (7.4015 + 0.02 * x, 43.7315 + 0.02 * y) for i, (x, y) in enumerate(corners)}
    areas = [(7, [200, 201, 202, 203, 200], {"boundary": "administrative", "name": "County"})]
    areas += [(8, [100, 101, 102, 103, 100], {"boundary": "administrative", "name": "Town"})]
    areas += [square(9, 11, {"boundary": "administrative", "name": "Quarter"})]
    (tmp_path / "a.osm").write_text(osm(nodes, [*STREETS, *areas]), encoding="utf-8")
    found = read_osm(tmp_path / "a.osm")
    assert found.tables["boundary"].columns["name"].tolist() == ["Town"]
    assert [n.kind for n in found.notices] == ["boundary-from-osm"]


def test_gz(tmp_path):
    """A compressed extract reads like a plain one."""
    path = tmp_path / "a.osm.gz"
    path.write_bytes(gzip.compress(osm(NODES, STREETS).encode()))
    assert len(read_osm(path).tables["streets"]) == 4


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm.pbf", b"not a pbf at all"),
        ("a.osm", b"<osm version='0.6'><node id='1'"),
        ("a.osm.gz", b"\x1f\x8b broken"),
        ("a.osm", b""),
        ("a.txt", b"hello"),
    ],
)
def test_broken_files(tmp_path, name, content):
    """A file that is not what its name says is one clear error."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match="not a readable OpenStreetMap file"):
        read_osm(path)


def test_missing_large_and_empty(tmp_path):
    """A missing file, one above the limit and one without streets are refused with the reason."""
    with pytest.raises(InputError, match="no such file"):
        read_osm(tmp_path / "none.osm")
    with pytest.raises(InputError, match="more than 10"):
        read_osm(write(tmp_path / "a.osm"), max_bytes=10)
    (tmp_path / "b.osm").write_text(osm(NODES, []), encoding="utf-8")
    with pytest.raises(InputError, match="holds no streets"):
        read_osm(tmp_path / "b.osm")


def test_entities_are_not_expanded(tmp_path):
    """A file with XML entities that grow without end is refused."""
    bomb = '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    (tmp_path / "a.osm").write_text(f'<?xml version="1.0"?>{bomb}<osm version="0.6">&b;</osm>', encoding="utf-8")
    with pytest.raises(InputError):
        read_osm(tmp_path / "a.osm")


def test_nodes_that_are_missing(tmp_path):
    """Ways cut off by the extract keep the nodes that are there; ways left with one node are counted."""
    found = read_osm(
        write(tmp_path / "a.osm", (50, [0, 1, 999], {"highway": "path"}), (51, [0, 999], {"highway": "path"}))
    )
    assert found.tables["streets"].columns["code"].tolist()[-1] == "w50"
    (notice,) = [n for n in found.notices if n.kind == "osm-broken-objects"]
    assert dict(notice.facts) == {"objects": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["mc_monaco/monaco.osm.pbf", "at_krems/krems.osm.gz", "us_baltimore/baltimore.osm.pbf"]
)
def test_real_extracts(name):
    """Real extracts become territories covered exactly, with every estimated household in an atom."""
    tables, crs, _ = read_osm(shared("places", *name.split("/")))
    town = build_territory(tables, name="town", crs=crs)
    assert is_exact(town, tables["boundary"].geometry[0])
    assert town.households == np.nansum(tables["buildings"].columns["households"])
