from __future__ import annotations

import threading
from contextlib import closing

import numpy as np
import pytest
import shapely

from gridgeo.audit import AuditLog
from gridgeo.cli.fsck import count_faults
from gridgeo.core.model import Table, texts
from gridgeo.errors import BackendError, InputError
from gridgeo.io.write import write_plan, write_territory
from gridgeo.keys import KeyRing, Role
from gridgeo.store.backup import backup, copy_store, frozen
from gridgeo.store.fsck import fsck_file
from gridgeo.store.geopackage import GeoPackageStore
from gridgeo.store.open import open_store
from gridgeo.store.transfer import copy_plans, store_digest
from tests.instances import lattice, plan_of

NOW = "2026-11-21T09:00:00Z"


@pytest.fixture
def file(tmp_path):
    """A store with all there is to keep: versions, drafts, publications, a restore, layers, orders, journals."""
    path = tmp_path / "plan.gpkg"
    write_plan(plan_of(lattice(4, 4, 100), [0] * 8 + [1] * 8), path)
    with closing(GeoPackageStore(path, clock=lambda: NOW)) as store:
        plan = store.plan()
        store.save_plan(plan.move(np.array([8]), "g0"), id="main", created="2026-12-01", author="post 7", note="村")
        store.publish("main", 2)
        store.save_plan(plan.move(np.array([9]), "g0"), id="east", created="2026-12-02", parent="main@2", draft=True)
        store.save_plan(plan, id="west", created="2026-12-03", draft=True)
        store.publish("west", 1)
        store.publish("main", 1, created="2026-12-04")
        spots = shapely.points([[500_050.0, 3_400_050.0]])
        store.save_layer("stations", Table(columns={"code": texts(["s1"]), "grid": texts(["g0"])}, geometry=spots))
        store.save_routes(Table(columns={"code": texts(["r"]), "proven": np.array([True])}, geometry=spots))
        store.save_assignments(Table(columns={"unit": texts(["u"]), "walk_s": np.array([1.5])}))
        KeyRing(store).add(Role.ADMIN, when=NOW)
        AuditLog(store).write(when=NOW, who="local", what="publish", where="main@1")
    return path


def digest_of(url) -> str:
    with closing(open_store(str(url))) as store:
        return store_digest(store)


def test_backup_is_the_same_project(file, tmp_path):
    """A backup has the content of the project, is sound, and leaves nothing beside it."""
    out = tmp_path / "out"
    out.mkdir()
    assert backup(str(file), out / "backup.gpkg", write_territory) == digest_of(file)
    assert fsck_file(out / "backup.gpkg", count_faults).findings == ()
    assert [path.name for path in out.iterdir()] == ["backup.gpkg"]


def test_backup_of_nothing(tmp_path):
    """What is no project cannot be backed up, and no file appears."""
    with pytest.raises(InputError):
        backup(str(tmp_path / "none.gpkg"), tmp_path / "backup.gpkg", write_territory)
    assert list(tmp_path.iterdir()) == []


def test_project_is_no_backup_of_itself(file):
    """A backup onto the project itself is refused."""
    before = file.read_bytes()
    with pytest.raises(InputError):
        backup(str(file), file, write_territory)
    assert file.read_bytes() == before


@pytest.mark.slow
def test_backup_while_others_write(file, tmp_path):
    """Backups made while another thread saves and publishes are each one whole state, and sound."""
    done, failed = threading.Event(), []

    def write():
        try:
            with closing(GeoPackageStore(file)) as store:
                plan = store.plan()
                for n in range(400):
                    record = store.save_plan(plan.move(np.array([n % 8]), "g1"), id="main", created=NOW)
                    store.publish("main", record.version)
                    if done.is_set():
                        break
        except Exception as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        counts = []
        for n in range(3):
            backup(str(file), tmp_path / f"{n}.gpkg", write_territory)
            health = fsck_file(tmp_path / f"{n}.gpkg", count_faults)
            assert health.findings == ()
            counts.append(health.versions)
    finally:
        done.set()
        writer.join()
    assert counts == sorted(counts) and not failed


def test_restore_drill(file, tmp_path):
    """A project that was lost is put back from its backup: same content, same keys, and work goes on."""
    with closing(open_store(str(file))) as store:
        _, text = KeyRing(store).add(Role.PLANNER, when=NOW)
    wanted = digest_of(file)
    backup(str(file), tmp_path / "backup.gpkg", write_territory)
    file.write_bytes(b"noise" * 1000)
    with pytest.raises(InputError):
        open_store(str(file))
    (tmp_path / "backup.gpkg").replace(file)
    assert digest_of(file) == wanted
    with closing(open_store(str(file))) as store:
        assert KeyRing(store).examine(text, when=NOW).role is Role.PLANNER
        assert AuditLog(store).verify() == ()
        assert store.save_plan(store.plan(), id="main", created=NOW).version == 3


def test_open_store_notices_a_replaced_file(file, tmp_path):
    """A store whose file was replaced by a backup refuses to write into the old one."""
    backup(str(file), tmp_path / "backup.gpkg", write_territory)
    with closing(open_store(str(file))) as store:
        (tmp_path / "backup.gpkg").replace(file)
        with pytest.raises(BackendError, match="replaced"):
            store.append("audit", "lost")
        file.unlink()
        with pytest.raises(BackendError, match="removed"):
            store.save_plan(store.plan(), id="main", created=NOW)


def test_snapshot_sees_one_state(file):
    """A frozen store does not see what is saved meanwhile."""
    with frozen(str(file)) as still, closing(open_store(str(file))) as store:
        before = store_digest(still)
        store.save_plan(store.plan(), id="main", created=NOW)
        spots = shapely.points([[500_060.0, 3_400_050.0]])
        store.save_layer("stations", Table(columns={"code": texts(["s9"]), "grid": texts(["g0"])}, geometry=spots))
        assert store_digest(still) == before != store_digest(store)


def test_copy_to_a_file(file, tmp_path):
    """A copy through the port is equal by content; a file that is there is left alone."""
    digest, versions = copy_store(str(file), str(tmp_path / "copy.gpkg"), write_territory)
    assert digest == digest_of(file) == digest_of(tmp_path / "copy.gpkg") and versions == 4
    assert fsck_file(tmp_path / "copy.gpkg", count_faults).findings == ()
    with pytest.raises(InputError):
        copy_store(str(file), str(tmp_path / "copy.gpkg"), write_territory)


def test_digest_tells_every_difference(file):
    """Whatever is kept beside the versions changes the digest of a store."""
    seen = [digest_of(file)]
    with closing(open_store(str(file))) as store:
        for change in (
            lambda: store.append("notes", "a"),
            lambda: store.save_assignments(Table(columns={"unit": texts(["v"])})),
            lambda: store.publish("main", 1, created="2027-01-01"),
            lambda: store.save_plan(store.plan(), id="main", created=NOW, note="x"),
            lambda: store.save_layer("stations", Table(columns={"code": texts([]), "grid": texts([])})),
        ):
            change()
            seen.append(store_digest(store))
    assert len(set(seen)) == len(seen)


@pytest.mark.postgis
def test_there_and_back(postgis, file, tmp_path):
    """File to database to database to file, and a backup of the database: equal by content hash at every step."""
    wanted = digest_of(file)
    first, second = postgis.url(), postgis.url()
    assert copy_store(str(file), first, write_territory) == (wanted, 4)
    assert copy_store(first, second, write_territory) == (wanted, 4)
    assert copy_store(second, str(tmp_path / "back.gpkg"), write_territory) == (wanted, 4)
    assert backup(first, tmp_path / "backup.gpkg", write_territory) == wanted
    assert {digest_of(url) for url in (first, second, tmp_path / "back.gpkg", tmp_path / "backup.gpkg")} == {wanted}
    with pytest.raises(InputError):
        copy_store(str(file), first, write_territory)


@pytest.mark.postgis
def test_failed_copy_leaves_no_project(postgis, file, monkeypatch):
    """When copying fails half way, there is no project at the new address."""
    url = postgis.url()

    def broken(source, target):
        copy_plans(source, target)
        raise BackendError("cut")

    monkeypatch.setattr("gridgeo.store.backup.copy_plans", broken)
    with pytest.raises(BackendError, match="cut"):
        copy_store(str(file), url, write_territory)
    with pytest.raises(InputError, match="no project"):
        open_store(url)
