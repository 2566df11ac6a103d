"""What a check says: findings, the certificate, and the report that holds both."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gridgeo.core.model import Floats, Objects
from gridgeo.errors import InputError

BREAKS_COVER = frozenset(
    {"gap", "edge-gap", "overlap", "outside", "duplicate", "nested", "hole", "missing", "invalid-ring"}
)
BREAKS_EDGES = frozenset({"vertex-mismatch", "drift"})
BREAKS_RULES = frozenset({"detached-part", "under-size", "over-size", "crosses-border"})
KINDS = tuple(sorted(BREAKS_COVER | BREAKS_EDGES | BREAKS_RULES))

AreaOf = Callable[[Objects], Floats]


@dataclass(frozen=True, kw_only=True)
class CoverageParams:
    """How a check measures.

    Parameters
    ----------
    band
        Fewest and most households of a grid, or None for no size findings.
    drift_m
        Faces no wider than this are drift, metres, >= 0. 0 lets every face of any width break the coverage.
    allowed
        Ids of findings that are meant (an enclave left out on purpose): set aside, they break nothing.
    unit_m
        Metres of one unit of x and of y: (1, 1) for projected layers, about (111320 cos(latitude), 110574) for degrees.
    area_of
        Areas in square metres of an array of polygons, or None for plane areas (which are then exact to rounding).
    border_share
        A grid crosses a community border when more than this share of its area lies in a second community, in [0, 1).

    Raises
    ------
    InputError
        A value out of its range.
    """

    band: tuple[int, int] | None = None
    drift_m: float = 1e-6
    allowed: frozenset[str] = frozenset()
    unit_m: tuple[float, float] = (1.0, 1.0)
    area_of: AreaOf | None = None
    border_share: float = 0.01

    def __post_init__(self) -> None:
        if not 0 <= self.drift_m < np.inf:
            raise InputError(f"drift_m is {self.drift_m}", where="drift_m", hint="give metres, 0 or more")
        if self.band is not None and not 0 <= self.band[0] <= self.band[1]:
            raise InputError(f"band is {self.band}", where="band", hint="give fewest <= most, 0 or more")
        if not all(0 < unit < np.inf for unit in self.unit_m):
            raise InputError(f"unit_m is {self.unit_m}", where="unit_m", hint="give metres above 0")
        if not 0 <= self.border_share < 1:
            raise InputError(
                f"border_share is {self.border_share}", where="border_share", hint="give a share in [0, 1)"
            )

    @property
    def decimals(self) -> int:
        """Decimals of the layer's coordinates that tell micrometres apart."""
        return 6 + math.ceil(math.log10(max(1.0, *self.unit_m)))

    @property
    def drift(self) -> float:
        """`drift_m` in units of the layer's coordinates."""
        return self.drift_m / max(self.unit_m)


@dataclass(frozen=True, eq=False)
class Finding:
    """One fault of a coverage, as data.

    `grids` codes concerned, sorted; `shared_m` the length of fault outline each of them shares, metres; `geometry`
    the exact face (lines for drift and vertex-mismatch) in the layer's CRS; `area_m2`, `width_m` (diameter of the
    largest circle inside); `households` inside the face or of the grid, None when not known; `point` (x, y) on it;
    `reason` a word on rings that are not valid; `boundary` whether the territory's own outline is concerned; `surplus`
    how many grids too many cover the face (-1: none does; 0 for findings that are no face).
    """

    id: str
    kind: str
    grids: tuple[str, ...]
    geometry: Any
    area_m2: float
    width_m: float
    households: int | None
    shared_m: tuple[float, ...]
    point: tuple[float, float]
    reason: str = ""
    boundary: bool = False
    surplus: int = 0


def finding_id(kind: str, grids: Iterable[str], geometry: Any, decimals: int = 6) -> str:
    """Stable id: the same fault at the same place keeps it, whatever else changes in the layer.

    `decimals` of the coordinates count: enough for a micrometre.

    >>> square = shapely.box(0, 0, 1, 1)
    >>> finding_id("gap", ["a"], square) == finding_id("gap", ["a"], square.reverse())
    True
    """
    seal = hashlib.blake2b(digest_size=6)
    seal.update("\x1f".join([kind, *grids]).encode())
    rounded = np.round(shapely.get_coordinates(geometry.normalize() if geometry is not None else None), decimals) + 0.0
    seal.update(np.ascontiguousarray(rounded, dtype="<f8").tobytes())
    return f"{kind}-{seal.hexdigest()}"


@dataclass(frozen=True, eq=False)
class Certificate:
    """What was proven, in numbers any client can recompute.

    `grid_sums` (n, 2) and `boundary_sum` are 128-bit edge fingerprints as two unsigned 64-bit lanes; when the rings
    are simple and the grids' sums add up to the boundary's, every point is covered exactly once. `unmatched` counts
    the directed edges that did not cancel. `boundary` is "given", or "derived" when the check had none.
    `estimated_households` of a plan are no counts; None where nothing is known of households.
    """

    version: int
    complete: bool
    exact: bool
    boundary: str
    polygons: int
    rings: int
    edges: int
    unmatched: int
    drift_m: float
    coordinates: str
    boundary_hash: str
    codes: Objects
    grid_sums: np.ndarray[Any, np.dtype[np.uint64]]
    boundary_sum: tuple[int, int]
    estimated_households: int | None = None

    @property
    def total(self) -> tuple[int, int]:
        """The grids' fingerprints added up, each lane modulo 2**64."""
        with np.errstate(over="ignore"):
            lanes = self.grid_sums.sum(axis=0, dtype=np.uint64)
        return int(lanes[0]), int(lanes[1])

    def to_dict(self, *, grids: bool = True) -> dict[str, Any]:
        """The certificate as plain values for JSON; fingerprints as 32 hexadecimal digits."""
        plain: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "version",
                "complete",
                "exact",
                "boundary",
                "polygons",
                "rings",
                "edges",
                "unmatched",
                "drift_m",
                "coordinates",
                "boundary_hash",
            )
        }
        plain |= {"sum": _hex(self.total), "boundary_sum": _hex(self.boundary_sum)}
        if self.estimated_households is not None:
            plain["estimated_households"] = self.estimated_households
        if grids:
            pairs = zip(self.codes.tolist(), self.grid_sums.tolist(), strict=True)
            plain["grids"] = {code: _hex(lanes) for code, lanes in pairs}
        return plain


def _hex(lanes: Iterable[int]) -> str:
    return "".join(f"{lane:016x}" for lane in lanes)


@dataclass(frozen=True, eq=False)
class CoverageReport:
    """Answer of a check.

    `complete`: every point of the boundary is covered exactly once and nothing lies outside, up to faces no wider
    than the drift. `exact`: the directed edges cancel identically. `allowed` holds the findings set aside.
    """

    complete: bool
    exact: bool
    findings: tuple[Finding, ...]
    certificate: Certificate
    allowed: tuple[Finding, ...] = ()
    counts: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = Counter(finding.kind for finding in self.findings)
        object.__setattr__(self, "counts", {kind: counts[kind] for kind in KINDS if counts[kind]})
