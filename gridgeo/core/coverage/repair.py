"""Repair as proposed edits: each fault's face goes to one grid, all others stay as they are, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gridgeo.core.coverage.check import check_polygons
from gridgeo.core.coverage.findings import BREAKS_EDGES, CoverageParams, CoverageReport, Finding
from gridgeo.core.model import Floats, Ints, Objects, Stop, never, texts
from gridgeo.errors import InputError


@dataclass(frozen=True, kw_only=True)
class RepairParams:
    """What a repair may do.

    Parameters
    ----------
    coverage
        How faults are found and the result is proven.
    locked
        Codes of grids that must stay as they are.
    fill_missing
        Whether ground as large as a grid may be given to a neighbor; otherwise it is left to the planner.
    align
        Whether drifted vertices are moved onto each other and lacking vertices put in, so that edges match exactly.
    """

    coverage: CoverageParams = field(default_factory=CoverageParams)
    locked: frozenset[str] = frozenset()
    fill_missing: bool = False
    align: bool = False


@dataclass(frozen=True, eq=False)
class Proposal:
    """One edit: the face of a finding, given to `to` ("" for nobody) and taken from `taken_from`.

    `before` and `after` map the codes of the grids changed to (area in square units of the layer, households or None).
    """

    finding: Finding
    to: str
    taken_from: tuple[str, ...]
    before: dict[str, tuple[float, int | None]]
    after: dict[str, tuple[float, int | None]]


@dataclass(frozen=True, eq=False)
class Repair:
    """Proposals, the polygons with all of them carried out, their new proof, and the findings left to the planner."""

    proposals: tuple[Proposal, ...]
    polygons: Objects
    report: CoverageReport
    left: tuple[Finding, ...]


def repair_polygons(
    polygons: Objects,
    boundary: Any,
    *,
    codes: Objects | None = None,
    households: Ints | None = None,
    homes: tuple[Floats, Ints] | None = None,
    community: Objects | None = None,
    params: RepairParams | None = None,
    stop: Stop = never,
) -> Repair:
    """Propose an edit for every fault that one grid can absorb, carry them out, and prove the result.

    A bare face goes to the neighbor that stays in the size band, lies in the community most of the face's outline
    belongs to, and shares most border; double ground stays with the grid that is short of households, else with the
    smaller; overhang is clipped. An edit that would empty, tear or spoil a grid is not made. Each edit rebuilds its
    grids from their own edges, so nothing else moves.

    Parameters
    ----------
    codes
        (n,) distinct names; row numbers from 1 when not given.
    households, homes
        As in `check_polygons`; without them size plays no part.
    community
        (n,) name of each grid's community.
    stop
        Asked before each fault; what is not reached is left.

    Raises
    ------
    InputError
        Codes repeat, or the boundary is no polygon.

    Examples
    --------
    >>> from gridgeo.core.model import geometries
    >>> left, right = shapely.box(0, 0, 1, 2), shapely.Polygon([(1, 0), (2, 0), (2, 2), (1, 2), (1.1, 1)])
    >>> square = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 2), (1, 2), (0, 2)])
    >>> done = repair_polygons(geometries([left, right]), square)
    >>> done.report.exact, [(p.finding.kind, p.to) for p in done.proposals]
    (True, [('gap', '2')])
    """
    params = params or RepairParams()
    codes = texts(range(1, len(polygons) + 1)) if codes is None else codes
    if len(set(codes.tolist())) < len(codes):
        raise InputError("codes repeat", where="codes", hint="give every grid a code of its own")
    bench = _Bench(polygons.copy(), codes, households, community, params)
    proposals: list[Proposal] = []
    left: list[Finding] = []
    options: dict[str, Any] = {"codes": codes, "homes": homes, "params": params.coverage}
    proof = check_polygons(bench.polygons, boundary, **options)
    for mend in (bench.mend, bench.align) if params.align else (bench.mend,):
        made = [(finding, None if stop() else mend(finding)) for finding in proof.findings]
        proposals += [proposal for _, proposal in made if proposal is not None]
        left = [finding for finding, proposal in made if proposal is None]
        proof = check_polygons(bench.polygons, boundary, **options)
    return Repair(tuple(proposals), bench.polygons, proof, tuple(left))


class _Bench:
    """Polygons being mended, with their households kept up to date."""

    def __init__(
        self,
        polygons: Objects,
        codes: Objects,
        households: Ints | None,
        community: Objects | None,
        params: RepairParams,
    ) -> None:
        self.polygons, self.codes, self.params = polygons, codes, params
        self.households = None if households is None else households.copy()
        self.community = community
        self.row = {str(code): row for row, code in enumerate(codes.tolist())}

    def mend(self, finding: Finding) -> Proposal | None:
        """Carry out the best edit that can be made for a fault, or none."""
        if finding.kind in BREAKS_EDGES or (finding.kind == "missing" and not self.params.fill_missing):
            return None
        return None if finding.kind == "duplicate" else self._move_face(finding)

    def _move_face(self, finding: Finding) -> Proposal | None:
        rows = [self.row[code] for code in finding.grids]
        free = [row for row in rows if str(self.codes[row]) not in self.params.locked]
        tries: list[tuple[int | None, list[int], list[int]]] = []
        if finding.surplus < 0:
            tries = [(row, [row], []) for row in self._takers(finding, free)]
        elif 0 < finding.surplus < len(rows):
            tries = [(row, [], [other for other in rows if other != row]) for row in self._keepers(finding, rows)]
        elif finding.surplus > 0:
            tries = [(None, [], rows)]
        for to, add, cut in tries:
            if all(row in free for row in cut):
                made = self._carry_out(finding, to=to, add=add, cut=cut)
                if made is not None:
                    return made
        return None

    def align(self, finding: Finding) -> Proposal | None:
        """Give every grid of a narrow mismatch the same vertices along it."""
        lines = finding.geometry.geom_type in ("LineString", "MultiLineString")
        rows = [self.row[code] for code in finding.grids if code not in self.params.locked]
        if finding.kind not in BREAKS_EDGES or len(rows) < len(finding.grids):
            return None
        if not lines:
            return self._move_face(finding)
        corner = np.unique(shapely.get_coordinates(finding.geometry), axis=0)
        reach = self._reach(finding)
        new = {}
        for row in rows:
            kept = _cut_edges(self.polygons[row], corner, reach).reshape(-1, 4)
            new[row] = _assembled({tuple(edge): 1 for edge in kept.tolist()})
        return self._settle(finding, "", (), new, gain=dict.fromkeys(new, 0.0))

    def _takers(self, finding: Finding, rows: Iterable[int]) -> list[int]:
        """Who may take a bare face, the best first."""
        border = dict(zip(finding.grids, finding.shared_m, strict=True))
        length: dict[str, float] = {}
        if self.community is not None:
            for code, metres in border.items():
                name = str(self.community[self.row[code]])
                length[name] = length.get(name, 0.0) + metres
        home = max(sorted(length), key=length.__getitem__, default="")

        def rank(row: int) -> tuple[bool, bool, float, str]:
            away = self.community is not None and str(self.community[row]) != home
            code = str(self.codes[row])
            return self._bursts(row, finding.households), away, -border[code], code

        return sorted((row for row in rows if border[str(self.codes[row])] > 0), key=rank)

    def _bursts(self, row: int, more: int | None) -> bool:
        """Whether a grid in the band, given more households, would leave it."""
        band = self.params.coverage.band
        if band is None or self.households is None or not more:
            return False
        return bool(self.households[row] + more > band[1])

    def _keepers(self, finding: Finding, rows: Iterable[int]) -> list[int]:
        """Who may keep double ground, the best first: locked grids, those short of households, the smaller."""
        band = self.params.coverage.band

        def rank(row: int) -> tuple[bool, bool, float, str]:
            short = band is not None and self.households is not None and self.households[row] < band[0]
            code = str(self.codes[row])
            return code not in self.params.locked, not short, float(self.polygons[row].area), code

        return sorted(rows, key=rank)

    def _carry_out(self, finding: Finding, *, to: int | None, add: list[int], cut: list[int]) -> Proposal | None:
        """The edit, carried out when every grid it changes stays sound; else nothing happens."""
        reach = self._reach(finding)
        new = {
            row: combined(self.polygons[row], finding.geometry, 1 if row in add else -1, reach) for row in (*add, *cut)
        }
        name = "" if to is None else str(self.codes[to])
        area = float(finding.geometry.area)
        gain = {row: area if row in add else -area for row in new}
        return self._settle(finding, name, tuple(str(self.codes[row]) for row in cut), new, gain=gain)

    def _settle(
        self, finding: Finding, to: str, taken: tuple[str, ...], new: dict[int, Any], gain: dict[int, float]
    ) -> Proposal | None:
        """Put the rebuilt grids in place when all of them are sound and differ by the area they gain, no more."""
        reach = self._reach(finding)
        if not all(_as_sound(shape, self.polygons[row], gain[row], reach) for row, shape in new.items()):
            return None
        before = {str(self.codes[row]): self._state(row) for row in new}
        for row, shape in new.items():
            self.polygons[row] = shape
            if self.households is not None and finding.households and gain[row] > 0:
                self.households[row] += finding.households
        after = {str(self.codes[row]): self._state(row) for row in new}
        return Proposal(finding, to, taken, before, after)

    def _reach(self, finding: Finding) -> float:
        """How far corners of a fault may lie from the edges they were found on: what a check moves, and rounding."""
        rounding = 4 * float(np.spacing(abs(shapely.get_coordinates(finding.geometry)).max()))
        return max(self.params.coverage.drift / 2, rounding)

    def _state(self, row: int) -> tuple[float, int | None]:
        count = None if self.households is None else int(self.households[row])
        return float(self.polygons[row].area), count


def _as_sound(new: Any, old: Any, gain: float, reach: float) -> bool:
    """Whether a rebuilt grid is a valid polygon in no more parts than before, larger by `gain` and by nothing else.

    Vertices may have moved by `reach`, so the area may differ by that much along the outline. An outline that did not
    close again loses ground: that shows here.
    """
    if new.is_empty or not new.is_valid:
        return False
    slack = 2 * reach * max(old.length, new.length) + 1e-12 * old.area
    whole = bool(shapely.get_num_geometries(new) <= shapely.get_num_geometries(old))
    return whole and abs(new.area - old.area - gain) <= slack


def combined(polygon: Any, face: Any, sign: int, reach: float) -> Any:
    """Polygon with a face added (sign 1) or cut out (-1), built from the edges of both that do not cancel.

    Edges of the polygon are cut at corners of the face within `reach` of them, its corners within `reach` are the
    face's; all other vertices stay as they are.

    >>> combined(shapely.box(0, 0, 2, 1), shapely.box(2, 0, 3, 1), 1, 1e-9).area
    3.0
    """
    corner = np.unique(shapely.get_coordinates(face), axis=0)
    count: dict[tuple[float, ...], int] = {}
    for line, weight in ((_cut_edges(polygon, corner, reach), 1), (_edges(face), sign)):
        for ax, ay, bx, by in line.reshape(-1, 4).tolist():
            forward = (ax, ay) < (bx, by)
            key = (ax, ay, bx, by) if forward else (bx, by, ax, ay)
            count[key] = count.get(key, 0) + (weight if forward else -weight)
    return _assembled({key: times for key, times in count.items() if times})


def _assembled(edges: dict[tuple[float, ...], int]) -> Any:
    """Polygon bounded by edges (ax, ay, bx, by)."""
    if not edges:
        return shapely.Polygon()
    return shapely.build_area(shapely.multilinestrings(shapely.linestrings(np.array(list(edges)).reshape(-1, 2, 2))))


def _edges(shape: Any) -> Floats:
    """Directed edges (k, 2, 2) with the inside on the left."""
    xy, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.orient_polygons(shapely.force_2d(shape))), return_index=True
    )
    xy = xy + 0.0
    inner = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    return np.stack([xy[inner], xy[inner + 1]], axis=1)


def _cut_edges(polygon: Any, corner: Floats, reach: float) -> Floats:
    """Edges of a polygon, its vertices moved onto near corners and its edges cut at near corners."""
    line = _edges(polygon)
    low, high = corner.min(axis=0) - reach, corner.max(axis=0) + reach
    close = (line.min(axis=1) <= high).all(axis=1) & (line.max(axis=1) >= low).all(axis=1)
    out = [line[~close]]
    for a, b in line[close]:
        a, b = _moved(a, corner, reach), _moved(b, corner, reach)
        step = b - a
        square = float(step @ step)
        if square == 0:
            continue
        share = (corner - a) @ step / square
        off = np.hypot(*(corner - a - share[:, None] * step).T)
        on = (off <= reach) & (share > 0) & (share < 1) & (corner != a).any(axis=1) & (corner != b).any(axis=1)
        path = np.concatenate([[a], corner[on][np.argsort(share[on])], [b]])
        out.append(np.stack([path[:-1], path[1:]], axis=1))
    # the ends of edges left alone must follow vertices that moved
    ends = out[0].reshape(-1, 2)
    near = ((ends >= low) & (ends <= high)).all(axis=1)
    ends[near] = [_moved(end, corner, reach) for end in ends[near]] if near.any() else ends[near]
    return np.concatenate([ends.reshape(-1, 2, 2), *out[1:]])


def _moved(point: Floats, corner: Floats, reach: float) -> Floats:
    """The nearest corner within reach, else the point itself."""
    away = np.hypot(*(corner - point).T)
    nearest = int(np.argmin(away))
    return corner[nearest] if away[nearest] <= reach else point
