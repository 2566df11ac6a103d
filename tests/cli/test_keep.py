"""Orders written into the file they were worked out from, which keeps versions and journals since it was served."""

from __future__ import annotations

from contextlib import closing

import pytest

from gridgeo.gpkg.files import kept as held
from gridgeo.io.write import write_plan
from gridgeo.store import open_store
from tests.cli.terminal import run
from tests.instances import lattice, plan_of
from tests.web.conftest import nine_grids, town

NOW = "2026-11-21T09:00:00Z"


@pytest.fixture
def served(tmp_path):
    """A plan file with two versions and a journal."""
    path = tmp_path / "plan.gpkg"
    plan = nine_grids(town())
    write_plan(plan, path)
    with closing(open_store(str(path))) as store:
        moved = store.plan().move([2], "g0")
        store.save_plan(moved, id="main", created=NOW)
        store.publish("main", 2)
        store.append("standings", "{}")
    return path


def kept(path):
    """Names of the versions, entries of the journal, numbers of routes and assignments."""
    with closing(open_store(str(path))) as store:
        tables = store.routes(), store.assignments()
        names = [record.name for record in store.plans()]
        return names, store.entries("standings"), [None if table is None else len(table) for table in tables]


def test_orders_join_the_versions(served):
    """Walks and teams worked out in place stand beside the versions and journals, and the file is sound."""
    assert run("patrol", served, "-o", served).exit_code == 0
    assert run("assign", served, "-o", served).exit_code == 0
    names, entries, (routes, teams) = kept(served)
    assert (names, entries) == (["main@1", "main@2"], ("{}",))
    assert routes > 0 and teams > 0
    assert run("fsck", served).exit_code == 0


def test_walks_are_of_the_published_version(served):
    """The walks kept are those of the version that is published."""
    run("patrol", served, "-o", served)
    with closing(open_store(str(served))) as store:
        told = set(store.routes().columns["grid"].tolist())
        assert told == set(store.plan().grids.code.tolist())


def test_orders_of_another_plan_are_refused(served, tmp_path):
    """A file that keeps versions of another plan is left as it is."""
    other = tmp_path / "other.gpkg"
    write_plan(plan_of(lattice(2, 2, 100), [0, 0, 1, 1]), other)
    before = kept(served)
    result = run("patrol", other, "-o", served)
    assert result.exit_code == 2 and "another plan" in result.stderr
    assert kept(served) == before


@pytest.mark.parametrize("verb", ["draw", "edit"])
def test_new_plans_are_not_written_over_versions(served, verb):
    """Draw and edit refuse to replace a file that keeps versions, and name the ways out."""
    words = ["--rename", "g0", "Harbor"] if verb == "edit" else []
    before = kept(served)
    result = run(verb, served, "-o", served, *words)
    assert result.exit_code == 2 and "gridgeo serve" in result.stderr
    assert kept(served) == before


def test_a_plain_file_is_written_whole(tmp_path):
    """A file that keeps nothing yet is replaced as before."""
    path = tmp_path / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    assert run("patrol", path, "-o", path).exit_code == 0
    assert held(path) == (0, 0)
