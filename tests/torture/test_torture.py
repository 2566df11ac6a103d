from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from gridgeo.core.tables import territory_hash
from gridgeo.errors import BackendError, InputError
from gridgeo.gpkg import write_file
from gridgeo.io.crs import crs_of
from gridgeo.io.read import read_plan
from gridgeo.io.write import write_bytes, write_plan
from gridgeo.store.digests import plan_digest
from gridgeo.store.geopackage import GeoPackageStore
from gridgeo.store.transfer import store_digest
from tests.instances import CRS
from tests.torture.cycles import NOW, nth_entry, nth_layer, nth_plan

CYCLES = 1000
"""What the long run does in ten parts: `python -m tests.torture` does 10,000."""


def killed(cycles: int, seed: int) -> str:
    """What a run in a process of its own says; on memory where there is such a place, for a kill asks no disk."""
    folder = ["--folder", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []
    words = ["-m", "tests.torture", "--cycles", str(cycles), "--rng-seed", str(seed), *folder]
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, *words], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_few_kills():
    """Writers killed twelve times lose nothing they acknowledged and leave nothing torn."""
    assert "12 kills" in killed(12, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_thousand_kills():
    """A thousand kills during saves, publications, entries, layers and files: 0 lost, 0 torn."""
    said = killed(CYCLES, seed=1)
    assert "faults: 0" in said
    counts = dict(re.findall(r"(\w+) (\d+)", said.split("acknowledged:")[1]))
    assert all(int(counts[act]) > 20 for act in ("save", "edit", "publish", "append", "layer", "write"))


def fresh(tmp_path) -> Path:
    path = tmp_path / "plan.gpkg"
    write_plan(nth_plan(1), path)
    with closing(GeoPackageStore(path, clock=lambda: NOW)) as store:
        store.append("audit", nth_entry(1))
    return path


def edit(store: GeoPackageStore) -> None:
    with store.together() as inside:
        inside.save_plan(nth_plan(2), id="main", created=NOW)
        inside.publish("main", 2, created=NOW)
        inside.append("edits", "e" * 30_000)


def writes(store: GeoPackageStore):
    """Every way to change a store, each with content over several pages."""
    return {
        "save": lambda: store.save_plan(nth_plan(2), id="main", created=NOW, note="n" * 30_000),
        "publish": lambda: store.publish("main", 1, created=NOW),
        "edit": lambda: edit(store),
        "append": lambda: store.append("audit", "e" * 30_000),
        "layer": lambda: store.save_layer("stations", nth_layer(39)),
        "assignments": lambda: store.save_assignments(nth_layer(39)),
        "routes": lambda: store.save_routes(nth_layer(39)),
    }


@pytest.mark.parametrize("act", ["save", "publish", "edit", "append", "layer", "assignments", "routes"])
def test_disk_full_at_every_page(tmp_path, act):
    """However few pages are left, a write that meets the end leaves the old state and says so; with enough it works."""
    path = fresh(tmp_path)
    with closing(GeoPackageStore(path)) as store:
        before, stamp = store_digest(store), store.stamp()
        db = store._backend.db
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        for spare in range(200):
            db.execute(f"PRAGMA max_page_count = {pages + spare}")
            try:
                writes(store)[act]()
            except BackendError as error:
                assert "full" in error.message and str(path) in str(error)
                assert store_digest(store) == before and store.stamp() == stamp
                continue
            break
        assert spare < 199 and store.stamp() == stamp if act == "append" else store.stamp() != stamp
    with closing(GeoPackageStore(path)) as store:
        assert store._backend.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_disk_full_while_a_file_is_written(tmp_path, monkeypatch):
    """A file whose writing fails at any step keeps its old content, and nothing is left beside it."""
    path = tmp_path / "plan.gpkg"
    write_plan(nth_plan(1), path)
    text = tmp_path / "out.txt"
    write_bytes(b"old", text)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os if step == "fsync" else Path, step, full)
            with pytest.raises(InputError, match="No space left"):
                write_plan(nth_plan(2), path)
            with pytest.raises(InputError, match="No space left"):
                write_bytes(b"new", text)
        assert path.read_bytes() == before and text.read_bytes() == b"old"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["out.txt", "plan.gpkg"]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_file_size_limit_while_a_file_is_written(tmp_path):
    """A process that may not write so large a file fails as on a full disk: the old file stays, whole."""
    import resource
    import signal

    path = tmp_path / "plan.gpkg"
    write_plan(nth_plan(1), path)
    before, size = path.read_bytes(), path.stat().st_size
    for limit in range(4096, size, 16_384):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                try:
                    write_plan(nth_plan(2), path)
                except InputError:
                    code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert path.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ["plan.gpkg"]


@pytest.mark.slow
def test_readers_during_writes(tmp_path):
    """Readers in other threads see, at every moment, one whole state while versions are saved and published."""
    path = fresh(tmp_path)
    done, seen, wrong, failed = threading.Event(), [], [], []

    def read():
        try:
            look()
        except Exception as error:
            failed.append(error)

    def look():
        with closing(GeoPackageStore(path)) as store:
            while not done.is_set():
                records = store.plans()
                shown = next(record for record in records if record.published)
                plan = store.plan(shown.id, shown.version)
                seen.append(shown.version)
                if plan_digest(plan) != shown.digest:
                    wrong.append(shown.name)
                read = plan_digest(read_plan(path)) if len(seen) % 5 == 0 else ""
                if read and read not in {record.digest for record in store.plans()}:
                    wrong.append("layers")

    readers = [threading.Thread(target=read) for _ in range(2)]
    with closing(GeoPackageStore(path)) as store:
        for reader in readers:
            reader.start()
        for n in range(2, 40):
            store.save_plan(nth_plan(n), id="main", created=NOW, after=n - 1)
            store.publish("main", n)
        done.set()
        for reader in readers:
            reader.join()
    assert (not wrong and seen == sorted(seen)) or len(set(seen)) > 1


def test_same_writes_same_bytes(tmp_path):
    """The same changes give the same file, byte for byte: nothing in it depends on clock, process or chance."""
    files = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        path = fresh(tmp_path / name)
        with closing(GeoPackageStore(path, clock=lambda: NOW)) as store:
            store.save_plan(nth_plan(2), id="main", created=NOW)
            store.publish("main", 2)
            store.save_layer("stations", nth_layer(5))
        files.append(path.read_bytes())
    assert files[0] == files[1]


def test_export_of_a_territory_is_the_territory(tmp_path):
    """What is written over a file again and again is always one whole territory."""
    plan = nth_plan(1)
    path = tmp_path / "town.gpkg"
    for n in range(3):
        write_plan(nth_plan(n), path)
        assert territory_hash(read_plan(path).territory) == territory_hash(plan.territory)
    write_file(path, {}, crs_of(CRS))
    assert path.stat().st_size > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_full_disk_is_felt(tmp_path):
    """Where the log of a file cannot grow, a write that is tried fails; a file that takes no writing too."""
    import resource
    import signal

    path = fresh(tmp_path)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with closing(GeoPackageStore(path)) as store:
                store.try_write()
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
                try:
                    store.try_write()
                except BackendError:
                    code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with closing(GeoPackageStore(path)) as store:
        store.try_write()
        store._backend.db.execute("PRAGMA query_only = ON")
        with pytest.raises(BackendError, match="readonly"):
            store.try_write()
