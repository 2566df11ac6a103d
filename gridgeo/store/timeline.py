"""Which version was in force when: publications in the order they were made, nothing ever changed or removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gridgeo.errors import NotFoundError
from gridgeo.ports import PlanRecord, instant


@dataclass(frozen=True)
class Publication:
    """One version made the published one at a moment."""

    id: str
    version: int
    valid_from: str


def begin(publications: Sequence[Publication], created: str) -> str:
    """When a publication made at `created` begins: never before the last one, however the clock was set.

    Raises
    ------
    InputError
        `created` is no time.
    """
    moment = instant(created)
    last = publications[-1].valid_from if publications else created
    return last if instant(last) > moment else created


def marked(records: Iterable[PlanRecord], publications: Sequence[Publication]) -> tuple[PlanRecord, ...]:
    """Records with their last time in force and the mark of the published one."""
    last = {(p.id, p.version): place for place, p in enumerate(publications)}
    return tuple(
        _in_force(record, publications, last[record.id, record.version])
        if (record.id, record.version) in last
        else record
        for record in records
    )


def history(records: Iterable[PlanRecord], publications: Sequence[Publication]) -> tuple[PlanRecord, ...]:
    """Every time in force, in order."""
    known = {(record.id, record.version): record for record in records}
    return tuple(_in_force(known[p.id, p.version], publications, place) for place, p in enumerate(publications))


def at(history: Sequence[PlanRecord], when: str) -> PlanRecord:
    """The version in force at a moment, with that time in force.

    Raises
    ------
    InputError
        `when` is no time.
    NotFoundError
        Nothing was published yet.
    """
    moment = instant(when)
    begun = [record for record in history if instant(record.valid_from) <= moment]
    if not begun:
        raise NotFoundError(f"no plan was published at {when}", where="plan", hint="ask for a later time")
    return begun[-1]


def _in_force(record: PlanRecord, publications: Sequence[Publication], place: int) -> PlanRecord:
    ends = publications[place + 1].valid_from if place + 1 < len(publications) else ""
    last = (publications[-1].id, publications[-1].version)
    return replace(
        record,
        published=(record.id, record.version) == last,
        valid_from=publications[place].valid_from,
        valid_to=ends,
        draft=False,
    )
