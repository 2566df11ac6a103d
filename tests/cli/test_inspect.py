"""`gridgeo inspect`: a territory looked over, a source understood, one page to print."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gridgeo.core.territory import diagnose
from gridgeo.io.write import write_territory
from tests.cli.terminal import document, refused, run
from tests.core.territory.towns import crossroads
from tests.instances import lattice
from tests.io.raw import square, table, write
from tests.io.test_osm import NODES, STREETS, osm


@pytest.fixture
def ill(tmp_path):
    """Six blocks: one giant, one unknown, a community torn in two, one that fits no grids."""
    from dataclasses import replace

    town = lattice(1, 6, [600, 50, 0, 350, 10, 20], community=[0, 1, 0, 1, 1, 2])
    atoms = replace(town.atoms, known=np.array([True, True, False, True, True, True]))
    write_territory(replace(town, atoms=atoms), tmp_path / "ill.gpkg")
    return tmp_path / "ill.gpkg"


def test_what_ails_a_territory_is_told(ill):
    """Giants, atoms without a count, torn communities and totals no grids fit are in the document."""
    told = document(run("inspect", ill, "--json"))
    assert told["kind"] == "territory"
    assert (told["atoms_above_band"], told["atoms_without_count"]) == (["a0"], ["a2"])
    states = {state["code"]: state for state in told["by_community"]}
    assert [state["pieces"] for state in states.values()] == [2, 2, 1]
    assert [state["households"] for state in states.values()] == [600, 410, 20]
    kinds = [notice["kind"] for notice in told["notices"]]
    assert kinds.count("community-in-pieces") == 2
    assert kinds.count("community-unfit") == 1
    assert "atoms-above-band" in kinds


def test_the_band_is_the_users(ill):
    """With a higher band the giant is none."""
    assert document(run("inspect", ill, "--households", "300", "700", "--json"))["atoms_above_band"] == []


def test_streets_apart_are_told():
    """The network's pieces are listed with their lengths, the longest first."""
    from gridgeo.core.territory import build_territory
    from tests.core.territory.towns import line
    from tests.core.territory.towns import table as layer

    tables = crossroads([1, 1, 1, 1]) | {"streets": layer([line((0, 50), (150, 50)), line((0, 150), (20, 150))])}
    found = diagnose(build_territory(tables, name="t", crs="EPSG:32650")).street_pieces
    assert [piece.length_m for piece in found] == [150.0, 20.0]


@pytest.mark.parametrize(("name", "magic"), [("p.png", b"\x89PNG"), ("p.pdf", b"%PDF")])
def test_the_page_is_painted(ill, tmp_path, name, magic):
    """The picture is a PNG or PDF by its name, the same bytes each time."""
    run("inspect", ill, "--picture", tmp_path / name)
    first = (tmp_path / name).read_bytes()
    assert first.startswith(magic)
    run("inspect", ill, "--picture", tmp_path / name)
    assert (tmp_path / name).read_bytes() == first


def test_the_page_has_two_kinds(ill, tmp_path):
    """Any other ending is wrong usage."""
    assert refused("inspect", ill, "--picture", tmp_path / "p.gif")


def test_a_source_is_understood(tmp_path):
    """Layers of a source get roles and columns with samples, in Chinese too, and the command that imports them."""
    atoms = table([square(i) for i in range(3)], 编码=["x", "y", "z"], 户数=[1, 2, 3])
    path = write(tmp_path / "某镇.gpkg", {"基本单元": atoms})
    told = document(run("inspect", path, "--json"))
    (layer,) = told["layers"]
    assert (told["kind"], layer["role"], layer["rows"], layer["shape"]) == ("source", "atoms", 3, "polygon")
    assert {field["field"]: field["column"] for field in layer["fields"]} == {"编码": "code", "户数": "households"}
    assert layer["fields"][1]["samples"] == ["1", "2", "3"]
    assert "--role atoms=基本单元" in told["import"]
    shown = run("inspect", path, lang="zh")
    assert "户数" in shown.stdout
    assert "导入命令" in shown.stderr


def test_an_extract_is_understood(tmp_path):
    """Of an OpenStreetMap extract the layers it gives are listed; no mapping is needed."""
    path = tmp_path / "a.osm"
    path.write_text(osm(NODES, STREETS), encoding="utf-8")
    told = document(run("inspect", path, "--json"))
    assert {layer["role"]: layer["rows"] for layer in told["layers"]} == {"boundary": 1, "streets": 4}
    assert "--role" not in told["import"]


def test_sources_have_no_picture(tmp_path):
    """A picture is of a territory: for a source the way there is named."""
    path = write(tmp_path / "t.gpkg", {"atoms": table([square(0)], households=[1])})
    assert "import it first" in refused("inspect", path, "--picture", tmp_path / "p.png")


def test_the_import_command_can_be_run(tmp_path):
    """Lists of homes and lines with classes of streets get their role; what only a planner knows is in capitals."""
    (tmp_path / "r2026.csv").write_text(
        "编号,户数,经度,纬度\nA,3,117.1,30.7\nB,4,117.2,30.8\nC,5,117.3,30.7\n", "utf-8"
    )
    told = document(run("inspect", tmp_path / "r2026.csv", "--json"))
    words = told["import"].split()
    assert "buildings=r2026" in words
    assert run(*words[1:-1], tmp_path / "T.gpkg").exit_code == 0
    lines = table([shapely.LineString([(5e5, 3.4e6), (5.1e5, 3.4e6)])], highway=["residential"])
    told = document(run("inspect", write(tmp_path / "net.gpkg", {"net": lines}), "--json"))
    assert "--role streets=net" in told["import"]
    (tmp_path / "bare.csv").write_text("编号,户数\nA,3\n", "utf-8")
    result = run("inspect", tmp_path / "bare.csv")
    assert "put in what stands in capitals: gridgeo import TOWN.gpkg" in result.stderr
    assert "--roster ROLE=bare" in result.stderr


def test_patrol_asks_for_streets_only(ill):
    """Walks need no stations, so that a town without is not told to lack them."""
    assert document(run("inspect", ill, "--json"))["missing"]["patrol"] == []
