"""A folder put in its place in one step."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gridgeo.errors import InputError
from gridgeo.handover.folder import MANIFEST, placed_folder


def write(place, text="new"):
    with placed_folder(place) as part:
        (part / "gpx").mkdir()
        (part / "a.txt").write_text(text)
        (part / "gpx" / "b.gpx").write_text(text)


def test_the_manifest_lists_every_file(tmp_path):
    """Names, sizes and digests of all files are in the manifest, which anybody can check a copy with."""
    write(tmp_path / "out")
    listed = json.loads((tmp_path / "out" / MANIFEST).read_text())["files"]
    assert [(file["name"], file["bytes"]) for file in listed] == [("a.txt", 3), ("gpx/b.gpx", 3)]


def test_an_earlier_handover_is_replaced(tmp_path):
    """What was handed over before makes way, and nothing is left beside it."""
    write(tmp_path / "out", "old")
    write(tmp_path / "out", "new")
    assert (tmp_path / "out" / "a.txt").read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tmp_path):
    """A folder somebody made for it is taken."""
    (tmp_path / "out").mkdir()
    write(tmp_path / "out")
    assert (tmp_path / "out" / "a.txt").exists()


@pytest.mark.parametrize("name", ["notes.txt", "a.txt", "gpx/mine.gpx", MANIFEST])
def test_work_of_others_is_never_replaced(tmp_path, name):
    """A file added or changed by hand keeps the folder as it is."""
    write(tmp_path / "out", "old")
    (tmp_path / "out" / name).write_text("filled in by hand")
    with pytest.raises(InputError, match="hand-over"):
        write(tmp_path / "out", "new")
    assert (tmp_path / "out" / name).read_text() == "filled in by hand"
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_a_link_to_elsewhere_is_refused(tmp_path):
    """A link is not followed to replace what it leads to."""
    (tmp_path / "other").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "other")
    with pytest.raises(InputError, match="no folder"):
        write(tmp_path / "out")


def test_a_failure_leaves_what_was_there(tmp_path):
    """When the making fails, the old folder stays whole and no part is left."""
    write(tmp_path / "out", "old")
    with pytest.raises(RuntimeError), placed_folder(tmp_path / "out") as part:
        (part / "a.txt").write_text("half")
        raise RuntimeError
    assert (tmp_path / "out" / "a.txt").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_a_kill_leaves_the_old_folder_whole(tmp_path):
    """A process killed while it writes has touched nothing in the place."""
    write(tmp_path / "out", "old")
    code = (
        "import sys, time; from pathlib import Path; from gridgeo.handover.folder import placed_folder\n"
        f"with placed_folder(Path({str(tmp_path / 'out')!r})) as part:\n"
        "    (part / 'a.txt').write_text('half'); print('writing', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert child.stdout.readline().strip() == b"writing"
    child.kill()
    child.wait()
    assert (tmp_path / "out" / "a.txt").read_text() == "old"
    write(tmp_path / "out", "new")
    assert (tmp_path / "out" / "a.txt").read_text() == "new"


def test_a_file_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    """What nobody may read in the place is an error with its name, before anything is written."""
    write(tmp_path / "out", "old")
    plain = Path.open

    def shut(path, *args, **kwargs):
        if path.name == "b.gpx":
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", shut)
    with pytest.raises(InputError, match="cannot read: Permission denied") as error:
        write(tmp_path / "out")
    assert error.value.where.endswith("b.gpx")


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    """Work hidden in a folder nobody may look into is not replaced."""
    write(tmp_path / "out", "old")
    plain = Path.iterdir

    def shut(path):
        if path.name == "gpx":
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path)

    monkeypatch.setattr(Path, "iterdir", shut)
    with pytest.raises(InputError, match="cannot read"):
        write(tmp_path / "out")
