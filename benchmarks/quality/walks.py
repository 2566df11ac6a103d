"""Walks of whole plans (`patrol`: plan files) and T-joins of real street graphs against proofs (`joins`: street files).

Street files: OpenStreetMap extracts (.pbf, .osm.gz), GeoPackages with a layer of streets or roads, Parquet with lines.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
GRAPHS = 50
HALF_M = 150.0


def run_patrol(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[Row]:
    """CPU seconds of two rounds for every grid, walks proven, gap to the bounds, spread in a day and in a week."""
    from gridgeo.core.patrol import PatrolParams, plan_patrols, validate_route
    from gridgeo.io.read import plan_in, read_either

    rows: list[Row] = []
    for path in paths:
        plan = plan_in(read_either(path), path)
        plan_patrols(plan, PatrolParams(days=2), grids=[str(code) for code in plan.grids.code[:3]])  # compiles
        begin = time.process_time()
        day = plan_patrols(plan, PatrolParams(rounds=2))
        spent = time.process_time() - begin
        for route in day.routes:
            validate_route(plan.territory.streets, route)
        week = plan_patrols(plan, PatrolParams(rounds=2, days=7))
        walked, bound = sum(r.length_m for r in day.routes), sum(r.bound_m for r in day.routes)
        rows.append(
            {
                "plan": path.name, "grids": len(plan), "walks": len(day.routes), "cpu_s": spent,
                "cpu_s_of_771": spent / len(plan) * 771, "proven": np.mean([r.proven for r in day.routes]),
                "gap_percent": 100 * (walked / max(bound, 1) - 1), "spread_day": day.spread, "spread_week": week.spread,
                "without": len(plan) - len({r.grid for r in day.routes}),
            }
        )  # fmt: skip
    return rows


def run_joins(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[Row]:
    """T-joins of random squares of real streets (50 a file), against integer programming."""
    rows: list[Row] = []
    for path in paths:
        graphs = equal = edges = 0
        spent = [0.0, 0.0]
        for n, u, v, weight in squares(path, GRAPHS):
            found, least, cpu = compared(n, u, v, weight)
            graphs, equal, edges = graphs + 1, equal + (found == least), edges + len(u)
            spent = [a + b for a, b in zip(spent, cpu, strict=True)]
        row = {"streets": path.name, "graphs": graphs, "mean_edges": edges / max(graphs, 1), "equal": equal}
        rows.append(row | {"tjoin_cpu_s": spent[0], "milp_cpu_s": spent[1]})
    return rows


def compared(n: int, u: Any, v: Any, weight: Any) -> tuple[int, int, list[float]]:
    """Weight of the T-join of all odd nodes, what integer programming proves to be least, CPU seconds of both."""
    from gridgeo.core.kernel.tjoin import Joins

    odd = np.flatnonzero(np.bincount(np.r_[u, v], minlength=n) % 2)
    begin = time.process_time()
    found = int(weight[Joins(n, u, v, weight).join(odd)].sum())
    middle = time.process_time()
    least = least_join(n, u, v, weight, odd)
    return found, least, [middle - begin, time.process_time() - middle]


def least_join(n: int, u: Any, v: Any, weight: Any, odd: Any) -> int:
    """Weight of a minimum T-join by integer programming: each node's degree is even, or odd, as asked."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, eye_array, hstack

    m = len(u)
    edge = np.arange(m)
    incidence = coo_array((np.ones(2 * m), (np.r_[u, v], np.r_[edge, edge])), shape=(n, m))
    wanted = np.isin(np.arange(n), odd).astype(float)
    solved = milp(
        np.r_[weight / 1000.0, np.zeros(n)],
        constraints=LinearConstraint(hstack([incidence, -2 * eye_array(n)], format="csr"), wanted, wanted),
        integrality=np.ones(m + n),
        bounds=Bounds(0, np.r_[np.ones(m), np.full(n, np.inf)]),
        options={"mip_rel_gap": 0.0},
    )
    return int(weight[np.rint(solved.x[:m]).astype(bool)].sum())


def squares(path: Path, count: int) -> Iterator[tuple[int, Any, Any, Any]]:
    """The largest connected street graph in random squares of 300 m: nodes, ends, lengths in mm."""
    from gridgeo.core.kernel.graph import components

    streets = streets_in(path)
    middle = (streets.node_xy[streets.tail] + streets.node_xy[streets.head]) / 2
    for center in middle[np.random.default_rng(1).permutation(len(middle))]:
        near = np.flatnonzero(np.abs(middle - center).max(axis=1) < HALF_M)
        names, local = np.unique(np.r_[streets.tail[near], streets.head[near]], return_inverse=True)
        u, v = local[: len(near)], local[len(near) :]
        part = components(len(names), u, v)
        kept = part[u] == np.bincount(part).argmax()
        u, v, weight = u[kept], v[kept], streets.length_mm[near][kept]
        if len(u) < 20 or not (np.bincount(np.r_[u, v]) % 2).any():
            continue
        yield len(names), u, v, weight
        count -= 1
        if count == 0:
            return


def streets_in(path: Path) -> Any:
    """The walking network of a street file, in metres."""
    from gridgeo.core.model import Table, geometries
    from gridgeo.core.territory.streets import streets_of

    if path.suffix in (".pbf", ".gz", ".osm"):
        from gridgeo.io.osm.read import read_osm

        return streets_of(read_osm(path).tables["streets"])
    import geopandas
    import pyogrio

    if path.suffix == ".parquet":
        frame = geopandas.read_parquet(path)
    else:
        names = [name for name, _ in pyogrio.list_layers(path)]
        frame = geopandas.read_file(path, layer=next(name for name in names if "road" in name or "street" in name))
    frame = frame.to_crs(frame.estimate_utm_crs()).explode()
    return streets_of(Table(columns={}, geometry=geometries(list(frame.geometry))))
