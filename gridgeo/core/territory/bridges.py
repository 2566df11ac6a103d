"""Pairs of atoms a street joins over a barrier they do not touch across."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Adjacency, Atoms, Border, Ints, Objects, Rows, Streets, geometries
from gridgeo.core.territory.ground import long_walks

BANK_M = 0.5
"""Atoms this near to where a bridge meets the bank are the ones it joins, metres."""


def with_bridges(adjacency: Adjacency, atoms: Atoms, streets: Streets) -> Adjacency:
    """Adjacency where nobody walks onto barrier atoms, with BRIDGE rows for walkable streets that lead over them."""
    if not atoms.barrier.any():
        return adjacency
    land = ~(atoms.barrier[adjacency.u] | atoms.barrier[adjacency.v])
    u, v = bridged_pairs(atoms, streets)
    touching = np.isin(u.astype(np.int64) * len(atoms) + v, adjacency.u.astype(np.int64) * len(atoms) + adjacency.v)
    u, v = u[~touching], v[~touching]
    both = np.concatenate([adjacency.u, u]), np.concatenate([adjacency.v, v])
    border = np.concatenate([adjacency.border, np.full(len(u), Border.BRIDGE, np.int8)])
    row = np.lexsort((border, both[1], both[0]))
    return Adjacency(
        u=both[0][row],
        v=both[1][row],
        length_m=np.concatenate([adjacency.length_m, np.zeros(len(u))])[row],
        border=border[row],
        link=np.concatenate([adjacency.link & land, np.ones(len(u), bool)])[row],
    )


def bridged_pairs(atoms: Atoms, streets: Streets) -> tuple[Rows, Rows]:
    """Pairs u < v of land atoms at different ends of a walkable stretch over barrier atoms.

    Stretches that meet over the water are one bridge; every two of its ends are joined.
    """
    water = shapely.union_all(atoms.geometry[atoms.barrier])
    over = _lines(shapely.intersection(long_walks(streets), water))
    i, j = shapely.STRtree(over).query(over, predicate="intersects")
    bridge = components(len(over), i, j)
    land = np.flatnonzero(~atoms.barrier)
    ends = np.concatenate([shapely.get_point(over, 0), shapely.get_point(over, -1)])
    end, atom = shapely.STRtree(atoms.geometry[land]).query(ends, predicate="dwithin", distance=BANK_M)
    return _between_ends(np.tile(bridge, 2)[end], end.astype(np.int64), land[atom])


def _lines(shapes: Objects) -> Objects:
    part = shapely.get_parts(shapes)
    return geometries(part[shapely.get_type_id(part) == shapely.GeometryType.LINESTRING])


def _between_ends(bridge: Ints, end: Ints, atom: Ints) -> tuple[Rows, Rows]:
    """Pairs of atoms at different ends of the same bridge."""
    order = np.argsort(bridge, kind="stable")
    bridge, end, atom = bridge[order], end[order], atom[order]
    size = np.bincount(bridge, minlength=1)[bridge]
    start = np.searchsorted(bridge, bridge)
    first = np.repeat(np.arange(len(bridge)), size)
    shift = np.arange(len(first)) - np.repeat(np.cumsum(size) - size, size)
    second = np.repeat(start, size) + shift
    apart = (end[first] != end[second]) & (atom[first] < atom[second])
    pairs = np.unique(np.stack([atom[first[apart]], atom[second[apart]]], axis=1), axis=0)
    return pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32)
