"""Every verb does its work on a small town, and says it in the documented form."""

from __future__ import annotations

import json
import shutil

import pytest

from gridgeo.cli import VERBS
from gridgeo.io.read import layer_names, read_either, read_territory
from tests.cli.terminal import document, refused, run
from tests.io import raw
from tests.io.test_osm import NODES, STREETS, osm
from tests.io.test_osm import square as osm_square
from tests.shared import place

CALLS = {
    "demo": ("--data", "{town}", "--out", "{out}"),
    "import": ("{town}", "-o", "{new}"),
    "inspect": ("{town}",),
    "draw": ("{town}", "-o", "{new}"),
    "edit": ("{plan}", "--fix-rest", "-o", "{new}"),
    "check": ("{plan}",),
    "repair": ("{plan}", "-o", "{new}", "--apply"),
    "compare": ("{plan}", "{plan}"),
    "patrol": ("{plan}", "-o", "{new}"),
    "assign": ("{town}", "-o", "{new}"),
    "alarm": ("{town}", "--at", "u0"),
    "reach": ("{town}", "--station", "1"),
    "footings": ("{town}",),
    "tens": ("{plan}",),
    "handover": ("{plan}", "-o", "{out}"),
    "pair": ("{pairing}",),
    "serve": ("{plan}",),
    "key": ("list", "{plan}"),
    "fsck": ("{plan}",),
    "backup": ("{plan}", "-o", "{new}"),
    "copy": ("{plan}", "{new}"),
}


def words(verb, made, tmp_path):
    """The command line of a verb on the small town."""
    plan = shutil.copy(made / "plan.gpkg", tmp_path / "plan.gpkg")  # opened as a store it becomes one
    files = {"town": made / "town.gpkg", "plan": plan, "new": tmp_path / "new.gpkg"}
    files |= {"out": tmp_path / "out", "pairing": tmp_path / "pairing.json"}
    files["pairing"].write_text('{"givers": {"a": 1}, "takers": {"b": 1}}')
    return [verb, *(word.format(**files) for word in CALLS[verb])]


def quiet_service(settings, ready):
    """A service that is ready at once and stops at once."""
    ready()


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "demo"])  # whose own test is below
def test_every_verb_works(verb, made, tmp_path):
    """Each verb ends with 0 on a sound town and says something."""
    result = run(*words(verb, made, tmp_path), serve=quiet_service)
    assert result.exit_code == 0, result.output
    assert result.output


DRAW = {"plan", "grids", "households", "in_band", "out_of_band", "infeasible", "compactness", "bound"}
DRAW |= {"optimality_gap", "seconds", "rng_seed", "certificate"}
CHECK = {"complete", "exact", "findings", "counts", "seconds"}
PATROL = {"routes", "unreached", "seconds"}
ASSIGN = {"assignments", "shortages", "total_walk_s", "max_walk_s", "bound", "proven", "seconds"}


PROMISED = {"draw": DRAW, "check": CHECK, "patrol": PATROL, "assign": ASSIGN}


@pytest.mark.parametrize(
    ("verb", "lang"),
    [(verb, "en") for verb in VERBS if verb not in ("serve", "demo")] + [("check", "zh"), ("assign", "zh")],
)
def test_json_is_one_document(verb, lang, made, tmp_path):
    """With --json stdout holds exactly one JSON document, in any language: each documented key, finite numbers."""
    told = document(run(*words(verb, made, tmp_path), "--json", lang=lang))
    assert PROMISED.get(verb, {"seconds"}) <= set(told) and told["seconds"] >= 0
    assert json.dumps(told, allow_nan=False)


def test_draw_document(territory, tmp_path):
    """A plan out of its band names each grid with its households and the reason; the certificate says complete."""
    tables = raw.town() | {"atoms": raw.with_column(raw.town(), "atoms", households=[100.0, 40.0, 40.0])["atoms"]}
    path = raw.write(tmp_path / "small.gpkg", tables)
    told = document(run("draw", path, "-o", tmp_path / "p.gpkg", "--json"))
    assert told["out_of_band"]
    assert {"code", "households", "reason"} <= set(told["out_of_band"][0])
    assert all({"where", "households", "proof"} <= set(case) for case in told["infeasible"])
    assert told["certificate"]["complete"] is True
    assert (told["rng_seed"], told["plan"]) == (1, str(tmp_path / "p.gpkg"))


def test_check_document(tmp_path):
    """A finding has an id, kind, grids, area, width, households and a place in longitude and latitude; exit 1."""
    tables = raw.with_shapes(raw.town(), "atoms", [raw.square(0), raw.square(0), raw.square(2)])
    result = run("check", raw.write(tmp_path / "t.gpkg", tables), "--layer", "atoms", "--json")
    assert result.exit_code == 1
    told = document(result)
    assert not told["complete"]
    assert sum(told["counts"].values()) == len(told["findings"]) > 0
    for finding in told["findings"]:
        assert set(finding) >= {"id", "kind", "grids", "area_m2", "width_m", "households", "point"}
        lon, lat = finding["point"]
        assert (round(lon, 1), round(lat, 1)) == (117.0, 30.7)


def test_patrol_document(plan):
    """A route has the documented members, its length no shorter than its bound."""
    told = document(run("patrol", plan, "-o", plan, "--json"))
    members = {"grid", "officer", "round", "day", "length_m", "walk_s", "service_s", "deadhead_m", "bound_m", "proven"}
    assert told["routes"]
    for route in told["routes"]:
        assert set(route) == members
        assert route["length_m"] >= route["bound_m"] - 1e-6


def test_patrol_options(plan):
    """Days, rounds and officers multiply the walks; a limit of minutes is kept by each; stops alone are a mode."""
    told = document(run("patrol", plan, "-o", plan, "--officers", 2, "--rounds", 3, "--days", 2, "--json"))["routes"]
    assert {(r["officer"], r["round"], r["day"]) for r in told if r["grid"] == told[0]["grid"]} == {
        (officer, number, day) for officer in (1, 2) for number in (1, 2, 3) for day in (1, 2)
    }
    told = document(run("patrol", plan, "-o", plan, "--minutes", 25, "--json"))["routes"]
    assert told and all(route["walk_s"] + route["service_s"] <= 1500 for route in told)
    assert document(run("patrol", plan, "-o", plan, "--mode", "stops", "--json"))["routes"] == []


def test_assign_document(territory, tmp_path):
    """Assignments and shortages have the documented members."""
    told = document(run("assign", territory, "-o", tmp_path / "a.gpkg", "--members", 9, "--json"))
    assert told["assignments"]
    assert all({"unit", "responder", "role", "walk_s"} <= set(pair) for pair in told["assignments"])
    told = document(run("assign", territory, "-o", tmp_path / "a.gpkg", "--max-walk", 1, "--json"))
    assert told["shortages"]
    assert all({"units", "role", "missing", "eligible", "repair"} <= set(lack) for lack in told["shortages"])


def test_same_input_and_seed_give_the_same_bytes(territory, tmp_path):
    """Drawing, patrolling and assigning twice gives files that do not differ in a byte."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "p.gpkg"
        assert run("draw", territory, "-o", path, "--rng-seed", 7).exit_code == 0
        assert run("patrol", path, "-o", path, "--rng-seed", 7).exit_code == 0
        assert run("assign", path, "-o", path).exit_code == 0
    assert (tmp_path / "one" / "p.gpkg").read_bytes() == (tmp_path / "two" / "p.gpkg").read_bytes()


def test_verbs_keep_each_others_layers(plan):
    """Patrol and assign, written over the same file in either order, keep the other's layer and the plan."""
    before = read_either(plan).plan
    for verbs in (("patrol", "assign"), ("assign", "patrol")):
        for verb in verbs:
            assert run(verb, plan, "-o", plan).exit_code == 0
        assert {"routes", "assignments", "grids"} <= set(layer_names(plan))
    assert read_either(plan).plan.label.tolist() == before.label.tolist()
    assert read_either(plan).metadata["rng_seed"] == "1"


def test_old_routes_do_not_outlive_a_patrol_without_any(plan):
    """A patrol that finds no street to walk leaves no routes of an earlier one in the file."""
    assert run("patrol", plan, "-o", plan).exit_code == 0
    assert "routes" in layer_names(plan)
    project = read_either(plan)
    from gridgeo.io.write import write_either

    write_either(project, plan, routes=())
    assert "routes" not in layer_names(plan)


def test_output_may_be_the_input(territory):
    """Drawing over the territory's own file keeps the territory and adds the plan."""
    before = read_territory(territory)
    assert run("draw", territory, "-o", territory).exit_code == 0
    project = read_either(territory)
    assert project.plan is not None
    assert project.territory.atoms.code.tolist() == before.atoms.code.tolist()
    assert run("import", territory, "-o", territory).exit_code == 0
    assert run("repair", territory, "--layer", "atoms", "-o", territory).exit_code == 0


def test_side_files_are_written(plan, tmp_path):
    """Walks go to GPX and GeoJSON, faults to GeoJSON, where asked for."""
    words = ("patrol", plan, "-o", plan, "--gpx", tmp_path / "deep" / "gpx", "--geojson", tmp_path / "r.geojson")
    told = document(run(*words, "--json"))
    assert len(list((tmp_path / "deep" / "gpx").glob("*.gpx"))) == len(told["routes"])
    assert len(json.loads((tmp_path / "r.geojson").read_text())["features"]) == len(told["routes"])
    assert run("check", plan, "-o", tmp_path / "f.geojson").exit_code == 0
    assert json.loads((tmp_path / "f.geojson").read_text())["features"] == []


def test_demo_says_where_to_look(made, tmp_path):
    """The demo names every file it made, and each is there; beside them it prints one document."""
    result = run("demo", "--data", made / "town.gpkg", "--out", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    assert document(result)["seconds"] > 0
    for name in ("plan.gpkg", "map.png", "certificate.json", "gpx", "handover/index.html"):
        assert (tmp_path / "out" / name).exists()
        assert f"{tmp_path / 'out' / name}" in result.stderr


def test_serve_is_handed_the_project(plan):
    """The service gets project, host and port, and is announced only when it can start."""
    seen = []
    result = run("serve", plan, "--port", 8123, serve=lambda settings, ready: seen.append(settings))
    assert [(settings.project, settings.host, settings.port) for settings in seen] == [(str(plan), "127.0.0.1", 8123)]
    assert "8123" not in result.stderr
    assert "http://127.0.0.1:8123/map" in run("serve", plan, "--port", 8123, serve=quiet_service).stderr


@pytest.mark.slow
def test_singapore_estate_end_to_end(tmp_path):
    """Toa Payoh: import, draw, check and patrol, all from the command line; the cover is complete."""
    town, plan = tmp_path / "town.gpkg", tmp_path / "plan.gpkg"
    roles = ("buildings=hdb_blocks", "streets=roads_lta", "communities=subzones", "boundary=boundary")
    options = [word for role in roles for word in ("--role", role)]
    options += ["--field", "buildings.households=total_dwelling_units"]
    assert run("import", place("sg_toa_payoh"), "-o", town, *options).exit_code == 0
    assert run("draw", town, "-o", plan, "--seconds", 60).exit_code in (0, 4)
    assert document(run("check", plan, "--json"))["complete"]
    assert run("patrol", plan, "-o", plan).exit_code == 0


def test_area_needs_an_extract(territory, tmp_path):
    """--area is refused for sources without named areas, and the reason is said."""
    told = refused("import", territory, "-o", tmp_path / "t.gpkg", "--area", "Middle")
    assert "only OpenStreetMap extracts have named areas" in told


def test_area_of_an_extract(tmp_path):
    """--area takes the administrative area of that name as the boundary."""
    area = osm_square(5, 11, {"boundary": "administrative", "name": "Middle"})
    source = tmp_path / "a.osm"
    source.write_text(osm(NODES, [*STREETS, area]), encoding="utf-8")
    told = document(run("import", source, "-o", tmp_path / "t.gpkg", "--area", "Middle", "--json"))
    assert told["name"] == "Middle"
