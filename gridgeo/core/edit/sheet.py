"""The sheet a plan is edited on: a label for every atom, totals for every grid, and a journal of what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import fsum

import numpy as np

from gridgeo.core.edit.graph import Graph
from gridgeo.core.model import Grids, Kind, Objects, Plan, Rows, Territory, texts
from gridgeo.errors import NotFoundError

SHOWN = 5
"""Unknown codes named in one message."""


@dataclass(frozen=True)
class Record:
    """What is known of one grid while it is edited; `community` is a row of the territory's communities or -1."""

    code: str
    name: str
    kind: Kind
    community: int
    atoms: int = 0
    households: int = 0
    buildings: int = 0
    area_m2: float = 0.0
    perimeter_m: float = 0.0


@dataclass
class Journal:
    """What a step changed, as it was before: labels of atoms, records of grids (None: there was none), locks, ends."""

    locked: frozenset[str]
    ended: frozenset[str]
    labels: dict[int, int] = field(default_factory=dict)
    records: dict[int, Record | None] = field(default_factory=dict)


class Sheet:
    """A plan being edited.

    Grids have fixed numbers here; ended ones keep theirs. Every change is noted in `journal`.

    Parameters
    ----------
    plan
        The plan to start from.
    locked
        Codes of grids whose ground stays.
    ended
        Codes no new grid may take.
    graph
        Neighbors of the atoms.
    like
        A sheet of the same territory: what it knows of the atoms is taken over.
    """

    def __init__(
        self, plan: Plan, locked: frozenset[str], ended: frozenset[str], graph: Graph, like: Sheet | None = None
    ) -> None:
        self.territory: Territory = plan.territory
        self.graph = graph
        self.label: Rows = plan.label.copy()
        self.records: dict[int, Record] = dict(enumerate(_records(plan, graph)))
        self.row_of = {record.code: row for row, record in self.records.items()}
        self.locked = locked
        self.ended = ended
        self.next_row = len(self.records)
        self.journal = Journal(locked, ended)
        self._members: dict[int, set[int]] = {}
        self._atom_row: dict[str, int] = like._atom_row if like else _rows_by_code(self.territory.atoms.code)
        for code in locked:
            self.row(code)

    def row(self, code: str) -> int:
        """Number of a grid.

        Raises
        ------
        NotFoundError
            No grid has this code.
        """
        if code not in self.row_of:
            raise NotFoundError(f"no grid has code {code}", where=code, hint="name a grid of the plan")
        return self.row_of[code]

    def atoms(self, codes: Iterable[str]) -> list[int]:
        """Row numbers of atoms, each once, ascending.

        Raises
        ------
        NotFoundError
            Some codes are of no atom; the first few are named.
        """
        rows = self._atom_row
        asked = list(dict.fromkeys(codes))
        absent = [code for code in asked if code not in rows]
        if absent:
            more = f" and {len(absent) - SHOWN} more" if len(absent) > SHOWN else ""
            raise NotFoundError(f"no atom has code {', '.join(absent[:SHOWN])}{more}", where=absent[0])
        return sorted(rows[code] for code in asked)

    def members(self, row: int) -> set[int]:
        """Atoms of a grid. O(n) when first asked, O(1) after."""
        if row not in self._members:
            self._members[row] = set(np.flatnonzero(self.label == row).tolist())
        return self._members[row]

    def members_before(self, row: int) -> set[int]:
        """Atoms a grid had when the step began."""
        changed = self.journal.labels
        return {a for a in self.members(row) if a not in changed} | {a for a, old in changed.items() if old == row}

    def put(self, row: int, record: Record | None) -> None:
        """Set or (None) end a grid's record."""
        known = self.records.get(row)
        self.journal.records.setdefault(row, known)
        if known is not None:
            del self.row_of[known.code]
        if record is not None:
            self.records[row] = record
            self.row_of[record.code] = row
        elif known is not None:
            del self.records[row]
            self.ended |= {known.code}

    def rehome(self, row: int, community: int) -> None:
        """Set the community of a grid."""
        record = self.records[row]
        if record.community != community:
            self.journal.records.setdefault(row, record)
            self.records[row] = replace(record, community=community)

    def add(self, record: Record) -> int:
        """Begin a grid without ground; returns its number."""
        row, self.next_row = self.next_row, self.next_row + 1
        self._members[row] = set()
        self.put(row, record)
        return row

    def give(self, atoms: Iterable[int], row: int) -> None:
        """Give atoms to a grid, totals kept. O(sum of degrees)."""
        for atom in atoms:
            old = int(self.label[atom])
            if old == row:
                continue
            self.journal.labels.setdefault(atom, old)
            self._count(atom, old, -1)
            self.members(old).discard(atom)
            members = self.members(row)
            self.label[atom] = row
            self._count(atom, row, 1)
            members.add(atom)

    def _count(self, atom: int, row: int, sign: int) -> None:
        """Add an atom that the grid has, or (-1) take it away, while its label still says so."""
        atoms, record = self.territory.atoms, self.records[row]
        shared = fsum(length for other, length in self.graph.around(atom) if self.label[other] == row)
        new = replace(
            record,
            atoms=record.atoms + sign,
            households=record.households + sign * int(atoms.households[atom]),
            buildings=record.buildings + sign * int(atoms.buildings[atom]),
            area_m2=record.area_m2 + sign * float(atoms.area_m2[atom]),
            perimeter_m=record.perimeter_m + sign * (float(self.graph.outline_m[atom]) - 2 * shared),
        )
        self.journal.records.setdefault(row, record)
        self.records[row] = new

    def swap(self, journal: Journal) -> Journal:
        """Put back what a journal holds; returns the journal that puts today's state back again. O(changed)."""
        back = Journal(self.locked, self.ended, {a: int(self.label[a]) for a in journal.labels})
        for atom, row in journal.labels.items():
            self.members(int(self.label[atom]))
            self.members(row)
        for atom, row in journal.labels.items():
            self._members[int(self.label[atom])].discard(atom)
            self._members[row].add(atom)
            self.label[atom] = row
        for row in journal.records:
            back.records[row] = self.records.get(row)
        for known in back.records.values():
            if known is not None:
                del self.row_of[known.code]
        for row, record in journal.records.items():
            if record is None:
                self.records.pop(row, None)
            else:
                self.records[row] = record
                self.row_of[record.code] = row
        self.locked, self.ended = journal.locked, journal.ended
        return back

    def begin(self) -> None:
        """Start an empty journal."""
        self.journal = Journal(self.locked, self.ended)

    def grids(self) -> tuple[Grids, Rows]:
        """The grids sorted by code, and the label of every atom in that order. O(n)."""
        rows = sorted(self.records, key=lambda row: self.records[row].code)
        new = np.zeros(self.next_row, np.int32)
        new[rows] = np.arange(len(rows), dtype=np.int32)
        listed = [self.records[row] for row in rows]
        grids = Grids(
            code=texts([record.code for record in listed]),
            name=texts([record.name for record in listed]),
            kind=np.array([record.kind for record in listed], np.int8),
            community=np.array([record.community for record in listed], np.int32),
        )
        return grids, new[self.label]


def _rows_by_code(codes: Objects) -> dict[str, int]:
    return {code: row for row, code in enumerate(codes.tolist())}


def _records(plan: Plan, graph: Graph) -> list[Record]:
    """Records of all grids of a plan. O(n + m)."""
    k, label, grids = len(plan), plan.label, plan.grids
    source = np.repeat(label, np.diff(graph.ptr))
    inside = np.bincount(source, graph.length_m * (source == label[graph.other]), k)
    perimeter = np.bincount(label, graph.outline_m, k) - inside
    area = np.bincount(label, plan.territory.atoms.area_m2, k)
    columns = (
        grids.code.tolist(), grids.name.tolist(), [Kind(kind) for kind in grids.kind.tolist()],
        grids.community.tolist(), np.bincount(label, minlength=k).tolist(), plan.households.tolist(),
        plan.buildings.tolist(), area.tolist(), perimeter.tolist(),
    )  # fmt: skip
    return [Record(*row) for row in zip(*columns, strict=True)]
