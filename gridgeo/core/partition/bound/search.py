"""Lower shares of a price until no grid, wherever its center is and whatever its area, costs less than its shares.

Centers and areas are searched by halving: squares of centers, ranges of areas. In each such case every price becomes
a sum over units and half borders, so the cheapest set of units is a minimum cut, and it costs no more than any grid.
Prices for households and area, paid and paid back, make sets outside the band or the range of areas dear.
"""

# mypy: disable-error-code="no-any-return"
# (items of arrays are Any to the type checker)

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.partition.bound.cut import IN, Desk, Land, cheapest_set, desk_of
from gridgeo.core.partition.compiled import inner, kernel

Reals = NDArray[np.float64]

NEAR, THIN = 0.04, 1.2
"""Squares are halved until half their diagonal squared is this part of the area; ranges of areas, until this ratio."""
FAR, CLEAR, WIDE = 1.2, 0.3, 1.5
"""The same, from where cuts are worth a try, and their prices worth keeping."""
TRIES, LOWERINGS = 5, 200
"""Prices tried in a case, and times shares are lowered in one that cannot be halved."""
AHEAD = 10.0
"""Meters a step of the prices aims above the goal."""
SLACK = 0.2
"""Meters a grid may cost less than its shares; the bound pays for it."""
DEPTH = 80
"""Halvings at most."""
CASES = 20_000
"""Cases tried around one box of centers before it is given up."""


class Terms(NamedTuple):
    """Band and prices, and caps: `dear` meters for an area as a whole, `steep` for a household."""

    low: float
    high: float
    target: float
    deviation: float
    roundness: float
    dear: float
    steep: float


class Case(NamedTuple):
    """Grids with their center in a square around x, y, of half diagonal sqrt(slack), and an area of least to most m2.

    `t` and `mu` are the prices of a household and of a square meter to begin with.
    """

    x: float
    y: float
    slack: float
    least: float
    most: float
    t: float
    mu: float


@inner
def size_part(terms: Terms, t: float) -> tuple[float, float]:
    """Least of t h plus the price of the deviation over h in the band, and that h."""
    half = max(0.5 * (terms.high - terms.low), 1.0)
    if terms.deviation > 0.0:
        h = terms.target - t * half * half / (2.0 * terms.deviation)
    else:
        h = terms.low if t > 0.0 else terms.high
    h = min(max(h, terms.low), terms.high)
    off = (h - terms.target) / half
    return t * h + terms.deviation * off * off, h


@inner
def spread(case: Case, roundness: float) -> float:
    """Meters a unit of inertia costs at least."""
    return 2.0 * math.pi * roundness / (case.most * math.sqrt(case.most))


@inner
def near_rows(land: Land, terms: Terms, share: Any, case: Case, rows: Any, out: Any) -> int:
    """Write those of `rows` that the cheapest set of a case, or of any part of it, may hold; their number."""
    k = 0
    per, radius = spread(case, terms.roundness), math.sqrt(case.slack)
    for u in rows:
        if land.area[u] > case.most:
            continue
        away = max(math.hypot(land.x[u] - case.x, land.y[u] - case.y) - radius, 0.0)
        beyond = away * away - case.slack
        least = per * (land.own[u] + land.area[u] * beyond) - 2.0 * terms.dear / case.most * land.area[u]
        if beyond < 0.0 or least - terms.steep * land.households[u] - share[u] < land.rim[u]:
            out[k] = u
            k += 1
    return k


@inner
def tangent(land: Land, terms: Terms, case: Case, rows: Any) -> float:
    """Meters a square meter short of the largest area costs at least: the least inertia, at the tangent of A^-1.5.

    Units not among `rows` lie beyond what the caps allow for.
    """
    key = np.empty(len(rows))
    k = 0
    far = min(9.0 * case.most, terms.dear * math.sqrt(case.most) / (math.pi * max(terms.roundness, 1e-9)))
    held = np.empty(len(rows))
    for u in rows:
        if land.area[u] > 0.0:
            dx, dy = land.x[u] - case.x, land.y[u] - case.y
            at = land.own[u] / land.area[u] + dx * dx + dy * dy
            if at < far:
                key[k], held[k] = at, land.area[u]
                k += 1
    area = inertia = 0.0
    for i in np.argsort(key[:k]):
        take = min(held[i], case.least - area)
        if take <= 0.0:
            break
        area += take
        inertia += key[i] * take
    inertia += (case.least - area) * far - case.slack * case.least
    slope = 1.5 * spread(case, terms.roundness) * max(inertia, 0.0) / case.most
    return min(slope, terms.dear / case.most)


@inner
def look(
    land: Land, terms: Terms, share: Any, case: Case, slope: float, rows: Any, desk: Desk
) -> tuple[float, int, float, float]:
    """What grids of a case cost over their shares at least, window size, and where to move the prices of the case."""
    per = spread(case, terms.roundness)
    for u in rows:
        dx, dy = land.x[u] - case.x, land.y[u] - case.y
        inertia = land.own[u] + land.area[u] * (dx * dx + dy * dy - case.slack)
        paid = (slope + case.mu) * land.area[u] + case.t * land.households[u]
        desk.price[u] = per * inertia - paid - share[u]
    back, h = size_part(terms, case.t)
    area = case.least if case.mu > 0.0 else case.most
    back += case.mu * area + slope * case.most
    value, k = cheapest_set(land, desk, rows, 1e-6 - SLACK - back)
    value += back
    held = covered = 0.0
    for i in range(k):
        if desk.state[i] == IN:
            held += land.households[desk.node[i]]
            covered += land.area[desk.node[i]]
    if case.mu == 0.0:
        area = min(max(covered, case.least), case.most)
    return value, k, h - held, area - covered


@inner
def moved(case: Case, terms: Terms, value: float, more: float, wider: float, part: float) -> Case:
    """The case at other prices: a step along the subgradient, as long as a goal just above 0 asks for (Polyak)."""
    scale = case.most / terms.high
    length = more * more + wider * wider / (scale * scale)
    if length < 1e-9:
        return case
    step = part * (AHEAD - value) / length
    t = min(max(case.t + step * more, -terms.steep), terms.steep)
    mu = case.mu + step * wider / (scale * scale)
    if mu * case.mu < 0.0:
        mu = 0.0
    cap = terms.dear / case.most
    return Case(case.x, case.y, case.slack, case.least, case.most, t, min(max(mu, -cap), cap))


@inner
def holds(land: Land, terms: Terms, share: Any, case: Case, rows: Any, desk: Desk) -> tuple[bool, float, Case]:
    """Whether prices are found at which no grid of a case costs less than its shares; slope and the best prices."""
    slope, best, kept = 0.0, -np.inf, case
    for turn in range(TRIES):
        value, _, more, wider = look(land, terms, share, case, slope, rows, desk)
        if value >= -SLACK:
            return True, slope, case
        if turn == 0:
            slope = tangent(land, terms, case, rows)
        if turn == 0 and slope > 0.0:
            continue
        if value > best:
            best, kept = value, case
        case = moved(case, terms, value, more, wider, 1.0)
    return False, slope, kept


@inner
def lower(land: Land, terms: Terms, share: Any, case: Case, slope: float, rows: Any, desk: Desk) -> float:
    """Lower shares in place until a case holds; by how much it does not, 0 if it does."""
    value = 0.0
    for turn in range(LOWERINGS):
        value, k, more, wider = look(land, terms, share, case, slope, rows, desk)
        if value >= -SLACK:
            return 0.0
        total = 0.0
        for i in range(k):
            if desk.state[i] == IN:
                total += share[desk.node[i]]
        if total > 0.0:
            left = 1.0 - min((SLACK - value) / total, 1.0)
            for i in range(k):
                if desk.state[i] == IN:
                    share[desk.node[i]] *= left
        if turn % 3 == 2:
            case = moved(case, terms, value, more, wider, 0.5)
    return -value


@kernel
def settle_centers(
    land: Land, terms: Terms, share: Any, box: Any, least: float, most: float, cases: int
) -> tuple[float, int]:
    """Lower shares (n,) in place until no grid with its center in a box and such an area costs less than they say.

    `box` is the lowest x and y and the highest; `share` must not be negative. What is returned is the most that a grid
    may cost less all the same, SLACK if all went well and infinite if more than `cases` were tried; and the rest of
    these.
    """
    n, worst = len(share), SLACK
    desk = desk_of(land)
    rows = np.empty((DEPTH + 1, n), np.int32)
    count, held = np.zeros(DEPTH + 1, np.int64), 0
    rows[0], count[0] = np.arange(n), n
    # a case waits as: depth, x, y, side, least and most area, t, mu
    waiting = np.empty((4 * DEPTH + 4, 8))
    side = 1.000001 * max(box[2] - box[0], box[3] - box[1]) + 1e-3
    waiting[0] = np.array([1.0, 0.5 * (box[0] + box[2]), 0.5 * (box[1] + box[3]), side, least, most, 0.0, 0.0])
    held = 1
    while held > 0:
        held -= 1
        now = waiting[held].copy()
        depth, side = int(now[0]), now[3]
        if now[1] - 0.5 * side > box[2] or now[2] - 0.5 * side > box[3]:
            continue
        case = Case(now[1], now[2], 0.5 * side * side, now[4], now[5], now[6], now[7])
        above = rows[depth - 1, : count[depth - 1]]
        count[depth] = near_rows(land, terms, share, case, above, rows[depth])
        mine = rows[depth, : count[depth]]
        last = depth == DEPTH or (case.slack <= NEAR * case.most and case.most <= THIN * case.least)
        if last or (case.slack <= FAR * case.most and case.most <= 1.001 * WIDE * case.least):
            cases -= 1
            if cases < 0:
                return np.inf, 0
            done, slope, case = holds(land, terms, share, case, mine, desk)
            if last and not done:
                worst = max(worst, lower(land, terms, share, case, slope, mine, desk))
            if last or done:
                continue
        held = halve(case, now, waiting, held)
    return worst, cases


@inner
def halve(case: Case, now: Any, waiting: Any, held: int) -> int:
    """Put the parts of a case in waiting: of its square or of its areas, whichever costs more; how many wait now."""
    wide = case.most > THIN * case.least
    if wide and case.slack / (NEAR * case.most) < (case.most / max(case.least, 1e-9) - 1.0) / (THIN - 1.0):
        parts = 2
    else:
        parts = 4
    prices = (case.t, case.mu) if case.slack <= CLEAR * case.most else (0.0, 0.0)
    middle = math.sqrt(max(case.least, 1e-6 * case.most) * case.most)
    for q in range(parts):
        part = waiting[held]
        part[:] = now
        part[0] += 1
        part[6], part[7] = prices
        if parts == 4:
            part[1] += (0.25 if q & 1 else -0.25) * now[3]
            part[2] += (0.25 if q & 2 else -0.25) * now[3]
            part[3] *= 0.5
        elif q == 0:
            part[5] = middle
        else:
            part[4] = middle
        held += 1
    return held
