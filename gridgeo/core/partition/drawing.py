"""A drawing under way: what it works on, what came out so far, and how zones become work and plans."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Kind, Notice, Progress, Stage, Stop, Territory
from gridgeo.core.partition.before import Before
from gridgeo.core.partition.carve import Carving, Region
from gridgeo.core.partition.cause import cause_of
from gridgeo.core.partition.crew import Crew
from gridgeo.core.partition.nest import Join
from gridgeo.core.partition.params import PlanParams, fits
from gridgeo.core.partition.report import Infeasible
from gridgeo.core.partition.stream import stream_of
from gridgeo.core.partition.units import Ground
from gridgeo.core.partition.zone import Task, ZonePlan

Numbers = NDArray[np.int64]


@dataclass
class Drawing:
    """State of one drawing: what it works on and what came out so far."""

    territory: Territory
    ground: Ground
    params: PlanParams
    rng_seed: int
    stop: Stop
    progress: Progress
    carving: Carving
    crew: Crew
    label: Numbers
    before: Before | None = None
    grid_kind: list[Kind] = field(default_factory=list)
    reason: dict[int, str] = field(default_factory=dict)
    plans: list[tuple[int, ZonePlan]] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    followed: list[tuple[int, int]] = field(default_factory=list)
    infeasible: list[Infeasible] = field(default_factory=list)
    done: int = 0

    def copy(self) -> Drawing:
        """The same state, to go on from in another way."""
        return replace(
            self, label=self.label.copy(), carving=replace(self.carving, host=self.carving.host.copy()),
            grid_kind=list(self.grid_kind), reason=dict(self.reason), plans=list(self.plans), joins=list(self.joins),
            followed=list(self.followed), infeasible=list(self.infeasible),
        )  # fmt: skip


def home_of(drawing: Drawing, rows: Numbers) -> Numbers:
    """Community number of each unit within its zone, from 0; all 0 where communities do not bind."""
    if not drawing.params.nest:
        return np.zeros(len(rows), np.int64)
    return np.asarray(np.unique(drawing.ground.community[rows], return_inverse=True)[1], np.int64)


def zone_words(drawing: Drawing, rows: Numbers) -> tuple[str, str]:
    """Words that name a zone's random stream: its first atom and its size."""
    first = drawing.territory.atoms.code[drawing.ground.lead[rows].min()]
    return str(first), str(len(rows))


def task_of(drawing: Drawing, region: Region, rows: Numbers, count: int, word: str = "") -> Task:
    """The work of drawing one zone into a free (0) or given number of grids; `word` begins another random stream."""
    params = drawing.params
    words = (*zone_words(drawing, rows), word) if word else zone_words(drawing, rows)
    units = drawing.ground.graph(rows, home_of(drawing, rows))
    proof = params.proofs and region.fits and not word
    return Task(units, region.rule, stream_of(drawing.rng_seed, *words), params.starts, params.windows, count, proof)


def keep(drawing: Drawing, region: Region, rows: Numbers, plan: ZonePlan) -> None:
    """Enter a zone's plan."""
    base = len(drawing.grid_kind)
    drawing.label[rows] = base + plan.label
    drawing.grid_kind += [region.kind] * (int(plan.label.max()) + 1)
    households = int(drawing.ground.households[rows].sum())
    drawing.plans.append((households, plan))
    if plan.broken:
        low, high = drawing.params.households
        why = "no-plan-proven" if plan.status == "none" else "no-plan-found"
        if not fits(households, low, high):
            why = "component-unfit"
        for grid in range(base, len(drawing.grid_kind)):
            drawing.reason[grid] = why
        where = str(drawing.territory.atoms.code[drawing.ground.lead[rows].min()])
        band = drawing.params.households
        cause = None if why == "component-unfit" else cause_of(drawing.territory, drawing.ground, rows, band)
        atoms = tuple(np.flatnonzero(np.isin(drawing.ground.unit, rows)).tolist())
        drawing.infeasible.append(Infeasible(where, households, why, cause, atoms))
    drawing.done += households
    stage = Stage("draw", zone_notice(zone_words(drawing, rows)[0], households, plan))
    drawing.progress(stage, drawing.done / max(drawing.territory.households, 1))


def zone_notice(where: str, households: int, plan: ZonePlan) -> Notice:
    """What was drawn of the zone that begins with an atom, and how far from the best it can be at most."""
    gap = (plan.cost - plan.bound) / plan.cost if plan.cost > 0 else 0.0
    facts = {"grids": int(plan.label.max()) + 1, "gap_percent": round(100 * min(max(gap, 0.0), 1.0), 1)}
    kind = "zone-proven" if plan.status == "optimal" else "zone-drawn"
    return Notice(kind=kind, where=where, households=households, facts=facts)


def forget(drawing: Drawing, rows: Numbers) -> None:
    """Take back the plan of zones that are drawn again, joined."""
    old = np.unique(drawing.label[rows])
    old = old[old >= 0]
    drawing.label[np.isin(drawing.label, old) & (old.size > 0)] = -1
