"""The collections: which features there are, and what each says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.describe import colors
from gridgeo.core.model import Border, Columns, Floats, Kind, Objects, Table, geometries
from gridgeo.web.encode import Features
from gridgeo.web.site import State


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One collection: its id, what it is called, how its features are made, and whether there are any."""

    id: str
    title: str
    text: str
    build: Callable[[State], Features]
    filled: Callable[[State], bool]


def _features(state: State, codes: Any, columns: dict[str, Any], geometry: Objects | None) -> Features:
    """Features from columns; arrays become plain values, rows of other tables their codes."""
    plain = {name: column.tolist() if isinstance(column, np.ndarray) else column for name, column in columns.items()}
    names = list(plain)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*plain.values(), strict=True)]
    return Features(list(codes), rows, None if geometry is None else state.globe.shapes(geometry))


def _points(xy: Floats) -> Objects:
    return geometries(shapely.points(xy)) if len(xy) else geometries([])


def _codes(rows: NDArray[Any], table: Columns) -> list[str | None]:
    """Codes that row numbers point at, None for -1."""
    return [None if row < 0 else str(table.code[row]) for row in rows.tolist()]


def _inside(state: State, geometry: Objects) -> list[list[float]]:
    """A point inside each area, for its label: the centroid where that lies inside."""
    center = shapely.centroid(geometry)
    away = ~shapely.contains_properly(geometry, center)
    center[away] = shapely.point_on_surface(geometry[away])
    points: list[list[float]] = state.globe.lonlat(shapely.get_coordinates(center)).tolist()
    return points


def _counts(count: NDArray[Any], known: NDArray[Any]) -> list[int | None]:
    """Counts with null where nothing is known: null is not zero."""
    return [n if sure else None for n, sure in zip(count.tolist(), known.tolist(), strict=True)]


def _kinds(kind: NDArray[Any]) -> list[str]:
    names = [member.name.lower() for member in Kind]
    return [names[k] for k in kind.tolist()]


def _territories(state: State) -> Features:
    land = state.territory
    columns = {
        "code": ["territory"],
        "name": [land.name],
        "crs": [land.crs],
        "households": [land.households],
        "atoms": [len(land.atoms)],
        "communities": [len(land.communities)],
        "area_m2": [round(float(land.boundary.area), 2)],
    }
    return _features(state, ["territory"], columns, geometries([land.boundary]))


def _communities(state: State) -> Features:
    table = state.territory.communities
    columns = {
        "code": table.code,
        "name": table.name,
        "subdistrict": table.subdistrict,
        "county": table.county,
        "point": _inside(state, table.geometry),
    }
    return _features(state, table.code, columns, table.geometry)


def _grids(state: State) -> Features:
    if state.drawn is None:
        return Features([], [], None)
    plan = state.drawn
    columns = {
        "code": plan.grids.code,
        "name": plan.grids.name,
        "kind": state.kind_names,
        "community": _codes(plan.grids.community, plan.territory.communities),
        "households": plan.households,
        "buildings": plan.buildings,
        "area_m2": np.round(plan.area_m2, 2),
        "perimeter_m": np.round(plan.perimeter_m, 2),
        "compactness": np.round(plan.compactness, 4),
        "in_band": plan.in_band,
        "color": colors(plan),
        "point": _inside(state, plan.geometry),
    }
    return _features(state, plan.grids.code, columns, plan.geometry)


def _atoms(state: State) -> Features:
    land, atoms = state.territory, state.territory.atoms
    columns = {
        "code": atoms.code,
        "households": _counts(atoms.households, atoms.known),
        "estimated": atoms.estimated,
        "kind": _kinds(atoms.kind),
        "community": _codes(atoms.community, land.communities),
        "compound": _codes(atoms.compound, land.compounds),
        "exclusive": _codes(atoms.exclusive, land.exclusive),
        "buildings": atoms.buildings,
        "barrier": atoms.barrier,
        "grid": repeat(None, len(atoms)) if state.drawn is None else state.drawn.grids.code[state.drawn.label],
    }
    return _features(state, atoms.code, columns, atoms.geometry)


def _streets(state: State) -> Features:
    streets = state.territory.streets
    names = [member.name.lower() for member in Border]
    columns = {
        "code": streets.code,
        "name": streets.name,
        "class": streets.street_class,
        "border": [names[border] for border in streets.border.tolist()],
        "walkable": streets.walkable,
        "sides": streets.sides,
        "width_m": _finite(streets.width_m),
    }
    return _features(state, streets.code, columns, streets.line_geometry)


def _finite(values: Floats) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]


def _buildings(state: State) -> Features:
    land, table = state.territory, state.territory.buildings
    columns = {
        "code": table.code,
        "households": _counts(table.households, table.known),
        "estimated": table.estimated,
        "floors": [floors or None for floors in table.floors.tolist()],
        "compound": _codes(table.compound, land.compounds),
    }
    return _features(state, table.code, columns, table.geometry)


def _compounds(state: State) -> Features:
    table = state.territory.compounds
    return _features(state, table.code, {"code": table.code, "name": table.name}, table.geometry)


def _exclusive(state: State) -> Features:
    table = state.territory.exclusive
    return _features(state, table.code, {"code": table.code, "name": table.name}, table.geometry)


def _barriers(state: State) -> Features:
    table = state.territory.barriers
    columns = {"code": table.code, "kind": table.kind, "crossable": table.crossable}
    return _features(state, table.code, columns, table.geometry)


def _places(state: State) -> Features:
    table = state.territory.places
    columns = {
        "code": table.code,
        "name": table.name,
        "kind": table.kind,
        "service_s": table.service_s,
        "opens": table.opens,
        "closes": table.closes,
        "visits_per_day": _finite(table.visits_per_day),
    }
    return _features(state, table.code, columns, _points(table.xy))


def _stations(state: State) -> Features:
    table = state.territory.stations
    return _features(state, table.code, {"code": table.code, "grid": table.grid}, _points(table.xy))


def _emergency_units(state: State) -> Features:
    table = state.territory.emergency_units
    columns = {
        "code": table.code,
        "name": table.name,
        "kind": table.kind,
        "need": table.need,
        "max_walk_s": table.max_walk_s,
    }
    return _features(state, table.code, columns, _points(table.xy))


def _responders(state: State) -> Features:
    table = state.territory.responders
    columns = {
        "code": table.code,
        "capacity": table.capacity,
        "can_lead": table.can_lead,
        "on_duty": table.on_duty,
    }
    return _features(state, table.code, columns, _points(table.xy))


def _routes(state: State) -> Features:
    return _table(state, state.routes)


def _assignments(state: State) -> Features:
    """Who stands by where, each as the straight line from the responder to the unit."""
    table = state.assignments
    if table is None:
        return Features([], [], None)
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
        "grids": [list(finding.grids) for finding in found],
        "area_m2": [finding.area_m2 for finding in found],
        "width_m": [finding.width_m for finding in found],
        "households": [finding.households for finding in found],
    }
    return _features(state, columns["id"], columns, geometries([finding.geometry for finding in found]))


def _table(state: State, table: Table | None) -> Features:
    """Features straight from a kept table, coded by its code column or by row."""
    if table is None:
        return Features([], [], None)
    columns = {name: _finite(c) if c.dtype.kind == "f" else c for name, c in table.columns.items()}
    codes = table.columns["code"].tolist() if "code" in columns else [str(i + 1) for i in range(len(table))]
    return _features(state, codes, columns, table.geometry)


def _has(name: str) -> Callable[[State], bool]:
    """Whether a table of the territory has rows."""
    return lambda state: len(getattr(state.territory, name)) > 0


def _layer(id: str, title: str, text: str, build: Callable[[State], Features], filled: Any = None) -> Layer:
    return Layer(id=id, title=title, text=text, build=build, filled=filled or _has(id))


LAYERS = {
    layer.id: layer
    for layer in (
        _layer("territories", "Territory", "The area that is divided.", _territories, lambda state: True),
        _layer("communities", "Communities", "Communities (社区) of the territory.", _communities),
        _layer("grids", "Grids", "Grids (网格) of the published plan.", _grids, lambda state: state.drawn is not None),
        _layer("atoms", "Atoms", "Indivisible pieces with their grid.", _atoms),
        _layer("streets", "Streets", "Street segments.", _streets, lambda state: len(state.territory.streets.code) > 0),
        _layer("buildings", "Buildings", "Buildings with counts of households.", _buildings),
        _layer("compounds", "Compounds", "Walled compounds (小区).", _compounds),
        _layer("exclusive", "Exclusive land", "Parks and the like (专属网格).", _exclusive),
        _layer("barriers", "Barriers", "Rivers, railways, motorways and walls.", _barriers),
        _layer("places", "Places", "Places an officer calls at.", _places),
        _layer("stations", "Stations", "Grid stations (网格站).", _stations),
        _layer("emergency_units", "Emergency units", "Smallest emergency units (最小应急单元).", _emergency_units),
        _layer("responders", "Responders", "Posts that answer alarms (应急力量).", _responders),
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
