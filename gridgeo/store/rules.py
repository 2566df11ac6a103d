"""Rules every store keeps, whatever it is made of."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gridgeo.core.model import Plan, Territory
from gridgeo.errors import ConflictError, InputError, NotFoundError
from gridgeo.ports import PlanRecord

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
