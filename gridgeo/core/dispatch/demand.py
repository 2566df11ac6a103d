"""Who is to be reached, and from where: service points, homes and places of a territory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.model import Flags, Floats, Ints, Objects, Territory
from gridgeo.errors import InputError


@dataclass(frozen=True, eq=False)
class Demand:
    """Homes or places to be reached: `code`, `xy` (n, 2) metres, `households` (n,) counted there."""

    code: Objects
    xy: Floats
    households: Ints

    def __len__(self) -> int:
        return len(self.code)

    def take(self, rows: Ints) -> Demand:
        """The chosen rows."""
        return Demand(self.code[rows], self.xy[rows], self.households[rows])


def service_points(territory: Territory, service: str) -> Floats:
    """Points (n, 2) that a service is walked from: a layer, or "places:KIND".

    Raises
    ------
    InputError
        No place is of the kind.
    """
    layer, _, kind = service.partition(":")
    if layer == "stations":
        return territory.stations.xy
    if layer == "emergency_units":
        return territory.emergency_units.xy
    if layer == "responders":
        return territory.responders.xy[territory.responders.on_duty]
    return territory.places.xy[_of_kind(territory, kind)]


def site_xy(territory: Territory, code: str) -> tuple[float, float] | None:
    """Where the unit, place or station of a code stands (the first of these that has it), None for no such site.

    >>> from tests.core.dispatch.cases import responders_at, staffed, units_at
    >>> from tests.instances import ORIGIN
    >>> town = staffed(units_at([[10, 20]]), responders_at([]))
    >>> site_xy(town, "u0") == tuple(ORIGIN + [10, 20]), site_xy(town, "nothing")
    (True, None)
    """
    for table in (territory.emergency_units, territory.places, territory.stations):
        rows = np.flatnonzero(table.code == code)
        if len(rows):
            x, y = table.xy[rows[0]].tolist()
            return x, y
    return None


def homes(territory: Territory) -> Demand:
    """Households at their buildings where most of them are counted there, else at a point inside their atoms."""
    buildings, atoms = territory.buildings, territory.atoms
    if buildings.households.sum() > 0 and 2 * buildings.households.sum() >= atoms.households.sum():
        rows = np.flatnonzero(buildings.households > 0)
        shape, layer = shapely.centroid(buildings.geometry[rows]), buildings
        return Demand(layer.code[rows], shapely.get_coordinates(shape), layer.households[rows])
    rows = np.flatnonzero(atoms.households > 0)
    inside = shapely.get_coordinates(shapely.point_on_surface(atoms.geometry[rows]))
    return Demand(atoms.code[rows], inside, atoms.households[rows])


def places(territory: Territory, service: str) -> Demand:
    """Places to be reached: all but those that give the service themselves."""
    layer, _, kind = service.partition(":")
    serving = _of_kind(territory, kind) if layer == "places" else np.zeros(len(territory.places), bool)
    table = territory.places.take(np.flatnonzero(~serving))
    return Demand(table.code, table.xy, np.zeros(len(table), np.int64))


def _of_kind(territory: Territory, kind: str) -> Flags:
    """Which places are of a kind, all where none is named.

    Raises
    ------
    InputError
        No place is of this kind.
    """
    if not kind:
        return np.ones(len(territory.places), bool)
    found = np.asarray(territory.places.kind == kind, bool)
    if not found.any():
        known = sorted({str(one) for one in territory.places.kind if one})
        hint = f"the kinds are {', '.join(known)}" if known else "the places have no kinds"
        raise InputError(f"no place is of kind {kind!r}", where="service", hint=hint)
    return found
