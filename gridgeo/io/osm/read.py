"""OpenStreetMap extract → tables by role, in the local UTM zone, households estimated from floor area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from gridgeo.core.model import Ints, Notice, Objects, Table, geometries, texts
from gridgeo.core.territory.estimate import assumed_floors, estimated_households, floors_assumed
from gridgeo.errors import InputError
from gridgeo.io.crs import CRS84, local_zone, transformed
from gridgeo.io.osm import tags as osm_tags
from gridgeo.io.osm.areas import communities, compounds
from gridgeo.io.osm.gather import Found, Gathered, gather

MAX_BYTES = 300_000_000
MOST = 0.5
"""Share of the streets or buildings an administrative area must hold to be taken as the boundary."""
MARGIN_M = 200.0
"""Streets this far beyond a named area are kept, because ways inside it may lead over them, metres."""
SMALLEST_WATER_M2 = 500.0
WALL_M = 50.0
"""Shorter walls part nothing, metres."""


class OsmLayers(NamedTuple):
    """Tables by role, the projected CRS they are in, and what a planner must know of them."""

    tables: dict[str, Table]
    crs: str
    notices: tuple[Notice, ...]


def read_osm(path: str | Path, *, area: str = "", max_bytes: int = MAX_BYTES) -> OsmLayers:
    """Layers of a territory from an OpenStreetMap extract.

    Streets open to walkers (cut at gates the public may not pass), buildings with households (counted flats where
    tagged, else estimated from footprint and floors), rivers, railways and town walls, gates, places, housing
    compounds, and as communities the finest administrative level that covers nearly everything.

    The boundary is the named administrative area, and what lies beyond it is left out; without a name it is the
    smallest area holding most of the streets, else most of the buildings; failing that the hull of streets and
    buildings.

    Parameters
    ----------
    path
        .osm.pbf, .osm, .osm.gz or .osm.bz2.
    area
        Name of an administrative area in the extract to take as the boundary.
    max_bytes
        Larger files are refused.

    Raises
    ------
    InputError
        The file is missing, too large, broken, or holds no streets; or no area has that name.
    """
    path = Path(path)
    _check_file(path, max_bytes)
    found = gather(path)
    _check_streets(found, path.name)
    lon, lat = shapely.total_bounds(found.streets.shapes()).reshape(2, 2).mean(axis=0).tolist()
    crs = local_zone(lon, lat).text
    if area:
        found = _inside(found, area, crs)
    streets = _streets(found.streets, crs)
    buildings, notices = _buildings(found.buildings, crs)
    boundary, told = _boundary(found.districts, streets, buildings, crs, area)
    tables = {"boundary": boundary, "streets": streets, "buildings": buildings}
    tables |= {"barriers": _barriers(found.barriers, crs), "places": _places(found.places, crs)}
    tables |= {"gates": _gates(found.gates, crs)}
    areas, more = _areas(found, boundary, streets, crs)
    tables |= areas
    notices += more
    if found.broken:
        notices.append(Notice(kind="osm-broken-objects", where=path.name, facts={"objects": found.broken}))
    kept = {role: table for role, table in tables.items() if len(table)}
    return OsmLayers(kept, crs, (*told, *notices))


def _check_file(path: Path, max_bytes: int) -> None:
    if not path.is_file():
        raise InputError("there is no such file", where=str(path))
    size = path.stat().st_size
    if size > max_bytes:
        raise InputError(f"{size} bytes are more than {max_bytes}", where=path.name, hint="cut a smaller extract")


def _check_streets(found: Gathered, where: str) -> None:
    if not len(found.streets):
        raise InputError("the file holds no streets", where=where, hint="cut an extract with all its highways")


def _inside(found: Gathered, area: str, crs: str) -> Gathered:
    """What lies inside a named area: buildings and places by a point of them, the rest where it reaches in."""
    shape = _metres(found.districts, crs)
    within = shape[_named(area, shape, _column(found.districts, "name"))]
    shapely.prepare(within)

    def kept(part: Found, *, margin_m: float = 0.0, point: bool = False) -> Found:
        places = _metres(part, crs)
        places = geometries(shapely.point_on_surface(places)) if point else places
        return part.take(np.flatnonzero(shapely.dwithin(places, within, margin_m)).tolist())

    inside = replace(
        found,
        streets=kept(found.streets, margin_m=MARGIN_M),
        buildings=kept(found.buildings, point=True),
        barriers=kept(found.barriers),
        places=kept(found.places, point=True),
        compounds=kept(found.compounds, point=True),
        gates=kept(found.gates, point=True),
    )
    _check_streets(inside, area)
    return inside


def _metres(found: Found, crs: str) -> Objects:
    return transformed(found.shapes(), CRS84, crs)


def _column(found: Found, key: str) -> Objects:
    return texts([tags.get(key, "") for tags in found.tags])


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _streets(found: Found, crs: str) -> Table:
    return Table(
        columns={
            "code": texts(found.code),
            "name": _column(found, "name"),
            "class": _column(found, "highway"),
            "walkable": np.array([osm_tags.may_walk(tags) for tags in found.tags], dtype=bool),
            "sides": _ints([osm_tags.sides(tags) for tags in found.tags]),
            "width_m": np.array([osm_tags.number(tags.get("width", "")) for tags in found.tags]),
            "slope": np.array([osm_tags.slope(tags) for tags in found.tags]),
            "layer": texts([osm_tags.level(tags) for tags in found.tags]),
            "tunnel": np.array([osm_tags.in_tunnel(tags) for tags in found.tags], dtype=bool),
        },
        geometry=_metres(found, crs),
    )


def _buildings(found: Found, crs: str) -> tuple[Table, list[Notice]]:
    shape = _metres(found, crs)
    told = _ints([osm_tags.floors(tags) for tags in found.tags])
    home = np.array([osm_tags.is_home(tags) for tags in found.tags], dtype=bool)
    flats = _ints([osm_tags.flats(tags) for tags in found.tags])
    single = np.array([tags.get("building") in osm_tags.ONE_HOME for tags in found.tags], dtype=bool)
    floors, usual = assumed_floors(told, home)
    households = estimated_households(np.asarray(shapely.area(shape)), floors, home, single)
    counted = flats >= 0
    households = np.where(counted, flats, households)
    source = texts(np.where(counted, "count", np.where(home, "estimate", "")))
    table = Table(
        columns={
            "code": texts(found.code),
            "households": households.astype(np.float64),
            "floors": told,
            "source": source,
        },
        geometry=shape,
    )
    return table, floors_assumed(home & ~counted & (told == 0), households, usual)


def _barriers(found: Found, crs: str) -> Table:
    """Water areas, railways, long walls, and rivers where no water area shows their banks."""
    shape = _metres(found, crs)
    kind = texts([osm_tags.barrier_kind(tags) for tags in found.tags])
    flat = shapely.get_dimensions(shape) == 2
    keep = np.where(
        flat, shapely.area(shape) >= SMALLEST_WATER_M2, (kind != "wall") | (shapely.length(shape) >= WALL_M)
    )
    lines = np.flatnonzero(~flat & (kind == "river"))
    if len(lines) and (flat & keep).any():
        dry = shapely.difference(shape[lines], shapely.union_all(shape[flat & keep]))
        keep[lines[shapely.length(dry) < 0.5 * shapely.length(shape[lines])]] = False
    table = {"code": texts(found.code)[keep], "kind": kind[keep], "crossable": np.zeros(int(keep.sum()), bool)}
    return Table(columns=table, geometry=shape[keep])


def _areas(found: Gathered, boundary: Table, streets: Table, crs: str) -> tuple[dict[str, Table], list[Notice]]:
    """Communities and compounds, where the extract tells of any, and what was decided."""
    assert boundary.geometry is not None
    told: dict[str, Table | None] = {}
    told["communities"], notices = communities(found.districts, _metres(found.districts, crs), boundary.geometry[0])
    told["compounds"] = compounds(found.compounds, _metres(found.compounds, crs), streets)
    shut = sum(not osm_tags.gate_opens(tags) for tags in found.gates.tags)
    if shut:
        notices.append(Notice(kind="gates-shut", where="streets", facts={"gates": shut}))
    return {role: table for role, table in told.items() if table is not None}, notices


def _gates(found: Found, crs: str) -> Table:
    hours = [osm_tags.hours(tags) for tags in found.tags]
    return Table(
        columns={
            "code": texts(found.code),
            "passable": np.array([osm_tags.gate_opens(tags) for tags in found.tags], dtype=bool),
            "opens": texts([opens for opens, _ in hours]),
            "closes": texts([closes for _, closes in hours]),
        },
        geometry=_metres(found, crs),
    )


def _places(found: Found, crs: str) -> Table:
    kind = texts([osm_tags.place_kind(tags) for tags in found.tags])
    hours = [osm_tags.hours(tags) for tags in found.tags]
    return Table(
        columns={
            "code": texts(found.code),
            "name": _column(found, "name"),
            "kind": kind,
            "opens": texts([opens for opens, _ in hours]),
            "closes": texts([closes for _, closes in hours]),
        },
        geometry=geometries(shapely.point_on_surface(_metres(found, crs))),
    )


def _boundary(found: Found, streets: Table, buildings: Table, crs: str, area: str) -> tuple[Table, list[Notice]]:
    """Boundary: the named area, the smallest one holding most of the streets or buildings, or the hull of all."""
    shape, names = _metres(found, crs), _column(found, "name")
    if area:
        return _district(shape, names, _named(area, shape, names), found)
    assert streets.geometry is not None
    assert buildings.geometry is not None
    lines, homes = streets.geometry, buildings.geometry
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    for point, weight in ((middle, shapely.length(lines)), (shapely.centroid(homes), np.ones(len(homes)))):
        district, row = shapely.STRtree(point).query(shape, predicate="contains")
        inside = np.bincount(district, weights=weight[row], minlength=len(shape))
        most = np.flatnonzero((inside > 0) & (inside >= MOST * weight.sum()))
        if len(most):
            return _district(shape, names, int(most[np.argmin(shapely.area(shape[most]))]), found)
    hull = shapely.convex_hull(shapely.geometrycollections([*lines, *homes]))
    notices = [Notice(kind="boundary-derived", where="boundary", facts={"area_m2": round(float(hull.area))})]
    if known := _known(names):
        notices.append(Notice(kind="boundary-areas", where="boundary", facts={"areas": known}))
    return Table(columns={"code": texts(["boundary"]), "name": texts([""])}, geometry=geometries([hull])), notices


def _named(area: str, shape: Objects, names: Objects) -> int:
    """Row of the largest area of a name."""
    rows = np.flatnonzero(names == area)
    if not len(rows):
        hint = f"there are: {_known(names)}" if len(names) else "the file holds no whole administrative area"
        raise InputError(f"no administrative area is named {area}", where="boundary", hint=hint)
    return int(rows[np.argmax(shapely.area(shape[rows]))])


def _known(names: Objects) -> str:
    return ", ".join(sorted({name for name in names.tolist() if name})[:20])


def _district(shape: Objects, names: Objects, row: int, found: Found) -> tuple[Table, list[Notice]]:
    facts: dict[str, str | int | float] = {"level": found.tags[row].get("admin_level", "")}
    table: dict[str, Any] = {"code": texts([found.code[row]]), "name": texts([names[row]])}
    notice = Notice(kind="boundary-from-osm", where=str(names[row]), facts=facts)
    return Table(columns=table, geometry=geometries([shape[row]])), [notice]
