"""Unit cards: the team, equipment, plan and drills of one emergency unit as a checklist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from gridgeo.core.dispatch.assign import Assignment, AssignmentResult
from gridgeo.core.model import Notice, Territory
from gridgeo.errors import InputError


@dataclass(frozen=True, kw_only=True)
class UnitRecord:
    """What a unit says of itself: pieces of equipment, the name of its plan ("" for none), its last drill."""

    unit: str
    equipment: Mapping[str, int] = field(default_factory=dict)
    plan: str = ""
    last_drill: date | None = None


@dataclass(frozen=True, kw_only=True)
class CardRules:
    """What a unit should have.

    `equipment`: pieces wanted of each item; `by_kind` adds to that for units of a kind. `drill_days`: longest time
    between two drills.

    Raises
    ------
    InputError
        A number is out of its range.
    """

    equipment: Mapping[str, int] = field(default_factory=dict)
    by_kind: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    drill_days: int = 90

    def __post_init__(self) -> None:
        if not self.drill_days > 0:
            raise InputError(f"drill_days is {self.drill_days}", where="card.drill_days", hint="give a number above 0")
        counts = [n for items in (self.equipment, *self.by_kind.values()) for n in items.values()]
        if min(counts, default=0) < 0:
            raise InputError("a count of equipment is negative", where="card.equipment", hint="give 0 or more")

    def wanted(self, kind: str) -> dict[str, int]:
        """Pieces wanted by a unit of this kind."""
        return {**self.equipment, **self.by_kind.get(kind, {})}


@dataclass(frozen=True)
class Item:
    """One line of equipment: how many there are and how many are wanted."""

    name: str
    there: int
    wanted: int


@dataclass(frozen=True, kw_only=True)
class UnitCard:
    """Everything about one unit on one page; `open` is what remains to be done."""

    unit: str
    name: str
    kind: str
    lead: Assignment | None
    members: tuple[Assignment, ...]
    equipment: tuple[Item, ...]
    plan: str
    last_drill: date | None
    next_drill: date | None
    open: tuple[Notice, ...]


def unit_cards(
    territory: Territory, result: AssignmentResult, records: Mapping[str, UnitRecord], rules: CardRules, today: date
) -> tuple[UnitCard, ...]:
    """A card for every emergency unit, in the territory's order.

    Parameters
    ----------
    territory, result
        The units and their teams.
    records
        What each unit says of itself, by its code; a unit without a record has nothing yet.
    rules
        What a unit should have.
    today
        The day drills are counted to.

    Examples
    --------
    >>> from gridgeo.core.dispatch import assign_units
    >>> from tests.core.dispatch.cases import responders_at, staffed, units_at
    >>> town = staffed(units_at([[0, 0]]), responders_at([[10, 0]]))
    >>> record = UnitRecord(unit="u0", plan="P1", last_drill=date(2026, 1, 1))
    >>> rules = CardRules(equipment={"helmet": 2}, drill_days=30)
    >>> (card,) = unit_cards(town, assign_units(town), {"u0": record}, rules, date(2026, 2, 10))
    >>> [(notice.kind, dict(notice.facts)) for notice in card.open]
    [('equipment-missing', {'item': 'helmet', 'missing': 2}),
     ('drill-overdue', {'last': '2026-01-01', 'days': 10})]
    """
    units = territory.emergency_units
    teams: dict[str, list[Assignment]] = {}
    for assignment in result.assignments:
        teams.setdefault(assignment.unit, []).append(assignment)
    rows = zip(units.code.tolist(), units.name.tolist(), units.kind.tolist(), strict=True)
    return tuple(
        _card(code, (name, kind), teams.get(code, []), records.get(code) or UnitRecord(unit=code), rules, today)
        for code, name, kind in rows
    )


def _card(
    code: str, label: tuple[str, str], team: list[Assignment], record: UnitRecord, rules: CardRules, today: date
) -> UnitCard:
    wanted = rules.wanted(label[1])
    names = sorted(wanted.keys() | record.equipment.keys())
    equipment = tuple(Item(name, record.equipment.get(name, 0), wanted.get(name, 0)) for name in names)
    due = None if record.last_drill is None else record.last_drill + timedelta(days=rules.drill_days)
    return UnitCard(
        unit=code,
        name=label[0],
        kind=label[1],
        lead=next((a for a in team if a.role == "lead"), None),
        members=tuple(a for a in team if a.role == "member"),
        equipment=equipment,
        plan=record.plan,
        last_drill=record.last_drill,
        next_drill=due,
        open=tuple(_open(code, equipment, record, due, today)),
    )


def _open(code: str, equipment: tuple[Item, ...], record: UnitRecord, due: date | None, today: date) -> list[Notice]:
    out = [
        Notice(kind="equipment-missing", where=code, facts={"item": i.name, "missing": i.wanted - i.there})
        for i in equipment
        if i.there < i.wanted
    ]
    if not record.plan:
        out.append(Notice(kind="plan-missing", where=code))
    if due is None:
        out.append(Notice(kind="never-drilled", where=code))
    elif due < today:
        days = (today - due).days
        out.append(Notice(kind="drill-overdue", where=code, facts={"last": str(record.last_drill), "days": days}))
    return out
