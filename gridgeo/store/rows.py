"""A plan as rows of a database, and back: the same for every database.

A version keeps the labels that differ from those of its base version, and its grids unless they are those of the
base: an edit costs what it changes, and a draft of a large plan costs next to nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from gridgeo.core.model import Grids, Kind, Notice, Objects, Plan, Territory, texts
from gridgeo.errors import BackendError
from gridgeo.store.rules import lend_shapes, rehang, rows_in

GridRow = tuple[int, str, str, str, str]
"""Place, code, name, kind and community of a grid."""
KEPT_PLANS = 8
"""Plans a store holds ready."""
_KINDS = {kind.value: kind.name.lower() for kind in Kind}


def grid_rows(plan: Plan) -> list[GridRow]:
    """The grids of a plan, in order."""
    grids = plan.grids
    communities = [*plan.territory.communities.code.tolist(), ""]
    columns = zip(grids.code, grids.name, grids.kind.tolist(), grids.community.tolist(), strict=True)
    return [(place, code, name, _KINDS[kind], communities[at]) for place, (code, name, kind, at) in enumerate(columns)]


def label_rows(plan: Plan, base: Plan | None) -> Iterator[tuple[int, str]]:
    """Number of an atom, from 1, and its grid, where the grid is another than in the base."""
    code, label = plan.grids.code, plan.label
    # compared as numbers of the plan's own grids, a hundred times faster than as codes
    rows = np.arange(len(label)) if base is None else np.flatnonzero(label != rows_in(base, code)[base.label])
    return ((row + 1, code[label[row]]) for row in rows.tolist())


def codes(plan: Plan) -> Objects:
    """Grid code of every atom."""
    found: Objects = plan.grids.code[plan.label]
    return found


def assemble(
    territory: Territory,
    name: str,
    grids: Sequence[GridRow],
    labels: Iterable[tuple[int, str]],
    band: tuple[int, int],
    notices: tuple[Notice, ...],
    base: Plan | None = None,
) -> Plan:
    """The plan of its rows; `labels` since `base`, or since the oldest one, the later one of an atom counts.

    Raises
    ------
    BackendError
        Rows are missing or point nowhere: they were changed by other hands.
    """
    row_of = {code: row for row, (_, code, *_) in enumerate(grids)}
    code = texts([code for _, code, *_ in grids])
    label = np.full(len(territory.atoms), -1, np.int32)
    if base is not None:
        label[:] = rows_in(base, code)[base.label]
    try:
        for atom, grid in labels:
            label[atom - 1] = row_of.get(grid, -1)
        kinds = np.array([Kind[kind.upper()] for *_, kind, _ in grids], np.int8)
        community = np.array([territory.communities.row(at) if at else -1 for *_, at in grids], np.int32)
    except (KeyError, IndexError) as error:
        raise BackendError(f"plan {name} names what does not exist: {error}", where=name) from None
    if (label < 0).any():
        atom = territory.atoms.code[int(np.argmax(label < 0))]
        raise BackendError(f"plan {name} has no label for atom {atom}", where=name)
    rows = Grids(
        code=code,
        name=texts([name for _, _, name, *_ in grids]),
        kind=kinds,
        community=community,
    )
    plan = Plan(territory=territory, label=label, grids=rows, band=band, notices=notices)
    if base is not None:
        lend_shapes(base, plan)
    return plan


class Drawn:
    """Plans read or written last, ready to be given again: a version never changes, so they are never stale."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def get(self, name: str, territory: Territory) -> Plan | None:
        """The plan of a version on a territory, None when it is not held."""
        plan = self._plans.get(name)
        if plan is None:
            return None
        plan = rehang(plan, territory)
        self.put(name, plan)
        return plan

    def copy(self) -> Drawn:
        """The same plans, held apart from these."""
        other = Drawn()
        other._plans.update(self._plans)
        return other

    def put(self, name: str, plan: Plan) -> None:
        """Hold a plan, and let go of the one not asked for the longest."""
        self._plans[name] = plan
        self._plans.move_to_end(name)
        while len(self._plans) > KEPT_PLANS:
            self._plans.popitem(last=False)
