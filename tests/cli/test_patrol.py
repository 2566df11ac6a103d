"""`gridgeo patrol` at the terminal: what it writes beside the plan, and how it ends."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gridgeo.core.model import texts
from gridgeo.core.patrol import plan as planning
from gridgeo.errors import InputError
from gridgeo.io.read import read_plan
from gridgeo.io.roles import ROLES
from gridgeo.io.values import Faults, typed
from gridgeo.io.walks import read_walks
from gridgeo.io.write import write_plan
from gridgeo.words.translate import translated
from tests.cli.terminal import document, run
from tests.core.patrol.test_hours import gate_on
from tests.core.patrol.test_plan import quarters
from tests.core.patrol.test_stops import CORNERS, with_places


@pytest.fixture
def town(tmp_path):
    """A plan of four grids in a file."""
    path = tmp_path / "plan.gpkg"
    write_plan(quarters(), path)
    return path


def test_everything_is_handed_on(town, tmp_path):
    """Tracks, turn lists, pages, pictures and GeoJSON, for the grid asked for alone."""
    desk = tmp_path / "desk"
    words = ("--grid", "g1", "--gpx", desk, "--turns", desk, "--pictures", desk, "--geojson", tmp_path / "w.geojson")
    told = document(run("patrol", town, "-o", tmp_path / "w.gpkg", *words, "--json"))
    assert {route["grid"] for route in told["routes"]} == {"g1"}
    assert told["spreads"].keys() == {"g1"}
    names = sorted(path.name for path in desk.iterdir())
    assert names == sorted([f"g1-1-{n}-1.{kind}" for n in (1, 2) for kind in ("gpx", "csv", "png")] + ["g1.html"])


def test_cancelling_keeps_finished_grids(town, tmp_path, monkeypatch):
    """Ctrl-C after the first grid: exit code 130, its walks are written, the others are named."""
    whole = planning.plan_grid

    def interrupted(task, demand, found):
        whole(task, demand, found)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(planning, "plan_grid", interrupted)
    result = run("patrol", town, "-o", tmp_path / "w.gpkg", "--json")
    assert result.exit_code == 130
    told = document(result)
    assert {route["grid"] for route in told["routes"]} == {"g0"}
    assert [n["where"] for n in told["notices"] if n["kind"] == "grid-not-planned"] == ["g1", "g2", "g3"]
    assert (tmp_path / "w.gpkg").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--speed", 0), "speed_m_per_s is 0"),
        (("--open", "--officers", 2), "open walks"),
        (("--grid", "nowhere"), "nowhere"),
        (("--borders", "never"), "--borders"),
    ],
)
def test_choices_that_cannot_be(town, tmp_path, words, said):
    """A choice out of range ends with exit code 2 and names it; nothing is written."""
    result = run("patrol", town, "-o", tmp_path / "w.gpkg", *words)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "w.gpkg").exists()


def test_the_next_week_minds_the_last(town, tmp_path):
    """With --last and the same seed, other walks of the same length are planned, the same ones each time."""
    old, new, again = (tmp_path / f"{name}.gpkg" for name in ("old", "new", "again"))
    before = document(run("patrol", town, "-o", old, "--json"))["routes"]
    after = document(run("patrol", town, "-o", new, "--last", old, "--json"))["routes"]
    run("patrol", town, "-o", again, "--last", old)
    walks, first, second = (read_walks(path, crs="EPSG:32650") for path in (old, new, again))
    assert [r["length_m"] for r in before] == [r["length_m"] for r in after]
    assert not set(walks["g0"].tolist()) & set(first["g0"].tolist())
    assert first["g0"].tolist() == second["g0"].tolist()


def test_last_walks_must_be_there(town, tmp_path):
    """A file without walks is refused in a sentence; nothing is written."""
    result = run("patrol", town, "-o", tmp_path / "w.gpkg", "--last", town)
    assert result.exit_code == 2 and "routes" in result.stderr
    assert not (tmp_path / "w.gpkg").exists()


def test_rounds_of_places_are_kept_in_files(tmp_path):
    """A place bound to a round is so still when its plan was written and read, and is called at in that round."""
    plan = with_places(CORNERS)
    bound = replace(plan.territory.places, round=texts(["morning", "2", "", ""]))
    write_plan(replace(plan, territory=replace(plan.territory, places=bound)), tmp_path / "plan.gpkg")
    assert read_plan(tmp_path / "plan.gpkg").territory.places.round.tolist() == ["morning", "2", "", ""]
    result = run("patrol", tmp_path / "plan.gpkg", "-o", tmp_path / "w.gpkg", "--mode", "stops", "--json")
    assert {(missed["street"], missed["reason"]) for missed in document(result)["unreached"]} == set()


def test_a_round_that_is_none_is_refused():
    """Rounds may be told in Chinese; a word that names none is a fault."""
    field = next(field for field in ROLES["places"].fields if field.name == "round")
    faults = Faults()
    assert typed(texts(["上午", "2", "any"]), field, "places", faults).tolist() == ["morning", "2", ""]
    assert not faults.found
    typed(texts(["midnight"]), field, "places", faults)
    assert [fault.row for fault in faults.found] == [1]


def test_who_walks_and_what_is_crossed_count_in_times(town, tmp_path):
    """The elderly take longer than others, and crossing costs on top; a speed of one's own goes before the group's."""
    words = ("patrol", town, "-o", tmp_path / "w.gpkg", "--grid", "g0", "--json")
    usual, elderly, slow = (
        [route["walk_s"] for route in document(run(*words, *more))["routes"]]
        for more in ((), ("--group", "elderly"), ("--group", "elderly", "--speed", "1.2"))
    )
    assert slow == usual
    assert all(b > a for a, b in zip(usual, elderly, strict=True))
    crossed = document(run(*words, "--crossing", "residential=10"))["routes"]
    assert [route["walk_s"] for route in crossed] == usual  # streets of one class: nobody crosses another


def test_a_crossing_is_a_class_and_seconds(town, tmp_path):
    """An option that is no pair is refused as bad input."""
    result = run("patrol", town, "-o", tmp_path / "w.gpkg", "--crossing", "primary")
    assert result.exit_code == 2
    assert "CLASS=SECONDS" in result.output


def test_slopes_hours_and_gates_survive_files(tmp_path):
    """What streets and gates say of slopes and hours is in the file, and closes a street in the afternoon."""
    plan = gate_on(quarters(), [3], closes=12)
    streets = plan.territory.streets
    slope, closes = np.where(np.arange(len(streets)) == 5, -4.0, 0.0), streets.closes.copy()
    closes[7] = 12 * 3600
    plan = replace(plan, territory=replace(plan.territory, streets=replace(streets, slope=slope, closes=closes)))
    write_plan(plan, tmp_path / "plan.gpkg")
    read = read_plan(tmp_path / "plan.gpkg").territory.streets
    assert (read.slope == slope).all() and (read.closes == closes).all()
    told = document(run("patrol", tmp_path / "plan.gpkg", "-o", tmp_path / "w.gpkg", "--json"))
    missed = {(street["street"], street["reason"], street["change"]) for street in told["unreached"]}
    assert missed == {("s3", "closed", "start"), ("s7", "closed", "start")}
    assert "shut" in run("patrol", tmp_path / "plan.gpkg", "-o", tmp_path / "w.gpkg").output


def failing(monkeypatch, error):
    """Planning of grid g1 raises the error."""
    whole = planning.plan_grid

    def fails_once(task, demand, found):
        if task.code == "g1":
            raise error
        whole(task, demand, found)

    monkeypatch.setattr(planning, "plan_grid", fails_once)


def test_a_grid_that_fails_breaks_the_rules(town, tmp_path, monkeypatch):
    """The others' walks are written, its streets unreached, the reason in the reader's language, the exit code 1."""
    failing(monkeypatch, InputError("the drawn walk does not close"))
    result = run("patrol", town, "-o", tmp_path / "w.gpkg", "--json", lang="zh")
    assert result.exit_code == 1
    told = document(result)
    assert {route["grid"] for route in told["routes"]} == {"g0", "g2", "g3"}
    assert {(street["grid"], street["reason"]) for street in told["unreached"]} == {("g1", "failed")}
    assert translated("the drawn walk does not close", "zh") in result.stderr
    assert (tmp_path / "w.gpkg").exists()


def test_what_nobody_foresaw_ends_with_its_own_code(town, tmp_path, monkeypatch):
    """A failure of gridgeo itself names its grid, keeps the others' walks, and ends with exit code 70."""
    failing(monkeypatch, ZeroDivisionError("surprise"))
    result = run("patrol", town, "-o", tmp_path / "w.gpkg", "--json", internal=True)
    assert result.exit_code == 70
    told = document(result)
    assert (told["error"]["code"], told["error"]["kind"]) == ("internal", "ZeroDivisionError")
    trace = Path(told["error"]["where"])
    assert "while the walks of grid g1 were planned" in trace.read_text()
    trace.unlink()
    assert "No walk for grid g1: gridgeo itself failed (ZeroDivisionError)" in result.stderr
    assert (tmp_path / "w.gpkg").exists()
