"""Edits by hand: what they do, what refuses them, and that they are undone without a trace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gridgeo.core.edit import (
    EditDesk,
    EditParams,
    FixRest,
    Lock,
    Merge,
    Move,
    NewGrid,
    Rename,
    Split,
    Unlock,
    apply_all,
    replay,
)
from gridgeo.core.model import Adjacency, Kind, Notice
from gridgeo.errors import BrokenRuleError, InfeasibleError, InputError, NotFoundError
from tests.instances import lattice, plan_of


def row_plan():
    """Six atoms of 100 households in a row, two grids of three."""
    return plan_of(lattice(1, 6, 100), [0, 0, 0, 1, 1, 1])


def state(desk):
    """All a desk can tell: totals, locks, labels by code, notices."""
    plan = desk.plan()
    return (
        {code: desk.totals(code) for code in desk.codes},
        desk.locked,
        plan.grids.code[plan.label].tolist(),
        plan.notices,
    )


def refusal(plan, *edits, **options):
    """The error that refuses a step; checks that nothing of it stays."""
    desk = EditDesk(plan, **options)
    before = state(desk)
    with pytest.raises(BrokenRuleError) as refused:
        desk.apply(*edits)
    assert state(desk) == before
    assert desk.log == ()
    return refused.value


def test_move_changes_the_totals_of_two_grids():
    """Moving an atom tells both grids before and after."""
    outcome = EditDesk(row_plan()).apply(Move(("a2",), "g1"))
    assert [(g.code, g.before.households, g.after.households) for g in outcome.changed] == [
        ("g0", 300, 200),
        ("g1", 300, 400),
    ]


def test_move_out_of_band_is_told():
    """A grid that leaves the band is told, with the households before."""
    outcome = EditDesk(row_plan()).apply(Move(("a2",), "g1"))
    assert [(n.kind, n.where, n.households, n.facts["before"]) for n in outcome.notices] == [
        ("edit-out-of-band", "g0", 200, 300)
    ]


def test_strict_refuses_soft_rules():
    """Under strict rules a grid may not leave the band."""
    error = refusal(row_plan(), Move(("a2",), "g1"), params=EditParams(strict=True))
    assert (error.rule, error.grids) == ("band", ("g0",))


def test_torn_grid_is_refused_with_its_place():
    """A move that tears a grid names the atoms torn off and carries their shape."""
    error = refusal(row_plan(), Move(("a1",), "g1"))
    assert (error.rule, error.grids, error.atoms) == ("contiguity", ("g0",), ("a2",))
    assert error.geometry.area == pytest.approx(10_000)


def test_moves_that_tear_one_by_one_hold_together():
    """Two moves, the first of which tears a grid, are one step that tears none."""
    plan = plan_of(lattice(1, 6, 100), [0, 0, 0, 1, 1, 1])
    far, near = Move(("a1",), "g1"), Move(("a2",), "g1")
    assert refusal(plan, far).rule == "contiguity"
    after, _ = apply_all(plan, [far, near])
    assert after.households.tolist() == [100, 500]


def test_emptied_grid_is_refused():
    """A grid cannot be emptied by moves."""
    error = refusal(row_plan(), Move(("a0", "a1", "a2"), "g1"))
    assert (error.rule, error.grids) == ("empty", ("g0",))


def test_locked_grid_is_refused_both_ways():
    """A locked grid neither gives nor takes atoms."""
    assert refusal(row_plan(), Move(("a2",), "g1"), locked=("g0",)).rule == "lock"
    assert refusal(row_plan(), Move(("a2",), "g1"), locked=("g1",)).rule == "lock"


def test_unlock_frees_a_grid():
    """After unlocking the same move is carried out; undo locks again."""
    desk = EditDesk(row_plan(), locked=("g0",))
    desk.apply(Unlock("g0"), Move(("a2",), "g1"))
    assert desk.locked == frozenset()
    desk.undo()
    assert desk.locked == {"g0"}


def test_lock_within_a_step_binds_what_follows():
    """A lock binds the edits after it."""
    assert refusal(row_plan(), Lock("g0"), Move(("a2",), "g1")).rule == "lock"


def test_unknown_codes_are_not_found():
    """Unknown grids and atoms are named."""
    desk = EditDesk(row_plan())
    with pytest.raises(NotFoundError, match="no grid has code g9"):
        desk.apply(Move(("a2",), "g9"))
    with pytest.raises(NotFoundError, match="no atom has code x, y"):
        desk.apply(Move(("x", "a2", "y"), "g1"))


@pytest.mark.parametrize(
    "edit", [Move((), "g1"), Merge(("g0",)), Split("g0"), Split("g0", parts=1), NewGrid(()), Rename("g0", " ")]
)
def test_edits_that_say_nothing_are_input_errors(edit):
    """An edit without atoms, partners, parts or name is refused as input."""
    with pytest.raises(InputError):
        EditDesk(row_plan()).apply(edit)


def test_no_edit_is_an_input_error():
    """A step needs an edit."""
    with pytest.raises(InputError):
        EditDesk(row_plan()).apply()


def test_barrier_parts_households():
    """Atoms that touch across a barrier are one piece of ground, but nobody walks there."""
    town = lattice(1, 4, 100)
    pairs = town.adjacency
    link = ~((pairs.u == 1) & (pairs.v == 2))
    cut = Adjacency(u=pairs.u, v=pairs.v, length_m=pairs.length_m, border=pairs.border, link=link)
    plan = plan_of(replace(town, adjacency=cut), [0, 0, 1, 1])
    error = refusal(plan, Move(("a2",), "g0"))
    assert (error.rule, error.atoms) == ("barrier", ("a2",))


def test_empty_land_may_lie_across_a_barrier():
    """Ground without households may go with a grid on the other bank."""
    town = lattice(1, 4, [100, 100, 0, 100])
    pairs = town.adjacency
    link = ~((pairs.u == 1) & (pairs.v == 2))
    cut = Adjacency(u=pairs.u, v=pairs.v, length_m=pairs.length_m, border=pairs.border, link=link)
    desk = EditDesk(plan_of(replace(town, adjacency=cut), [0, 0, 1, 1]))
    desk.apply(Move(("a2",), "g0"))
    assert desk.totals("g0").atoms == 3


def test_torn_before_may_stay_torn():
    """A grid that was in two pieces before may be edited, but not torn further."""
    plan = plan_of(lattice(1, 7, 100), [0, 0, 1, 1, 0, 0, 0])
    desk = EditDesk(plan)
    desk.apply(Move(("a1",), "g1"))
    assert desk.totals("g0").atoms == 4
    assert refusal(plan, Move(("a5",), "g1")).rule == "contiguity"


def test_exclusive_land_stays_apart():
    """Exclusive land cannot join an urban grid, nor other land an exclusive one."""
    town = lattice(1, 3, 300)
    own = replace(town.atoms, exclusive=np.array([-1, -1, 0], np.int32))
    plan = plan_of(replace(town, atoms=own), [0, 0, 1])
    plan = replace(plan, grids=replace(plan.grids, kind=np.array([Kind.URBAN, Kind.EXCLUSIVE], np.int8)))
    assert refusal(plan, Move(("a1",), "g1")).rule == "exclusive"
    assert refusal(plan, Merge(("g0", "g1"))).rule == "exclusive"


def test_second_community_is_told():
    """A grid that newly holds households of two communities is told with their names."""
    plan = plan_of(lattice(1, 6, 100, community=[0, 0, 0, 1, 1, 1]), [0, 0, 0, 1, 1, 1])
    outcome = EditDesk(plan).apply(Move(("a3",), "g0"))
    told = next(n for n in outcome.notices if n.kind == "edit-two-communities")
    assert (told.where, told.facts["communities"]) == ("g0", "Community 0, Community 1")


def test_split_compound_is_told():
    """A compound that was whole and is not any more is told with its grids."""
    plan = plan_of(lattice(1, 6, 100, compound=[-1, 0, 0, -1, -1, -1]), [0, 0, 0, 1, 1, 1])
    outcome = EditDesk(plan).apply(Move(("a2",), "g1"))
    told = next(n for n in outcome.notices if n.kind == "edit-compound-split")
    assert (told.where, told.facts["grids"]) == ("c0", "g0, g1")


def test_merge_ends_codes_for_good():
    """A merged grid keeps one code; the other is ended and cannot be given again."""
    desk = EditDesk(row_plan())
    desk.apply(Merge(("g0", "g1"), "g1"))
    assert desk.codes == ("g1",)
    assert Notice(kind="grid-ended", where="g0") in desk.plan().notices
    with pytest.raises(BrokenRuleError) as refused:
        desk.apply(Split("g1", ("a0", "a1"), code="g0"))
    assert refused.value.rule == "code"


def test_merge_of_distant_grids_is_refused():
    """Grids that do not touch cannot be merged."""
    plan = plan_of(lattice(1, 6, 100), [0, 0, 1, 1, 2, 2])
    assert refusal(plan, Merge(("g0", "g2"))).rule == "contiguity"


def test_split_takes_the_next_free_code():
    """A new grid is coded by its community and named after its code."""
    desk = EditDesk(row_plan())
    desk.apply(Split("g0", ("a0",)))
    assert desk.codes == ("000110101001001", "g0", "g1")
    desk.apply(Split("g0", ("a2",), name="East end"))
    assert desk.totals("000110101001002").name == "East end"


def test_split_names_its_own_atoms():
    """Atoms of another grid cannot be split off."""
    with pytest.raises(InputError, match="not in grid g0"):
        EditDesk(row_plan()).apply(Split("g0", ("a0", "a5")))


def test_split_into_parts_keeps_the_band():
    """A grid of 800 households falls into two of 300 to 500 by itself."""
    desk = EditDesk(plan_of(lattice(2, 8, 50), [0] * 16))
    desk.apply(Split("g0", parts=2))
    assert sorted(desk.totals(code).households for code in desk.codes) == [400, 400]


def test_split_of_one_atom_is_infeasible():
    """A grid of one atom cannot be parted."""
    with pytest.raises(InfeasibleError):
        EditDesk(plan_of(lattice(1, 2, 400), [0, 1])).apply(Split("g0", parts=2))


def test_new_grid_takes_atoms_of_several():
    """A grid may be made of atoms of two others."""
    desk = EditDesk(row_plan())
    desk.apply(NewGrid(("a2", "a3"), "g7", "Middle"))
    assert [(code, desk.totals(code).households) for code in desk.codes] == [("g0", 200), ("g1", 200), ("g7", 200)]


def test_fix_rest_mends_what_a_move_broke():
    """After a move that breaks the band, the rest is drawn so that every grid keeps it."""
    plan = plan_of(lattice(4, 6, 100), np.tile([0, 1, 2, 3, 4, 5], 4))
    desk = EditDesk(plan)
    desk.apply(Move(("a1", "a7"), "g0"), FixRest())
    assert all(300 <= desk.totals(code).households <= 500 for code in desk.codes)


def test_fix_rest_leaves_locked_grids_alone():
    """Locked grids and those to keep are the same ground afterwards."""
    plan = plan_of(lattice(4, 6, 100), np.tile([0, 1, 2, 3, 4, 5], 4))
    desk = EditDesk(plan, locked=("g0",))
    desk.apply(Merge(("g2", "g3")), FixRest(keep=("g1",)))
    after = desk.plan()
    for code in ("g0", "g1"):
        before = plan.grids.code[plan.label] == code
        assert ((after.grids.code[after.label] == code) == before).all()
    assert all(desk.totals(code).households <= 500 for code in desk.codes)


def test_undo_and_redo_leave_no_trace():
    """Undo restores every number as it was, redo brings the edit back."""
    desk = EditDesk(row_plan())
    states = [state(desk)]
    for edits in (
        [Move(("a2",), "g1")],
        [Merge(("g0", "g1")), Rename("g0", "All")],
        [Split("g0", ("a5",)), Lock("g0")],
    ):
        desk.apply(*edits)
        states.append(state(desk))
    for known in reversed(states[:-1]):
        desk.undo()
        assert state(desk) == known
    for known in states[1:]:
        desk.redo()
        assert state(desk) == known
    with pytest.raises(InputError, match="nothing to redo"):
        desk.redo()


def test_a_new_edit_forgets_what_was_undone():
    """After undo and another edit there is nothing to redo."""
    desk = EditDesk(row_plan())
    desk.apply(Move(("a2",), "g1"))
    desk.undo()
    desk.apply(Rename("g0", "North"))
    with pytest.raises(InputError, match="nothing to redo"):
        desk.redo()


def test_replay_of_the_log_gives_the_plan():
    """The log, replayed on the first plan, gives the plan on the desk."""
    desk = EditDesk(row_plan())
    desk.apply(Move(("a2",), "g1"))
    desk.apply(Split("g1", ("a5",)), Rename("g1", "South"))
    again = replay(row_plan(), desk.log)
    assert again.grids.code[again.label].tolist() == desk.plan().grids.code[desk.plan().label].tolist()
    assert again.grids.name.tolist() == desk.plan().grids.name.tolist()


def test_judge_carries_out_what_breaks_rules():
    """Judging tells the hard rules broken and carries the step out."""
    desk = EditDesk(row_plan())
    _, broken = desk.judge(Move(("a1",), "g1"))
    assert [(error.rule, error.grids) for error in broken] == [("contiguity", ("g0",)), ("contiguity", ("g1",))]
    assert desk.totals("g1").atoms == 4


def test_notices_of_changed_grids_are_todays():
    """What the drawing said of a grid goes when the grid changes; the rest stays."""
    told = (Notice(kind="cut-off", where="g0", households=1), Notice(kind="cut-off", where="g2", households=1))
    plan = replace(plan_of(lattice(1, 6, 150), [0, 0, 1, 1, 2, 2]), notices=told)
    after, _ = apply_all(plan, [Move(("a1",), "g1")])
    assert [(n.kind, n.where) for n in after.notices] == [("cut-off", "g2"), ("edit-out-of-band", "g0")]


def test_a_desk_laid_out_like_another_is_one_of_its_own():
    """What is taken over from a desk of the same territory changes nothing that is told, there or here."""
    plan = row_plan()
    first = EditDesk(plan)
    first.apply(Move(("a3",), "g0"))
    after, before = first.plan(), state(first)
    fresh, like = EditDesk(after), EditDesk(after, like=first)
    assert fresh.apply(Move(("a2", "a3"), "g1")) == like.apply(Move(("a2", "a3"), "g1"))
    assert state(fresh) == state(like) and state(first) == before
    other = EditDesk(row_plan(), like=first)
    assert state(other) == state(EditDesk(row_plan()))
