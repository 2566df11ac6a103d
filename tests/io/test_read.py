"""Files give territories, plans and covers; bad ones give one error of ours."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo import gpkg
from gridgeo.core.model import Notice
from gridgeo.core.tables import territory_hash
from gridgeo.errors import GridgeoError, InputError, NotFoundError, SchemaError
from gridgeo.io.read import read_cover, read_either, read_plan, read_polygons, read_territory
from gridgeo.io.write import write_either, write_plan, write_territory
from tests.instances import lattice, plan_of
from tests.io.raw import square, table, town, with_column, write


def edited(path, sql: str) -> None:
    with closing(gpkg.open_gpkg(path)) as db, db:
        db.execute(sql)


def test_raw_layers_become_a_territory(tmp_path):
    """A file of plain layers, as drawn in a GIS, is read: given atoms, codes, counts and nulls."""
    territory = read_territory(write(tmp_path / "t.gpkg", town()))
    assert territory.name == "镇"
    assert territory.crs == "EPSG:32650"
    assert territory.atoms.code.tolist() == ["a", "b", "c"]
    assert territory.atoms.known.tolist() == [True, True, False]
    assert territory.households == 340
    assert territory.places.opens.tolist() == [30_600]


def test_our_own_file_is_read_as_it_was(tmp_path):
    """A written territory is read back equal, notices and all."""
    given = replace(lattice(3, 4), notices=(Notice(kind="x", where="y", facts={"n": 1}),))
    write_territory(given, tmp_path / "t.gpkg")
    again = read_territory(tmp_path / "t.gpkg")
    assert territory_hash(again) == territory_hash(given)
    assert (again.name, again.crs, again.notices) == (given.name, given.crs, given.notices)


def test_an_edited_file_is_built_anew(tmp_path):
    """After a change by hand nothing old is trusted: the change counts, and the notice says so."""
    path = tmp_path / "t.gpkg"
    write_territory(lattice(3, 4), path)
    edited(path, "UPDATE atoms SET households = 77 WHERE code = 'a1'")
    again = read_territory(path)
    assert again.atoms.households[again.atoms.row("a1")] == 77
    assert len(again.adjacency) == 17
    assert "file-edited" in {notice.kind for notice in again.notices}


def test_a_plan_is_read_as_it_was(tmp_path):
    """A written plan is read back with its labels, band and notices."""
    plan = replace(plan_of(lattice(2, 2), [0, 0, 1, 1]), band=(10, 90), notices=(Notice(kind="z"),))
    write_plan(plan, tmp_path / "p.gpkg")
    again = read_plan(tmp_path / "p.gpkg")
    np.testing.assert_array_equal(again.label, plan.label)
    assert (again.band, again.notices) == (plan.band, plan.notices)


def test_moving_an_atom_in_a_gis_moves_it(tmp_path):
    """Giving an atom to another grid by hand changes the plan and leaves the territory trusted."""
    path = tmp_path / "p.gpkg"
    write_plan(plan_of(lattice(2, 2), [0, 0, 1, 1]), path)
    edited(path, "UPDATE atoms SET \"grid\" = 'g1' WHERE code = 'a1'")
    project = read_either(path)
    assert project.plan.label.tolist() == [0, 1, 1, 1]
    assert project.territory.notices == ()


def test_a_territory_holds_no_plan(tmp_path):
    """Asking a territory file for a plan says what to do."""
    write_territory(lattice(1, 2), tmp_path / "t.gpkg")
    with pytest.raises(InputError, match="no plan") as caught:
        read_plan(tmp_path / "t.gpkg")
    assert "draw" in caught.value.hint


def test_other_layers_survive_reading_and_writing(tmp_path):
    """What belongs to neither territory nor plan is kept by read_either and write_either."""
    path = tmp_path / "p.gpkg"
    write_plan(plan_of(lattice(1, 2), [0, 1]), path, metadata={"bound": "7"})
    with closing(gpkg.open_gpkg(path)) as db, db:
        gpkg.write_layer(db, "sketch", table([square(0)], code=["x"]), None)
    write_either(read_either(path), tmp_path / "q.gpkg")
    again = read_either(tmp_path / "q.gpkg")
    assert list(again.others) == ["sketch"]
    assert again.metadata["bound"] == "7"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE gridgeo_metadata SET value = '[[[' WHERE key = 'notices'",
        "UPDATE gridgeo_metadata SET value = 'x y' WHERE key = 'band'",
        "UPDATE atoms SET \"grid\" = 'nowhere'",
        'UPDATE atoms SET "grid" = NULL',
        "UPDATE atoms SET geom = X'00'",
        "UPDATE grids SET kind = 'moon'",
        "DELETE FROM boundary",
        "DROP TABLE boundary",
        "DROP TABLE grids",
        "UPDATE gpkg_geometry_columns SET srs_id = 4326",
        "UPDATE gpkg_spatial_ref_sys SET definition = 'x', organization = 'NONE' WHERE srs_id = 32650",
        "UPDATE atoms SET code = 'same'",
        "UPDATE adjacency SET u = 'x'",
        "DROP TABLE gpkg_geometry_columns",
    ],
)
def test_damaged_plans_end_in_an_error_of_ours(tmp_path, sql):
    """Whatever is broken in a plan file, the answer is a GridgeoError."""
    path = tmp_path / "p.gpkg"
    write_plan(plan_of(lattice(2, 2), [0, 0, 1, 1]), path)
    with closing(sqlite3.connect(path)) as db, db:
        for name in ("insert", *(f"update{n}" for n in range(2, 8)), "delete"):
            for layer in ("atoms", "boundary", "grids"):
                db.execute(f"DROP TRIGGER IF EXISTS rtree_{layer}_geom_{name}")
        db.execute(sql)
    with pytest.raises(GridgeoError):
        read_plan(path)


def test_faults_name_the_file(tmp_path):
    """A file that breaks the format is named in the error."""
    path = write(tmp_path / "t.gpkg", with_column(town(), "atoms", households=[-1.0, 2.0, 3.0]))
    with pytest.raises(SchemaError, match="negative-households") as caught:
        read_territory(path)
    assert caught.value.where == str(path)


def test_cover_takes_broken_rings_as_they_are(tmp_path):
    """Polygons to check are handed on untouched, bow ties included, with codes and households."""
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    grids = table([square(0), bow], code=["x", "y"], households=[3.0, np.nan])
    cover = read_cover(write(tmp_path / "t.gpkg", {"grids": grids, "boundary": town()["boundary"]}))
    assert shapely.equals_identical(cover.geometry[1], bow)
    assert cover.code.tolist() == ["x", "y"]
    assert cover.boundary.area == 30_000
    assert np.isnan(cover.households[1])


def test_cover_numbers_rows_without_codes(tmp_path):
    """Polygons without unique codes are called by their row, from 1; no boundary is no boundary."""
    grids = table([square(0), square(1)], code=["x", "x"])
    cover = read_cover(write(tmp_path / "t.gpkg", {"anything": grids}))
    assert cover.code.tolist() == ["1", "2"]
    assert cover.boundary is None


def test_boundary_of_another_file(tmp_path):
    """The boundary may come from FILE:LAYER, in the same CRS."""
    grids = write(tmp_path / "g.gpkg", {"g": table([square(0)], code=["x"])})
    edge = write(tmp_path / "b.gpkg", {"b": town()["boundary"], "c": town()["boundary"]})
    assert read_cover(grids, boundary=f"{edge}:b").boundary.area == 30_000
    with pytest.raises(NotFoundError, match="b, c"):
        read_cover(grids, boundary=f"{edge}:nothing")


def test_lines_are_no_polygons(tmp_path):
    """A layer of lines cannot be checked as polygons."""
    path = write(tmp_path / "t.gpkg", {"streets": town()["streets"]})
    with pytest.raises(InputError, match="not polygons"):
        read_polygons(path)


def test_one_of_many_layers_must_be_named(tmp_path):
    """Among several unknown layers the user must choose, and is told which there are."""
    path = write(tmp_path / "t.gpkg", {"a": table([square(0)]), "b": table([square(0)])})
    with pytest.raises(InputError, match="a, b"):
        read_polygons(path)
    assert len(read_polygons(path, "b")[0]) == 1
