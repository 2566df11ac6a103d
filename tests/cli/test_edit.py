"""`gridgeo edit`: plans changed at the terminal, step by step, and back."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from gridgeo.io.read import read_plan
from tests.cli.terminal import document, refused, run


def beside(path):
    """An atom that can move, its grid, and the grid beside that can take it."""
    from gridgeo.core.edit import EditDesk, Move
    from gridgeo.errors import BrokenRuleError

    plan = read_plan(path)
    pairs, code = plan.territory.adjacency, plan.grids.code
    for u, v in zip(pairs.u.tolist(), pairs.v.tolist(), strict=True):
        atom, source, target = str(plan.territory.atoms.code[u]), code[plan.label[u]], code[plan.label[v]]
        if source != target:
            try:
                EditDesk(plan).apply(Move((atom,), target))
            except BrokenRuleError:
                continue
            return atom, source, target
    raise AssertionError("no atom can move")


def labels(path):
    """Code of the grid of each atom of a plan file."""
    plan = read_plan(path)
    return plan.grids.code[plan.label].tolist()


def test_move_is_told_and_written(plan, tmp_path):
    """A move names both grids with their households before and after, and the file holds it."""
    atom, source, target = beside(plan)
    told = document(run("edit", plan, "--move", atom, "--to", target, "-o", tmp_path / "new.gpkg", "--json"))
    assert {grid["code"] for grid in told["changed"]} == {source, target}
    assert sum(g["after"]["households"] - g["before"]["households"] for g in told["changed"]) == 0
    assert told["log"] == [[{"op": "move", "atoms": [atom], "to": target}]]
    assert told["certificate"]["complete"]
    after = read_plan(tmp_path / "new.gpkg")
    assert after.grids.code[after.label[after.territory.atoms.row(atom)]] == target


def test_undo_works_in_a_later_call(plan, tmp_path):
    """Steps of several calls are taken back, one or all; locks come and go with them."""
    atom, source, target = beside(plan)
    one, two, three = (tmp_path / f"{n}.gpkg" for n in range(3))
    assert run("edit", plan, "--move", atom, "--to", target, "-o", one).exit_code == 0
    assert run("edit", one, "--rename", source, "North", "--lock", source, "-o", two).exit_code == 0
    told = document(run("edit", two, "--undo", 1, "-o", three, "--json"))
    assert (told["locked"], len(told["log"])) == ([], 1)
    assert labels(three) == labels(one)
    assert run("edit", two, "--undo", 2, "-o", three).exit_code == 0
    assert labels(three) == labels(plan)
    assert read_plan(three).notices == read_plan(plan).notices
    assert "3" in refused("edit", two, "--undo", 3, "-o", three)


def test_locks_stay_with_the_file(plan, tmp_path):
    """A lock of one call refuses the edit of the next with exit code 1, rule and grid."""
    atom, source, target = beside(plan)
    run("edit", plan, "--lock", source, "-o", tmp_path / "locked.gpkg")
    result = run("edit", tmp_path / "locked.gpkg", "--move", atom, "--to", target, "-o", tmp_path / "x.gpkg", "--json")
    assert result.exit_code == 1
    assert (document(result)["error"]["rule"], document(result)["error"]["grids"]) == ("lock", [source])
    assert not (tmp_path / "x.gpkg").exists()


def test_edits_come_from_a_file(plan, tmp_path):
    """A JSON list of edits is one step; the rest is mended."""
    one, two = read_plan(plan).grids.code[:2].tolist()
    file = tmp_path / "edits.json"
    file.write_text(json.dumps([{"op": "merge", "grids": [one, two]}, {"op": "fix-rest"}]))
    told = document(run("edit", plan, "--edits", file, "-o", tmp_path / "new.gpkg", "--json"))
    assert told["notices"] == []
    assert read_plan(tmp_path / "new.gpkg").in_band.all()


def test_split_and_merge_at_the_terminal(plan, tmp_path):
    """A grid split in two and merged again has the ground it had."""
    code = str(read_plan(plan).grids.code[0])
    run("edit", plan, "--split", code, 2, "-o", tmp_path / "split.gpkg")
    new = set(labels(tmp_path / "split.gpkg")) - set(labels(plan))
    assert len(new) == 1
    assert run("edit", tmp_path / "split.gpkg", "--merge", code, new.pop(), "-o", tmp_path / "one.gpkg").exit_code == 0
    assert labels(tmp_path / "one.gpkg") == labels(plan)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to do"),
        (("--move", "a1"), "go together"),
        (("--move", "nowhere", "--to", "nothing"), "no grid has code nothing"),
        (("--edits", "absent.json"), "cannot be read"),
        (("--lock", "x"), "no grid has code x"),
        (("--codes", "17", "--lock", "x"), "code scheme"),
    ],
)
def test_bad_calls_are_explained(words, said, plan, tmp_path):
    """Wrong options end with exit code 2 and say what is wrong."""
    assert said in refused("edit", plan, *words, "-o", tmp_path / "new.gpkg")


def test_faults_of_edits_are_listed(plan, tmp_path):
    """All faults of a list of edits are told at once."""
    (tmp_path / "edits.json").write_text('[{"op": "fly"}, {"op": "lock"}]')
    said = refused("edit", plan, "--edits", tmp_path / "edits.json", "-o", tmp_path / "new.gpkg")
    assert "row 1" in said and "row 2" in said


def test_a_damaged_history_is_bad_input(plan, tmp_path):
    """A history that is none of this plan is refused, not guessed at."""
    run("edit", plan, "--lock", read_plan(plan).grids.code[0], "-o", tmp_path / "one.gpkg")
    with closing(sqlite3.connect(tmp_path / "one.gpkg")) as file, file:
        file.execute("update gridgeo_metadata set value = '{' where key = 'edits'")
    assert "history" in refused("edit", tmp_path / "one.gpkg", "--undo", 1, "-o", tmp_path / "two.gpkg")
