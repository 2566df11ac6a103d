"""Pairs of atoms a street joins over a barrier they do not touch across."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.model import Adjacency, Atoms, Border, Rows, Streets, geometries

BANK_M = 0.5
"""Atoms this near to where a bridge meets the bank are the ones it joins, metres."""


def with_bridges(adjacency: Adjacency, atoms: Atoms, streets: Streets) -> Adjacency:
    """Adjacency where nobody walks onto barrier atoms, with BRIDGE rows for walkable streets that lead over them.

    Examples
    --------
    See `gridgeo.core.territory.build.build_territory`.
    """
    if not atoms.barrier.any():
        return adjacency
    u, v = bridged_pairs(atoms, streets)
    land = ~(atoms.barrier[adjacency.u] | atoms.barrier[adjacency.v])
    more = len(u)
    row = np.lexsort(
        (
            np.concatenate([adjacency.border, np.full(more, Border.BRIDGE, np.int8)]),
            np.concatenate([adjacency.v, v]),
            np.concatenate([adjacency.u, u]),
        )
    )
    return Adjacency(
        u=np.concatenate([adjacency.u, u])[row],
        v=np.concatenate([adjacency.v, v])[row],
        length_m=np.concatenate([adjacency.length_m, np.zeros(more)])[row],
        border=np.concatenate([adjacency.border, np.full(more, Border.BRIDGE, np.int8)])[row],
        link=np.concatenate([adjacency.link & land, np.ones(more, bool)])[row],
    )


def bridged_pairs(atoms: Atoms, streets: Streets) -> tuple[Rows, Rows]:
    """Pairs u < v of land atoms at both ends of each stretch of walkable street over barrier atoms."""
    water = shapely.union_all(atoms.geometry[atoms.barrier])
    walk = geometries(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(streets.geometry.tolist()))))
    over = geometries(shapely.get_parts(shapely.line_merge(shapely.intersection(walk, water))))
    over = over[shapely.get_type_id(over) == shapely.GeometryType.LINESTRING]
    land = np.flatnonzero(~atoms.barrier)
    tree = shapely.STRtree(atoms.geometry[land])
    ends = [tree.query(shapely.get_point(over, at), predicate="dwithin", distance=BANK_M) for at in (0, -1)]
    pairs = [
        np.stack(np.meshgrid(land[ends[0][1][ends[0][0] == k]], land[ends[1][1][ends[1][0] == k]]), axis=-1)
        for k in range(len(over))
    ]
    both = np.concatenate([np.zeros((0, 2), np.int64), *(pair.reshape(-1, 2) for pair in pairs)])
    both = np.unique(np.sort(both[both[:, 0] != both[:, 1]], axis=1), axis=0)
    return both[:, 0].astype(np.int32), both[:, 1].astype(np.int32)
