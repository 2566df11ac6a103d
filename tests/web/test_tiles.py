"""Vector tiles: what they hold by an independent reader, how they are addressed, and how long they last."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridgeo.core.kernel.mvt import BUFFER, EXTENT
from gridgeo.core.model import geometries
from gridgeo.web.encode import Column, Features
from gridgeo.web.globe import Globe
from gridgeo.web.tiles.source import TileSource, world
from tests.instances import CRS, ORIGIN

GLOBE = Globe(CRS)


def place(lon, lat, z):
    """Column and row of the tile over a place."""
    x, y = world(np.array([[lon, lat]]))[0] * 2**z
    return int(x), int(y)


def source(shapes, **columns):
    """A layer of shapes given in metres from the corner of the town."""
    geometry = geometries([shapely.transform(shape, lambda xy: xy + ORIGIN) for shape in shapes])
    codes = [str(i) for i in range(len(shapes))]
    return TileSource("layer", Features(codes, {"code": Column(codes), **columns}, geometry, GLOBE), GLOBE)


def decoded(tile):
    """A tile as mapbox-vector-tile reads it, y southward."""
    mvt = pytest.importorskip("mapbox_vector_tile")
    return mvt.decode(tile, default_options={"y_coord_down": True}) if tile else {}


def features(tiles, z, metres=(300.0, 300.0)):
    """Decoded features of the tile over a place in the town."""
    column, row = place(*GLOBE.point(*(ORIGIN + np.array(metres))), z)
    return decoded(tiles.tile(z, column, row)).get("layer", {}).get("features", [])


def shape(feature):
    """A decoded feature as a shape on the tile's lattice."""
    return shapely.geometry.shape(feature["geometry"])


SQUARE = shapely.box(0, 0, 600, 600)
COURT = shapely.Polygon(SQUARE.exterior, [shapely.box(200, 200, 400, 400).exterior])


def test_properties_keep_their_types():
    """Texts, whole numbers below and above zero, fractions and truths come back; nulls and lists are left out."""
    tiles = source(
        [SQUARE, SQUARE],
        name=Column(["学校", None]),
        count=Column(np.array([-3, 7])),
        large=Column(np.array([2**40, 0])),
        width=Column(np.array([1.5, np.nan])),
        busy=Column(np.array([True, False])),
        point=Column([[1, 2], [3, 4]], kind="array"),
    )
    first, second = (feature["properties"] for feature in features(tiles, 14))
    assert first == {"code": "0", "name": "学校", "count": -3, "large": 2**40, "width": 1.5, "busy": True}
    assert second == {"code": "1", "count": 7, "large": 0, "busy": False}


def test_outer_rings_run_clockwise_and_holes_the_other_way():
    """As the standard wants it, by area on a lattice that counts y southward."""
    [feature] = features(source([COURT]), 16)
    rings = [np.array(ring) for ring in feature["geometry"]["coordinates"]]
    areas = [np.sum(r[:-1, 0] * r[1:, 1] - r[1:, 0] * r[:-1, 1]) for r in rings]
    assert areas[0] > 0 > areas[1]


@pytest.mark.parametrize("z", range(9, 21))
def test_tiles_hold_the_part_of_the_shape_in_them(z):
    """At every zoom a polygon with a court is, on the tile's lattice, the shape cut at the tile's edge."""
    tiles, spot = source([COURT]), (150.0, 150.0)
    column, row = place(*GLOBE.point(*(ORIGIN + np.array(spot))), z)
    whole = shapely.transform(
        shapely.transform(COURT, lambda xy: xy + ORIGIN), lambda xy: world(GLOBE.lonlat(xy)) * 2**z * EXTENT
    )
    moved = shapely.transform(whole, lambda xy: xy - np.array([column, row]) * EXTENT)
    wanted = shapely.intersection(moved, shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))
    got = features(tiles, z, spot)
    if wanted.area < 1:
        assert got == [] or shape(got[0]).area <= 4
        return
    assert shapely.symmetric_difference(shape(got[0]).buffer(0), wanted).area <= wanted.length + 4


@pytest.mark.parametrize("seed", range(8))
def test_random_stars_are_cut_right(seed):
    """Concave rings cut by the tile's edge keep their area on the lattice."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 40))
    star = shapely.Polygon(np.stack([np.cos(angle), np.sin(angle)], 1) * rng.uniform(50, 900, (40, 1)) + 300)
    z = 17
    column, row = place(*GLOBE.point(*(ORIGIN + 300.0)), z)
    moved = shapely.transform(
        shapely.transform(star, lambda xy: xy + ORIGIN),
        lambda xy: (world(GLOBE.lonlat(xy)) * 2**z - np.array([column, row])) * EXTENT,
    )
    wanted = shapely.intersection(moved, shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))
    [got] = features(source([star]), z)
    assert shape(got).buffer(0).area == pytest.approx(wanted.area, abs=wanted.length + 4)


def test_neighbors_meet_without_a_gap():
    """Grids that share a border share its rounded points: their cover of the lattice has neither gap nor overlap."""
    cells = [shapely.box(x, y, x + 100, y + 100) for x in range(0, 600, 100) for y in range(0, 600, 100)]
    for z in (13, 15, 17):
        shapes = [shape(feature) for feature in features(source(cells), z)]
        assert shapely.coverage_is_valid(shapes)


def test_what_collapses_is_left_out():
    """A polygon smaller than the lattice is not drawn, nor is a hole in it; a tile of nothing else is empty."""
    speck = shapely.Polygon(shapely.box(0, 0, 0.01, 0.01).exterior, [shapely.box(0.002, 0.002, 0.004, 0.004).exterior])
    assert features(source([speck]), 10, (0.0, 0.0)) == []


def test_lines_are_cut_at_the_edge():
    """A line that leaves a tile and comes back is several lines there, those joined inside in one."""
    z = 17
    column, row = place(*GLOBE.point(*(ORIGIN + 300.0)), z)
    ends = np.array([[column, row], [column + 1, row + 1]]) / 2**z
    lonlat = np.stack([(ends[:, 0] - 0.5) * 360, np.degrees(np.arctan(np.sinh((0.5 - ends[:, 1]) * 2 * np.pi)))], 1)
    (west, north), (east, south) = GLOBE.xy(lonlat) - ORIGIN
    wide = east - west
    comb = [(west + wide * share, y) for share in (0.2, 0.4, 0.6, 0.8) for y in (south + 5, north + 500)]
    comb[2:4] = comb[3:1:-1]
    comb[6:8] = comb[7:5:-1]
    [got] = features(source([shapely.LineString(comb)]), z)
    assert [len(line.coords) for line in shape(got).geoms] == [2, 4, 2]
    bounds = shapely.bounds(shape(got))
    assert bounds.min() >= -BUFFER and bounds.max() <= EXTENT + BUFFER


def test_points_and_many_in_one():
    """Points, and several in one feature, stand where they are."""
    tiles = source([shapely.Point(300, 300), shapely.MultiPoint([(290, 300), (310, 300)])])
    single, double = features(tiles, 17)
    assert single["geometry"]["type"] == "Point" and len(double["geometry"]["coordinates"]) == 2
    x = np.array(double["geometry"]["coordinates"])[:, 0]
    assert x[0] < single["geometry"]["coordinates"][0] < x[1]


def test_shapes_of_several_parts_and_mixed_ones():
    """A polygon of two parts has both; of a mixed collection the parts like the first are drawn; nothing is nothing."""
    two = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(300, 0, 400, 100)])
    mixed = shapely.GeometryCollection([shapely.box(200, 200, 300, 300), shapely.Point(0, 0)])
    tiles = source([two, mixed, shapely.Polygon()])
    assert [feature["geometry"]["type"] for feature in features(tiles, 15)] == ["MultiPolygon", "Polygon"]


def test_a_collection_without_geometry_has_empty_tiles():
    """Nothing to draw is no failure."""
    tiles = TileSource("none", Features(["a"], {"code": Column(["a"])}, None, GLOBE), GLOBE)
    assert tiles.tile(0, 0, 0) == b""


# ------------------------------------------------------------------ over the wire


def address(client, id="grids", z=15):
    told = client.get(f"/collections/{id}/tiles/WebMercatorQuad/tilejson").json
    west, south, east, north = told["bounds"]
    column, row = place((west + east) / 2, (south + north) / 2, z)
    full = told["tiles"][0].format(z=z, x=column, y=row)
    return full.removeprefix("http://localhost")


def test_tilejson_leads_to_tiles_that_last(client):
    """The address in TileJSON answers with a tile that may be kept for good; without the edition it is asked anew."""
    path = address(client)
    reply = client.get(path)
    assert (reply.status_code, reply.content_type) == (200, "application/vnd.mapbox-vector-tile")
    assert "immutable" in reply.headers["Cache-Control"]
    bare = client.get(path.partition("?")[0])
    assert bare.data == reply.data and bare.headers["Cache-Control"] == "no-cache"
    assert {f["properties"]["code"] for f in decoded(reply.data)["grids"]["features"]} == {f"g{i}" for i in range(9)}


def test_a_new_plan_has_a_new_edition(client, store):
    """After grids change the addresses do; an old address is answered, but not for good."""
    before = address(client)
    streets = address(client, "streets")
    store.save_plan(store.plan().move([2], "g0"), id="main", created="2026-11-21T10:00:00Z")
    store.publish("main", 2)
    assert address(client) != before and address(client, "streets") == streets
    assert "immutable" not in client.get(before).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["23/0/0", "1/2/0", "1/0/2", "-1/0/0", "a/b/c", "1/0/1e1", "1/0/99999999999999999999"])
def test_tiles_beyond_the_world_are_not_found(client, path):
    """Only rows and columns of the matrix have tiles."""
    assert client.get(f"/collections/grids/tiles/WebMercatorQuad/{path}").status_code == 404


def test_a_tile_of_nothing(client):
    """Where nothing lies the answer is 204."""
    reply = client.get("/collections/grids/tiles/WebMercatorQuad/10/0/0")
    assert (reply.status_code, reply.data) == (204, b"")


def test_only_what_can_be_drawn_has_tiles(client):
    """Faults are a list for readers; they have no tiles and say so."""
    assert client.get("/collections/faults/tiles").status_code == 404
    assert client.get("/collections/nope/tiles").status_code == 404


def test_tile_sets_are_described(client):
    """Collections lead to tile sets, these to the scheme, and its first zoom is one tile of the world."""
    from urllib.parse import urlsplit

    told = client.get("/collections/grids").json
    [tiles] = [entry for entry in told["links"] if entry["rel"].endswith("tilesets-vector")]
    [listed] = client.get(urlsplit(tiles["href"]).path).json["tilesets"]
    for entry in listed["links"]:
        if not entry.get("templated"):
            assert client.get(urlsplit(entry["href"]).path).status_code == 200
    matrices = client.get("/tileMatrixSets/WebMercatorQuad").json["tileMatrices"]
    assert matrices[0]["cellSize"] * 256 == pytest.approx(2 * 20037508.342789244) and len(matrices) == 23
    assert client.get("/tileMatrixSets").json["tileMatrixSets"][0]["id"] == "WebMercatorQuad"
