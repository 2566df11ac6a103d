"""What stands in a territory: communities, compounds, buildings, places, stations, units, responders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridgeo.core.model.columns import Columns, Flags, Floats, Ints, Objects, Rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Areas(Columns):
    """Named polygons: communities, compounds, exclusive land."""

    name: Objects
    geometry: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class Communities(Areas):
    """Communities (社区) with the levels above them."""

    subdistrict: Objects
    county: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class Barriers(Columns):
    """Lines or polygons nobody walks across; `kind` is river, railway, motorway or wall."""

    kind: Objects
    crossable: Flags
    geometry: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class Buildings(Columns):
    """Buildings with counts of households.

    `households` (n,) is 0 where `known` is False; `estimated` marks counts that were estimated;
    `compound` is a row of the territory's compounds.
    """

    geometry: Objects
    households: Ints
    known: Flags
    estimated: Flags
    floors: Ints
    compound: Rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Places(Columns):
    """Places an officer calls at.

    `xy` (n, 2) metres; `service_s` seconds of a call; `opens`, `closes` seconds of the day; `visits_per_day` >= 0.
    `round` is the round a call must be in: "morning", "afternoon", its number from "1", "" for any. It is
    None where no place is bound to a round.
    """

    name: Objects
    kind: Objects
    xy: Floats
    service_s: Ints
    opens: Ints
    closes: Ints
    visits_per_day: Floats
    round: Objects | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Stations(Columns):
    """Grid stations (网格站): `xy` (n, 2) metres; `grid` the code of the grid served, or empty."""

    xy: Floats
    grid: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class Gates(Columns):
    """Gates of compounds and walls.

    `xy` (n, 2) metres; `passable`: the public may walk through; `opens`, `closes` seconds of the day.
    """

    xy: Floats
    passable: Flags
    opens: Ints
    closes: Ints


NO_GATES = Gates(
    code=np.zeros(0, object),
    xy=np.zeros((0, 2)),
    passable=np.zeros(0, bool),
    opens=np.zeros(0, np.int64),
    closes=np.zeros(0, np.int64),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class EmergencyUnits(Columns):
    """Crowded places that keep a team.

    `need` members wanted beside the lead (0 = the default); `max_walk_s` limit in seconds (0 = the default).
    """

    name: Objects
    kind: Objects
    xy: Floats
    need: Ints
    max_walk_s: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Responders(Columns):
    """Posts that answer alarms: `capacity` teams each may join (0 = the default), `can_lead`, `on_duty`."""

    xy: Floats
    capacity: Ints
    can_lead: Flags
    on_duty: Flags
