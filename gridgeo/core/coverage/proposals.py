"""What a repair proposes, carries out, and leaves to the planner, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gridgeo.core.coverage.findings import CoverageParams, CoverageReport, Finding
from gridgeo.core.model import Ints, Objects

NEEDS = ("drop-duplicates", "fill-missing", "move-parts", "align")
REASONS = (
    *(f"needs-{permission}" for permission in NEEDS),
    "locked",
    "no-neighbor",
    "would-empty",
    "would-spoil",
    "would-tear",
    "out-of-band",
    "beside-duplicate",
    "invalid-ring",
    "rule-of-grids",
    "cannot-align",
    "not-reached",
)
"""Why a finding is left to the planner; the words are rendered as `left-<reason>`."""


@dataclass(frozen=True, kw_only=True)
class RepairParams:
    """What a repair may do.

    Parameters
    ----------
    coverage
        How faults are found and the result is proven.
    locked
        Codes of grids that must stay as they are.
    fill_missing
        Whether ground as large as a grid may be given to a neighbor.
    drop_duplicates
        Whether of several grids on the same ground all but one may be dropped (the first stays, or the locked one).
    move_parts
        Whether a part of a grid that lies apart may be given to the neighbor it touches longest.
    align
        Whether drifted vertices are moved onto each other and lacking vertices put in, so that edges match exactly;
        the boundary then gains the vertices where grids meet on its edges.
    """

    coverage: CoverageParams = field(default_factory=CoverageParams)
    locked: frozenset[str] = frozenset()
    fill_missing: bool = False
    drop_duplicates: bool = False
    move_parts: bool = False
    align: bool = False

    def allows(self, need: str) -> bool:
        """Whether a permission (of `NEEDS`) was given."""
        return bool(getattr(self, need.replace("-", "_")))


@dataclass(frozen=True, eq=False)
class Proposal:
    """One edit: the face of a finding, given to the grids `to` (none for ground that leaves) and taken from others.

    `before` and `after` map the codes of the grids changed to (area in square metres, households or None); a
    grid dropped is in `before` only. `needs` is the permission without which it is only proposed, "" when it has
    been carried out.
    """

    finding: Finding
    to: tuple[str, ...]
    taken_from: tuple[str, ...]
    before: dict[str, tuple[float, int | None]]
    after: dict[str, tuple[float, int | None]]
    needs: str = ""


@dataclass(frozen=True, eq=False)
class Left:
    """A finding left to the planner, and why (one of `REASONS`)."""

    finding: Finding
    reason: str


@dataclass(frozen=True, eq=False)
class Repair:
    """Proposals, the polygons with those carried out, their new proof, and what is left to the planner.

    `polygons` (m,) come from the rows `rows` (m,) of the input: fewer only when duplicates were dropped. `boundary` is
    the one given, with the vertices an alignment put in. `left` holds every finding of the new proof with a reason.
    """

    proposals: tuple[Proposal, ...]
    polygons: Objects
    rows: Ints
    boundary: Any
    report: CoverageReport
    left: tuple[Left, ...]
