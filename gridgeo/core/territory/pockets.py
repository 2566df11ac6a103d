"""Inhabited pockets the map shows no way out of: shut in by barriers, with people no grid fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Adjacency, Atoms, Border, Flags, Ints, Notice
from gridgeo.core.territory.params import AtomParams


def with_pockets_joined(adjacency: Adjacency, atoms: Atoms, params: AtomParams) -> tuple[Adjacency, tuple[Notice, ...]]:
    """Adjacency where every inhabited pocket on land has a way to a neighbor, and what was assumed for that.

    A pocket is a set of linked atoms with households, none of them above `params.band_high`, that no whole number of
    grids of `band_low` to `band_high` can hold. People get out somehow, so the streets must be incomplete: a link is
    assumed across the mildest class of border, the longest first, starting with the smallest pocket. A pocket that
    touches no other land stays and is listed. O(p (n + m)) for p pockets.
    """
    link = adjacency.link.copy()
    notices: list[Notice] = []
    shut: set[int] = set()
    while True:
        part = components(len(atoms), adjacency.u[link], adjacency.v[link])
        pocket = _smallest_pocket(part, atoms, params, shut)
        if pocket is None:
            break
        inside = part == pocket
        row = _way_out(adjacency, atoms, inside, link, params)
        first = int(np.flatnonzero(inside)[0])
        shut |= {first} if row is None else set()
        link[[] if row is None else row] = True
        notices.append(_told(adjacency, atoms, inside, row))
    return replace(adjacency, link=link), tuple(notices)


def _smallest_pocket(part: Ints, atoms: Atoms, params: AtomParams, shut: set[int]) -> int | None:
    """Number of the linked part with the fewest households that is a pocket, None when there is none."""
    households = np.bincount(part, weights=atoms.households)
    giant = np.bincount(part, weights=atoms.households > params.band_high) > 0
    unfit = np.ceil(households / params.band_high) > np.floor(households / params.band_low)
    unfit &= ~giant
    unfit[part[sorted(shut)]] = False
    if not unfit.any() or len(households) == 1:
        return None
    return int(np.argmin(np.where(unfit, households, np.inf)))


def _way_out(adjacency: Adjacency, atoms: Atoms, inside: Flags, link: Flags, params: AtomParams) -> int | None:
    """Row to open: from the pocket to other land, of the mildest class, then the longest."""
    leaves = inside[adjacency.u] != inside[adjacency.v]
    land = ~(atoms.barrier[adjacency.u] | atoms.barrier[adjacency.v])
    rows = np.flatnonzero(leaves & land & ~link & (adjacency.length_m >= params.min_contact_m))
    if not len(rows):
        return None
    order = np.lexsort((rows, -adjacency.length_m[rows], adjacency.border[rows]))
    return int(rows[order[0]])


def _told(adjacency: Adjacency, atoms: Atoms, inside: Flags, row: int | None) -> Notice:
    rows = np.flatnonzero(inside)
    where, total = str(atoms.code[rows[0]]), int(atoms.households[rows].sum())
    if row is None:
        return Notice(kind="pocket-shut", where=where, households=total, facts={"atoms": len(rows)})
    border = Border(int(adjacency.border[row])).name.lower()
    facts: dict[str, str | int | float] = {"atoms": len(rows), "border": border}
    return Notice(kind="pocket-joined", where=where, households=total, facts=facts)
