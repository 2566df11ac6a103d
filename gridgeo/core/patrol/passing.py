"""Streets shut when a round comes by: which walks pass them, which streets are not reached, what would help."""

from __future__ import annotations

import numpy as np

from gridgeo.core.model import Flags, Ints
from gridgeo.core.patrol.demand import Start
from gridgeo.core.patrol.hours import change_to_open
from gridgeo.core.patrol.model import Route, Unreached
from gridgeo.core.patrol.routes import steps_of
from gridgeo.core.patrol.task import Task
from gridgeo.core.patrol.visits import Change

FAR = 1 << 32  # a shut edge counts as longer than any way around it


def passed_when_shut(task: Task, routes: list[Route]) -> dict[int, frozenset[int]]:
    """Edges that routes may pass when they are not open, by round; a pass may be as late as all calls make it."""
    if len(task.hours) == 0:
        return {}
    out: dict[int, frozenset[int]] = {}
    for route in routes:
        late_s = route.service_s + route.access_m / task.speed_m_per_s
        shut = shut_passes(task, route.round, steps_of(route), late_s)
        if shut:
            out[route.round] = out.get(route.round, frozenset()) | shut
    return out


def shut_passes(task: Task, number: int, steps: Ints, late_s: float) -> frozenset[int]:
    """Edges that steps of a round pass when they may not be open; any pass may be so many seconds late.

    An edge passed several times must be open from the first pass to the last.
    """
    edges = steps >> 1
    on = np.flatnonzero(np.isin(task.hours.edge, edges))
    if len(on) == 0:
        return frozenset()
    take = task.pace.seconds(steps)
    end = task.params.start_s(number) + np.cumsum(take)
    first = {edge: float(end[at] - take[at]) for at, edge in reversed(list(enumerate(edges.tolist())))}
    last = {edge: float(end[at]) + late_s for at, edge in enumerate(edges.tolist())}
    hours = task.hours.rows(on)
    here = hours.edge.tolist()
    shut = hours.closed(np.array([first[edge] for edge in here]), np.array([last[edge] for edge in here]))
    return frozenset(hours.edge[shut].tolist())


def reached_from(task: Task, start: Start, edges: Ints) -> Flags:
    """Which edges are open and can be walked to from the start."""
    network = task.network
    out: Flags = network.open[edges] & (network.component[network.tail[edges]] == network.component[start.node])
    return out


def streets_shut(task: Task, start: Start, edges: Ints, lasts_s: float) -> list[Unreached]:
    """Edges that the rounds of a task cannot reach, each with the cheapest change that would let it through."""
    if len(edges) == 0:
        return []
    begin = task.params.start_s(task.round_numbers[0])
    times = task.params.days * len(task.round_numbers)
    out = []
    ways = shut_on_the_way(task, start, task.network.tail[edges])
    for edge, passed in zip(edges.tolist(), ways, strict=True):
        own = set() if task.network.open[edge] else {edge}
        passed |= own
        change = change_to_open(task.hours_with(passed), passed, begin, begin + lasts_s)
        out.append(street_missed(task, edge, "closed", times=times, change=change))
    return out


def shut_on_the_way(task: Task, start: Start, nodes: Ints) -> list[set[int]]:
    """The shut edges on a way to each node that passes as few of them as there are."""
    everywhere = task.networks.without(frozenset())
    shut = ~task.network.open
    ways = everywhere.ways(start.node, nodes, dearer=np.where(shut, FAR, 0))
    return [{step >> 1 for step in way.tolist() if shut[step >> 1]} for way in ways]


def street_missed(task: Task, edge: int, reason: str, *, times: int = 1, change: Change | None = None) -> Unreached:
    """A street edge that walks leave out."""
    streets = task.plan.territory.streets
    line = int(streets.line[edge])
    change = change or Change()
    return Unreached(
        grid=task.code,
        street=str(streets.code[line]),
        name=str(streets.name[line]),
        length_m=int(streets.length_mm[edge]) / 1000,
        reason=reason,
        times=times,
        change=change.kind,
        change_s=change.seconds,
    )
