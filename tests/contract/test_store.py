"""What every store promises, asked of each of them."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo import gpkg
from gridgeo.core.model import Notice, Plan, Table, texts
from gridgeo.core.tables import plan_tables, territory_hash, territory_tables
from gridgeo.errors import ConflictError, InputError, NotFoundError
from gridgeo.io.crs import crs_of
from gridgeo.ports import Store
from gridgeo.store import MemoryStore, open_store
from gridgeo.store.geopackage import GeoPackageStore
from gridgeo.store.postgis import create_postgis
from tests.instances import CRS, lattice, no_rows, plan_of

NOW = "2026-11-21T09:00:00Z"
KINDS = ("memory", "geopackage", pytest.param("postgis", marks=pytest.mark.postgis))


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
    elif request.param == "postgis":
        url = request.getfixturevalue("postgis").url()
        create_postgis(url, territory, lambda db: None)
        opened = open_store(url)
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


def test_record_tells_who_when_and_from_what(store):
    """A version keeps its author, its parent and a hash of its content; the first of a plan has no parent."""
    plan = halves(store.territory())
    first = store.save_plan(plan, id="main", created=NOW, author="post 7")
    second = store.save_plan(plan.move(np.array([8]), "g0"), id="main", created=NOW)
    branch = store.save_plan(plan, id="east", created=NOW, parent="main@1", draft=True)
    assert (first.author, first.parent, second.parent, branch.parent) == ("post 7", "", "main@1", "main@1")
    assert first.digest == branch.digest != second.digest
    assert store.plans() == (first, second, branch)
    assert same(store.plan("east"), plan)


def test_parent_must_exist(store):
    """A version made from one that does not exist is refused and keeps nothing."""
    with pytest.raises(NotFoundError):
        store.save_plan(halves(store.territory()), id="main", created=NOW, parent="other@3")
    assert store.plans() == ()


def test_times_must_be_times(store):
    """A time that is none is refused when saving, publishing and asking."""
    plan = halves(store.territory())
    with pytest.raises(InputError):
        store.save_plan(plan, id="main", created="yesterday")
    store.save_plan(plan, id="main", created=NOW)
    with pytest.raises(InputError):
        store.publish("main", 1, created="tomorrow")
    with pytest.raises(InputError):
        store.published_at("now")
    assert not store.plans()[0].published


def test_publishing_ends_the_version_before(store):
    """A publication begins the time in force of one version and ends that of the other; a restore begins a new one."""
    plan = halves(store.territory())
    for _ in range(2):
        store.save_plan(plan, id="main", created=NOW)
    store.publish("main", 1, created="2026-12-01")
    assert (store.plans()[0].valid_from, store.plans()[0].valid_to) == ("2026-12-01", "")
    store.publish("main", 2, created="2026-12-11")
    assert [(r.valid_from, r.valid_to) for r in store.plans()] == [("2026-12-01", "2026-12-11"), ("2026-12-11", "")]
    store.publish("main", 1, created="2026-12-21")
    assert [(r.valid_from, r.valid_to) for r in store.plans()] == [("2026-12-21", ""), ("2026-12-11", "2026-12-21")]


def test_time_travel(store):
    """What was in force at a moment is told for every moment since the first publication, zones included."""
    plan = halves(store.territory())
    for _ in range(2):
        store.save_plan(plan, id="main", created=NOW)
    for version, day in ((1, "2026-12-01T00:00:00Z"), (2, "2026-12-11T00:00:00Z"), (1, "2026-12-21T00:00:00Z")):
        store.publish("main", version, created=day)
    asked = ("2026-12-01T00:00:00Z", "2026-12-11T07:59:59+08:00", "2026-12-11T08:00:00+08:00", "2027-01-01")
    found = [store.published_at(when) for when in asked]
    assert [record.version for record in found] == [1, 1, 2, 1]
    assert (found[0].valid_from, found[0].valid_to) == ("2026-12-01T00:00:00Z", "2026-12-11T00:00:00Z")
    with pytest.raises(NotFoundError):
        store.published_at("2026-11-30")


def test_history_tells_every_time_in_force(store):
    """A version published twice is told twice, each time with its own beginning and end."""
    for _ in range(2):
        store.save_plan(halves(store.territory()), id="main", created=NOW)
    for version, day in ((1, "2026-12-01"), (2, "2026-12-11"), (1, "2026-12-21")):
        store.publish("main", version, created=day)
    told = [(record.version, record.valid_from, record.valid_to) for record in store.history()]
    assert told == [(1, "2026-12-01", "2026-12-11"), (2, "2026-12-11", "2026-12-21"), (1, "2026-12-21", "")]


def test_time_never_runs_back(store):
    """A publication dated before the last one begins where that one began, which then was in force for no time."""
    for _ in range(2):
        store.save_plan(halves(store.territory()), id="main", created=NOW)
    store.publish("main", 1, created="2026-12-11")
    assert store.publish("main", 2, created="2026-12-01").valid_from == "2026-12-11"
    assert store.published_at("2026-12-11").version == 2


def test_a_published_draft_is_none(store):
    """A draft is marked as one until it is published."""
    assert store.save_plan(halves(store.territory()), id="east", created=NOW, draft=True).draft
    assert store.plans()[0].draft
    assert not store.publish("east", 1).draft
    assert not store.plans()[0].draft


def stations(codes=("s1", "s2"), grid="g0") -> Table:
    spots = [[500_050.0 + 10 * i, 3_400_050.0] for i in range(len(codes))]
    return Table(
        columns={"code": texts(codes), "grid": texts([grid] * len(codes))},
        geometry=shapely.points(np.reshape(spots, (-1, 2))),
    )


def test_layer_is_part_of_the_territory(store):
    """A point layer saved is the one the territory has from then on, and every plan on it."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    before = store.layer_digest("stations")
    digest = store.save_layer("stations", stations())
    assert digest == store.layer_digest("stations") != before
    assert store.territory().stations.code.tolist() == ["s1", "s2"]
    assert store.territory().stations.xy.tolist() == [[500_050.0, 3_400_050.0], [500_060.0, 3_400_050.0]]
    assert store.plan("main").territory is store.territory()
    assert store.save_layer("stations", stations(())) == before
    assert len(store.territory().stations) == 0


def test_stale_layer_conflicts(store):
    """A layer somebody saved in between is not overwritten."""
    seen = store.layer_digest("stations")
    store.save_layer("stations", stations(), after=seen)
    with pytest.raises(ConflictError):
        store.save_layer("stations", stations(("s3",)), after=seen)
    assert store.territory().stations.code.tolist() == ["s1", "s2"]


@pytest.mark.parametrize(
    "wrong",
    [
        stations(("s1", "s1")),
        stations(("",)),
        Table(columns={"code": texts(["s1"])}, geometry=shapely.points([[0.0, 0.0]])),
        Table(columns=stations().columns),
        replace(stations(), geometry=town().streets.line_geometry[:2]),
        replace(stations(), geometry=np.array([None, shapely.Point(0, 0)], dtype=object)),
        replace(stations(), geometry=shapely.points([[0.0, np.inf], [0.0, 0.0]])),
        replace(stations(), geometry=np.array([shapely.Point(), shapely.Point(0, 0)], dtype=object)),
    ],
    ids=["doubled", "no-code", "no-column", "no-points", "lines", "null", "infinite", "empty"],
)
def test_wrong_layers_are_refused(store, wrong):
    """A layer with doubled or missing codes, columns or points is refused and changes nothing."""
    with pytest.raises(InputError):
        store.save_layer("stations", wrong)
    assert len(store.territory().stations) == 0


def test_only_point_layers_change(store):
    """Layers that plans depend on cannot be saved."""
    for name in ("atoms", "boundary", "nothing"):
        with pytest.raises(NotFoundError):
            store.save_layer(name, stations())
        with pytest.raises(NotFoundError):
            store.layer_digest(name)


def test_journal_keeps_order(store):
    """Entries are numbered from 1 in each journal and come back in order."""
    assert store.entries("audit") == ()
    assert [store.append("audit", text) for text in ("a", "b", "村")] == [1, 2, 3]
    assert store.append("keys", "other") == 1
    assert (store.entries("audit"), store.entries("audit", 2), store.entries("audit", 3)) == (
        ("a", "b", "村"),
        ("村",),
        (),
    )
    assert (store.entries("audit", 0, 2), store.entries("audit", 1, 1), store.entries("audit", 0, 0)) == (
        ("a", "b"),
        ("b",),
        (),
    )
    assert store.entries("audit") == ("a", "b", "村")


def test_books_are_the_journals_written_to(store):
    """Only journals that hold entries are listed, sorted."""
    store.entries("never")
    assert store.books() == ()
    for book in ("keys", "audit", "keys"):
        store.append(book, "a")
    assert store.books() == ("audit", "keys")


def test_stale_entry_conflicts(store):
    """An entry that names a last one somebody has overtaken is refused."""
    assert store.append("audit", "a", after=0) == 1
    with pytest.raises(ConflictError):
        store.append("audit", "b", after=0)
    assert store.append("audit", "b", after=1) == 2
    assert store.entries("audit") == ("a", "b")


def test_journal_needs_a_name(store):
    """A name that is none is refused."""
    with pytest.raises(InputError):
        store.append("", "a")


def test_journals_leave_the_stamp(store):
    """Entries do not count as changes of territory, plans or orders; a layer does."""
    stamp = store.stamp()
    store.append("audit", "a")
    assert store.stamp() == stamp
    store.save_layer("stations", stations())
    assert store.stamp() != stamp


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


def change_all(store: Store) -> None:
    """One change of every kind."""
    record = store.save_plan(halves(store.territory()).move(np.array([8]), "g0"), id="main", created=NOW, after=1)
    store.publish("main", record.version)
    store.save_layer("stations", stations())
    store.save_routes(walks())
    store.save_assignments(walks())
    store.append("edits", record.name)


def told(store: Store) -> tuple[object, ...]:
    """All a store tells of itself."""
    orders = [None if table is None else len(table) for table in (store.routes(), store.assignments())]
    digests = [store.layer_digest("stations"), territory_hash(store.territory())]
    return store.plans(), store.history(), store.entries("edits"), store.books(), orders, digests, store.stamp()


def test_changes_together_are_kept(store):
    """Changes of every kind made in one transaction are all there after it, seen inside before."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    with store.together() as inside:
        change_all(inside)
        assert inside.plan("", 0).label[8] == 0 and inside.entries("edits") == ("main@2",)
    assert [record.name for record in store.plans() if record.published] == ["main@2"]
    assert store.entries("edits") == ("main@2",) and len(store.territory().stations) == 2
    assert store.plan().label[8] == 0 and store.routes() is not None and store.assignments() is not None


def test_changes_together_are_undone(store):
    """When a transaction raises after changes of every kind, the store is as it was, and goes on."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    store.publish("main", 1)
    before = told(store)
    with pytest.raises(ConflictError), store.together() as inside:
        change_all(inside)
        inside.append("edits", "late", after=0)
    assert told(store) == before
    other = halves(store.territory()).move(np.array([9]), "g0")
    store.save_plan(other, id="main", created=NOW, after=1)
    assert same(store.plan("main", 2), other)


def test_changes_together_appear_at_once(store):
    """Another thread sees a version together with its entry, never one without the other."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    seen, done = [], threading.Event()

    def look():
        while not done.is_set():
            entries = len(store.entries("edits"))
            seen.append((entries, len(store.plans()) - 1))

    reader = threading.Thread(target=look)
    reader.start()
    for n in range(1, 15):
        with store.together() as inside:
            inside.append("edits", f"main@{n + 1}", after=n - 1)
            time.sleep(0.002)  # long enough for the other thread to look in between, if it could
            inside.save_plan(inside.plan("main"), id="main", created=NOW, after=n)
    done.set()
    reader.join()
    assert all(entries <= versions for entries, versions in seen) and len(store.entries("edits")) == 14


def test_two_threads_change_together(store):
    """Two writers of transactions wait for each other: no entry and no version is lost or doubled."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    failed = []

    def write():
        try:
            for _ in range(8):
                with store.together() as inside:
                    record = inside.save_plan(inside.plan("main"), id="main", created=NOW)
                    inside.append("edits", record.name)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed and store.entries("edits") == tuple(f"main@{n}" for n in range(2, 18))


def test_trying_to_write_changes_nothing(store):
    """A write tried again and again leaves content, journals and stamp as they are."""
    store.save_plan(halves(store.territory()), id="main", created=NOW)
    before = told(store)
    for _ in range(3):
        store.try_write()
    assert told(store) == before
