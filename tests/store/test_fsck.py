from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from gridgeo import gpkg
from gridgeo.audit import AuditLog
from gridgeo.cli.fsck import count_faults
from gridgeo.errors import InputError
from gridgeo.io.write import write_plan, write_territory
from gridgeo.store.fsck import fsck_database, fsck_file
from gridgeo.store.geopackage import GeoPackageStore
from gridgeo.store.open import open_store
from gridgeo.store.postgis import create_postgis
from tests.instances import lattice, plan_of

NOW = "2026-11-21T09:00:00Z"


@pytest.fixture
def file(tmp_path):
    """A store with three versions, two publications, three audit entries."""
    path = tmp_path / "plan.gpkg"
    write_plan(plan_of(lattice(4, 4, 100), [0] * 8 + [1] * 8), path)
    with closing(GeoPackageStore(path)) as store:
        store.save_plan(store.plan().move(np.array([8]), "g0"), id="main", created=NOW)
        store.publish("main", 2)
        store.save_plan(store.plan().move(np.array([9]), "g0"), id="draft", created=NOW, parent="main@2", draft=True)
        log = AuditLog(store)
        for n in range(3):
            log.write(when=NOW, who="local", what="edit", where=str(n))
    return path


def kinds(path, **options):
    return {notice.kind for notice in fsck_file(path, count_faults, **options).findings}


def test_sound_store(file):
    """A store nobody touched has no findings, and examining it changes no byte."""
    before = file.read_bytes()
    health = fsck_file(file, count_faults)
    assert (health.findings, health.versions, health.entries, len(health.head)) == ((), 3, 3, 64)
    assert file.read_bytes() == before


def test_file_without_store(tmp_path):
    """A territory or plan file that was never served is examined too."""
    write_territory(lattice(2, 2), tmp_path / "town.gpkg")
    assert fsck_file(tmp_path / "town.gpkg", count_faults).findings == ()


def test_no_file_is_bad_input(tmp_path):
    """What is not there, or no GeoPackage, is bad input."""
    (tmp_path / "text.gpkg").write_text("text")
    for name in ("nothing.gpkg", "text.gpkg"):
        with pytest.raises(InputError):
            fsck_file(tmp_path / name, count_faults)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("DELETE FROM plan_labels WHERE saved = 1 AND atom = 4", "store-version"),
        ("UPDATE plan_labels SET grid = 'g1' WHERE saved = 1 AND atom = 4", "store-digest"),
        ("UPDATE plan_labels SET grid = 'g7' WHERE saved = 1 AND atom = 4", "store-version"),
        ("UPDATE plan_labels SET atom = 99 WHERE saved = 1 AND atom = 4", "store-version"),
        ("UPDATE plan_grids SET name = 'other' WHERE code = 'g0'", "store-digest"),
        ("UPDATE plan_grids SET kind = 'lunar' WHERE code = 'g0'", "store-version"),
        ("UPDATE plan_versions SET most = 900 WHERE saved = 3", "store-digest"),
        ("UPDATE plan_versions SET notices = '{' WHERE saved = 3", "store-version"),
        ("UPDATE plan_versions SET version = 5 WHERE saved = 2", "store-gap"),
        ("UPDATE atoms SET grid = 'g1' WHERE code = 'a0'", "store-mirror"),
        ("DELETE FROM grids WHERE code = 'g1'", "store-damaged"),
        ("UPDATE grids SET geom = (SELECT geom FROM grids WHERE code = 'g0')", "store-cover"),
        ("UPDATE grids SET code = CASE code WHEN 'g0' THEN 'g1' ELSE 'g0' END", "store-grids"),
        ("DELETE FROM journals WHERE position = 2", "audit-missing"),
        ("DELETE FROM journals WHERE position = 2", "store-journal"),
        ("UPDATE journals SET text = replace(text, 'local', 'nobody') WHERE position = 1", "audit-edited"),
        ("UPDATE journals SET position = 4 - position WHERE position < 2", "store-damaged"),
        ("UPDATE gridgeo_store SET value = 'x' WHERE key = 'atoms'", "store-other-atoms"),
        ("DELETE FROM boundary", "store-damaged"),
    ],
)
def test_every_change_by_other_hands_is_found(file, sql, kind):
    """Whatever row another program removes or edits shows as a finding of its kind."""
    with closing(gpkg.open_gpkg(file)) as db:
        try:
            db.execute(sql)
        except sqlite3.IntegrityError:  # the tables themselves refuse this one
            return
        db.commit()
    assert kind in kinds(file)


def test_cut_log_shows_against_its_head(file):
    """An audit log without its last entry is found when its head was noted."""
    head = fsck_file(file, count_faults).head
    with closing(gpkg.open_gpkg(file)) as db:
        db.execute("DELETE FROM journals WHERE position = 3")
        db.commit()
    assert kinds(file) == set() and kinds(file, head=head) == {"audit-cut"}


def test_damaged_bytes_are_found(file):
    """Pages overwritten with noise are findings, never a traceback, wherever they are."""
    whole = file.read_bytes()
    found = 0
    for page in range(1, len(whole) // 4096):
        torn = bytearray(whole)
        torn[page * 4096 : page * 4096 + 512] = bytes(range(256)) * 2
        file.write_bytes(torn)
        try:
            found += bool(kinds(file))
        except InputError:
            found += 1
    assert found > 0.8 * (len(whole) // 4096 - 1)  # a free page may hold anything


@pytest.mark.postgis
def test_database(postgis):
    """A project in a database is examined alike."""
    url = postgis.url()
    create_postgis(url, lattice(4, 4, 100), lambda db: None)
    with closing(open_store(url)) as store:
        store.save_plan(plan_of(store.territory(), [0] * 8 + [1] * 8), id="main", created=NOW)
        store.publish("main", 1)
        AuditLog(store).write(when=NOW, who="local", what="publish")
    assert fsck_database(url, count_faults).findings == ()
    schema = url.rpartition("=")[2]
    postgis.sql(f"UPDATE {schema}.plan_labels SET grid = 'g1' WHERE atom = 4")
    assert {notice.kind for notice in fsck_database(url, count_faults).findings} == {"store-digest"}
