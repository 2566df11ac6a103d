"""What every store promises, asked of each of them."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from gridgeo import gpkg
from gridgeo.core.model import Notice, Plan, Table, texts
from gridgeo.core.tables import plan_tables, territory_hash, territory_tables
from gridgeo.errors import ConflictError, InputError, NotFoundError
from gridgeo.io.crs import crs_of
from gridgeo.ports import Store
from gridgeo.store import MemoryStore
from gridgeo.store.geopackage import GeoPackageStore
from tests.instances import CRS, lattice, no_rows, plan_of

NOW = "2026-11-21T09:00:00Z"
KINDS = ("memory", "geopackage")


def town():
    return lattice(4, 4, 100, community=[0] * 8 + [1] * 8)


def halves(territory) -> Plan:
    """Two grids: lower rows and upper rows."""
    return plan_of(territory, [0] * 8 + [1] * 8)


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    territory = town()
    if request.param == "memory":
        opened: Store = MemoryStore(territory)
    else:
        path = tmp_path / "town.gpkg"
        gpkg.write_file(path, territory_tables(territory), crs_of(CRS))
        opened = GeoPackageStore(path)
    yield opened
    opened.close()


def same(a: Plan, b: Plan) -> bool:
    return (
        np.array_equal(a.label, b.label)
        and a.grids.code.tolist() == b.grids.code.tolist()
        and a.grids.name.tolist() == b.grids.name.tolist()
        and a.grids.kind.tolist() == b.grids.kind.tolist()
        and a.grids.community.tolist() == b.grids.community.tolist()
        and a.band == b.band
        and a.notices == b.notices
    )


def test_territory_comes_back_equal(store):
    """The territory a store gives is the one it was given, to the last byte."""
    assert territory_hash(store.territory()) == territory_hash(town())


def test_nothing_is_published_at_first(store):
    """A store without plans says so instead of inventing one."""
    assert store.plans() == ()
    with pytest.raises(NotFoundError):
        store.plan()


def test_plan_comes_back_equal(store):
    """A saved plan comes back with its labels, grids, band and notices."""
    plan = replace(
        halves(store.territory()), band=(200, 900), notices=(Notice(kind="too-few", where="g0", facts={"n": 2}),)
    )
    record = store.save_plan(plan, id="main", created=NOW, note="first")
    assert (record.id, record.version, record.created, record.note) == ("main", 1, NOW, "first")
    assert same(store.plan("main"), plan)


def test_versions_never_change(store):
    """Saving a new version leaves the older ones as they were."""
    first = halves(store.territory())
    second = first.move(np.array([8, 9]), "g0")
    third = second.move(np.arange(8, 16), "g0")
    for plan in (first, second, third):
        store.save_plan(plan, id="main", created=NOW)
    assert [same(store.plan("main", n), plan) for n, plan in enumerate((first, second, third), 1)] == [True] * 3
    assert [record.version for record in store.plans()] == [1, 2, 3]


def test_published_version_is_the_default(store):
    """The plan without a name is the published one, also when later versions exist."""
    first = halves(store.territory())
    store.save_plan(first, id="main", created=NOW)
    store.publish("main", 1)
    store.save_plan(first.move(np.array([8]), "g0"), id="main", created=NOW)
    assert same(store.plan(), first)
    assert [record.published for record in store.plans()] == [True, False]


def test_one_version_is_published(store):
    """Publishing another version, of another plan too, takes the mark from the one before."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    store.save_plan(halves(store.territory()).move(np.array([8]), "g0"), id="draft", created=NOW)
    store.publish("main", 1)
    assert store.publish("draft", 1).published
    assert [record.name for record in store.plans() if record.published] == ["draft@1"]


def test_saving_on_an_old_version_conflicts(store):
    """A save that names a version somebody has overtaken is refused and keeps nothing."""
    plan = halves(store.territory())
    store.save_plan(plan, id="main", created=NOW, after=0)
    with pytest.raises(ConflictError):
        store.save_plan(plan, id="main", created=NOW, after=0)
    assert len(store.plans()) == 1


@pytest.mark.parametrize("id", ["", "Main", "a b", "../x", "-a", "a" * 65, "a@1"])
def test_id_must_fit_an_address(store, id):
    """An id that would not fit an address is refused."""
    with pytest.raises(InputError):
        store.save_plan(halves(store.territory()), id=id, created=NOW)


def test_plan_of_other_atoms_is_refused(store):
    """A plan of another territory cannot be stored here."""
    with pytest.raises(InputError):
        store.save_plan(plan_of(lattice(2, 2), [0, 0, 1, 1]), id="main", created=NOW)


@pytest.mark.parametrize(("id", "version"), [("main", 9), ("other", 0), ("other", 1)])
def test_unknown_versions_are_not_found(store, id, version):
    """Asking for or publishing a version that does not exist is told as such."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    with pytest.raises(NotFoundError):
        store.plan(id, version)
    with pytest.raises(NotFoundError):
        store.publish(id, version or 1)


def walks() -> Table:
    return Table(
        columns={
            "code": texts(["g0-1"]),
            "grid": texts(["g0"]),
            "length_m": np.array([12.5]),
            "proven": np.array([True]),
        },
        geometry=town().streets.line_geometry[:1],
    )


def test_routes_come_back_equal(store):
    """Routes kept for the published plan come back column by column."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    store.publish("main", 1)
    assert store.routes() is None
    store.save_routes(walks())
    kept = store.routes()
    assert {name: column.tolist() for name, column in kept.columns.items()} == {
        name: column.tolist() for name, column in walks().columns.items()
    }
    assert kept.geometry[0].equals(walks().geometry[0])


def test_routes_need_a_published_plan(store):
    """Routes belong to the published plan, so without one they are refused."""
    with pytest.raises(NotFoundError):
        store.save_routes(walks())


def test_publishing_other_grids_drops_routes(store):
    """Routes through grids that no longer exist are not shown; the same grids keep theirs."""
    plan = halves(store.territory())
    store.save_plan(plan, id="main", created=NOW)
    store.save_plan(plan, id="main", created=NOW, note="same grids")
    store.save_plan(plan.move(np.array([8]), "g0"), id="main", created=NOW)
    store.publish("main", 1)
    store.save_routes(walks())
    store.publish("main", 2)
    assert store.routes() is not None
    store.publish("main", 3)
    assert store.routes() is None


def test_assignments_come_back_equal(store):
    """The assignment kept is the last one saved."""
    assert store.assignments() is None
    for seconds in (40.0, 50.0):
        columns = {"unit": texts(["u0"]), "responder": texts(["r0"]), "walk_s": np.array([seconds])}
        store.save_assignments(Table(columns=columns))
    assert store.assignments().columns["walk_s"].tolist() == [50.0]


def test_stamp_tells_changes(store):
    """Reading leaves the stamp, every change makes a new one."""
    stamps = [store.stamp()]
    store.plans(), store.territory(), store.routes()
    assert store.stamp() == stamps[0]
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    stamps.append(store.stamp())
    store.publish("main", 1)
    stamps.append(store.stamp())
    store.save_routes(walks())
    stamps.append(store.stamp())
    assert len(set(stamps)) == 4


def test_two_threads_save_without_loss(store):
    """Versions saved by several threads at once are all kept and numbered without a hole."""
    plan = halves(store.territory())

    def save():
        for _ in range(10):
            store.save_plan(plan, id="main", created=NOW)

    threads = [threading.Thread(target=save) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.version for record in store.plans()] == list(range(1, 31))


def test_stores_agree(tmp_path):
    """A plan written by one store and read by another is the same plan."""
    territory = replace(town(), places=no_rows(type(town().places)))
    plan = halves(territory)
    gpkg.write_file(tmp_path / "plan.gpkg", plan_tables(plan), crs_of(CRS))
    first, second = GeoPackageStore(tmp_path / "plan.gpkg"), MemoryStore(territory)
    second.save_plan(plan, id="main", created=NOW)
    assert same(first.plan(), second.plan("main"))
    first.close()
