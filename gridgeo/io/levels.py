"""The levels above a layer of polygons: communities, subdistricts, counties, from layers or columns of its file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gridgeo.core.model import Ints, Objects, geometries, texts
from gridgeo.errors import InputError
from gridgeo.io.crs import is_geographic
from gridgeo.io.formats import layer_names
from gridgeo.io.noding import noded
from gridgeo.io.read import Cover, read_cover, split_source
from gridgeo.io.values import as_text

ON_LINE_M, ON_LINE_DEGREES = 1e-9, 1e-14
"""A vertex this near to an edge lies on it: the rounding of coordinates of a country, in metres and in degrees."""
PLURALS = {"community": "communities", "county": "counties", "subdistrict": "subdistricts", "compound": "compounds"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Level:
    """One level: `code` and `geometry` of its (p,) polygons, `parent` (n,) row of each child's, -1 for none."""

    name: str
    code: Objects
    geometry: Objects
    parent: Ints


def read_level(path: str | Path, cover: Cover, name: str) -> Level:
    """The level `name` above the polygons of a cover from the file `path`.

    `name` is FILE:LAYER, or a layer of the same file (communities, compounds, …), or a column (subdistrict, county)
    of the polygons themselves or of the layer `communities`, whose polygons are then joined by it. A child belongs to
    the parent its own column names, by code or name; without such a column to the one it lies in.

    Raises
    ------
    InputError
        The file tells of no such level, or tells it in another CRS.
    """
    file, inner = split_source(name)
    if inner:
        path, name = file, inner
    layer = next((n for n in (name, PLURALS.get(name, f"{name}s")) if n in layer_names(path)), None)
    if layer is not None:
        above = _cover(path, layer, cover)
        names = as_text(above.columns["name"]) if "name" in above.columns else above.code
        parent = _parents(cover, _singular(layer), above.code, names, above.geometry)
        return Level(name=name, code=above.code, geometry=above.geometry, parent=parent)
    communities = _cover(path, "communities", cover) if "communities" in layer_names(path) else None
    source = communities if communities is not None and name in communities.columns else cover
    if name not in source.columns:
        raise InputError(f"the file tells of no level {name}", where=str(path), hint=_known(path, cover, communities))
    value = as_text(source.columns[name])
    code, row = np.unique(value[value != ""].astype(str), return_inverse=True)
    shapes = source.geometry[value != ""]
    joined = geometries([_joined(shapes[row == k]) for k in range(len(code))])
    names = texts(code.tolist())
    return Level(name=name, code=names, geometry=joined, parent=_parents(cover, name, names, names, joined))


def _cover(path: str | Path, layer: str, children: Cover) -> Cover:
    found = read_cover(path, layer=layer)
    if found.crs != children.crs:
        raise InputError(f"{layer} is in {found.crs[:40]}, the polygons in {children.crs[:40]}", where=str(path))
    return found


def _singular(layer: str) -> str:
    return next((one for one, many in PLURALS.items() if many == layer), layer.removesuffix("s"))


def _known(path: str | Path, cover: Cover, communities: Cover | None) -> str:
    columns = {*cover.columns, *({} if communities is None else communities.columns)} & set(PLURALS)
    return "levels: " + ", ".join(sorted({*columns, *(set(layer_names(path)) & set(PLURALS.values()))}))


def _joined(shapes: Objects) -> shapely.Geometry:
    """Polygons of one parent as one, every vertex kept where they match."""
    try:
        return shapely.coverage_union_all(shapes)
    except shapely.errors.GEOSException:
        return shapely.union_all(shapes)


def _parents(cover: Cover, column: str, code: Objects, name: Objects, shapes: Objects) -> Ints:
    """Row of each child's parent: as the column says, else by place; -1 for none."""
    if column in cover.columns:
        rows = {str(n): row for row, n in enumerate(name.tolist())}
        rows |= {str(c): row for row, c in enumerate(code.tolist())}
        return np.array([rows.get(str(value), -1) for value in as_text(cover.columns[column])], np.int64)
    parent = np.full(len(cover.code), -1, np.int64)
    usable = np.flatnonzero(shapely.is_valid(cover.geometry) & ~shapely.is_empty(cover.geometry))
    sound = np.flatnonzero(shapely.is_valid(shapes))
    spot = shapely.point_on_surface(cover.geometry[usable])
    child, above = shapely.STRtree(shapes[sound]).query(spot, predicate="intersects")
    parent[usable[child[::-1]]] = sound[above[::-1]]
    return parent


def arranged(level: Level, cover: Cover) -> tuple[Objects, Objects]:
    """Parents and children, each with the vertices of the others that lie on its edges.

    A community drawn with four corners is tiled by grids that have more vertices along the same straight line.
    """
    shapes = geometries([*level.geometry, *cover.geometry])
    sound = np.flatnonzero(shapely.is_valid(shapes) & ~shapely.is_empty(shapes))
    shapes[sound] = noded(shapes[sound], ON_LINE_DEGREES if is_geographic(cover.crs) else ON_LINE_M)
    return shapes[: len(level.code)], shapes[len(level.code) :]
