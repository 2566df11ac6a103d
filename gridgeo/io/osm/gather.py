"""One pass over an OpenStreetMap extract: the objects a territory needs, in longitude and latitude."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from gridgeo.core.model import Objects
from gridgeo.errors import InputError
from gridgeo.io.osm import tags as osm_tags

AREA_KEYS = ("building", "natural", "waterway", "boundary", "amenity", "shop", "tourism", "leisure", "landuse")
WAY_KEYS = ("highway", "waterway", "railway", "barrier")
KEYS = (*AREA_KEYS, *WAY_KEYS)
MAX_OBJECTS = 20_000_000
SHUT_DEG = 5e-6
"""A street ends this far before a shut gate, degrees (half a metre): so its two sides do not meet."""


@dataclass(kw_only=True)
class Found:
    """Objects of one kind in file order: code, tags, geometry (a shape, or hex WKB of areas)."""

    code: list[str] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    geometry: list[Any] = field(default_factory=list)

    def add(self, code: str, tags: dict[str, str], geometry: Any) -> None:
        """Add one object."""
        self.code.append(code)
        self.tags.append(tags)
        self.geometry.append(geometry)

    def __len__(self) -> int:
        return len(self.code)

    def take(self, rows: Iterable[int]) -> Found:
        """The chosen objects."""
        rows = list(rows)
        return Found(
            code=[self.code[row] for row in rows],
            tags=[self.tags[row] for row in rows],
            geometry=[self.geometry[row] for row in rows],
        )

    def shapes(self) -> Objects:
        """Geometries of all objects; polygons of one part as such."""
        out = np.array([*self.geometry, None], dtype=object)[:-1]
        packed = np.array([isinstance(item, str) for item in self.geometry], dtype=bool)
        out[packed] = shapely.from_wkb(out[packed])
        single = shapely.get_num_geometries(out) == 1
        out[single] = shapely.get_geometry(out[single], 0)
        return out


@dataclass(kw_only=True)
class Gathered:
    """Everything of use in an extract; `shut` are the ids of gate nodes the public may not pass."""

    streets: Found = field(default_factory=Found)
    buildings: Found = field(default_factory=Found)
    barriers: Found = field(default_factory=Found)
    places: Found = field(default_factory=Found)
    districts: Found = field(default_factory=Found)
    compounds: Found = field(default_factory=Found)
    gates: Found = field(default_factory=Found)
    shut: set[int] = field(default_factory=set)
    broken: int = 0


def gather(path: Path) -> Gathered:
    """Read an extract once.

    Raises
    ------
    InputError
        The file is broken, or holds too many objects.
    """
    found = Gathered()
    wkb = osmium.geom.WKBFactory()
    try:
        for item in _items(path):
            if item.is_area():
                _area(item, wkb, found)
            elif item.is_way():
                _way(item, found)
            elif item.is_node():
                _node(item, found)
    except (RuntimeError, ValueError) as error:
        raise InputError(
            f"not a readable OpenStreetMap file: {error}", where=path.name, hint="download or cut the extract again"
        ) from error
    return found


def _items(path: Path) -> Iterator[Any]:
    """Tagged nodes, ways with places, and areas."""
    items = osmium.FileProcessor(str(path)).with_locations()
    items = items.with_areas(osmium.filter.KeyFilter(*AREA_KEYS)).with_filter(osmium.filter.KeyFilter(*KEYS))
    for number, item in enumerate(items):
        if number > MAX_OBJECTS:
            raise InputError(f"more than {MAX_OBJECTS} objects", where=path.name, hint="cut a smaller extract")
        yield item


def _way(way: Any, found: Gathered) -> None:
    if not any(key in way.tags for key in WAY_KEYS):
        return
    tags = dict(way.tags)
    street = osm_tags.is_street(tags)
    kind = "" if street or (way.is_closed() and "barrier" not in tags) else osm_tags.barrier_kind(tags)
    if not street and not kind:
        return
    nodes = [(node.lon, node.lat, node.ref) for node in way.nodes if node.location.valid()]
    if len(nodes) < 2:
        found.broken += 1
        return
    if not street:
        found.barriers.add(f"w{way.id}", tags, shapely.LineString([node[:2] for node in nodes]))
        return
    for number, piece in enumerate(_between_shut(nodes, found.shut)):
        found.streets.add(f"w{way.id}" + (f".{number + 1}" if number else ""), tags, shapely.LineString(piece))


def _between_shut(nodes: list[tuple[float, float, int]], shut: set[int]) -> Iterator[list[tuple[float, float]]]:
    """The stretches of a way between shut gates, ending a little before them."""
    at = [i for i, node in enumerate(nodes) if node[2] in shut]
    for a, b in pairwise([0, *(i for i in at if 0 < i < len(nodes) - 1), len(nodes) - 1]):
        piece = [node[:2] for node in nodes[a : b + 1]]
        if a in at:
            piece[0] = _short_of(piece[0], piece[1])
        if b in at:
            piece[-1] = _short_of(piece[-1], piece[-2])
        yield piece


def _short_of(gate: tuple[float, float], inner: tuple[float, float]) -> tuple[float, float]:
    """A point half a metre from a gate on the way to the next vertex, at most halfway there."""
    dx, dy = inner[0] - gate[0], inner[1] - gate[1]
    length = hypot(dx, dy)
    share = min(SHUT_DEG / length, 0.5) if length else 0.0
    return gate[0] + share * dx, gate[1] + share * dy


def _area(area: Any, wkb: Any, found: Gathered) -> None:
    tags = dict(area.tags)
    into = _uses(tags, found)
    if not into:
        return
    try:
        shape = wkb.create_multipolygon(area)
    except RuntimeError:  # no ring could be closed
        found.broken += 1
        return
    code = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
    for use in into:
        use.add(code, tags, shape)


def _uses(tags: dict[str, str], found: Gathered) -> list[Found]:
    """What an area is good for."""
    uses = []
    if tags.get("boundary") == "administrative":
        uses.append(found.districts)
    if osm_tags.may_be_compound(tags):
        uses.append(found.compounds)
    if tags.get("building", "no") not in osm_tags.NO:
        uses.append(found.buildings)
    elif osm_tags.barrier_kind(tags) == "river":
        uses.append(found.barriers)
    if osm_tags.place_kind(tags):
        uses.append(found.places)
    return uses


def _node(node: Any, found: Gathered) -> None:
    tags = dict(node.tags)
    if osm_tags.is_gate(tags):
        found.gates.add(f"n{node.id}", tags, shapely.Point(node.location.lon, node.location.lat))
        if not osm_tags.gate_opens(tags):
            found.shut.add(node.id)
    if osm_tags.place_kind(tags):
        found.places.add(f"n{node.id}", tags, shapely.Point(node.location.lon, node.location.lat))
