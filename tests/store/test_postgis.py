from __future__ import annotations

import builtins
import importlib
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.model import Table, texts
from gridgeo.core.tables import territory_hash
from gridgeo.errors import BackendError, ConflictError, InputError
from gridgeo.io.crs import crs_of
from gridgeo.store import open_store
from gridgeo.store.postgis import create_postgis
from gridgeo.store.postgis.address import parse
from tests.instances import lattice, plan_of

NOW = "2026-11-21T09:00:00Z"


@pytest.fixture
def url(postgis):
    """Address of a project with one published plan of two grids."""
    url = postgis.url()
    territory = lattice(4, 4, 100)
    create_postgis(url, territory, lambda db: None)
    with closing(open_store(url)) as store:
        store.save_plan(plan_of(store.territory(), [0] * 8 + [1] * 8), id="main", created=NOW)
        store.publish("main", 1)
    return url


def schema(url: str) -> str:
    return parse(url).schema


@pytest.mark.parametrize("wrong", ["Town", "pg_town", "a b", 'x"y', "", "a;drop", "a" * 64])
def test_schema_is_a_plain_name(wrong):
    """A schema that is no plain name never reaches the database."""
    with pytest.raises(InputError):
        parse(f"postgresql://db/town?schema={wrong}")


@pytest.mark.parametrize("wrong", ["postgresql://[::1/x", "postgresql://h:99999/x", "postgresql://h/x?schema"])
def test_unreadable_address(wrong):
    """An address that cannot be read is bad input."""
    with pytest.raises(InputError):
        parse(wrong)


def test_password_is_never_told():
    """Neither the text shown nor an error names the password."""
    url = "postgresql://post:secret@127.0.0.1:9/town?connect_timeout=1"
    assert "secret" not in parse(url).shown and "secret" in parse(url).conninfo
    with pytest.raises(BackendError) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_missing_driver_is_told(monkeypatch):
    """Without psycopg, an address of a database says what to install."""
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("psycopg"):
            raise ImportError(name)
        return real(name, *rest)

    for name in [name for name in sys.modules if name.startswith("gridgeo.store.postgis")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BackendError, match=r"psycopg.*gridgeo\[postgis\]"):
        importlib.import_module("gridgeo.store.postgis")


@pytest.mark.postgis
def test_no_project_is_told(postgis):
    """A schema without a project is bad input with the way out; a database that is not there is a backend error."""
    with pytest.raises(InputError, match="gridgeo copy"):
        open_store(postgis.url())
    with pytest.raises(BackendError):
        open_store(postgis.url().replace("/postgres?", "/nowhere?"))


@pytest.mark.postgis
def test_project_is_made_once(url):
    """A schema that holds something is left alone."""
    with pytest.raises(InputError, match="already"):
        create_postgis(url, lattice(1, 1), lambda db: None)


@pytest.mark.postgis
def test_failed_making_leaves_nothing(postgis):
    """When filling a new project fails, not even its schema stays."""
    url = postgis.url()

    def broken(db):
        raise InputError("no")

    with pytest.raises(InputError):
        create_postgis(url, lattice(2, 2), broken)
    assert postgis.sql("SELECT count(*) FROM pg_namespace WHERE nspname = %s", schema(url)) == [(0,)]


@pytest.mark.postgis
def test_geometry_columns_tell_type_and_crs(postgis, url):
    """Each layer is listed with its type and SRID, as QGIS looks it up."""
    found = postgis.sql(
        "SELECT f_table_name, type, srid FROM geometry_columns WHERE f_table_schema = %s ORDER BY 1", schema(url)
    )
    assert ("grids", "POLYGON", 32650) in found and ("atoms", "POLYGON", 32650) in found
    assert ("street_nodes", "POINT", 32650) in found and ("streets", "LINESTRING", 32650) in found


@pytest.mark.postgis
def test_crs_without_number(postgis):
    """A CRS known by its text alone gets a number in the database, and comes back as it was."""
    url = postgis.url()
    text = crs_of("EPSG:32650").definition.replace('"WGS 84 / UTM zone 50N"', '"Town lattice"')
    text = text[: text.rindex(",ID[")] + "]" if ",ID[" in text else text[: text.rindex(",AUTHORITY[")] + "]"
    create_postgis(url, replace(lattice(2, 2), crs=text), lambda db: None)
    with closing(open_store(url)) as store:
        assert store.territory().crs == text
    srid = postgis.sql("SELECT ST_SRID(geom) FROM " + schema(url) + ".atoms LIMIT 1")[0][0]
    assert postgis.sql("SELECT srtext FROM spatial_ref_sys WHERE srid = %s", srid) == [(text,)]


@pytest.mark.postgis
def test_labels_of_another_program_become_a_version(postgis, url):
    """Labels changed in the database by a GIS are taken over at the next opening."""
    postgis.sql(f"UPDATE {schema(url)}.atoms SET grid = 'g0' WHERE code = 'a8'")
    with closing(open_store(url)) as store:
        assert [(r.version, r.published) for r in store.plans()] == [(1, False), (2, True)]
        assert store.plan().grids.code[store.plan().label[8]] == "g0"


@pytest.mark.postgis
def test_text_is_bound_never_pasted(url):
    """Text that would be SQL is kept as text."""
    wicked = "'; DROP TABLE plan_versions; -- %s ? \"\\"
    with closing(open_store(url)) as store:
        record = store.save_plan(store.plan(), id="main", created=NOW, note=wicked, author=wicked)
        store.append("audit", wicked)
        spots = shapely.points([[500_010.0, 3_400_010.0]])
        store.save_layer("stations", Table(columns={"code": texts([wicked]), "grid": texts([wicked])}, geometry=spots))
        assert (record.note, record.author) == (wicked, wicked) and store.plans()[-1] == record
        assert store.entries("audit") == (wicked,)
        assert store.territory().stations.code.tolist() == [wicked]


@pytest.mark.postgis
def test_text_no_database_keeps_is_bad_input(url):
    """A zero character, which PostgreSQL keeps in no text, is bad input and keeps nothing."""
    with closing(open_store(url)) as store:
        with pytest.raises(InputError):
            store.append("audit", "a\x00b")
        assert store.entries("audit") == ()


@pytest.mark.postgis
def test_cut_connections_are_replaced(postgis, url):
    """After the server ended every connection, the store goes on with new ones."""
    with closing(open_store(url)) as store:
        assert postgis.cut() >= 1
        assert len(store.plans()) == 1
        store.save_plan(store.plan(), id="main", created=NOW)
        assert len(store.plans()) == 2


@pytest.mark.postgis
@pytest.mark.slow
def test_cut_during_statements_leaves_no_half_plan(postgis, url):
    """Connections ended while plans are saved are backend errors; what was acknowledged is there, whole."""
    kept, failed = [1], 0
    done = threading.Event()

    def cutting():
        while not done.wait(0.25):  # a new connection takes about a fifth of that
            postgis.cut()

    with closing(open_store(url)) as store:
        cutter = threading.Thread(target=cutting)
        cutter.start()
        try:
            n = 0
            while failed < 8:
                n += 1
                plan = plan_of(store._territory, (np.arange(16) + n) % 5)
                try:
                    kept.append(store.save_plan(plan, id="main", created=NOW, note="x" * 2000).version)
                    store.publish("main", kept[-1])
                except BackendError:
                    failed += 1
        finally:
            done.set()
            cutter.join()
        versions = [record.version for record in store.plans()]
        assert len(kept) > 1
        assert set(kept) <= set(versions) and versions == list(range(1, len(versions) + 1))
    with closing(open_store(url)) as store:
        for record in store.plans():
            assert len(store.plan(record.id, record.version).label) == 16
        shown = store.plan()
        atoms = postgis.sql(f"SELECT grid FROM {schema(url)}.atoms ORDER BY fid")
        assert [row[0] for row in atoms] == shown.grids.code[shown.label].tolist()


@pytest.mark.postgis
@pytest.mark.slow
def test_stopped_server(postgis, url):
    """While the server is down every method says so; when it is back, everything acknowledged is."""
    with closing(open_store(url)) as store:
        plan = store.plan()
        store.append("audit", "kept")
        postgis.stop("immediate")
        try:
            for method in (store.plans, store.territory, store.stamp, lambda: store.append("audit", "lost")):
                with pytest.raises(BackendError):
                    method()
            with pytest.raises(BackendError):
                store.save_plan(plan, id="main", created=NOW)
        finally:
            postgis.start()
        assert store.entries("audit") == ("kept",) and len(store.plans()) == 1
        assert store.save_plan(plan, id="main", created=NOW).version == 2


@pytest.mark.postgis
def test_two_stores_conflict_cleanly(url):
    """Of two writers that know the same version, one wins and the other is told; layers likewise."""
    with closing(open_store(url)) as one, closing(open_store(url)) as other:
        plan, won, lost = one.plan(), [], []

        def write(store):
            for _ in range(10):
                try:
                    after = store.plans()[-1].version
                    won.append(store.save_plan(plan, id="main", created=NOW, after=after).version)
                except ConflictError:
                    lost.append(1)

        threads = [threading.Thread(target=write, args=(store,)) for store in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == list(range(2, 2 + len(won))) and len(won) + len(lost) == 20
        assert one.stamp() == other.stamp() and one.plans() == other.plans()


@pytest.mark.postgis
def test_layer_of_another_process_is_seen(url):
    """A point layer saved through one store is what the other gives next, and its stamp has changed."""
    with closing(open_store(url)) as one, closing(open_store(url)) as other:
        before = (other.stamp(), territory_hash(other.territory()))
        spots = shapely.points([[500_010.0, 3_400_010.0]])
        one.save_layer("stations", Table(columns={"code": texts(["s1"]), "grid": texts(["g0"])}, geometry=spots))
        assert other.territory().stations.code.tolist() == ["s1"]
        assert other.stamp() != before[0] and territory_hash(other.territory()) != before[1]


READ_IN_QGIS = """
import sys
from qgis.core import QgsApplication, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
layer = QgsVectorLayer(sys.argv[1], "grids", "postgres")
print(layer.isValid(), layer.featureCount(), layer.crs().authid(), sorted(f["code"] for f in layer.getFeatures()))
"""


@pytest.mark.postgis
@pytest.mark.clients
def test_qgis_opens_the_layers(postgis, url):
    """QGIS reads the published grids with their CRS straight from the database."""
    python = shutil.which("/usr/bin/python3")
    if not python or subprocess.run([python, "-c", "import qgis.core"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("QGIS for Python is not installed: apt-get install python3-qgis")
    source = (
        f"dbname='postgres' host=127.0.0.1 port={postgis.port} user='gridgeo' key='fid' srid=32650 type=Polygon"
        f' table="{schema(url)}"."grids" (geom)'
    )
    done = subprocess.run(
        [python, "-c", READ_IN_QGIS, source],
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": str(postgis.folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip().splitlines()[-1:] == ["True 2 EPSG:32650 ['g0', 'g1']"], done.stderr
