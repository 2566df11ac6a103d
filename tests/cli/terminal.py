"""A person at the terminal: commands as users type them, in this process or in one of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from gridgeo.cli import gridgeo
from gridgeo.cli.console import INTERNAL

ROOT = Path(__file__).parents[2]


def run(*words, lang: str = "en", serve=None, internal: bool = False, **environ: str) -> Result:
    """The result of `gridgeo WORDS`, run in this process; a failure of gridgeo itself ends the test unless expected."""
    env = {"GRIDGEO_LANG": lang} | environ
    result = CliRunner().invoke(gridgeo, [str(word) for word in words], obj=serve, env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code != INTERNAL or internal, result.output
    return result


def refused(*words, **options) -> str:
    """What is said on stderr when `gridgeo WORDS` ends with exit code 2 and nothing on stdout."""
    result = run(*words, **options)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def document(result: Result):
    """The one JSON document on stdout."""
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def environment(**environ: str) -> dict[str, str]:
    """The environment of a process of its own: this one's, with the checkout on the path."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return kept | {"PYTHONPATH": str(ROOT), "GRIDGEO_LANG": "en", "TERM": "xterm"} | environ


def spawn(*words, stderr=subprocess.PIPE, **environ: str) -> subprocess.Popen:
    """`python -m gridgeo WORDS` as a process of its own, not connected to a terminal."""
    command = [sys.executable, "-m", "gridgeo", *(str(word) for word in words)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=stderr, stdin=subprocess.DEVNULL, env=environment(**environ)
    )
