"""A plan as a hash: equal for equal content, whatever store it lies in."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from gridgeo.core.model import Atoms, Plan

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
    columns = zip(grids.code, grids.name, grids.kind.tolist(), grids.community.tolist(), strict=True)
    lines = [repr((str(code), str(name), kind, str(communities[at]))) for code, name, kind, at in columns]
    digest.update("".join(lines[row] for row in order.tolist()).encode("utf-8", "surrogatepass"))
    digest.update(_atom_codes(plan.territory.atoms))
    digest.update(rank[plan.label].tobytes())
    return digest.hexdigest()


@lru_cache(maxsize=2)
def _atom_codes(atoms: Atoms) -> bytes:
    """Codes of all atoms in order; every version of every plan says the same ones."""
    return "\x1f".join(atoms.code.tolist()).encode("utf-8", "surrogatepass")
