"""check, repair and compare as a stranger types them: options, exit codes, documents, files."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from gridgeo.core.coverage import REASONS
from gridgeo.core.model import Table, geometries, texts
from gridgeo.gpkg import write_file
from gridgeo.io.crs import crs_of
from gridgeo.io.read import layer_names, read_cover
from gridgeo.words.sentences import SENTENCES
from tests.cli.terminal import ROOT, document, refused, run

SAMPLE = ROOT / "data" / "sample.gpkg"
CURRENT = ("--layer", "current_grids", "--households", 300, 500)


def layers(path, crs="EPSG:32650", **shapes):
    """A GeoPackage with a layer of polygons for each name: (code, polygon, other columns) rows."""
    tables = {}
    for name, rows in shapes.items():
        columns = {key: texts([row[2].get(key, "") for row in rows]) for key in rows[0][2]}
        columns["code"] = texts([row[0] for row in rows])
        tables[name] = Table(columns=columns, geometry=geometries([row[1] for row in rows]))
    write_file(path, tables, crs_of(crs))
    return path


def box(x, y, w=100, h=100):
    return shapely.box(500_000 + x, 3_400_000 + y, 500_000 + x + w, 3_400_000 + y + h)


def test_the_sample_is_repaired_to_completeness(tmp_path):
    """Today's grids of the sample: every fault but the parts no neighbor has room for is mended, exactly."""
    fixed = tmp_path / "fixed.gpkg"
    options = ("--align", "--drop-duplicates", "--apply", "-o", fixed, "--json")
    told = document(run("repair", SAMPLE, *CURRENT, *options))
    assert (told["complete"], told["exact"], set(told["counts"])) == (True, True, {"detached-part"})
    again = document(run("check", fixed, "--json"))
    assert (again["complete"], again["exact"]) == (True, True)
    assert again["certificate"] == told["certificate"]
    named = {code for proposal in told["proposals"] for code in proposal["before"]}
    old, new = read_cover(SAMPLE, layer="current_grids"), read_cover(fixed)
    now = dict(zip(new.code.tolist(), shapely.to_wkb(new.geometry).tolist(), strict=True))
    assert all(now[c] == s for c, s in zip(old.code, shapely.to_wkb(old.geometry), strict=True) if c not in named)
    assert {"proposals", "left"} <= set(layer_names(fixed))


def test_all_that_is_left_says_why(tmp_path):
    """Without permissions every finding left has a reason, in the document, the table and both languages."""
    told = document(run("repair", SAMPLE, *CURRENT, "-o", tmp_path / "p.gpkg", "--json"))
    assert told["left"]
    assert {left["left"] for left in told["left"]} <= set(REASONS)
    asked = [p for p in told["proposals"] if p["needs"]]
    assert [(p["kind"], p["applied"]) for p in asked] == [("duplicate", False)]
    assert "--drop-duplicates" in run("repair", SAMPLE, *CURRENT, "-o", tmp_path / "p.gpkg").stdout
    assert all(f"left-{reason}" in SENTENCES for reason in REASONS)


def test_a_proposal_only_changes_nothing(tmp_path):
    """Without --apply the polygons written are the ones read."""
    out = tmp_path / "p.gpkg"
    run("repair", SAMPLE, *CURRENT, "-o", out)
    old, new = read_cover(SAMPLE, layer="current_grids"), read_cover(out)
    assert (shapely.to_wkb(old.geometry) == shapely.to_wkb(new.geometry)).all()


def test_allowed_findings_are_set_aside(tmp_path):
    """Ids given, or a file of them in any of three forms, no longer break the cover."""
    holed = shapely.difference(box(0, 0), box(40, 40, 20, 20))
    file = layers(tmp_path / "t.gpkg", grids=[("a", holed, {})], boundary=[("b", box(0, 0), {})])
    told = document(run("check", file, "--json", "-o", tmp_path / "f.geojson"))
    (hole,) = [finding["id"] for finding in told["findings"]]
    (tmp_path / "ids.txt").write_text(f"# meant\n{hole} a courtyard\n")
    (tmp_path / "told.json").write_text(json.dumps(told))
    for allowed in (hole, tmp_path / "ids.txt", tmp_path / "told.json", tmp_path / "f.geojson"):
        result = run("check", file, "--allowed", allowed, "--json")
        assert (result.exit_code, document(result)["allowed"]) == (0, [hole])
    assert run("check", file).exit_code == 1


def test_a_certificate_is_written_and_rechecked(tmp_path, plan, territory):
    """It holds for its own file; for another it says where not, with exit code 1; nonsense is refused."""
    certificate = tmp_path / "c.json"
    assert run("check", plan, "--certificate", certificate).exit_code == 0
    held = run("check", plan, "--recheck", certificate, "--json")
    assert (held.exit_code, document(held)["recheck"]["holds"]) == (0, True)
    other = run("check", territory, "--layer", "atoms", "--recheck", certificate, "--json")
    assert other.exit_code == 1
    assert "sum" not in document(other)["recheck"]["differs"] and document(other)["recheck"]["grids"]
    certificate.write_text("{}")
    assert "no certificate" in refused("check", plan, "--recheck", certificate)


def test_nesting_is_proved_or_the_place_named(tmp_path):
    """Grids nest in communities, communities in counties; a grid over a border is named with its community."""
    communities = [("c1", box(0, 0, 200), {"county": "k"}), ("c2", box(200, 0, 200), {"county": "k"})]
    good = [(f"g{i}", box(100 * i, 0), {"community": "c1" if i < 2 else "c2"}) for i in range(4)]
    bad = [*good[:1], ("g1", box(100, 0, 130), {"community": "c1"}), ("g2", box(230, 0, 70), {"community": "c2"})]
    for grids, code in ((good, 0), ([*bad, good[3]], 1)):
        file = layers(tmp_path / f"{code}.gpkg", grids=grids, communities=communities)
        result = run("check", file, "--nest", "communities", "--nest", "county", "--json")
        assert result.exit_code == code
        levels = {level["level"]: level for level in document(result)["nesting"]}
        assert levels["county"]["parents"] == 1
        wrong = {f["parent"]: {x["kind"] for x in f["findings"]} for f in levels["communities"]["faults"]}
        kinds = set().union(*wrong.values())
        assert kinds == set() if code == 0 else "outside" in wrong["c1"]
    elsewhere = run("check", tmp_path / "0.gpkg", "--nest", f"{tmp_path / '1.gpkg'}:communities", "--json")
    assert elsewhere.exit_code == 0
    assert "no level" in refused("check", tmp_path / "0.gpkg", "--nest", "planets")


def test_vertices_on_a_straight_border_nest_exactly(tmp_path):
    """Grids with more vertices along a community's side, or fewer, tile it exactly; one a millimeter off does not."""
    x, y = 500_000, 3_400_000
    community = shapely.Polygon([(x, y), (x + 150, y), (x + 200, y), (x + 200, y + 100), (x, y + 100)])
    off = shapely.Polygon([(x + 100, y), (x + 200, y), (x + 200, y + 100), (x + 150, y + 100.001), (x + 100, y + 100)])
    for name, east, exact in (("on", box(100, 0), 1), ("off", off, 0)):
        grids = [("g1", box(0, 0), {"community": "c"}), ("g2", east, {"community": "c"})]
        file = layers(tmp_path / f"{name}.gpkg", grids=grids, communities=[("c", community, {})])
        (level,) = document(run("check", file, "--nest", "communities", "--json"))["nesting"]
        assert (level["parents"], level["exact"]) == (1, exact), name


def test_a_layer_in_degrees_is_measured_in_metres(tmp_path):
    """Areas are geodesic, widths in metres, before and after of a repair too; the drift can be chosen."""
    west, east = shapely.box(113, 30, 113.01, 30.01), shapely.box(113.012, 30, 113.02, 30.01)
    boundary = shapely.box(113, 30, 113.02, 30.01)
    file = layers(
        tmp_path / "d.gpkg", crs="EPSG:4326", grids=[("w", west, {}), ("e", east, {})], boundary=[("b", boundary, {})]
    )
    (gap,) = [f for f in document(run("check", file, "--json"))["findings"] if f["area_m2"] > 0]
    assert gap["area_m2"] == pytest.approx(193.0 * 1108.6, rel=1e-3)
    assert gap["width_m"] == pytest.approx(193, rel=5e-2)
    told = document(run("repair", file, "--apply", "--fill-missing", "-o", tmp_path / "r.gpkg", "--json"))
    (edit,) = told["proposals"]
    gained = sum(edit["after"][c]["area_m2"] - edit["before"][c]["area_m2"] for c in edit["after"])
    assert gained == pytest.approx(gap["area_m2"], rel=1e-6)
    assert told["complete"]


def test_a_layer_of_a_web_map_is_proved_as_given(tmp_path):
    """Metres of a web map are exact as given; that areas are those of the map is said, and in the document."""
    grids = [("a", box(0, 0), {}), ("b", box(100, 0), {})]
    outline = shapely.coverage_union_all([box(0, 0), box(100, 0)])
    path = layers(tmp_path / "web.gpkg", "EPSG:3857", grids=grids, boundary=[("t", outline, {})])
    result = run("check", path, "--json")
    told = document(result)
    assert (told["complete"], told["exact"]) == (True, True)
    assert [(notice["kind"], notice["facts"]) for notice in told["notices"]] == [("map-metres", {"times": 1.145})]
    assert "lengths are 1.145 times" in result.stderr
    assert "notices" not in document(run("check", layers(tmp_path / "utm.gpkg", grids=grids), "--json"))


def test_plain_polygons_of_two_files_are_compared(tmp_path):
    """FILE:LAYER names what to compare; buildings tell how many households moved; moved ground is GeoJSON."""
    homes = [("h1", box(110, 10, 5, 5), {"households": "7"}), ("h2", box(10, 10, 5, 5), {"households": "9"})]
    old = layers(tmp_path / "a.gpkg", old=[("a", box(0, 0), {}), ("b", box(100, 0), {})], buildings=homes)
    new = layers(tmp_path / "b.gpkg", new=[("a", box(0, 0, 150), {}), ("b", box(150, 0, 50), {})])
    told = document(run("compare", f"{old}:old", f"{new}:new", "-o", tmp_path / "m.geojson", "--json"))
    assert (told["households_moved"], told["households"], told["officers_affected"]) == (7, 16, 2)
    assert told["area_moved_m2"] == pytest.approx(5000)
    (face,) = json.loads((tmp_path / "m.geojson").read_text())["features"]
    assert (face["properties"]["source"], face["properties"]["target"]) == ("b", "a")
    assert np.isfinite(shapely.get_coordinates(shapely.from_geojson(json.dumps(face["geometry"])))).all()
