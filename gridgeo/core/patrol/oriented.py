"""Which way around: the fastest directions of a walk whose streets take longer one way than the other.

Every walk over the same even multigraph is as long as any other, but not as fast. The fastest directions are a least
cost circulation, a program whose linear corners are whole (Guan 1984; Win 1989, doi:10.1007/BF01589109): exact for
the streets the walk takes. Circuits are then drawn at random among those that keep the directions.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gridgeo.core.model import Flags, Floats, Ints
from gridgeo.errors import GridgeoError

KINDS = 4  # sets of equally fast directions tried, for variety


def fastest_ways(u: Ints, v: Ints, forward: Floats, backward: Floats, *, rng_seed: int = 0) -> Flags:
    """Which edges of a closed, even multigraph to walk from u to v so that the whole takes least time; the rest back.

    Raises
    ------
    GridgeoError
        The solver gives no answer, as for times out of all proportion.

    Examples
    --------
    >>> steep = np.array([9.0, 1.0, 1.0])
    >>> fastest_ways(np.array([0, 1, 2]), np.array([1, 2, 0]), steep, np.ones(3)).tolist()
    [False, False, False]
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array

    names, local = np.unique(np.concatenate([u, v]), return_inverse=True)
    tail, head, edge = local[: len(u)], local[len(u) :], np.arange(len(u))
    signs, rows = np.r_[np.ones(len(u)), -np.ones(len(u))], np.r_[tail, head]
    leaves = coo_array((signs, (rows, np.r_[edge, edge])), shape=(len(names), len(u)))
    # what a chosen edge adds to the balance of its ends, against the same edge walked back
    noise = np.random.default_rng(rng_seed).random(len(u)) * 1e-6 / max(len(u), 1)
    excess = np.asarray(leaves.sum(axis=1)).ravel()
    balance = LinearConstraint(csr_array(2 * leaves), excess, excess)
    solved = milp(
        forward - backward + noise, constraints=balance, integrality=np.ones(len(u), np.int64), bounds=Bounds(0, 1)
    )
    if solved.x is None:
        raise GridgeoError(
            f"no directions were found for a walk of {len(u)} streets: {solved.message}", hint="check its slopes"
        )
    out: Flags = np.asarray(solved.x) > 0.5
    return out


def circuits_along(u: Ints, v: Ints, ways: Flags, start: int, count: int, *, rng_seed: int) -> Ints:
    """Random circuits from a start that walk every edge once, in the given directions, (count, m) steps.

    Examples
    --------
    >>> circuits_along(np.array([0, 2]), np.array([2, 0]), np.array([True, True]), 0, 1, rng_seed=1).tolist()
    [[0, 2]]
    """
    names, local = np.unique(np.concatenate([u, v, [start]]), return_inverse=True)
    tail = np.where(ways, local[: len(u)], local[len(u) : -1])
    head = np.where(ways, local[len(u) : -1], local[: len(u)])
    order = np.argsort(tail, kind="stable")
    ptr = np.searchsorted(tail[order], np.arange(len(names) + 1))
    node = tail[order]
    shuffled = np.argsort(node + np.random.default_rng(rng_seed).random((count, len(u))), axis=1)
    out = np.full((count, len(u)), -1, np.int64)
    _hierholzer(ptr.astype(np.int64), order[shuffled], head.astype(np.int64), int(local[-1]), out)
    return 2 * out + ~ways[out]


@njit(cache=True)
def _hierholzer(ptr, arc, head, start, out):  # type: ignore[no-untyped-def]
    """Fill each row of `out` with a circuit; row k of `arc` lists the arcs by the node they leave, in order of use."""
    m = out.shape[1]
    stack = np.empty((m + 1, 2), np.int64)
    for k in range(out.shape[0]):
        at = ptr[:-1].copy()
        stack[0] = start, -1
        depth, free = 1, m
        while depth > 0:
            x, e = stack[depth - 1]
            if at[x] < ptr[x + 1]:
                e = arc[k, at[x]]
                at[x] += 1
                stack[depth] = head[e], e
                depth += 1
            else:
                depth -= 1
                if e >= 0:  # the walk is found from its end: fill backwards
                    free -= 1
                    out[k, free] = e
