"""Work shared by a Dask cluster: the plan is the one a single process draws, and what is wrong is told."""

from __future__ import annotations

import pytest

from gridgeo import service
from gridgeo.core.model import never
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.engine import check_engine, open_engine
from gridgeo.engine.cluster import Cluster
from gridgeo.errors import BackendError, InputError
from tests.cli.terminal import run
from tests.instances import lattice


@pytest.mark.parametrize("name", ["", "mpi", "tcp://", "tcp://host", "http://host:1", "dask://host:1", "tcp://host:x"])
def test_engines_there_are_not(name):
    """A name or address that is no engine is refused, with what there is."""
    with pytest.raises(InputError, match=r"no engine.*tcp://HOST:PORT"):
        check_engine(name)


def test_command_line_refuses_an_engine_before_it_reads(tmp_path):
    """An unknown engine is told at once, with the exit code of bad input."""
    answer = run("draw", str(tmp_path / "none.gpkg"), "-o", str(tmp_path / "p.gpkg"), "--engine", "mpi")
    assert answer.exit_code == 2
    assert "there is no engine 'mpi'" in answer.stderr


def test_this_process_alone_is_no_crew():
    """One local worker is this process itself."""
    with open_engine("local", 1, never) as crew:
        assert crew is None


@pytest.mark.slow
def test_scheduler_that_is_not_there(monkeypatch):
    """A scheduler that does not answer is a backend error with its address, no traceback of the network."""
    monkeypatch.setattr("gridgeo.engine.cluster.CONNECT_S", 0.5)
    with pytest.raises(BackendError, match=r"does not answer.*tcp://127.0.0.1:9"):
        open_engine("tcp://127.0.0.1:9", 1, never)


@pytest.mark.slow
def test_scheduler_without_workers():
    """A scheduler nobody works for is told, instead of waited for."""
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None) as lonely,
        pytest.raises(BackendError, match="no workers"),
    ):
        open_engine(lonely.scheduler_address, 1, never)


@pytest.mark.slow
def test_a_cluster_draws_the_same_plan():
    """One process or two Dask workers, reached by name or by address: the same label for every atom."""
    land, params = lattice(24, 24), PlanParams(nest=False, effort="quick")
    alone = draw_plan(land, params).plan.label
    with Cluster("dask", 2, never) as crew:
        assert crew.size == 2
        named = draw_plan(land, params, crew=crew).plan.label
        reached = service.draw(land, params, engine=crew.address).plan.label
    assert (named == alone).all() and (reached == alone).all()


@pytest.mark.slow
def test_a_stopped_cluster_hands_in_its_best():
    """Workers told to stop end with a whole plan, long before they would have."""
    land, asked = lattice(100, 100), [0]

    def stop() -> bool:
        asked[0] += 1
        return asked[0] > 3

    with open_engine("dask", 2, stop) as crew:
        result = draw_plan(land, PlanParams(nest=False, effort="thorough"), stop=stop, crew=crew)
    assert len(result.plan.label) == len(land.atoms)


@pytest.mark.slow
def test_lost_workers_are_told():
    """A cluster whose workers die while they draw is a backend error."""
    with open_engine("dask", 1, never) as crew, pytest.raises(BackendError, match="lost"):
        crew.take(_die)()


def _die(stop):
    import os

    os._exit(1)
