"""Streets read late: the same streets, read once, whatever else goes on with the file."""

import pickle
import threading
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.model import Territory
from gridgeo.core.tables import territory_hash
from gridgeo.core.tables.columns import table_of
from gridgeo.errors import BackendError
from gridgeo.io.write import write_plan
from gridgeo.store import open_store
from gridgeo.store.late import Once
from gridgeo.store.postgis import create_postgis
from tests.instances import lattice, plan_of


@pytest.fixture
def file(tmp_path):
    """A plan of a lattice town in a file."""
    path = tmp_path / "town.gpkg"
    write_plan(plan_of(lattice(4, 4), np.arange(16) // 4), path)
    return path


@pytest.fixture
def late(file):
    """Its store, streets unread."""
    store = open_store(str(file), late=True)
    yield store
    store.close()


def test_a_territory_opens_without_its_streets_and_is_the_same(late, file):
    """Nothing is read until asked for; then every layer is that of a store that read all at once."""
    assert "streets" not in vars(late.territory())
    whole = open_store(str(file))
    assert territory_hash(late.territory()) == territory_hash(whole.territory())
    assert "streets" in vars(late.territory())
    whole.close()


def test_points_saved_meanwhile_leave_the_streets_unread(late, file):
    """Another process saves responders: this one knows them, and reads its streets when somebody asks."""
    other = open_store(str(file))
    people = other.territory().responders
    before = late.territory()
    other.save_layer("responders", table_of(people))
    other.save_layer("stations", table_of(other.territory().stations))
    after = late.territory()
    assert after is not before and "streets" not in vars(after)
    assert after.streets is before.streets and len(after.streets) == len(other.territory().streets)
    other.close()


def test_streets_are_read_inside_a_transaction_that_writes(late):
    """Saving a layer hashes all others, the streets among them, while it holds the file."""
    digest = late.save_layer("stations", table_of(late.territory().stations))
    assert digest == late.layer_digest("stations")


def test_a_late_territory_goes_to_other_processes_and_into_others_whole(late):
    """Pickled or given another name, it has its streets."""
    land = late.territory()
    sent = pickle.loads(pickle.dumps(land))
    assert type(sent) is Territory and len(sent.streets) == len(land.streets)
    assert replace(land, name="other").streets is land.streets


def test_a_removed_file_is_told_when_streets_are_asked_for(late, file):
    """What was not read yet can no longer be."""
    land = late.territory()
    file.unlink()
    with pytest.raises(BackendError):
        _ = land.streets


def test_what_is_made_once_is_made_by_the_first():
    """Threads that ask at the same time get one and the same."""
    gate, made = threading.Barrier(4), []
    once = Once(lambda: made.append(1) or object())

    def ask(found):
        gate.wait()
        found.append(once())

    found = []
    threads = [threading.Thread(target=ask, args=(found,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(set(map(id, found))) == 1


def test_streets_of_a_file_put_in_its_place_are_not_read(late, file, tmp_path):
    """A file replaced while the server runs may hold another town: its streets are refused, not mixed in."""
    other = tmp_path / "other.gpkg"
    write_plan(plan_of(lattice(5, 5), np.arange(25) // 5), other)
    other.replace(file)
    with pytest.raises(BackendError):
        len(late.territory().streets)


@pytest.mark.postgis
def test_a_database_opens_without_its_streets_and_is_the_same(postgis):
    """Streets of a database are read when asked for, also within a transaction that writes; damage is told then."""
    url = postgis.url()
    create_postgis(url, lattice(4, 4, 100), lambda db: None)
    with closing(open_store(url, late=True)) as late, closing(open_store(url)) as whole:
        assert "streets" not in vars(late.territory())
        assert late.save_layer("stations", table_of(late.territory().stations)) == late.layer_digest("stations")
        assert "streets" in vars(late.territory())
        assert territory_hash(late.territory()) == territory_hash(whole.territory())
    with closing(open_store(url, late=True)) as late:
        with late._backend.writing() as db:
            db.execute("ALTER TABLE streets DROP COLUMN walkable")
        with pytest.raises(BackendError, match="streets cannot be read"):
            _ = late.territory().streets
