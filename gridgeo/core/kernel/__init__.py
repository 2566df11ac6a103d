"""Kernels: arrays in, arrays out; they know no grids or officers."""
