"""Findings that break no coverage but a rule of grids: in one piece, in band, in one community."""

from __future__ import annotations

import numpy as np
import shapely

from gridgeo.core.coverage.findings import Finding
from gridgeo.core.coverage.name import Namer
from gridgeo.core.model import Flags, Floats, Ints, Objects


def detached(namer: Namer) -> list[Finding]:
    """Every part of a grid but its largest: parts that meet only in a point, or not at all."""
    out = []
    polygons = namer.layer.polygons
    sound = ~namer.layer.out[:-1] & ~namer.layer.forced[:-1]
    for row in np.flatnonzero((shapely.get_num_geometries(polygons) > 1) & sound).tolist():
        parts = shapely.get_parts(polygons[row])
        parts = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
        largest = int(np.argmax(shapely.area(parts))) if len(parts) else 0
        for part in np.delete(parts, largest).tolist():
            shared = {row: float(shapely.length(part) * max(namer.params.unit_m))}
            inside = namer.inside(np.array([part], dtype=object))[0]
            out.append(namer.finding("detached-part", shared, part, width=namer.width(part), households=inside))
    return out


def out_of_band(namer: Namer, households: Ints, sized: Flags) -> list[Finding]:
    """Grids below or above the size band; `sized` (n,) marks those it binds."""
    if namer.params.band is None:
        return []
    low, high = namer.params.band
    out = []
    for row in np.flatnonzero(sized & ((households < low) | (households > high))).tolist():
        shape = namer.layer.polygons[row]
        if namer.layer.out[row]:
            continue
        kind = "under-size" if households[row] < low else "over-size"
        out.append(namer.finding(kind, {row: 0.0}, shape, width=0.0, households=int(households[row])))
    return out


def crossing_borders(namer: Namer, communities: Objects) -> list[Finding]:
    """Grids with more than the allowed share of their area outside the community that holds most of them."""
    layer = namer.layer
    rows = np.flatnonzero(~layer.out[:-1] & ~layer.forced[:-1])
    sound = np.flatnonzero(shapely.is_valid(communities))
    at, there = shapely.STRtree(communities[sound]).query(layer.polygons[rows], predicate="intersects")
    row, community = rows[at], sound[there]
    piece = shapely.intersection(layer.polygons[row], communities[community])
    share = shapely.area(piece) / shapely.area(layer.polygons[row])
    out = []
    for grid in np.unique(row[share > namer.params.border_share]).tolist():
        mine = np.flatnonzero((row == grid) & (share > namer.params.border_share))
        if len(mine) > 1:
            away = np.delete(mine, int(np.argmax(share[mine])))
            out.append(_crosses(namer, grid, piece[away]))
    return out


def _crosses(namer: Namer, grid: int, pieces: Objects) -> Finding:
    shape = shapely.union_all(pieces)
    inside = namer.inside(np.array([shape], dtype=object))[0]
    return namer.finding("crosses-border", {grid: 0.0}, shape, households=inside)


def atoms_over_borders(
    namer: Namer, label: Ints, community: Ints, shape: Objects, area: Floats, households: Ints
) -> list[Finding]:
    """Grids whose atoms lie in several communities: the atoms outside the one that holds most households."""
    out = []
    pairs, inverse = np.unique(np.stack([label, community], axis=1), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    people = np.bincount(inverse, households, minlength=len(pairs))
    ground = np.bincount(inverse, area, minlength=len(pairs))
    for grid in np.flatnonzero(np.bincount(pairs[pairs[:, 1] >= 0, 0], minlength=namer.layer.n) > 1).tolist():
        mine = np.flatnonzero((pairs[:, 0] == grid) & (pairs[:, 1] >= 0))
        home = mine[np.lexsort((-ground[mine], -people[mine]))[0]]
        away = np.isin(inverse, np.setdiff1d(mine, [home]))
        moved = shapely.coverage_union_all(shape[away])
        out.append(namer.finding("crosses-border", {grid: 0.0}, moved, households=int(households[away].sum())))
    return out
