"""How fast exact T-joins are: 200 grids of 100 streets each, and single town graphs; networkx as the peer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def town(edges: int, seed: int) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """A connected planar street graph: nodes, ends and lengths in mm; a jittered lattice thinned to `edges`."""
    rng = np.random.default_rng(seed)
    side = max(2, round((edges / 1.6) ** 0.5))
    node = np.arange(side * side).reshape(side, side)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    xy = np.stack([node.ravel() % side, node.ravel() // side], 1) * 90.0 + rng.normal(0, 20, (side * side, 2))
    weight = np.rint(np.hypot(*(xy[u] - xy[v]).T) * 1000).astype(np.int64) + 1
    # a random spanning tree stays; the other edges are thinned at random
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    rank = rng.permutation(len(u)) + 1.0
    tree = minimum_spanning_tree(coo_array((rank, (u, v)), shape=(side * side,) * 2)).tocoo()
    kept = np.isin(rank, tree.data)
    spare = np.flatnonzero(~kept)
    kept[rng.permutation(spare)[: max(0, edges - int(kept.sum()))]] = True
    return side * side, u[kept], v[kept], weight[kept]


def run(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """CPU seconds of T-joins of all odd nodes (the made towns need no files)."""
    from gridgeo.core.kernel.tjoin import Joins

    rows = []
    for grids, edges in ((200, 100), (1, 1_000), (1, 10_000)):
        towns = [town(edges, seed) for seed in range(grids)]
        asked = [np.flatnonzero(np.bincount(np.concatenate([u, v]), minlength=n) % 2) for n, u, v, _ in towns]
        Joins(*towns[0]).join(asked[0])
        begin = time.process_time()
        joins = [Joins(*made).join(odd) for made, odd in zip(towns, asked, strict=True)]
        spent = time.process_time() - begin
        length = sum(int(made[3][join].sum()) for made, join in zip(towns, joins, strict=True))
        row: dict[str, Any] = {"graphs": grids, "edges": edges, "join_m": length / 1000, "cpu_s": spent}
        if peers and edges <= 100:
            row |= _networkx(towns, asked)
        rows.append(row)
    return rows


def _networkx(towns: list[Any], asked: list[Any]) -> dict[str, Any]:
    """The usual way: all pairs of odd nodes, then minimum-weight matching."""
    import networkx as nx

    begin = time.process_time()
    total = 0
    for (_, u, v, weight), odd in zip(towns[:10], asked[:10], strict=True):
        graph: Any = nx.Graph()
        graph.add_weighted_edges_from(zip(u.tolist(), v.tolist(), weight.tolist(), strict=True))
        pairs: Any = nx.Graph()
        for a in odd.tolist():
            away = nx.single_source_dijkstra_path_length(graph, a)
            pairs.add_weighted_edges_from((a, b, away[b]) for b in odd.tolist() if a < b)
        total += sum(pairs[a][b]["weight"] for a, b in nx.min_weight_matching(pairs))
    return {"networkx_10_graphs_cpu_s": time.process_time() - begin, "networkx_10_graphs_m": total / 1000}
