"""A plan: a label for every atom, and the grids the labels point at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.core.model.columns import Columns, Flags, Floats, Ints, Objects, Rows, Small, geometries
from gridgeo.core.model.territory import Kind, Notice, Territory
from gridgeo.errors import InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class Grids(Columns):
    """The grids a plan's labels point at. `community` is a row of the territory's communities, -1 for none."""

    name: Objects
    kind: Small
    community: Rows


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One grid of a plan, for reading."""

    code: str
    name: str
    kind: Kind
    community: str
    households: int
    buildings: int
    area_m2: float
    perimeter_m: float
    compactness: float
    in_band: bool
    geometry: Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """How a plan was drawn: its parameters and seed, and what its solver proved of it.

    `bound` and `optimality_gap` are those of the whole plan: true of the labels as drawn, not of labels changed since.
    """

    params: object
    rng_seed: int
    bound: float
    optimality_gap: float
    stats: Mapping[str, float | int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """A label for every atom: `label` (n,) holds rows of `grids`, so no gap between atoms can be written down.

    `band` is the size band (fewest, most) of urban grids. `notices` say what the plan cannot do, with reasons.
    `drawn` is None for plans read from files or changed by hand.
    """

    territory: Territory
    label: Rows
    grids: Grids
    band: tuple[int, int] = (300, 500)
    notices: tuple[Notice, ...] = ()
    drawn: Drawn | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if len(self.label) != len(self.territory.atoms):
            raise InputError(f"{len(self.label)} labels for {len(self.territory.atoms)} atoms", where="plan")
        used = np.bincount(self.label, minlength=len(self.grids)) if len(self.label) else np.zeros(0, np.int64)
        if len(used) > len(self.grids) or (self.label < 0).any():
            raise InputError("a label points at no grid", where="plan")
        if (used == 0).any():
            empty = self.grids.code[int(np.flatnonzero(used == 0)[0])]
            raise InputError("a grid holds no atom", where=str(empty), hint="drop the grid or give it an atom")
        self.label.setflags(write=False)

    def __len__(self) -> int:
        return len(self.grids)

    @cached_property
    def households(self) -> Ints:
        """Households of each grid."""
        return self._total(self.territory.atoms.households)

    @cached_property
    def buildings(self) -> Ints:
        """Buildings of each grid."""
        return self._total(self.territory.atoms.buildings)

    @cached_property
    def spread(self) -> Ints:
        """How far the true households of each grid may lie from `households`, four times in five; 0 for counts.

        The errors of atoms are taken as independent, so that they add up as squares.
        """
        square = np.bincount(self.label, self.territory.atoms.spread.astype(np.float64) ** 2, minlength=len(self.grids))
        return np.ceil(np.sqrt(square)).astype(np.int64)

    @property
    def estimated(self) -> Flags:
        """Whether any households of each grid are estimates."""
        atoms = self.territory.atoms
        resting = np.bincount(self.label, atoms.estimated & (atoms.households > 0), minlength=len(self.grids)) > 0
        return np.asarray(resting, dtype=bool)

    def _total(self, column: Ints) -> Ints:
        out = np.zeros(len(self.grids), np.int64)
        np.add.at(out, self.label, column)
        return out

    @cached_property
    def geometry(self) -> Objects:
        """Polygon of each grid: its atoms dissolved with every vertex kept, so shared borders stay exact."""
        order = np.argsort(self.label, kind="stable")
        at = np.searchsorted(self.label[order], np.arange(len(self.grids) + 1))
        shapes = self.territory.atoms.geometry[order]
        return geometries([shapely.coverage_union_all(shapes[a:b]) for a, b in pairwise(at.tolist())])

    @cached_property
    def area_m2(self) -> Floats:
        """Area of each grid, square metres."""
        return np.asarray(shapely.area(self.geometry), dtype=np.float64)

    @cached_property
    def perimeter_m(self) -> Floats:
        """Length of each grid's outline, metres."""
        return np.asarray(shapely.length(self.geometry), dtype=np.float64)

    @property
    def compactness(self) -> Floats:
        """Polsby-Popper compactness 4 pi A / P^2 of each grid, in (0, 1]."""
        return 4 * np.pi * self.area_m2 / self.perimeter_m**2

    @property
    def in_band(self) -> Flags:
        """Whether each grid keeps the size band of its kind (only urban grids have one)."""
        low, high = self.band
        urban = self.grids.kind == Kind.URBAN
        kept: Flags = ~urban | ((self.households >= low) & (self.households <= high))
        return kept

    @property
    def surely_in_band(self) -> Flags:
        """Whether each grid keeps its band even at the ends of its `spread`; as `in_band` where all are counts."""
        low, high = self.band
        inside = (self.households - self.spread >= low) & (self.households + self.spread <= high)
        sure: Flags = self.in_band & (inside | (self.grids.kind != Kind.URBAN))
        return sure

    def grid(self, code: str) -> Grid:
        """One grid by its code.

        Raises
        ------
        NotFoundError
            No grid has this code.
        """
        row = self.grids.row(code)
        community = int(self.grids.community[row])
        return Grid(
            code=code,
            name=str(self.grids.name[row]),
            kind=Kind(int(self.grids.kind[row])),
            community="" if community < 0 else str(self.territory.communities.code[community]),
            households=int(self.households[row]),
            buildings=int(self.buildings[row]),
            area_m2=float(self.area_m2[row]),
            perimeter_m=float(self.perimeter_m[row]),
            compactness=float(self.compactness[row]),
            in_band=bool(self.in_band[row]),
            geometry=self.geometry[row],
        )

    def move(self, atoms: NDArray[Any], grid: str) -> Plan:
        """New plan with some atoms (row numbers) given to another grid; an emptied grid disappears.

        Raises
        ------
        NotFoundError
            No grid has this code.
        """
        label = self.label.copy()
        label[atoms] = self.grids.row(grid)
        kept, new = np.unique(label, return_inverse=True)
        return replace(self, label=new.astype(np.int32), grids=self.grids.take(kept))
