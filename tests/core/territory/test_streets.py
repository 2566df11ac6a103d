import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Border, geometries, texts
from gridgeo.core.territory.simplify import without_doubles, without_through_nodes
from gridgeo.core.territory.streets import node_lines, street_notices, streets_of
from gridgeo.core.territory.words import border_of, may_walk
from tests.core.territory.towns import line, table
from tests.effort import examples


def degrees(streets):
    return sorted(np.bincount(np.concatenate([streets.tail, streets.head])).tolist())


def test_crossing_at_level_joins():
    """Two streets that cross are joined at the crossing."""
    streets = streets_of(table([line((0, 0), (10, 0)), line((5, -5), (5, 5))]))
    assert degrees(streets) == [1, 1, 1, 1, 4]


@pytest.mark.parametrize(
    "column", [{"bridge": ["", "yes"]}, {"tunnel": ["", "yes"]}, {"layer": np.array([0, 1])}, {"layer": ["0", "1"]}]
)
def test_crossing_at_another_level_does_not_join(column):
    """A bridge or tunnel does not join the street it only crosses."""
    streets = streets_of(table([line((0, 0), (10, 0)), line((5, -5), (5, 5))], **column))
    assert degrees(streets) == [1, 1, 1, 1]


def test_bridge_lands_on_the_ground():
    """A bridge that ends on a street joins it."""
    streets = streets_of(table([line((0, 0), (10, 0)), line((5, 0), (5, 5))], bridge=["", "yes"]))
    assert degrees(streets) == [1, 1, 1, 3]


def test_street_that_ends_on_another_cuts_it():
    """A street that ends within a centimetre of another joins it; a metre away it does not."""
    near = streets_of(table([line((0, 0), (10, 0)), line((5, 0.008), (5, 5))]))
    far = streets_of(table([line((0, 0), (10, 0)), line((5, 1), (5, 5))]))
    assert (degrees(near), degrees(far)) == ([1, 1, 1, 3], [1, 1, 1, 1])


def test_tiny_gaps_close():
    """Ends less than a centimetre apart are one node, and nodes are unique points."""
    streets = streets_of(table([line((0, 0), (10, 0)), line((10.005, 0), (20, 0))], name=["A", "B"]))
    assert degrees(streets) == [1, 1, 2]
    assert len(np.unique(streets.node_xy, axis=0)) == streets.nodes


def test_motorways_have_no_edges():
    """A motorway is a line but nobody walks it, whatever its row says."""
    streets = streets_of(table([line((0, 0), (10, 0))], **{"class": ["motorway"], "walkable": [True]}))
    assert (len(streets), streets.walkable.tolist(), streets.border.tolist()) == (0, [False], [Border.MOTORWAY])


def test_row_says_not_walkable():
    """A street whose row says not walkable has no edges."""
    streets = streets_of(table([line((0, 0), (9, 0)), line((9, 0), (9, 9))], walkable=[False, True]))
    assert streets.line.tolist() == [1]


def test_edges_add_up_to_lines():
    """Edges of a line have its length, run from tail to head, and keep the order of the lines."""
    lines = [line((0, 0), (3, 4), (6, 0)), line((0, 0), (6, 0)), line((3, -9), (3, 9))]
    streets = streets_of(table(lines, name=["A", "B", "C"]))
    for row, shape in enumerate(lines):
        assert streets.length_mm[streets.line == row].sum() == round(shape.length * 1000)
    starts = shapely.get_coordinates(shapely.get_point(streets.geometry, 0))
    ends = shapely.get_coordinates(shapely.get_point(streets.geometry, -1))
    assert np.array_equal(starts, streets.node_xy[streets.tail])
    assert np.array_equal(ends, streets.node_xy[streets.head])
    assert (np.diff(streets.line) >= 0).all()


def test_line_that_crosses_itself():
    """A line that crosses itself is cut there into a loop and two ends."""
    streets = streets_of(table([line((0, 0), (10, 0), (10, 5), (5, 5), (5, -5))]))
    assert degrees(streets) == [1, 1, 4]


def test_multilines_and_loops():
    """Parts of a multi-line are streets of one row; a ring is one loop."""
    ring = line((0, 0), (5, 0), (5, 5), (0, 0))
    streets = streets_of(table([shapely.MultiLineString([line((20, 0), (30, 0)), line((20, 9), (30, 9))]), ring]))
    assert streets.line.tolist() == [0, 0, 1]
    assert streets.tail[2] == streets.head[2]


def test_lattice_equals_networkx():
    """A lattice of crossing streets is the grid graph."""
    n = 6
    lines = [line((i, -1), (i, n)) for i in range(n)] + [line((-1, i), (n, i)) for i in range(n)]
    graph = nx.Graph(streets_of(table(lines)).to_networkx())
    inner = graph.subgraph([v for v, d in graph.degree if d > 1])
    assert nx.is_isomorphic(inner, nx.grid_2d_graph(n, n))


def test_disconnected_is_told():
    """Streets in two pieces are reported with the length of the smaller ones."""
    streets = streets_of(table([line((0, 0), (100, 0)), line((0, 50), (30, 50))]))
    (notice,) = street_notices(streets)
    assert (notice.kind, dict(notice.facts)) == ("streets-disconnected", {"components": 2, "length_m": 30})


def test_no_walkable_street_is_told():
    """A file whose streets nobody walks says so; a file without streets has nothing to say."""
    fast = streets_of(table([line((0, 0), (1, 0))], **{"class": ["motorway"]}))
    none = streets_of(table([]))
    assert [n.kind for n in street_notices(fast)] == ["no-walkable-streets"]
    assert street_notices(none) == []


@pytest.mark.parametrize(
    ("word", "border"),
    [
        ("footway", Border.PATH),
        ("小区路", Border.PATH),
        ("residential", Border.STREET),
        ("支路", Border.STREET),
        ("something new", Border.STREET),
        ("次干路", Border.MAIN),
        ("major_road", Border.MAIN),
        ("高速公路", Border.MOTORWAY),
    ],
)
def test_words(word, border):
    """Words of OSM, Chinese plans and tile sets give the border class."""
    assert border_of(word) == border


def test_name_decides_where_there_is_no_class():
    """An expressway without a class is known by its name, and not walked."""
    assert border_of("", "PAN ISLAND EXPRESSWAY") == Border.MOTORWAY
    assert not may_walk("", "沪宁高速")
    assert border_of("residential", "Expressway Lane") == Border.STREET


def test_defaults_of_missing_columns():
    """Missing sides and widths are 1 and 0; codes are made."""
    streets = streets_of(table([line((0, 0), (1, 0))], code=[""]))
    assert (streets.sides.tolist(), streets.width_m.tolist(), streets.code.tolist()) == ([1], [0.0], ["street-1"])
    assert streets_of(table(geometries([]), code=texts([]))).nodes == 0


def test_a_street_drawn_in_pieces_is_one_edge():
    """Pieces of one street that meet where nothing else does are one edge with the geometry of all."""
    pieces = [line((0, 0), (10, 0)), line((20, 5), (10, 0)), line((20, 5), (30, 5))]
    streets = streets_of(table(pieces, name=["A", "A", "A"]))
    assert (streets.nodes, len(streets)) == (2, 1)
    assert shapely.equals(streets.geometry[0], line((0, 0), (10, 0), (20, 5), (30, 5)))
    assert streets.length_mm.tolist() == [round(1000 * (20 + 125**0.5))]


@pytest.mark.parametrize("columns", [{"name": ["A", "B"]}, {"class": ["footway", "steps"]}, {"layer": ["0", "1"]}])
def test_another_street_is_another_edge(columns):
    """Where the name, the class or the level changes, the edge ends."""
    assert len(streets_of(table([line((0, 0), (10, 0)), line((10, 0), (20, 0))], **columns))) == 2


def test_a_junction_keeps_its_node():
    """Where three edges meet nothing is joined; a ring keeps the node it hangs on."""
    lines = [
        line((0, 0), (10, 0)),
        line((10, 0), (20, 0)),
        line((10, 0), (10, 9)),
        line((20, 0), (30, 5), (30, -5), (20, 0)),
    ]
    streets = streets_of(table(lines))
    assert degrees(streets) == [1, 1, 3, 3]


def test_streets_drawn_twice_are_walked_once():
    """A line drawn again backwards, or a hand's breadth beside, is the same street; a second carriageway is not."""
    there = line((0, 0), (50, 0.4), (100, 0))
    back = line((100, 0), (50, 0), (0, 0))
    beside = line((0, 0), (50, 12), (100, 0))
    streets = streets_of(table([there, back, beside, there]))
    assert sorted(streets.line.tolist()) == [0, 2]


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_joining_keeps_the_network(seed, n):
    """Whatever lines: joined edges have the same total length, the same pieces, and ends where their geometry ends."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, 6, (n, 2, 2)) * 10.0
    at = at[(at[:, 0] != at[:, 1]).any(axis=1)]
    lines = [line(*pair) for pair in at]
    nodes = node_lines(geometries(lines), np.zeros(len(lines), np.int64))
    once = without_doubles(nodes)
    plain = without_through_nodes(once, np.zeros(len(lines), np.int64))
    assert shapely.length(plain.geometry).sum() == pytest.approx(shapely.length(once.geometry).sum())
    assert shapely.union_all(plain.geometry).equals(shapely.union_all(nodes.geometry))
    starts = shapely.get_coordinates(shapely.get_point(plain.geometry, 0))
    ends = shapely.get_coordinates(shapely.get_point(plain.geometry, -1))
    assert np.array_equal(starts, plain.node_xy[plain.tail])
    assert np.array_equal(ends, plain.node_xy[plain.head])
    pieces = [len(set(components(len(g.node_xy), g.tail, g.head).tolist())) for g in (once, plain)]
    assert pieces[0] == pieces[1]
    assert len(without_through_nodes(plain, np.zeros(len(lines), np.int64)).tail) == len(plain.tail)
