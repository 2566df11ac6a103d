"""Files of readiness: footings, unit records and pairings as JSON, read strictly, with every fault named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from gridgeo.errors import Fault, InputError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gridgeo.core.dispatch import CardRules, Footing, UnitRecord

T = TypeVar("T")
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Positive = Annotated[int, Meta(ge=1, le=1_000_000)]


class FootingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of a footing; `on_duty` and `units` are codes, left out or null the territory's own."""

    members: Count = 5
    lead: bool = True
    max_walk_s: Positive | None = None
    per_person: Positive = 2
    objective: Literal["total", "max"] = "total"
    rings: tuple[tuple[Positive, Count], ...] = ()
    on_duty: frozenset[str] | None = None
    units: frozenset[str] | None = None


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    equipment: dict[str, Count] = {}
    plan: str = ""
    last_drill: date | None = None


class _Readiness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    equipment: dict[str, Count] = {}
    by_kind: dict[str, dict[str, Count]] = {}
    drill_days: Positive = 90
    units: dict[str, _Record] = {}


class Pairing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may be paired: pairs each may give or wants, by code, and the cost of each pair allowed (None: all at 0)."""

    givers: dict[str, Count]
    takers: dict[str, Count]
    costs: list[tuple[str, str, Count]] | None = None


def read_footings(path: Path | None) -> dict[str, Footing]:
    """Footings by name: those gridgeo comes with, and those of a JSON file, which replace them by name.

    The file maps names to `members`, `lead`, `max_walk_s`, `per_person`, `objective`, `rings` [[seconds, members]],
    `on_duty` and `units` (codes; left out: the territory's own).

    Raises
    ------
    InputError
        The file cannot be read, or a value does not fit.
    """
    return footings_with({} if path is None else _read(path, dict[str, FootingRules]))


def footings_with(own: Mapping[str, FootingRules]) -> dict[str, Footing]:
    """Footings by name: those gridgeo comes with, and one's own, which replace them by name.

    Raises
    ------
    InputError
        A value does not fit.
    """
    from gridgeo.core.dispatch import FOOTINGS, AssignParams, Footing

    footings = {footing.name: footing for footing in FOOTINGS}
    for name, told in own.items():
        params = AssignParams(
            members=told.members,
            lead=told.lead,
            max_walk_s=told.max_walk_s,
            per_person=told.per_person,
            objective=told.objective,
            rings=told.rings,
        )
        footings[name] = Footing(name=name, params=params, on_duty=told.on_duty, units=told.units)
    return footings


def footing_named(footings: Mapping[str, Footing], name: str) -> Footing:
    """One footing by its name.

    Raises
    ------
    InputError
        There is none of that name.
    """
    if name not in footings:
        raise InputError(f"there is no footing {name}", where="footing", hint=", ".join(footings))
    return footings[name]


def read_records(path: Path | None, units: Iterable[str]) -> tuple[dict[str, UnitRecord], CardRules]:
    """What units say of themselves, and what they should have, from a JSON file.

    The file holds `equipment` {item: pieces} wanted of every unit, `by_kind` {kind: {item: pieces}}, `drill_days`, and
    `units` {code: {`equipment`, `plan`, `last_drill` as YYYY-MM-DD}}.

    Raises
    ------
    InputError
        The file cannot be read, or a value does not fit.
    SchemaError
        It names units the territory does not have; all are listed.
    """
    from gridgeo.core.dispatch import CardRules, UnitRecord

    told = _Readiness() if path is None else _read(path, _Readiness)
    hint = "use the code of an emergency unit"
    faults = [
        Fault("unknown-code", "emergency_units", None, f"there is no unit {code}", hint)
        for code in sorted(told.units.keys() - set(units))
    ]
    if faults:
        raise SchemaError(faults, where=str(path))
    records = {
        code: UnitRecord(unit=code, equipment=unit.equipment, plan=unit.plan, last_drill=unit.last_drill)
        for code, unit in told.units.items()
    }
    return records, CardRules(equipment=told.equipment, by_kind=told.by_kind, drill_days=told.drill_days)


def read_pairing(path: Path) -> tuple[dict[str, int], dict[str, int], dict[tuple[str, str], int] | None]:
    """Givers, takers and costs of a pairing from a JSON file {`givers`, `takers`, `costs` [[giver, taker, cost]]}.

    Raises
    ------
    InputError
        The file cannot be read, a value does not fit, or a pair is given twice.
    """
    told = _read(path, Pairing)
    if told.costs is None:
        return told.givers, told.takers, None
    costs = {(giver, taker): cost for giver, taker, cost in told.costs}
    if len(costs) < len(told.costs):
        raise InputError("a pair is given twice", where=str(path), hint="name each pair once")
    return told.givers, told.takers, costs


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=str(path)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"does not fit: {error}", where=str(path), hint="see docs/dispatch.md") from error
