"""The README's promises, run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_make_targets_exist():
    """Every `make TARGET` the READMEs name is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set()
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        named |= set(re.findall(r"(?:^|`)make ([a-z]+)(?:`|$|[ ]+#|[ ]+SLOW)", text, re.MULTILINE))
    assert {"demo", "test", "serve"} <= named <= targets


def test_links_lead_somewhere():
    """Every relative link of a page leads to a file of the repository."""
    links = [
        (page, target)
        for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 20
    assert not [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()]


@pytest.mark.slow
def test_python_example_runs(tmp_path, monkeypatch):
    """The README's Python example runs on the sample town, but for the line that shows a web map."""
    import gridgeo as gg

    names = run_example(tmp_path, monkeypatch, leave_out=".explore()")
    assert len(names["teams"].assignments) > 100
    assert gg.read_plan(tmp_path / "plan.gpkg").households.sum() == names["territory"].households


def run_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leave_out: str) -> dict:
    """Run the Python block of README.md in a folder that holds data/; return its names."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict = {}
    exec("\n".join(line for line in code[1].splitlines() if leave_out not in line), names)
    return names
