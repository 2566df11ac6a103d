"""Keys, examination, backup and copies from the command line."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from gridgeo import gpkg
from gridgeo.cli import gridgeo
from gridgeo.io.write import write_plan
from gridgeo.keys import KeyRing
from gridgeo.store import open_store
from tests.instances import lattice, plan_of


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "plan.gpkg"
    write_plan(plan_of(lattice(2, 2, 100), [0, 0, 1, 1]), path)
    return path


def run(*words, code=0):
    result = CliRunner().invoke(gridgeo, ["--lang", "en", *map(str, words)])
    assert result.exit_code == code, result.output
    return result


def test_key_is_shown_once(file):
    """The key is the only thing on stdout when it is made, opens the project, and is not listed."""
    text = run("key", "add", file, "--role", "planner", "--label", "office", "--days", 30).stdout.strip()
    with closing(open_store(str(file))) as store:
        key = KeyRing(store).examine(text, when="2026-11-22T00:00:00Z")
        assert (key.role.name, key.label, bool(key.expires)) == ("PLANNER", "office", True)
    listed = run("key", "list", file).stdout
    assert key.id in listed and "planner" in listed and text not in listed


def test_revoked_key_is_listed_as_such(file):
    """A key revoked by its id stays in the list, revoked."""
    made = json.loads(run("key", "add", file, "--json").stdout)["key"]
    run("key", "revoke", file, made["id"])
    told = json.loads(run("key", "list", file, "--json").stdout)["keys"]
    assert [(key["id"], key["role"], key["state"]) for key in told] == [(made["id"], "viewer", "revoked")]


@pytest.mark.parametrize(
    "words", [("revoke", "FILE"), ("revoke", "FILE", "0badc0de"), ("add", "FILE", "id"), ("list", "none.gpkg")]
)
def test_wrong_use_of_keys(file, words):
    """An id too many, too few or unknown, and a project that is not there, are bad input."""
    result = run("key", *[str(file) if word == "FILE" else word for word in words], code=2)
    assert result.stdout == "" and result.stderr.startswith(("Bad input: ", "Not found: "))


def test_sound_project(file):
    """A sound project is told in one line, exit code 0."""
    assert "Sound" in run("fsck", file).stderr
    assert json.loads(run("fsck", file, "--json").stdout)["sound"] is True


def test_damaged_project(file):
    """Findings are sentences on stderr, data with --json, and exit code 1."""
    run("key", "add", file)
    with closing(gpkg.open_gpkg(file)) as db:
        db.execute("UPDATE plan_labels SET grid = 'g0' WHERE atom = 4")
        db.commit()
    assert "main@1" in run("fsck", file, code=1).stderr
    told = json.loads(run("fsck", file, "--json", code=1).stdout)
    assert {finding["kind"] for finding in told["findings"]} == {"store-digest"}


def test_backup_and_copy(file, tmp_path):
    """A backup and a copy have one content hash, and both are sound projects."""
    run("key", "add", file)
    backup = json.loads(run("backup", file, "-o", tmp_path / "b.gpkg", "--json").stdout)
    copied = json.loads(run("copy", file, tmp_path / "c.gpkg", "--json").stdout)
    assert backup["digest"] == copied["digest"] and backup["sound"]
    run("fsck", tmp_path / "c.gpkg")
    run("copy", file, tmp_path / "c.gpkg", code=2)


def test_versions_are_not_drawn_over(file, tmp_path):
    """A verb that would replace a file with versions and keys in it is refused; the file stays."""
    run("key", "add", file)
    before = file.read_bytes()
    run("draw", file, "-o", file, "--households", 100, 400, code=2)
    assert file.read_bytes() == before
