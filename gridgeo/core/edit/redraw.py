"""Edits that draw: a grid anew as several, and the rest anew around grids that break a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridgeo.core.edit.sheet import Record, Sheet
from gridgeo.core.model import Adjacency, Kind, Stop, Territory, texts
from gridgeo.core.model.codes import SCHEMES, CodeScheme
from gridgeo.errors import InfeasibleError

if TYPE_CHECKING:  # loading it loads its compiled kernels, which few edits need
    from gridgeo.core.partition import PlanParams, PlanResult

RINGS = (1, 2, 3)
"""Rings of grids around a broken one that are drawn anew with it, step by step wider."""
SLACK = 0.25
"""Share by which parts of a grid may be off their mean where the band does not fit them."""

Drawn = dict[str, tuple[str, Kind, list[int]]]
"""Grids drawn, by code: name, kind and atoms."""


@dataclass(frozen=True, kw_only=True)
class EditParams:
    """How a plan is edited.

    Parameters
    ----------
    strict
        Refuse edits that break a soft rule too: size band, one community, whole compounds.
    codes
        Scheme for the codes of new grids.
    drawing
        Parameters for edits that draw, and whether grids may reach over bridges; the band is always the plan's.
    """

    strict: bool = False
    codes: CodeScheme = SCHEMES["default"]
    drawing: PlanParams | None = None


@dataclass(frozen=True)
class Rules:
    """What edits keep: the size band of the plan and the parameters; and when to stop drawing."""

    band: tuple[int, int]
    params: EditParams
    stop: Stop

    def drawing(self) -> PlanParams:
        """Parameters for drawing, with the band of the plan."""
        from gridgeo.core.partition import PlanParams

        return replace(self.params.drawing or PlanParams(), households=self.band, target=None, count=None)

    def in_band(self, record: Record) -> bool:
        """Whether a grid keeps the band of its kind."""
        low, high = self.band
        return record.kind != Kind.URBAN or low <= record.households <= high


def excerpt(territory: Territory, rows: Iterable[int]) -> Territory:
    """A territory of some atoms only (rows, in their order)."""
    kept = np.asarray(list(rows), np.int64)
    new = np.full(len(territory.atoms), -1, np.int64)
    new[kept] = np.arange(len(kept))
    pairs = territory.adjacency
    inside = np.flatnonzero((new[pairs.u] >= 0) & (new[pairs.v] >= 0))
    adjacency = Adjacency(
        u=new[pairs.u[inside]].astype(np.int32), v=new[pairs.v[inside]].astype(np.int32),
        length_m=pairs.length_m[inside], border=pairs.border[inside], link=pairs.link[inside],
    )  # fmt: skip
    return replace(territory, atoms=territory.atoms.take(kept), adjacency=adjacency)


def parts_of(sheet: Sheet, row: int, parts: int, rules: Rules) -> list[list[int]]:
    """Atoms of a grid drawn anew as `parts` grids, all but the one of most households, in order of first atom.

    Raises
    ------
    InfeasibleError
        No such division was found.
    """
    from gridgeo.core.partition import draw_plan
    from gridgeo.core.partition.params import fits

    record, atoms = sheet.records[row], sorted(sheet.members(row))
    low, high = rules.band
    mean = record.households / parts
    if not (low * parts <= record.households <= high * parts and fits(record.households, low, high)):
        low, high = max(1, int(mean * (1 - SLACK))), max(1, int(np.ceil(mean * (1 + SLACK))))
    params = replace(rules.drawing(), households=(low, high), count=parts, nest=False)
    result = draw_plan(excerpt(sheet.territory, atoms), params, stop=rules.stop) if record.households else None
    if result is None or len(result.plan) != parts:
        raise InfeasibleError(
            f"grid {record.code} cannot be parted into {parts} grids of {low} to {high} households",
            where=record.code, hint="name the atoms of the new grid yourself",
            proof={"households": record.households, "atoms": record.atoms, "parts": parts},
        )  # fmt: skip
    stays = int(np.argmax(result.plan.households))
    label = result.plan.label
    pieces = [[atoms[i] for i in np.flatnonzero(label == grid)] for grid in range(parts) if grid != stays]
    return sorted(pieces, key=lambda piece: piece[0])


def fix_rest(sheet: Sheet, kept: frozenset[str], rng_seed: int, rules: Rules) -> Iterator[Drawn]:
    """Grids to put in place of broken ones and their neighbors, one surroundings after the other."""
    tried: set[int] = set()
    while not rules.stop():
        broken = [row for row in _broken(sheet, kept, rules) if row not in tried]
        if not broken:
            return
        tried.add(broken[0])
        found = _mended(sheet, broken[0], kept, rng_seed, rules)
        if found is not None:
            yield found


def _broken(sheet: Sheet, kept: frozenset[str], rules: Rules) -> list[int]:
    """Grids out of band or, if touched in this step, in pieces; the rest of a plan is taken to be whole."""
    touched = set(sheet.journal.records)
    return [
        row
        for row, record in sorted(sheet.records.items())
        if record.code not in kept
        and record.kind == Kind.URBAN
        and (not rules.in_band(record) or (row in touched and _torn(sheet, row)))
    ]


def _torn(sheet: Sheet, row: int) -> bool:
    return len(sheet.graph.pieces(sheet.members(row), on_foot=False)) > 1


def _mended(sheet: Sheet, row: int, kept: frozenset[str], rng_seed: int, rules: Rules) -> Drawn | None:
    """The surroundings of a broken grid drawn anew, as narrow as helps; None if nothing does."""
    from gridgeo.core.partition import Before, draw_plan

    near = {row}
    for _ in RINGS:
        near |= {r for n in near for r in _beside(sheet, n) if sheet.records[r].code not in kept}
        rows = sorted(near)
        atoms = sorted(atom for r in rows for atom in sheet.members(r))
        records = [sheet.records[r] for r in rows]
        kinds = np.array([record.kind for record in records], np.int8)
        label = np.searchsorted(rows, sheet.label[atoms]).astype(np.int64)
        used = sheet.ended | set(sheet.row_of)
        before = Before(texts([r.code for r in records]), texts([r.name for r in records]), kinds, label, used)
        result = draw_plan(
            excerpt(sheet.territory, atoms), rules.drawing(), previous=before, stop=rules.stop, rng_seed=rng_seed
        )
        misses = sum(not rules.in_band(record) or _torn(sheet, r) for r, record in zip(rows, records, strict=True))
        if len(result.out_of_band) < misses:
            return _drawn(result, atoms)
        if rules.stop():
            return None
    return None


def _beside(sheet: Sheet, row: int) -> set[int]:
    """Urban grids next to one."""
    near = {int(sheet.label[other]) for atom in sheet.members(row) for other, _ in sheet.graph.around(atom)}
    return {r for r in near if sheet.records[r].kind == Kind.URBAN}


def _drawn(result: PlanResult, atoms: list[int]) -> Drawn:
    plan, out = result.plan, {}
    for grid, (code, name) in enumerate(zip(plan.grids.code.tolist(), plan.grids.name.tolist(), strict=True)):
        mine = [atoms[i] for i in np.flatnonzero(plan.label == grid)]
        out[code] = name, Kind(int(plan.grids.kind[grid])), mine
    return out
