"""Rules every store keeps, whatever it is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from gridgeo.core.model import (
    Columns,
    EmergencyUnits,
    Ints,
    Objects,
    Places,
    Plan,
    Responders,
    Stations,
    Table,
    Territory,
    geometries,
)
from gridgeo.core.tables import table_hash
from gridgeo.core.tables.columns import rows_of, table_of
from gridgeo.errors import ConflictError, InputError, NotFoundError
from gridgeo.ports import PlanRecord

POINTS: Mapping[str, type[Columns]] = {
    "places": Places,
    "stations": Stations,
    "emergency_units": EmergencyUnits,
    "responders": Responders,
}
"""Noun of each layer of `POINT_LAYERS`."""
_OF_ATOMS = ("households", "buildings", "geometry", "area_m2", "perimeter_m")
"""What a plan works out from labels and atoms alone."""
FEW = 0.1
"""Share of the grids that may be dissolved anew when a plan takes over the polygons of another."""
_ID = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")


def check_id(id: str) -> None:
    """A plan's id fits an address: lower-case letters, digits, - and _.

    Raises
    ------
    InputError
        It does not.

    Examples
    --------
    >>> check_id("east-side")
    """
    if not _ID.fullmatch(id):
        raise InputError(f"plan id is {id!r}", where="id", hint="use 1 to 64 of a-z 0-9 - _")


def check_labels(plan: Plan, territory: Territory) -> None:
    """The plan divides exactly this territory's atoms, in their order.

    Raises
    ------
    InputError
        It divides other atoms.
    """
    if plan.territory is territory:
        return
    if not np.array_equal(plan.territory.atoms.code, territory.atoms.code):
        raise InputError(
            "the plan divides other atoms than the stored territory",
            where="plan",
            hint="draw the plan from this territory",
        )


def latest(records: Sequence[PlanRecord], id: str) -> int:
    """Latest version of a plan, 0 when there is none."""
    return max((record.version for record in records if record.id == id), default=0)


def expect(records: Sequence[PlanRecord], id: str, after: int | None) -> int:
    """Latest version of a plan, when it is the one the caller knows of.

    Raises
    ------
    ConflictError
        Somebody saved in between.
    """
    last = latest(records, id)
    if after is not None and after != last:
        raise ConflictError(
            f"plan {id} is at version {last}, not {after}",
            where=id,
            hint="read the latest version and carry the changes over",
        )
    return last


def find(records: Sequence[PlanRecord], id: str, version: int) -> PlanRecord:
    """The record a caller asks for: "" is the published plan, version 0 the latest.

    Raises
    ------
    NotFoundError
        There is none.
    """
    if not id:
        for record in records:
            if record.published:
                return record
        raise NotFoundError("no plan is published", where="plan", hint="draw a plan and publish it")
    wanted = version or latest(records, id)
    for record in records:
        if (record.id, record.version) == (id, wanted):
            return record
    raise NotFoundError(f"there is no plan {id} version {version or 'latest'}", where=id)


def parent_of(records: Sequence[PlanRecord], id: str, last: int, parent: str) -> str:
    """The version a new one is made from: `parent` when it exists, the one before it when none is named.

    Raises
    ------
    NotFoundError
        There is no such version.
    """
    if not parent:
        return f"{id}@{last}" if last else ""
    if all(record.name != parent for record in records):
        raise NotFoundError(f"there is no version {parent}", where="parent")
    return parent


def check_book(book: str) -> None:
    """The name of a journal: lower-case letters, digits, - and _.

    Raises
    ------
    InputError
        It is none.
    """
    if not _ID.fullmatch(book):
        raise InputError(f"a journal cannot be named {book!r}", where="book", hint="use 1 to 64 of a-z 0-9 - _")


def expect_entry(book: str, last: int, after: int | None) -> int:
    """Position of the next entry of a journal, when `last` is the one the caller knows of.

    Raises
    ------
    ConflictError
        Somebody wrote in between.
    """
    if after is not None and after != last:
        raise ConflictError(f"journal {book} is at entry {last}, not {after}", where=book, hint="read on and try again")
    return last + 1


def layer_digest(territory: Territory, name: str) -> str:
    """Content hash of a point layer.

    Raises
    ------
    NotFoundError
        It is no point layer.
    """
    return table_hash(table_of(getattr(territory, _known(name))))


def expect_layer(territory: Territory, name: str, after: str | None) -> None:
    """The point layer is the one the caller knows of.

    Raises
    ------
    ConflictError
        Somebody saved in between.
    NotFoundError
        It is no point layer.
    """
    if after is not None and after != layer_digest(territory, name):
        hint = "read the layer again and carry the changes over"
        raise ConflictError(f"{name} changed since it was read", where=name, hint=hint)


def layer_rows(name: str, table: Table) -> Columns:
    """Rows of a point layer from the table a caller gives.

    Raises
    ------
    NotFoundError
        It is no point layer.
    InputError
        A column is missing or of the wrong type, a code is empty or doubled, or a row has no point.
    """
    kind = POINTS[_known(name)]
    shapes = np.empty(0, object) if table.geometry is None else table.geometry
    if len(table) and (len(shapes) != len(table) or not (shapely.get_type_id(shapes) == 0).all()):
        raise InputError("every row needs a point", where=name)
    if not np.isfinite(shapely.get_coordinates(shapes)).all() or shapely.is_empty(shapes).any():
        raise InputError("a point has no finite coordinates", where=name)
    try:
        rows = rows_of(kind, table)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"a value does not fit its column: {error}", where=name) from error
    codes = rows.code.tolist()
    if "" in codes or len(set(codes)) < len(codes):
        raise InputError("codes must be given and differ", where=f"{name}.code")
    return rows


def rehang(plan: Plan, territory: Territory) -> Plan:
    """The same labels on a territory of the same atoms; what was worked out from the atoms is kept."""
    if plan.territory is territory:
        return plan
    moved = replace(plan, territory=territory)
    if plan.territory.atoms is territory.atoms:
        moved.__dict__.update({name: plan.__dict__[name] for name in _OF_ATOMS if name in plan.__dict__})
    return moved


def lend_shapes(base: Plan, plan: Plan) -> None:
    """Give a plan the polygons another one of its atoms has worked out, where few grids differ: those are dissolved.

    A cached value of `plan` is set, to the very shapes it would work out itself. O(atoms) and the grids that differ.
    """
    known = vars(base).get("geometry")
    if known is None or "geometry" in vars(plan) or base.territory.atoms is not plan.territory.atoms:
        return
    now = rows_in(base, plan.grids.code)
    carried = now[base.label]
    other = plan.label != carried
    anew = np.ones(len(plan) + 1, bool)  # the last row is of grids that ended
    anew[now] = False
    anew[plan.label[other]] = anew[carried[other]] = True
    rows = np.flatnonzero(anew[:-1])
    if len(rows) > max(2, FEW * len(plan)):
        return
    shapes = np.empty(len(plan) + 1, object)
    shapes[now] = known
    atoms = plan.territory.atoms.geometry
    for row in rows.tolist():
        shapes[row] = shapely.coverage_union_all(atoms[plan.label == row])  # in the order of `Plan.geometry`
    plan.__dict__["geometry"] = geometries(shapes[:-1])


def rows_in(base: Plan, codes: Objects) -> Ints:
    """Row among some codes of every grid of a plan, -1 where there is none."""
    row_of = {code: row for row, code in enumerate(codes.tolist())}
    return np.array([row_of.get(code, -1) for code in base.grids.code.tolist()], np.int64)


def _known(name: str) -> str:
    if name not in POINTS:
        raise NotFoundError(f"{name} is no point layer", where="layer", hint=f"one of {', '.join(POINTS)}")
    return name
