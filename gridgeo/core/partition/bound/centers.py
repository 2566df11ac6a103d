"""A bound for zones of many small units: shares of the price, lowered wherever the center of a grid may be.

The price of a grid is half its border, its shape, its size, and more that is never negative. Its shape costs
2 pi I / A^1.5, and about any point within e of its center the inertia is at most I + A e^2: so in a small square of
centers and a small range of areas the price is at least a sum over its units and half borders. What is asked is only
that no set of units, in one piece or not, costs less than its shares; `docs/exactness.md` has the proof.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Stop
from gridgeo.core.partition.bound.cut import Land
from gridgeo.core.partition.bound.search import CASES, SLACK, WIDE, Terms, settle_centers
from gridgeo.core.partition.params import fits
from gridgeo.core.partition.score import MIXED, Rule, Units
from gridgeo.core.partition.units import summed

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Lowest x and y, highest x and y."""

START = 0.75
"""Part of the price of the plan at hand that shares begin with."""
DEAR = 2.0
"""Caps of prices within a case, in prices of the dearest grid at hand."""
TILE = 300
"""Units around whose centers one search is made."""


def land_of(units: Units) -> Land:
    """The graph of a zone as cuts are made in it."""
    n = len(units.households)
    half = 0.5 * units.weight
    source = np.repeat(np.arange(n), np.diff(units.ptr))
    area = units.moments[:, 0].copy()
    lived = np.where(area > 0, area, 1.0)
    x, y = units.moments[:, 1] / lived, units.moments[:, 2] / lived
    own = np.maximum(units.moments[:, 3] - area * (x * x + y * y), 0.0)
    rim = summed(source, half, n)
    return Land(units.ptr, units.adj, half, rim, units.households.astype(np.float64), area, x, y, own)


def areas_of(land: Land, rule: Rule) -> list[tuple[float, float]]:
    """Ranges of area a grid may have, largest first; none when it may have no area at all.

    The least is that of the densest households, units split.
    """
    flat = land.area <= 0
    if land.households[flat].sum() >= max(rule.low, 1) or (rule.low < 1 and flat.any()):
        return []
    order = np.argsort(land.area / np.maximum(land.households, 1e-9), kind="stable")
    before = np.cumsum(land.households[order]) - land.households[order]
    part = np.clip((rule.low - before) / np.maximum(land.households[order], 1e-9), 0.0, 1.0)
    least = max(float((part * land.area[order]).sum()), float(land.area[~flat].min()))
    out, most = [], float(land.area.sum())
    while most > 1.001 * least:
        out.append((max(most / WIDE, 0.999 * least), most))
        most /= WIDE
    return out


def tiled(units: Units, rule: Rule) -> list[Box]:
    """The boxes of a zone whose shares can be settled, one by one; none where no bound can be had.

    In which order they are settled, or each from the same shares and the least kept, makes no odds to the proof.
    """
    land = land_of(units)
    return tiles(land) if rule.roundness > 0 and areas_of(land, rule) else []


def tiles(land: Land) -> list[Box]:
    """Boxes over the centers of all units, cut at medians until each holds few: the center of any grid is in one."""
    rows = np.flatnonzero(land.area > 0)
    at = np.stack([land.x, land.y], 1)
    waiting = [(rows, (*at[rows].min(0).tolist(), *at[rows].max(0).tolist()))]
    out = []
    while waiting:
        rows, box = waiting.pop()
        axis = int(box[3] - box[1] > box[2] - box[0])
        cut = float(np.median(at[rows, axis]))
        low = at[rows, axis] < cut
        if len(rows) <= TILE or not low.any():
            out.append(box)
            continue
        left, right = list(box), list(box)
        left[axis + 2] = right[axis] = cut
        waiting += [(rows[low], tuple(left)), (rows[~low], tuple(right))]
    return out


def first_shares(units: Units, label: Numbers, price: Reals) -> Reals:
    """Shares to begin with: of the price of a unit's grid at hand, half by households and half by area."""
    home = np.unique(np.stack([label, units.home]), axis=1)
    plain = price - MIXED * (np.bincount(home[0], minlength=len(price)) - 1)
    households = np.bincount(label, units.households, len(price)).clip(1)
    area = np.bincount(label, units.moments[:, 0], len(price)).clip(1e-9)
    mine = units.households / households[label] + units.moments[:, 0] / area[label]
    return np.asarray(START * 0.5 * plain.clip(0)[label] * mine)


def settle_tile(units: Units, rule: Rule, share: Reals, box: Box, dearest: float, *, stop: Stop) -> tuple[Reals, float]:
    """Shares that no grid with its center in a box undercuts, and by how much one does all the same.

    That is infinite once stopped, and where too many cases are tried. `share` (n,) is where to begin; shares only fall.
    """
    land, out, worst, cases = land_of(units), share.copy(), SLACK, CASES
    terms = Terms(
        float(rule.low), float(rule.high), rule.target, rule.deviation, rule.roundness,
        DEAR * dearest, DEAR * dearest / max(rule.low, 1),
    )  # fmt: skip
    for least, most in areas_of(land, rule):
        if stop() or np.isinf(worst):
            return out, np.inf
        more, cases = settle_centers(land, terms, out, np.array(box), least, most, cases)
        worst = max(worst, more)
    return out, worst


def center_bound(units: Units, rule: Rule, label: Numbers, price: Reals, *, stop: Stop) -> float:
    """Price no plan within the band undercuts; 0 when nothing is found.

    Parameters
    ----------
    units, rule
        A connected zone and what is asked.
    label, price
        A plan at hand (n,), from 0, and the price of each of its grids: where to begin.
    stop
        Asked between steps; once True there is no bound.
    """
    boxes = tiled(units, rule)
    share, worst = first_shares(units, label, price), SLACK if boxes else np.inf
    for box in boxes:
        if np.isfinite(worst):
            share, more = settle_tile(units, rule, share, box, float(price.max()), stop=stop)
            worst = max(worst, more)
    return shares_hold(units, rule, share, worst)


def shares_hold(units: Units, rule: Rule, share: Reals, worst: float) -> float:
    """The bound by shares that grids undercut by `worst` meters at most; as many grids as can be."""
    if not np.isfinite(worst):
        return 0.0
    most = int(units.households.sum()) // rule.low if rule.low > 0 else len(units.households)
    return float(share.sum()) - worst * most + least_mixed(units, rule)


def least_mixed(units: Units, rule: Rule) -> float:
    """Price of grids over several communities that no plan avoids.

    A piece of a community that no whole number of grids fits shares a grid with another; a grid of m communities
    pays m - 1 times, at least half of them.
    """
    source = np.repeat(np.arange(len(units.households)), np.diff(units.ptr))
    same = units.home[source] == units.home[units.adj]
    part = components(len(units.households), source[same], units.adj[same])
    _, first, part = np.unique(part, return_index=True, return_inverse=True)
    held = np.bincount(part, units.households).astype(np.int64).tolist()
    unfit = {int(units.home[u]) for u, h in zip(first, held, strict=True) if not fits(h, max(rule.low, 1), rule.high)}
    return MIXED * (-(-len(unfit) // 2)) if len(np.unique(units.home)) > 1 else 0.0
