"""The area to divide: atoms, their shared borders, and what lies inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model.columns import Columns, Flags, Floats, Ints, Objects, Rows, Small
from gridgeo.core.model.sites import (
    NO_GATES,
    Areas,
    Barriers,
    Buildings,
    Communities,
    EmergencyUnits,
    Gates,
    Places,
    Responders,
    Stations,
)
from gridgeo.core.model.streets import Streets


class Kind(IntEnum):
    """Kind of a grid and of the atoms it may hold (城市/农村/专属)."""

    URBAN = 0
    RURAL = 1
    EXCLUSIVE = 2


class Border(IntEnum):
    """What a border between two atoms lies on, from the least to the most fitting grid border.

    RIVER, RAILWAY and MOTORWAY are barriers. BRIDGE marks a pair that does not touch but is joined over a barrier.
    """

    OPEN = 0
    COMMUNITY = 1
    WALL = 2
    PATH = 3
    STREET = 4
    MAIN = 5
    MOTORWAY = 6
    RAILWAY = 7
    RIVER = 8
    BRIDGE = 9


BARRIERS = (Border.MOTORWAY, Border.RAILWAY, Border.RIVER)


@dataclass(frozen=True, kw_only=True, eq=False)
class Atoms(Columns):
    """Indivisible pieces of the territory; together an exact coverage of its boundary.

    `households` (n,) is 0 where `known` is False. `estimated`: the count rests on an estimate. `kind` is a Kind.
    `community`, `compound`, `exclusive` are rows of the territory's tables, -1 for none. `buildings` counts them.
    `barrier` marks surface nobody lives on or walks across (river, railway land). `spread`: the true count lies within
    `households` ± `spread` four times in five; 0 for counts. `events_per_day` counts what is reported and attended to.
    """

    geometry: Objects
    households: Ints
    known: Flags
    estimated: Flags
    kind: Small
    community: Rows
    compound: Rows
    exclusive: Rows
    buildings: Ints
    barrier: Flags
    spread: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    events_per_day: Floats = field(default_factory=lambda: np.zeros(0, np.float64))

    def __post_init__(self) -> None:
        for name in ("spread", "events_per_day"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(len(self.code), getattr(self, name).dtype))
        super().__post_init__()

    @cached_property
    def area_m2(self) -> Floats:
        """Area of each atom, square metres."""
        return np.asarray(shapely.area(self.geometry), dtype=np.float64)

    @cached_property
    def centroid(self) -> Floats:
        """Centroid of each atom, (n, 2) metres."""
        return np.asarray(shapely.get_coordinates(shapely.centroid(self.geometry)), dtype=np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Adjacency:
    """Shared borders of atoms: one row for each pair and each class of ground its border lies on.

    `u` < `v` atom rows, sorted by (u, v, border); `length_m` metres of shared border (0 for BRIDGE rows);
    `border` a Border; `link`: one may walk from u to v across this border.
    """

    u: Rows
    v: Rows
    length_m: Floats
    border: Small
    link: Flags

    def __post_init__(self) -> None:
        for spec in fields(self):
            getattr(self, spec.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.u)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something a planner must know, as data: `kind` picks the sentence, `facts` fill it, `where` names the place."""

    kind: str
    where: str = ""
    households: int = 0
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Territory:
    """The area to divide: boundary, atoms, their shared borders, and what lies inside.

    `crs` is a projected CRS in metres, as "EPSG:n" or WKT. `notices` are the warnings of import; they stay in
    every plan drawn from it.
    """

    name: str
    crs: str
    boundary: Any  # shapely Polygon or MultiPolygon
    atoms: Atoms
    adjacency: Adjacency
    communities: Communities
    compounds: Areas
    exclusive: Areas
    barriers: Barriers
    streets: Streets
    buildings: Buildings
    places: Places
    stations: Stations
    emergency_units: EmergencyUnits
    responders: Responders
    gates: Gates = NO_GATES
    notices: tuple[Notice, ...] = ()

    @property
    def households(self) -> int:
        """Total of the known household counts."""
        return int(self.atoms.households.sum())
