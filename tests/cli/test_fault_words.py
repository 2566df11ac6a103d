"""Every kind of fault the source can report has its words in both languages."""

from __future__ import annotations

import re

from gridgeo.cli.console import fault_list
from gridgeo.errors import Fault, SchemaError
from gridgeo.io.roles import ROLES
from gridgeo.words.sentences import SENTENCES
from tests.cli.terminal import ROOT

LITERAL = re.compile(r"""(?:Fault\(|_fault\(|faults\.add\(|faults\.rows\()\s*"([a-z-]+)\"""")


def kinds() -> set[str]:
    """Kinds of every Fault, faults.add and faults.rows in the source, and those made with the name of a column."""
    texts = [path.read_text("utf-8") for part in ("io", "core") for path in (ROOT / "gridgeo" / part).rglob("*.py")]
    found = set(LITERAL.findall("\n".join(texts))) | {"invalid-ring", "invalid-geometry", "too-large"}
    for role in ROLES.values():
        for field in role.fields:
            if field.type == "word":
                found.add(f"unknown-{field.name}")
            if field.type in ("households", "count", "number", "clock"):
                found.add(f"negative-{field.name}")
            if field.type in ("households", "count", "clock"):
                found.add(f"non-integer-{field.name}")
    return found


def test_every_fault_has_its_words():
    """Each kind of fault is named in English and Chinese."""
    assert len(kinds()) > 30
    assert {f"fault-{kind}" for kind in kinds()} <= set(SENTENCES)


def test_no_words_for_faults_there_are_not():
    """No kind is named that nothing reports."""
    told = {kind.removeprefix("fault-") for kind in SENTENCES if kind.startswith("fault-")}
    assert told - {"in-row", "in-rows", "in-layer", "hint"} <= kinds()


def test_fault_lines():
    """A fault of a row and one of a layer, with hint and without, read well in both languages."""
    faults = [
        Fault("duplicate-code", "atoms", 12_345, "the code is {x}", "choose"),
        Fault("no-crs", "streets", None, "m"),
    ]
    error = SchemaError(faults, where="t.gpkg")
    assert fault_list(error, "en").splitlines() == [
        "t.gpkg: 2 fault(s)",
        "  atoms, row 12345: code used twice: the code is {x} (choose)",
        "  streets: no coordinate system: m",
    ]
    assert fault_list(error, "zh").splitlines() == [
        "t.gpkg：共 2 处错误",
        "  atoms 第 12345 行：编码重复：the code is {x}（choose）",
        "  streets：没有坐标系：m",
    ]
