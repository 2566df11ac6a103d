"""Vector tiles: milliseconds to cut one, at 20,164 grids or for the plan files given; the best of a few cuts.

`cold_ms` is what the first tile of a collection waits for: features made ready. Peer: mapbox-vector-tile, which gets
the very shapes that lie in the tile.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from benchmarks import files_in, peak_mib
from gridgeo.core.kernel.mvt import BUFFER, EXTENT
from gridgeo.web.layers import LAYERS
from gridgeo.web.site import State
from gridgeo.web.tiles.source import TileSource, world

ZOOMS = (10, 12, 14, 16)
TRIES = 5


def run(paths: list[Path], seconds: float | None, peers: bool) -> list[dict[str, object]]:
    """Cut the tile in the middle of each plan at four zooms."""
    files = files_in(paths, ".gpkg")
    return [row for name, state in _states(files) for row in _measure(name, state, peers)]


def _states(files: list[Path]) -> Any:
    if files:
        from gridgeo.io.read import read_plan

        for file in files:
            plan = read_plan(file)
            yield file.stem, State(plan.territory, plan)
        return
    from tests.instances import lattice, plan_of

    territory = lattice(142, 142, 400, size_m=150)
    yield "lattice 20164", State(territory, plan_of(territory, np.arange(142 * 142)))


def _measure(name: str, state: State, peers: bool) -> Any:
    start = time.process_time()
    features = state.features("grids", LAYERS["grids"].build)
    source = TileSource("grids", features, state.globe)
    source.tile(0, 0, 0)  # compiles
    cold = time.process_time() - start
    west, south, east, north = state.globe.box(state.territory.boundary.bounds)
    middle = world(np.array([[(west + east) / 2, (south + north) / 2]]))[0]
    for z in ZOOMS:
        column, row = (middle * 2**z).astype(int).tolist()
        took = []
        for _ in range(TRIES):
            source.forget()
            start = time.process_time()
            tile = source.tile(z, column, row)
            took.append(time.process_time() - start)
        yield {
            "instance": name,
            "grids": len(features),
            "z": z,
            "ms": min(took) * 1000,
            "bytes": len(tile),
            "cold_ms": cold * 1000,
            "peak_mib": peak_mib(),
            "mapbox_vector_tile_ms": _peer_ms(state, z, column, row) if peers else None,
        }


def _peer_ms(state: State, z: int, column: int, row: int) -> float | None:
    try:
        import mapbox_vector_tile
    except ImportError:
        return None
    features = state.features("grids", LAYERS["grids"].build)
    corner = np.array([column, row])
    moved = shapely.transform(features.shapes, lambda xy: (world(xy) * 2**z - corner) * EXTENT)
    window = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    rows = np.flatnonzero(shapely.intersects(moved, window))
    values = {name: c.plain(rows) for name, c in features.columns.items() if c.kind != "array"}
    start = time.process_time()
    cut = shapely.clip_by_rect(moved[rows], *window.bounds)
    listed = [
        {"geometry": shape, "properties": {name: values[name][i] for name in values}}
        for i, shape in enumerate(cut)
        if not shape.is_empty
    ]
    mapbox_vector_tile.encode({"name": "grids", "features": listed}, default_options={"y_coord_down": True})
    return (time.process_time() - start) * 1000
