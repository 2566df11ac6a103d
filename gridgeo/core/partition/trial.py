"""Draw some atoms once more under other rules, to know whether a way out does."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Stop, Territory, never
from gridgeo.core.partition.carve import Carving, Region, pieces, settle_urban
from gridgeo.core.partition.params import PlanParams
from gridgeo.core.partition.score import MIXED
from gridgeo.core.partition.stream import stream_of
from gridgeo.core.partition.units import Ground, ground_of
from gridgeo.core.partition.zone import Task, draw_zone

Numbers = NDArray[np.int64]

CHEAP = 300
"""Atoms drawn once more at most: some tenths of a second."""
LISTED = 32
"""Units up to which it is also asked whether a plan can exist at all: longer lists cost seconds a trial."""


@dataclass(frozen=True)
class Trial:
    """What drawing some atoms came to.

    `holds` tells whether a plan keeps the band, None where none was found and none disproven; then `cost` is its
    price in meters of street border, and `mixed` its grids over several communities.
    """

    holds: bool | None
    cost: float = 0.0
    mixed: int = 0


def tried(
    territory: Territory,
    atoms: Numbers,
    params: PlanParams,
    *,
    opened: int = -1,
    rng_seed: int = 1,
    stop: Stop = never,
) -> Trial:
    """Draw the atoms (rows), as if nothing else were there, with the compound of row `opened` no longer whole.

    O(m) for the m borders of the territory, and the drawing of at most `CHEAP` atoms.
    """
    if len(atoms) > CHEAP or stop():
        return Trial(None)
    inside = np.full(len(territory.atoms), -1, np.int64)
    inside[atoms] = 0
    if opened >= 0:
        compound = territory.atoms.compound
        apart = np.where(compound == opened, np.int32(-1), compound).astype(np.int32)
        territory = replace(territory, atoms=replace(territory.atoms, compound=apart))
    ground = ground_of(territory, params, inside)
    mine = ground.old == 0
    ground = replace(ground, old=np.full(len(ground), -1, np.int64))
    settled = Carving(ground.old.copy(), ground.old.copy())
    for rows in pieces(ground, mine, np.zeros(len(ground), np.int64), ground.link):
        settle_urban(ground, rows, np.zeros(0, np.int64), params, settled, [])
    total = Trial(True)
    for region in settled.regions:
        one = drawn(territory, ground, region, params, rng_seed, stop)
        if not one.holds:
            return one
        total = Trial(True, total.cost + one.cost, total.mixed + one.mixed)
    return total


def drawn(territory: Territory, ground: Ground, region: Region, params: PlanParams, rng_seed: int, stop: Stop) -> Trial:
    """What drawing a connected region comes to."""
    rows = region.rows
    if not region.fits or int(ground.households[rows].max()) > region.rule.high:
        return Trial(False)
    home = np.unique(ground.community[rows], return_inverse=True)[1] if params.nest else np.zeros(len(rows))
    units = ground.graph(rows, home.astype(np.int64))
    stream = stream_of(rng_seed, str(territory.atoms.code[ground.lead[rows].min()]), str(len(rows)), "trial")
    plan = draw_zone(Task(units, region.rule, stream, params.starts, params.windows, 0, len(rows) <= LISTED), stop=stop)
    if plan.broken:
        return Trial(False if plan.status == "none" else None)
    pairs = np.unique(np.stack([plan.label, units.home]), axis=1)
    extra = pairs.shape[1] - len(np.unique(plan.label))
    return Trial(True, plan.cost - MIXED * extra, int((np.bincount(pairs[0]) > 1).sum()))
