"""Calls over all days and rounds: who is due when, what is missed, why, and what would help."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

import numpy as np

from gridgeo.core.model import Flags, Floats, Ints, geometries
from gridgeo.core.patrol.arrivals import Arrivals, arrivals_of, room_of
from gridgeo.core.patrol.calls import change_for, with_calls
from gridgeo.core.patrol.demand import Start
from gridgeo.core.patrol.hours import change_to_open
from gridgeo.core.patrol.last import arrivals_at, spread_of_lines
from gridgeo.core.patrol.model import Route, Unreached
from gridgeo.core.patrol.passing import shut_on_the_way
from gridgeo.core.patrol.proof import bounded_trip
from gridgeo.core.patrol.routes import Slot
from gridgeo.core.patrol.stops import Stops, owed, phases, rounds_of, stop_route, visits_of
from gridgeo.core.patrol.task import Findings, Task
from gridgeo.core.patrol.visits import Change, Visits, orders_of, solver_present, ways_around, why_missed

Missed = dict[int, tuple[str, Change]]


def stop_walks(task: Task, start: Start, stops: Stops, found: Findings) -> None:
    """Routes from stop to stop, over those that are due in each round; what is missed, with reason and remedy."""
    params = task.params
    called = np.zeros(len(stops.place), np.int64)
    missed: Missed = {}
    at = task.network.streets.node_xy[stops.node]
    seen = Arrivals(arrivals_at(task.last, at))
    walks: list[_StopWalk] = []
    first = len(found.routes)
    task = task.with_closed(0.0) if len(task.hours) else task
    for number in range(params.days * params.rounds):
        owes = _owed(task, stops, number + 1) > called
        part = task.at_round(number % params.rounds + 1) if len(task.hours) else task
        due = _reachable(part, start, stops, np.flatnonzero(owes & _may(task, stops, number)), missed).tolist()
        if due:
            walks += _one_round(part, start, stops, due, number, called, missed, found)
    for walk in walks:
        seen.add(
            np.array([arrivals_of(walk.visits, way) for way in walk.ways]), room_of(walk.visits, walk.ways[0]), walk.due
        )
    chosen = seen.settle()
    found.routes += [walk.route(start, way) for walk, way in zip(walks, chosen, strict=True)]
    spread, most = seen.spread(chosen)
    _note_spread(spread, first, found)
    found.spread_most.append(most)
    _tell_missed(task, stops, called, missed, found)


def _reachable(task: Task, start: Start, stops: Stops, due: Ints, missed: Missed) -> Ints:
    """Stops that a round can walk to; those it cannot for streets that are shut are noted as missed."""
    piece = task.network.component
    apart = piece[stops.node[due]] != piece[start.node]
    begin = task.params.start_s(task.round_numbers[0])
    for stop, passed in zip(due[apart].tolist(), shut_on_the_way(task, start, stops.node[due[apart]]), strict=True):
        missed.setdefault(stop, ("closed", change_to_open(task.hours_with(passed), passed, begin, begin)))
    reached: Ints = due[~apart]
    return reached


def _owed(task: Task, stops: Stops, done: int) -> Ints:
    """Calls each stop wants by the end of so many rounds, at most one in each it may be called at in."""
    rates = task.plan.territory.places.visits_per_day[stops.place].tolist()
    day, turn = divmod(done, task.params.rounds)
    out = []
    for rate, rounds, phase in zip(rates, _rounds(task, stops), phases(len(rates)).tolist(), strict=True):
        if rounds:
            out.append(owed(rate, len(rounds), day * len(rounds) + sum(r <= turn for r in rounds), phase))
        else:  # no walk will ever do: what is wanted is listed as missed
            out.append(owed(rate, task.params.rounds, done, phase))
    return np.array(out, int)


def _rounds(task: Task, stops: Stops) -> list[tuple[int, ...]]:
    """Rounds of a day each stop may be called at in."""
    places = task.plan.territory.places
    wanted = [""] * len(stops.place) if places.round is None else places.round[stops.place].tolist()
    return [rounds_of(word, task.params) for word in wanted]


def _may(task: Task, stops: Stops, number: int) -> Flags:
    """Whether each stop may be called at in a round, numbered from 0 over all days."""
    return np.array([number % task.params.rounds + 1 in rounds for rounds in _rounds(task, stops)], bool)


@dataclass(frozen=True, kw_only=True, eq=False)
class _StopWalk:
    """One walk of a round from stop to stop: the stops due, those chosen, and the ways around it may take."""

    task: Task
    slot: Slot
    due: list[int]
    stops: Stops
    visits: Visits
    ways: list[tuple[int, ...]]

    def route(self, start: Start, way: int) -> Route:
        """The route of one of the ways."""
        places, clock, order = self.task.plan.territory.places, self.task.clock(self.slot.round), self.ways[way]
        route = stop_route(self.task.network, self.slot, start, places, self.stops, self.visits, order, clock)
        return bounded_trip(self.task, route, np.append(start.node, self.stops.node[list(order)]))


def _one_round(
    task: Task, start: Start, stops: Stops, due: list[int], number: int, called: Ints, missed: Missed, found: Findings
) -> list[_StopWalk]:
    """Walks of one round over the stops that are due in it."""
    day, turn = divmod(number, task.params.rounds)
    chosen = Stops(place=stops.place[due], node=stops.node[due], aside_m=stops.aside_m[due])
    visits = visits_of(task.network, task.plan.territory.places, chosen, start, task.clock(turn + 1))
    orders = orders_of(visits, task.params.officers, rng_seed=task.seed, stop=task.stop)
    found.no_solver |= not orders.proven and not solver_present()
    walks = []
    for officer, order in enumerate(orders.walks, start=1):
        ways = ways_around(visits, order, rng_seed=task.seed + number)
        slot = Slot(grid=task.code, officer=officer, round=turn + 1, day=day + 1)
        walks.append(_StopWalk(task=task, slot=slot, due=due, stops=chosen, visits=visits, ways=ways))
        called[[due[s] for s in order]] += 1
    served = {s for order in orders.walks for s in order}
    for s, stop in enumerate(due):
        if s not in served and stop not in missed:
            missed[stop] = why_missed(visits, orders.walks, s)
    return walks


def publish_spread(task: Task, at: Floats, first: int, found: Findings) -> None:
    """Note on the routes from `first` on how far arrivals at some points lie apart, walks before counting too."""
    lines = [route.geometry for route in found.routes[first:]]
    _note_spread(spread_of_lines(geometries([*lines, *(() if task.last is None else task.last)]), at), first, found)


def _note_spread(spread: Floats, first: int, found: Findings) -> None:
    if len(spread):
        found.spread.append(spread)
        told = round(float(np.median(spread)), 4)
        found.routes[first:] = [replace(route, spread=told) for route in found.routes[first:]]


def add_calls(task: Task, start: Start, stops: Stops, first: int, found: Findings) -> None:
    """Put calls on a grid's routes, each place once a round; tell of places missed, with reason and remedy."""
    places = task.plan.territory.places
    called = np.zeros(len(stops.place), np.int64)
    missed: Missed = {}
    for part in task.by_openness() if len(task.hours) else ():
        _reachable(part, start, stops, np.arange(len(stops.place)), missed)
    had: dict[int, set[int]] = {}
    planned = _planned(task, stops, found.routes[first:])
    for at in range(first, len(found.routes)):
        route = found.routes[at]
        number = _number(task, route)
        done = had.setdefault(number, set())
        so_far = [bisect_right(numbers, number) for numbers in planned]
        wanted = [s for s, count in enumerate(so_far) if s not in done and count > called[s]]
        clock = task.clock(route.round)
        found.routes[at], left = with_calls(route, task.network, places, stops, wanted, clock)
        now = set(wanted) - set(left)
        called[sorted(now)] += 1
        done |= now
        for s, reason in left.items():
            if reason != "distance" and s not in missed:
                missed[s] = (reason, change_for(route, task.network, places, stops, wanted, s, clock))
    _tell_missed(task, stops, called, missed, found)


def _number(task: Task, route: Route) -> int:
    """Number of the round of a route, from 0 over all days."""
    return (route.day - 1) * task.params.rounds + route.round - 1


def _planned(task: Task, stops: Stops, routes: list[Route]) -> list[list[int]]:
    """Rounds each stop is to be called at in: those in which a walk passes, evenly chosen."""
    wanted = _owed(task, stops, task.params.days * task.params.rounds).tolist()
    passing: dict[int, set[int]] = {}
    for route in routes:
        legs = np.array([leg.edge for leg in route.legs], np.int64)
        for node in np.unique(np.append(route.start_node, task.network.degree(legs)[0])).tolist():
            passing.setdefault(node, set()).add(_number(task, route))
    out = []
    allowed = [set(rounds) for rounds in _rounds(task, stops)]
    spots = zip(stops.node.tolist(), wanted, phases(len(wanted)).tolist(), allowed, strict=True)
    for node, count, phase, may in spots:
        rounds = sorted(number for number in passing.get(node, ()) if number % task.params.rounds + 1 in may)
        count = min(count, len(rounds))
        out.append([rounds[int((i + phase) * len(rounds) / count)] for i in range(count)])
    return out


def _tell_missed(task: Task, stops: Stops, called: Ints, missed: Missed, found: Findings) -> None:
    """List places that got fewer calls than they want over all days."""
    places, params = task.plan.territory.places, task.params
    wanted, may = _owed(task, stops, params.days * params.rounds), _rounds(task, stops)
    for s, place in enumerate(stops.place.tolist()):
        times = int(wanted[s] - called[s])
        if times > 0:
            otherwise = "too-few-walks" if may[s] else "round"
            reason, change = missed.get(s, (otherwise, Change(kind="walk")))
            code, name = str(places.code[place]), str(places.name[place])
            entry = Unreached(
                grid=task.code, street=code, name=name, length_m=0.0, reason=reason, times=times, change=change.kind,
                change_s=change.seconds,
            )  # fmt: skip
            found.unreached.append(entry)
