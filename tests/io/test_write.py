"""What is written is whole, the same each time, and read by other tools."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from gridgeo.core.edit import EditDesk, Rename
from gridgeo.core.model import Drawn
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.core.tables import territory_hash
from gridgeo.errors import InputError
from gridgeo.io.crs import crs_of
from gridgeo.io.read import read_either, read_territory
from gridgeo.io.write import to_frame, write_bytes, write_geojson, write_json, write_plan, write_territory
from tests.instances import lattice, plan_of
from tests.io.raw import X, Y, square, table


def plan():
    return plan_of(lattice(2, 3), [0, 0, 1, 0, 1, 1])


WALK = shapely.LineString([(X, Y), (X + 50, Y), (X, Y)])


@dataclass(frozen=True)
class Route:
    """A route as the table of routes wants it."""

    grid: str = "g0"
    officer: int = 1
    round: int = 1
    day: int = 1
    length_m: float = 100.0
    walk_s: float = 80.0
    service_s: float = 0.0
    deadhead_m: float = 0.0
    bound_m: float = 100.0
    proven: bool = True
    drawn: bool = True
    geometry: shapely.LineString = WALK
    spread: float | None = None


def test_same_plan_same_bytes(tmp_path):
    """Two files of one plan are equal byte by byte."""
    for name in ("a.gpkg", "b.gpkg"):
        write_plan(plan(), tmp_path / name, routes=[Route()])
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_a_gis_finds_grids_atoms_and_routes(tmp_path):
    """GDAL reads grids with their numbers, atoms with their grid, routes, and the boundary."""
    path = tmp_path / "p.gpkg"
    write_plan(plan(), path, routes=[Route()])
    names = set(pyogrio.list_layers(path)[:, 0])
    assert {"boundary", "grids", "atoms", "routes", "streets", "gridgeo_metadata"} <= names
    grids = geopandas.read_file(path, layer="grids")
    assert grids.crs == "EPSG:32650"
    assert grids["households"].tolist() == [150, 150]
    assert grids.area.sum() == pytest.approx(60_000)
    assert geopandas.read_file(path, layer="atoms")["grid"].tolist() == ["g0", "g0", "g1", "g0", "g1", "g1"]


def test_what_the_solver_said_is_kept(tmp_path):
    """Bound, seed, parameters and certificate go into the metadata; an endless gap is null."""
    drawn = Drawn(params=PlanParams(), rng_seed=3, bound=12.5, optimality_gap=np.inf, stats={})
    write_plan(replace(plan(), drawn=drawn), tmp_path / "p.gpkg", certificate={"complete": np.True_})
    metadata = read_either(tmp_path / "p.gpkg").metadata
    assert (metadata["bound"], metadata["rng_seed"]) == ("12.5", "3")
    assert metadata["optimality_gap"] == "null"
    assert json.loads(metadata["params"])["households"] == [300, 500]
    assert json.loads(metadata["certificate"]) == {"complete": True}


def test_custom_crs_survives(tmp_path):
    """A territory in a system without a code is read back as it was."""
    own = crs_of("+proj=tmerc +lon_0=114.3 +x_0=800000 +ellps=GRS80 +units=m +type=crs")
    given = replace(lattice(1, 2), crs=own.text)
    write_territory(given, tmp_path / "t.gpkg")
    again = read_territory(tmp_path / "t.gpkg")
    assert (again.crs, again.notices) == (given.crs, ())
    assert territory_hash(again) == territory_hash(given)


def test_geojson_is_rfc_7946(tmp_path):
    """Features are in longitude and latitude, shells counter-clockwise, no crs member, NaN as null."""
    clockwise = square(0).reverse()
    write_geojson(tmp_path / "f.geojson", table([clockwise, None], code=["a", "b"], n=[np.nan, 2.0]), "EPSG:32650")
    document = json.loads((tmp_path / "f.geojson").read_text())
    first, second = document["features"]
    ring = shapely.LinearRing(first["geometry"]["coordinates"][0])
    assert "crs" not in document
    assert ring.is_ccw
    assert ring.bounds[0] == pytest.approx(117.0)
    assert (first["id"], first["properties"]["n"], second["geometry"]) == ("a", None, None)


def test_nothing_is_left_of_a_failed_write(tmp_path):
    """A folder that is not there is an input error; a value JSON cannot hold leaves no part behind."""
    with pytest.raises(InputError):
        write_json({}, tmp_path / "no" / "x.json")
    with pytest.raises(InputError):
        write_territory(lattice(1, 1), tmp_path / "no" / "x.gpkg")
    (tmp_path / "d").mkdir()
    with pytest.raises(InputError):
        write_bytes(b"x", tmp_path / "d")
    assert [p.name for p in tmp_path.iterdir()] == ["d"]


def test_frame_has_one_row_a_grid():
    """The frame of a plan is indexed by code and carries the CRS."""
    frame = to_frame(plan())
    assert frame.index.tolist() == ["g0", "g1"]
    assert frame.crs == "EPSG:32650"


def test_a_plan_as_drawn_brings_its_proof_along(tmp_path):
    """A drawn plan and its result are written alike, with parameters, bound and certificate; a changed one is not."""
    result = draw_plan(lattice(6, 6, 100), PlanParams(effort=1), rng_seed=7)
    write_plan(result.plan, tmp_path / "plan.gpkg")
    write_plan(result, tmp_path / "result.gpkg")
    assert (tmp_path / "plan.gpkg").read_bytes() == (tmp_path / "result.gpkg").read_bytes()
    told = read_either(tmp_path / "plan.gpkg").metadata
    assert json.loads(told["params"])["effort"] == 1
    assert (told["rng_seed"], float(told["bound"])) == ("7", result.bound)
    assert json.loads(told["certificate"])["complete"] is True
    desk = EditDesk(result.plan)
    desk.apply(Rename(str(result.plan.grids.code[0]), "East"))
    assert desk.plan().drawn is None
