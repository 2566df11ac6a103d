"""Sparse graphs as arrays: CSR adjacency and components (shortest paths are in `paths`, which needs numba)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def csr(n: int, u: NDArray[Any], v: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Both directions of m undirected edges in compressed rows.

    Returns
    -------
    ptr
        (n + 1,) row starts.
    neighbor
        (2 m,) other end, rows sorted by edge number.
    edge
        (2 m,) edge number.

    Examples
    --------
    >>> ptr, neighbor, edge = csr(3, np.array([0, 1]), np.array([1, 2]))
    >>> neighbor[ptr[1]:ptr[2]].tolist(), edge[ptr[1]:ptr[2]].tolist()
    ([0, 2], [0, 1])
    """
    m = len(u)
    source = np.concatenate([u, v]).astype(np.int64)
    target = np.concatenate([v, u]).astype(np.int64)
    number = np.concatenate([np.arange(m), np.arange(m)])
    order = np.lexsort((number, source))
    ptr = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(source, minlength=n), out=ptr[1:])
    return ptr, target[order], number[order]


def components(n: int, u: NDArray[Any], v: NDArray[Any]) -> NDArray[np.int64]:
    """Component of each of n nodes, numbered by first appearance from 0.

    >>> components(4, np.array([2]), np.array([3])).tolist()
    [0, 1, 2, 2]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(u), np.int8), (u, v)), shape=(n, n))
    label = connected_components(graph, directed=False)[1]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse]
