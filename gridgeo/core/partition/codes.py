"""Codes and names of grids: community code and a serial, read like a page, after a scheme of one's choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.model import SCHEMES, CodeScheme, Grids, Plan, Rows, Territory, texts
from gridgeo.core.partition.units import chief


def page_order(xy: NDArray[np.float64], height_m: float) -> NDArray[np.int64]:
    """Order of points read like a page: rows from north to south, each from west to east.

    The northernmost point left opens a row; points less than `height_m` south of it belong to the row.

    >>> page_order(np.array([[9.0, 10.0], [0.0, 8.0], [5.0, 0.0]]), 4.0).tolist()
    [1, 0, 2]
    """
    south = np.lexsort((xy[:, 0], -xy[:, 1]))
    row = np.zeros(len(xy), np.int64)
    top, number = np.inf, -1
    for i in south.tolist():
        if top - xy[i, 1] >= height_m or number < 0:
            top, number = xy[i, 1], number + 1
        row[i] = number
    return np.lexsort((xy[:, 1], xy[:, 0], row))


def recoded(plan: Plan, scheme: CodeScheme, kept: Collection[str] = ()) -> tuple[Plan, dict[str, str]]:
    """The plan with codes of a scheme, those `kept` left as they are, and the new code of each old one.

    Codes of grids that ended are not given again.

    Raises
    ------
    InputError
        The codes of communities do not fit the scheme.
    InfeasibleError
        A community has more grids than the scheme counts.

    Examples
    --------
    >>> from gridgeo.core.model import scheme_of
    >>> from tests.instances import lattice, plan_of
    >>> plan, codes = recoded(plan_of(lattice(1, 2), [0, 1]), scheme_of("{community}/{serial:02}"), ["g1"])
    >>> codes
    {'g0': '000110101001/01', 'g1': 'g1'}
    """
    ended = {notice.where for notice in plan.notices if notice.kind == "grid-ended"}
    given = {
        row: (code, str(plan.grids.name[row])) for row, code in enumerate(plan.grids.code.tolist()) if code in kept
    }
    taken = frozenset(ended | set(kept))
    grids, label = grids_of(
        plan.territory, plan.label.astype(np.int64), plan.grids.kind, {}, given, taken, scheme=scheme
    )
    rows = np.unique(np.stack([plan.label, label]), axis=1)
    codes = {str(plan.grids.code[old]): str(grids.code[new]) for old, new in rows.T.tolist()}
    notices = tuple(replace(notice, where=codes.get(notice.where, notice.where)) for notice in plan.notices)
    return replace(plan, grids=grids, label=label, notices=notices), codes


def grids_of(
    territory: Territory,
    label: NDArray[np.int64],
    kinds: NDArray[np.int8],
    reasons: dict[int, str],
    given: Mapping[int, tuple[str, str]] | None = None,
    taken: frozenset[str] = frozenset(),
    *,
    scheme: CodeScheme = SCHEMES["default"],
) -> tuple[Grids, Rows]:
    """Grids with codes, sorted by code, and the labels and reasons renumbered to match.

    A grid belongs to the community that holds most of its households (then most of its area). Grids `given` a code
    and a name keep them; no other takes a code already `taken`.
    """
    given = given or {}
    atoms = territory.atoms
    k = len(kinds)
    home = chief(label, atoms.community.astype(np.int64), atoms.households, atoms.area_m2, k)
    area = np.bincount(label, atoms.area_m2, k)
    xy = np.stack([np.bincount(label, atoms.area_m2 * atoms.centroid[:, q], k) for q in (0, 1)], 1) / area[:, None]
    code, name = [""] * k, [""] * k
    for community in np.unique(home).tolist():
        rows = np.flatnonzero(home == community)
        height = float(np.sqrt(np.median(area[rows]))) / 2
        prefix = str(territory.communities.code[community]) if community >= 0 else ""
        called = str(territory.communities.name[community]) if community >= 0 else ""
        serials = (serial for serial in count(1) if scheme.code(prefix, serial) not in taken)
        for i in rows[page_order(xy[rows], height)].tolist():
            if i in given:
                code[i], name[i] = given[i]
                continue
            serial = next(serials)
            code[i] = scheme.code(prefix, serial)
            name[i] = f"{called} {serial:02d}" if called else code[i]
    order = np.array(sorted(range(k), key=lambda i: code[i]))
    rank = np.empty(k, np.int64)
    rank[order] = np.arange(k)
    old = dict(reasons)
    reasons.clear()
    reasons.update({int(rank[i]): why for i, why in old.items()})
    grids = Grids(
        code=texts([code[i] for i in order]), name=texts([name[i] for i in order]), kind=kinds[order],
        community=home[order].astype(np.int32),
    )  # fmt: skip
    return grids, rank[label].astype(np.int32)
