"""Schemathesis asks what the description allows and what it forbids: nothing surprises, nothing fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.clients

EXAMPLES, SECONDS = 10, 500
OTHERS = (
    "territories|communities|atoms|streets|buildings|compounds|exclusive|barriers|stations|emergency_units|responders"
    "|routes|assignments|faults"
)
READING = ("Features", "Tiles", "Locate", "Coverage", "Alarms", "Health", "Description")


def test_no_phase_finds_a_failure(address, tmp_path):
    """Examples, coverage, fuzzing and stateful runs over the reading side and alarms find nothing.

    Collections share their code: grids and places stand for all.
    """
    program = Path(sys.executable).with_name("schemathesis")
    if not shutil.which(program):
        pytest.skip("schemathesis is not installed")
    tags = [part for tag in READING for part in ("--include-tag", tag)]
    command = [program, "run", f"{address}/api", *tags, "--exclude-path-regex", f"/collections/({OTHERS})/?"]
    command += ["--max-examples", str(EXAMPLES), "--seed", "1", "--no-shrink", "--continue-on-failure"]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=SECONDS, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout[-6000:]
