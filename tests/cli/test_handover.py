"""`gridgeo handover`, as an office uses it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest

from gridgeo.cli.console import Desk
from gridgeo.io.read import read_plan
from tests.cli.terminal import document, refused, run
from tests.shared import place

FILES = (
    "certificate.json",
    "index.html",
    "manifest.json",
    "mapbook.pdf",
    "plan.gpkg",
    "qr.pdf",
    "register.csv",
    "register.xlsx",
)


@pytest.fixture
def out(tmp_path):
    """The folder to hand over into."""
    return tmp_path / "out"


def test_everything_is_in_the_folder(plan, out):
    """All files are made and the document names them; the GeoPackage holds the plan, the certificate proves it."""
    told = document(run("handover", plan, "-o", out, "--json"))
    assert tuple(sorted(file.name for file in out.iterdir())) == FILES
    assert {file["name"] for file in told["files"]} == set(FILES) - {"manifest.json"}
    assert told["grids"] == len(read_plan(plan)) == len(read_plan(out / "plan.gpkg"))
    assert told["certificate"]["complete"] is True
    assert json.loads((out / "certificate.json").read_text())["complete"] is True


def test_the_same_plan_gives_the_same_bytes(plan, tmp_path):
    """Two hand-overs of one plan do not differ in a byte."""
    for name in ("a", "b"):
        assert run("handover", plan, "-o", tmp_path / name).exit_code == 0
    for file in FILES:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_walks_come_as_gpx(plan, out, tmp_path):
    """A plan with walks is handed over with a track for each."""
    walked = tmp_path / "walked.gpkg"
    assert run("patrol", plan, "-o", walked).exit_code == 0
    assert run("handover", walked, "-o", out).exit_code == 0
    tracks = sorted((out / "gpx").iterdir())
    assert len(tracks) == 2 * len(read_plan(plan)) and b"<trkpt" in tracks[0].read_bytes()


def test_chinese_is_spoken_throughout(plan, out):
    """With --lang zh the sheets, the guide and the messages are in Chinese."""
    result = run("--lang", "zh", "handover", plan, "-o", out)
    assert "移交成果" in result.stdout and "二维码" in result.stderr
    assert openpyxl.load_workbook(out / "register.xlsx").sheetnames[0] == "登记册"
    assert '<html lang="zh">' in (out / "index.html").read_text(encoding="utf-8")


def register_rows(out: Path) -> list[dict]:
    """Rows of the register by heading."""
    sheet = openpyxl.load_workbook(out / "register.xlsx")["Register"]
    heads = [cell.value for cell in sheet[2]]
    return [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]


def test_posts_days_and_address_are_filled_in(plan, out, tmp_path):
    """The office's table, the days and the address stand in the register."""
    codes = read_plan(plan).grids.code.tolist()
    (tmp_path / "posts.csv").write_text(f"code,post,start\n{codes[0]},P-07,2026-03-01\n", encoding="utf-8")
    options = ("--posts", tmp_path / "posts.csv", "--start", "2026-01-01", "--end", "2027-01-01")
    result = run("handover", plan, "-o", out, *options, "--address", "https://town.example/#{code}")
    assert result.exit_code == 0 and "this machine only" not in result.stderr
    rows = {row["Code"]: row for row in register_rows(out)}
    assert rows[codes[0]]["Officer post"] == "P-07"
    assert [str(rows[code]["In force from"])[:10] for code in codes[:2]] == ["2026-03-01", "2026-01-01"]
    assert rows[codes[1]]["Address (QR)"] == f"https://town.example/#{codes[1]}"


def test_a_redraw_tells_predecessors_and_changes(plan, out, tmp_path):
    """--from adds the codes before and a sheet of changes."""
    codes = read_plan(plan).grids.code.tolist()
    merged = tmp_path / "merged.gpkg"
    assert run("edit", plan, "--merge", codes[0], codes[1], "-o", merged).exit_code in (0, 1)
    told = document(run("handover", merged, "-o", out, "--from", plan, "--json"))
    assert told["changes"]["M"] == 1
    book = openpyxl.load_workbook(out / "register.xlsx")
    assert "Changes" in book.sheetnames
    before = {row["Code"]: row["Predecessor codes"] for row in register_rows(out)}
    assert f"{codes[0]}, {codes[1]}" in before.values()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--address", "town.example/{code}"], "no web address"),
        (["--start", "2026-02-01", "--end", "2026-01-01"], "is before"),
        (["--start", "2026-02-31"], "--start"),
        (["--posts", "{folder}/none.csv"], "no such file"),
        (["--font", "{folder}/none.ttf"], "font cannot be read"),
        (["--from", "{folder}/none.gpkg"], "no such file"),
    ],
)
def test_options_that_cannot_be_used(options, said, plan, out, tmp_path):
    """Bad options end with 2, say why, and leave no folder."""
    assert said in refused("handover", plan, "-o", out, *(word.replace("{folder}", str(tmp_path)) for word in options))
    assert not out.exists()


def test_a_territory_is_no_plan(territory, out):
    """A file without a plan is refused with what to do."""
    assert "draw" in refused("handover", territory, "-o", out)


def test_work_of_others_is_kept(plan, out):
    """A folder with files of others is refused before the work starts; a changed register too."""
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    assert "no hand-over" in refused("handover", plan, "-o", out)
    (out / "notes.txt").unlink()
    assert run("handover", plan, "-o", out).exit_code == 0
    (out / "register.xlsx").write_bytes(b"filled in")
    assert "register.xlsx" in refused("handover", plan, "-o", out)
    assert (out / "register.xlsx").read_bytes() == b"filled in"


def test_cancelled_nothing_is_written(plan, out, tmp_path, monkeypatch):
    """Ctrl-C while the book is drawn ends with 130 and leaves no folder, not even a part."""

    def cancelled(desk, *words):
        desk.cancelled.cancel()
        return begun(desk, *words)

    begun = Desk.progress
    monkeypatch.setattr(Desk, "progress", cancelled)
    before = set(tmp_path.iterdir())
    assert run("handover", plan, "-o", out).exit_code == 130
    assert set(tmp_path.iterdir()) == before


def test_keys_and_journals_stay_at_home(plan, out):
    """A plan in a file that is served is handed over without keys, versions and audit log."""
    assert run("key", "add", plan, "--role", "viewer").exit_code == 0
    assert run("handover", plan, "-o", out).exit_code == 0
    assert not {"journals", "plan_versions"} & tables(out / "plan.gpkg")
    assert {"journals", "plan_versions"} <= tables(plan)


def tables(path: Path) -> set[str]:
    """Names of all tables of a file."""
    with closing(sqlite3.connect(path)) as db:
        return {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.mark.slow
def test_a_real_town(tmp_path, out):
    """Da'an in Taipei, about 280 grids: a page and a code for each, and the cover proven."""
    source = place("tw_taipei_daan")
    town, drawn = tmp_path / "town.gpkg", tmp_path / "plan.gpkg"
    words = ("--role", "atoms=bsa", "--role", "communities=villages")
    assert run("import", source, "-o", town, *words).exit_code == 0
    assert run("draw", town, "-o", drawn, "--seconds", 20).exit_code in (0, 4)
    told = document(run("--lang", "zh", "handover", drawn, "-o", out, "--json"))
    assert told["grids"] > 250 and told["pages"] > told["grids"]
    assert told["certificate"]["complete"]
