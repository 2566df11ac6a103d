from __future__ import annotations

import numpy as np
import pytest

from gridgeo.core.locate import Locator
from tests.instances import ORIGIN
from tests.web.conftest import nine_grids, town


def grid_at(client, point):
    return client.get(f"/locate?point={point[0]},{point[1]}").json["grid"]


@pytest.mark.parametrize(("x", "y", "grid"), [(100, 100, "g0"), (300, 100, "g1"), (550, 550, "g8"), (1, 599, "g6")])
def test_inner_points_are_located(client, lonlat, x, y, grid):
    """A point inside a grid is in that grid."""
    assert grid_at(client, lonlat(x, y)) == grid


@pytest.mark.parametrize(
    ("x", "y", "grid"), [(200, 100, "g0"), (100, 200, "g0"), (200, 200, "g0"), (400, 400, "g4"), (400, 500, "g7")]
)
def test_shared_borders_go_to_the_lowest_code(client, lonlat, x, y, grid):
    """A point on the border of several grids is in the one with the lowest code."""
    assert grid_at(client, lonlat(x, y)) == grid


def test_every_vertex_sent_is_found(client):
    """Each vertex of a grid as it was sent is in a grid, and never in one with a higher code."""
    features = client.get("/collections/grids/items?limit=9").json["features"]
    assert len(features) == 9
    for feature in features:
        for point in feature["geometry"]["coordinates"][0]:
            assert grid_at(client, point) <= feature["id"]


@pytest.mark.parametrize(("x", "y"), [(-1, 100), (601, 100), (300, 700), (-50_000, 0)])
def test_points_outside_have_no_grid(client, lonlat, x, y):
    """A point outside the territory has no grid, which is an answer and no error."""
    reply = client.get(f"/locate?point={','.join(map(str, lonlat(x, y)))}")
    assert (reply.status_code, reply.json["grid"]) == (200, None)


@pytest.mark.parametrize("point", ["", "1", "1,2,3", "a,b", "nan,1", "inf,1", "1e999,0"])
def test_what_is_no_point_is_refused(client, point):
    """What is no longitude and latitude is answered with 400."""
    reply = client.get(f"/locate?point={point}")
    assert (reply.status_code, reply.json["errors"][0]["parameter"]) == (400, "point")


@pytest.mark.parametrize("point", [[181, 0], [0, 91], [30.7, 117.1]])
def test_points_off_the_globe_are_nowhere(client, point):
    """A point beyond the globe, such as one with latitude first, is 404 and told with the order that is wanted."""
    for reply in (
        client.get(f"/locate?point={point[0]},{point[1]}"),
        client.post("/locate", json={"points": [[0, 0], point]}),
        client.post("/alarms", json={"point": point}),
    ):
        assert (reply.status_code, reply.json["type"]) == (404, "urn:gridgeo:problem:nowhere")
        assert "longitude, latitude" in reply.json["hint"] and "point" in reply.json["detail"]


def test_the_poles_are_outside(client):
    """A point the projection does not reach is outside, not a failure."""
    assert grid_at(client, (0, 90)) is None
    assert grid_at(client, (-63.0, -89.9999)) is None


def test_many_points_agree_with_one(client, lonlat):
    """The bulk answer is the answer to each point, in order."""
    points = [lonlat(x, y) for x in range(-50, 700, 125) for y in range(-50, 700, 125)]
    bulk = client.post("/locate", json={"points": points}).json["grids"]
    assert bulk == [grid_at(client, point) for point in points]


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"points": [[1, 2], [1]]}, "#/points/1"),
        ({"points": "x"}, "#/points"),
        ({"points": [[0, 0]] * 51}, "#/points"),
        ({"point": [0, 0]}, "#"),
        ({}, "#"),
        ([], "#"),
    ],
)
def test_bad_bulk_bodies_are_refused(client, body, at):
    """A body of another shape is answered with 400 and a pointer to the place."""
    reply = client.post("/locate", json=body)
    assert (reply.status_code, reply.json["errors"][0]["pointer"]) == (400, at)


def test_no_points_no_grids(client):
    """No points get no grids."""
    assert client.post("/locate", json={"points": []}).json == {"grids": []}


def test_single_and_bulk_search_agree():
    """Both ways of asking the index give the same code everywhere, borders and corners included."""
    locator = Locator(nine_grids(town()))
    steps = np.arange(-100.0, 701.0, 50.0)
    xy = ORIGIN + np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
    assert [locator.code(x, y) for x, y in xy.tolist()] == locator.codes(xy).tolist()
