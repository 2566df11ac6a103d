"""The notebooks run from top to bottom, name only what is public, and keep no output."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)


def code_cells(path: Path) -> list[dict]:
    """The code cells of a notebook, in order."""
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


@NOTEBOOKS
def test_keeps_no_output(path):
    """A notebook holds no output, which would change from run to run."""
    cells = code_cells(path)
    assert cells
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@NOTEBOOKS
def test_names_what_is_public(path):
    """Every name a notebook takes from gridgeo is public and, where it can be called, documented."""
    import gridgeo as gg

    tree = ast.parse("\n".join("".join(cell["source"]) for cell in code_cells(path)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "gg":
            assert node.attr in gg.__all__
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("gridgeo"):
            found: dict[str, object] = {}
            exec(ast.unparse(node), found)
            for alias in node.names:
                assert not alias.name.startswith("_")
                assert found[alias.asname or alias.name].__doc__


@pytest.mark.slow
@NOTEBOOKS
def test_runs(path, monkeypatch):
    """Every code cell of a notebook runs, in order, on the sample town."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    monkeypatch.chdir(FOLDER)
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in code_cells(path):
        exec(compile("".join(cell["source"]), f"{path.name}:{cell['id']}", "exec"), names)
    assert plt.get_fignums()
    plt.close("all")
