from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import numpy as np
import pytest
import shapely

from gridgeo import gpkg
from gridgeo.core.model import Table, texts
from gridgeo.core.tables import plan_tables, territory_tables
from gridgeo.errors import BackendError, InputError
from gridgeo.io.crs import crs_of
from gridgeo.io.read import read_plan
from gridgeo.io.write import write_plan
from gridgeo.store import MemoryStore, open_store
from gridgeo.store.geopackage import GeoPackageStore
from tests.instances import CRS, lattice, plan_of

NOW = "2026-11-21T09:00:00Z"


@pytest.fixture
def plan():
    return plan_of(lattice(4, 4, 100), [0] * 8 + [1] * 8)


@pytest.fixture
def file(plan, tmp_path):
    path = tmp_path / "plan.gpkg"
    write_plan(plan, path)
    return path


def test_plan_file_is_a_project(file, plan):
    """A file the command line wrote is opened with its plan as the published first version."""
    with closing(GeoPackageStore(file, clock=lambda: NOW)) as store:
        assert [(r.name, r.created, r.published) for r in store.plans()] == [("main@1", NOW, True)]
        assert np.array_equal(store.plan().label, plan.label)


def test_opening_again_adds_nothing(file):
    """A store that is closed and opened again holds what it held."""
    for _ in range(3):
        with closing(GeoPackageStore(file)) as store:
            assert len(store.plans()) == 1


def test_published_plan_is_what_others_read(file):
    """After publishing, the plan file read as a file is the published plan."""
    with closing(GeoPackageStore(file)) as store:
        moved = store.plan().move(np.array([8, 9]), "g0")
        store.save_plan(moved, id="main", created=NOW)
        store.publish("main", 2)
    read = read_plan(file)
    assert np.array_equal(read.grids.code[read.label], moved.grids.code[moved.label])
    assert read.households.tolist() == moved.households.tolist()


def test_unpublished_versions_stay_out_of_the_layers(file, plan):
    """Saving without publishing leaves the layers a GIS shows as they were."""
    with closing(GeoPackageStore(file)) as store:
        store.save_plan(plan.move(np.array([8]), "g0"), id="draft", created=NOW)
    assert np.array_equal(read_plan(file).label, plan.label)


def test_changes_of_another_program_become_a_version(file):
    """Labels changed in a GIS are taken over as a new published version; the old one stays."""
    with closing(GeoPackageStore(file)) as store:
        before = store.plan()
    with closing(gpkg.open_gpkg(file)) as db:
        db.execute("UPDATE atoms SET grid = 'g0' WHERE code = 'a8'")
        db.commit()
    with closing(GeoPackageStore(file)) as store:
        assert [(r.version, r.published) for r in store.plans()] == [(1, False), (2, True)]
        assert store.plan().grids.code[store.plan().label[8]] == "g0"
        assert np.array_equal(store.plan("main", 1).label, before.label)


def test_a_version_writes_what_it_changes(file, plan):
    """The second version of a plan stores only the labels that differ from the first."""
    with closing(GeoPackageStore(file)) as store:
        store.save_plan(plan.move(np.array([8, 9]), "g0"), id="main", created=NOW)
    with closing(sqlite3.connect(file)) as db:
        rows = dict(db.execute("SELECT saved, count(*) FROM plan_labels GROUP BY saved"))
    assert rows == {1: 16, 2: 2}


def test_territory_file_takes_its_first_plan(plan, tmp_path):
    """A territory without plan gets its labels and its grids when one is published."""
    path = tmp_path / "territory.gpkg"
    gpkg.write_file(path, territory_tables(plan.territory), crs_of(CRS))
    with closing(GeoPackageStore(path)) as store:
        store.save_plan(plan, id="main", created=NOW)
        store.publish("main", 1)
    with closing(gpkg.open_gpkg(path, readonly=True)) as db:
        assert gpkg.read_layer(db, "atoms").columns["grid"].tolist() == plan.grids.code[plan.label].tolist()
        assert gpkg.read_layer(db, "grids").columns["code"].tolist() == ["g0", "g1"]


def test_two_processes_see_each_other(file, plan):
    """What one connection saves, another one sees, and its stamp changes."""
    with closing(GeoPackageStore(file)) as one, closing(GeoPackageStore(file)) as other:
        stamp = other.stamp()
        one.save_plan(plan.move(np.array([8]), "g0"), id="main", created=NOW)
        assert other.stamp() != stamp
        assert [r.version for r in other.plans()] == [1, 2]


def test_failed_publish_leaves_everything(file, monkeypatch):
    """When showing a plan in the layers fails half way, nothing of it stays."""
    with closing(GeoPackageStore(file)) as store:
        store.save_plan(store.plan().move(np.array([8]), "g0"), id="main", created=NOW)

        def broken(*_, **__):
            raise sqlite3.OperationalError("disk full")

        with monkeypatch.context() as patch:
            patch.setattr(gpkg, "write_layer", broken)
            with pytest.raises(BackendError, match="disk full"):
                store.publish("main", 2)
        assert [r.published for r in store.plans()] == [True, False]
        store.publish("main", 2)
        assert [r.published for r in store.plans()] == [False, True]


def test_full_disk_loses_nothing(file, plan):
    """A save that meets a full disk fails cleanly; what was kept before is kept."""
    with closing(GeoPackageStore(file)) as store:
        pages = store._backend.db.execute("PRAGMA page_count").fetchone()[0]
        store._backend.db.execute(f"PRAGMA max_page_count = {pages}")
        kept = 1
        with pytest.raises(BackendError, match="full"):
            for kept in range(1, 200):
                label = np.arange(16) % (2 + kept % 5)
                store.save_plan(plan_of(plan.territory, label), id="main", created=NOW, note="x" * 500)
        store._backend.db.execute("PRAGMA max_page_count = 1000000")
        assert [r.version for r in store.plans()] == list(range(1, kept + 1))
        assert np.array_equal(store.plan("main", 1).label, plan.label)


def test_saved_layer_is_no_edit_of_the_file(file):
    """After a point layer is saved the file is read as gridgeo wrote it: nothing is rebuilt, nothing noted."""
    with closing(GeoPackageStore(file)) as store:
        for codes in (["s1"], [], ["s1", "s2"]):
            spots = shapely.points(np.full((len(codes), 2), [500_010.0, 3_400_010.0]))
            columns = {"code": texts(codes), "grid": texts([""] * len(codes))}
            store.save_layer("stations", Table(columns=columns, geometry=spots))
            read = read_plan(file)
            assert read.territory.stations.code.tolist() == codes
            assert "file-edited" not in {notice.kind for notice in read.territory.notices}


def test_layer_edited_elsewhere_stays_an_edit(file):
    """What another program changed in the file is not covered up by a layer saved afterwards."""
    with closing(gpkg.open_gpkg(file)) as db:
        db.execute("UPDATE atoms SET households = 7 WHERE code = 'a3'")
        db.commit()
    with closing(GeoPackageStore(file)) as store:
        store.save_layer("stations", Table(columns={"code": texts([]), "grid": texts([])}))
    assert "file-edited" in {notice.kind for notice in read_plan(file).territory.notices}


def test_closed_store_is_one_plain_file(file):
    """After closing there is nothing beside the file, and it needs no log to be read."""
    GeoPackageStore(file).close()
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_bytes()[18:20] == bytes([1, 1])  # no write-ahead log (SQLite file format, 1.3.3)


def test_commits_wait_for_the_disk(file):
    """Every commit is synced, log included."""
    with closing(GeoPackageStore(file)) as store:
        assert store._backend.db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._backend.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_memory_address_leaves_the_file(file):
    """A file opened with memory: is a trial: nothing kept there reaches the file."""
    before = file.read_bytes()
    store = open_store(f"memory:{file}")
    assert isinstance(store, MemoryStore) and store.plans()[0].published
    store.save_plan(store.plan().move(np.array([8]), "g0"), id="main", created=NOW)
    store.publish("main", 2)
    assert file.read_bytes() == before


@pytest.mark.parametrize("url", ["", "memory:", "/nowhere/plan.gpkg", "memory:/nowhere/plan.gpkg"])
def test_missing_files_are_told(url):
    """An address of nothing is an input error with a hint."""
    with pytest.raises(InputError) as caught:
        open_store(url)
    assert caught.value.hint


def test_other_files_are_refused(tmp_path):
    """A file that is no GeoPackage, or one without a territory, is refused with the way out."""
    text = tmp_path / "notes.gpkg"
    text.write_text("not a database")
    bare = tmp_path / "bare.gpkg"
    gpkg.write_file(bare, {"boundary": plan_tables(plan_of(lattice(1, 1), [0]))["boundary"]}, crs_of(CRS))
    for path in (text, bare):
        with pytest.raises(InputError):
            open_store(str(path))


def test_damaged_versions_are_told(file):
    """Version rows that other hands removed are a backend error, not a wrong plan."""
    with closing(GeoPackageStore(file)) as store:
        store.save_plan(store.plan(), id="draft", created=NOW)
        store._backend.db.execute("DELETE FROM plan_labels WHERE saved = 2 AND atom = 4")
    with closing(GeoPackageStore(file)) as store, pytest.raises(BackendError, match="a3"):
        store.plan("draft")


WRITER = """
import sys
import numpy as np
from gridgeo.store.geopackage import GeoPackageStore

store = GeoPackageStore(sys.argv[1])
plan = store.plan("main")
for n in range(10_000):
    changed = plan.move(np.array([n % 16]), f"g{n % 2}") if len(plan) > 1 else plan
    record = store.save_plan(changed, id="main", created="2026-11-21")
    store.publish("main", record.version)
    print(record.version, flush=True)
"""


@pytest.mark.parametrize("after_s", [0.02, 0.05, 0.09, 0.14, 0.2])
def test_kill_loses_no_acknowledged_save(file, after_s):
    """A writer killed at any moment loses nothing it had acknowledged, and leaves a file that opens and reads."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True)
    first = writer.stdout.readline()
    time.sleep(after_s)
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged = [int(line) for line in (first + writer.stdout.read()).split()]
    writer.wait()
    writer.stdout.close()
    with closing(GeoPackageStore(file)) as store:
        versions = [record.version for record in store.plans()]
        assert acknowledged and versions == list(range(1, versions[-1] + 1))
        assert max(acknowledged) <= versions[-1] <= max(acknowledged) + 2
        shown = next(record for record in store.plans() if record.published)
        assert shown.version >= max(acknowledged)
        assert store._backend.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        for version in versions[-3:]:
            assert len(store.plan("main", version).label) == 16
    read = read_plan(file)
    assert len(read.label) == 16


def test_stamp_is_asked_beside_running_writes(file, plan):
    """Asking for the stamp from other threads never breaks a write, and follows writes of this and other stores."""
    done, failed = threading.Event(), []

    def ask(store):
        try:
            while not done.is_set():
                store.stamp()
        except Exception as error:
            failed.append(error)

    with closing(GeoPackageStore(file)) as one, closing(GeoPackageStore(file)) as other:
        askers = [threading.Thread(target=ask, args=(store,)) for store in (one, other)]
        for asker in askers:
            asker.start()
        for _ in range(30):
            one.save_plan(plan, id="main", created=NOW)
            other.save_plan(plan, id="east", created=NOW)
        done.set()
        for asker in askers:
            asker.join()
        assert not failed and one.stamp() == other.stamp()
        before = other.stamp()
        one.save_plan(plan, id="main", created=NOW)
        assert other.stamp() == one.stamp() != before


def test_versions_of_another_process_are_read_as_changes(tmp_path):
    """A version another process made on one held ready is the version as read whole, its polygons included."""
    path = tmp_path / "town.gpkg"
    write_plan(plan_of(lattice(8, 8), np.arange(64) // 8), path)
    here, there = open_store(str(path)), open_store(str(path))
    assert len(here.plan("main", 1).geometry) == 8
    for version, atom in enumerate((8, 16, 24), 2):
        plan = there.plan("main").move(np.array([atom]), "g0")
        there.save_plan(plan, id="main", created=NOW, after=version - 1)
    read, fresh = here.plan("main"), open_store(str(path)).plan("main")
    assert "geometry" in vars(here.plan("main", 1))
    assert (read.label.tolist(), read.grids.code.tolist()) == (fresh.label.tolist(), fresh.grids.code.tolist())
    assert shapely.to_wkb(read.geometry).tolist() == shapely.to_wkb(fresh.geometry).tolist()


def test_entries_of_others_are_seen_after_any_silence(file):
    """A journal that was found without news is read again after any write: another's, one's own, one within a block."""
    with closing(open_store(str(file))) as here, closing(open_store(str(file))) as there:
        assert here.entries("notes") == here.entries("notes") == ()
        there.append("notes", "one")
        assert here.entries("notes", 0) == ("one",)
        assert here.entries("notes", 1) == here.entries("notes", 1) == ()
        here.append("notes", "two")
        assert here.entries("notes", 1) == ("two",) and there.entries("notes", 1) == ("two",)
        assert here.entries("notes", 2) == ()
        with here.together() as inside:
            assert inside.entries("notes", 2) == ()
            inside.append("notes", "three")
            assert inside.entries("notes", 2) == ("three",)
        assert here.entries("notes", 2) == there.entries("notes", 2) == ("three",)


def test_a_file_opened_by_several_at_once_is_taken_over_once(file):
    """Workers that open a plan file never served before find one version, whoever comes first."""
    gate, opened = threading.Barrier(4), []

    def take():
        gate.wait()
        opened.append(open_store(str(file)))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [[record.name for record in store.plans()] for store in opened] == [["main@1"]] * 4
    for store in opened:
        store.close()
