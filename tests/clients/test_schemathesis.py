"""Schemathesis asks what the description allows and what it forbids: nothing surprises, nothing fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.clients

SECONDS = 500
OTHERS = (
    "territories|communities|atoms|streets|buildings|compounds|exclusive|barriers|stations|emergency_units|responders"
    "|routes|assignments|faults"
)
READING = ("Features", "Tiles", "Locate", "Coverage", "Alarms", "Health", "Description")
CHANGING = ("Transactions", "Plans", "Edits", "Jobs", "Processes", "Audit")
LANDED = {
    ("POST", "/collections/places/items", "201"),
    ("PUT", "/collections/places/items/<code>", "200"),
    ("PATCH", "/collections/places/items/<code>", "200"),
    ("DELETE", "/collections/places/items/<code>", "204"),
    ("PATCH", "/collections/grids/items/<code>", "200"),
    ("POST", "/plans", "201"),
    *(("POST", f"/plans/<plan>/{act}", "201") for act in ("edits", "undo", "restore", "merge")),
    ("POST", "/plans/<plan>/publish", "200"),
    *(("POST", f"/processes/{verb}/execution", "201") for verb in ("draw", "check", "patrol", "assign", "reach")),
    ("GET", "/jobs/<job>", "200"),
    ("GET", "/jobs/<job>/results", "200"),
    ("DELETE", "/jobs/<job>", "200"),
}
"""What must have been met with things that are there: an answer of 404 to everything would fail nothing else."""

# Busy is an answer. What a description of shapes cannot say may be refused: a stale tag, a rule of the plan; and as
# 400 a point far from the territory, integers of twenty digits where any member may stand, and inputs of a process
# that do not fit each other, such as a band that ends before it begins.
# A dismissed job can still be read, as the standard has it.
SETTINGS = """
hooks = "tests.clients.real_ids"
request-timeout = 60
[phases.stateful.generation]
max-examples = 25
[checks.use_after_free]
enabled = false
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 422, 428, 429, 503]
[[operations]]
include-path-regex = "/(items|items/{code}|edits|execution)$"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 422, 428, 429, 503]
"""


def test_no_phase_finds_a_failure_in_reading(address, tmp_path):
    """Examples, coverage, fuzzing and stateful runs over the reading side and alarms find nothing.

    Collections share their code: grids and places stand for all.
    """
    found = _ask(address, READING, tmp_path, examples=10)
    assert found.returncode == 0, found.stdout[-20000:]


def test_no_phase_finds_a_failure_in_changing(own_address, tmp_path):
    """The same over features that change, plans, edits, jobs and processes, on a town nobody else uses."""
    found = _ask(own_address, CHANGING, tmp_path, examples=3)
    assert found.returncode == 0, found.stdout[-20000:]
    assert not LANDED - _answers(own_address)


def _answers(address: str) -> set[tuple[str, str, str]]:
    """Method, route and status of what a server has answered."""
    with urlopen(f"{address}/metrics", timeout=20) as reply:
        return set(
            re.findall(
                r'gridgeo_requests_total{[^}]*method="(\w+)",route="([^"]+)",status="(\d+)"', reply.read().decode()
            )
        )


def _ask(address: str, tags: tuple[str, ...], folder: Path, *, examples: int) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("schemathesis")
    if not shutil.which(program):
        pytest.skip("schemathesis is not installed")
    chosen = [part for tag in tags for part in ("--include-tag", tag)]
    (folder / "schemathesis.toml").write_text(SETTINGS)
    command = [program, "run", f"{address}/api", *chosen, "--exclude-path-regex", f"/collections/({OTHERS})/?"]
    command += ["--max-examples", str(examples), "--seed", "1", "--no-shrink", "--continue-on-failure"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=SECONDS, cwd=folder, env=environment
    )
