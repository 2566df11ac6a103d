"""A plainer walking network: streets drawn twice once only, and nodes where nothing branches taken out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Flags, Floats, Ints, Objects, Rows, geometries

SAME_M = 1.0
"""Two edges between the same nodes that are never farther apart than this are one street, metres."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Noded:
    """Graph of noded lines: `node_xy` (v, 2); per edge `tail`, `head`, `part` (row of the line) and `geometry`."""

    node_xy: Floats
    tail: Rows
    head: Rows
    part: Ints
    geometry: Objects

    def take(self, rows: Ints | Flags) -> Noded:
        """The chosen edges; nodes none of them meets are left out, the others numbered as the edges meet them."""
        ends = np.stack([self.tail[rows], self.head[rows]], axis=1)
        used, where, number = np.unique(ends.ravel(), return_index=True, return_inverse=True)
        rank = np.empty(len(used), np.int32)
        rank[np.argsort(where, kind="stable")] = np.arange(len(used))
        pair = rank[number].reshape(-1, 2)
        node_xy = np.empty((len(used), 2))
        node_xy[rank] = self.node_xy[used]
        return Noded(
            node_xy=node_xy,
            tail=pair[:, 0].copy(),
            head=pair[:, 1].copy(),
            part=self.part[rows],
            geometry=self.geometry[rows],
        )


def without_doubles(edges: Noded) -> Noded:
    """Edges without those that run along an earlier one between the same nodes. O(m log m)."""
    low, high = np.minimum(edges.tail, edges.head), np.maximum(edges.tail, edges.head)
    order = np.lexsort((np.arange(len(low)), high, low))
    gone = np.zeros(len(low), bool)
    while len(order) > 1:
        same = (low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1])
        begins = np.concatenate([[True], ~same])
        lead = order[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
        others = ~begins
        mine, first = order[others], lead[others]
        apart = shapely.hausdorff_distance(edges.geometry[mine], edges.geometry[first])
        gone[mine[apart <= SAME_M]] = True
        order = mine[apart > SAME_M]
    return edges.take(~gone) if gone.any() else edges


def without_through_nodes(edges: Noded, kind: Ints) -> Noded:
    """Edges joined where exactly two of one kind meet; geometry is kept, rings stay as they are. O(m log m).

    Parameters
    ----------
    edges
        The network.
    kind
        (lines,) a number for each line: lines of another number are another street.
    """
    chain, ends = _chains(edges, kind[edges.part])
    size = np.bincount(chain)
    joined = (size > 1) & (ends[:, 0] != ends[:, 1])
    single = np.flatnonzero(~joined[chain])
    if len(single) == len(chain):
        return edges
    rows = np.flatnonzero(joined[chain])
    rows = rows[np.argsort(chain[rows], kind="stable")]
    number = np.unique(chain[rows], return_inverse=True)[1].ravel()
    line = _end_to_end(edges.geometry[rows], number)
    pair = ends[joined]
    forward = (shapely.get_coordinates(shapely.get_point(line, 0)) == edges.node_xy[pair[:, 0]]).all(axis=1)
    pair = np.where(forward[:, None], pair, pair[:, ::-1])
    length = shapely.length(edges.geometry[rows])
    longest = rows[np.lexsort((rows, -length, number))][np.unique(np.sort(number), return_index=True)[1]]
    first = np.minimum.reduceat(rows, np.unique(number, return_index=True)[1])
    order = np.argsort(np.concatenate([single, first]), kind="stable")
    together = Noded(
        node_xy=edges.node_xy,
        tail=np.concatenate([edges.tail[single], pair[:, 0]])[order].astype(np.int32),
        head=np.concatenate([edges.head[single], pair[:, 1]])[order].astype(np.int32),
        part=np.concatenate([edges.part[single], edges.part[longest]])[order],
        geometry=np.concatenate([edges.geometry[single], line])[order],
    )
    return together.take(np.arange(len(order)))


def _chains(edges: Noded, kind: Ints) -> tuple[Ints, Ints]:
    """Chain of each edge, and the two end nodes of each chain, equal ones (or -1) for rings, (chains, 2)."""
    m, n = len(edges.tail), len(edges.node_xy)
    node, edge = np.concatenate([edges.tail, edges.head]).astype(np.int64), np.tile(np.arange(m), 2)
    order = np.argsort(node, kind="stable")
    at = np.searchsorted(node[order], np.arange(n + 1))
    two = np.flatnonzero(np.diff(at) == 2)
    a, b = edge[order[at[two]]], edge[order[at[two] + 1]]
    through = (a != b) & (kind[a] == kind[b])
    chain = components(m, a[through], b[through]).astype(np.int64)
    inner = np.zeros(n, bool)
    inner[two[through]] = True
    loose = np.flatnonzero(~inner[node])
    ends = np.full((int(chain.max(initial=-1)) + 1, 2), -1, np.int64)
    owner, loose = chain[edge[loose]], node[loose]
    ends[owner[::-1], 0] = loose[::-1]  # the first of each chain stays
    ends[owner, 1] = loose  # and the last
    return chain, ends


def _end_to_end(geometry: Objects, number: Ints) -> Objects:
    """The lines of each number as one line."""
    return geometries(shapely.line_merge(shapely.multilinestrings(geometry, indices=number)))
