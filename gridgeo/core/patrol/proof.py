"""Bounds that stay true where streets are shut for part of a round only.

A walk is planned around every street that is not open all the while, yet a walk that comes by at the right moment may
pass it. So lengths are bounded over a network without those streets alone that are shut from the round's begin until
LONGER times the walk's own time has gone by: no walk of a round that long, from the same start, can undercut them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from gridgeo.core.model import Ints
from gridgeo.core.patrol.demand import Start
from gridgeo.core.patrol.model import Route
from gridgeo.core.patrol.network import Network
from gridgeo.core.patrol.postman import Walk
from gridgeo.core.patrol.task import Task
from gridgeo.core.patrol.tour import least_trip

LONGER = 2.0


def ever_open(task: Task, lasts_s: float) -> Network:
    """The network without the edges that are shut throughout all rounds of a task whose walks last so long."""
    shut = task.shut.get(task.round_numbers[0], frozenset())
    least = shut
    for number in task.round_numbers:
        begin_s = task.params.start_s(number)
        never = task.hours.shut_throughout(begin_s, begin_s + LONGER * lasts_s)
        least &= frozenset(task.hours.edge[never].tolist())
    return task.network if least == shut else task.networks.without(least)


def bounded(
    task: Task, start: Start, walk: Walk, wide: Network, walk_over: Callable[[Task, Start, Ints], Walk]
) -> Walk:
    """A walk with a bound that holds on a wider network too, as `walk_over` finds it for the same streets."""
    if wide is task.network:
        return walk
    other = walk_over(replace(task, network=wide), start, walk.required)
    return replace(walk, bound_mm=min(walk.bound_mm, other.bound_mm))


def bounded_trip(task: Task, route: Route, nodes: Ints) -> Route:
    """A walk from stop to stop, its start first in `nodes`, with a bound that holds on the wider network too."""
    lasts_s = max(
        [route.walk_s + route.service_s, *(call.start_s - task.params.start_s(route.round) for call in route.stops)]
    )
    wide = ever_open(task, lasts_s)
    if wide is task.network:
        return route
    names = np.unique(nodes)
    away = np.zeros((len(names), len(names)), np.int64)
    i, j, length = wide.distances(names, int(wide.length_mm.sum()) + 1)
    away[i, j] = length
    bound_m = min(route.bound_m, round(least_trip(away) / 1000 + route.access_m, 3))
    return replace(route, bound_m=bound_m, proven=route.proven and bound_m == route.length_m)
