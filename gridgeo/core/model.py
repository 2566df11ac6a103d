"""The nouns two verbs share: what a territory, a plan and its streets are.

Frozen dataclasses over read-only numpy columns. Rows are numbered from 0 inside; users see the string `code`.
All coordinates are projected metres; a row number of -1 means "none".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gridgeo.errors import InputError, NotFoundError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Small = NDArray[np.int8]
Flags = NDArray[np.bool_]
Objects = NDArray[Any]  # dtype object: str or shapely geometry

T = TypeVar("T", bound="Columns")


class Stop(Protocol):
    """Asked between steps of a long work: True means finish now with the best so far."""

    def __call__(self) -> bool:
        """Whether to finish now."""
        ...


Progress = Callable[[str, float], None]
"""Called with (stage, share done in 0..1)."""


def never() -> bool:
    """Stop rule that never stops."""
    return False


def silent(stage: str, share: float) -> None:
    """Progress sink that shows nothing."""


class Kind(IntEnum):
    """Kind of a grid and of the atoms it may hold (城市/农村/专属)."""

    URBAN = 0
    RURAL = 1
    EXCLUSIVE = 2


class Border(IntEnum):
    """What a border between two atoms lies on, from the least to the most fitting grid border.

    RIVER, RAILWAY and MOTORWAY are barriers. BRIDGE marks a pair that does not touch but is joined over a barrier.
    """

    OPEN = 0
    COMMUNITY = 1
    WALL = 2
    PATH = 3
    STREET = 4
    MAIN = 5
    MOTORWAY = 6
    RAILWAY = 7
    RIVER = 8
    BRIDGE = 9


BARRIERS = (Border.MOTORWAY, Border.RAILWAY, Border.RIVER)


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """Equal-length read-only arrays, one row a thing."""

    code: Objects

    def __post_init__(self) -> None:
        for spec in fields(self):
            column = getattr(self, spec.name)
            if not isinstance(column, np.ndarray):
                continue
            if len(column) != len(self.code):
                raise InputError(
                    f"column {spec.name} has {len(column)} rows, code has {len(self.code)}",
                    where=type(self).__name__,
                )
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self.code.tolist())}

    def row(self, code: str) -> int:
        """Row number of a code.

        Raises
        ------
        NotFoundError
            No row has this code.
        """
        try:
            return self._row_of[code]
        except KeyError:
            raise NotFoundError(f"no {type(self).__name__.lower()} row has code {code}", where=code) from None

    def take(self: T, rows: NDArray[Any]) -> T:
        """The chosen rows, in the given order (row numbers or a mask)."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def texts(values: Any) -> Objects:
    """Object array of str: the shape every text column has.

    >>> texts(["a", "b"]).dtype
    dtype('O')
    """
    out = np.empty(len(values), dtype=object)
    out[:] = [str(value) for value in values]
    return out


def geometries(values: Any) -> Objects:
    """Object array of shapely geometries, whatever sequence they come in."""
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A layer as plain columns: what files and stores hold.

    `columns` are equal-length arrays: text as object (str, "" for null), counts as int64, numbers that may be null
    as float64 (NaN for null), yes/no as bool. `geometry` is an object array of shapely geometries, or None.
    """

    columns: Mapping[str, NDArray[Any]]
    geometry: Objects | None = None

    def __len__(self) -> int:
        if self.geometry is not None:
            return len(self.geometry)
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True, kw_only=True, eq=False)
class Areas(Columns):
    """Named polygons: communities, compounds, exclusive land."""

    name: Objects
    geometry: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class Communities(Areas):
    """Communities (社区) with the levels above them."""

    subdistrict: Objects
    county: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class Barriers(Columns):
    """Lines or polygons nobody walks across; `kind` is river, railway, motorway or wall."""

    kind: Objects
    crossable: Flags
    geometry: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class Buildings(Columns):
    """Buildings with counts of households.

    `households` (n,) is 0 where `known` is False; `estimated` marks counts that were estimated;
    `compound` is a row of the territory's compounds.
    """

    geometry: Objects
    households: Ints
    known: Flags
    estimated: Flags
    floors: Ints
    compound: Rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Places(Columns):
    """Places an officer calls at.

    `xy` (n, 2) metres; `service_s` seconds of a call; `opens`, `closes` seconds of the day; `visits_per_day` >= 0.
    """

    name: Objects
    kind: Objects
    xy: Floats
    service_s: Ints
    opens: Ints
    closes: Ints
    visits_per_day: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Stations(Columns):
    """Grid stations (网格站): `xy` (n, 2) metres; `grid` the code of the grid served, or empty."""

    xy: Floats
    grid: Objects


@dataclass(frozen=True, kw_only=True, eq=False)
class EmergencyUnits(Columns):
    """Crowded places that keep a team.

    `need` members wanted beside the lead (0 = the default); `max_walk_s` limit in seconds (0 = the default).
    """

    name: Objects
    kind: Objects
    xy: Floats
    need: Ints
    max_walk_s: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Responders(Columns):
    """Posts that answer alarms: `capacity` teams each may join (0 = the default), `can_lead`, `on_duty`."""

    xy: Floats
    capacity: Ints
    can_lead: Flags
    on_duty: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """The walking network: street lines and the graph noded from them.

    Lines (row a street of the file): `code`, `name`, `street_class`, `border` (PATH, STREET, MAIN, MOTORWAY),
    `walkable`, `sides` (1 or 2), `width_m`, `line_geometry`.
    Nodes: `node_xy` (v, 2) metres. Edges: `tail`, `head` node rows, `line` row of the street, `length_mm` >= 1,
    `geometry` from tail to head. Only walkable lines have edges; parallel edges and loops may occur.
    """

    code: Objects
    name: Objects
    street_class: Objects
    border: Small
    walkable: Flags
    sides: Ints
    width_m: Floats
    line_geometry: Objects
    node_xy: Floats
    tail: Rows
    head: Rows
    line: Rows
    length_mm: Ints
    geometry: Objects

    def __post_init__(self) -> None:
        for spec in fields(self):
            getattr(self, spec.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.tail)

    @property
    def nodes(self) -> int:
        """Number of graph nodes."""
        return len(self.node_xy)

    def to_networkx(self) -> Any:
        """The graph as a networkx.MultiGraph: nodes carry x and y, edges code, name and length_m."""
        import networkx as nx

        graph: Any = nx.MultiGraph()
        graph.add_nodes_from((i, {"x": x, "y": y}) for i, (x, y) in enumerate(self.node_xy.tolist()))
        rows = zip(self.tail.tolist(), self.head.tolist(), self.line.tolist(), self.length_mm.tolist(), strict=True)
        graph.add_edges_from(
            (a, b, {"code": self.code[s], "name": self.name[s], "length_m": mm / 1000}) for a, b, s, mm in rows
        )
        return graph


@dataclass(frozen=True, kw_only=True, eq=False)
class Atoms(Columns):
    """Indivisible pieces of the territory; together an exact coverage of its boundary.

    `households` (n,) is 0 where `known` is False. `estimated`: the count rests on an estimate. `kind` is a Kind.
    `community`, `compound`, `exclusive` are rows of the territory's tables, -1 for none. `buildings` counts them.
    `barrier` marks surface nobody lives on or walks across (river, railway land).
    """

    geometry: Objects
    households: Ints
    known: Flags
    estimated: Flags
    kind: Small
    community: Rows
    compound: Rows
    exclusive: Rows
    buildings: Ints
    barrier: Flags

    @cached_property
    def area_m2(self) -> Floats:
        """Area of each atom, square metres."""
        return np.asarray(shapely.area(self.geometry), dtype=np.float64)

    @cached_property
    def centroid(self) -> Floats:
        """Centroid of each atom, (n, 2) metres."""
        return np.asarray(shapely.get_coordinates(shapely.centroid(self.geometry)), dtype=np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Adjacency:
    """Shared borders of atoms: one row for each pair and each class of ground its border lies on.

    `u` < `v` atom rows, sorted by (u, v, border); `length_m` metres of shared border (0 for BRIDGE rows);
    `border` a Border; `link`: one may walk from u to v across this border.
    """

    u: Rows
    v: Rows
    length_m: Floats
    border: Small
    link: Flags

    def __post_init__(self) -> None:
        for spec in fields(self):
            getattr(self, spec.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.u)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something a planner must know, as data: `kind` picks the sentence, `facts` fill it, `where` names the place."""

    kind: str
    where: str = ""
    households: int = 0
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Territory:
    """The area to divide: boundary, atoms, their shared borders, and what lies inside.

    `crs` is a projected CRS in metres, as "EPSG:n" or WKT. `notices` are the warnings of import; they stay in
    every plan drawn from it.
    """

    name: str
    crs: str
    boundary: Any  # shapely Polygon or MultiPolygon
    atoms: Atoms
    adjacency: Adjacency
    communities: Communities
    compounds: Areas
    exclusive: Areas
    barriers: Barriers
    streets: Streets
    buildings: Buildings
    places: Places
    stations: Stations
    emergency_units: EmergencyUnits
    responders: Responders
    notices: tuple[Notice, ...] = ()

    @property
    def households(self) -> int:
        """Total of the known household counts."""
        return int(self.atoms.households.sum())


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
class Plan:
    """A label for every atom: `label` (n,) holds rows of `grids`, so no gap between atoms can be written down.

    `band` is the size band (fewest, most) of urban grids. `notices` say what the plan cannot do, with reasons.
    """

    territory: Territory
    label: Rows
    grids: Grids
    band: tuple[int, int] = (300, 500)
    notices: tuple[Notice, ...] = ()

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
