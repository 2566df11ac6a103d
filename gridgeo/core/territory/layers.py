"""The layers of a territory that give its atoms their place: who they belong to and what cuts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridgeo.core.model import (
    Areas,
    Barriers,
    Border,
    Buildings,
    Communities,
    Flags,
    Floats,
    Gates,
    Kind,
    Objects,
    Rows,
    Small,
    Streets,
    Table,
)
from gridgeo.core.territory import columns
from gridgeo.core.territory.estimate import HOME_ERROR, spread_of
from gridgeo.core.territory.locate import is_polygon, rows_at
from gridgeo.core.territory.streets import streets_of, underground
from gridgeo.core.territory.words import barrier_border

GATE_M = 10.0
"""A gate stands this near to the wall it is in, metres."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layers:
    """Everything but the atoms: `community_kind` a Kind for each community, `spot` (b, 2) a point of each building.

    `spread` (b,): how far the households of each building may be off, four times in five; 0 for counts.
    `underground` marks streets in tunnels: people walk there, but they bound nothing above.
    """

    communities: Communities
    community_kind: Small
    compounds: Areas
    exclusive: Areas
    barriers: Barriers
    streets: Streets
    underground: Flags
    gates: Gates
    buildings: Buildings
    spot: Floats
    spread: Floats

    @property
    def surfaces(self) -> Objects:
        """Polygons nobody lives on or walks across: rivers, railway land."""
        kind = np.array([barrier_border(word) for word in self.barriers.kind.tolist()], dtype=np.int8)
        flat = is_polygon(self.barriers.geometry)
        wet: Objects = self.barriers.geometry[flat & ~self.barriers.crossable & (kind != Border.WALL)]
        return wet

    @property
    def gated(self) -> Flags:
        """Compounds known to have gates: their walls let nobody through elsewhere."""
        _, compound = shapely.STRtree(self.compounds.geometry).query_nearest(
            shapely.points(self.gates.xy), max_distance=GATE_M
        )
        gated = np.zeros(len(self.compounds), bool)
        gated[compound] = True
        return gated

    def with_communities(self, communities: Communities) -> Layers:
        """The same layers under other communities, all of them urban."""
        return replace(self, communities=communities, community_kind=np.zeros(len(communities), np.int8))

    def kind_at(self, community: Rows, exclusive: Rows) -> Small:
        """Kind of atoms by their community and exclusive land."""
        kind = np.full(len(community), Kind.URBAN, np.int8)
        inside = community >= 0
        kind[inside] = self.community_kind[community[inside]]
        kind[exclusive >= 0] = Kind.EXCLUSIVE
        return kind


def layers_of(tables: Mapping[str, Table]) -> Layers:
    """Layers from the tables of a file; a missing table has no rows."""

    def table(role: str) -> Table:
        return tables.get(role, columns.EMPTY)

    compounds = columns.areas_of(table("compounds"), "compound-")
    buildings = columns.buildings_of(table("buildings"), compounds)
    spot = columns.spots(buildings.geometry)
    inside = rows_at(spot, compounds.geometry)
    compound = np.where(buildings.compound >= 0, buildings.compound, inside).astype(np.int32)
    return Layers(
        communities=columns.communities_of(table("communities")),
        community_kind=columns.kinds(columns.text(table("communities"), "kind")),
        compounds=compounds,
        exclusive=columns.areas_of(table("exclusive"), "exclusive-"),
        barriers=columns.barriers_of(table("barriers")),
        streets=streets_of(table("streets")),
        underground=underground(table("streets")),
        gates=columns.gates_of(table("gates")),
        buildings=replace(buildings, compound=compound),
        spot=spot,
        spread=np.where(buildings.estimated, spread_of(buildings.households, _errors(table("buildings"))), 0.0),
    )


def _errors(buildings: Table) -> Floats:
    """Relative error of the estimate of each building."""
    return columns.number(buildings, "error", HOME_ERROR)
