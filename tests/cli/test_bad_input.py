"""Bad input ends with one clear message (what, where, what to do) and exit code 2, and leaves every file as it was."""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
import shapely

from gridgeo.__main__ import serve
from gridgeo.gpkg.schema import REQUIRED_CRS
from gridgeo.io.crs import crs_of
from tests.cli.terminal import ROOT, document, environment, refused, run
from tests.io import raw
from tests.io.raw import X, Y, square

VRT = b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>"
READERS = (
    *("import", "inspect", "draw", "check", "repair", "patrol", "assign", "serve", "reach", "compare", "demo"),
    "handover",
)


def call(verb, path, folder):
    """The command line that lets a verb read a file, with its output in a folder."""
    written = {
        "demo": ["--data", path, "--out", folder / "out"],
        "serve": [path, "--port", 18765],
        "compare": [path, path],
        "inspect": [path],
        "check": [path],
        "reach": [path],
        "handover": [path, "-o", folder / "out"],
    }
    return [verb, *written.get(verb, [path, "-o", folder / "out.gpkg"])]


def left(folder) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("verb", READERS)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("none.gpkg", None),
        ("folder.gpkg", "folder"),
        ("empty.gpkg", b""),
        ("text.gpkg", b"hello\n"),
        ("virtual.gpkg", VRT),
        ("virtual.geojson", VRT),
        ("database.gpkg", "sqlite"),
    ],
)
def test_files_that_are_not_what_they_should_be(verb, name, content, tmp_path):
    """A missing, empty or false file is refused by every verb in one line that names it and says what to do."""
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content == "sqlite":
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE t (a)")
    elif content is not None:
        path.write_bytes(content)
    (tmp_path / "out.gpkg").write_bytes(b"what was there before")
    before = left(tmp_path)
    said = refused(*call(verb, path, tmp_path), serve=serve)
    assert str(path) in said
    assert said.rstrip().endswith(")"), "no hint"
    assert said.count("\n") == 1
    assert left(tmp_path) == before


def atoms(*shapes):
    return raw.with_shapes(raw.town(), "atoms", shapes or [square(i) for i in range(3)])


def column(**columns):
    return raw.with_column(raw.town(), "atoms", **columns)


BOW = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
with np.errstate(invalid="ignore"):
    NAN = shapely.Polygon([(X, Y), (X + 100, np.nan), (X + 100, Y + 100)])
FAULTY = {
    "missing layer": (lambda: {k: v for k, v in raw.town().items() if k != "boundary"}, "boundary: missing layer"),
    "missing column": (lambda: column(code=None), "atoms: missing column"),
    "empty boundary": (lambda: raw.with_shapes(raw.town(), "boundary", [shapely.Polygon()]), "boundary: empty bound"),
    "nan": (lambda: atoms(NAN, square(1), square(2)), "atoms, row 1: coordinate that is no number"),
    "bow": (lambda: atoms(square(0), BOW, square(2)), "atoms, row 2: broken ring"),
    "duplicate": (lambda: column(code=["a", "b", "a"]), "atoms, row 3: code used twice"),
    "negative": (lambda: column(households=[5.0, -3.0, 1.0]), "atoms, row 2: negative households"),
    "fraction": (lambda: column(households=[5.0, 2.5, 1.0]), "atoms, row 2: households not whole"),
    "infinite": (lambda: column(households=[5.0, np.inf, 1.0]), "atoms, row 2: number too large"),
    "words": (lambda: column(households=["5", "1", "x"]), "atoms, row 3: not a number"),
    "type": (lambda: atoms(shapely.Point(X, Y), square(1), square(2)), "atoms, row 1: wrong type of geometry"),
    "overlap": (lambda: atoms(square(0), square(0), square(2)), "atoms, row 1: overlap"),
}
MADE_BY_IMPORT = ("missing layer", "missing column")


@pytest.mark.parametrize("verb", ["import", "inspect", "draw", "patrol", "assign"])
@pytest.mark.parametrize("fault", FAULTY)
def test_faulty_territories(verb, fault, tmp_path):
    """A faulty territory is refused with file, layer, row, kind and hint by every verb that reads one."""
    if verb == "import" and fault in MADE_BY_IMPORT:
        pytest.skip("import derives a boundary from the atoms, and makes codes")
    if verb == "inspect" and fault == "missing layer":
        pytest.skip("inspect takes a file without a boundary as a source to import")
    tables, told = FAULTY[fault]
    path = raw.write(tmp_path / "t.gpkg", tables())
    before = left(tmp_path)
    said = refused(*call(verb, path, tmp_path))
    assert f"{path}: " in said
    line = next(line for line in said.splitlines() if told in line)
    assert line.endswith(")"), "no hint"
    assert "Warning" not in said
    assert left(tmp_path) == before


@pytest.mark.parametrize("fault", FAULTY)
def test_faulty_territories_are_not_served(fault, tmp_path):
    """The service refuses a file that holds no sound territory, before it is announced."""
    path = raw.write(tmp_path / "t.gpkg", FAULTY[fault][0]())
    said = refused("serve", path, "--port", 18765, serve=serve)
    assert str(path) in said
    assert "http://" not in said


@pytest.mark.parametrize("verb", ["draw", "inspect", "patrol", "assign"])
@pytest.mark.parametrize(("crs", "kind"), [(REQUIRED_CRS[0], "no coordinate system"), ("EPSG:4326", "degrees")])
def test_territories_without_metres(verb, crs, kind, tmp_path):
    """No CRS, or one of degrees, is told for every layer at once, with the way out: import."""
    crs = crs_of(crs) if isinstance(crs, str) else crs
    said = refused(*call(verb, raw.write(tmp_path / "t.gpkg", raw.town(), crs), tmp_path))
    assert said.count(kind) >= len(raw.town())
    assert said.count("gridgeo import") == len(raw.town())


def test_import_without_crs(tmp_path):
    """Import asks for --crs, for every layer at once; a CRS of degrees over metres is told, not projected."""
    path = raw.write(tmp_path / "t.gpkg", raw.town(), REQUIRED_CRS[0])
    said = refused("import", path, "-o", tmp_path / "o.gpkg")
    assert said.count("--crs EPSG:n") == len(raw.town())
    assert run("import", path, "-o", tmp_path / "o.gpkg", "--crs", "EPSG:32650").exit_code == 0
    false = raw.write(tmp_path / "false.gpkg", raw.town(), crs_of("EPSG:4326"))
    assert refused("import", false, "-o", tmp_path / "o.gpkg").count("not degrees") == len(raw.town())


def several():
    """Six faults in three layers."""
    tables = column(code=["a", "a", ""], households=[-1.0, 2.5, 1.0])
    return raw.with_column(raw.with_shapes(tables, "communities", [shapely.Point(X, Y)]), "streets", walkable=None)


def test_several_faults_are_one_message(tmp_path):
    """All faults of a file come in one message and one document, each with layer, row, kind, message and hint."""
    path = raw.write(tmp_path / "t.gpkg", several())
    result = run("draw", path, "-o", tmp_path / "p.gpkg", "--json")
    assert result.exit_code == 2
    error = document(result)["error"]
    assert (error["code"], error["where"]) == ("schema", str(path))
    found = {(fault["kind"], fault["layer"], fault["row"]) for fault in error["faults"]}
    assert found == {
        ("wrong-geometry", "communities", 1),
        ("duplicate-code", "atoms", 2),
        ("missing-code", "atoms", 3),
        ("negative-households", "atoms", 1),
        ("non-integer-households", "atoms", 2),
        ("missing-column", "streets", None),
    }
    assert all(fault["message"] and fault["hint"] for fault in error["faults"])
    assert len(result.stderr.splitlines()) == 7


def test_faults_in_chinese(tmp_path):
    """In Chinese every line names the row and the kind of fault in Chinese."""
    said = refused("draw", raw.write(tmp_path / "t.gpkg", several()), "-o", tmp_path / "p.gpkg", lang="zh")
    assert said.startswith("文件不符合格式：")
    assert "共 6 处错误" in said
    assert "  atoms 第 2 行：编码重复：" in said
    assert "  streets：缺少字段：" in said


@pytest.mark.parametrize("verb", ["draw", "inspect", "check", "patrol", "assign", "import", "alarm"])
def test_errors_as_json(verb, tmp_path):
    """With --json an error is one document on stdout with code, message, where and hint; words go to stderr."""
    more = {"alarm": ["--at", "1,1"]}.get(verb, [])
    result = run(*call(verb, tmp_path / "none.gpkg", tmp_path)[:2], *more, "--json")
    if verb in ("draw", "patrol", "assign", "import"):
        assert document(result)["error"]["where"] == "--output"
        result = run(*call(verb, tmp_path / "none.gpkg", tmp_path), "--json")
    assert result.exit_code == 2
    error = document(result)["error"]
    assert set(error) == {"code", "kind", "message", "where", "hint"}
    assert error == error | {"code": "input", "message": "no such file", "where": str(tmp_path / "none.gpkg")}
    assert error["hint"]
    assert "no such file" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["draw", "{town}", "-o", "{new}", "--households", 500, 300], "500 to 300"),
        (["draw", "{town}", "-o", "{new}", "--households", 0, 0], "0 to 0"),
        (["draw", "{town}", "-o", "{new}", "--households", "few", 3], "--households"),
        (["draw", "{town}", "-o", "{new}", "--seconds", -1], "seconds is -1.0"),
        (["draw", "{town}", "-o", "{new}", "--seconds", "nan"], "seconds is nan"),
        (["draw", "{town}", "-o", "{new}", "--count", 0], "number of grids is 0"),
        (["draw", "{town}", "-o", "{new}", "--rng-seed", "x"], "--rng-seed"),
        (["draw", "{town}"], "--output"),
        (["draw", "{town}", "-o", "{none}/p.gpkg"], "there is no folder"),
        (["draw", "{town}", "-o", "{town}/p.gpkg"], "there is no folder"),
        (["draw", "{town}", "-o", "{folder}"], "is a folder"),
        (["draw", "{town}", "-o", "{folder}/plan.txt"], "must end in .gpkg"),
        (["check", "{plan}", "--households", 500, 300], "band is (500, 300)"),
        (["check", "{plan}", "--layer", "moon"], "it has boundary, communities"),
        (["check", "{plan}", "--layer", "streets"], "choose one with --layer"),
        (["check", "{plan}", "--boundary", "{none}"], "no such file"),
        (["check", "{plan}", "--boundary", "{town}:moon"], "no layer moon"),
        (["check", "{plan}", "--boundary", "{town}:streets"], "give a polygon layer"),
        (["check", "{plan}", "-o", "{none}/f.geojson"], "there is no folder"),
        (["check", "{town}"], "name one: --layer"),
        (["repair", "{plan}", "-o", "{new}", "--lock", "moon"], "there is no grid moon"),
        (["repair", "{plan}", "-o", "{new}", "--seconds", 0], "seconds is 0.0"),
        (["patrol", "{town}", "-o", "{new}"], "draw one with gridgeo draw"),
        (["patrol", "{plan}", "-o", "{new}", "--rounds", 0], "rounds is 0"),
        (["patrol", "{plan}", "-o", "{new}", "--sides", 3], "--sides"),
        (["patrol", "{plan}", "-o", "{new}", "--mode", "drive"], "--mode"),
        (["patrol", "{plan}", "-o", "{new}", "--minutes", "nan"], "minutes is nan"),
        (["patrol", "{plan}", "-o", "{new}", "--gpx", "{town}/gpx"], "is a file; name a folder"),
        (["patrol", "{plan}", "-o", "{new}", "--geojson", "{none}/r.geojson"], "there is no folder"),
        (["assign", "{town}", "-o", "{new}", "--members", -1], "--members"),
        (["assign", "{town}", "-o", "{new}", "--max-walk", 0], "--max-walk"),
        (["assign", "{town}", "-o", "{new}", "--objective", "least"], "--objective"),
        (["import", "{town}", "-o", "{new}", "--role", "atoms"], "write --role KEY=VALUE"),
        (["import", "{town}", "-o", "{new}", "--role", "moon=atoms"], "one of boundary, communities"),
        (["import", "{town}", "-o", "{new}", "--role", "atoms=moon"], "the sources have boundary"),
        (["import", "{town}", "-o", "{new}", "--role", "atoms=a", "--role", "atoms=b"], "atoms is given twice"),
        (["import", "{town}", "-o", "{new}", "--field", "atoms"], "write --field KEY=VALUE"),
        (["import", "{town}", "-o", "{new}", "--field", "moon.code=x"], "write ROLE.COLUMN=FIELD"),
        (["import", "{town}", "-o", "{new}", "--field", "atoms.moon=x"], "atoms has code, households"),
        (["import", "{town}", "-o", "{new}", "--field", "atoms.households=moon"], "it has code, households"),
        (["import", "{town}", "-o", "{new}", "--crs", "moon"], "name it as EPSG:n"),
        (["import", "{town}", "-o", "{new}", "--encoding", "moon"], "there is no encoding moon"),
        (["import", "{town}", "-o", "{new}", "--datum", "moon"], "--datum"),
        (["alarm", "{town}", "--at", "200,3"], "--at"),
        (["reach", "{town}", "--service", "moon"], "stations, responders"),
        (["compare", "{plan}", "{none}"], "no such file"),
        (["demo", "--data", "{town}", "--out", "{town}"], "is a file; name a folder"),
        (["serve", "{plan}", "--host", "0.0.0.0"], "can be reached from other machines"),
        (["serve", "{plan}", "--port", 0], "--port"),
        (["--lang", "fr", "inspect", "{town}"], "--lang"),
        (["moon"], "No such command 'moon'"),
    ],
)
def test_wrong_options(words, told, territory, plan, tmp_path):
    """A wrong option is refused before any work, with what is wrong and what would be right."""
    files = {"town": territory, "plan": plan, "new": tmp_path / "new.gpkg", "none": tmp_path / "none"}
    before = left(tmp_path)
    said = refused(*(str(word).format(**files, folder=tmp_path) for word in words), serve=serve)
    assert told in said
    assert left(tmp_path) == before


def test_wrong_options_as_json(territory):
    """With --json a wrong option is one document too."""
    result = run("draw", territory, "-o", territory.parent, "--json")
    assert result.exit_code == 2
    assert document(result)["error"] == document(result)["error"] | {"code": "usage", "where": "--output"}
    assert document(run("--lang", "fr", "draw", territory, "--json"))["error"]["where"] == "--lang"


@pytest.mark.parametrize("seed", [-5, 10**30])
def test_any_whole_number_is_a_seed(seed, territory, tmp_path):
    """Negative and huge seeds draw, and are told back as they were given."""
    assert document(run("draw", territory, "-o", tmp_path / "p.gpkg", "--rng-seed", seed, "--json"))["rng_seed"] == seed


@pytest.mark.parametrize(("name", "value"), [("GRIDGEO_LANG", "fr"), ("GRIDGEO_PORT", "many")])
def test_wrong_environment(name, value, territory):
    """A setting of the environment that cannot be used is named, in words and as JSON."""
    lang = value if name == "GRIDGEO_LANG" else ""
    said = refused("inspect", territory, lang=lang, **({} if lang else {name: value}))
    assert name in said
    result = run("inspect", territory, "--json", lang=lang, **({} if lang else {name: value}))
    assert (result.exit_code, document(result)["error"]["where"]) == (2, name)


def test_counts_matter_only_to_a_band(tmp_path):
    """Check proves the cover whatever the households are; asked for a band, it tells which are no counts."""
    path = raw.write(tmp_path / "t.gpkg", column(households=[5.0, -3.0, 2.5]))
    assert run("check", path, "--layer", "atoms").exit_code == 0
    said = refused("check", path, "--layer", "atoms", "--households", 1, 10)
    assert "atoms, row 2: negative households" in said
    assert "atoms, row 3: households not whole" in said


def test_check_tells_broken_rings_as_findings(tmp_path):
    """What check is for is no bad input: a crossing ring and a coordinate that is no number are findings, exit 1."""
    path = raw.write(tmp_path / "t.gpkg", atoms(BOW, NAN, square(2)))
    result = run("check", path, "--layer", "atoms", "--json")
    assert result.exit_code == 1
    assert document(result)["counts"]["invalid-ring"] >= 2
    assert not [line for line in result.stderr.splitlines() if not line.startswith("Preparing: ")]


def test_a_full_disk_leaves_the_old_file(territory, tmp_path):
    """A write that fails half way ends with 2 and leaves the file that was there, and nothing beside it."""
    (tmp_path / "p.gpkg").write_bytes(b"what was there before")
    before = left(tmp_path)

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    command = [sys.executable, "-m", "gridgeo", "import", str(territory), "-o", str(tmp_path / "p.gpkg"), "--json"]
    told = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=small_files, env=environment(), timeout=120, check=False
    )
    assert told.returncode == 2, told.stderr
    error = json.loads(told.stdout)["error"]
    assert error["message"].startswith("cannot write")
    assert error["where"] == str(tmp_path / "p.gpkg")
    assert left(tmp_path) == before
    assert (ROOT / "gridgeo").is_dir()
