"""The collections: which features there are, and what each says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.describe import colors
from gridgeo.core.model import Border, Columns, Floats, Kind, Objects, Table, geometries
from gridgeo.web.encode import Column, Features
from gridgeo.web.site import State

TILED = (
    "territories", "communities", "grids", "atoms", "streets", "buildings", "compounds", "exclusive", "barriers",
    "places", "stations", "emergency_units", "responders", "routes",
)  # fmt: skip
"""Collections offered as vector tiles."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One collection: its id, what it is called, how its features are made, and whether there are any."""

    id: str
    title: str
    text: str
    build: Callable[[State], Features]
    filled: Callable[[State], bool]

    @property
    def drawn(self) -> bool:
        """Whether it is offered as tiles."""
        return self.id in TILED


def _features(state: State, codes: Any, geometry: Objects | None, columns: dict[str, Any]) -> Features:
    """Features from columns, each a `Column` or what makes one."""
    made = {name: given if isinstance(given, Column) else Column(given) for name, given in columns.items()}
    return Features(list(codes), made, geometry, state.globe)


def _rows(state: State, table: Any, names: str, **more: Any) -> Features:
    """Features of a table of the territory: its code, the columns named, and those worked out."""
    plain = {name: getattr(table, name) for name in ("code", *names.split())}
    return _features(state, table.code, _shape(table), plain | more)


def _shape(table: Any) -> Objects:
    return table.geometry if hasattr(table, "geometry") else _points(table.xy)


def _points(xy: Floats) -> Objects:
    return geometries(shapely.points(xy)) if len(xy) else geometries([])


def _codes(rows: NDArray[Any], table: Columns) -> Column:
    """Codes that row numbers point at, null for -1."""
    values = np.full(len(rows), "", object)
    values[rows >= 0] = table.code[rows[rows >= 0]]
    return Column(values, known=rows >= 0)


def _inside(state: State, geometry: Objects) -> Column:
    """A point inside each area, for its label: the centroid where that lies inside."""
    center = shapely.centroid(geometry)
    away = ~shapely.contains_properly(geometry, center)
    center[away] = shapely.point_on_surface(geometry[away])
    return Column(state.globe.lonlat(shapely.get_coordinates(center)).tolist(), kind="array")


def _counts(count: NDArray[Any], known: NDArray[Any]) -> Column:
    """Counts with null where nothing is known: null is not zero."""
    return Column(count, known=known)


def _names(kinds: type[IntEnum], values: NDArray[Any]) -> Objects:
    """Members of an enumeration in words."""
    words = np.array([""] * (max(kinds) + 1), object)
    for member in kinds:
        words[member] = member.name.lower()
    named: Objects = words[values]
    return named


def _territories(state: State) -> Features:
    land = state.territory
    columns = {
        "code": ["territory"],
        "name": [land.name],
        "crs": [land.crs],
        "households": np.array([land.households]),
        "atoms": np.array([len(land.atoms)]),
        "communities": np.array([len(land.communities)]),
        "area_m2": np.array([round(float(land.boundary.area), 2)]),
    }
    return _features(state, ["territory"], geometries([land.boundary]), columns)


def _communities(state: State) -> Features:
    table = state.territory.communities
    return _rows(state, table, "name subdistrict county", point=_inside(state, table.geometry))


def _grids(state: State) -> Features:
    if state.drawn is None:
        return _features(state, [], None, {})
    plan = state.drawn
    columns = {
        "code": plan.grids.code,
        "name": plan.grids.name,
        "kind": _names(Kind, plan.grids.kind),
        "community": _codes(plan.grids.community, plan.territory.communities),
        "households": plan.households,
        "buildings": plan.buildings,
        "area_m2": np.round(plan.area_m2, 2),
        "perimeter_m": np.round(plan.perimeter_m, 2),
        "compactness": np.round(plan.compactness, 4),
        "in_band": plan.in_band,
        "color": np.asarray(colors(plan)),
        "point": _inside(state, plan.geometry),
    }
    return _features(state, plan.grids.code, plan.geometry, columns)


def _atoms(state: State) -> Features:
    land, atoms, plan = state.territory, state.territory.atoms, state.drawn
    columns = {
        "code": atoms.code,
        "households": _counts(atoms.households, atoms.known),
        "estimated": atoms.estimated,
        "kind": _names(Kind, atoms.kind),
        "community": _codes(atoms.community, land.communities),
        "compound": _codes(atoms.compound, land.compounds),
        "exclusive": _codes(atoms.exclusive, land.exclusive),
        "buildings": atoms.buildings,
        "barrier": atoms.barrier,
        "grid": [None] * len(atoms) if plan is None else plan.grids.code[plan.label],
    }
    return _features(state, atoms.code, atoms.geometry, columns)


def _streets(state: State) -> Features:
    streets = state.territory.streets
    columns = {
        "code": streets.code,
        "name": streets.name,
        "class": streets.street_class,
        "border": _names(Border, streets.border),
        "walkable": streets.walkable,
        "sides": streets.sides,
        "width_m": streets.width_m,
    }
    return _features(state, streets.code, streets.line_geometry, columns)


def _buildings(state: State) -> Features:
    land, table = state.territory, state.territory.buildings
    columns = {
        "code": table.code,
        "households": _counts(table.households, table.known),
        "estimated": table.estimated,
        "floors": _counts(table.floors, table.floors > 0),
        "compound": _codes(table.compound, land.compounds),
    }
    return _features(state, table.code, table.geometry, columns)


def _routes(state: State) -> Features:
    return _table(state, state.routes)


def _assignments(state: State) -> Features:
    """Who stands by where, each as the straight line from the responder to the unit."""
    table = state.assignments
    if table is None:
        return _features(state, [], None, {})
    land = state.territory
    ends = zip(table.columns["unit"].tolist(), table.columns["responder"].tolist(), strict=True)
    units, posts = land.emergency_units, land.responders
    lines = [shapely.LineString([posts.xy[posts.row(who)], units.xy[units.row(unit)]]) for unit, who in ends]
    return _table(state, Table(columns=table.columns, geometry=geometries(lines)))


def _faults(state: State) -> Features:
    """Findings of the proof as features; none where no plan is published."""
    found = () if state.drawn is None else state.report.findings
    columns = {
        "id": [finding.id for finding in found],
        "kind": [finding.kind for finding in found],
        "grids": Column([list(finding.grids) for finding in found], kind="array"),
        "area_m2": np.array([finding.area_m2 for finding in found], float),
        "width_m": np.array([finding.width_m for finding in found], float),
        "households": Column([finding.households for finding in found], kind="integer"),
    }
    return _features(state, columns["id"], geometries([finding.geometry for finding in found]), columns)


def _table(state: State, table: Table | None) -> Features:
    """Features straight from a kept table, coded by its code column or by row."""
    if table is None:
        return _features(state, [], None, {})
    kept = dict(table.columns)
    codes = kept["code"].tolist() if "code" in kept else [str(i + 1) for i in range(len(table))]
    return _features(state, codes, table.geometry, kept)


def _has(name: str) -> Callable[[State], bool]:
    """Whether a table of the territory has rows."""
    return lambda state: len(getattr(state.territory, name)) > 0


def _layer(id: str, title: str, text: str, build: Callable[[State], Features], filled: Any = None) -> Layer:
    return Layer(id=id, title=title, text=text, build=build, filled=filled or _has(id))


def _listed(id: str, title: str, text: str, names: str) -> Layer:
    """A collection that is a table of the territory, told as it is."""
    return _layer(id, title, text, lambda state: _rows(state, getattr(state.territory, id), names))


LAYERS = {
    layer.id: layer
    for layer in (
        _layer("territories", "Territory", "The area that is divided.", _territories, lambda state: True),
        _layer("communities", "Communities", "Communities (社区) of the territory.", _communities),
        _layer("grids", "Grids", "Grids (网格) of the published plan.", _grids, lambda state: state.drawn is not None),
        _layer("atoms", "Atoms", "Indivisible pieces with their grid.", _atoms),
        _layer("streets", "Streets", "Street segments.", _streets, lambda state: len(state.territory.streets.code) > 0),
        _layer("buildings", "Buildings", "Buildings with counts of households.", _buildings),
        _listed("compounds", "Compounds", "Walled compounds (小区).", "name"),
        _listed("exclusive", "Exclusive land", "Parks and the like (专属网格).", "name"),
        _listed("barriers", "Barriers", "Rivers, railways, motorways and walls.", "kind crossable"),
        _listed("places", "Places", "Places an officer calls at.", "name kind service_s opens closes visits_per_day"),
        _listed("stations", "Stations", "Grid stations (网格站).", "grid"),
        _listed(
            "emergency_units",
            "Emergency units",
            "Smallest emergency units (最小应急单元).",
            "name kind need max_walk_s",
        ),
        _listed("responders", "Responders", "Posts that answer alarms (应急力量).", "capacity can_lead on_duty"),
        _layer("routes", "Routes", "Patrol routes through the grids.", _routes, lambda state: state.routes is not None),
        _layer(
            "assignments",
            "Assignments",
            "Who stands by at which unit.",
            _assignments,
            lambda state: state.assignments is not None,
        ),
        _layer(
            "faults",
            "Faults",
            "Findings of the coverage proof.",
            _faults,
            lambda state: state.proven and bool(state.report.findings),
        ),
    )
}
