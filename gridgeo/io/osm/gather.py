"""One pass over an OpenStreetMap extract: the objects a territory needs, in longitude and latitude."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import shapely

from gridgeo.core.model import Objects
from gridgeo.errors import InputError
from gridgeo.io.osm import tags as osm_tags

KEYS = ("highway", "building", "natural", "waterway", "railway", "boundary", "amenity", "shop", "tourism", "leisure")
AREA_KEYS = ("building", "natural", "waterway", "boundary", "amenity", "shop", "tourism", "leisure")
WAY_KEYS = ("highway", "waterway", "railway")
MAX_OBJECTS = 20_000_000


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
    """Everything of use in an extract."""

    streets: Found = field(default_factory=Found)
    buildings: Found = field(default_factory=Found)
    barriers: Found = field(default_factory=Found)
    places: Found = field(default_factory=Found)
    districts: Found = field(default_factory=Found)
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
    kind = "" if street or way.is_closed() else osm_tags.barrier_kind(tags)
    if not street and not kind:
        return
    xy = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    if len(xy) < 2:
        found.broken += 1
        return
    into = found.streets if street else found.barriers
    into.add(f"w{way.id}", tags, shapely.LineString(xy))


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
    if tags.get("building", "no") not in osm_tags.NO:
        uses.append(found.buildings)
    elif osm_tags.barrier_kind(tags) == "river":
        uses.append(found.barriers)
    if osm_tags.place_kind(tags):
        uses.append(found.places)
    return uses


def _node(node: Any, found: Gathered) -> None:
    tags = dict(node.tags)
    if osm_tags.place_kind(tags):
        found.places.add(f"n{node.id}", tags, shapely.Point(node.location.lon, node.location.lat))
