from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
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
def test_six_colors_suffice(size):
    """A map of grids in one piece needs no seventh color."""
    plan = plan_of(lattice(size, size), np.arange(size * size))
    assert colors(plan).max() < COLORS


def test_colors_are_about_even():
    """On a large map all six colors appear about equally often."""
    plan = plan_of(lattice(20, 20), np.arange(400))
    used = np.bincount(colors(plan), minlength=COLORS)
    assert used.min() > 0.5 * used.max()


def test_same_plan_same_colors():
    """The colors depend on the plan alone."""
    plan = plan_of(lattice(9, 9), np.arange(81))
    assert colors(plan).tolist() == colors(plan).tolist()
