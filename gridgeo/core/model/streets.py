"""The walking network."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from gridgeo.core.model.columns import Flags, Floats, Ints, Objects, Rows, Small

DAY_S = 86_400
"""Seconds of a day: hours that close then are open to its end."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """The walking network: street lines and the graph noded from them.

    Lines (row a street of the file): `code`, `name`, `street_class`, `border` (PATH, STREET, MAIN, MOTORWAY),
    `walkable`, `sides` (1 or 2), `width_m`, `line_geometry`, `level` (0 the ground, bridges above, tunnels below).
    Nodes: `node_xy` (v, 2) metres. Edges: `tail`, `head` node rows, `line` row of the street, `length_mm` >= 1,
    `geometry` from tail to head. Only walkable lines have edges; parallel edges and loops may occur.

    What only some towns know of a line: `slope` percent (uphill as drawn above 0, 0 level or not known), `opens` and
    `closes`, seconds of the day between which it may be passed.
    """

    code: Objects
    name: Objects
    street_class: Objects
    border: Small
    walkable: Flags
    sides: Ints
    width_m: Floats
    line_geometry: Objects
    node_xy: Floats
    tail: Rows
    head: Rows
    line: Rows
    length_mm: Ints
    geometry: Objects
    level: Small = field(default_factory=lambda: np.zeros(0, np.int8))
    slope: Floats = field(default_factory=lambda: np.zeros(0))
    opens: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    closes: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        usual = {"level": np.int8(0), "slope": 0.0, "opens": 0, "closes": DAY_S}
        for name, value in usual.items():
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.full(len(self.code), value))
        for spec in fields(self):
            getattr(self, spec.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.tail)

    @property
    def nodes(self) -> int:
        """Number of graph nodes."""
        return len(self.node_xy)

    def to_networkx(self) -> Any:
        """The graph as a networkx.MultiGraph: nodes carry x and y, edges code, name and length_m."""
        import networkx as nx

        graph: Any = nx.MultiGraph()
        graph.add_nodes_from((i, {"x": x, "y": y}) for i, (x, y) in enumerate(self.node_xy.tolist()))
        rows = zip(self.tail.tolist(), self.head.tolist(), self.line.tolist(), self.length_mm.tolist(), strict=True)
        graph.add_edges_from(
            (a, b, {"code": self.code[s], "name": self.name[s], "length_m": mm / 1000}) for a, b, s, mm in rows
        )
        return graph
