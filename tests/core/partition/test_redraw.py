"""Redrawing: least change, locks, and codes that live on."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import geometries, texts
from gridgeo.core.partition import PlanParams, before_from, before_of, draw_plan, plan_before
from gridgeo.core.partition.carve import carve
from gridgeo.core.partition.listing import list_grids
from gridgeo.core.partition.pool import note_plan, pool_for
from gridgeo.core.partition.units import ground_of
from gridgeo.errors import InputError, NotFoundError
from tests.instances import lattice, plan_of


def grown(territory, atoms, households):
    """The territory with other households in some atoms."""
    count = territory.atoms.households.copy()
    count[atoms] = households
    return replace(territory, atoms=replace(territory.atoms, households=count))


@pytest.fixture(scope="module")
def drawn():
    """A lattice of 12 x 12 with its plan."""
    territory = lattice(12, 12)
    return territory, draw_plan(territory, PlanParams(starts=1)).plan


def test_a_sound_plan_stays_as_it_is(drawn):
    """Redrawing without a breach changes no label and no code."""
    territory, plan = drawn
    again = draw_plan(territory, previous=plan).plan
    assert (again.grids.code == plan.grids.code).all()
    assert (again.label == plan.label).all()


def test_a_breach_moves_few_and_leaves_far_grids_alone(drawn):
    """One grid grown over the band is mended; most grids keep every atom and their code."""
    territory, plan = drawn
    inside = np.flatnonzero(plan.label == 0)
    now = grown(territory, inside, 80)
    result = draw_plan(now, previous=plan)
    assert result.plan.in_band.all()
    same = {c for c in plan.grids.code if set(atoms_of(plan, c)) == set(atoms_of(result.plan, c))}
    assert len(same) >= len(plan) - 5
    moved = now.atoms.households[np.flatnonzero(old_codes(plan) != old_codes(result.plan))].sum()
    assert moved <= 600


def atoms_of(plan, code):
    """Row numbers of the atoms of a grid; none when no grid has the code."""
    return np.flatnonzero(old_codes(plan) == code).tolist()


def old_codes(plan):
    """Grid code of each atom."""
    return plan.grids.code[plan.label]


def test_a_locked_grid_keeps_every_atom_though_out_of_band(drawn):
    """A lock holds a grid above the band, and the report says so."""
    territory, plan = drawn
    now = grown(territory, np.flatnonzero(plan.label == 0), 100)
    code = str(plan.grids.code[0])
    result = draw_plan(now, previous=plan, locks=(code,))
    assert atoms_of(result.plan, code) == atoms_of(plan, code)
    assert [(o.code, o.reason) for o in result.out_of_band] == [(code, "grid-locked")]


def test_an_unknown_lock_is_named(drawn):
    """Locking a code the old plan does not have is refused."""
    territory, plan = drawn
    with pytest.raises(NotFoundError, match="G999"):
        draw_plan(territory, previous=plan, locks=("G999",))


def test_codes_of_ended_grids_are_kept_and_never_given_again():
    """A grid merged away ends, the notice carries its code, and the next redraw does not give it to another grid."""
    territory = lattice(1, 20, 30)
    old = plan_of(territory, np.repeat([0, 1], 10))
    small = grown(territory, np.arange(20), 20)
    merged = draw_plan(small, previous=old)
    ended = [n.where for n in merged.plan.notices if n.kind == "grid-ended"]
    assert len(merged.plan) == 1
    assert len(ended) == 1
    split = draw_plan(territory, previous=merged.plan).plan
    assert len(split) == 2
    assert not set(ended) & set(split.grids.code)


def test_a_grid_in_two_pieces_is_made_whole():
    """An old plan with a torn grid is mended into grids of one piece."""
    territory = lattice(6, 8)
    label = np.repeat([0, 1, 2, 0, 3, 4], 8)
    plan = draw_plan(territory, previous=plan_of(territory, label)).plan
    rows = territory.adjacency
    same = plan.label[rows.u] == plan.label[rows.v]
    part = components(48, rows.u[same], rows.v[same])
    assert len(np.unique(part)) == len(plan)
    assert plan.in_band.all()


def test_listed_grids_cost_what_moves_into_them():
    """In a redraw the list of all grids of a zone prices moved households as the search does."""
    label = np.repeat([0, 1, 1, 2], 3)
    territory, params = lattice(3, 4, 100), PlanParams()
    ground = ground_of(territory, params, label)
    rows = np.arange(12)
    units, rule = ground.graph(rows), carve(ground, params).regions[0].rule._replace(moving=100.0)
    mask, cost, complete = list_grids(units, rule, 1000, 10_000)
    mark = np.full(12, -1)
    members = [np.flatnonzero([int(bits) >> i & 1 for i in range(12)]) for bits in mask]
    pool = pool_for(len(members), 12 * len(members))
    priced = [note_plan(pool, units, np.isin(rows, m).astype(int), 2, rule, mark)[1] for m in members]
    assert complete and len(members) > 50
    assert cost == pytest.approx(priced)


def test_a_redraw_moves_as_few_households_as_a_list_of_all_plans_shows():
    """Of a grid of 540 one atom of 60 goes to the neighbor that has room for it, and nothing else moves."""
    territory = lattice(3, 9, 45)
    plan = plan_of(territory, np.tile(np.repeat([0, 1, 2], 3), 3))
    now = grown(territory, np.flatnonzero(plan.label == 1), 60)
    new = draw_plan(now, previous=plan).plan
    assert new.in_band.all()
    assert now.atoms.households[old_codes(plan) != old_codes(new)].sum() == 60


def test_a_grid_nothing_can_mend_does_not_unsettle_the_rest():
    """200 + 400 households fit no grid; grids of 300 and 500 beside, in band though not even, keep every atom."""
    territory = lattice(1, 18, [200, 400, *[50] * 16])
    label = np.repeat([0, 1, 2, 3], [1, 1, 6, 10])
    plan = draw_plan(territory, previous=plan_of(territory, label)).plan
    assert plan.households.tolist() == [200, 400, 300, 500]


def test_where_drawing_anew_leaves_fewer_broken_grids_it_is_taken(monkeypatch):
    """An old plan whose mending stays broken gives way to a drawing that keeps the band."""
    from gridgeo.core.partition import redraw

    for step in ("mend", "mend_exactly", "settle_movers"):
        monkeypatch.setattr(redraw, step, lambda *given: None)
    territory = lattice(2, 8)
    plan = draw_plan(territory, previous=plan_of(territory, np.repeat([0, 1], [15, 1]))).plan
    assert plan.in_band.all()


def test_polygons_become_labels_by_overlap():
    """Plain polygons that nearly follow the atoms label each by its largest overlap, and keep their codes."""
    territory = lattice(4, 8)
    west, east = (territory.atoms.geometry[np.arange(32) % 8 // 4 == side] for side in (0, 1))
    import shapely

    shapes = geometries([shapely.unary_union(side).buffer(9.0) for side in (west, east)])
    before = before_from(territory, texts(["w", "e"]), shapes)
    assert (before.label == np.arange(32) % 8 // 4).all()
    assert plan_before(territory, before, (300, 500)).households.tolist() == [800, 800]


def test_new_land_has_no_old_grid():
    """Atoms the old plan did not cover count as new, and are drawn."""
    territory = lattice(2, 10, 80)
    half = lattice(2, 5, 80)
    before = before_of(territory, plan_of(half, np.zeros(10, int)))
    assert sorted(set(before.label.tolist())) == [-1, 0]
    result = draw_plan(territory, previous=before)
    assert result.plan.in_band.all()


@pytest.mark.parametrize("households", [50, 0])
def test_the_plan_of_another_town_is_refused(households):
    """A division that covers none of the territory cannot be in force there; that is said, with its share."""
    territory = lattice(2, 10, households)
    away = geometries(shapely.transform(territory.atoms.geometry[:2], lambda xy: xy + 1e5))
    with pytest.raises(InputError, match=r"cover 0\.0% .* of another place"):
        before_from(territory, texts(["a", "b"]), away)
    beside = geometries([territory.atoms.geometry[0]])
    assert (before_from(territory, texts(["a"]), beside).label >= 0).sum() == 1
