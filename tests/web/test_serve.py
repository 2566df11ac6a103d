"""The real server in a process of its own, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from importlib.util import find_spec
from urllib.request import Request, urlopen

import pytest

from gridgeo.errors import InputError
from gridgeo.io.write import write_plan
from gridgeo.settings import Settings
from gridgeo.web.serve import _workers, serve
from tests.web.conftest import nine_grids, town

SERVE = "from gridgeo.settings import Settings; from gridgeo.web.serve import serve; serve(Settings.from_env())"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(address: str, server: subprocess.Popen) -> None:
    """Wait until a server answers."""
    for _ in range(600):
        assert server.poll() is None, "the server ended early"
        try:
            with urlopen(f"{address}/readyz", timeout=20):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@contextmanager
def served(project, **more):
    """Address of a server over a project file; stopped gently at the end."""
    settings = Settings(project=str(project), port=free_port(), **more)
    server = subprocess.Popen([sys.executable, "-c", SERVE], env={**os.environ, **settings.to_env()})
    address = f"http://127.0.0.1:{settings.port}"
    try:
        answers(address, server)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) in (0, -signal.SIGTERM)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    path = tmp_path_factory.mktemp("served") / "plan.gpkg"
    write_plan(nine_grids(town()), path)
    return path


def test_served_project_answers_and_stops(project):
    """The server started as users start it answers over the network and stops when told."""
    with served(project) as address:
        with urlopen(f"{address}/readyz", timeout=20) as reply:
            assert (reply.status, reply.read()) == (200, b'{"status":"ok","plan":"main@1"}')
        body = b'{"points": [[117.001, 30.7]]}'
        request = Request(f"{address}/locate", data=body, headers={"Content-Type": "application/json"})
        with urlopen(request, timeout=20) as reply:
            assert b"grids" in reply.read()


def test_a_taken_port_is_refused(project):
    """A port somebody listens on is told before anything is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(project=str(project), port=other.getsockname()[1])
        with pytest.raises(InputError, match="is taken"):
            serve(settings)


def test_ogc_conformance(project, tmp_path):
    """All abstract tests of OGC API Features core pass, where the package `ogctests` is installed.

    It may live in an environment of its own: GRIDGEO_OGCTESTS names the Python that has it.
    """
    python = os.environ.get("GRIDGEO_OGCTESTS", sys.executable if find_spec("ogctests") else "")
    if not python:
        pytest.skip("ogctests is not installed (set GRIDGEO_OGCTESTS to a Python that has it)")
    with served(project) as address:
        command = [python, "-m", "ogctests", "features/core", "-i", address, "-v", "True"]
        # its environment may stand inside this project, whose settings are not meant for it
        (tmp_path / "own.ini").write_text("[pytest]\n")
        env = os.environ | {"PYTEST_ADDOPTS": f"-c {tmp_path / 'own.ini'}"}
        told = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=env).stdout
    assert "29 passed" in told and "failed" not in told, told[-3000:]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"project": "a.gpkg", "workers": 3}, 3),
        ({"project": "memory:a.gpkg"}, 1),
        ({"project": "a.gpkg", "server": "waitress"}, 1),
    ],
)
def test_how_many_processes_serve(given, wanted):
    """As many as asked for; one where the project lies in the memory of a process, or the server has one only."""
    assert _workers(Settings(**given)) == wanted
    assert 1 <= _workers(Settings(project="a.gpkg")) <= 2


def test_memory_is_of_one_process():
    """Several processes over one project in memory would each tell something else: refused by name."""
    with pytest.raises(InputError, match="one worker"):
        _workers(Settings(project="memory:a.gpkg", workers=2))
