"""Content as hashes: equal for equal content, whatever store it lies in."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model import Plan, Table

_PLAN, _TABLE = b"gridgeo plan 1", b"gridgeo table 1"


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
    digest = hashlib.sha256(_PLAN)
    digest.update(repr(tuple(map(int, plan.band))).encode())
    for row in order.tolist():
        community = communities[int(grids.community[row])]
        line = (str(grids.code[row]), str(grids.name[row]), int(grids.kind[row]), str(community))
        digest.update(repr(line).encode("utf-8", "surrogatepass"))
    digest.update(_bytes(plan.territory.atoms.code))
    digest.update(rank[plan.label].tobytes())
    return digest.hexdigest()


def table_digest(table: Table) -> str:
    """SHA-256 of a table's columns and geometry, as 64 hexadecimal digits; O(bytes)."""
    digest = hashlib.sha256(_TABLE)
    digest.update(str(len(table)).encode())
    for name, values in table.columns.items():
        digest.update(f"\n{name} {_kind(values)} ".encode())
        digest.update(_bytes(values))
    if table.geometry is not None:
        digest.update(b"\ngeometry ")
        for blob in shapely.to_wkb(table.geometry, byte_order=1, flavor="iso"):
            digest.update(blob or b"null")
    return digest.hexdigest()


def _kind(values: NDArray[Any]) -> str:
    return "i" if values.dtype.kind == "u" else values.dtype.kind


def _bytes(values: NDArray[Any]) -> bytes:
    if values.dtype.kind == "O":
        return "\x1f".join(values.tolist()).encode("utf-8", "surrogatepass")
    if values.dtype.kind == "f":
        return (values.astype("<f8") + 0.0).tobytes()  # files do not keep the sign of zero
    return values.astype("<i8").tobytes()
