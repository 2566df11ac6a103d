"""Merge faces that are no atoms of their own: slivers, traffic islands, and the crumbs of split blocks."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely

from gridgeo.core.model import Flags, Ints, Objects, Rows, geometries
from gridgeo.core.territory.adjacency import segments_of
from gridgeo.core.territory.params import AtomParams


@dataclass(kw_only=True)
class Faces:
    """Faces being merged, as plain lists indexed by face: the sums of the group a face leads, and its neighbors.

    `zone` tells what a face may not leave but as a sliver (community, compound, exclusive land, water); `block` the
    street block it was cut from; `split` whether that block was cut up; `land` is False on water.
    """

    area: list[float]
    perimeter: list[float]
    households: list[int]
    buildings: list[int]
    zone: list[int]
    community: list[int]
    block: list[int]
    split: list[bool]
    land: list[bool]
    touch: list[dict[int, float]]
    leader: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.leader = list(range(len(self.area)))

    def lead(self, face: int) -> int:
        """The face that leads the group of this one."""
        while self.leader[face] != face:
            self.leader[face] = self.leader[self.leader[face]]
            face = self.leader[face]
        return face

    def width(self, face: int) -> float:
        """Mean width of a group, metres: twice its area over its perimeter."""
        return 2 * self.area[face] / self.perimeter[face]

    def give(self, face: int, to: int) -> None:
        """Let group `to` take group `face` in; `to` keeps its zone and block."""
        self.leader[face] = to
        shared = self.touch[to].pop(face)
        self.perimeter[to] += self.perimeter[face] - 2 * shared
        self.area[to] += self.area[face]
        self.households[to] += self.households[face]
        self.buildings[to] += self.buildings[face]
        for other, length in self.touch[face].items():
            if other != to:
                self.touch[to][other] = self.touch[to].get(other, 0.0) + length
                del self.touch[other][face]
                self.touch[other][to] = self.touch[to][other]
        self.touch[face] = {}


Test = Callable[[int], bool]
Rank = Callable[[int, int], int]


def _run(faces: Faces, wants: Test, rank: Rank) -> None:
    """Give every group that wants away to the neighbor of highest rank (0 = never), then of longest border.

    The smallest go first. O(m log m) in the number of shared borders.
    """
    heap = [(faces.area[i], i) for i in range(len(faces.area)) if faces.lead(i) == i and wants(i)]
    heapq.heapify(heap)
    while heap:
        area, face = heapq.heappop(heap)
        if faces.leader[face] != face or area != faces.area[face]:
            continue
        ranked = [(rank(face, other), length, -other) for other, length in faces.touch[face].items()]
        best = max(ranked, default=(0, 0.0, 0))
        if best[0] > 0:
            other = -best[2]
            faces.give(face, other)
            if wants(other):
                heapq.heappush(heap, (faces.area[other], other))


def merge_faces(faces: Faces, params: AtomParams) -> Ints:
    """Group number of each face once slivers, empty crumbs, islands and small pieces have found a neighbor."""
    absorb(faces, params)

    def idle(face: int) -> bool:
        small = faces.area[face] < params.min_empty_m2 or faces.width(face) < params.min_empty_width_m
        return small and faces.buildings[face] == 0 and faces.land[face]

    def same_block(face: int, other: int) -> int:
        return int(faces.zone[face] == faces.zone[other] and faces.block[face] == faces.block[other])

    def same_zone(face: int, other: int) -> int:
        return int(faces.zone[face] == faces.zone[other])

    def fitting(face: int, other: int) -> int:
        full = faces.households[face] + faces.households[other] > params.max_households
        return 0 if full else same_block(face, other)

    _run(faces, lambda i: faces.split[i] and faces.households[i] == 0, same_block)
    _run(faces, idle, same_zone)
    _run(faces, lambda i: faces.split[i] and faces.households[i] < params.few_households, fitting)
    return groups(faces)


def absorb(faces: Faces, params: AtomParams) -> None:
    """Give slivers to the neighbor with the longest border: of the same block, zone or community where there is one."""

    def near(face: int, other: int) -> int:
        if faces.zone[face] == faces.zone[other]:
            return 4 if faces.block[face] == faces.block[other] else 3
        return 2 if faces.community[face] == faces.community[other] else 1

    def thin(face: int) -> bool:
        return faces.area[face] < params.sliver_m2 or faces.width(face) < params.sliver_width_m

    _run(faces, thin, near)


def groups(faces: Faces) -> Ints:
    """The face that leads the group of each face."""
    return np.array([faces.lead(i) for i in range(len(faces.area))], dtype=np.int64)


def faces_to_merge(
    geometry: Objects,
    *,
    households: Ints,
    buildings: Ints,
    zone: Ints,
    community: Rows,
    block: Ints,
    split: Flags,
    land: Flags,
) -> Faces:
    """Faces of an exact coverage with their neighbors."""
    touch: list[dict[int, float]] = [{} for _ in range(len(geometry))]
    shared = segments_of(geometry)
    shared = shared.take((shared.u >= 0) & (shared.u != shared.v))
    for u, v, length in zip(shared.u.tolist(), shared.v.tolist(), shared.length_m.tolist(), strict=True):
        touch[u][v] = touch[v][u] = touch[u].get(v, 0.0) + length
    return Faces(
        area=shapely.area(geometry).tolist(),
        perimeter=shapely.length(geometry).tolist(),
        households=households.tolist(),
        buildings=buildings.tolist(),
        zone=zone.tolist(),
        community=community.tolist(),
        block=block.tolist(),
        split=split.tolist(),
        land=land.tolist(),
        touch=touch,
    )


def dissolve(geometry: Objects, group: Ints) -> tuple[Objects, Ints]:
    """Union of each group with every vertex kept, and the group's number; in order of the group numbers."""
    order = np.argsort(group, kind="stable")
    number, at = np.unique(group[order], return_index=True)
    stops = np.append(at, len(group)).tolist()
    shapes = geometry[order]
    union = [shapes[a] if b - a == 1 else shapely.coverage_union_all(shapes[a:b]) for a, b in pairwise(stops)]
    return geometries(union), number
