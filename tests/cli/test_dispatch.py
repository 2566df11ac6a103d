"""Units, alarms, reach and readiness at the terminal: what is shown, what is refused, one answer everywhere."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from gridgeo import service
from gridgeo.core.dispatch import AssignParams, ReachParams, site_xy
from gridgeo.core.model import Stations, texts
from gridgeo.io.answers import alarm_document, assignment_document, reach_document
from gridgeo.io.read import read_territory
from gridgeo.io.write import write_territory
from gridgeo.settings import Settings
from gridgeo.web.app import create_app
from tests.cli.conftest import town
from tests.cli.terminal import ROOT, document, refused, run
from tests.core.dispatch.cases import responders_at, units_at, without_streets
from tests.geopackages import read_file

EXAMPLES = ROOT / "docs" / "examples"
SAMPLE = ROOT / "data" / "sample.gpkg"


def assign(file, folder, *options, **environ):
    """The document of `assign` on a file."""
    return document(run("assign", file, "-o", folder / "out.gpkg", "--json", *options, **environ))


def without_time(told):
    """A document but for the seconds it took."""
    return {name: value for name, value in told.items() if name != "seconds"}


def written(tmp_path, territory):
    """The file of a territory."""
    write_territory(territory, tmp_path / "case.gpkg")
    return tmp_path / "case.gpkg"


def posted(file, process, inputs):
    """What the service answers on a file."""
    client = create_app(Settings(project=str(file), max_seconds=5)).test_client()
    return client.post(f"/processes/{process}/execution", json={"inputs": inputs}).json


def test_assign_is_the_same_everywhere(territory, tmp_path):
    """Terminal, service and Python give one answer to one question."""
    params = AssignParams(members=3, rings=((100, 1), (300, 3)), per_person=1)
    python = json.loads(json.dumps(assignment_document(service.assign(read_territory(territory), params))))
    terminal = assign(territory, tmp_path, "--members", "3", "--rings", "1.6667:1,5:3", "--per-person", "1")
    wire = posted(territory, "assign", {"members": 3, "rings": [[100, 1], [300, 3]], "per_person": 1, "keep": False})
    assert without_time(terminal) == without_time(wire) == python
    assert python["assignments"] and python["proven"]


def test_reach_is_the_same_everywhere(territory):
    """Terminal, service and Python give one answer to one question."""
    params = ReachParams(limits_s=(60, 180), service="responders")
    land = read_territory(territory)
    python = json.loads(json.dumps(reach_document(service.reach(land, params), None, land.crs)))
    terminal = document(
        run("reach", territory, "--service", "responders", "--minutes", "1", "--minutes", "3", "--json")
    )
    wire = posted(territory, "reach", {"service": "responders", "limits_s": [60, 180]})
    assert without_time(terminal) == without_time(wire) == python


def test_alarms_are_the_same_everywhere(territory):
    """Terminal, service and Python name the same people, seconds and routes."""
    terminal = document(run("alarm", territory, "--at", "u0", "--busy", "r0", "--json"))
    client = create_app(Settings(project=str(territory))).test_client()
    wire = client.post("/alarms", json={"site": "u0", "busy": ["r0"], "max_walk_s": 1800}).json
    land = read_territory(territory)
    answer = service.alarm_desk(land).answer(site_xy(land, "u0"), without=["r0"], max_walk_s=1800, routes=True)
    python = json.loads(json.dumps(alarm_document(answer, land, routes=True)))
    told = {name: wire[name] for name in python}
    assert told == {name: terminal[name] for name in python} == python and "responders" in python
    assert [one["code"] for one in wire["responders"]].count("r0") == 0 and wire["responders"][0]["route"]


def test_shortages_are_shown_with_their_ways_out(tmp_path):
    """Units, role, missing, who is eligible, and the repairs in order; the same in the file."""
    case = replace(town(), emergency_units=units_at([[300, 300]], need=9, max_walk_s=120))
    out = run("assign", written(tmp_path, case), "-o", tmp_path / "out.gpkg").stdout
    assert "Who is missing" in out and "Ways out" in out and "add a post at u0" in out
    told = read_file(tmp_path / "out.gpkg")[0]["shortages"].columns
    assert told["units"].tolist() == ["u0"] and told["missing"].tolist() == [9]
    assert "add-post u0" in told["repair"][0]


def test_rings_in_minutes(territory, tmp_path):
    """1,3,5 spreads the members evenly: an inner seat wants somebody near."""
    told = assign(territory, tmp_path, "--rings", "1,3,5", "--members", "3")
    assert {one["within_s"] for one in told["assignments"] + told["shortages"]} <= {60, 180, 300}
    assert any(one["within_s"] == 60 for one in told["shortages"])


@pytest.mark.parametrize("rings", ["", "a", "5,3", "0,1", "1:x", "1:-2", "nan", "inf", "1,,3"])
def test_rings_that_are_none(rings, territory, tmp_path):
    """Rings that fall, repeat or are no numbers are refused."""
    assert "ring" in refused("assign", territory, "-o", tmp_path / "o.gpkg", "--rings", rings)


def test_a_footing_of_ones_own(tmp_path):
    """A file adds footings; their units alone are manned."""
    told = assign(SAMPLE, tmp_path, "--footing", "flood", "--footings", EXAMPLES / "footings.json")
    assert {one["unit"] for one in told["assignments"]} == {f"U0000{i}" for i in range(1, 6)}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--footing", "nonsense"), "no footing nonsense"),
        (("--footing", "normal", "--members", "3"), "given together"),
        (("--footing", "normal", "--footings", "{broken}"), "does not fit"),
        (("--footing", "flood", "--footings", "{flood}"), "unknown-code"),
        (("--cards", "{out}", "--records", "{strangers}"), "there is no unit X9"),
        (("--cards", "{out}", "--records", "{absent}"), "cannot read"),
        (("--members", "-1"), "-1"),
        (("--max-walk", "0"), "0"),
    ],
)
def test_what_cannot_be_used_is_named(options, said, territory, tmp_path):
    """Bad files, names and numbers end with 2 and say what is wrong."""
    (tmp_path / "broken.json").write_text('{"a": {"members": -1}}')
    (tmp_path / "strangers.json").write_text('{"units": {"X9": {}}}')
    files = {"broken": tmp_path / "broken.json", "flood": EXAMPLES / "footings.json", "out": tmp_path}
    files |= {"strangers": tmp_path / "strangers.json", "absent": tmp_path / "absent.json"}
    words = [option.format(**files) for option in options]
    said_on_stderr = refused("assign", territory, "-o", tmp_path / "o.gpkg", *words)
    assert said in said_on_stderr or (said == "unknown-code" and "U00001" in said_on_stderr)


def test_cards_in_two_languages(tmp_path):
    """Cards list team, equipment, plan and drills; overdue drills come first; special characters stay text."""
    records = tmp_path / "records.json"
    records.write_text(
        '{"equipment": {"<b>hose</b>": 2}, "units": {"u0": {"plan": "P & Q", "last_drill": "2026-01-01"}}}'
    )
    case = written(tmp_path, replace(town(), emergency_units=units_at([[300, 300], [100, 100]], need=1)))
    told = assign(case, tmp_path, "--cards", tmp_path / "c", "--records", records, "--today", "2026-11-21")
    english, chinese = ((tmp_path / "c" / f"units-{lang}.html").read_text("utf-8") for lang in ("en", "zh"))
    assert "&lt;b&gt;hose&lt;/b&gt;" in english and "<b>hose" not in english and "P &amp; Q" in chinese
    assert "Unit u0: drill overdue by 234 days" in english and "从未演练" in chinese
    assert english.index("u1 has never drilled") < english.index("u0: drill overdue")
    assert [card["next_drill"] for card in told["cards"]] == ["2026-04-01", None]
    assert "http" not in english and english.count("<section>") == 3


@pytest.mark.slow
def test_the_example_records_fit_the_sample(tmp_path):
    """The documented file of unit records is read, and what it leaves open is told."""
    options = ("--cards", tmp_path, "--records", EXAMPLES / "units.json", "--today", "2026-11-21")
    cards = {card["unit"]: card for card in assign(SAMPLE, tmp_path, *options)["cards"]}
    assert [n["kind"] for n in cards["U00001"]["open"]].count("drill-overdue") == 0
    assert "drill-overdue" in [n["kind"] for n in cards["U00002"]["open"]]
    assert "never-drilled" in [n["kind"] for n in cards["U00003"]["open"]]


def test_two_footings_side_by_side(territory):
    """Who joins and what is missing more, from the everyday footing to the highest."""
    told = document(run("footings", territory, "normal", "level-1", "--json"))
    assert told["footings"] == ["normal", "level-1"]
    missing = [told[side]["missing_leads"] + told[side]["missing_members"] for side in ("before", "after")]
    assert told["more_missing"] == missing[1] - missing[0]
    assert "no footing high" in refused("footings", territory, "normal", "high")


def test_an_alarm_shows_order_reserve_and_units(territory, tmp_path):
    """Whom to send, who comes next, which units are near; routes as GeoJSON."""
    result = run("alarm", territory, "--at", "u0", "--nearest", "2", "--routes", tmp_path / "r.geojson")
    assert "Order of dispatch" in result.stdout and "Reserve order" in result.stdout
    lines = json.loads((tmp_path / "r.geojson").read_text())["features"]
    assert [line["geometry"]["type"] for line in lines] == ["LineString"] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "nowhere"), "no position and no site"),
        (("--at", "200,95"), "not on the earth"),
        (("--at", "u0", "--busy", "nobody"), "nobody"),
        (("--at", "u0", "--nearest", "0"), "0"),
    ],
)
def test_alarms_that_cannot_be_answered(words, said, territory):
    """Nowhere, unknown codes, nobody wanted."""
    assert said in refused("alarm", territory, *words)


def test_reach_of_those_who_are_free(territory, tmp_path):
    """With all four busy nobody is reached; the maps are written."""
    busy = [word for code in ("r0", "r1", "r2", "r3") for word in ("--busy", code)]
    assert document(run("reach", territory, "--service", "responders", *busy, "--json"))["services"] == 0
    result = run("reach", territory, "--picture", tmp_path / "m.png", "--isochrones", tmp_path / "m.geojson")
    assert result.exit_code == 0 and (tmp_path / "m.png").read_bytes()[:4] == b"\x89PNG"
    rings = json.loads((tmp_path / "m.geojson").read_text())["features"]
    assert [ring["properties"]["limit_s"] for ring in rings] == [180, 300, 600, 900]


@pytest.mark.parametrize("aim", ["cover", "median", "all"])
def test_where_to_stand_next(aim, territory):
    """Every aim ends proven on the small town, and nobody is lost who was reached before."""
    told = document(run("reach", territory, "--station", "2", "--aim", aim, "--within", "3", "--json"))
    assert told["proven"] and told["after"] >= told["before"] and told["sites"]


def test_neighbors_in_tens(plan):
    """Every household of the plan is in one unit of its own grid, within the limit."""
    told = document(run("tens", plan, "--json"))
    assert sum(unit["households"] for unit in told["units"]) == 36 * 50
    assert max(unit["walk_s"] for unit in told["units"]) <= 180 and told["in_band"] == 1


def test_pairs_of_the_example():
    """As many pairs as can be, at the least cost; who still wants somebody is told."""
    told = document(run("pair", EXAMPLES / "pairing.json", "--json"))
    assert (len(told["pairs"]), told["cost"], told["missing"], told["proven"]) == (4, 5, {"Old Town": 1}, True)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"givers": {"a": -1}, "takers": {}}', '{"givers": {}, "takers": {}, "costs": [["a", "b", 1]]}']
)
def test_pairings_that_are_none(text, tmp_path):
    """Broken JSON, negative counts and unknown names are refused."""
    (tmp_path / "p.json").write_text(text)
    assert refused("pair", tmp_path / "p.json").startswith(("Bad input: ", "The file breaks the format: "))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"responders": responders_at([[200, 200], [5000, 5000]])}, "responder-off-network"),
        ({"emergency_units": units_at([[300, 300], [-900, 0]], need=1)}, "unit-off-network"),
        ({"responders": responders_at([[200, 200], [400, 200]], can_lead=False)}, "no-lead"),
        ({"responders": responders_at([[200, 200]], on_duty=False)}, "no-responders"),
    ],
)
def test_what_keeps_a_unit_unmanned_is_named(changes, kind, tmp_path):
    """Off the network, nobody qualified, nobody on duty: named, and the rest is manned."""
    told = assign(written(tmp_path, replace(town(), **changes)), tmp_path, "--members", "1")
    assert kind in [notice["kind"] for notice in told["notices"]]
    assert told["proven"]
    if kind != "no-responders":
        assert told["assignments"]


def test_zero_capacity_takes_the_default(tmp_path):
    """A capacity of 0 means the default number of teams, and a notice names who that is."""
    one = responders_at([[250, 200]], capacity=0)
    two = replace(town(), emergency_units=units_at([[200, 300], [300, 200]], need=0), responders=one)
    file = written(tmp_path, two)
    told = assign(file, tmp_path, "--members", "0")
    assert len(told["assignments"]) == 2
    [notice] = told["notices"]
    assert (notice["kind"], notice["facts"]["codes"], notice["facts"]["per_person"]) == ("zero-capacity", "r0", 2)
    assert len(assign(file, tmp_path, "--members", "0", "--per-person", "1")["assignments"]) == 1


def test_without_streets_walks_are_straight(tmp_path):
    """A territory without streets is still manned, and says so."""
    told = assign(written(tmp_path, without_streets(town())), tmp_path)
    assert "no-streets" in [notice["kind"] for notice in told["notices"]] and told["assignments"]


def test_impossible_windows_are_told_and_the_rest_is_manned(tmp_path):
    """A unit nobody reaches in a second stays empty with a certificate; the other is manned."""
    units = units_at([[300, 300], [150, 220]], need=1, max_walk_s=[0, 1])
    told = assign(written(tmp_path, replace(town(), emergency_units=units)), tmp_path)
    assert {one["unit"] for one in told["assignments"]} == {"u0"}
    lost = [shortage for shortage in told["shortages"] if shortage["units"] == ["u1"]]
    assert {shortage["role"] for shortage in lost} == {"lead", "member"}
    assert all(not shortage["eligible"] and shortage["repair"] for shortage in lost)


def test_duplicate_codes_are_named(tmp_path):
    """Two responders with one code are named, not merged; the units are manned."""
    double = replace(town().responders, code=texts(["r0", "r0", "r2", "r3"]))
    file = written(tmp_path, replace(town(), responders=double))
    told = assign(file, tmp_path)
    named = [notice for notice in told["notices"] if notice["kind"] == "duplicate-code"]
    assert [(notice["where"], notice["facts"]) for notice in named] == [("r0", {"layer": "responders", "times": 2})]
    assert told["assignments"]


def test_rows_that_stand_above_an_option_are_counted(territory, tmp_path):
    """Options that rows of the file overrule are told with how many rows do; options left alone are not."""
    case = replace(town(), emergency_units=units_at([[200, 300], [300, 200]], need=1, max_walk_s=300))
    file = written(tmp_path, case)
    said = run("assign", file, "-o", tmp_path / "o.gpkg", "--members", "4", "--max-walk", "60").stderr
    assert "2 of 2 emergency_units name their own need, which stands above --members" in said
    assert "2 of 2 emergency_units name their own max_walk_s, which stands above --max-walk" in said
    assert "stands above" not in run("assign", file, "-o", tmp_path / "o.gpkg").stderr


def test_kinds_of_places_that_are_not_there_are_refused():
    """A kind no place is of is refused, with the kinds there are."""
    said = refused("reach", SAMPLE, "--service", "places:nope")
    assert "no place is of kind 'nope'" in said
    assert "school" in said


def test_questions_nobody_can_answer_end_with_1(tmp_path):
    """Without people, units or stations there is a document and a notice, and the exit code is not that of success."""
    none = Stations(code=texts([]), xy=np.empty((0, 2)), grid=texts([]))
    nobody = replace(town(), responders=responders_at([]), stations=none)
    file = written(tmp_path, replace(nobody, emergency_units=units_at([])))
    asked = {
        "no-service": run("reach", file, "--json"),
        "no-emergency-units": run("assign", file, "-o", tmp_path / "o.gpkg", "--json"),
        "no-responders": run("alarm", file, "--at", "117.0022,30.7351", "--json"),
    }
    for kind, result in asked.items():
        assert result.exit_code == 1, kind
        assert kind in [notice["kind"] for notice in json.loads(result.stdout)["notices"]]
