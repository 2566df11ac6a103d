"""What a plan cannot do, said as data: grids out of band with the reason, joins, and proofs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Grids, Notice, Plan, Territory
from gridgeo.core.partition.cause import Cause, cause_of
from gridgeo.core.partition.nest import Join
from gridgeo.core.partition.units import Ground


@dataclass(frozen=True)
class OutOfBand:
    """An urban grid outside the size band and why."""

    code: str
    households: int
    reason: str


@dataclass(frozen=True)
class Infeasible:
    """A connected set of atoms no plan within the band exists for; `where` is its first atom or community.

    `cause` is the cheapest reason where one area tells; `atoms` are the rows of its atoms.
    """

    where: str
    households: int
    proof: str
    cause: Cause | None = None
    atoms: tuple[int, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The case in plain values, without its atoms."""
        cause = None if self.cause is None else vars(self.cause)
        return {"where": self.where, "households": self.households, "proof": self.proof, "cause": cause}


def judge(plan: Plan, reasons: dict[int, str]) -> tuple[tuple[OutOfBand, ...], tuple[Notice, ...]]:
    """Grids out of band with their reasons, and the notices that say so."""
    atoms = plan.territory.atoms
    low, high = plan.band
    largest = np.zeros(len(plan), np.int64)
    np.maximum.at(largest, plan.label, atoms.households)
    out, notices = [], []
    for row in np.flatnonzero(~plan.in_band).tolist():
        households, code = int(plan.households[row]), str(plan.grids.code[row])
        reason = "over-size-atom" if largest[row] > high else reasons.get(row, "cut-off")
        reason = reason if plan.territory.households else "no-households"
        facts: dict[str, str | int | float] = {
            "low": low,
            "high": high,
            "largest": int(largest[row]),
            "beside": households - int(largest[row]),
        }
        out.append(OutOfBand(code, households, reason))
        notices.append(Notice(kind=reason, where=code, households=households, facts=facts))
    return tuple(out), (*notices, *estimate_notices(plan))


def estimate_notices(plan: Plan) -> list[Notice]:
    """Says, where households are estimates, how many grids in the band may in truth be outside it."""
    rows = plan.estimated
    if not rows.any():
        return []
    facts: dict[str, str | int | float] = {
        "grids": int(rows.sum()),
        "in_band": int((plan.in_band & rows).sum()),
        "sure": int((plan.surely_in_band & rows).sum()),
        "spread": int(np.median(plan.spread[rows])),
    }
    total = int(plan.territory.atoms.households[plan.territory.atoms.estimated].sum())
    return [Notice(kind="plan-rests-on-estimates", households=total, facts=facts)]


def cause_notice(cause: Cause, low: int, high: int) -> Notice:
    """The cheapest reason as a notice."""
    facts: dict[str, str | int | float] = {"beside": cause.beside, "low": low, "high": high}
    return Notice(kind=cause.kind, where=cause.where, households=cause.households, facts=facts)


def join_notices(territory: Territory, ground: Ground, joins: list[Join], band: tuple[int, int]) -> list[Notice]:
    """One notice for each join of communities, with the arithmetic or the proof; the cheapest reason goes before it."""
    out = []
    for join in joins:
        part, partner = (community_name(territory, ground, rows) for rows in (join.part, join.partner))
        households = int(ground.households[join.part].sum())
        kind = "community-joined-" + join.reason
        beside = int(ground.households[join.partner].sum())
        facts: dict[str, str | int | float] = {"name": part[1], "partner": partner[1], "partner_households": beside}
        cause = None if join.reason == "arithmetic" else cause_of(territory, ground, join.part, band)
        if cause is not None:
            out.append(cause_notice(cause, *band))
        out.append(Notice(kind=kind, where=part[0], households=households, facts=facts))
    return out


def follow_notices(territory: Territory, ground: Ground, followed: list[tuple[int, int]]) -> list[Notice]:
    """One notice for each pair of communities where land without households goes with the other community."""
    area: dict[tuple[int, int], float] = {}
    for unit, host in followed:
        pair = int(ground.community[unit]), int(ground.community[host])
        area[pair] = area.get(pair, 0.0) + float(ground.moments[unit, 0])
    out = []
    for (own, other), size in sorted(area.items()):
        codes = ["" if row < 0 else str(territory.communities.code[row]) for row in (own, other)]
        out.append(
            Notice(kind="empty-land-joined", where=codes[0], facts={"partner": codes[1], "area_m2": round(size)})
        )
    return out


def ended_notices(used: frozenset[str], grids: Grids) -> list[Notice]:
    """One notice for each code once used that no grid bears any more: kept with the plan, so that none takes it."""
    return [Notice(kind="grid-ended", where=code) for code in sorted(used - set(grids.code.tolist()))]


def community_name(territory: Territory, ground: Ground, rows: NDArray[np.int64]) -> tuple[str, str]:
    """Code and name of the community that holds most of the units."""
    row = int(np.bincount(np.maximum(ground.community[rows], 0)).argmax())
    if row >= len(territory.communities):
        return "", ""
    return str(territory.communities.code[row]), str(territory.communities.name[row])
