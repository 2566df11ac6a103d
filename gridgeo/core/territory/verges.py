"""Verges: thin empty land between a wall and the middle of its street, or between a street and the water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Border, Flags, Floats, Ints, Objects, Rows, Small, geometries
from gridgeo.core.territory.adjacency import segments_of
from gridgeo.core.territory.belonging import Place, place_of
from gridgeo.core.territory.ground import LinedGround, crossings, sources_of
from gridgeo.core.territory.layers import Layers
from gridgeo.core.territory.locate import rows_at
from gridgeo.core.territory.params import AtomParams
from gridgeo.core.territory.split import lines_between

STEP_M = 4.0
"""Spacing of the points that stand for a border when the verge along it is divided, metres."""
BESIDE = 0.2
"""Share of its outline from which a strip lies along a barrier."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Contacts:
    """Pieces of border of strips.

    `strip` and `other` are rows of faces, `start` and `end` (m, 2) metres, `border` and `passable` the ground.
    """

    strip: Rows
    other: Rows
    start: Floats
    end: Floats
    border: Small
    passable: Flags

    @property
    def length_m(self) -> Floats:
        """Length of each piece, metres."""
        along = self.end - self.start
        return np.hypot(along[:, 0], along[:, 1])

    def take(self, rows: Ints | Flags) -> _Contacts:
        """The chosen pieces."""
        return _Contacts(
            strip=self.strip[rows],
            other=self.other[rows],
            start=self.start[rows],
            end=self.end[rows],
            border=self.border[rows],
            passable=self.passable[rows],
        )


def lines_across_verges(faces: Objects, layers: Layers, params: AtomParams) -> Objects:
    """Lines that divide the verges which lie along several faces: midway between the borders with them.

    Examples
    --------
    >>> from gridgeo.core.model import Table
    >>> from gridgeo.core.territory.layers import layers_of
    >>> walls = shapely.box([10, 50], 10, [40, 80], 40)
    >>> verge = shapely.difference(shapely.box(0, 0, 90, 50), shapely.union_all(walls))
    >>> layers = layers_of({"compounds": Table(columns={}, geometry=walls)})
    >>> lines = lines_across_verges(np.array([verge, *walls]), layers, AtomParams())
    >>> np.unique(shapely.get_coordinates(lines)[:, 0]).tolist()
    [45.0]
    """
    at = _claims(faces, layers, params)
    pair = np.unique(np.stack([at.strip, at.other], axis=1), axis=0)
    strip, owners = np.unique(pair[:, 0], return_counts=True)
    found = [_divided(faces[row], at.take(at.strip == row), params) for row in strip[owners > 1].tolist()]
    return np.concatenate([geometries([]), *found])


def _divided(face: shapely.Geometry, at: _Contacts, params: AtomParams) -> Objects:
    """Lines midway between the borders of one strip with its owners."""
    wall = shapely.linestrings(np.stack([at.start, at.end], axis=1))
    xy, row = shapely.get_coordinates(shapely.segmentize(wall, STEP_M), return_index=True)
    owner = at.other[row].astype(np.int64)
    return lines_between(shapely.points(xy), xy, owner, geometries([face]), params.footprint_step_m)


def owners(faces: Objects, layers: Layers, params: AtomParams) -> Ints:
    """The face each verge belongs to; every other face belongs to itself.

    A verge is a strip: land without buildings, compound or exclusive land, thinner than `params.verge_width_m`. It
    belongs to the compound it lies along, else to the exclusive land; a strip along a river, a railway or a motorway
    belongs to the land across its street. Owner and verge are of one community, and no barrier parts them.
    O(m log m) in the number of edges.
    """
    owner = np.arange(len(faces))
    at = _claims(faces, layers, params)
    if not len(at.strip):
        return owner
    pair, row = np.unique(np.stack([at.strip, at.other], axis=1), axis=0, return_inverse=True)
    length = np.bincount(row.ravel(), weights=at.length_m)
    strip, other = pair.T
    order = np.lexsort((other, -length, strip))
    first = order[np.unique(strip[order], return_index=True)[1]]
    owner[strip[first]] = other[first]
    return owner


def _claims(faces: Objects, layers: Layers, params: AtomParams) -> _Contacts:
    """Borders of strips with the land that may own them; of the best kind for each strip."""
    place = place_of(faces, layers)
    strip = _strips(faces, place, layers, params)
    at = _contacts(faces, strip, layers, params)
    alike = place.community[at.other] == place.community[at.strip]
    walled, apart = place.compound >= 0, place.exclusive >= 0
    land = (place.water < 0) & ~strip
    near = at.border < Border.STREET
    free = _along_barriers(at, faces)[at.strip] & (at.border < Border.MOTORWAY) & land[at.other] & ~apart[at.other]
    worth = np.where(free, np.where(walled[at.other], 1, 2), 0)
    worth = np.where(near & apart[at.other], 3, worth)
    worth = np.where(near & walled[at.other], 4, worth) * (alike & at.passable)
    best = np.zeros(len(faces), np.int64)
    np.maximum.at(best, at.strip, worth)
    return at.take((worth > 0) & (worth == best[at.strip]))


def _strips(faces: Objects, place: Place, layers: Layers, params: AtomParams) -> Flags:
    """Which faces are thin land without buildings, compound or exclusive land."""
    at = rows_at(layers.spot, faces)
    empty = np.bincount(at[at >= 0], minlength=len(faces)) == 0
    free = (place.compound < 0) & (place.exclusive < 0) & (place.water < 0)
    thin = 2 * shapely.area(faces) < params.verge_width_m * shapely.length(faces)
    strip: Flags = empty & free & thin
    return strip


def _contacts(faces: Objects, strip: Flags, layers: Layers, params: AtomParams) -> _Contacts:
    """All pieces of border between a strip and another face, seen from the strip."""
    shared = segments_of(faces)
    shared = shared.take((shared.u >= 0) & (shared.u != shared.v))
    shared = shared.take(strip[shared.u] | strip[shared.v])
    ground = LinedGround(
        sources=sources_of(layers, layers.communities),
        crossings=crossings(layers),
        near_m=params.exact_m,
        shares=(0.5,),
    )
    border, passable = ground(shared)
    both = _Contacts(
        strip=np.concatenate([shared.u, shared.v]),
        other=np.concatenate([shared.v, shared.u]),
        start=np.tile(shared.start, (2, 1)),
        end=np.tile(shared.end, (2, 1)),
        border=np.tile(border, 2),
        passable=np.tile(passable, 2),
    )
    return both.take(strip[both.strip])


def _along_barriers(at: _Contacts, faces: Objects) -> Flags:
    """Which faces are strips along a river, a railway or a motorway."""
    shut = np.bincount(at.strip, weights=at.length_m * (at.border >= Border.MOTORWAY), minlength=len(faces))
    along: Flags = shut >= BESIDE * shapely.length(faces)
    return along
