"""The walking network with everything every grid's walk asks of it, built once for a plan."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.kernel.paths import Arcs, arcs_of, hooks_of, pairs_within, starts_of
from gridgeo.core.kernel.tjoin import Joins
from gridgeo.core.model import Floats, Ints, Streets


class Network:
    """Streets as a graph that answers joins, shortest paths, nearest nodes and shapes of walks.

    Parameters
    ----------
    streets
        The walking network; officers may walk on any of its edges.
    """

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self.tail = streets.tail.astype(np.int64)
        self.head = streets.head.astype(np.int64)
        self.length_mm = streets.length_mm
        self.joins = Joins(streets.nodes, self.tail, self.head, self.length_mm)

    @property
    def component(self) -> Ints:
        """Component of each node: what can be walked to from where."""
        return self.joins.component

    @cached_property
    def arcs(self) -> Arcs:
        """The graph in compressed rows, costs in millimetres."""
        return arcs_of(self.streets.nodes, self.tail, self.head, self.length_mm)

    @cached_property
    def _shape(self) -> tuple[Floats, Ints]:
        """Coordinates of all edges in one array, and where each edge's begin."""
        xy, edge = shapely.get_coordinates(self.streets.geometry, return_index=True)
        return xy, np.searchsorted(edge, np.arange(len(self.tail) + 1))

    @cached_property
    def _node_tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(self.streets.node_xy)

    def degree(self, edges: NDArray[Any]) -> tuple[Ints, Ints]:
        """Nodes the edges touch (ascending), and how often each is touched; a row counts as often as it is given."""
        ends, count = np.unique(np.concatenate([self.tail[edges], self.head[edges]]), return_counts=True)
        return ends, count

    def odd(self, edges: NDArray[Any]) -> Ints:
        """Nodes an odd number of these edges end at."""
        ends, count = self.degree(edges)
        odd: Ints = ends[count % 2 == 1]
        return odd

    def path(self, a: int, b: int) -> Ints:
        """Edges of a shortest path between two nodes, ascending rows, not in walking order."""
        return self.joins.join(np.array([a, b])) if a != b else np.zeros(0, np.int64)

    def distances(self, nodes: NDArray[Any], limit: int) -> tuple[Ints, Ints, Ints]:
        """Walking distances between distinct nodes up to a limit: positions i, j in `nodes`, millimetres."""
        k = np.arange(len(nodes))
        none = np.zeros(len(nodes), np.int64)
        hooks = hooks_of(self.streets.nodes, nodes, k, none)
        return pairs_within(self.arcs, hooks, np.ones(len(nodes), bool), starts_of(len(nodes), k, nodes, none), limit)

    def nearest_node(self, xy: NDArray[Any], component: int) -> tuple[int, float]:
        """The node of a component nearest to a point, and the metres between them as the crow flies."""
        wanted, total = 8, self.streets.nodes
        while True:
            away, node = self._node_tree.query(xy, k=min(wanted, total))
            away, node = np.atleast_1d(away), np.atleast_1d(node)
            fits = np.flatnonzero(self.component[node] == component)
            if len(fits):
                nearest = np.flatnonzero((away == away[fits[0]]) & (self.component[node] == component))
                best = int(node[nearest].min())
                return best, float(away[fits[0]])
            wanted *= 4

    def line(self, steps: NDArray[Any]) -> Floats:
        """Coordinates of a walk given as steps (2 * edge, plus 1 backwards), repeated points dropped, (n, 2)."""
        xy, at = self._shape
        parts = [
            xy[at[s >> 1] : at[(s >> 1) + 1]][::-1] if s & 1 else xy[at[s >> 1] : at[(s >> 1) + 1]]
            for s in steps.tolist()
        ]
        points = np.concatenate(parts) if parts else np.zeros((0, 2))
        keep = np.ones(len(points), bool)
        keep[1:] = (points[1:] != points[:-1]).any(axis=1)
        return points[keep]
