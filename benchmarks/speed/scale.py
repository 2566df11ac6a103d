"""Stores at size: opening, saving, editing, publishing on 100,000 atoms and 841 grids, in memory, file and database.

CPU seconds of this process where computing is measured, seconds on the wall where a method waits for the disk. PostGIS
is left out where no server can be started.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from benchmarks import files_in, peak_mib
from gridgeo.core.model import Plan, Table, texts
from gridgeo.io.read import read_plan
from gridgeo.io.write import write_plan, write_territory
from gridgeo.ports import Store
from gridgeo.store import MemoryStore, open_store
from gridgeo.store.backup import copy_store

SIDE, GRID_SIDE = 316, 11
EDITS = 40
NOW = "2026-11-21T09:00:00Z"


def run(paths: list[Path], seconds: float | None, peers: bool) -> list[dict[str, object]]:
    """Given plan files, or a made one, in each store."""
    files = files_in(paths, ".gpkg")
    plans = [(file.stem, read_plan(file)) for file in files] or [(f"lattice {SIDE * SIDE}", _made())]
    rows = []
    for name, plan in plans:
        with tempfile.TemporaryDirectory() as folder, _database() as database:
            file = Path(folder) / "plan.gpkg"
            write_plan(plan, file)
            open_store(str(file)).close()
            rows.append(_measure(name, "memory", lambda plan=plan: _memory(plan)))
            rows.append(_measure(name, "geopackage", lambda file=file: open_store(str(file))))
            if database:
                copy_store(str(file), database, write_territory)
                rows.append(_measure(name, "postgis", lambda: open_store(database)))
    return rows


def _measure(name: str, kind: str, opened: Callable[[], Store]) -> dict[str, object]:
    start = time.process_time()
    store = opened()
    open_cpu = time.process_time() - start
    with closing(store):
        plan = store.plan()
        spots = shapely.points(shapely.get_coordinates(shapely.centroid(plan.territory.atoms.geometry[:500])))
        codes = texts([f"s{n}" for n in range(len(spots))])
        stations = Table(columns={"code": codes, "grid": texts([""] * len(spots))}, geometry=spots)
        store.save_layer("stations", stations)
        edits = _edits(store, plan)
        latest = store.plans()[-1]
        return {
            "instance": name,
            "store": kind,
            "atoms": len(plan.label),
            "grids": len(plan),
            "open_cpu_s": open_cpu,
            "edit_ms": 1000 * float(np.median(edits)),
            "edit_p95_ms": 1000 * float(np.quantile(edits, 0.95)),
            "draft_ms": 1000
            * _wall(lambda: store.save_plan(plan, id="draft", created=NOW, draft=True, parent="main@1")),
            "publish_ms": 1000 * _wall(lambda: store.publish(latest.id, latest.version)),
            "layer_ms": 1000 * _wall(lambda: store.save_layer("stations", stations)),
            "append_ms": 1000 * _wall(lambda: store.append("audit", "x" * 300), 20),
            "stamp_us": 1e6 * _wall(store.stamp, 1000),
            "peak_mib": peak_mib(),
        }


def _edits(store: Store, plan: Plan) -> list[float]:
    """Seconds of saving each of some edits, each of one atom given to the grid beside it."""
    took = []
    pairs = np.stack([plan.territory.adjacency.u, plan.territory.adjacency.v], 1)
    borders = pairs[plan.label[pairs[:, 0]] != plan.label[pairs[:, 1]]]
    for atom, beside in borders[:: max(1, len(borders) // EDITS)][:EDITS].tolist():
        plan = plan.move(np.array([atom]), str(plan.grids.code[plan.label[beside]]))
        changed = plan
        took.append(_wall(lambda changed=changed: store.save_plan(changed, id="main", created=NOW)))
    return took


def _wall(work: Callable[[], object], times: int = 1) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times


def _memory(plan: Plan) -> Store:
    store = MemoryStore(plan.territory)
    store.save_plan(plan, id="main", created=NOW)
    store.publish("main", 1)
    return store


def _made() -> Plan:
    """Square atoms in square grids, with a street around every hundred atoms or so."""
    from tests.instances import lattice, lattice_streets, plan_of

    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    grid = np.unique((row // GRID_SIDE) * SIDE + column // GRID_SIDE, return_inverse=True)[1]
    territory = replace(lattice(SIDE, SIDE, 3), streets=lattice_streets(100, 100, SIDE))
    return plan_of(territory, grid)


@contextmanager
def _database() -> Iterator[str]:
    """Address of a new project in a server of our own, "" where none can be started."""
    from tests.postgis import Server, why_not

    if why_not():
        yield ""
        return
    server = Server()
    try:
        yield server.url()
    finally:
        server.close()
