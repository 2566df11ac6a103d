"""Large land without households: proposed as exclusive land, or carved where that strands nobody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Kind, Notice, Plan
from gridgeo.core.partition.units import Ground

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

HECTARE = 10_000.0


def empty_pieces(
    empty: Flags, community: Numbers, area_m2: NDArray[np.float64], u: Numbers, v: Numbers, ha: float
) -> list[Numbers]:
    """Pieces of `empty` land, each in one community, joined by the edges `u`, `v`, of at least `ha` hectares.

    The largest comes first.

    Examples
    --------
    >>> empty, line = np.array([True, True, False, True]), np.arange(3)
    >>> pieces = empty_pieces(empty, np.zeros(4, np.int64), np.full(4, 10_000.0), line, line + 1, 2)
    >>> [piece.tolist() for piece in pieces]
    [[0, 1]]
    """
    kept = empty[u] & empty[v] & (community[u] == community[v])
    part = components(len(empty), u[kept], v[kept])
    total = np.bincount(part[empty], area_m2[empty], len(empty))
    large = np.flatnonzero((total > 0) & (total >= ha * HECTARE))
    return [np.flatnonzero(empty & (part == p)) for p in large[np.argsort(-total[large], kind="stable")]]


def carved_pieces(ground: Ground, free: Flags, ha: float, nest: bool) -> tuple[list[Numbers], list[Numbers]]:
    """Units to carve, piece by piece, and the pieces that stay because others walk through them.

    A piece that parts inhabited land is tried again without its rim, the units beside inhabited ones: the rim stays
    with the neighbors and keeps them together. `free` (units,) tells the units not settled yet.
    """
    left, touching = free.copy(), ground.touch_m > 0
    area, parts = ground.moments[:, 0], inhabited_parts(ground, free, nest)
    carved, kept = [], []
    empty = free & (ground.households == 0) & ~ground.uncounted
    for piece in empty_pieces(empty, ground.community, area, ground.u[touching], ground.v[touching], ha):
        for attempt in (piece, *without_rim(ground, piece, ha)):
            trial = left.copy()
            trial[attempt] = False
            if inhabited_parts(ground, trial, nest) == parts:
                left = trial
                carved.append(attempt)
        if left[piece].all():
            kept.append(piece)
    # the whole piece comes before its parts, which are then gone
    return distinct(carved), kept


def distinct(pieces: list[Numbers]) -> list[Numbers]:
    """The pieces less what an earlier one took; emptied ones are dropped."""
    taken: set[int] = set()
    out = []
    for piece in pieces:
        new = np.array([row for row in piece.tolist() if row not in taken], np.int64)
        taken |= set(new.tolist())
        if len(new):
            out.append(new)
    return out


def without_rim(ground: Ground, piece: Numbers, ha: float) -> list[Numbers]:
    """Connected inner parts of a piece, of at least `ha` hectares: what touches no inhabited unit."""
    lived = ground.households > 0
    rim = np.zeros(len(ground), bool)
    rim[ground.u[lived[ground.v]]] = True
    rim[ground.v[lived[ground.u]]] = True
    inner = np.zeros(len(ground), bool)
    inner[piece] = True
    inner &= ~rim
    touching = ground.touch_m > 0
    return empty_pieces(
        inner, ground.community, ground.moments[:, 0], ground.u[touching], ground.v[touching], ha
    )  # fmt: skip


def inhabited_parts(ground: Ground, left: Flags, nest: bool) -> tuple[int, int]:
    """Number of connected parts with households: of all land left and, where grids nest, of its communities."""
    out = []
    for bound in (np.zeros(len(ground), np.int64), ground.community if nest else np.zeros(len(ground), np.int64)):
        kept = ground.link & left[ground.u] & left[ground.v] & (bound[ground.u] == bound[ground.v])
        part = components(len(ground), ground.u[kept], ground.v[kept])
        out.append(len(np.unique(part[left & (ground.households > 0)])))
    return out[0], out[1]


def empty_notices(plan: Plan, ha: float) -> list[Notice]:
    """One notice for each piece of at least `ha` hectares without households inside a grid that has some.

    `where` is the grid; `atoms` names its atoms, for a planner to draw as exclusive land or to leave. Water and land
    of railways is no walk and is left out, and so are atoms without a count.
    """
    if not ha:
        return []
    atoms, rows = plan.territory.atoms, plan.territory.adjacency
    label, touching = plan.label.astype(np.int64), rows.length_m > 0
    inhabited = (plan.households[label] > 0) & (plan.grids.kind[label] != Kind.EXCLUSIVE)
    empty = (atoms.households == 0) & atoms.known & ~atoms.barrier & inhabited
    u, v = rows.u[touching].astype(np.int64), rows.v[touching].astype(np.int64)
    out = []
    for piece in empty_pieces(empty, label, atoms.area_m2, u, v, ha):
        grid, area = int(label[piece[0]]), float(atoms.area_m2[piece].sum())
        facts: dict[str, str | int | float] = {
            "area_ha": round(area / HECTARE, 1),
            "grid_ha": round(float(plan.area_m2[grid]) / HECTARE, 1),
            "atoms": " ".join(str(code) for code in atoms.code[piece]),
        }
        where, households = str(plan.grids.code[grid]), int(plan.households[grid])
        out.append(Notice(kind="large-empty-land", where=where, households=households, facts=facts))
    return out


def kept_notices(plan: Plan, ground: Ground, kept: list[Numbers]) -> list[Notice]:
    """One notice for each piece asked to be carved that had to stay because inhabited land hangs together by it."""
    atoms, out = plan.territory.atoms, []
    for piece in kept:
        code = str(atoms.code[ground.lead[piece[0]]])
        area = round(float(ground.moments[piece, 0].sum()) / HECTARE, 1)
        out.append(Notice(kind="empty-land-needed", where=code, facts={"area_ha": area}))
    return out
