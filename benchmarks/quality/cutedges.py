"""Exactness, against known answers: connected balanced parts with the fewest cut edges, all divisions of a graph.

A file NAME.json with `adjacency` (neighbors of each node) and populations is an instance: with `nodes` one for
the fewest cut edges, whose parts and band stand in best_known.csv beside it (state, level, k, L, U, best_cut_edges);
with `population` and `k` one for listing, whose plans may stand in NAME_all_plans_kK.npz.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import files_in, peak_mib
from gridgeo.core.partition.cutedges import Network, fewest_cuts, list_plans
from gridgeo.stop import MaxSeconds

Row = dict[str, Any]


def run(paths: Iterable[Path] = (), seconds: float | None = None, peers: bool = False) -> list[Row]:
    """Rows of the benchmark: each instance of the files and folders given; kernels are warmed up first."""
    warm()
    return [row for file in files_in(paths, ".json") for row in rows_of(file, seconds)]


def warm() -> None:
    """Compile the kernels on a small lattice."""
    for count in (2, 3):
        fewest_cuts(lattice(3), count, (1, 9))
    list_plans(lattice(2), 2)


def lattice(side: int) -> Network:
    """Square lattice of nodes of weight 1."""
    cell = np.arange(side * side).reshape(side, side)
    ends = np.concatenate([
        np.stack([cell[:, :-1].ravel(), cell[:, 1:].ravel()], 1), np.stack([cell[:-1].ravel(), cell[1:].ravel()], 1)
    ])  # fmt: skip
    one = np.ones(len(ends), np.int64)
    return Network(np.ones(side * side, np.int64), ends[:, 0], ends[:, 1], one)


def network_of(adjacency: list[list[int]], weight: list[int]) -> Network:
    """Network of an adjacency list; every edge is worth 1."""
    pairs = sorted({(min(u, v), max(u, v)) for u, row in enumerate(adjacency) for v in row if u != v})
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    return Network(np.array(weight, np.int64), ends[:, 0], ends[:, 1], np.ones(len(ends), np.int64))


def rows_of(file: Path, seconds: float | None) -> list[Row]:
    """The row of an instance, or none for other files."""
    told = json.loads(file.read_text())
    if not isinstance(told, dict) or "adjacency" not in told:
        return []
    if "nodes" in told:
        known = known_of(file, told)
        return [] if known is None else [cut_row(file, told, known, seconds)]
    return [list_row(file, told)] if "k" in told else []


def known_of(file: Path, told: Row) -> Row | None:
    """The line of best_known.csv for an instance."""
    table = file.parent / "best_known.csv"
    lines = list(csv.DictReader(table.open())) if table.exists() else []
    found = [line for line in lines if (line["level"], line["state"]) == (told["level"], told["state"])]
    return found[0] if found else None


def cut_row(file: Path, told: Row, known: Row, seconds: float | None) -> Row:
    """Fewest cut edges of an instance, checked, beside what is known."""
    network = network_of(told["adjacency"], [int(node["TOTPOP"]) for node in told["nodes"]])
    count, band = int(known["k"]), (int(known["L"]), int(known["U"]))
    began = time.process_time()
    found = fewest_cuts(network, count, band, stop=MaxSeconds(seconds) if seconds else (lambda: False))
    spent = time.process_time() - began
    sound = found.label is not None and checked(network, found.label, count, band) == found.cut
    value = found.cut if found.label is not None else None
    return {
        "instance": file.stem, "n": len(network), "m": len(network.u), "k": count, "value": value,
        "bound": found.bound, "proven": found.status == "optimal",
        "best_known": float(known["best_cut_edges"]) if known.get("best_cut_edges") else None,
        "best_proven": known.get("proven_optimal"), "sound": sound, "cpu_s": round(spent, 2), "peak_mib": peak_mib(),
        "gap": None if value is None else (value - found.bound) / max(value, 1),
    }  # fmt: skip


def checked(network: Network, label: np.ndarray, count: int, band: tuple[int, int]) -> float:
    """Cut edges of a plan counted afresh; -1 when a part is out of the band or in pieces."""
    import networkx as nx

    graph = nx.Graph(list(zip(network.u.tolist(), network.v.tolist(), strict=True)))
    weight = np.bincount(label, network.weight, count)
    whole = all(nx.is_connected(graph.subgraph(np.flatnonzero(label == part).tolist())) for part in range(count))
    if not whole or weight.min() < band[0] or weight.max() > band[1]:
        return -1.0
    return float((label[network.u] != label[network.v]).sum())


def list_row(file: Path, told: Row) -> Row:
    """All divisions of an instance beside those known."""
    network = network_of(told["adjacency"], told["population"])
    began = time.process_time()
    plans = list_plans(network, int(told["k"]))
    spent = time.process_time() - began
    known = file.parent / f"{file.stem}_all_plans_k{told['k']}.npz"
    row: Row = {"instance": file.stem, "n": len(network), "m": len(network.u), "k": told["k"], "value": len(plans)}
    if known.exists():
        table = np.load(known)["plans"]
        table = table if table.shape[1] == len(network) else table.T
        row |= {"best_known": len(table), "sound": {p.tobytes() for p in plans} == {p.tobytes() for p in packed(table)}}
    return row | {"proven": True, "cpu_s": round(spent, 2), "peak_mib": peak_mib()}


def packed(plans: np.ndarray) -> np.ndarray:
    """Labels of plans (p, n) renumbered by the lowest node of each part."""
    out = np.full(plans.shape, -1, np.int8)
    for part in range(int(plans.max()) + 1):
        first = np.argmax(out < 0, axis=1)
        mine = plans == plans[np.arange(len(plans)), first][:, None]
        out[mine & (out < 0)] = part
    return out
