"""How good walks are: windy rural postman, capacitated arc routing, stop tours; against proven or best known values.

Formats: see the readers below; `wrpp` (NOMBRE, LISTA_ARISTAS_REQ ...), `carp` (plain numbers, one edge a line) and
`tsplib`. Best values are read from the CSV beside the instances (`single_tour_optima.csv`, `best_known.csv`,
`optimal_values.csv`); instances without one are run all the same.
"""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import files_in, peak_mib

Row = dict[str, Any]
NODES = re.compile(r"VERTICES\s*:\s*(\d+)")
TRIED, MANY = 0.5, 6
PACED, WITHIN = 0.95, 0.98  # searches are paced to end within their seconds, and stopped where the pace was misjudged


class CpuSeconds:
    """Stop rule: True once the process has worked for so many seconds since the rule was made."""

    def __init__(self, seconds: float) -> None:
        self._begin, self._seconds = time.process_time(), seconds

    @property
    def spent(self) -> float:
        """CPU seconds since the rule was made."""
        return time.process_time() - self._begin

    def __call__(self) -> bool:
        """Whether they are spent."""
        return self.spent >= self._seconds


def _known(file: Path, table: str, column: str) -> float | None:
    path = file.parent / table
    if not path.exists():
        return None
    with path.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if next(iter(row.values())) == file.stem:
                return float(row[column])
    return None


def _gap(value: float | None, best: float | None) -> float | None:
    """Part by which a value is above the best one known, or above a bound; None where either is missing."""
    return None if value is None or not best else (value - best) / best


def read_wrpp(path: Path) -> Any:
    """A windy rural postman instance as a RuralTask."""
    from gridgeo.core.patrol.exact import RuralTask

    text = path.read_text(encoding="latin-1")
    nodes = NODES.search(text)
    if nodes is None:
        raise ValueError(f"{path}: no VERTICES")
    required, other = text.split("LISTA_ARISTAS_REQ")[1].split("LISTA_ARISTAS_NOREQ")
    edge = r"\(\s*(\d+)\s*,\s*(\d+)\)\s*coste\s+(\d+)\s+(\d+)"
    parts = [np.array(re.findall(edge, part), np.int64).reshape(-1, 4) for part in (required, other)]
    table = np.concatenate(parts)
    return RuralTask(
        n=int(nodes[1]),
        u=table[:, 0] - 1,
        v=table[:, 1] - 1,
        forward=table[:, 2],
        backward=table[:, 3],
        passes=np.repeat([1, 0], [len(part) for part in parts]),
        through=np.zeros(0, np.int64),
    )


def run_wrpp(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[Row]:
    """Proven optima of windy rural postman instances; `seconds` (2) ends the search between two programs."""
    from gridgeo.core.patrol.exact import solve_rural
    from gridgeo.stop import MaxSeconds

    files = [file for file in files_in(paths, "") if NODES.search(file.read_text(encoding="latin-1"))]
    rows: list[Row] = []
    for file in files[:1] + files:  # the first one warms up, and counts only the second time
        task = read_wrpp(file)
        begin = time.process_time()
        answer = solve_rural(task, stop=MaxSeconds(seconds or 2.0))
        spent = time.process_time() - begin
        best = _known(file, "single_tour_optima.csv", "optimal_cost")
        value = None if answer.forward is None else answer.cost
        rows.append(
            {
                "instance": file.name, "edges": len(task.u), "value": value, "bound": answer.bound, "best_known": best,
                "gap": _gap(value, best or answer.bound), "proven": answer.proven, "cpu_s": spent,
                "peak_mib": peak_mib(),
            }
        )  # fmt: skip
    rows = rows[1:]
    within = [
        row for row in rows if row["proven"] and row["value"] == row["best_known"] and row["cpu_s"] <= (seconds or 2.0)
    ]
    share = f"{len(within)} of {len(rows)} at the proven optimum in time"
    return [*rows, {"instance": "all", "value": share}]


def read_carp(path: Path) -> tuple[int, np.ndarray, int]:
    """Nodes, edges (from, to, cost, demand), capacity of a capacitated arc routing instance; node 0 is the depot."""
    numbers = np.array(path.read_text().split(), np.int64)
    n, m = int(numbers[0]), int(numbers[1])
    return n, numbers[2 : 2 + 4 * m].reshape(m, 4), int(numbers[3 + 4 * m])


def carp_task(n: int, edges: np.ndarray, capacity: int) -> Any:
    """The instance as services to share out."""
    from scipy.sparse.csgraph import shortest_path

    from gridgeo.core.patrol.share import ShareTask

    table = np.full((n, n), np.inf)
    np.minimum.at(table, (edges[:, 0], edges[:, 1]), edges[:, 2])
    table = np.minimum(table, table.T)
    away = np.rint(shortest_path(table, method="D", directed=False)).astype(np.int64)
    served = edges[edges[:, 3] > 0]
    begin = np.append(served[:, :2].ravel(), 0)
    end = np.append(served[:, 1::-1].ravel(), 0)
    return ShareTask(
        between=away[np.ix_(end, begin)],
        serve=served[:, 2].copy(),
        load=served[:, 3].copy(),
        capacity=capacity,
        walks=len(served),
    )


def run_carp(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[Row]:
    """Capacitated arc routing over best known; `seconds` (2) is the CPU time of each instance."""
    from gridgeo.core.patrol.share import RUN, share_out

    rows: list[Row] = []
    for file in files_in(paths, ".dat"):
        task = carp_task(*read_carp(file))
        share_out(task, steps=10)  # compiles
        pace = 2_000 / TRIED
        for _ in range(2):  # the second try, half a second long, tells the pace
            trial = CpuSeconds(np.inf)
            share_out(task, steps=int(pace * TRIED))
            pace = int(pace * TRIED) / max(1e-9, trial.spent)
        steps = max(2_000, int(pace * (seconds or 2.0) * PACED))
        if steps > MANY * RUN * len(task.serve):  # many runs, each whole in itself: the clock alone may end them
            steps *= 10
        stop = CpuSeconds((seconds or 2.0) * WITHIN)
        shared = share_out(task, steps=steps, rng_seed=7, stop=stop)
        spent = stop.spent
        bound, best = (_known(file, "best_known.csv", column) for column in ("lower_bound", "upper_bound"))
        row: Row = {"instance": file.stem, "services": len(task.serve), "value": shared.total}
        row |= {"known_bound": bound, "best_known": best, "gap": _gap(shared.total, best)}
        row |= {"cpu_s": spent, "peak_mib": peak_mib()}
        rows.append(row | (_pyvrp_carp(task, seconds or 2.0, best) if peers else {}))
    gaps = [row["gap"] for row in rows if row["gap"] is not None]
    return [*rows, {"instance": "mean", "gap": float(np.mean(gaps)) if gaps else None}]


def _pyvrp_carp(task: Any, seconds: float, best: float | None) -> Row:
    """The same instance with PyVRP, one group of two clients a service; empty when it is not installed."""
    try:
        from pyvrp import Model
        from pyvrp.stop import MaxRuntime
    except ImportError:
        return {"pyvrp": "not installed"}
    k = len(task.serve)
    model = Model()
    places = [model.add_location(0, 0) for _ in range(2 * k + 1)]
    depot = model.add_depot(places[2 * k])
    model.add_vehicle_type(k, capacity=[task.capacity], start_depot=depot, end_depot=depot)
    for i in range(k):
        group = model.add_client_group(required=True)
        for way in (0, 1):
            model.add_client(places[2 * i + way], delivery=[int(task.load[i])], required=False, group=group)
    for a in range(2 * k + 1):
        for b in range(2 * k + 1):
            if a != b:
                model.add_edge(places[a], places[b], distance=int(task.between[a, b]))
    result = model.solve(MaxRuntime(seconds), seed=1, display=False, collect_stats=False)
    value = int(result.best.distance()) + int(task.serve.sum()) if result.best.is_feasible() else None
    return {"pyvrp": value, "pyvrp_gap": _gap(value, best)}


def read_tsp(path: Path) -> np.ndarray:
    """Distances of a TSPLIB instance, (n, n), rounded the way the format asks for."""
    head, _, body = path.read_text().partition("_SECTION")
    given = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in head.splitlines())}
    n, kind = int(given["DIMENSION"]), given["EDGE_WEIGHT_TYPE"]
    tail = body if kind != "EXPLICIT" else path.read_text().partition("EDGE_WEIGHT_SECTION")[2]
    numbers = re.findall(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?", tail)
    if kind == "EXPLICIT":
        return _explicit(n, given["EDGE_WEIGHT_FORMAT"], np.array(numbers, float).astype(np.int64))
    xy = np.array(numbers[: 3 * n], float).reshape(n, 3)[:, 1:]
    if kind == "GEO":
        return _geographic(xy)
    away = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    if kind == "ATT":
        away = np.sqrt(away**2 / 10.0)
        return np.where(np.rint(away) < away, np.rint(away) + 1, np.rint(away)).astype(np.int64)
    rounded = {"EUC_2D": np.floor(away + 0.5), "CEIL_2D": np.ceil(away)}
    return rounded[kind].astype(np.int64)


def _explicit(n: int, form: str, numbers: np.ndarray) -> np.ndarray:
    if form == "FULL_MATRIX":
        return numbers[: n * n].reshape(n, n)
    rows = {
        "UPPER_ROW": np.triu_indices(n, 1),
        "UPPER_DIAG_ROW": np.triu_indices(n),
        "LOWER_ROW": np.tril_indices(n, -1),
        "LOWER_DIAG_ROW": np.tril_indices(n),
    }[form]
    table = np.zeros((n, n), np.int64)
    table[rows] = numbers[: len(rows[0])]
    return np.maximum(table, table.T)


def _geographic(degrees: np.ndarray) -> np.ndarray:
    """Distances in whole kilometres on the sphere TSPLIB prescribes, from degrees.minutes."""
    whole = np.trunc(degrees)
    lat, lon = (3.141592 * (whole + 5.0 * (degrees - whole) / 3.0) / 180.0).T
    q1 = np.cos(lon[:, None] - lon)
    q2, q3 = np.cos(lat[:, None] - lat), np.cos(lat[:, None] + lat)
    angle = np.arccos(np.clip(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3), -1, 1))
    away = (6378.388 * angle + 1.0).astype(np.int64)
    np.fill_diagonal(away, 0)
    return away


def run_tsp(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[Row]:
    """Round trips through stops over proven optima; `seconds` (2) is the CPU time of each instance."""
    from gridgeo.core.patrol.tour import round_trip, trip_length

    rows: list[Row] = []
    for file in files_in(paths, ".tsp"):
        away = read_tsp(file)
        round_trip(away, kicks=1)  # compiles
        begin = time.process_time()
        round_trip(away, kicks=5_000)
        pace = 5_000 / max(1e-9, time.process_time() - begin)
        stop = CpuSeconds((seconds or 2.0) * WITHIN)
        order, _ = round_trip(away, kicks=int(pace * (seconds or 2.0) * PACED), rng_seed=7, stop=stop)
        spent = stop.spent
        value, best = trip_length(away, order), _known(file, "optimal_values.csv", "optimal")
        rows.append(
            {"instance": file.stem, "stops": len(away), "value": value, "best_known": best}
            | {"gap": _gap(value, best), "cpu_s": spent, "peak_mib": peak_mib()}
        )
    gaps = [row["gap"] for row in rows if row["stops"] <= 300 and row["gap"] is not None]
    return [*rows, {"instance": "mean to 300 stops", "gap": float(np.mean(gaps)) if gaps else None}]
