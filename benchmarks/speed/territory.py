"""How fast files become territories: atoms, shared borders, walking network; and adjacency beside libpysal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Table, Territory, geometries, texts
from gridgeo.core.territory import adjacency_of, build_territory

MADE = (10, 30)
"""Sides, in blocks, of the towns made when no file is given."""
SQUARES = 180
OSM = (".pbf", ".osm", ".gz", ".bz2")


def run(paths: list[Path], seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """A row for each file (territory files and OpenStreetMap extracts), or for made towns; then adjacency alone.

    `seconds` is not used: nothing here is a search that more time makes better.
    """
    rows = [_file(path) for path in _files(paths)] if paths else [_made(side) for side in MADE]
    return [*rows, *_adjacency(peers)]


def _files(paths: list[Path]) -> list[Path]:
    """The files themselves, and those inside folders."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [file for file in inside if file.suffix in (".gpkg", *OSM)]
    return found


def _file(path: Path) -> dict[str, Any]:
    """CPU seconds from file to territory; a file that is no territory says why."""
    from gridgeo.errors import GridgeoError
    from gridgeo.io.osm import read_osm
    from gridgeo.io.read import read_territory

    begin = time.process_time()
    try:
        if path.suffix in OSM:
            tables, crs, _ = read_osm(path)
            read = time.process_time() - begin
            territory = build_territory(tables, name=path.stem, crs=crs)
            return _row(path.name, territory, time.process_time() - begin) | {"read_s": round(read, 2)}
        territory = read_territory(path)
    except GridgeoError as error:
        return {"instance": path.name, "error": str(error).splitlines()[0][:60]}
    return _row(path.name, territory, time.process_time() - begin)


def _made(side: int) -> dict[str, Any]:
    """CPU seconds for a seeded town of side x side crooked blocks with 40 buildings each."""
    tables = town(side)
    begin = time.process_time()
    territory = build_territory(tables, name=f"town {side}", crs="EPSG:32650")
    return _row(f"town {side} x {side}", territory, time.process_time() - begin)


def town(side: int, rng_seed: int = 1) -> dict[str, Table]:
    """Tables of a town of side x side blocks, 150 m each, streets bent, 40 buildings of 0 to 20 households a block."""
    rng = np.random.default_rng(rng_seed)
    size = side * 150.0
    at = np.linspace(-20, size + 20, 4 * side)
    lines = []
    for i in range(1, side):
        bend = i * 150 + rng.normal(0, 8, len(at))
        lines += [shapely.LineString(np.stack([at, bend], 1)), shapely.LineString(np.stack([bend, at], 1))]
    spot = rng.uniform(0, size, (40 * side * side, 2))
    households = rng.integers(0, 21, len(spot)).astype(float)
    return {
        "boundary": Table(columns={}, geometry=geometries([shapely.box(0, 0, size, size)])),
        "streets": Table(columns={"class": texts(["residential"] * len(lines))}, geometry=geometries(lines)),
        "buildings": Table(columns={"households": households}, geometry=geometries(shapely.points(spot))),
    }


def _row(name: str, territory: Territory, seconds: float) -> dict[str, Any]:
    shapes = territory.atoms.geometry
    valid = bool(shapely.coverage_is_valid(shapes))
    return {
        "instance": name,
        "cpu_s": round(seconds, 2),
        "atoms": len(territory.atoms),
        "households": territory.households,
        "largest": int(territory.atoms.households.max()),
        "borders": len(territory.adjacency),
        "streets_km": round(float(territory.streets.length_mm.sum()) / 1e6, 1),
        "valid": valid,
    }


def _adjacency(peers: bool) -> list[dict[str, Any]]:
    """Shared borders of 32,400 squares with 16 edges each."""
    row, col = np.divmod(np.arange(SQUARES * SQUARES), SQUARES)
    box = shapely.box(col * 80.0, row * 80.0, col * 80.0 + 80, row * 80.0 + 80)
    shapes = geometries(shapely.segmentize(box, 20.0))
    begin = time.process_time()
    found = adjacency_of(shapes)
    rows = [_adjacency_row("adjacency, gridgeo", shapes, len(found), time.process_time() - begin)]
    return [*rows, *_peer(shapes)] if peers else rows


def _adjacency_row(name: str, shapes: Any, borders: int, seconds: float) -> dict[str, Any]:
    return {"instance": name, "cpu_s": round(seconds, 2), "atoms": len(shapes), "borders": borders}


def _peer(shapes: Any) -> list[dict[str, Any]]:
    try:
        from libpysal.graph import Graph
    except ImportError:
        return [{"instance": "adjacency, libpysal", "error": "not installed"}]
    import geopandas

    frame = geopandas.GeoSeries(shapes)
    begin = time.process_time()
    graph = Graph.build_contiguity(frame, rook=True, by_perimeter=True)
    pairs = int(graph.n_edges) // 2
    return [_adjacency_row("adjacency, libpysal", shapes, pairs, time.process_time() - begin)]
