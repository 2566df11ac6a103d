import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Table, texts
from gridgeo.core.patrol import PatrolParams, plan_patrols
from gridgeo.errors import InputError
from gridgeo.handover.walks import save_walk_pictures, walk_page, write_walk_pages
from gridgeo.io.walks import gpx_of_table, read_walks, track_of, turn_csv, write_gpx_folder, write_turn_folder
from gridgeo.io.write import write_plan, write_routes
from tests.core.patrol.test_stops import CORNERS, with_places


def walked(name="Long Street"):
    """A plan with four places, its streets renamed, and its walks."""
    plan = with_places(CORNERS)
    streets = plan.territory.streets
    plan = replace(
        plan, territory=replace(plan.territory, streets=replace(streets, name=texts([name] * len(streets.code))))
    )
    return plan, plan_patrols(plan, PatrolParams(mode="both")).routes


def rows_of(data):
    """Rows of a CSV document as mappings."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_turn_lists_follow_the_walk():
    """Distances grow, the walk starts and arrives, and every call is in the list with its time."""
    plan, routes = walked()
    rows = rows_of(turn_csv(routes[0], plan.territory.streets, crs=plan.territory.crs, places=plan.territory.places))
    at = [float(row["at_m"]) for row in rows]
    assert at == sorted(at)
    assert rows[-1]["turn"] == "arrive"
    called = {row["text"].split(" call at ")[1] for row in rows if row["turn"] == "call"}
    assert called == {"Place 0", "Place 1", "Place 2", "Place 3"}


@pytest.mark.parametrize("sign", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_no_cell_is_a_formula(sign):
    """Street names that look like formulas are quoted."""
    plan, routes = walked(sign)
    data = turn_csv(routes[0], plan.territory.streets, crs=plan.territory.crs)
    assert {row["street"] for row in rows_of(data)} <= {f"'{sign}", ""}


def test_waypoints_stand_at_turns_and_calls():
    """The track has a waypoint for each turn and call, in walking order, in both languages."""
    plan, routes = walked()
    town = plan.territory
    for lang, word in (("en", "call at"), ("zh", "走访")):
        track = track_of(routes[0], town.streets, crs=town.crs, lang=lang, places=town.places)
        assert sum(word in turn.text for turn in track.turns) == 4


def test_pages_name_streets_in_both_languages():
    """A page to print shows every walk of the grid, escapes names and says what is proven."""
    plan, routes = walked("A & <B>")
    for lang, word in (("en", "proven shortest"), ("zh", "已证最短")):
        page = walk_page(routes, plan, lang)
        assert page.count("<section>") == len(routes)
        assert "A &amp; &lt;B&gt;" in page
        assert word in page


def test_folders_are_filled(tmp_path):
    """GPX, turn lists, pages and pictures: a file for each walk, a page for each grid."""
    plan, routes = walked()
    town = plan.territory
    assert len(write_gpx_folder(routes, tmp_path / "g", town.streets, crs=town.crs)) == 2
    assert len(write_turn_folder(routes, tmp_path / "t", town.streets, crs=town.crs, places=town.places)) == 2
    [picture, _] = save_walk_pictures(routes, tmp_path / "t", plan)
    assert picture.read_bytes().startswith(b"\x89PNG")
    [page] = write_walk_pages(routes, tmp_path / "t", plan, pictures=True)
    assert f'src="{picture.name}"' in page.read_text()


def test_broken_walks_are_not_written(tmp_path):
    """Every writer refuses a walk with a leg left out, and writes nothing."""
    plan, routes = walked()
    town = plan.territory
    broken = [replace(routes[0], legs=routes[0].legs[:3] + routes[0].legs[4:])]
    for write in (
        lambda: write_gpx_folder(broken, tmp_path / "g", town.streets, crs=town.crs),
        lambda: write_turn_folder(broken, tmp_path / "t", town.streets, crs=town.crs),
        lambda: save_walk_pictures(broken, tmp_path / "p", plan),
        lambda: write_walk_pages(broken, tmp_path / "h", plan),
        lambda: write_plan(plan, tmp_path / "plan.gpkg", routes=broken),
    ):
        with pytest.raises(InputError, match="begins at node"):
            write()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_walks_as_geojson(tmp_path):
    """Walks are lines in longitude and latitude without a CRS member."""
    plan, routes = walked()
    write_routes(routes, tmp_path / "w.geojson", crs=plan.territory.crs)
    told = json.loads((tmp_path / "w.geojson").read_text())
    assert "crs" not in told
    for feature in told["features"]:
        assert feature["geometry"]["type"] == "LineString"
        assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in feature["geometry"]["coordinates"])


def test_walks_are_read_by_grid(tmp_path):
    """Lines come back by code of the grid, in the order they were written."""
    plan, routes = walked()
    write_plan(plan, tmp_path / "w.gpkg", routes=routes)
    read = read_walks(tmp_path / "w.gpkg", crs=plan.territory.crs)
    for code, lines in read.items():
        assert [line.wkb for line in lines] == [route.geometry.wkb for route in routes if route.grid == code]
    assert set(read) == {route.grid for route in routes}


def test_walks_elsewhere_are_refused(tmp_path):
    """Walks in another CRS are refused and both CRSs named."""
    plan, routes = walked()
    write_plan(plan, tmp_path / "w.gpkg", routes=routes)
    with pytest.raises(InputError, match="EPSG:4547"):
        read_walks(tmp_path / "w.gpkg", crs="EPSG:4547")


def layer(grids=("a/b", "a_b"), **columns):
    """A layer of walks, one line a grid."""
    count = len(grids)
    lines = shapely.linestrings([[(500_000 + 9 * row, 0), (500_000 + 9 * row, 50)] for row in range(count)])
    plain = {name: np.ones(count) for name in ("officer", "round", "day", "length_m", "walk_s", "service_s")}
    return Table(columns={"grid": texts(list(grids))} | plain | columns, geometry=lines)


@pytest.mark.parametrize("grids", [("a/b", "a_b"), ("a/b", "a:b"), ("a", "a")])
def test_no_walk_takes_the_file_of_another(grids):
    """Grids whose codes look alike in a file name, and walks that repeat, have files of their own."""
    found = gpx_of_table(layer(grids), crs="EPSG:32650")
    assert len(found) == len(set(found.values())) == 2


def test_folders_hold_a_file_for_each_walk(tmp_path):
    """Walks of grids with codes that look alike are all written."""
    plan, routes = walked()
    alike = [replace(routes[0], grid=grid) for grid in ("a/b", "a_b", "a:b")]
    town = plan.territory
    assert len({path.name for path in write_gpx_folder(alike, tmp_path, town.streets, crs=town.crs)}) == 3
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("length_m", np.array([np.nan, 1.0])),
        ("officer", texts(["Li", "Wu"])),
        ("day", np.array([None, 1], dtype=object)),
        ("service_s", np.array([np.inf, 1.0])),
    ],
)
def test_a_layer_of_others_is_refused(name, values):
    """A column that holds what is no number is named."""
    with pytest.raises(InputError, match=f"{name} of a walk"):
        gpx_of_table(layer(**{name: values}), crs="EPSG:32650")
