"""What `gridgeo check --nest` says: which parents of a level their children do not tile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gridgeo.cli.console import Desk
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import CoverageReport, Finding
    from gridgeo.io.levels import Level
    from gridgeo.io.read import Cover

    Nested = Sequence[tuple[Level, tuple[tuple[str, CoverageReport], ...]]]


def orphans(level: Level, cover: Cover) -> list[str]:
    """Codes of the polygons that belong to no parent."""
    return [str(code) for code in cover.code[level.parent < 0]]


def nests(nested: Nested, cover: Cover) -> bool:
    """Whether in every level every parent is completely tiled, and no polygon is without one."""
    return all(all(report.complete for _, report in faults) and not orphans(level, cover) for level, faults in nested)


def show_nesting(desk: Desk, nested: Nested, cover: Cover) -> None:
    """Print for each level how many parents are tiled exactly, and what is wrong in the others."""
    if not nested:
        return
    counts = [(level.name, f"{len(level.code) - len(faults)} / {len(level.code)}") for level, faults in nested]
    desk.table("table-nesting", ("level", "exact"), counts)
    rows = [
        (level.name, name, say(f"finding-{kind}", desk.lang), count, f"{_area(report, kind):,.3f}")
        for level, faults in nested
        for name, report in faults
        for kind, count in report.counts.items()
    ]
    if rows:
        desk.table("table-unnested", ("level", "parent", "kind", "count", "area_m2"), rows)
    for level, _ in nested:
        lost = orphans(level, cover)
        if lost:
            desk.say("nesting-orphans", count=len(lost), level=level.name, codes=", ".join(lost))


def _area(report: CoverageReport, kind: str) -> float:
    return sum(finding.area_m2 for finding in report.findings if finding.kind == kind)


def nesting_document(nested: Nested, cover: Cover) -> list[dict[str, Any]]:
    """The part `nesting` of the JSON document."""
    return [
        {
            "level": level.name,
            "parents": len(level.code),
            "exact": len(level.code) - len(faults),
            "without_parent": orphans(level, cover),
            "faults": [
                {"parent": name, "complete": r.complete, "findings": finding_documents(r.findings, cover.crs)}
                for name, r in faults
            ],
        }
        for level, faults in nested
    ]


def finding_documents(findings: tuple[Finding, ...], crs: str) -> list[dict[str, Any]]:
    """Findings as plain values, each with its place in longitude and latitude."""
    from gridgeo.io.crs import lonlat

    points = lonlat([finding.point for finding in findings], crs)
    return [
        {
            "id": finding.id,
            "kind": finding.kind,
            "grids": list(finding.grids),
            "area_m2": finding.area_m2,
            "width_m": finding.width_m,
            "households": finding.households,
            "point": point,
            "shared_m": list(finding.shared_m),
            "boundary": finding.boundary,
            "reason": finding.reason,
        }
        for finding, point in zip(findings, points, strict=True)
    ]
