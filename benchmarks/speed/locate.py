"""Which grid is at a point: microseconds a point, one by one and many at once, on made plans or given plan files.

Peer: geopandas.sjoin of the same points.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import files_in, peak_mib
from gridgeo.core.locate import Locator
from gridgeo.core.model import Plan

ONE_BY_ONE, AT_ONCE = 5_000, 200_000


def run(paths: list[Path], seconds: float | None, peers: bool) -> list[dict[str, object]]:
    """Random points within the bounds of each plan."""
    files = files_in(paths, ".gpkg")
    return [_measure(name, plan, peers) for name, plan in _plans(files)]


def _plans(files: list[Path]) -> Iterator[tuple[str, Plan]]:
    if files:
        from gridgeo.io.read import read_plan

        yield from ((file.stem, read_plan(file)) for file in files)
        return
    from tests.instances import lattice, plan_of

    for side in (32, 142):
        yield f"lattice {side * side}", plan_of(lattice(side, side, 400), np.arange(side * side))


def _measure(name: str, plan: Plan, peers: bool) -> dict[str, object]:
    low, high = np.reshape(plan.territory.boundary.bounds, (2, 2))
    xy = np.random.default_rng(1).uniform(low, high, (AT_ONCE, 2))
    locator = Locator(plan)
    locator.code(*xy[0])  # builds the index
    single, many = xy[:ONE_BY_ONE].tolist(), xy
    return {
        "instance": name,
        "grids": len(plan),
        "one_us": _cpu_s(lambda: [locator.code(x, y) for x, y in single]) / ONE_BY_ONE * 1e6,
        "many_us": _cpu_s(lambda: locator.codes(many)) / AT_ONCE * 1e6,
        "peak_mib": peak_mib(),
        "geopandas_us": _peer_s(plan, xy) / AT_ONCE * 1e6 if peers else None,
    }


def _peer_s(plan: Plan, xy: Any) -> float:
    import geopandas as gpd

    grids = gpd.GeoDataFrame({"code": plan.grids.code}, geometry=plan.geometry)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]))
    return _cpu_s(lambda: gpd.sjoin(points, grids, how="left", predicate="intersects"))


def _cpu_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
