"""The law of the house, as tests: import cost, one reader of the environment, every reported kind has its words."""

from __future__ import annotations

import ast
import gc
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from tests.said import sentences

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "gridgeo").rglob("*.py"))


@cache
def trees():
    """Every module parsed, without a search for cycles among the million new nodes: it takes most of the time."""
    gc.disable()
    parsed = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]
    gc.enable()
    return parsed


@cache
def calls() -> dict[str, list[ast.Call]]:
    """Every call in the source, by the last name of what is called."""
    found = defaultdict(list)
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found[getattr(node.func, "id", getattr(node.func, "attr", ""))].append(node)
    return found


def literal_kinds(name: str, position: int) -> set[str]:
    """Literal kinds given to every call of `name` in the source, by position or as `kind=`."""
    found = set()
    for call in calls()[name]:
        values = [k.value for k in call.keywords if k.arg == "kind"] + call.args[position : position + 1]
        found |= {v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)}
    return found


def test_import_is_light():
    """Importing the package loads neither pandas nor flask nor shapely."""
    code = (
        "import gridgeo, sys; print([m for m in ('pandas', 'flask', 'shapely', 'scipy', 'numba') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_parsers_know_no_flask():
    """Reading bodies and filters needs no web framework."""
    code = "import gridgeo.web.body, gridgeo.web.cql, sys; print('flask' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"


def test_public_names_exist():
    """Every public name can be fetched, and the type checker sees the same names."""
    import gridgeo

    for name in gridgeo.__all__:
        assert getattr(gridgeo, name) is not None
    source = (ROOT / "gridgeo" / "__init__.py").read_text()
    assert set(re.findall(r"import (\w+) as \1", source)) == set(gridgeo.__all__) - {"__version__"}


def test_unknown_name_is_an_attribute_error():
    """A name the package does not have is refused as Python expects."""
    import gridgeo

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = gridgeo.nothing


def test_only_settings_reads_the_environment():
    """os.environ and os.getenv occur in settings.py alone."""
    readers = {p.name for p in SOURCES if re.search(r"os\.environ|getenv", p.read_text(encoding="utf-8"))}
    assert readers <= {"settings.py"}


def test_no_module_outgrows_the_head():
    """No module is longer than 400 lines."""
    long = {str(p): n for p in SOURCES if (n := p.read_text(encoding="utf-8").count("\n")) > 400}
    assert not long


def test_every_notice_has_its_words():
    """Each kind of notice the source can report has an English and a Chinese sentence."""
    from gridgeo.words.sentences import SENTENCES

    kinds = literal_kinds("Notice", 0)
    assert len(kinds) > 5
    assert kinds <= set(SENTENCES), f"no sentence for {sorted(kinds - set(SENTENCES))}"


def test_every_error_has_its_chinese():
    """Each message and hint of an error or fault in the source has its Chinese."""
    from gridgeo.words.chinese import CHINESE

    said = sentences(trees())
    assert len(said) > 600
    missing = {text: place for text, place in said.items() if text not in CHINESE}
    assert not missing, f"add these to gridgeo/words/chinese: {missing}"


def test_every_stage_has_its_words():
    """Each stage of progress the source names has a sentence."""
    from gridgeo.words.sentences import SENTENCES

    stages = {f"stage-{stage}" for stage in literal_kinds("progress", 0)}
    assert len(stages) > 5
    assert stages <= set(SENTENCES), f"no sentence for {sorted(stages - set(SENTENCES))}"


def test_sentences_speak_both_languages():
    """Every sentence has two languages with the same facts."""
    from gridgeo.words.sentences import SENTENCES

    for kind, (english, chinese) in SENTENCES.items():
        assert english and chinese, kind
        names = [set(re.findall(r"{(\w+)", text)) for text in (english, chinese)]
        assert names[0] == names[1], kind


def test_documented_commands_exist():
    """Every `gridgeo VERB` and every --option of it in the READMEs and docs is one the command line has."""
    from gridgeo.cli import VERBS, gridgeo

    texts = [p.read_text(encoding="utf-8") for p in (*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md"))]
    lines = re.findall(r"^(?:\.venv/bin/)?gridgeo ((?:.*\\\n)*.*)$", "\n".join(texts).replace("$ ", ""), re.MULTILINE)
    assert lines
    for line in lines:
        words = line.replace("\\\n", " ").split("#")[0].split()
        verb = next(word for word in words if not word.startswith("-") and word not in ("zh", "en"))
        assert verb in VERBS, line
        known = {o for param in gridgeo.get_command(None, verb).params for o in (*param.opts, *param.secondary_opts)}
        used = {w.split("=")[0] for w in words[words.index(verb) + 1 :] if w.startswith("--")}
        assert used <= known, line


def test_every_verb_has_help():
    """Each verb's command has a help text."""
    from gridgeo.cli import VERBS, gridgeo

    for verb in VERBS:
        assert gridgeo.get_command(None, verb).help
