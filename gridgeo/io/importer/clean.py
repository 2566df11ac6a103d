"""Rows of raw layers that cannot be used, put aside; a boundary where none is given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely

from gridgeo.core.model import Notice, Table, geometries, texts
from gridgeo.errors import InputError
from gridgeo.io.roles import POLYGONS, ROLES

_STRICT = ("boundary", "atoms", "communities", "compounds", "exclusive")


def cleaned(role: str, table: Table) -> tuple[Table, tuple[Notice, ...]]:
    """A raw layer without rows of no geometry; outlines of buildings that cross themselves become their hulls.

    Layers of areas keep every row: what is wrong with those is reported, not put aside.
    """
    if table.geometry is None or not len(table):
        return table, ()
    shape = shapely.force_2d(table.geometry)
    hollow = shapely.is_missing(shape) | shapely.is_empty(shape)
    if role in _STRICT or not role_allows(role, shape[~hollow]):
        return Table(columns=table.columns, geometry=shape), ()
    finite = np.isfinite(shapely.bounds(shape)).all(axis=1)
    line = np.isin(shapely.get_dimensions(shape), [1]) & (shapely.length(shape) == 0)
    kept = ~hollow & finite & ~line
    notices = []
    if not kept.all():
        notices.append(Notice(kind="rows-dropped", where=role, facts={"rows": int((~kept).sum())}))
    shape = shape[kept]
    broken = ~shapely.is_valid(shape)
    if broken.any():
        shape[broken] = shapely.convex_hull(shape[broken])
        notices.append(Notice(kind="outlines-simplified", where=role, facts={"rows": int(broken.sum())}))
    columns = {name: values[kept] for name, values in table.columns.items()}
    return Table(columns=columns, geometry=shape), tuple(notices)


def role_allows(role: str, shape: np.ndarray) -> bool:
    """Whether all geometries are of a kind the role may have."""
    return all(one.geom_type in ROLES[role].geometry for one in shape)


def with_boundary(tables: Mapping[str, Table]) -> tuple[dict[str, Table], tuple[Notice, ...]]:
    """The tables with a boundary: the given one, else the union of the atoms or communities, else a hull.

    Raises
    ------
    InputError
        Nothing is there to derive one from.
    """
    if "boundary" in tables:
        return dict(tables), ()
    for role in ("atoms", "communities"):
        if role in tables:
            return _derived(tables, role, _union(tables[role], role))
    spread = [shape for role in ("buildings", "streets") if role in tables for shape in (tables[role].geometry,)]
    found = [shape for shape in spread if shape is not None and len(shape)]
    if not found:
        raise InputError("there is nothing to derive a boundary from", where="boundary", hint="map one with --role")
    hull = shapely.convex_hull(shapely.geometrycollections(np.concatenate(found)))
    if hull.geom_type not in POLYGONS:
        raise InputError("the layers span no area", where="boundary", hint="map a boundary with --role")
    return _derived(tables, "buildings and streets" if len(found) > 1 else "buildings or streets", hull)


def _union(table: Table, role: str) -> shapely.Geometry:
    """Union of a layer of areas; exact when they are a coverage."""
    shape = geometries([] if table.geometry is None else table.geometry)
    sound = shape[~shapely.is_missing(shape) & shapely.is_valid(shape)]
    try:
        if len(sound) and shapely.coverage_is_valid(sound):
            return shapely.coverage_union_all(sound)
        return shapely.union_all(sound)
    except shapely.errors.GEOSException as error:
        raise InputError(f"the areas cannot be joined: {error}", where=role, hint="map a boundary") from error


def _derived(
    tables: Mapping[str, Table], source: str, shape: shapely.Geometry
) -> tuple[dict[str, Table], tuple[Notice, ...]]:
    boundary = Table(columns={"code": texts([""]), "name": texts([""])}, geometry=geometries([shape]))
    return {"boundary": boundary, **tables}, (Notice(kind="boundary-from-layers", facts={"source": source}),)
