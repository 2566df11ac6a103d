"""`gridgeo assign`: emergency units <- responders."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from gridgeo.cli.console import BROKEN, OK, Desk, verb
from gridgeo.cli.keep import keep_orders
from gridgeo.cli.places import FOLDER, GEOPACKAGE
from gridgeo.errors import InputError
from gridgeo.words import say, told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridgeo.core.dispatch import AssignmentResult, Footing, Repair, Shortage, UnitCard
    from gridgeo.core.model import Notice, Territory

RULES = ("members", "lead", "max_walk", "per_person", "objective", "rings")
SHOWN_CODES = 6
SOURCE = click.Path(path_type=Path)


@verb("assign")
@click.argument("territory", type=SOURCE)
@click.option("-o", "--output", type=GEOPACKAGE, required=True, help="File with assignments to write.")
@click.option("--members", type=click.IntRange(0, 1000), default=5, show_default=True, help="Members beside the lead.")
@click.option("--lead/--no-lead", default=True, show_default=True, help="Each team has a qualified lead.")
@click.option("--max-walk", type=click.IntRange(1, 86_400), default=None, help="Longest walk, s, in place of rings.")
@click.option("--rings", metavar="MIN[:MEMBERS],…", help="Nested rings: 1,3,5 minutes (the default) or 1:1,3:3,5:5.")
@click.option("--per-person", type=click.IntRange(1, 1000), default=2, show_default=True, help="Teams one may join.")
@click.option("--objective", type=click.Choice(["total", "max"]), default="total", show_default=True, help="What is least: the sum of walks, or the longest.")  # fmt: skip  # noqa: E501
@click.option("--footing", metavar="NAME", help="Rules, roster and units of a footing instead: normal, level-3, …")
@click.option("--footings", type=SOURCE, default=None, help="JSON file of your own footings.")
@click.option("--cards", type=FOLDER, default=None, help="Folder for unit cards to print (HTML, Chinese and English).")
@click.option("--records", type=SOURCE, default=None, help="JSON file of equipment, plans and drills for the cards.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Day drills are counted to.")
def command(
    desk: Desk,
    territory: Path,
    output: Path,
    cards: Path | None,
    records: Path | None,
    today: datetime | None,
    **rules: Any,
) -> int:
    """Give each emergency unit of TERRITORY (or of a plan) a lead and members, exactly."""
    from gridgeo import service
    from gridgeo.io.read import read_either
    from gridgeo.io.readiness import read_records

    footing = chosen(rules)
    day = date.today() if today is None else today.date()
    with desk.progress() as progress, desk.stopping() as stop:
        project = read_either(territory, progress=progress)
        land = service.on_footing(project.territory, footing)
        known = read_records(records, land.emergency_units.code.tolist())
        result = service.assign(land, footing.params, stop=stop, progress=progress)
        code = desk.exit_code()
    keep_orders(project, output, teams=result)
    desk.notices((*result.notices, *own_values(land)))
    show_teams(desk, result)
    show_shortages(desk, result.shortages)
    desk.say("wrote", path=output)
    made = service.cards(land, result, *known, day) if cards is not None or records is not None else ()
    if cards is not None:
        write_cards(desk, made, cards, day)
    desk.document(document(desk, result, made))
    return code or (OK if len(land.emergency_units) and land.responders.on_duty.any() else BROKEN)


def own_values(land: Territory) -> tuple[Notice, ...]:
    """Says of each option given that rows of the territory stand above it, and how many."""
    from gridgeo.core.model import Notice

    units, people = land.emergency_units, land.responders
    above = {
        "members": ("emergency_units", "need", units.need),
        "max_walk": ("emergency_units", "max_walk_s", units.max_walk_s),
        "per_person": ("responders", "capacity", people.capacity),
    }
    source = click.get_current_context().get_parameter_source
    out = []
    for option, (layer, column, values) in above.items():
        rows = int((values > 0).sum())
        if rows and source(option) is ParameterSource.COMMANDLINE:
            facts: dict[str, str | int | float] = {
                "rows": rows, "of": len(values), "column": column, "option": f"--{option.replace('_', '-')}"
            }  # fmt: skip
            out.append(Notice(kind="own-values", where=layer, facts=facts))
    return tuple(out)


def chosen(rules: Mapping[str, Any]) -> Footing:
    """The footing named, or one made of the rules on the command line.

    Raises
    ------
    InputError
        A footing is named and rules are given too, there is no such footing, or rings cannot be read.
    """
    from gridgeo.core.dispatch import AssignParams, Footing
    from gridgeo.io.readiness import footing_named, read_footings

    source = click.get_current_context().get_parameter_source
    if rules["footing"] is not None:
        both = [name for name in RULES if source(name) is ParameterSource.COMMANDLINE]
        if both:
            raise InputError(
                f"--footing and --{both[0].replace('_', '-')} are given together",
                where="--footing",
                hint="write the rule into a footing of your own (--footings FILE)",
            )
        return footing_named(read_footings(rules["footings"]), rules["footing"])
    params = AssignParams(
        members=rules["members"],
        lead=rules["lead"],
        max_walk_s=rules["max_walk"],
        per_person=rules["per_person"],
        objective="max" if rules["objective"] == "max" else "total",
        rings=() if rules["rings"] is None else rings(rules["rings"], rules["members"]),
    )
    return Footing(name="", params=params)


def rings(text: str, members: int) -> tuple[tuple[int, int], ...]:
    """Rings written as minutes, each with the members wanted within them or an even share of all.

    >>> rings("1,3,5", 5), rings("1:2,4:6", 5)
    (((60, 1), (180, 3), (300, 5)), ((60, 2), (240, 6)))

    Raises
    ------
    InputError
        A ring is no number of minutes.
    """
    from gridgeo.core.dispatch import even_rings

    parts = [part.partition(":") for part in text.split(",")]
    try:
        even = even_rings(members, tuple(float(minutes) for minutes, _, _ in parts))
        return tuple(
            (seconds, int(own) if colon else share)
            for (seconds, share), (_, colon, own) in zip(even, parts, strict=True)
        )
    except (ValueError, OverflowError):
        raise InputError(f"rings are {text!r}", where="--rings", hint="write 1,3,5 or 1:1,3:3,5:5") from None


def show_teams(desk: Desk, result: AssignmentResult) -> None:
    """Print the teams in a few lines."""
    rows = [
        ("seats", result.seats),
        ("assignments", len(result.assignments)),
        ("missing_leads", result.missing_leads),
        ("missing_members", result.missing_members),
        ("max_walk_s", result.max_walk_s),
        ("total_walk_min", f"{result.total_walk_s / 60:,.0f}"),
        ("proven_share", desk.yes(result.proven)),
    ]
    desk.lines("table-teams", rows)


def show_shortages(desk: Desk, shortages: Sequence[Shortage]) -> None:
    """Print each shortage: which units compete, who may come, how many are missing; then the ways out in order."""
    if not shortages:
        return
    head = [
        (
            listed(desk, s.units), say(f"role-{s.role}", desk.lang), s.within_s, s.seats, s.supply, s.missing,
            listed(desk, s.eligible),
        )
        for s in shortages
    ]  # fmt: skip
    desk.table("table-shortages", ("units", "role", "within_s", "seats", "supply", "missing", "eligible"), head)
    ways = [
        (f"{rank}. {way_out(desk, repair)}", listed(desk, s.units), say(f"role-{s.role}", desk.lang), s.within_s)
        for s in shortages
        for rank, repair in enumerate(s.repair, 1)
    ]
    desk.table("table-repairs", ("repair", "units", "role", "within_s"), ways)


def listed(desk: Desk, codes: Sequence[str]) -> str:
    """Codes in a line, the first few of many."""
    shown = ", ".join(codes[:SHOWN_CODES])
    more = len(codes) - SHOWN_CODES
    return say("eligible-more", desk.lang, codes=shown, more=more) if more > 0 else shown or "-"


def way_out(desk: Desk, repair: Repair) -> str:
    """One repair in words."""
    return say(f"repair-{repair.kind}", desk.lang, **{k: v for k, v in asdict(repair).items() if k != "kind"})


def write_cards(desk: Desk, cards: Sequence[UnitCard], folder: Path, day: date) -> None:
    """Write the cards in both languages, and print what is overdue."""
    from gridgeo.handover.cards import cards_page, overdue
    from gridgeo.io.write import write_bytes

    folder.mkdir(parents=True, exist_ok=True)
    for lang in ("en", "zh"):
        path = folder / f"units-{lang}.html"
        write_bytes(cards_page(cards, lang, day).encode(), path)
        desk.say("wrote", path=path)
    late = overdue(cards)
    if late:
        desk.table("table-overdue", ("unit", "open"), [(n.where, told(n, desk.lang)) for n in late])


def document(desk: Desk, result: AssignmentResult, cards: Sequence[UnitCard] = ()) -> dict[str, Any]:
    """The JSON document of `assign --json`."""
    from gridgeo.io.answers import assignment_document, cards_document

    told = assignment_document(result) | {"seconds": desk.seconds}
    return told | {"cards": cards_document(cards)} if cards else told
