"""The page about dispatch and its example: what they show is what comes out."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path

import pytest

from tests.shared import shared

DOCS = Path(__file__).parents[3] / "docs"


def example():
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("porto_alegre", DOCS / "examples" / "porto_alegre.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_page_is_true(monkeypatch):
    """Every Python example of the page gives what it shows."""
    monkeypatch.chdir(DOCS.parent)
    failed, tried = doctest.testfile(str(DOCS / "dispatch.md"), module_relative=False)
    assert tried > 10 and failed == 0


def test_the_example_explains_missing_data(tmp_path):
    """Without its data set the example says so and ends."""
    (line,) = example().main(tmp_path)
    assert "poa_osm.pbf" in line and "nothing to show" in line


@pytest.mark.slow
def test_the_example_shows_what_its_page_shows():
    """On the real data every line is the page's."""
    folder = shared("places", "br_porto_alegre", "poa_osm.pbf").parent
    shown = re.search(r"FOLDER\n(.*?)```", (DOCS / "examples" / "porto_alegre.md").read_text("utf-8"), re.DOTALL)
    assert example().main(folder) == shown[1].splitlines()
