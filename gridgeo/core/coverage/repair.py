"""Repair as proposed edits: each fault's face goes where it fits best, all other ground stays, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gridgeo.core.coverage.check import check_polygons
from gridgeo.core.coverage.findings import BREAKS_EDGES, CoverageReport, Finding
from gridgeo.core.coverage.name import Homes
from gridgeo.core.coverage.proposals import Left, Proposal, Repair, RepairParams
from gridgeo.core.coverage.workbench import Bench
from gridgeo.core.model import Flags, Floats, Ints, Objects, Stop, never, texts
from gridgeo.errors import InputError

PASSES = 8  # an edit may bring to light what an earlier fault hid; two or three passes are the rule


def repair_polygons(
    polygons: Objects,
    boundary: Any,
    *,
    codes: Objects | None = None,
    households: Ints | None = None,
    sized: Flags | None = None,
    homes: tuple[Floats, Ints] | None = None,
    community: Objects | None = None,
    params: RepairParams | None = None,
    stop: Stop = never,
) -> Repair:
    """Propose an edit for every fault, carry out those that are allowed, and prove the result.

    A bare face goes to the neighbor the size band favors (short grids gain, full ones do not), that lies in the
    community most of the face's outline belongs to, and shares most border; a long strip is cut along its middle,
    each part to the side it lies on. Double ground stays with the grid the band favors, else with the one it spoils
    less. Overhang is clipped. An edit that would empty, tear or spoil a grid is not made. Edits rebuild grids from
    their own edges, so nothing else moves; a grid in no proposal is the very same object as before.

    Parameters
    ----------
    codes
        (n,) distinct names; row numbers from 1 when not given.
    households, sized, homes
        As in `check_polygons`, with households below 0 where not known; without them size plays no part.
    community
        (n,) name of each grid's community.
    stop
        Asked before each fault; what is not reached is left.

    Raises
    ------
    InputError
        Codes repeat, or the boundary is no polygon.

    Examples
    --------
    >>> import shapely
    >>> from gridgeo.core.model import geometries
    >>> left, right = shapely.box(0, 0, 1, 2), shapely.Polygon([(1, 0), (2, 0), (2, 2), (1, 2), (1.4, 1)])
    >>> square = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 2), (1, 2), (0, 2)])
    >>> done = repair_polygons(geometries([left, right]), square)
    >>> done.report.exact, [(p.finding.kind, p.to) for p in done.proposals]
    (True, [('gap', ('2',))])
    """
    params = params or RepairParams()
    codes = texts(range(1, len(polygons) + 1)) if codes is None else codes
    if len(set(codes.tolist())) < len(codes):
        raise InputError("codes repeat", where="codes", hint="give every grid a code of its own")
    around = None if homes is None else Homes(*homes)
    bench = Bench(polygons, boundary, codes, households, sized, around, community, params)

    def proof() -> CoverageReport:
        alive = bench.alive
        shapes = bench.polygons[alive]
        return check_polygons(shapes, bench.boundary, codes=codes[alive], homes=homes, params=params.coverage)

    made: list[Proposal] = []
    report = proof()
    for _ in range(PASSES):
        answers = _pass(bench, report.findings, stop)
        done = [answer for answer in answers if isinstance(answer, Proposal) and not answer.needs]
        made += done
        if not done:
            break
        report = proof()
        answers = ["not-reached"] * len(report.findings)
    asked = [answer for answer in answers if isinstance(answer, Proposal)]
    left = tuple(Left(finding, _why(answer)) for finding, answer in zip(report.findings, answers, strict=True))
    rows = np.flatnonzero(bench.alive).astype(np.int64)
    return Repair((*made, *asked), bench.polygons[rows], rows, bench.boundary, report, left)


def _why(answer: Proposal | str) -> str:
    return answer if isinstance(answer, str) else f"needs-{answer.needs}"


def _pass(bench: Bench, findings: tuple[Finding, ...], stop: Stop) -> list[Proposal | str]:
    """An answer for each finding: duplicates first, then faces, and mismatched edges once no face is left to move."""
    answers: dict[int, Proposal | str] = {}

    def tried(rows: Iterable[int]) -> bool:
        for row in rows:
            answers[row] = "not-reached" if stop() else bench.mend(findings[row])
        return any(isinstance(a, Proposal) and not a.needs for a in answers.values())

    twins = [row for row, finding in enumerate(findings) if finding.kind == "duplicate"]
    edges = [row for row, finding in enumerate(findings) if finding.kind in BREAKS_EDGES]
    faces = sorted(set(range(len(findings))) - set(twins) - set(edges), key=lambda row: _last(findings[row], row))
    bench.frozen = frozenset()
    if not tried(twins):
        bench.frozen = frozenset(bench.row[code] for row in twins for code in findings[row].grids)
        if not tried(faces):
            tried(edges)
    return [answers.get(row, "not-reached") for row in range(len(findings))]


def _last(finding: Finding, row: int) -> tuple[bool, int]:
    """Parts that lie apart come last: closing a gap may join them."""
    return finding.kind == "detached-part", row
