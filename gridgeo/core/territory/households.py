"""Where households come from when buildings and areas do not count them: people, counts of larger areas, floor area.

Every figure is a count or an estimate. What is divided is divided by largest remainder, so that sums stay exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import shapely

from gridgeo.core.model import Floats, Ints, Notice, Table, texts
from gridgeo.core.territory.columns import EMPTY, number, points, shapes, text
from gridgeo.core.territory.cut import listed
from gridgeo.core.territory.estimate import SMALLEST_HOME_M2, assumed_floors, told_floors, with_estimates
from gridgeo.core.territory.locate import is_polygon, rows_at
from gridgeo.core.territory.params import AtomParams

AREAS = ("compounds", "communities")
"""Layers whose counts are shared among the buildings inside, the smaller areas first."""
PERSONS_ERROR = 0.25
"""Persons per household differ from place to place by about so much of themselves (one standard deviation)."""


def with_households(tables: Mapping[str, Table], params: AtomParams) -> tuple[dict[str, Table], list[Notice]]:
    """Tables whose atoms and buildings have households wherever something tells of them, and how they came by them.

    A count stays as it is. Without one: people divided by `params.persons_per_household`; else, where atoms have
    none either, the counts of compounds and communities shared among their buildings by floor area; else, where not
    one building is counted, floor area divided by the usual floor area of a home.
    """
    out, notices = dict(tables), []
    for role in ("atoms", "buildings"):
        if role in out:
            out[role], told = with_population(out[role], params.persons_per_household, role)
            notices += told
    if not np.isnan(number(out.get("atoms", EMPTY), "households")).all() or "buildings" not in out:
        return out, notices
    for role in AREAS:
        out["buildings"], told = with_shares(out["buildings"], out.get(role, EMPTY), role)
        notices += told
    out["buildings"], told = with_estimates(out["buildings"])
    return out, notices + told


def with_population(table: Table, persons: float, role: str) -> tuple[Table, list[Notice]]:
    """Rows with households estimated from their `population`, where no row has a count of households.

    Examples
    --------
    >>> people = Table(columns={"population": np.array([10.0, 11.0, np.nan])})
    >>> with_population(people, 2.0, "atoms")[0].columns["households"].tolist()
    [5.0, 5.0, nan]
    """
    people = number(table, "population")
    known = ~np.isnan(people)
    if not known.any() or not np.isnan(number(table, "households")).all():
        return table, []
    households = np.full(len(people), np.nan)
    total = int(people[known].sum() / persons)
    households[known] = shares(total, people[known])
    columns = dict(table.columns)
    columns |= {"households": households, "source": texts(np.where(known, "estimate", ""))}
    columns["error"] = np.full(len(people), PERSONS_ERROR)
    facts: dict[str, str | int | float] = {"persons": round(float(people[known].sum())), "each": persons}
    notice = Notice(kind="households-from-population", where=role, households=total, facts=facts)
    return replace(table, columns=columns), [notice]


def shares(total: int, weight: Floats) -> Ints:
    """A total divided by weight into whole numbers that add up to it, by largest remainder; the first wins a tie.

    Examples
    --------
    >>> shares(10, np.array([1.0, 1.0, 1.0])).tolist(), shares(3, np.array([0.0, 2.0])).tolist()
    ([4, 3, 3], [0, 3])
    """
    if not weight.sum() > 0:
        weight = np.ones(len(weight))
    quota = total * (weight / weight.sum())
    whole: Ints = np.floor(quota).astype(np.int64)
    left = total - int(whole.sum())
    order = np.argsort(whole - quota, kind="stable")
    whole[order[:left]] += 1
    return whole


def with_shares(buildings: Table, areas: Table, role: str) -> tuple[Table, list[Notice]]:
    """Buildings without a count given their share of the count of the area they stand in, by floor area.

    What counted buildings of the area hold is taken off first. Floors are told, or assumed where they are not.
    """
    counts = number(areas, "households")
    known = ~np.isnan(counts)
    if not known.any() or not len(buildings):
        return buildings, []
    households = number(buildings, "households").copy()
    at = rows_at(points(buildings), shapes(areas))
    room, open_ = floor_area(buildings), np.isnan(households)
    given = np.bincount(at[(at >= 0) & ~open_], weights=households[(at >= 0) & ~open_], minlength=len(counts))
    columns, shared, homeless = dict(buildings.columns), [], []
    source = text(buildings, "source")
    for area in np.flatnonzero(known).tolist():
        rows = np.flatnonzero((at == area) & open_)
        rest = int(max(counts[area] - given[area], 0))
        if len(rows):
            households[rows] = shares(rest, room[rows])
            source[rows] = "estimate"
            shared.append(rest)
        elif rest:
            homeless.append((str(text(areas, "code")[area]), rest))
    columns |= {"households": households, "source": source}
    return replace(buildings, columns=columns), _told(role, shared, homeless)


def _told(role: str, shared: list[int], homeless: list[tuple[str, int]]) -> list[Notice]:
    out = []
    if shared:
        out.append(Notice(kind="counts-shared", where=role, households=sum(shared), facts={"areas": len(shared)}))
    if homeless:
        codes, lost = texts([code for code, _ in homeless]), sum(rest for _, rest in homeless)
        out.append(Notice(kind="counts-homeless", where=listed(codes), households=lost, facts={"areas": len(homeless)}))
    return out


def floor_area(buildings: Table) -> Floats:
    """Footprint times floors of each building, square metres; points count as one, sheds as nothing."""
    shape = shapes(buildings)
    told = told_floors(buildings)
    floors, _ = assumed_floors(told, np.ones(len(shape), bool))
    area = np.asarray(shapely.area(shape), dtype=np.float64)
    flat = is_polygon(shape)
    area = np.where(flat & (area < SMALLEST_HOME_M2), 0.0, area)
    return np.where(flat, area, 1.0) * floors
