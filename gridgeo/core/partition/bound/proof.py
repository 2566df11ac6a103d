"""How good a plan of a zone can be at best: proof by listing all grids, and a plain bound where that is too much."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.candidates import Masks
from gridgeo.core.partition.listing import list_grids
from gridgeo.core.partition.recombine import recombine
from gridgeo.core.partition.score import Rule, Units

LISTED = 250_000
VISITED = 600_000
PROVABLE = 64
NODES = 40
COLUMNS = 4_000
THOROUGH = 10
"""Limits of a proof: grids and sets listed, units, nodes and columns of the integer program; about a second."""


@dataclass(frozen=True)
class Proof:
    """What is known for certain of a zone.

    `status` is "optimal" (`label` is a best plan of price `cost`), "none" (no plan exists) or "open" (`bound` holds).
    """

    status: str
    label: NDArray[np.int64] | None
    cost: float
    bound: float


def plain_bound(units: Units, rule: Rule) -> float:
    """Price no plan of the zone can undercut, by shape and size alone.

    Shape: each unit keeps its own inertia, and no grid has more area than all; size: the mean deviation of the best
    number of grids. Borders are taken as free, so the bound is low.

    >>> units = Units(*[np.zeros(0)] * 3, np.array([400]), np.array([[4.0, 0, 0, 8 / np.pi]]), np.zeros(1))
    >>> round(plain_bound(units, Rule(300, 500, 300, 500, 400.0, 25.0, 1.0)), 6)
    2.0
    """
    total = int(units.households.sum())
    half = max(0.5 * (rule.high - rule.low), 1.0)
    counts = range(max(1, -(-total // rule.high)), max(1, total // max(rule.low, 1)) + 1)
    size = min((k * rule.deviation * ((total / k - rule.target) / half) ** 2 for k in counts), default=0.0)
    area = float(units.moments[:, 0].sum())
    lived = units.moments[units.moments[:, 0] > 0]
    own = float((lived[:, 3] - (lived[:, 1] ** 2 + lived[:, 2] ** 2) / lived[:, 0]).clip(0).sum())
    return size + (2.0 * math.pi * rule.roundness * own / area**1.5 if area > 0 else 0.0)


def prove(units: Units, rule: Rule, label: NDArray[np.int64], cost: float, *, thorough: bool = False) -> Proof:
    """Best plan of a zone with a proof, or that none exists, or a bound.

    Parameters
    ----------
    units, rule
        The zone, connected, and what is asked.
    label, cost
        A plan at hand and its price; infinite when it breaks the band.
    thorough
        Look ten times as long, for zones that would stay broken.

    Notes
    -----
    Exponential in general; the limits LISTED and VISITED keep it near one second. Relative to the zone: borders
    toward other zones are not part of the price.
    """
    open_proof = Proof("open", None, cost, plain_bound(units, rule))
    if len(units.households) > PROVABLE:
        return open_proof
    longer = THOROUGH if thorough else 1
    mask, price, complete = list_grids(units, rule, longer * LISTED, longer * VISITED)
    if not complete:
        return open_proof
    grids = Masks(mask, price, len(units.households))
    start = grids.number_of(label) if np.isfinite(cost) else np.zeros(0, np.int64)
    found = recombine(grids, start, cost, nodes=longer * NODES, most=longer * COLUMNS)
    if found.chosen is not None:
        best = float(price[found.chosen].sum())
        status = "optimal" if found.proven else "open"
        return Proof(status, grids.labels(found.chosen), best, best if found.proven else found.bound)
    if found.proven:
        return Proof("none", None, np.inf, np.inf) if np.isinf(cost) else Proof("optimal", label, cost, cost)
    return Proof("open", None, cost, max(open_proof.bound, min(found.bound, cost)))
