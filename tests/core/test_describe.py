from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridgeo.core.describe import COLORS, colors
from tests.instances import lattice, plan_of


def touching(plan):
    pairs = plan.territory.adjacency
    a, b = plan.label[pairs.u], plan.label[pairs.v]
    return a[a != b], b[a != b]


@given(st.integers(2, 7), st.integers(2, 7), st.randoms(use_true_random=False))
def test_neighbors_differ(rows, cols, random):
    """Grids that share a border have different colors, however the grids lie."""
    label = [random.randrange(rows) for _ in range(rows * cols)]
    label[:rows] = range(rows)
    plan = plan_of(lattice(rows, cols), label)
    color = colors(plan)
    a, b = touching(plan)
    assert (color[a] != color[b]).all()


@pytest.mark.parametrize("size", [1, 2, 5, 20])
def test_five_colors_suffice(size):
    """A map of grids in one piece needs no sixth color."""
    plan = plan_of(lattice(size, size), np.arange(size * size))
    assert colors(plan).max() < COLORS


def test_colors_are_about_even():
    """On a large map all five colors appear about equally often."""
    plan = plan_of(lattice(20, 20), np.arange(400))
    used = np.bincount(colors(plan), minlength=COLORS)
    assert used.min() > 0.5 * used.max()


def test_same_plan_same_colors():
    """The colors depend on the plan alone."""
    plan = plan_of(lattice(9, 9), np.arange(81))
    assert colors(plan).tolist() == colors(plan).tolist()


def random_map(seed, k=40):
    """Plan of grids in one piece that grow from random atoms of a lattice."""
    rng = np.random.default_rng(seed)
    town = lattice(12, 12)
    label = np.full(144, -1)
    label[rng.choice(144, k, replace=False)] = np.arange(k)
    pairs = town.adjacency
    while (label < 0).any():
        for u, v in rng.permutation(np.stack([pairs.u, pairs.v], 1)).tolist():
            if label[u] < 0 <= label[v]:
                label[u] = label[v]
            elif label[v] < 0 <= label[u]:
                label[v] = label[u]
    return plan_of(town, label)


@given(st.integers(0, 500))
@settings(max_examples=25, deadline=None)
def test_random_maps_need_five_colors(seed):
    """Grids in one piece, however they grew, get five colors, and neighbors differ."""
    plan = random_map(seed)
    color = colors(plan)
    a, b = touching(plan)
    assert (color[a] != color[b]).all()
    assert color.max() < COLORS


@given(st.integers(0, 500))
@settings(max_examples=25, deadline=None)
def test_colors_are_stable_under_an_edit(seed):
    """After one atom moves, at most the two grids it concerns and those beside them change their color."""
    plan = random_map(seed)
    before = dict(zip(plan.grids.code.tolist(), colors(plan).tolist(), strict=True))
    a, b = touching(plan)
    pairs = plan.territory.adjacency
    edge = int(np.flatnonzero(plan.label[pairs.u] != plan.label[pairs.v])[seed % len(a)])
    after = plan.move(np.array([pairs.u[edge]]), str(plan.grids.code[plan.label[pairs.v[edge]]]))
    color = colors(after, before)
    a, b = touching(after)
    assert (color[a] != color[b]).all()
    changed = sum(before[code] != c for code, c in zip(after.grids.code.tolist(), color.tolist(), strict=True))
    assert changed <= 4
    assert colors(plan, before).tolist() == list(before.values())
