"""Atoms made from streets, barriers, borders and buildings: blocks, split between buildings where they must be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Atoms, Border, Flags, Notice, Objects, texts
from gridgeo.core.territory.belonging import Place, by_place, place_of
from gridgeo.core.territory.columns import spots
from gridgeo.core.territory.cut import Cut, counts_of_buildings, listed
from gridgeo.core.territory.faces import faces_inside
from gridgeo.core.territory.ground import lines_of
from gridgeo.core.territory.layers import Layers
from gridgeo.core.territory.locate import rows_at
from gridgeo.core.territory.merge import dissolve, faces_to_merge, merge_faces
from gridgeo.core.territory.params import AtomParams
from gridgeo.core.territory.settle import settled
from gridgeo.core.territory.split import cuts_between_buildings
from gridgeo.core.territory.verges import lines_across_verges, owners

BAND_M = 200.0
"""Height of the bands atoms are numbered in, metres."""


def made_atoms(layers: Layers, boundary: Any, params: AtomParams) -> Cut:
    """Atoms from the layers: an exact coverage of the boundary that keeps every building's households.

    Streets, barriers, community lines, compound walls and the outlines of exclusive land cut the boundary into
    blocks. Blocks above `params.max_households` are cut along their paths, then between their buildings. All cuts are
    noded together, so that neighbors share every vertex; verges, slivers, islands and crumbs are merged after that.

    Raises
    ------
    InputError
        The lines cannot be noded.
    """
    lines = _lines(layers)
    blocks = faces_inside(lines, boundary)
    layers, afloat = settled(blocks, layers)
    cuts = cuts_between_buildings(blocks, layers, params)
    lines = np.concatenate([lines, cuts.lines])
    faces = faces_inside(lines, boundary) if len(cuts.lines) else blocks
    across = lines_across_verges(faces, layers, params)
    faces = faces_inside(np.concatenate([lines, across]), boundary) if len(across) else faces
    shapes, place = _merged(faces, blocks, cuts.split, layers, params)
    cut = _ordered(shapes, place, layers, params)
    return replace(cut, notices=(*cut.notices, *afloat))


def _lines(layers: Layers) -> Objects:
    """What bounds blocks: streets above ground but no paths, barriers, outlines of all areas."""
    streets = layers.streets.line_geometry[(layers.streets.border != Border.PATH) & ~layers.underground]
    areas = [layers.communities.geometry, layers.compounds.geometry, layers.exclusive.geometry]
    return np.concatenate([lines_of(shape)[0] for shape in (streets, layers.barriers.geometry, *areas)])


def _merged(faces: Objects, blocks: Objects, split: Flags, layers: Layers, params: AtomParams) -> tuple[Objects, Place]:
    """Faces with verges, slivers, islands and crumbs given to their neighbors, and where what is left lies."""
    whole, owner = dissolve(faces, owners(faces, layers, params))
    place = place_of(faces, layers).take(owner)
    block = rows_at(spots(faces), blocks).astype(np.int64)[owner]
    counts = counts_of_buildings(len(whole), layers, rows_at(layers.spot, whole))
    merging = faces_to_merge(
        whole,
        households=counts.households,
        buildings=counts.buildings,
        zone=place.zone,
        community=place.community,
        block=block,
        split=np.append(split, False)[block],
        land=place.water < 0,
    )
    shapes, lead = dissolve(whole, merge_faces(merging, params))
    return shapes, place.take(lead)


def _ordered(shapes: Objects, place: Place, layers: Layers, params: AtomParams) -> Cut:
    """Atoms in reading order (community by community, north to south in bands, west to east) with their counts."""
    centroid = shapely.get_coordinates(shapely.centroid(shapes))
    band = np.floor((centroid[:, 1].max() - centroid[:, 1]) / BAND_M)
    order = np.lexsort((centroid[:, 0], band, place.community))
    shapes, place = shapes[order], place.take(order)
    counts = counts_of_buildings(len(shapes), layers, rows_at(layers.spot, shapes))
    belonging = by_place(shapes, place, layers, counts.households)
    wide = len(str(len(shapes)))
    atoms = Atoms(
        code=texts([f"A{i:0{wide}d}" for i in range(1, len(shapes) + 1)]),
        geometry=shapes,
        households=counts.households,
        known=counts.known,
        estimated=counts.estimated,
        kind=layers.kind_at(belonging.community, belonging.exclusive),
        community=belonging.community,
        compound=belonging.compound,
        exclusive=belonging.exclusive,
        buildings=counts.buildings,
        barrier=place.water >= 0,
        spread=counts.spread,
    )
    return Cut(
        atoms=atoms,
        boundary=shapely.coverage_union_all(shapes),
        communities=belonging.communities,
        notices=(*counts.notices, *_piled(layers, params), *belonging.notices),
    )


def _piled(layers: Layers, params: AtomParams) -> list[Notice]:
    """Points where several buildings lie on each other and together hold more than an atom should."""
    if not len(layers.spot):
        return []
    _, at = np.unique(layers.spot, axis=0, return_inverse=True)
    at = at.ravel()
    total = np.bincount(at, weights=layers.buildings.households)
    many = (np.bincount(at) > 1) & (total > params.max_households)
    rows = np.flatnonzero(many[at])
    if not len(rows):
        return []
    facts = {"buildings": len(rows), "points": int(many.sum())}
    where = listed(layers.buildings.code[rows])
    return [Notice(kind="buildings-at-one-point", where=where, households=int(total[many].sum()), facts=facts)]
