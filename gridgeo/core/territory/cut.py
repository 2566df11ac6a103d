"""A boundary cut into atoms, and the counts its buildings give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gridgeo.core.model import Atoms, Communities, Flags, Ints, Notice, Objects, Rows
from gridgeo.core.territory.layers import Layers
from gridgeo.core.territory.locate import largest_share

MOSTLY = 0.9
"""Share of an atom without households under water from which it counts as water."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cut:
    """A boundary and its atoms: the outline of the atoms is the boundary, edge for edge."""

    atoms: Atoms
    boundary: Any  # shapely Polygon or MultiPolygon
    communities: Communities
    notices: tuple[Notice, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Counts:
    """Per atom: `households` ± `spread`, whether they are `known`, any were `estimated`; how many `buildings`."""

    households: Ints
    known: Flags
    estimated: Flags
    spread: Ints
    buildings: Ints
    notices: tuple[Notice, ...] = ()


def counts_of_buildings(n: int, layers: Layers, atom: Rows) -> Counts:
    """Counts of n atoms from their buildings; `atom` is the row of the atom each building stands in, -1 for none.

    An atom is not known when it holds buildings and none of them has a count. Buildings without a count and
    buildings outside the boundary are listed.
    """
    inside = atom >= 0
    has = layers.buildings
    counted = inside & has.known
    households = np.zeros(n, np.int64)
    np.add.at(households, atom[counted], has.households[counted])
    null = np.bincount(atom[inside & ~has.known], minlength=n)
    estimated = np.bincount(atom[counted & has.estimated & (has.households > 0)], minlength=n) > 0
    square = np.bincount(atom[counted], weights=layers.spread[counted] ** 2, minlength=n)
    known = (null == 0) | (np.bincount(atom[counted], minlength=n) > 0)
    return Counts(
        households=households,
        known=known,
        estimated=estimated,
        spread=np.ceil(np.sqrt(square)).astype(np.int64),
        buildings=np.bincount(atom[inside], minlength=n),
        notices=(
            *_null(has.code[inside & ~has.known]),
            *_outside(layers, ~inside),
            *estimates(households, estimated),
        ),
    )


def _null(code: Objects) -> list[Notice]:
    if not len(code):
        return []
    return [Notice(kind="buildings-null", where=listed(code), facts={"buildings": len(code)})]


def _outside(layers: Layers, outside: Flags) -> list[Notice]:
    if not outside.any():
        return []
    total = int(layers.buildings.households[outside].sum())
    where = listed(layers.buildings.code[outside])
    return [Notice(kind="buildings-outside", where=where, households=total, facts={"buildings": int(outside.sum())})]


def estimates(households: Ints, estimated: Flags) -> list[Notice]:
    """Says how many households rest on estimates."""
    if not estimated.any():
        return []
    total = int(households[estimated].sum())
    return [Notice(kind="households-estimated", households=total, facts={"atoms": int(estimated.sum())})]


def listed(code: Objects, most: int = 5) -> str:
    """The first codes, comma separated.

    >>> listed(np.array(["a", "b", "c"], dtype=object), most=2)
    'a, b, …'
    """
    return ", ".join(code[:most].tolist()) + (", …" if len(code) > most else "")


def mostly_water(geometry: Objects, layers: Layers, households: Ints) -> Flags:
    """Given atoms without households that lie almost wholly under water or on other barrier surface."""
    _, share = largest_share(geometry, layers.surfaces)
    water: Flags = (share > MOSTLY) & (households == 0)
    return water
