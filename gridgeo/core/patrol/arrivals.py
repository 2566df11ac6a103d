"""When walks from stop to stop come to each place, how far these times lie apart, and how far they could.

Walks that are as short as can be leave little freedom: a place is reached after so many metres at the earliest, and as
long before the walk's end at the latest. So no choice of shortest walks sets the arrivals farther apart than what
`room_of` allows.
"""

from __future__ import annotations

import numpy as np

from gridgeo.core.model import Floats
from gridgeo.core.patrol.tour import EXACT, earliest_mm, least_trip
from gridgeo.core.patrol.visits import Visits

SWEEPS = 8


def arrivals_of(visits: Visits, order: tuple[int, ...]) -> Floats:
    """When each place of a round is come to, as a share of the walk; NaN for those of other walks."""
    walked = visits.walked_mm(order)
    out = np.full(len(visits), np.nan)
    out[list(order)] = walked[:-1] / max(1, walked[-1])
    return out


def room_of(visits: Visits, order: tuple[int, ...]) -> Floats:
    """How far from the middle of the walk each place can be come to at most, in a walk no longer than this one.

    >>> line = np.abs(np.subtract.outer([0, 100, 400], [0, 100, 400]))
    >>> rows = np.zeros(2, np.int64)
    >>> room_of(Visits(away=line, opens=rows, closes=rows, service=rows, start_s=0, limit_s=9), (0, 1)).tolist()
    [0.375, 0.0]
    """
    whole = max(1, int(visits.walked_mm(order)[-1]))
    at = np.array([0, *(place + 1 for place in order)])
    away = visits.lengths[np.ix_(at, at)]
    shortest = len(at) <= EXACT and whole <= max(1, least_trip(away))
    least = earliest_mm(away) if shortest else away[0]
    out = np.full(len(visits), np.nan)
    out[list(order)] = 0.5 - np.minimum(0.5, least[1:] / whole)
    return out


class Arrivals:
    """Arrivals at the stops of a grid, walk after walk, each walk with several ways to choose from.

    Parameters
    ----------
    past
        (walks, stops) arrivals of walks walked before, as shares of the walk; NaN where one does not pass.
    """

    def __init__(self, past: Floats) -> None:
        self._past = past
        self._ways: list[Floats] = []
        self._room: list[Floats] = []

    def add(self, ways: Floats, room: Floats, stops: list[int]) -> None:
        """Note a walk's arrivals at some stops for each way it may take, (ways, stops), and the room it has there."""
        wide = np.full((len(ways) + 1, self._past.shape[1]), np.nan)
        wide[:-1, stops], wide[-1, stops] = ways, room
        self._ways.append(wide[:-1])
        self._room.append(wide[-1])

    def settle(self) -> list[int]:
        """The way each walk takes: the one that sets arrivals farthest apart, walk by walk, until none is better."""
        chosen = [0] * len(self._ways)
        for _ in range(SWEEPS):
            before = list(chosen)
            for walk, ways in enumerate(self._ways):
                others = np.vstack(
                    [self._past, *(w[c] for k, (w, c) in enumerate(zip(self._ways, chosen, strict=True)) if k != walk)]
                )
                chosen[walk] = _farthest(ways, others)
            if chosen == before:
                break
        return chosen

    def spread(self, chosen: list[int]) -> tuple[Floats, Floats]:
        """Standard deviation of the arrivals at each stop come to twice or oftener, and the most that it could be.

        A deviation never exceeds the root of the mean square distance from the middle.
        """
        share = np.vstack([self._past, *(ways[way] for ways, way in zip(self._ways, chosen, strict=True))])
        room = np.vstack([np.abs(self._past - 0.5), *self._room])
        several = (~np.isnan(share)).sum(axis=0) > 1
        return np.nanstd(share[:, several], axis=0), np.sqrt(np.nanmean(room[:, several] ** 2, axis=0))


def _farthest(ways: Floats, others: Floats) -> int:
    """Which of some ways has the greatest sum of deviations over its stops together with other walks."""
    on = ~np.isnan(ways[0])
    ways, others = ways[:, on], others[:, on]
    known = ~np.isnan(others)
    others = np.where(known, others, 0.0)
    number = known.sum(axis=0) + 1
    mean = (others.sum(axis=0) + ways) / number
    square = ((others**2).sum(axis=0) + ways**2) / number
    apart = np.sqrt(np.maximum(0.0, square - mean**2)).sum(axis=1)
    return int(np.argmax(apart.round(9)))
