from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from gridgeo import gpkg
from gridgeo.core.tables import plan_tables
from gridgeo.errors import BackendError, InputError
from gridgeo.io.crs import crs_of
from gridgeo.io.write import write_plan
from gridgeo.store import open_store
from gridgeo.store.digests import plan_digest
from gridgeo.store.formats import FORMAT
from gridgeo.store.geopackage import FileSession, GeoPackageStore
from tests.instances import CRS, lattice, plan_of

FORMAT_1 = """
CREATE TABLE plan_versions (
  saved INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, created TEXT NOT NULL, note TEXT NOT NULL,
  fewest INTEGER NOT NULL, most INTEGER NOT NULL, notices TEXT NOT NULL, UNIQUE (id, version));
CREATE TABLE plan_grids (
  id TEXT NOT NULL, version INTEGER NOT NULL, place INTEGER NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  kind TEXT NOT NULL, community TEXT NOT NULL, PRIMARY KEY (id, version, place)) WITHOUT ROWID;
CREATE TABLE plan_labels (
  id TEXT NOT NULL, atom TEXT NOT NULL, version INTEGER NOT NULL, grid TEXT NOT NULL,
  PRIMARY KEY (id, atom, version)) WITHOUT ROWID;
CREATE TABLE plan_published (
  only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, version INTEGER NOT NULL);
"""


def versions():
    """Three versions of two plans: main@1, main@2 with one atom moved, draft@1 drawn anew."""
    first = plan_of(lattice(4, 4, 100), [0] * 8 + [1] * 8)
    return (
        ("main", 1, first, "2026-01-01T00:00:00Z"),
        ("main", 2, first.move(np.array([8]), "g0"), "2026-02-01T00:00:00Z"),
        ("draft", 1, plan_of(first.territory, [0, 1] * 8), "2026-03-01T00:00:00Z"),
    )


@pytest.fixture
def old(tmp_path):
    """A file as the first format kept it: main@2 is published and stands in the layers."""
    path = tmp_path / "old.gpkg"
    kept = versions()
    gpkg.write_file(path, plan_tables(kept[1][2]), crs_of(CRS), metadata={"name": "lattice", "band": "300 500"})
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FORMAT_1)
        before: dict[str, list[str]] = {}
        for id, version, plan, created in kept:
            db.execute(
                "INSERT INTO plan_versions (id, version, created, note, fewest, most, notices) VALUES (?,?,?,?,?,?,?)",
                (id, version, created, f"note {version}", 300, 500, "[]"),
            )
            community = plan.territory.communities.code[0]
            grids = enumerate(zip(plan.grids.code, plan.grids.name, strict=True))
            rows = [(id, version, place, code, name, "urban", community) for place, (code, name) in grids]
            db.executemany("INSERT INTO plan_grids VALUES (?,?,?,?,?,?,?)", rows)
            labels = plan.grids.code[plan.label].tolist()
            last = before.get(id, [""] * len(labels))
            atoms = zip(plan.territory.atoms.code.tolist(), labels, last, strict=True)
            rows = [(id, atom, version, grid) for atom, grid, was in atoms if grid != was]
            db.executemany("INSERT INTO plan_labels VALUES (?,?,?,?)", rows)
            before[id] = labels
        db.execute("INSERT INTO plan_published VALUES (1, 'main', 2)")
        db.commit()
    return path


def format_of(path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT value FROM gridgeo_store WHERE key = 'format'").fetchone()[0]


def test_old_file_keeps_every_version(old):
    """A file of format 1 opens with all its versions, their grids and labels, and the published one."""
    with closing(GeoPackageStore(old)) as store:
        assert [(r.id, r.version, r.created, r.note) for r in store.plans()] == [
            (id, version, created, f"note {version}") for id, version, _, created in versions()
        ]
        for id, version, plan, _ in versions():
            found = store.plan(id, version)
            assert found.grids.code[found.label].tolist() == plan.grids.code[plan.label].tolist()
            assert found.grids.name.tolist() == plan.grids.name.tolist()
        assert [r.name for r in store.plans() if r.published] == ["main@2"]
    assert format_of(old) == str(FORMAT)


def test_old_file_gets_what_was_not_kept_then(old):
    """Parents, hashes and times in force are worked out from what the file says; authors stay unknown."""
    with closing(GeoPackageStore(old)) as store:
        records = store.plans()
        assert [record.parent for record in records] == ["", "main@1", ""]
        assert [record.digest for record in records] == [plan_digest(plan) for _, _, plan, _ in versions()]
        assert [(r.valid_from, r.valid_to) for r in store.history()] == [("2026-02-01T00:00:00Z", "")]
        assert {record.author for record in records} == {""}


def test_old_file_goes_on(old):
    """After the step to the new format, the file is written to and opened as any other."""
    with closing(GeoPackageStore(old)) as store:
        store.save_plan(store.plan("draft").move(np.array([0]), "g1"), id="draft", created="2026-04-01")
        store.append("audit", "a")
    with closing(GeoPackageStore(old)) as store:
        assert [r.name for r in store.plans()] == ["main@1", "main@2", "draft@1", "draft@2"]
        assert store.entries("audit") == ("a",)


def test_failed_step_leaves_the_old_file(old, monkeypatch):
    """When the step fails half way the file is of the old format, and a later try succeeds."""

    def broken(self, table, rows):
        raise sqlite3.OperationalError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(FileSession, "insert", broken)
        with pytest.raises(BackendError, match="disk full"):
            GeoPackageStore(old)
    with closing(sqlite3.connect(old)) as db:
        names = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
        assert "plan_published" in names and "gridgeo_store" not in names
        assert db.execute("SELECT count(*) FROM plan_labels").fetchone() == (33,)
    with closing(GeoPackageStore(old)) as store:
        assert len(store.plans()) == 3


def test_later_format_is_refused(tmp_path):
    """A file of a later format is refused by its number, and not a byte of it changes."""
    path = tmp_path / "later.gpkg"
    write_plan(versions()[0][2], path)
    GeoPackageStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE gridgeo_store SET value = '99' WHERE key = 'format'")
        db.commit()
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"format 99.*up to 2"):
        open_store(str(path))
    assert path.read_bytes() == before


def test_other_atoms_are_refused(tmp_path):
    """A file whose atoms another program removed is refused: its labels would name other atoms."""
    path = tmp_path / "plan.gpkg"
    write_plan(versions()[0][2], path)
    GeoPackageStore(path).close()
    with closing(gpkg.open_gpkg(path)) as db:
        db.execute("DELETE FROM atoms WHERE code = 'a15'")
        db.execute("DELETE FROM adjacency WHERE u = 16 OR v = 16")
        db.commit()
    with pytest.raises(InputError, match="atoms"):
        open_store(str(path))
