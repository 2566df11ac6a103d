"""A few services shared out exactly: the longest walk as short as can be, and among such shares the least in all.

Every set of services has a best walk, found by dynamic programming over sets (Held and Karp 1962) in time that passes,
so that hours are kept: to be done earlier with the same services is never worse. Sets are then parted among walks.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gridgeo.core.model import Ints
from gridgeo.core.patrol.share import Shared, ShareTask

FEW = 12  # services shared out exactly: O(2^k k^2 + 3^k walks)
FOREVER = np.int64(1) << 60


def share_few(
    task: ShareTask, *, opens: Ints | None = None, latest: Ints | None = None, limit: int = int(FOREVER)
) -> Shared | None:
    """Shares whose longest walk is the shortest there is, of least total among these; None where none keeps the hours.

    Walks are measured by the time they are back, waiting included. At most FEW services.

    Parameters
    ----------
    task
        The services; its capacity and weight are not minded.
    opens, latest
        (k,) when each service may begin at the earliest and at the latest, from the begin of the walks on; None: ever.
    limit
        When every walk must be back.

    Examples
    --------
    >>> line = np.abs(np.subtract.outer([3, 3, -4, -4, 0], [3, 3, -4, -4, 0]))  # two points, either side of the station
    >>> nothing = np.zeros(2, np.int64)
    >>> two = ShareTask(between=line, serve=nothing, load=nothing, capacity=0, walks=2)
    >>> shared = share_few(two)
    >>> shared.longest, shared.total
    (8, 14)
    >>> share_few(two, latest=np.array([9, 3])) is None
    True
    """
    k = len(task.serve)
    opens = np.zeros(k, np.int64) if opens is None else opens
    latest = np.full(k, FOREVER) if latest is None else latest
    back, last, came = _backs(np.ascontiguousarray(task.between), task.serve, opens, latest, limit)
    share = _parted(back, min(task.walks, k))
    if len(share) == 0 and k:
        return None
    walks = tuple(_traced(int(held), last, came) for held in share.tolist() if held)
    cost = [int(back[held]) for held in share.tolist()]
    return Shared(walks=walks, total=sum(cost), longest=max(cost, default=0))


def _traced(held: int, last: Ints, came: Ints) -> Ints:
    """Directed services of the best walk over a set, in order."""
    walk = []
    at = int(last[held])
    while held:
        walk.append(at)
        held, at = held ^ (1 << (at >> 1)), int(came[held, at])
    return np.array(walk[::-1], np.int64)


@njit(cache=True)
def _backs(between, serve, opens, latest, limit):  # type: ignore[no-untyped-def]
    """When the best walk over each set is back (FOREVER: never), its last service, and the one before each state's."""
    k = len(serve)
    done = np.full((1 << k, 2 * k), FOREVER)
    came = np.full((1 << k, 2 * k), -1, np.int64)
    back, last = np.full(1 << k, FOREVER), np.full(1 << k, -1, np.int64)
    back[0] = 0
    for held in range(1, 1 << k):
        for d in range(2 * k):
            s = d >> 1
            if held >> s & 1 == 0:
                continue
            rest = held ^ (1 << s)
            for before in range(2 * k if rest else 1):
                now = between[2 * k, d] if rest == 0 else done[rest, before]
                if rest and (rest >> (before >> 1) & 1 == 0 or now == FOREVER):
                    continue
                begin = max(opens[s], now + (between[before, d] if rest else 0))
                if begin <= latest[s] and begin + serve[s] < done[held, d]:
                    done[held, d] = begin + serve[s]
                    came[held, d] = before if rest else -1
            if done[held, d] < FOREVER:
                home = done[held, d] + between[d, 2 * k]
                if home <= limit and home < back[held]:
                    back[held], last[held] = home, d
    return back, last, came


@njit(cache=True)
def _parted(back, walks):  # type: ignore[no-untyped-def]
    """Sets, at most so many, that hold every service once: the greatest as small as can be, then the sum; or none."""
    whole = len(back) - 1
    longest = _least(back, walks, True, FOREVER)[0]
    if longest[walks, whole] >= FOREVER:
        return np.empty(0, np.int64)
    _, taken = _least(back, walks, False, longest[walks, whole])
    out, held = np.zeros(walks, np.int64), whole
    for part in range(walks, 0, -1):
        out[part - 1] = taken[part, held]
        held ^= taken[part, held]
    return out


@njit(cache=True)
def _least(back, walks, greatest, most):  # type: ignore[no-untyped-def]
    """For each number of walks and each set: the least greatest or summed walk, none above `most`; the last walk's."""
    size = len(back)
    value, taken = np.full((walks + 1, size), FOREVER), np.zeros((walks + 1, size), np.int64)
    value[0, 0] = 0
    for part in range(1, walks + 1):
        for held in range(size):
            own = held
            while True:  # every subset, the set itself first, the empty one last
                if back[own] <= most and value[part - 1, held ^ own] < FOREVER:
                    rest = value[part - 1, held ^ own]
                    found = max(back[own], rest) if greatest else back[own] + rest
                    if found < value[part, held]:
                        value[part, held], taken[part, held] = found, own
                if own == 0:
                    break
                own = (own - 1) & held
    return value, taken
