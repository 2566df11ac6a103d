"""Calls at places in an order: when each begins, which order is short, and what a missed one would take.

Position 0 is the station, position p + 1 is place p of the round; times are whole seconds, lengths millimetres. The
order is the shortest round trip (`tour`), of several as short the one that is back first, where one of them keeps the
opening hours and the limit of time. Otherwise PyVRP searches (Wouda, Lan and Kool 2024, doi:10.1287/ijoc.2023.0055),
with a fixed number of iterations, so that the same input gives the same walks; where it is not installed, places are
put in one by one where they take the least time. Several officers share few places exactly (`few`), many by search
within ever shorter limits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gridgeo.core.model import DAY_S, Ints, Stop, never
from gridgeo.core.patrol.few import FEW, share_few
from gridgeo.core.patrol.pace import Pace
from gridgeo.core.patrol.share import ShareTask
from gridgeo.core.patrol.tour import EXACT, equal_trips, round_trip

TRIPS = 60  # trips drawn among those that are as short
HALVINGS = 5  # shorter limits tried to share places out evenly
ITERATIONS = 400
KICKS = 3_000
STEP_S = 900  # starts are shifted by quarters of an hour


@dataclass(frozen=True, kw_only=True)
class Clock:
    """When a walk begins, how long it may take, and how fast it goes."""

    start_s: int
    limit_s: int
    pace: Pace

    @property
    def speed_m_per_s(self) -> float:
        """Speed on the level."""
        return self.pace.speed_m_per_s


@dataclass(frozen=True, kw_only=True, eq=False)
class Visits:
    """The places of one round: `away` (n + 1, n + 1) seconds between positions, and for each place its hours.

    `opens`, `closes` seconds of the day between which a call of `service` seconds must lie; the walks begin at
    `start_s` and last `limit_s` at most. `length_mm` between positions, symmetric; None: as many as there are seconds.
    """

    away: Ints
    opens: Ints
    closes: Ints
    service: Ints
    start_s: int
    limit_s: int
    length_mm: Ints | None = None

    def __len__(self) -> int:
        return len(self.opens)

    @property
    def lengths(self) -> Ints:
        """Millimetres between positions."""
        return self.away if self.length_mm is None else self.length_mm

    def walked_mm(self, order: tuple[int, ...]) -> Ints:
        """Millimetres walked by each call of an order and, last, by the time the walk is back."""
        tour = np.array([0, *(place + 1 for place in order), 0])
        return np.cumsum(self.lengths[tour[:-1], tour[1:]])

    def waits_s(self, order: tuple[int, ...]) -> int:
        """Seconds an order waits for places to open."""
        tour = np.array([0, *(place + 1 for place in order), 0])
        busy = int(self.away[tour[:-1], tour[1:]].sum() + self.service[list(order)].sum())
        return begins(self, order)[1] - self.start_s - busy


@dataclass(frozen=True, kw_only=True, eq=False)
class Orders:
    """Places of each walk in calling order; whether no shorter order exists."""

    walks: tuple[tuple[int, ...], ...]
    proven: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """The cheapest change that would serve a missed place: its kind and its seconds (0: whatever it takes).

    Kinds: "minutes" (a longer walk), "closes" (open for longer), "start" (begin later; earlier when negative),
    "walk" (a walk of its own), "" (none was found).
    """

    kind: str = ""
    seconds: int = 0


def begins(visits: Visits, order: tuple[int, ...]) -> tuple[list[int], int]:
    """When each call of an order begins, waiting for places to open, and when the walk is back.

    >>> around = np.array([[0, 60, 60], [60, 0, 60], [60, 60, 0]])
    >>> hours = Visits(away=around, opens=np.array([0, 300]), closes=np.array([900, 900]), service=np.array([30, 30]),
    ...     start_s=0, limit_s=900)
    >>> begins(hours, (0, 1))
    ([60, 300], 390)
    """
    now, at, out = visits.start_s, 0, []
    for place in order:
        now = max(now + int(visits.away[at, place + 1]), int(visits.opens[place]))
        out.append(now)
        now += int(visits.service[place])
        at = place + 1
    return out, now + int(visits.away[at, 0])


def kept(visits: Visits, order: tuple[int, ...]) -> bool:
    """Whether an order keeps all hours and the limit."""
    when, back = begins(visits, order)
    late = any(
        time + int(visits.service[place]) > int(visits.closes[place]) for time, place in zip(when, order, strict=True)
    )
    return not late and back - visits.start_s <= visits.limit_s


def orders_of(visits: Visits, officers: int, *, rng_seed: int = 1, stop: Stop = never) -> Orders:
    """Walks over as many places as can be served: of one officer short, of several the last one back early.

    Parameters
    ----------
    visits
        The places.
    officers
        Greatest number of walks.
    rng_seed
        Start of the random numbers.
    stop
        Asked during the search for a round trip.
    """
    order, proven = round_trip(visits.lengths, kicks=KICKS, rng_seed=rng_seed, stop=stop)
    whole = tuple(int(p) - 1 for p in order[1:])
    if officers == 1:
        for way in sorted(_as_short(visits, whole, rng_seed), key=lambda way: begins(visits, way)[1]):
            if kept(visits, way):
                return Orders(walks=(way,), proven=proven)
    if len(visits) <= FEW and (officers > 1 or not solver_present()):
        few = _shared(visits, officers)
        if few is not None:
            return Orders(walks=few, proven=True)
    found = _searched(visits, officers, rng_seed)
    if found is None:
        return Orders(walks=_inserted(visits, officers), proven=False)
    return Orders(walks=_balanced(visits, officers, found, rng_seed), proven=False)


def _shared(visits: Visits, officers: int) -> tuple[tuple[int, ...], ...] | None:
    """Walks over all places whose last one is back as early as can be; None where not all can be served."""
    at = np.append(np.repeat(np.arange(len(visits)), 2) + 1, 0)  # a place is the same either way
    nothing = np.zeros(len(visits), np.int64)
    task = ShareTask(
        between=visits.away[np.ix_(at, at)], serve=visits.service, load=nothing, capacity=0, walks=officers
    )
    latest = np.maximum(visits.closes - visits.service - visits.start_s, -1)
    opens = np.maximum(visits.opens - visits.start_s, 0)
    shared = share_few(task, opens=opens, latest=latest, limit=visits.limit_s)
    return None if shared is None else tuple(tuple((walk >> 1).tolist()) for walk in shared.walks)


def _balanced(
    visits: Visits, officers: int, walks: tuple[tuple[int, ...], ...], rng_seed: int
) -> tuple[tuple[int, ...], ...]:
    """Walks over the same places whose last one is back earlier, where the search finds such within shorter limits."""

    def lasts(some: tuple[tuple[int, ...], ...]) -> int:
        return max(begins(visits, walk)[1] - visits.start_s for walk in some)

    if officers == 1 or not walks:
        return walks
    places, low = sum(len(walk) for walk in walks), lasts(walks) // officers
    for _ in range(HALVINGS):
        limit = (low + lasts(walks)) // 2
        found = _searched(replace(visits, limit_s=limit), officers, rng_seed)
        if found and sum(len(walk) for walk in found) >= places:
            walks = found
        else:
            low = limit
    return walks


def ways_around(visits: Visits, order: tuple[int, ...], *, rng_seed: int = 1) -> list[tuple[int, ...]]:
    """Orders of the same places, the given one first, that are no longer, keep all hours and wait no longer.

    Of many, some drawn at random.
    """
    longest, waits = visits.walked_mm(order)[-1], visits.waits_s(order)
    return [order] + [
        way
        for way in _as_short(visits, order, rng_seed)
        if visits.walked_mm(way)[-1] <= longest and kept(visits, way) and visits.waits_s(way) <= waits
    ]


def _as_short(visits: Visits, order: tuple[int, ...], rng_seed: int) -> list[tuple[int, ...]]:
    """An order, the other way around and, where all can be weighed, the shortest ones of the same places."""
    at = np.array([0, *(place + 1 for place in order)])
    ways = [order, order[::-1]]
    if 3 < len(at) <= EXACT:
        trips = equal_trips(visits.lengths[np.ix_(at, at)], tries=TRIPS, rng_seed=rng_seed)
        ways += [tuple((at[trip[1:]] - 1).tolist()) for trip in trips]
        ways += [way[::-1] for way in ways]
    return list(dict.fromkeys(ways))


def solver_present() -> bool:
    """Whether PyVRP is installed."""
    from importlib.util import find_spec

    return find_spec("pyvrp") is not None


def _searched(visits: Visits, officers: int, rng_seed: int) -> tuple[tuple[int, ...], ...] | None:
    """Walks by PyVRP; None where it is not installed."""
    if not solver_present():
        return None
    from pyvrp import Model
    from pyvrp.stop import MaxIterations

    model = Model()
    spots = [model.add_location(0, 0) for _ in range(len(visits) + 1)]
    begin, end = visits.start_s, visits.start_s + min(visits.limit_s, 2 * DAY_S)
    depot = model.add_depot(spots[0], tw_early=begin, tw_late=end)
    model.add_vehicle_type(officers, start_depot=depot, end_depot=depot, tw_early=begin, tw_late=end, start_late=begin)
    worth = int(visits.away.max()) * 2 * (len(visits) + 1)  # no detour is worth a place left out
    for place in range(len(visits)):
        latest = int(visits.closes[place]) - int(visits.service[place])
        if latest >= int(visits.opens[place]):
            model.add_client(
                spots[place + 1], service_duration=int(visits.service[place]), tw_early=int(visits.opens[place]),
                tw_late=latest, prize=worth, required=False, name=str(place),
            )  # fmt: skip
    for a, b in np.argwhere(~np.eye(len(spots), dtype=bool)).tolist():
        seconds = int(visits.away[a, b])
        model.add_edge(spots[a], spots[b], distance=seconds, duration=seconds)
    result = model.solve(MaxIterations(ITERATIONS), seed=rng_seed, collect_stats=False, display=False)
    return _walks_of(visits, result.best, model) if result.is_feasible() else None


def _walks_of(visits: Visits, best: Any, model: Any) -> tuple[tuple[int, ...], ...]:
    """Orders of a PyVRP solution, those that can be walked as they stand."""
    names = [int(client.name) for client in model.clients]
    walks = []
    for route in best.routes():
        order = tuple(names[visit.idx] for visit in route if visit.is_client())
        if kept(visits, order):
            walks.append(order)
    return tuple(walks)


def _inserted(visits: Visits, officers: int) -> tuple[tuple[int, ...], ...]:
    """Walks by cheapest insertion, the places that close first in front."""
    walks: list[tuple[int, ...]] = [()] * officers
    for place in np.argsort(visits.closes, kind="stable").tolist():
        options = [
            (begins(visits, (*walk[:at], place, *walk[at:]))[1], number, at)
            for number, walk in enumerate(walks)
            for at in range(len(walk) + 1)
            if kept(visits, (*walk[:at], place, *walk[at:]))
        ]
        if options:
            _, number, at = min(options)
            walks[number] = (*walks[number][:at], place, *walks[number][at:])
    return tuple(walk for walk in walks if walk)


def why_missed(visits: Visits, walks: tuple[tuple[int, ...], ...], place: int) -> tuple[str, Change]:
    """Why no walk serves a place: "window", "distance" or "time-budget"; and the cheapest change that would.

    The change is verified: the walk with the place in it keeps all hours and limits once the change is made.
    """
    alone = (place,)
    when, back = begins(visits, alone)
    late = when[0] + int(visits.service[place]) - int(visits.closes[place])
    change = _cheapest(visits, walks or ((),), place)
    if late > 0:
        return "window", change
    if back - visits.start_s > visits.limit_s:
        waiting = when[0] - visits.start_s - int(visits.away[0, place + 1])
        return "window" if back - visits.start_s - waiting <= visits.limit_s else "distance", change
    always = replace(visits, opens=_with(visits.opens, place, 0), closes=_with(visits.closes, place, 2 * DAY_S))
    if any(kept(always, order) for order in _with_place(walks or ((),), place)):
        return "window", change
    return "time-budget", change


def _with(column: Ints, row: int, value: int) -> Ints:
    out = column.copy()
    out[row] = value
    return out


def _with_place(walks: tuple[tuple[int, ...], ...], place: int) -> list[tuple[int, ...]]:
    """Every walk with the place put in anywhere."""
    return [(*walk[:at], place, *walk[at:]) for walk in walks for at in range(len(walk) + 1)]


def _cheapest(visits: Visits, walks: tuple[tuple[int, ...], ...], place: int) -> Change:
    """The change of fewest seconds after which some walk, the place put in, keeps everything."""
    orders = _with_place(walks, place)
    options = [change for order in orders for change in _changes(visits, order, place)]
    if not options and kept(visits, (place,)):
        return Change(kind="walk", seconds=begins(visits, (place,))[1] - visits.start_s)
    return min(options, key=lambda change: (abs(change.seconds), change.kind), default=Change())


def _changes(visits: Visits, order: tuple[int, ...], place: int) -> list[Change]:
    """Changes of one kind that make an order keep everything: longer, open later, or begun at another time."""
    when, back = begins(visits, order)
    more = back - visits.start_s - visits.limit_s
    late = when[order.index(place)] + int(visits.service[place]) - int(visits.closes[place])
    tried = [
        (Change(kind="minutes", seconds=more), replace(visits, limit_s=visits.limit_s + more)),
        (
            Change(kind="closes", seconds=late),
            replace(visits, closes=_with(visits.closes, place, int(visits.closes[place]) + late)),
        ),
    ]
    tried += [
        (Change(kind="start", seconds=shift), replace(visits, start_s=visits.start_s + shift))
        for shift in _shifts(visits, order)
    ]
    return [change for change, changed in tried if change.seconds and kept(changed, order)]


def _shifts(visits: Visits, order: tuple[int, ...]) -> list[int]:
    """The least shift of the start, either way, after which an order keeps everything."""
    for quarters in range(1, 49):
        for shift in (quarters * STEP_S, -quarters * STEP_S):
            start = visits.start_s + shift
            if 0 <= start < DAY_S and kept(replace(visits, start_s=start), order):
                return [shift]
    return []
