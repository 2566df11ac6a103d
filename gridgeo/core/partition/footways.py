"""How far it is on foot between units, and how much work each holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Kind, Territory
from gridgeo.core.partition.params import PlanParams, WorkWeights

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]

DETOUR = 1.5
"""Price of a straight meter between neighbors off the streets: above the detour of most street networks."""
FAR = 20_000.0
"""Meters beyond which nobody looks; farther is as far as this."""
BATCH = 256
"""Starts searched from at a time, so that memory stays small."""


@dataclass(frozen=True, eq=False)
class Footways:
    """Ways on foot between units: streets, a straight step to the nearest, and straight steps between neighbors.

    `center` (n, 2) meters; edges `u`, `v` join units one may walk between. With `everywhere` urban zones are told
    their distances too, otherwise rural land alone.
    """

    territory: Territory
    center: Reals
    u: Numbers
    v: Numbers
    everywhere: bool

    @cached_property
    def network(self) -> Any:
        """Sparse symmetric meters: units first, then street nodes."""
        from scipy.sparse import coo_array

        streets, n = self.territory.streets, len(self.center)
        hop = DETOUR * np.hypot(*(self.center[self.u] - self.center[self.v]).T)
        tail, head, cost = [self.u], [self.v], [hop]
        if len(streets):
            tail.append(streets.tail.astype(np.int64) + n)
            head.append(streets.head.astype(np.int64) + n)
            cost.append(streets.length_mm / 1000.0)
            door, step = self._doors()
            tail.append(np.arange(n))
            head.append(door + n)
            cost.append(step)
        a, b = np.concatenate(tail), np.concatenate(head)
        meters, size = np.concatenate(cost), n + streets.nodes
        order = np.lexsort((meters, np.maximum(a, b), np.minimum(a, b)))
        key = (np.minimum(a, b) * size + np.maximum(a, b))[order]
        first = np.concatenate([[True], key[1:] != key[:-1]]) if len(key) else np.zeros(0, bool)
        key, meters = key[first], np.maximum(meters[order][first], 1e-3)
        return coo_array((meters, (key // size, key % size)), shape=(size, size)).tocsr()

    def _doors(self) -> tuple[Numbers, Reals]:
        """Nearest street node of each unit that a street ends at, and the straight meters to it."""
        from scipy.spatial import cKDTree

        streets = self.territory.streets
        used = np.unique(np.concatenate([streets.tail, streets.head]))
        step, at = cKDTree(streets.node_xy[used]).query(self.center)
        return used[at].astype(np.int64), np.asarray(step, np.float64)

    def between(self, rows: Numbers) -> NDArray[np.float32]:
        """Meters on foot between each two of the units `rows`, (r, r). O(r (m log m)) for m streets."""
        from scipy.sparse.csgraph import dijkstra

        out = np.empty((len(rows), len(rows)), np.float32)
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            far = dijkstra(self.network, directed=False, indices=some, limit=FAR)
            out[start : start + BATCH] = np.minimum(far[:, rows], FAR)
        return np.minimum(out, out.T)

    def wanted(self, kind: Numbers) -> bool:
        """Whether units of these kinds are told their distances."""
        return self.everywhere or bool((kind == Kind.RURAL).all())

    def radius(self, rows: Numbers, households: Numbers) -> float:
        """Meters from the best-placed of the units `rows` to the farthest with households."""
        lived = households[rows] > 0
        return float(self.between(rows)[:, lived].max(axis=1).min()) if lived.any() else 0.0


def middles(territory: Territory, unit: Numbers) -> Reals:
    """Middle of the households of each unit, of its area where nobody lives, (n, 2) meters."""
    atoms = territory.atoms
    k = int(unit.max(initial=-1)) + 1
    lived = np.bincount(unit, atoms.households, k) > 0
    weight = np.where(lived[unit], atoms.households, atoms.area_m2)
    total = np.bincount(unit, weight, k)
    return np.stack([np.bincount(unit, weight * atoms.centroid[:, q], k) for q in (0, 1)], 1) / total[:, None]


def footways(territory: Territory, params: PlanParams, unit: Numbers, u: Numbers, v: Numbers) -> Footways | None:
    """Ways between the units where any rule or price asks for them."""
    rural = params.rural_walk_m is not None and bool((territory.atoms.kind == Kind.RURAL).any())
    if params.walking == 0 and not rural:
        return None
    return Footways(territory, middles(territory, unit), u, v, params.walking > 0)


def work_of(territory: Territory, weights: WorkWeights, unit: Numbers) -> Reals:
    """Work in each unit: daily visits of places, street kilometers and households, each times its weight.

    A place or a piece of street counts where its middle lies; what lies outside every atom counts nowhere.
    """
    import shapely

    atoms, k = territory.atoms, int(unit.max(initial=-1)) + 1
    out = np.bincount(unit, weights.household * atoms.households + weights.event * atoms.events_per_day, k)
    tree = shapely.STRtree(atoms.geometry)
    for shapes, worth in _works(territory, weights):
        if not len(shapes):
            continue
        item, atom = tree.query(shapes, predicate="intersects")
        once, at = np.unique(item, return_index=True)
        out += np.bincount(unit[atom[at]], worth[once], k)
    return np.asarray(out, np.float64)


def _works(territory: Territory, weights: WorkWeights) -> list[tuple[Any, Reals]]:
    """Points and the work at each."""
    import shapely

    places, streets = territory.places, territory.streets
    visits = np.maximum(np.nan_to_num(places.visits_per_day, nan=1.0), 0.0)
    middle = shapely.line_interpolate_point(streets.geometry, 0.5, normalized=True)
    return [
        (shapely.points(places.xy), np.asarray(weights.visit * visits, np.float64)),
        (middle, np.asarray(weights.street_km * streets.length_mm / 1e6, np.float64)),
    ]
