"""Two planners on one plan: what is brought together, what conflicts, what only breaks together."""

from __future__ import annotations

import pytest

from gridgeo.core.edit import Merge, Move, NewGrid, Rename, Split, apply_all, diff, merge_plans
from gridgeo.errors import InputError
from tests.instances import lattice, plan_of

TOWN = lattice(2, 6, 50)
BASE = plan_of(TOWN, [0, 0, 1, 1, 2, 2] * 2)


def after(*edits):
    """The base plan after some edits."""
    return apply_all(BASE, edits)[0]


def codes(plan):
    """Code of the grid of each atom."""
    return plan.grids.code[plan.label].tolist()


def test_changes_of_both_sides_are_taken():
    """Each side's moves and names are in the merged plan."""
    ours, theirs = after(Move(("a2",), "g0"), Rename("g0", "West")), after(Move(("a3",), "g2"))
    merged = merge_plans(BASE, ours, theirs)
    assert merged.clean
    assert codes(merged.plan) == ["g0", "g0", "g0", "g2", "g2", "g2", *codes(BASE)[6:]]
    assert merged.plan.grid("g0").name == "West"


def test_the_same_change_is_no_conflict():
    """Both sides doing the same is that."""
    side = after(Move(("a2",), "g0"))
    assert codes(merge_plans(BASE, side, side).plan) == codes(side)


def test_no_change_gives_the_base():
    """Without changes the base is the answer."""
    assert merge_plans(BASE, BASE, BASE).plan is BASE


def test_different_grids_for_an_atom_conflict():
    """An atom given to two grids is listed with all three codes, and no plan is made."""
    base, _ = apply_all(BASE, [Split("g1", ("a3", "a9"), code="g3")])
    ours, theirs = (apply_all(base, [Move(("a2",), to)])[0] for to in ("g0", "g3"))
    merged = merge_plans(base, ours, theirs)
    assert merged.plan is None
    assert [(c.kind, c.atoms, c.base, c.ours, c.theirs) for c in merged.conflicts] == [
        ("atoms", ("a2",), "g1", "g0", "g3")
    ]


def test_different_names_conflict():
    """Two new names for one grid are a conflict."""
    merged = merge_plans(BASE, after(Rename("g0", "A")), after(Rename("g0", "B")))
    assert [(c.kind, c.base, c.ours, c.theirs) for c in merged.conflicts] == [("name", "Grid 0", "A", "B")]


def test_one_new_code_for_two_grids_conflicts():
    """Both sides splitting grids under the same next code is a conflict, not one grid."""
    merged = merge_plans(BASE, after(Split("g0", ("a0",))), after(Split("g2", ("a5",))))
    assert [(c.kind, c.atoms) for c in merged.conflicts] == [("code", ("a0", "a5"))]


def test_ended_grid_that_gains_conflicts():
    """A grid one side merged away while the other gave it atoms is a conflict."""
    merged = merge_plans(BASE, after(Merge(("g0", "g1"))), after(Move(("a4",), "g1")))
    assert [(c.kind, c.grids, c.atoms) for c in merged.conflicts] == [("ended", ("g1",), ("a4",))]


def test_clean_sides_may_tear_a_grid_together():
    """Each side keeps its grids whole, both together cut one: told with the place."""
    base = plan_of(lattice(3, 3, 50), [0, 1, 2, 0, 1, 2, 0, 1, 2])
    ours = apply_all(base, [Move(("a4",), "g0"), Move(("a1",), "g2")])[0]
    theirs = apply_all(base, [Move(("a2",), "g1")])[0]
    merged = merge_plans(base, ours, theirs)
    assert not merged.clean and merged.plan is not None
    assert {error.rule for error in merged.broken} == {"contiguity"}


def test_locked_grids_are_told():
    """Ground of a locked grid that either side changed is told."""
    merged = merge_plans(BASE, after(Move(("a2",), "g0")), BASE, locked=("g0",))
    assert [(error.rule, error.grids) for error in merged.broken] == [("lock", ("g0",))]


def test_other_atoms_cannot_be_merged():
    """Plans of different territories are refused."""
    other = plan_of(lattice(1, 3), [0, 0, 1])
    with pytest.raises(InputError):
        merge_plans(BASE, BASE, other)


def test_diff_carries_one_plan_into_the_other():
    """New, ended, renamed and moved: the edits between two plans make the second of the first."""
    other = after(NewGrid(("a2", "a8"), "g9", "New"), Merge(("g2", "g1")), Rename("g2", "East"))
    again, _ = apply_all(BASE, diff(BASE, other))
    assert codes(again) == codes(other)
    assert again.grids.name.tolist() == other.grids.name.tolist()
