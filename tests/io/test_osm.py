import gzip

import numpy as np
import pytest
import shapely

from gridgeo.core.territory import build_territory
from gridgeo.errors import InputError
from gridgeo.io.osm import read_osm
from tests.core.territory.towns import is_exact
from tests.shared import shared


def osm(nodes, ways, points=()):
    """An OSM file: nodes {id: (lon, lat)}, ways [(id, [node ids], {tags})], points [(id, (lon, lat), {tags})]."""
    out = ['<?xml version="1.0"?><osm version="0.6">']
    out += [f'<node id="{i}" lon="{lon}" lat="{lat}" version="1"/>' for i, (lon, lat) in nodes.items()]
    for number, place, tags in points:
        inner = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        out.append(f'<node id="{number}" lon="{place[0]}" lat="{place[1]}" version="1">{inner}</node>')
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


GATED = [(90, [91, 11, 92, 21, 93], {"highway": "residential"})]
"""A street whose third node is a gate."""


def gated(path, gate):
    lonlat = {91: (7.400, 43.7305), 92: (7.4015, 43.7305), 93: (7.403, 43.7305)}
    nodes = {k: v for k, v in {**NODES, **lonlat}.items() if k != 92} | {11: (7.401, 43.7305), 21: (7.402, 43.7305)}
    path.write_text(osm(nodes, [*STREETS[:1], *GATED], [(92, lonlat[92], gate)]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("gate", "pieces"),
    [
        ({"barrier": "gate"}, 1),
        ({"barrier": "gate", "access": "private"}, 2),
        ({"barrier": "lift_gate", "access": "private", "foot": "yes"}, 1),
        ({"barrier": "gate", "locked": "yes"}, 2),
        ({"barrier": "bollard", "access": "no"}, 1),
    ],
)
def test_streets_end_at_shut_gates(tmp_path, gate, pieces):
    """A gate the public may not pass parts the street: its two sides do not meet, and that is told."""
    found = read_osm(gated(tmp_path / "a.osm", gate))
    streets = found.tables["streets"]
    own = [row for row, code in enumerate(streets.columns["code"].tolist()) if code.startswith("w90")]
    assert len(own) == pieces
    assert len(set(streets.columns["code"].tolist())) == len(streets)
    assert [notice.kind for notice in found.notices].count("gates-shut") == pieces - 1
    if pieces == 2:
        assert 0.5 < shapely.distance(*streets.geometry[own]) < 2


def test_gates_tell_who_may_pass_and_when(tmp_path):
    """Gates are read with access and daily hours."""
    path = gated(tmp_path / "a.osm", {"barrier": "gate", "opening_hours": "06:00-23:00"})
    gates = read_osm(path).tables["gates"].columns
    assert (gates["code"].tolist(), gates["passable"].tolist()) == (["n92"], [True])
    assert (gates["opens"].tolist(), gates["closes"].tolist()) == (["06:00"], ["23:00"])


def test_named_residential_land_without_public_streets_is_a_compound(tmp_path):
    """A named residential area is a compound unless a public street leads through it."""
    ways = [
        (50, [11, 21, 22, 12, 11], {"landuse": "residential", "name": "锦绣苑"}),
        (51, [0, 20, 22, 2, 0], {"landuse": "residential", "name": "Old Town"}),
        (52, [1, 11, 21], {"highway": "tertiary"}),
        (53, [22, 32, 33, 23, 22], {"landuse": "residential"}),
    ]
    table = read_osm(write(tmp_path / "a.osm", *ways)).tables["compounds"]
    assert table.columns["name"].tolist() == ["锦绣苑"]


def test_walls_are_barriers_where_they_are_long(tmp_path):
    """Town walls are barriers; fences and hedges are none."""
    ways = [(60, [11, 12], {"barrier": "wall"}), (61, [21, 22], {"barrier": "fence"})]
    table = read_osm(write(tmp_path / "a.osm", *ways)).tables["barriers"]
    assert table.columns["kind"].tolist() == ["wall"]


def admin(number, refs, level, name):
    return (number, refs, {"boundary": "administrative", "admin_level": str(level), "name": name})


def test_the_finest_whole_level_makes_communities(tmp_path):
    """Administrative areas of the finest level that covers the boundary are communities, named by those above."""
    ways = [
        admin(70, [0, 30, 33, 3, 0], 8, "Town"),
        admin(71, [0, 10, 13, 3, 0], 10, "West"),
        admin(72, [10, 30, 33, 13, 10], 10, "East"),
        admin(73, [0, 10, 11, 1, 0], 11, "Corner"),
    ]
    found = read_osm(write(tmp_path / "a.osm", *ways), area="Town")
    table = found.tables["communities"].columns
    assert table["name"].tolist() == ["West", "East"]
    assert table["subdistrict"].tolist() == ["Town", "Town"]
    assert {"communities-from-osm", "boundary-from-osm"} <= {notice.kind for notice in found.notices}
