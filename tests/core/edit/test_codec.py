"""Edits on the wire: there and back, and every fault of a bad list."""

from __future__ import annotations

import json

import pytest

from gridgeo.core.edit import (
    FixRest,
    Lock,
    Merge,
    Move,
    NewGrid,
    Rename,
    Split,
    Unlock,
    edit_from,
    edit_to,
    edits_from,
)
from gridgeo.errors import SchemaError

EDITS = [
    Move(("a1", "a2"), "g1"),
    Merge(("g1", "g2"), "g2"),
    Merge(("g1", "g2")),
    Split("g1", ("a1",), name="New"),
    Split("g1", parts=3),
    NewGrid(("a1",), "g9"),
    Lock("g1"),
    Unlock("g1"),
    Rename("g1", "中心"),
    FixRest(),
    FixRest(("g1",), 7),
]


@pytest.mark.parametrize("edit", EDITS)
def test_edits_come_back_from_json(edit):
    """An edit written as JSON is read as the same edit."""
    assert edit_from(json.loads(json.dumps(edit_to(edit)))) == edit


def test_defaults_are_left_out():
    """What is as by default is not written."""
    assert edit_to(FixRest()) == {"op": "fix-rest"}


def test_all_faults_are_listed():
    """A list with many faults is refused once, with every fault and its row."""
    values = [
        {"op": "move", "atoms": ["a1"], "to": "g1"},
        {"op": "move", "atoms": "a1", "too": "g1"},
        {"op": "fly"},
        ["move"],
        {"op": "split", "grid": "g1", "parts": True},
        {"op": "move", "atoms": [1], "to": "g1"},
    ]
    with pytest.raises(SchemaError) as refused:
        edits_from(values)
    assert sorted((fault.row, fault.kind) for fault in refused.value.faults) == [
        (2, "edit-member-missing"),
        (2, "edit-member-type"),
        (2, "edit-member-unknown"),
        (3, "edit-unknown"),
        (4, "edit-not-an-object"),
        (5, "edit-member-type"),
        (6, "edit-member-type"),
    ]


@pytest.mark.parametrize("values", ["move", None, {"op": "move"}, 3])
def test_edits_are_a_list(values):
    """Anything but a list is refused."""
    with pytest.raises(SchemaError):
        edits_from(values)
