"""The best of the bounds there are for a zone that cannot be proven."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import Stop
from gridgeo.core.partition.bound.centers import center_bound
from gridgeo.core.partition.bound.shares import share_bound
from gridgeo.core.partition.score import Rule, Units

ENOUGH = 0.8
"""Part of the price of the plan at hand above which no other bound is sought."""
CENTERED = 150
"""Most units of a zone whose grids are bounded by cuts: of more it takes longer than all the rest."""


def zone_bound(units: Units, rule: Rule, label: NDArray[np.int64], price: NDArray[np.float64], *, stop: Stop) -> float:
    """Price no plan within the band undercuts; 0 when nothing is found.

    Zones of few units a grid are bounded by lists of sets, others that are not too large by cuts around every center.

    Parameters
    ----------
    units, rule
        A connected zone and what is asked.
    label, price
        A plan at hand (n,), from 0, and the price of each of its grids.
    stop
        Asked between steps; once True less is known.
    """
    listed = share_bound(units, rule, label, price)
    if listed >= ENOUGH * float(price.sum()) or len(label) > CENTERED or stop():
        return listed
    return max(listed, center_bound(units, rule, label, price, stop=stop))
