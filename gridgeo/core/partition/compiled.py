"""How the kernels of drawing are compiled: cached, and without a Python wrapper where only kernels call them."""

from __future__ import annotations

from typing import Any

from numba import njit

compile_with: Any = njit

kernel = compile_with(cache=True, error_model="numpy")
inner = compile_with(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions only other kernels call: unpacking tables of arrays from Python is most of the compile time."""
