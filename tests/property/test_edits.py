"""Any edits in any order: replay equals recompute, undo leaves no trace, merging is fair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.core.edit import (
    EditDesk,
    Lock,
    Merge,
    Move,
    NewGrid,
    Rename,
    Split,
    Unlock,
    apply_all,
    diff,
    edit_from,
    edit_to,
    merge_plans,
    replay,
)
from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Plan
from gridgeo.errors import GridgeoError
from tests.effort import examples
from tests.instances import lattice, plan_of

ROWS, COLS = 4, 6
LABEL = [2 * (i // COLS // 2) + (i % COLS) // 3 for i in range(ROWS * COLS)]
COMMUNITY = [(i % COLS) // 3 for i in range(ROWS * COLS)]
COMPOUND = [0 if i in (0, 1, 6) else 1 if i in (10, 11) else -1 for i in range(ROWS * COLS)]


def town(households):
    """A town of 24 atoms in four grids over two communities, with two compounds."""
    plan = plan_of(lattice(ROWS, COLS, households, community=COMMUNITY, compound=COMPOUND), LABEL)
    return replace(plan, grids=replace(plan.grids, community=np.array([0, 1, 0, 1], np.int32)))


grid_codes = st.sampled_from(["g0", "g1", "g2", "g3", "000110101001001", "000110101002001"])
atom_codes = st.lists(st.sampled_from([f"a{i}" for i in range(ROWS * COLS)]), min_size=1, max_size=4).map(tuple)
edits = st.one_of(
    st.builds(Move, atom_codes, grid_codes),
    st.builds(Move, atom_codes, grid_codes),
    st.builds(Merge, st.lists(grid_codes, min_size=2, max_size=3).map(tuple)),
    st.builds(Split, grid_codes, atom_codes),
    st.builds(NewGrid, atom_codes),
    st.builds(Lock, grid_codes),
    st.builds(Unlock, grid_codes),
    st.builds(Rename, grid_codes, st.sampled_from(["North", "South"])),
)
steps = st.lists(st.lists(edits, min_size=1, max_size=3).map(tuple), max_size=8)
households = st.lists(st.integers(0, 150), min_size=24, max_size=24)


def state(desk):
    """All a desk can tell."""
    plan = desk.plan()
    return {code: desk.totals(code) for code in desk.codes}, desk.locked, codes(plan), plan.notices


def codes(plan: Plan):
    """Code of the grid of each atom."""
    return plan.grids.code[plan.label].tolist()


def recomputed(plan: Plan):
    """Totals of each grid from its atoms and its dissolved ground."""
    atoms, out = plan.territory.atoms, {}
    for row, code in enumerate(plan.grids.code.tolist()):
        mine = plan.label == row
        shape = shapely.union_all(atoms.geometry[mine])
        weight = {}
        for home in np.unique(atoms.community[mine]).tolist():
            here = mine & (atoms.community == home)
            weight[home] = int(atoms.households[here].sum()), int(here.sum())
        home = max(weight, key=lambda h: (weight[h], -h))
        out[code] = (int(mine.sum()), int(atoms.households[mine].sum()), int(atoms.buildings[mine].sum()), home,
                     shape.area, shape.length)  # fmt: skip
    return out


@given(households, steps)
@settings(max_examples=examples(60), deadline=None)
def test_totals_equal_a_recount_and_undo_leaves_no_trace(counts, script):
    """After any steps the totals are those counted afresh, grids are whole, replay agrees, undo goes all the way."""
    start = town(counts)
    desk, trail = EditDesk(start), []
    for step in script:
        before = state(desk)
        try:
            desk.apply(*step)
        except GridgeoError:
            assert state(desk) == before
        else:
            trail.append(before)
    plan = desk.plan()
    for code, (atoms, homes, buildings, community, area, outline) in recomputed(plan).items():
        record = desk.totals(code)
        assert (record.atoms, record.households, record.buildings, record.community) == (
            atoms,
            homes,
            buildings,
            community,
        )
        assert record.area_m2 == pytest.approx(area)
        assert record.perimeter_m == pytest.approx(outline)
    pairs, label = plan.territory.adjacency, plan.label
    same = label[pairs.u] == label[pairs.v]
    assert components(len(label), pairs.u[same], pairs.v[same]).max() + 1 == len(plan)
    again = replay(start, desk.log)
    assert (codes(again), again.grids.name.tolist()) == (codes(plan), plan.grids.name.tolist())
    assert again.notices == plan.notices
    for known in reversed(trail):
        desk.undo()
        assert state(desk) == known


@given(edits)
def test_edits_come_back_from_plain_values(edit):
    """Plain values of an edit are the edit."""
    assert edit_from(edit_to(edit)) == edit


def played(plan, script):
    """A plan after those steps of a script that are allowed."""
    desk = EditDesk(plan)
    for step in script:
        try:
            desk.apply(*step)
        except GridgeoError:
            continue
    return desk.plan()


@given(steps, steps)
@settings(max_examples=examples(60), deadline=None)
def test_merge_is_fair(first, second):
    """Sides may be swapped; one side alone is taken whole; and the edits between two plans carry one into the other."""
    base = town([60] * 24)
    ours, theirs = played(base, first), played(base, second)
    assert codes(merge_plans(base, ours, base).plan) == codes(ours)
    one, other = merge_plans(base, ours, theirs), merge_plans(base, theirs, ours)
    assert (one.plan is None) == (other.plan is None)
    if one.plan is not None:
        assert codes(one.plan) == codes(other.plan)
    moves = diff(base, ours)
    again = apply_all(replace(base, notices=()), moves)[0] if moves else base
    assert codes(again) == codes(ours)
