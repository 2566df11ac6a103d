"""What is settled before drawing: exclusive land, rural communities, atoms over the band, and land that follows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Kind
from gridgeo.core.partition.cause import stuck_sets
from gridgeo.core.partition.params import PlanParams, fits
from gridgeo.core.partition.rules import KindRule, rules_of
from gridgeo.core.partition.score import Rule, Units
from gridgeo.core.partition.units import Ground
from gridgeo.core.partition.vacant import HECTARE, carved_pieces

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

DETOUR = 2
"""Full grids' worth of households an oversize atom may take with what is stuck some way off."""


@dataclass(frozen=True)
class Region:
    """Connected units to draw together: `rows` ascending, the rule of their kind, and whether grids fit at all.

    `giants` are oversize units that touch the region: a way out when nothing else holds.
    """

    rows: Numbers
    kind: Kind
    rule: Rule
    fits: bool
    giants: Numbers


@dataclass
class Carving:
    """Units settled so far: `label` (units,) carved grid or -1, `host` (units,) the unit it goes with or -1."""

    label: Numbers
    host: Numbers
    kinds: list[Kind] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    empty_kept: list[Numbers] = field(default_factory=list)

    def carve(self, rows: Numbers, kind: Kind) -> None:
        """Make the rows a grid."""
        self.label[rows] = len(self.kinds)
        self.kinds.append(kind)


def rule_of(kind: Kind, params: PlanParams, households: int, work: float = 0.0) -> Rule:
    """Rule of the grids of a kind on land with so much on it: the limits of the table, and the prices."""
    limits = rules_of(params)[kind]
    low, high = limits.fewest or 1, limits.most or households
    target = float(params.aim) if limits.fewest else households / max(1, -(-households // high))
    grids = max(1, round(households / target))
    return Rule(
        low, high, low, high, target, params.deviation, params.roundness,
        walking=params.walking, workload=params.workload if work > 0 else 0.0, mean_work=max(work / grids, 1e-9),
        widest=HECTARE * (limits.area_ha or 0.0), farthest=limits.walk_m or 0.0,
    )  # fmt: skip


def region_of(ground: Ground, params: PlanParams, kind: Kind, rows: Numbers, giants: Numbers) -> Region:
    """Region of connected units to draw; a village is divided into even parts."""
    households = int(ground.households[rows].sum())
    work = float(ground.work[rows].sum()) if len(ground.work) else 0.0
    rule = rule_of(kind, params, households, work)
    if kind != Kind.RURAL:
        return Region(rows, kind, rule, fits(households, *params.households), giants)
    even = households / parts_of(rules_of(params)[kind], ground, rows)
    # the search looks for sizes all over the band: of many small parts none is near the upper limit
    high = min(rule.high, max(math.ceil(2 * even), int(ground.households[rows].max())))
    return Region(rows, kind, rule._replace(high=high, soft_high=high, target=even), True, giants)


def parts_of(limits: KindRule, ground: Ground, rows: Numbers) -> int:
    """Fewest grids that households, area and the way on foot allow the units to be, by arithmetic."""
    households, area_m2 = int(ground.households[rows].sum()), float(ground.moments[rows, 0].sum())
    parts = -(-households // limits.most) if limits.most else 1
    if limits.area_ha is not None:
        parts = max(parts, math.ceil(area_m2 / HECTARE / limits.area_ha))
    if limits.walk_m is not None and ground.ways is not None:
        parts = max(parts, math.ceil(ground.ways.radius(rows, ground.households) / limits.walk_m))
    return max(parts, 1)


def pieces(ground: Ground, inside: Flags, group: Numbers, over: Flags) -> list[Numbers]:
    """Connected sets of the units `inside`, joined by the edges `over` within one group; ordered by lowest unit."""
    kept = over & inside[ground.u] & inside[ground.v] & (group[ground.u] == group[ground.v])
    part = components(len(ground), ground.u[kept], ground.v[kept])
    rows = np.flatnonzero(inside)
    if not len(rows):
        return []
    order = rows[np.argsort(part[rows], kind="stable")]
    ends = np.flatnonzero(np.diff(part[order])) + 1
    return sorted(np.split(order, ends), key=lambda piece: int(piece[0]))


def carve(ground: Ground, params: PlanParams, locked: dict[int, Kind] | None = None) -> Carving:
    """Settle what needs no search and list the regions to draw; `locked` old grids, with their kinds, stand as is."""
    out = Carving(np.full(len(ground), -1, np.int64), np.full(len(ground), -1, np.int64))
    high = params.households[1]
    no_group = np.zeros(len(ground), np.int64)
    for old, kind in (locked or {}).items():
        out.carve(np.flatnonzero(ground.old == old), kind)
    exclusive = (ground.exclusive >= 0) & (out.label < 0)
    for piece in pieces(ground, exclusive, ground.exclusive, ground.touch_m > 0):
        out.carve(piece, Kind.EXCLUSIVE)
    if params.carve_empty_ha is not None:
        taken, out.empty_kept = carved_pieces(ground, out.label < 0, params.carve_empty_ha, params.nest)
        for piece in taken:
            out.carve(piece, Kind.EXCLUSIVE)
    giants = np.flatnonzero((out.label < 0) & (ground.households > high))
    for unit in giants:
        out.carve(np.array([unit]), Kind(int(ground.kind[unit])))
    rest = out.label < 0
    rural = rest & (ground.kind == Kind.RURAL)
    loose: list[Numbers] = []
    for piece in pieces(ground, rural, ground.community, ground.link):
        settle_rural(ground, piece, params, out, loose)
    for piece in pieces(ground, rest & ~rural, no_group, ground.link):
        settle_urban(ground, piece, giants, params, out, loose)
    follow(ground, loose, out)
    return out


def settle_rural(ground: Ground, piece: Numbers, params: PlanParams, out: Carving, loose: list[Numbers]) -> None:
    """A village is a grid unless a limit of the kind is broken; land without households follows a neighbor."""
    if ground.households[piece].sum() == 0:
        loose.append(piece)
    elif parts_of(rules_of(params)[Kind.RURAL], ground, piece) == 1:
        out.carve(piece, Kind.RURAL)
    else:
        out.regions.append(region_of(ground, params, Kind.RURAL, piece, np.zeros(0, np.int64)))


def settle_urban(
    ground: Ground, piece: Numbers, giants: Numbers, params: PlanParams, out: Carving, loose: list[Numbers]
) -> None:
    """A connected urban piece is drawn, follows the oversize atom that strands it, or stands alone out of band."""
    households = int(ground.households[piece].sum())
    near = neighbors(ground, piece, ground.link)
    beside = np.intersect1d(near, giants)
    if households == 0:
        loose.append(piece)
    elif households < params.households[0] and len(beside):
        out.host[piece] = nearest(ground, piece, beside)
    elif len(stuck := stuck_beside(ground, piece, beside, params.households)):
        out.host[stuck] = nearest(ground, stuck, beside)
        rest = np.zeros(len(ground), bool)
        rest[np.setdiff1d(piece, stuck)] = True
        for part in pieces(ground, rest, np.zeros(len(ground), np.int64), ground.link):
            settle_urban(ground, part, giants, params, out, loose)
    else:
        out.regions.append(region_of(ground, params, Kind.URBAN, piece, beside))


def stuck_beside(ground: Ground, piece: Numbers, giants: Numbers, band: tuple[int, int]) -> Numbers:
    """Units of a piece no grid within the band can hold, with those on their way to an oversize atom; none as a rule.

    The grid of the oversize atom is out of band already, so no further one need be.
    """
    if not len(giants):
        return piece[:0]
    units = ground.graph(piece)
    beside = np.isin(piece, neighbors(ground, giants, ground.link))
    for stuck in stuck_sets(units, *band):
        if len(taken := with_way(units, stuck, beside, DETOUR * band[1])):
            return np.asarray(piece[taken], np.int64)
    return piece[:0]


def with_way(units: Units, begin: Numbers, wanted: Flags, most: int) -> Numbers:
    """The connected units `begin` with those on the way of fewest households to a wanted unit, ascending.

    None where that way has more than `most` households. Dijkstra, doi:10.1007/BF01386390.
    """
    waiting = [(0, unit) for unit in begin.tolist()]
    way, before = {unit: 0 for _, unit in waiting}, dict.fromkeys(begin.tolist(), -1)
    while waiting:
        far, unit = heappop(waiting)
        if wanted[unit]:
            path = [unit]
            while (unit := before[unit]) >= 0:
                path.append(unit)
            return np.union1d(begin, path)
        for near in units.adj[units.ptr[unit] : units.ptr[unit + 1]].tolist():
            through = far + int(units.households[near])
            if through <= most and through < way.get(near, most + 1):
                way[near], before[near] = through, unit
                heappush(waiting, (through, near))
    return begin[:0]


def neighbors(ground: Ground, piece: Numbers, over: Flags) -> Numbers:
    """Units outside the piece reached over the given edges, ascending."""
    inside = np.zeros(len(ground), bool)
    inside[piece] = True
    out, into = over & inside[ground.u] & ~inside[ground.v], over & inside[ground.v] & ~inside[ground.u]
    return np.union1d(ground.v[out], ground.u[into])


def nearest(ground: Ground, piece: Numbers, among: Numbers) -> int:
    """Of the units `among`, the one to go with: same old grid, reached on foot, same community, longest border."""
    inside, wanted = np.zeros(len(ground), bool), np.zeros(len(ground), bool)
    inside[piece], wanted[among] = True, True
    edge = np.flatnonzero((inside[ground.u] & wanted[ground.v]) | (inside[ground.v] & wanted[ground.u]))
    here = np.where(inside[ground.u[edge]], ground.u[edge], ground.v[edge])
    there = np.where(inside[ground.u[edge]], ground.v[edge], ground.u[edge])
    same = ground.community[here] == ground.community[there]
    stays = ground.old[here] == ground.old[there]
    key = np.lexsort((there, -ground.touch_m[edge], ~same, ~ground.link[edge], ~stays))
    return int(there[key[0]])


def follow(ground: Ground, loose: list[Numbers], out: Carving) -> None:
    """Let each piece without households go with a neighbor that is settled or drawn; the last resort is to stand."""
    floating = np.zeros(len(ground), bool)
    for piece in loose:
        floating[piece] = True
    touching = ground.touch_m > 0
    while loose:
        left = []
        for piece in loose:
            firm = neighbors(ground, piece, touching)
            firm = firm[~floating[firm]]
            if len(firm):
                out.host[piece] = nearest(ground, piece, firm)
            else:
                left.append(piece)
        if len(left) == len(loose):
            for piece in left:
                out.carve(piece, Kind(int(ground.kind[piece[0]])))
            return
        settled = {int(p[0]) for p in loose} - {int(p[0]) for p in left}
        for piece in loose:
            if int(piece[0]) in settled:
                floating[piece] = False
        loose = left
