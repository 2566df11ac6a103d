"""Routes, assignments and findings as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gridgeo.core.model import Objects, Table, geometries, texts

if TYPE_CHECKING:  # only named here: loading them would load their solvers
    from gridgeo.core.coverage import Finding
    from gridgeo.core.dispatch import Assignment, Repair, Shortage
    from gridgeo.core.patrol import Route


LINESTRING = 1


def _texts(rows: Sequence[Any], name: str) -> Any:
    return texts([getattr(row, name) for row in rows])


def _numbers(rows: Sequence[Any], name: str, dtype: type[np.generic] = np.float64) -> Any:
    return np.array([getattr(row, name) for row in rows], dtype=dtype)


def route_table(routes: Sequence[Route]) -> Table:
    """Patrol routes as the layer `routes`; `code` is grid, officer, day and round."""
    codes = [f"{r.grid}-{r.officer}-{r.day}-{r.round}" for r in routes]
    return Table(
        columns={
            "code": texts(codes),
            "grid": _texts(routes, "grid"),
            "officer": _texts(routes, "officer"),
            "round": _numbers(routes, "round", np.int64),
            "day": _numbers(routes, "day", np.int64),
            "length_m": _numbers(routes, "length_m"),
            "walk_s": _numbers(routes, "walk_s"),
            "service_s": _numbers(routes, "service_s"),
            "deadhead_m": _numbers(routes, "deadhead_m"),
            "bound_m": _numbers(routes, "bound_m"),
            "proven": _numbers(routes, "proven", np.bool_),
            "spread": np.array([np.nan if route.spread is None else route.spread for route in routes]),
        },
        geometry=geometries([route.geometry for route in routes]),
    )


def lines_by_grid(routes: Table) -> dict[str, Objects]:
    """Lines of routes in walking order, by code of the grid; rows that are no line are left out."""
    lines, codes = routes.geometry, routes.columns["grid"]
    assert lines is not None
    walked = (shapely.get_type_id(lines) == LINESTRING) & ~shapely.is_empty(lines)
    return {code: lines[walked & (codes == code)] for code in sorted(set(codes[walked].tolist()))}


def assignment_table(pairs: Sequence[Assignment]) -> Table:
    """Who stands by at which emergency unit, as the table `assignments`."""
    return Table(
        columns={
            "unit": _texts(pairs, "unit"),
            "responder": _texts(pairs, "responder"),
            "role": _texts(pairs, "role"),
            "walk_s": _numbers(pairs, "walk_s"),
            "within_s": _numbers(pairs, "within_s", np.int64),
        }
    )


def shortage_table(shortages: Sequence[Shortage]) -> Table:
    """What is missing and why, as the table `shortages`; several units or responders share a cell."""
    return Table(
        columns={
            "units": texts([", ".join(s.units) for s in shortages]),
            "role": _texts(shortages, "role"),
            "within_s": _numbers(shortages, "within_s", np.int64),
            "missing": _numbers(shortages, "missing", np.int64),
            "seats": _numbers(shortages, "seats", np.int64),
            "supply": _numbers(shortages, "supply", np.int64),
            "eligible": texts([", ".join(s.eligible) for s in shortages]),
            "repair": texts(["; ".join(_repair(r) for r in s.repair) for s in shortages]),
        }
    )


def _repair(repair: Repair) -> str:
    who = f" {repair.responder} {repair.walk_s} s" if repair.responder else ""
    return f"{repair.kind} {repair.unit}{who} +{repair.fills}"


def finding_table(findings: Sequence[Finding]) -> Table:
    """Findings of a check as the layer `faults`; households null where not known."""
    return Table(
        columns={
            "id": _texts(findings, "id"),
            "kind": _texts(findings, "kind"),
            "grids": texts([", ".join(finding.grids) for finding in findings]),
            "area_m2": _numbers(findings, "area_m2"),
            "width_m": _numbers(findings, "width_m"),
            "households": np.array(
                [np.nan if f.households is None else f.households for f in findings], dtype=np.float64
            ),
        },
        geometry=geometries([finding.geometry for finding in findings]),
    )
