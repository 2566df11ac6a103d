"""A plan as a hash: equal for equal content, whatever store it lies in."""

from __future__ import annotations

import hashlib

import numpy as np

from gridgeo.core.model import Plan

_FORMAT = b"gridgeo plan 1"


def plan_digest(plan: Plan) -> str:
    """SHA-256 of a plan's labels, grids and size band, as 64 hexadecimal digits.

    The order of the grids does not matter, that of the atoms does. O(atoms).

    Examples
    --------
    >>> from tests.instances import lattice, plan_of as label
    >>> town = lattice(1, 3)
    >>> plan_digest(label(town, [0, 0, 1])) == plan_digest(label(town, [0, 1, 1]))
    False
    """
    grids = plan.grids
    order = np.argsort(grids.code.astype(str), kind="stable")
    rank = np.empty(len(grids), "<i4")
    rank[order] = np.arange(len(grids), dtype="<i4")
    communities = [*plan.territory.communities.code.tolist(), ""]
    digest = hashlib.sha256(_FORMAT)
    digest.update(repr(tuple(map(int, plan.band))).encode())
    for row in order.tolist():
        community = communities[int(grids.community[row])]
        line = (str(grids.code[row]), str(grids.name[row]), int(grids.kind[row]), str(community))
        digest.update(repr(line).encode("utf-8", "surrogatepass"))
    digest.update("\x1f".join(plan.territory.atoms.code.tolist()).encode("utf-8", "surrogatepass"))
    digest.update(rank[plan.label].tobytes())
    return digest.hexdigest()
