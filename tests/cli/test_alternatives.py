"""`gridgeo draw` with alternatives and code schemes, and the flow table of a redraw."""

from __future__ import annotations

import json

import pytest

from gridgeo.io.read import read_either, read_plan
from gridgeo.io.write import write_territory
from tests.cli.terminal import document, refused, run
from tests.instances import lattice
from tests.stuck import giant, no_cut_inside


@pytest.mark.slow
def test_alternatives_are_listed_and_written(territory, tmp_path):
    """Each alternative is a file of its own, with its emphasis and trade-offs in the document."""
    told = document(run("draw", territory, "--alternatives", 2, "-o", tmp_path / "p.gpkg", "--json"))
    listed = told["alternatives"]
    assert 1 <= len(listed) <= 2
    for row in listed:
        assert read_plan(row["plan"]).in_band.mean() == row["in_band"]
        assert {"emphasis", "distance", "border_m", "grids", "compactness", "mixed", "radius_m", "moved"} <= set(row)
    assert told["plan"] == listed[0]["plan"]


def test_codes_follow_the_scheme(territory, tmp_path):
    """A pattern makes the codes, and the file remembers it."""
    run("draw", territory, "--codes", "{community}/{serial:02}", "-o", tmp_path / "p.gpkg")
    project = read_either(tmp_path / "p.gpkg")
    assert all(code.rpartition("/")[2].isdigit() for code in project.plan.grids.code)
    assert project.metadata["codes"] == "{community}/{serial:02}"
    assert "code scheme" in refused("draw", territory, "--codes", "x", "-o", tmp_path / "q.gpkg")


def test_redraw_tells_flows(territory, plan, tmp_path):
    """A redraw lists households from each old grid to each new one; together they are all households."""
    told = document(run("draw", territory, "--from", plan, "-o", tmp_path / "n.gpkg", "--json"))
    flows = told["changes"]["flows"]
    assert sum(flow["households"] for flow in flows) == told["households"]
    assert json.loads(read_either(tmp_path / "n.gpkg").metadata["flows"]) == flows


@pytest.mark.slow
def test_redraw_keeps_the_locks_of_the_file(territory, plan, tmp_path):
    """A grid locked by an edit stays as it is when the plan is redrawn in another band, is told, and stays locked."""
    before = read_plan(plan)
    code = str(before.grids.code[0])
    run("edit", plan, "--lock", code, "-o", tmp_path / "locked.gpkg")
    band = ("--households", 100, 160)
    told = document(
        run("draw", territory, "--from", tmp_path / "locked.gpkg", *band, "-o", tmp_path / "n.gpkg", "--json")
    )
    after = read_plan(tmp_path / "n.gpkg")
    atoms = [{str(a) for a in p.territory.atoms.code[p.label == p.grids.row(code)]} for p in (before, after)]
    assert atoms[0] == atoms[1]
    assert [n["where"] for n in told["notices"] if n["kind"] == "lock-kept"] == [code]
    assert json.loads(read_either(tmp_path / "n.gpkg").metadata["locked"]) == [code]
    free = document(run("draw", territory, "--from", plan, *band, "-o", tmp_path / "f.gpkg", "--json"))
    assert free["out_of_band"] == [] and [miss["code"] for miss in told["out_of_band"]] == [code]


def test_compare_tells_flows(plan):
    """Comparing a plan with itself, each grid flows to itself."""
    flows = document(run("compare", plan, plan, "--json"))["flows"]
    assert all(flow["from"] == flow["to"] for flow in flows) and len(flows) == len(read_plan(plan))


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "a size band of 200 to 500 would do"), ("zh", "规模改为 200 至 500 户")]
)
def test_ways_out_are_told(lang, said, tmp_path):
    """A town too small for a grid is told which band would do, in both languages and in the document."""
    write_territory(lattice(1, 4, 50), tmp_path / "small.gpkg")
    result = run("draw", tmp_path / "small.gpkg", "-o", tmp_path / "p.gpkg", "--json", lang=lang)
    assert said in result.stderr
    assert document(result)["infeasible"][0]["cause"] is None
    way = document(result)["infeasible"][0]["ways_out"][0]
    assert (way["kind"], way["low"], way["certain"]) == ("band", 200, True)


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "join community 000110101001 (shared border 100 m"), ("zh", "与社区 000110101001 合并（共同边界 100 米")],
)
def test_the_neighbor_to_join_is_told(lang, said, tmp_path):
    """Where a community has no plan and a number of grids is demanded, the neighbor to join is told."""
    write_territory(no_cut_inside(), tmp_path / "t.gpkg")
    result = run("draw", tmp_path / "t.gpkg", "--count", 3, "-o", tmp_path / "p.gpkg", "--json", lang=lang)
    assert said in result.stderr
    (case,) = document(result)["infeasible"]
    assert (case["ways_out"][0]["kind"], case["ways_out"][0]["certain"]) == ("join", True)


def test_an_area_above_the_band_names_what_to_divide(tmp_path):
    """A grid of one area of 900 households lists that area as the thing to give in parts."""
    write_territory(giant(), tmp_path / "t.gpkg")
    told = document(run("draw", tmp_path / "t.gpkg", "-o", tmp_path / "p.gpkg", "--json"))
    ways = [way for miss in told["out_of_band"] if miss["reason"] == "over-size-atom" for way in miss["ways_out"]]
    assert [(way["kind"], way["where"], way["households"]) for way in ways] == [("divide", "a2", 900)]


@pytest.mark.parametrize(("lang", "said"), [("en", "ask for 4 to 6 grids"), ("zh", "网格数改为 4 至 6 个")])
def test_a_number_of_grids_that_cannot_be_names_those_that_can(lang, said, territory, tmp_path):
    """1,800 households make 4 to 6 grids; for 7 a band from 257 would do. Both are said and carried by the error."""
    result = run("draw", territory, "--count", 7, "-o", tmp_path / "p.gpkg", "--json", lang=lang)
    assert (result.exit_code, said in result.stderr) == (3, True)
    ways = document(result)["error"]["ways_out"]
    assert [(way["kind"], way["low"], way["high"]) for way in ways] == [("count", 4, 6), ("count-band", 257, 500)]


def test_too_few_grids_name_the_band_that_holds_them(territory, tmp_path):
    """1,800 households in three grids need room for 600."""
    ways = document(run("draw", territory, "--count", 3, "-o", tmp_path / "p.gpkg", "--json"))["error"]["ways_out"]
    assert [(way["kind"], way["low"], way["high"]) for way in ways] == [("count", 4, 6), ("count-band", 300, 600)]
