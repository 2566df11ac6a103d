"""Check any polygons, or a plan, against a boundary: the proof, or the faults."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from gridgeo.core.coverage import rules
from gridgeo.core.coverage.faces import clusters, faces_of
from gridgeo.core.coverage.findings import (
    BREAKS_COVER,
    BREAKS_EDGES,
    Certificate,
    CoverageParams,
    CoverageReport,
    Finding,
)
from gridgeo.core.coverage.layer import MULTIPOLYGON, POLYGON, Layer, layer_of
from gridgeo.core.coverage.name import Homes, Namer, name_broken, name_faces, name_loose, name_narrow
from gridgeo.core.coverage.narrow import groups, residual, separate
from gridgeo.core.coverage.outline import outline_of
from gridgeo.core.model import Buildings, Flags, Floats, Ints, Kind, Objects, Plan, Progress, silent, texts
from gridgeo.errors import InputError

VERSION = 1


def check_polygons(
    polygons: Objects,
    boundary: Any,
    *,
    codes: Objects | None = None,
    households: Ints | None = None,
    sized: Flags | None = None,
    homes: tuple[Floats, Ints] | None = None,
    communities: Objects | None = None,
    params: CoverageParams | None = None,
    progress: Progress = silent,
) -> CoverageReport:
    """Prove that polygons cover a boundary exactly once, or find and measure every fault.

    Parameters
    ----------
    polygons
        (n,) geometries; what is not a valid polygon becomes a finding, the rest is still checked.
    boundary
        Polygon or multipolygon they should cover, or None: then their own filled outline is taken.
    codes
        (n,) names for findings; row numbers from 1 when not given.
    households, sized
        (n,) households of each polygon, and which of them the size band binds (all when not given).
    homes
        (h, 2) places and (h,) households living there, to count those inside faults.
    communities
        Polygons no grid should reach over.

    Raises
    ------
    InputError
        The boundary is no polygon, a column has another length than the polygons, or there is nothing at all.

    Examples
    --------
    >>> from gridgeo.core.model import geometries
    >>> halves = geometries([shapely.box(0, 0, 1, 2), shapely.box(1, 0, 2, 2)])
    >>> report = check_polygons(halves, shapely.box(0, 0, 2, 2))
    >>> report.complete, report.exact, report.counts
    (True, False, {'vertex-mismatch': 2})
    >>> square = shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 2), (1, 2), (0, 2)])
    >>> check_polygons(halves, square).exact
    True
    >>> gap = check_polygons(halves[:1], square).findings[0]
    >>> gap.kind, gap.grids, gap.area_m2
    ('missing', ('1',), 2.0)
    """
    codes = texts(range(1, len(polygons) + 1)) if codes is None else codes
    _same_length(len(polygons), codes=codes, households=households, sized=sized)
    if boundary is None and not len(polygons):
        raise InputError("there is nothing to check", where="polygons", hint="give polygons or a boundary")
    params = params or CoverageParams()
    outline = outline_of(polygons, params.drift) if boundary is None else _usable(boundary)
    progress("check", 0.0)
    namer = Namer(layer_of(polygons, outline), codes, params, None if homes is None else Homes(*homes))
    progress("check", 0.3)
    findings = _faults(namer, outline, given=boundary is not None)
    progress("check", 0.8)
    if households is not None:
        findings += rules.out_of_band(namer, households, np.ones(len(polygons), bool) if sized is None else sized)
    if communities is not None:
        findings += rules.crossing_borders(namer, communities)
    progress("check", 1.0)
    return _report(namer, outline, findings, given=boundary is not None)


def check_coverage(plan: Plan, params: CoverageParams | None = None, *, progress: Progress = silent) -> CoverageReport:
    """Prove that a plan's grids cover its territory exactly once, or find and measure every fault.

    Urban grids out of the plan's size band, grids in several pieces and grids over several communities are findings
    too; they break no coverage. The band is the plan's own unless the params bring one.
    """
    params = params or CoverageParams()
    params = replace(params, band=plan.band) if params.band is None else params
    territory, atoms = plan.territory, plan.territory.atoms
    outline = _usable(territory.boundary)
    progress("check", 0.0)
    namer = Namer(layer_of(plan.geometry, outline), plan.grids.code, params, _homes_of(territory.buildings))
    progress("check", 0.3)
    findings = _faults(namer, outline, given=True)
    progress("check", 0.8)
    findings += rules.out_of_band(namer, plan.households, np.asarray(plan.grids.kind == Kind.URBAN))
    label, community = plan.label.astype(np.int64), atoms.community.astype(np.int64)
    findings += rules.atoms_over_borders(namer, label, community, atoms.geometry, atoms.area_m2, atoms.households)
    progress("check", 1.0)
    report = _report(namer, outline, findings, given=True)
    guessed = int(atoms.households[atoms.estimated].sum())
    return replace(report, certificate=replace(report.certificate, estimated_households=guessed))


def _homes_of(buildings: Buildings) -> Homes | None:
    """Where the counted households of a territory live, or None when no building is counted."""
    known = buildings.known
    if not known.any():
        return None
    point = shapely.point_on_surface(buildings.geometry[known])
    return Homes(shapely.get_coordinates(point), buildings.households[known])


def _same_length(n: int, **columns: Any) -> None:
    for name, column in columns.items():
        if column is not None and len(column) != n:
            raise InputError(f"{len(column)} values for {n} polygons", where=name)


def _usable(boundary: Any) -> Any:
    """The boundary, when it is a polygon that can be read at all."""
    if int(shapely.get_type_id(boundary)) not in (POLYGON, MULTIPOLYGON):
        found = getattr(boundary, "geom_type", "nothing")
        raise InputError(f"the boundary is not a polygon but {found}", where="boundary", hint="give a polygon layer")
    if boundary.is_empty:
        raise InputError("the boundary is empty", where="boundary", hint="give a polygon with an area")
    if not np.isfinite(shapely.get_coordinates(boundary)).all():
        raise InputError("the boundary has coordinates that are not numbers", where="boundary")
    return boundary


def _faults(namer: Namer, outline: Any, *, given: bool) -> list[Finding]:
    """All findings of the rings. A derived outline is no measure: mismatches with its own vertices are no faults."""
    layer, params = namer.layer, namer.params
    broken = [fault for fault in layer.broken if given or fault.row < layer.n]
    findings = name_broken(namer, broken, outline) + rules.detached(namer)
    narrow, rest = separate(residual(layer), params.drift, layer.n)
    faults = name_narrow(namer, groups(narrow, params.unit_m))
    if len(rest):
        faces = faces_of(layer, rest, params.unit_m)
        faults += name_faces(namer, faces)
        loose = rest.take(faces.loose & ~rest.doubtful)
        if len(loose):
            faults += name_loose(namer, loose, clusters(loose)[0])
    return findings + (faults if given else _without_echoes(layer, faults))


def _without_echoes(layer: Layer, faults: list[Finding]) -> list[Finding]:
    """Faults without the mismatches that come from the outline's own vertices, which no polygon has."""
    doubt = [f.boundary and f.kind in BREAKS_EDGES for f in faults]
    spots = {f.point for f, d in zip(faults, doubt, strict=True) if d and f.kind == "vertex-mismatch"}
    if spots:
        grids = layer.rings.xy[: layer.rings.start[layer.first_ring[layer.n]]]
        wanted = np.array(sorted(spots)).view(np.complex128).ravel()
        spots &= {(z.real, z.imag) for z in wanted[np.isin(wanted, grids.view(np.complex128).ravel())].tolist()}
    return [f for f, d in zip(faults, doubt, strict=True) if not d or f.point in spots]


def _report(namer: Namer, outline: Any, findings: list[Finding], *, given: bool) -> CoverageReport:
    layer, params = namer.layer, namer.params
    findings = _told_apart(sorted(findings, key=lambda f: (f.kind, f.grids, f.point, f.id)))
    kept = tuple(f for f in findings if f.id not in params.allowed)
    allowed = tuple(f for f in findings if f.id in params.allowed)
    complete = not any(f.kind in BREAKS_COVER for f in kept)
    unmatched = int(np.count_nonzero(layer.net))
    exact = unmatched == 0 and not layer.broken
    certificate = _certificate(namer, outline, complete, exact, unmatched, given)
    return CoverageReport(complete, exact, kept, certificate, allowed)


def _told_apart(findings: list[Finding]) -> list[Finding]:
    """Findings with ids of their own: of several within a micrometre, the later ones are numbered."""
    seen: dict[str, int] = {}
    out = []
    for finding in findings:
        seen[finding.id] = seen.get(finding.id, 0) + 1
        again = seen[finding.id]
        out.append(finding if again == 1 else replace(finding, id=f"{finding.id}-{again}"))
    return out


def _certificate(namer: Namer, outline: Any, complete: bool, exact: bool, unmatched: int, given: bool) -> Certificate:
    layer = namer.layer
    with np.errstate(over="ignore"):
        boundary_sum = (np.zeros(2, np.uint64) - layer.fingerprints[-1]).tolist()
    normal = shapely.to_wkb(shapely.normalize(shapely.force_2d(outline)), byte_order=1)
    mine = int(layer.first_ring[layer.n])
    return Certificate(
        version=VERSION,
        complete=complete,
        exact=exact,
        boundary="given" if given else "derived",
        polygons=layer.n,
        rings=mine,
        edges=int(np.count_nonzero(layer.sign[: layer.rings.start[mine]])),
        unmatched=unmatched,
        drift_m=namer.params.drift_m,
        coordinates="float64",
        boundary_hash=hashlib.sha256(normal).hexdigest(),
        codes=namer.codes,
        grid_sums=layer.fingerprints[:-1],
        boundary_sum=(boundary_sum[0], boundary_sum[1]),
    )
