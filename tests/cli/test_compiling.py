"""Compiling is told when it happens, and only then."""

from __future__ import annotations

import subprocess
import sys

from gridgeo.cli.compiling import told_of_compiling
from tests.cli.terminal import ROOT

KERNEL = """
import sys
from gridgeo.cli.compiling import told_of_compiling
with told_of_compiling(lambda: print('compiling')):
    assert 'numba' not in sys.modules
    from numba import njit
    print('loaded')
    njit(lambda x: x + 1)(1)
    njit(lambda x: x + 2)(1)
"""


def test_it_is_told_once_and_numba_is_not_loaded_for_it():
    """The first kernel compiled in the block is told, the next is not, though numba was loaded within the block."""
    ended = subprocess.run([sys.executable, "-c", KERNEL], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stdout.split() == ["loaded", "compiling"]


def test_outside_of_the_block_nothing_is_told():
    """Kernels compiled before or after the block, and those compiled already, are silent."""
    from numba import njit

    told: list[int] = []
    kernel = njit(lambda x: x + 3)
    kernel(1)
    before = list(sys.meta_path)
    with told_of_compiling(lambda: told.append(1)):
        kernel(2)
    kernel(2.5)
    assert (told, sys.meta_path) == ([], before)
