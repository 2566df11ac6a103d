"""Streets that are not always open: hours of their own, and gates on them.

A gate stands on the street nearest to it; at a junction it closes the smaller of the streets that meet there, at a dead
end it closes nothing. A street is walked in a round only if it is open all the while the walk may take to come by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridgeo.core.model import DAY_S, Flags, Floats, Gates, Ints, Objects, Streets, Territory
from gridgeo.core.patrol.visits import STEP_S, Change

GATE_M = 2.0  # a gate this near to a street stands on it
AT_NODE_M = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Hours:
    """Rows of street edges that are not always open: `edge`, `opens`, `closes` seconds of the day, `ever` open at all.

    An edge may have several rows. Where `closes` is not after `opens`, it is open over midnight.
    """

    edge: Ints
    opens: Ints
    closes: Ints
    ever: Flags

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, edges: Ints) -> Hours:
        """The rows of some edges."""
        return self.rows(np.flatnonzero(np.isin(self.edge, edges)))

    def rows(self, on: Ints) -> Hours:
        """Some rows."""
        return Hours(edge=self.edge[on], opens=self.opens[on], closes=self.closes[on], ever=self.ever[on])

    def closed(self, begin_s: Floats | float, end_s: Floats | float) -> Flags:
        """Which rows are not open all the while from one second of the day to another; those may lie after midnight."""
        begin, end = np.broadcast_to(begin_s, len(self)), np.broadcast_to(end_s, len(self))
        length = self._length
        after = (begin - self.opens) % DAY_S
        out: Flags = ~self.ever | ((length < DAY_S) & (after + (end - begin) > length))
        return out

    def shut_throughout(self, begin_s: float, end_s: float) -> Flags:
        """Which rows are open at no moment from one second of the day to another."""
        before = (self.opens - begin_s) % DAY_S
        begun: Flags = ((begin_s - self.opens) % DAY_S < self._length) | (before < end_s - begin_s)
        out: Flags = ~(self.ever & begun)
        return out

    def missing_s(self, begin_s: float, end_s: float) -> Ints:
        """Seconds by which the hours of each row would have to be longer to be open all the while.

        Either they last on from the opening before the begin, or the next opening comes earlier: what is less.

        >>> opens, closes = np.array([79_200]), np.array([21_600])
        >>> night = Hours(edge=np.array([0]), opens=opens, closes=closes, ever=np.array([True]))
        >>> [night.missing_s(begin, begin + 3600).tolist() for begin in (3600, 19_800)]
        [[0], [1800]]
        """
        lasts = end_s - begin_s
        longer = np.maximum(0, (begin_s - self.opens) % DAY_S + lasts - self._length)
        early = (self.opens - begin_s) % DAY_S
        least = np.minimum(longer, early + np.maximum(0, lasts - early - self._length))
        out: Ints = np.ceil(np.minimum(least, DAY_S - self._length)).astype(np.int64)
        return out

    @property
    def _length(self) -> Ints:
        """Seconds each row is open at a time, a whole day where it opens when it closes."""
        length = (self.closes - self.opens) % DAY_S
        out: Ints = np.where(length == 0, DAY_S, length)
        return out


def hours_of(territory: Territory) -> Hours:
    """Edges of a territory that are not always open, by their street's own hours and by gates."""
    streets, gates = territory.streets, territory.gates
    limited = (streets.opens != 0) | (streets.closes % DAY_S != 0)
    own = np.flatnonzero(limited[streets.line])
    line = streets.line[own]
    at, gate = _gated(streets, _narrow(gates))
    narrow = _narrow(gates)
    return Hours(
        edge=np.concatenate([own, at]).astype(np.int64),
        opens=np.concatenate([streets.opens[line], narrow.opens[gate]]).astype(np.int64),
        closes=np.concatenate([streets.closes[line], narrow.closes[gate]]).astype(np.int64),
        ever=np.concatenate([np.ones(len(own), bool), narrow.passable[gate]]).astype(bool),
    )


def _narrow(gates: Gates) -> Gates:
    """Gates that are not always open."""
    return gates.take(np.flatnonzero(~gates.passable | (gates.opens != 0) | (gates.closes % DAY_S != 0)))


def _gated(streets: Streets, gates: Gates) -> tuple[Ints, Ints]:
    """Rows (edge, gate) of the edges each gate stands on."""
    none = np.zeros(0, np.int64)
    if len(gates) == 0 or len(streets) == 0:
        return none, none
    points = shapely.points(gates.xy)
    gate, edge = shapely.STRtree(streets.geometry).query(points, predicate="dwithin", distance=GATE_M)
    away = shapely.distance(points[gate], streets.geometry[edge])
    through = ~_at_dead_end(streets, edge, points[gate])
    gate, edge, away = gate[through], edge[through], away[through]
    nearest = np.full(len(gates), np.inf)
    np.minimum.at(nearest, gate, away)
    on = away <= nearest[gate] + AT_NODE_M
    gate, edge = gate[on], edge[on]
    rank = streets.border[streets.line[edge]]
    least = np.full(len(gates), 127)
    np.minimum.at(least, gate, rank)
    on = rank == least[gate]
    return edge[on].astype(np.int64), gate[on].astype(np.int64)


def _at_dead_end(streets: Streets, edge: Ints, points: Objects) -> Flags:
    """Which gates stand at or beyond the end of their edge, where nothing goes on: one can walk up to them.

    Next to an end where streets do meet, a gate stands on that node, on whichever side of a bend it was drawn.
    """
    along = shapely.line_locate_point(streets.geometry[edge], points)
    at_head = along >= shapely.length(streets.geometry[edge]) - AT_NODE_M
    at_end = at_head | (along <= AT_NODE_M)
    ends = np.bincount(np.concatenate([streets.tail, streets.head]), minlength=streets.nodes)
    alone = ends[np.where(at_head, streets.head[edge], streets.tail[edge])] == 1
    out: Flags = at_end & alone
    return out


def shut_edges(hours: Hours, begin_s: float, end_s: float) -> Ints:
    """Edges that are not open all the while, ascending."""
    out: Ints = np.unique(hours.edge[hours.closed(begin_s, end_s)])
    return out


def change_to_open(hours: Hours, passed: Iterable[int], begin_s: int, end_s: float) -> Change:
    """The cheapest change after which a walk from one time to another may pass some edges: longer hours, another start.

    "gate": somebody would have to let officers in, for one of the edges is never open.
    """
    wanted = hours.take(np.array(sorted(passed), np.int64))
    if not wanted.ever.all():
        return Change(kind="gate")
    wanted = wanted.rows(np.flatnonzero(wanted.closed(begin_s, end_s)))
    longer = Change(kind="hours", seconds=int(wanted.missing_s(begin_s, end_s).max(initial=0)))
    before = set(shut_edges(hours, begin_s, end_s).tolist())
    for quarters in range(1, 1 - (-longer.seconds // STEP_S)):  # no dearer, to the quarter of an hour
        for shift in (quarters * STEP_S, -quarters * STEP_S):
            moved = set(shut_edges(hours, begin_s + shift, end_s + shift).tolist())
            if 0 <= begin_s + shift < DAY_S and moved <= before - set(wanted.edge.tolist()):
                return replace(longer, kind="start", seconds=shift)
    return longer
