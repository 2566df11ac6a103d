"""What other tools draw on the same atoms: METIS, KaHIP and GerryChain, as many grids as the target asks for.

Their label goes through the same judge as ours. A tool that is not installed gives no row; one that gives up says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import csr
from gridgeo.core.model import Border, Grids, Kind, Plan, Territory, texts

Numbers = NDArray[np.int64]
Graph = tuple[Numbers, Numbers, Numbers, Numbers]
TARGET, SPREAD = 400, 0.25
"""Households aimed at, and the part by which a grid may differ: 300 to 500."""
ATTEMPTS, WITHIN_S = 500, 30.0
"""Spanning trees GerryChain may try for one cut, and CPU seconds after which it gets no more cuts."""


def graph_of(territory: Territory) -> Graph:
    """Compressed rows, neighbors, meters of border (from 1) and households; bridges are left out."""
    rows = territory.adjacency
    kept = rows.border != Border.BRIDGE
    ptr, adj, edge = csr(len(territory.atoms), rows.u[kept], rows.v[kept])
    weight = np.maximum(1, np.round(rows.length_m[kept][edge])).astype(np.int64)
    return ptr, adj, weight, territory.atoms.households


def metis(graph: Graph, k: int) -> Any:
    """METIS k-way."""
    import pymetis

    ptr, adj, weight, households = graph
    options = pymetis.Options(seed=1, ufactor=100, niter=50, ncuts=10, contig=0)
    return pymetis.part_graph(k, xadj=ptr, adjncy=adj, vweights=households, eweights=weight, options=options)[1]


def kahip(graph: Graph, k: int) -> Any:
    """KaHIP, strong configuration."""
    import kahip as tool

    ptr, adj, weight, households = (column.tolist() for column in graph)
    return tool.kaffpa(households, ptr, weight, adj, k, SPREAD, True, 1, 2)[1]


def gerrychain(graph: Graph, k: int) -> Any:
    """GerryChain, recursive bisection of random spanning trees."""
    import random
    import warnings

    import networkx as nx
    from gerrychain import Graph as Precincts
    from gerrychain.partition import recursive_tree_part
    from gerrychain.tree import bipartition_tree

    ptr, adj, _, households = graph
    net = nx.Graph()
    net.add_nodes_from((atom, {"hh": int(count)}) for atom, count in enumerate(households.tolist()))
    source = np.repeat(np.arange(len(households)), np.diff(ptr))
    net.add_edges_from(zip(source.tolist(), adj.tolist(), strict=True))
    random.seed(1)
    end = time.process_time() + WITHIN_S

    def method(*given: Any, **more: Any) -> Any:
        if time.process_time() > end:
            raise TimeoutError(f"no plan within {WITHIN_S:.0f} s")
        return bipartition_tree(*given, **more, max_attempts=ATTEMPTS)

    size = float(households.sum()) / k
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        label = recursive_tree_part(Precincts.from_networkx(net), range(k), size, "hh", SPREAD, method=method)
    return [label[atom] for atom in range(len(households))]


TOOLS: dict[str, Callable[[Graph, int], Any]] = {"metis": metis, "kahip": kahip, "gerrychain": gerrychain}


def peer_plan(territory: Territory, name: str) -> Plan | str | None:
    """Plan of a peer; what it said when it gave up; None where it is not installed."""
    k = max(1, round(territory.households / TARGET))
    try:
        label = TOOLS[name](graph_of(territory), k)
    except ImportError:
        return None
    except Exception as gave_up:  # whatever a peer raises is its answer
        return f"{type(gave_up).__name__}: {gave_up}"[:80]
    used, new = np.unique(np.asarray(label), return_inverse=True)
    k = len(used)
    grids = Grids(
        code=texts([f"g{i}" for i in range(k)]), name=texts([""] * k), kind=np.full(k, Kind.URBAN, np.int8),
        community=np.full(k, -1, np.int32),
    )  # fmt: skip
    return Plan(territory=territory, label=new.astype(np.int32), grids=grids)
