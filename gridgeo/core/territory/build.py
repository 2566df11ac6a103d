"""Tables of a file → territory: atoms given or made, their shared borders, and everything that lies inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely

from gridgeo.core.model import Adjacency, Notice, Progress, Table, Territory, geometries, silent
from gridgeo.core.territory import columns
from gridgeo.core.territory.adjacency import adjacency_of
from gridgeo.core.territory.bridges import with_bridges
from gridgeo.core.territory.cut import Cut
from gridgeo.core.territory.diagnose import totals_against
from gridgeo.core.territory.given import given_atoms
from gridgeo.core.territory.ground import LabeledGround, LinedGround, crossings, sources_of
from gridgeo.core.territory.households import with_households
from gridgeo.core.territory.layers import Layers, layers_of
from gridgeo.core.territory.made import made_atoms
from gridgeo.core.territory.params import AtomParams
from gridgeo.core.territory.pockets import with_pockets_joined
from gridgeo.core.territory.streets import street_notices
from gridgeo.errors import InputError

DEFAULT = AtomParams()


def build_territory(
    tables: Mapping[str, Table],
    *,
    name: str,
    crs: str,
    params: AtomParams = DEFAULT,
    progress: Progress = silent,
) -> Territory:
    """Territory from checked tables by role (boundary, communities, atoms, buildings, streets, …).

    Only `boundary` is required. With rows in `atoms` those are taken as they are; otherwise atoms are made from
    streets, barriers, borders and buildings. Either way the atoms are an exact coverage, and the boundary of the
    territory is their outline, edge for edge.

    Raises
    ------
    InputError
        There is no boundary, or the lines cannot be noded.
    SchemaError
        Given atoms overlap.

    Examples
    --------
    >>> square = Table(columns={}, geometry=geometries([shapely.box(0, 0, 100, 100)]))
    >>> street = Table(columns={}, geometry=geometries([shapely.LineString([(50, -10), (50, 110)])]))
    >>> territory = build_territory({"boundary": square, "streets": street}, name="two blocks", crs="EPSG:32650")
    >>> len(territory.atoms), territory.adjacency.length_m.tolist()
    (2, [100.0])
    """
    progress("layers", 0.0)
    boundary = _boundary(tables)
    tables, counted = with_households(tables, params)
    given = tables.get("atoms", columns.EMPTY)
    layers = layers_of(tables)
    progress("atoms", 0.1)
    cut = given_atoms(given, layers, boundary, params) if len(given) else made_atoms(layers, boundary, params)
    progress("adjacency", 0.7)
    adjacency = _adjacency(cut, layers, params, exact=not len(given))
    adjacency, pockets = with_pockets_joined(adjacency, cut.atoms, params)
    progress("territory", 1.0)
    return Territory(
        name=name,
        crs=crs,
        boundary=cut.boundary,
        atoms=cut.atoms,
        adjacency=adjacency,
        communities=cut.communities,
        compounds=layers.compounds,
        exclusive=layers.exclusive,
        barriers=layers.barriers,
        streets=layers.streets,
        buildings=layers.buildings,
        places=columns.places_of(tables.get("places", columns.EMPTY)),
        gates=layers.gates,
        stations=columns.stations_of(tables.get("stations", columns.EMPTY)),
        emergency_units=columns.emergency_units_of(tables.get("emergency_units", columns.EMPTY)),
        responders=columns.responders_of(tables.get("responders", columns.EMPTY)),
        notices=(*counted, *cut.notices, *_totals(tables, cut), *pockets, *street_notices(layers.streets)),
    )


def _totals(tables: Mapping[str, Table], cut: Cut) -> list[Notice]:
    """Communities that count other totals than their atoms."""
    told = columns.number(tables.get("communities", columns.EMPTY), "households")
    if len(told) != len(cut.communities):
        return []
    return totals_against(cut.communities, told, cut.atoms.community, cut.atoms.households)


def _boundary(tables: Mapping[str, Table]) -> Any:
    rows = geometries(columns.shapes(tables.get("boundary", columns.EMPTY)))
    boundary = shapely.union_all(rows) if len(rows) != 1 else rows[0]
    if boundary.is_empty or boundary.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError("there is no boundary polygon", where="boundary", hint="give the area to divide as a polygon")
    return boundary


def _adjacency(cut: Cut, layers: Layers, params: AtomParams, *, exact: bool) -> Adjacency:
    """Shared borders with what they lie on; nobody walks onto barrier atoms; bridges join what they lead over."""
    lined = LinedGround(
        sources=sources_of(layers, cut.communities),
        crossings=crossings(layers),
        near_m=params.exact_m if exact else params.given_m,
        shares=(0.5,) if exact else (0.1, 0.5, 0.9),
    )
    ground = LabeledGround(ground=lined, community=cut.atoms.community, compound=cut.atoms.compound)
    adjacency = adjacency_of(cut.atoms.geometry, ground, min_contact_m=params.min_contact_m)
    return with_bridges(adjacency, cut.atoms, layers.streets)
