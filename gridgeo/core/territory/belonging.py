"""Which community, compound and exclusive land each atom belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Areas, Communities, Ints, Notice, Objects, Rows, geometries, texts
from gridgeo.core.territory.columns import rows_of, spots
from gridgeo.core.territory.layers import Layers
from gridgeo.core.territory.locate import largest_share, nearest, rows_at

STRADDLE = 0.01
"""Share of an atom beyond its community's border from which their borders count as disagreeing."""
OVERLAP_M2 = 1.0
"""Communities that share less than this are drawn well enough, square metres."""
SNAPPED_M2 = 1.0
"""Exclusive areas that lose or gain less than this by whole atoms are as drawn, square metres."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """Rows of the layers each shape lies in, -1 for none; `water` is a row of the surfaces nobody lives on."""

    community: Rows
    compound: Rows
    exclusive: Rows
    water: Rows

    def take(self, rows: Ints) -> Place:
        """The places of the chosen shapes."""
        return Place(
            community=self.community[rows],
            compound=self.compound[rows],
            exclusive=self.exclusive[rows],
            water=self.water[rows],
        )

    @property
    def zone(self) -> Ints:
        """A number for each combination of areas, whose outline no merge may blur."""
        rows = np.stack([self.community, self.compound, self.exclusive, self.water], axis=1)
        return np.unique(rows, axis=0, return_inverse=True)[1].ravel().astype(np.int64)


def place_of(shapes: Objects, layers: Layers) -> Place:
    """Where faces cut along the layers' own outlines lie: a point of each face decides."""
    at = spots(shapes)
    return Place(
        community=rows_at(at, layers.communities.geometry),
        compound=rows_at(at, layers.compounds.geometry),
        exclusive=rows_at(at, layers.exclusive.geometry),
        water=rows_at(at, layers.surfaces),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Belonging:
    """Rows of the layers each atom belongs to (-1 for none), the communities, and what was decided on the way."""

    communities: Communities
    community: Rows
    compound: Rows
    exclusive: Rows
    notices: tuple[Notice, ...]


def by_place(shapes: Objects, place: Place, layers: Layers, households: Ints) -> Belonging:
    """Belonging of shapes cut along the layers' own outlines: that of their place, or the nearest community."""
    community, outside = _or_nearest(place.community, shapes, layers.communities, households)
    return Belonging(
        communities=layers.communities,
        community=community,
        compound=place.compound,
        exclusive=place.exclusive,
        notices=(*_overlaps(layers.communities), *outside),
    )


def by_word(shapes: Objects, named: Objects, compound: Objects, layers: Layers, households: Ints) -> Belonging:
    """Belonging of given polygons: by the codes they name, else by the largest overlap.

    `named` and `compound` hold a code for each shape, "" for none. Codes of communities no layer holds make
    communities of their own when there is no layer, and are listed when there is one.
    """
    communities, notices = layers.communities, []
    if not len(communities) and (named != "").any():
        communities = _gathered(named, shapes)
    community = rows_of(communities.code, named)
    unknown = sorted(set(named[(named != "") & (community < 0)].tolist()))
    if unknown:
        notices.append(Notice(kind="community-unknown", where=", ".join(unknown[:5]), facts={"codes": len(unknown)}))
    open_rows = np.flatnonzero(community < 0)
    if len(open_rows) and len(communities):
        row, share = largest_share(shapes[open_rows], communities.geometry)
        notices += _disagreements(shapes[open_rows], row, share, households[open_rows], len(shapes))
        community[open_rows] = row
    community, more = _or_nearest(community, shapes, communities, households)
    walled = rows_of(layers.compounds.code, compound)
    exclusive = _mostly(shapes, layers.exclusive.geometry)
    return Belonging(
        communities=communities,
        community=community,
        compound=np.where(walled >= 0, walled, _mostly(shapes, layers.compounds.geometry)).astype(np.int32),
        exclusive=exclusive,
        notices=(*_overlaps(layers.communities), *notices, *more, *_snapped(shapes, exclusive, layers.exclusive)),
    )


def _overlaps(communities: Communities) -> list[Notice]:
    """Says when communities overlap; the lower row wins such land."""
    if not len(communities):
        return []
    shapes = communities.geometry
    double = float(shapely.area(shapes).sum() - shapely.union_all(shapes).area)
    if double < OVERLAP_M2:
        return []
    return [Notice(kind="communities-overlap", where="communities", facts={"area_m2": round(double, 1)})]


def _gathered(named: Objects, shapes: Objects) -> Communities:
    """Communities made of the atoms that name them, in order of their codes."""
    code = sorted(set(named[named != ""].tolist()))
    none = texts([""] * len(code))
    union = geometries([shapely.coverage_union_all(shapes[named == word]) for word in code])
    return Communities(code=texts(code), name=none, geometry=union, subdistrict=none.copy(), county=none.copy())


def _mostly(shapes: Objects, polygons: Objects) -> Rows:
    """Row of the polygon that holds more than half of each shape, -1 for none."""
    row, share = largest_share(shapes, polygons)
    return np.where(share > 0.5, row, -1).astype(np.int32)


def _snapped(shapes: Objects, row: Rows, exclusive: Areas) -> list[Notice]:
    """Says of each exclusive area, taken as whole atoms, how much of its land was lost and how much gained."""
    pairs = shapely.STRtree(shapes).query(exclusive.geometry, predicate="intersects")
    common = shapely.area(shapely.intersection(exclusive.geometry[pairs[0]], shapes[pairs[1]]))
    drawn = np.bincount(pairs[0], common, len(exclusive))
    kept = np.bincount(pairs[0], common * (row[pairs[1]] == pairs[0]), len(exclusive))
    taken = np.bincount(row[row >= 0], shapely.area(shapes[row >= 0]), len(exclusive))
    lost, gained = drawn - kept, taken - kept
    out = []
    for one in np.flatnonzero((lost >= SNAPPED_M2) | (gained >= SNAPPED_M2)).tolist():
        facts: dict[str, str | int | float] = {
            "drawn_m2": round(float(drawn[one])), "kept_m2": round(float(taken[one])),
            "lost_m2": round(float(lost[one])), "gained_m2": round(float(gained[one])),
        }  # fmt: skip
        out.append(Notice(kind="exclusive-snapped", where=str(exclusive.code[one]), facts=facts))
    return out


def _disagreements(
    shapes: Objects, row: Rows, share: np.ndarray[tuple[int], np.dtype[np.float64]], households: Ints, of: int
) -> list[Notice]:
    """How far the borders of atoms and communities disagree."""
    astray = (row >= 0) & (share < 1 - STRADDLE)
    if not astray.any():
        return []
    area = shapely.area(shapes[astray])
    facts: dict[str, str | int | float] = {
        "atoms": int(astray.sum()),
        "of": of,
        "area_m2": round(float((area * (1 - share[astray])).sum()), 1),
        "halved": int((share[astray] < 0.75).sum()),
    }
    return [Notice(kind="borders-disagree", where="communities", households=int(households[astray].sum()), facts=facts)]


def _or_nearest(
    community: Rows, shapes: Objects, communities: Communities, households: Ints
) -> tuple[Rows, list[Notice]]:
    """Land outside every community goes to the nearest one, and is listed."""
    outside = np.flatnonzero(community < 0)
    if not len(communities) or not len(outside):
        return community, []
    community = community.copy()
    community[outside] = nearest(shapes[outside], communities.geometry)
    facts: dict[str, str | int | float] = {
        "atoms": len(outside),
        "area_m2": round(float(shapely.area(shapes[outside]).sum()), 1),
    }
    if facts["area_m2"] == 0:
        return community, []
    total = int(households[outside].sum())
    return community, [Notice(kind="land-without-community", households=total, facts=facts)]
