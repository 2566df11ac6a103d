"""The register of a plan: one entry a grid, totals of every level, and what a redraw changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gridgeo.core.bounds import SIDES, Bounds, Status
from gridgeo.core.locate import Locator
from gridgeo.core.model import Floats, Kind, Objects, Plan
from gridgeo.errors import InputError
from gridgeo.handover.qr import address_of

if TYPE_CHECKING:
    from gridgeo.core.coverage import Comparison

LEVELS = ("community", "subdistrict", "county", "all")
"""Levels that are totaled, from the lowest; `all` is the whole territory."""
Place = tuple[str, ...]
"""A county, a subdistrict or a community by the names from its county down: names repeat in a town, places do not."""
_DEPTHS = {"county": 1, "subdistrict": 2, "community": 3}


@dataclass(frozen=True, kw_only=True)
class Post:
    """What an office knows of one grid: the post that keeps it, and the days it is in force; "" and None unknown."""

    post: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One grid of the register, in the order of its columns.

    `low`, `high`: the true households lie between them four times in five; equal to `households` where all are
    counted. `bounds_status` tells how far to trust the four bounds. `predecessors` are codes of grids before.
    """

    code: str
    name: str
    kind: Kind
    community: str
    subdistrict: str
    county: str
    post: str
    households: int
    low: int
    high: int
    in_band: bool
    buildings: int
    compounds: tuple[str, ...]
    area_m2: float
    perimeter_m: float
    east: tuple[str, ...]
    south: tuple[str, ...]
    west: tuple[str, ...]
    north: tuple[str, ...]
    bounds_status: Status
    exclusive: tuple[str, ...]
    units: tuple[str, ...]
    start: date | None
    end: date | None
    predecessors: tuple[str, ...]
    address: str


COLUMNS = tuple(spec.name for spec in fields(Entry))


@dataclass(frozen=True, kw_only=True)
class Total:
    """Totals of one unit of a level: a grid counts where it belongs. `name` tells those of one name apart."""

    level: str
    name: str
    grids: int
    in_band: int
    households: int
    buildings: int
    area_m2: float


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one grid in a redraw: U unchanged, S split, M merged, X irregular, N new, "ended"."""

    code: str
    change: str
    successor_of: str
    before: tuple[str, ...]
    households: int | None
    households_kept: int | None
    area_m2: float | None


def joined(names: Sequence[str], lang: str) -> str:
    """Several names in one cell.

    >>> joined(("A", "B"), "en"), joined(("甲", "乙"), "zh")
    ('A, B', '甲、乙')
    """
    return ("、" if lang == "zh" else ", ").join(names)


def register(
    plan: Plan,
    bounds: Sequence[Bounds],
    *,
    address: str,
    posts: Mapping[str, Post] | None = None,
    every: Post | None = None,
    predecessors: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Entry, ...]:
    """Entries of all grids: those of a county, subdistrict and community together, each in the order of codes.

    Parameters
    ----------
    plan
        The plan.
    bounds
        Bounds of each of its grids.
    address
        Template of the address of a grid, with {code} in it.
    posts
        What is known of single grids, by code; stands above `every`.
    every
        What holds for all grids.
    predecessors
        Codes of the grids before, by code.

    Raises
    ------
    InputError
        The template of the address cannot be used, or a grid would end before it starts.

    Examples
    --------
    >>> from gridgeo.core.bounds import bounds_of
    >>> from tests.instances import lattice, plan_of
    >>> plan = plan_of(lattice(1, 2), [0, 1])
    >>> entries = register(plan, bounds_of(plan), address="http://town/map#grid={code}")
    >>> [(entry.code, entry.households, entry.east, entry.address) for entry in entries]
    [('g0', 50, ('Street 5',), 'http://town/map#grid=g0'), ('g1', 50, ('Street 6',), 'http://town/map#grid=g1')]
    """
    land, every = plan.territory, every or Post()
    compounds = _held(plan, land.atoms.compound, _titles(land.compounds.code, land.compounds.name))
    exclusive = _held(plan, land.atoms.exclusive, _titles(land.exclusive.code, land.exclusive.name))
    units = standing(plan, land.emergency_units.xy, _titles(land.emergency_units.code, land.emergency_units.name))
    entries = []
    for row, code in enumerate(plan.grids.code.tolist()):
        own = _in_force(code, (posts or {}).get(code, Post()), every)
        sides = dict(zip(SIDES, bounds[row].names, strict=True))
        community, subdistrict, county = _levels(plan, int(plan.grids.community[row]))
        entry = Entry(
            code=code,
            name=str(plan.grids.name[row]),
            kind=Kind(int(plan.grids.kind[row])),
            community=community,
            subdistrict=subdistrict,
            county=county,
            post=own.post,
            households=int(plan.households[row]),
            low=max(int(plan.households[row] - plan.spread[row]), 0),
            high=int(plan.households[row] + plan.spread[row]),
            in_band=bool(plan.in_band[row]),
            buildings=int(plan.buildings[row]),
            compounds=compounds[row],
            area_m2=float(plan.area_m2[row]),
            perimeter_m=float(plan.perimeter_m[row]),
            east=sides["east"],
            south=sides["south"],
            west=sides["west"],
            north=sides["north"],
            bounds_status=bounds[row].status,
            exclusive=exclusive[row],
            units=tuple(title for _, title in units[row]),
            start=own.start,
            end=own.end,
            predecessors=(predecessors or {}).get(code, ()),
            address=address_of(address, code),
        )
        entries.append(entry)
    return _ordered(entries)


def _in_force(code: str, own: Post, every: Post) -> Post:
    """What is known of a grid, from all grids where its own is unknown.

    Raises
    ------
    InputError
        Its last day would be before its first.
    """
    both = Post(post=own.post or every.post, start=own.start or every.start, end=own.end or every.end)
    if both.start and both.end and both.end < both.start:
        hint = "give the first and the last day of this grid in the table"
        raise InputError(f"{both.end} is before {both.start}", where=f"grid {code}", hint=hint)
    return both


def _ordered(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries by code, but those of each level together, where the first of them stands."""
    first: dict[Place, str] = {}
    places = {entry.code: tuple(place_of(entry, level) for level in _DEPTHS) for entry in entries}
    for entry in entries:
        for place in places[entry.code]:
            first[place] = min(first.get(place, entry.code), entry.code)
    return tuple(sorted(entries, key=lambda e: (*(first[place] for place in places[e.code]), e.code)))


def _levels(plan: Plan, community: int) -> tuple[str, str, str]:
    """Community, subdistrict and county of a grid, "" for none."""
    known = plan.territory.communities
    if community < 0:
        return "", "", ""
    name = str(known.name[community]) or str(known.code[community])
    return name, str(known.subdistrict[community]), str(known.county[community])


def _titles(code: Objects, name: Objects) -> list[str]:
    """Name of each row, its code where it has none."""
    return [str(n) or str(c) for c, n in zip(code.tolist(), name.tolist(), strict=True)]


def _held(plan: Plan, of_atom: NDArray[np.integer], titles: Sequence[str]) -> list[tuple[str, ...]]:
    """Titles of the areas each grid has atoms of, in the order of their rows."""
    some = of_atom >= 0
    pairs = np.unique(np.stack([plan.label[some], of_atom[some]], axis=1), axis=0)
    out: list[list[str]] = [[] for _ in range(len(plan))]
    for grid, area in pairs.tolist():
        out[grid].append(titles[area])
    return [tuple(names) for names in out]


def standing(plan: Plan, xy: Floats, titles: Sequence[str]) -> list[tuple[tuple[int, str], ...]]:
    """Row and title of what stands in each grid, by place (n, 2) in metres."""
    row_of = {code: row for row, code in enumerate(plan.grids.code.tolist())}
    out: list[list[tuple[int, str]]] = [[] for _ in range(len(plan))]
    for row, code in enumerate(Locator(plan).codes(xy).tolist() if len(xy) else ()):
        if code:
            out[row_of[code]].append((row, titles[row]))
    return [tuple(rows) for rows in out]


def totals(entries: Sequence[Entry], whole: str) -> tuple[Total, ...]:
    """Totals of each community, subdistrict and county that is named, and of the whole territory, named `whole`.

    >>> totals((), "Town")
    (Total(level='all', name='Town', grids=0, in_band=0, households=0, buildings=0, area_m2=0.0),)
    """
    out = []
    for level in LEVELS[:-1]:
        held: dict[Place, list[Entry]] = {}
        for entry in entries:
            held.setdefault(place_of(entry, level), []).append(entry)
        names = titles(held)
        out += [_total(level, names[place], own) for place, own in held.items() if place[-1] or level == "community"]
    return (*out, _total("all", whole, entries))


def place_of(entry: Entry, level: str) -> Place:
    """Where a grid belongs on a level."""
    return (entry.county, entry.subdistrict, entry.community)[: _DEPTHS[level]]


def titles(places: Iterable[Place]) -> dict[Place, str]:
    """Name of each place of a level; those of one name are told apart by what lies above them, "" stays.

    >>> list(titles([("C", "East", "Lake"), ("C", "West", "Lake"), ("C", "West", "Hill")]).values())
    ['Lake (East)', 'Lake (West)', 'Hill']
    """
    out = {}
    named: dict[str, list[Place]] = {}
    for place in dict.fromkeys(places):
        named.setdefault(place[-1], []).append(place)
    for name, same in named.items():
        apart = [rung for rung in reversed(range(len(same[0]) - 1)) if len({place[rung] for place in same}) > 1]
        for place in same:
            above = ", ".join(place[rung] for rung in apart if place[rung])
            out[place] = f"{name} ({above})" if name and above else name
    return out


def _total(level: str, name: str, entries: Iterable[Entry]) -> Total:
    entries = tuple(entries)
    return Total(
        level=level,
        name=name,
        grids=len(entries),
        in_band=sum(entry.in_band for entry in entries),
        households=sum(entry.households for entry in entries),
        buildings=sum(entry.buildings for entry in entries),
        area_m2=float(sum(entry.area_m2 for entry in entries)),
    )


def changes(comparison: Comparison) -> tuple[Change, ...]:
    """What a redraw did to each grid: those changed first, then those that ended, then those unchanged."""
    listed = [
        Change(
            code=grid.code, change=grid.change, successor_of=grid.successor_of, before=grid.before,
            households=grid.households, households_kept=grid.households_kept, area_m2=grid.area_m2,
        )
        for grid in comparison.grids
    ]  # fmt: skip
    ended = [
        Change(code=code, change="ended", successor_of="", before=(), households=None, households_kept=None,
               area_m2=None)
        for code in comparison.ended
    ]  # fmt: skip
    changed = [change for change in listed if change.change != "U"]
    return (*changed, *ended, *(change for change in listed if change.change == "U"))
