"""How fast, how complete and how exact coverage checking is, beside the peers people use for it.

Made instances are shaken lattices of cells with 16 vertices each, faults planted at known places with known areas.
Files and folders: every polygon layer found is checked as it is.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks import peak_mib
from gridgeo.core.coverage import (
    CoverageParams,
    CoverageReport,
    Ledger,
    RepairParams,
    check_polygons,
    repair_polygons,
)
from gridgeo.core.coverage.layer import layer_of
from gridgeo.core.model import Objects, geometries

CELL_M, ALONG = 150.0, 3
CORNER = np.array([500_000.0, 3_400_000.0])
SCALES_M = (1e-1, 1e-3, 1e-6)
SUFFIXES = {".gpkg", ".geojson", ".json", ".shp", ".fgb"}
EXPECTED = {
    "gap": {"gap"},
    "overlap": {"overlap"},
    "strip": {"gap"},
    "edge-gap": {"edge-gap"},
    "outside": {"outside"},
    "vertex-mismatch": {"vertex-mismatch"},
    "drift": {"drift", "vertex-mismatch"},
    "duplicate": {"duplicate"},
    "nested": {"nested"},
    "missing": {"missing"},
    "hole": {"hole"},
    "detached-part": {"detached-part"},
}


@dataclass(frozen=True)
class Planted:
    """One planted fault: its class, the scale it was planted at, its place, and its exact area if it has one."""

    kind: str
    scale_m: float | None
    place: Any
    area_m2: float | None


@dataclass
class Instance:
    """Polygons, the boundary they should cover, and the faults planted in them."""

    name: str
    polygons: Objects
    boundary: Any
    planted: list[Planted] = field(default_factory=list)
    clean: bool = False


class Lattice:
    """m x m cells whose corners and borders are shaken; neighbors share every vertex."""

    def __init__(self, m: int, rng: np.random.Generator) -> None:
        self.m = m
        knots = np.stack(np.meshgrid(np.arange(m + 1), np.arange(m + 1)), -1) * CELL_M + CORNER
        self.knot = knots + rng.uniform(-25, 25, knots.shape)
        share = (np.arange(1, ALONG + 1) / (ALONG + 1))[:, None]
        self.across = self._between(self.knot[:, :-1], self.knot[:, 1:], share, rng)
        self.up = self._between(self.knot[:-1], self.knot[1:], share, rng)

    @staticmethod
    def _between(a: Any, b: Any, share: Any, rng: np.random.Generator) -> NDArray[np.float64]:
        line = a[:, :, None] * (1 - share) + b[:, :, None] * share
        return line + rng.uniform(-6, 6, line.shape)

    def rings(self) -> NDArray[np.float64]:
        """Closed rings of all cells, (m * m, 17, 2), counter-clockwise from the lower left corner."""
        knot, across, up = self.knot, self.across, self.up
        sides = [
            np.concatenate([knot[:-1, :-1, None], across[:-1]], 2),
            np.concatenate([knot[:-1, 1:, None], up[:, 1:]], 2),
            np.concatenate([knot[1:, 1:, None], across[1:, :, ::-1]], 2),
            np.concatenate([knot[1:, :-1, None], up[:, :-1, ::-1]], 2),
        ]
        ring = np.concatenate(sides, 2).reshape(self.m**2, 4 * (ALONG + 1), 2)
        return np.concatenate([ring, ring[:, :1]], 1)

    def boundary(self) -> Any:
        """Outline of the lattice with every vertex on it."""
        rings = self.rings().reshape(self.m, self.m, -1, 2)
        k = ALONG + 1
        runs = [rings[0, :, :k], rings[:, -1, k : 2 * k], rings[-1, ::-1, 2 * k : 3 * k], rings[::-1, 0, 3 * k : 4 * k]]
        return shapely.Polygon(np.concatenate([run.reshape(-1, 2) for run in runs]))


class Planter:
    """Puts faults into a lattice, each at a site of its own, at least four cells from the next."""

    def __init__(self, rings: NDArray[np.float64], m: int, rng: np.random.Generator) -> None:
        self.rings, self.rng = rings, rng
        self.cells = list(shapely.polygons(rings))
        inner = np.array([r * m + c for r in range(6, m - 4, 4) for c in range(6, m - 4, 4)])
        bottom = np.arange(4, m - 4, 4)
        self.sites, self.bottoms = iter(rng.permutation(inner).tolist()), iter(rng.permutation(bottom).tolist())
        self.extra: list[Any] = []
        self.dropped: list[int] = []
        self.planted: list[Planted] = []

    def note(self, kind: str, place: Any, *, scale: float | None = None, area: float | None = None) -> None:
        """Remember one fault."""
        self.planted.append(Planted(kind, scale, place, area))

    def moved(self, kind: str, site: int, at: Sequence[int], by: float) -> None:
        """Move vertices of one cell's lower border up or down."""
        ring = self.rings[site].copy()
        ring[list(at), 1] += by
        self.cells[site] = shapely.Polygon(ring)
        run = range(min(at) - 1, max(at) + 2)
        corners = [*self.rings[site][list(run)], *ring[list(run)][::-1]]
        area = abs(shapely.Polygon(np.array(corners) - corners[0]).area)
        self.note(kind, shapely.Point(self.rings[site][2]), scale=abs(by), area=area)

    def borders(self, per: int, at_edge: int) -> None:
        """Gaps, overlaps, strips and faults at the boundary, at every scale."""
        for scale in SCALES_M:
            for _ in range(per):
                self.moved("gap", next(self.sites), [2], scale)
                self.moved("overlap", next(self.sites), [2], -scale)
                self.moved("strip", next(self.sites), [1, 2, 3], scale)
            for _ in range(at_edge):
                self.moved("edge-gap", next(self.bottoms), [2], scale)
                self.moved("outside", next(self.bottoms), [2], -scale)

    def vertices(self) -> None:
        """A vertex the neighbor lacks, and a cell that drifted by nanometres."""
        site = next(self.sites)
        ring = self.rings[site]
        self.cells[site] = shapely.Polygon(np.insert(ring, 2, (ring[1] + ring[2]) / 2, 0))
        self.note("vertex-mismatch", shapely.Point(ring[1]))
        site = next(self.sites)
        moved = self.rings[site][:-1] + self.rng.uniform(-2e-9, 2e-9, (len(ring) - 1, 2))
        self.cells[site] = shapely.Polygon(moved)
        self.note("drift", shapely.LinearRing(self.rings[site]))

    def wholes(self) -> None:
        """A cell twice, a box in a cell, a cell missing, a hole in a cell."""
        site = next(self.sites)
        self.extra.append(shapely.Polygon(self.rings[site]))
        self.note("duplicate", shapely.LinearRing(self.rings[site]), area=self.cells[site].area)
        site = next(self.sites)
        box = self._box(site)
        self.extra.append(box)
        self.note("nested", box.exterior, area=box.area)
        site = next(self.sites)
        self.dropped.append(site)
        self.note("missing", shapely.LinearRing(self.rings[site]), area=self.cells[site].area)
        site = next(self.sites)
        box = self._box(site)
        self.cells[site] = shapely.Polygon(self.rings[site], [box.exterior])
        self.note("hole", box.exterior, area=box.area)

    def detached(self) -> None:
        """One cell given to another far away."""
        away, home = next(self.sites), next(self.sites)
        self.cells[home] = shapely.MultiPolygon([self.cells[home], self.cells[away]])
        self.dropped.append(away)
        place = shapely.MultiLineString([self.rings[away], self.rings[home]])
        self.note("detached-part", place)

    def _box(self, site: int) -> Any:
        x, y = self.rings[site][:-1].mean(0)
        return shapely.box(x - 10, y - 10, x + 10, y + 10)


def made(m: int, *, clean: bool = False, per: int = 20, rng_seed: int = 7) -> Instance:
    """Lattice of m x m cells, clean or with `per` faults of every class (as many as fit at the boundary)."""
    rng = np.random.default_rng(rng_seed)
    lattice = Lattice(m, rng)
    rings = lattice.rings()
    if clean:
        return Instance(f"clean {m}x{m}", geometries(shapely.polygons(rings)), lattice.boundary(), clean=True)
    planter = Planter(rings, m, rng)
    planter.borders(per, min(per, (m - 8) // 24))
    for _ in range(per):
        planter.vertices()
        planter.wholes()
    for _ in range(per // 4):
        planter.detached()
    dropped = set(planter.dropped)
    kept = [cell for i, cell in enumerate(planter.cells) if i not in dropped]
    return Instance(f"faults {m}x{m}", geometries(kept + planter.extra), lattice.boundary(), planter.planted)


def score(instance: Instance, report: CoverageReport) -> dict[str, Any]:
    """Share of planted faults found as their kind, findings at no planted place, worst relative error of area.

    Planted at a micrometre, a gap or overlap is within the drift: any finding there with the right area counts.
    """
    shapes = geometries([finding.geometry for finding in report.findings])
    if not instance.planted:
        return {"false_positives": len(shapes)} if instance.clean else {}
    tree = shapely.STRtree(shapes)
    found, total, worst = Counter[str](), Counter[str](), 0.0
    for fault in instance.planted:
        near = [report.findings[i] for i in tree.query(fault.place, predicate="dwithin", distance=1.0).tolist()]
        right = EXPECTED[fault.kind] | ({"drift"} if fault.scale_m is not None and fault.scale_m <= 1e-6 else set())
        hits = [finding for finding in near if finding.kind in right]
        name = fault.kind if fault.scale_m is None else f"{fault.kind}@{fault.scale_m:g}"
        total[name] += 1
        found[name] += bool(hits)
        if fault.area_m2 is not None and hits:
            worst = max(worst, min(abs(hit.area_m2 - fault.area_m2) / fault.area_m2 for hit in hits))
    places = shapely.STRtree([fault.place for fault in instance.planted])
    close = np.unique(places.query(shapes, predicate="dwithin", distance=400.0)[0])
    missed = [f"{name} {found[name]}/{total[name]}" for name in total if found[name] < total[name]]
    return {
        "found": sum(found.values()),
        "planted": sum(total.values()),
        "missed": ", ".join(missed) or "none",
        "false_positives": len(shapes) - len(close),
        "area_error": worst,
    }


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def measure(instance: Instance) -> dict[str, Any]:
    """CPU seconds of the bare proof and of the whole check, and how good the findings are."""
    proof, _ = _timed(lambda: (layer_of(instance.polygons, instance.boundary).net != 0).any())
    check, report = _timed(lambda: check_polygons(instance.polygons, instance.boundary))
    return {
        "instance": instance.name,
        "tool": "gridgeo",
        "polygons": len(instance.polygons),
        "complete": report.complete,
        "exact": report.exact,
        "proof_cpu_s": proof,
        "check_cpu_s": check,
        "findings": len(report.findings),
        **score(instance, report),
        "peak_mib": peak_mib(),
    }


def measure_edit(instance: Instance, times: int = 200) -> dict[str, Any]:
    """CPU milliseconds to recheck an edit of two grids against the ledger of the whole layer."""
    sound = shapely.is_valid(instance.polygons)
    ledger = Ledger.of(instance.polygons[sound])
    two = instance.polygons[sound][5:7]
    cpu, kept = _timed(lambda: all(ledger.keeps([5, 6], two) for _ in range(times)))
    size = {"instance": instance.name, "tool": "gridgeo, edit of two grids", "polygons": len(ledger.sums)}
    return size | {"complete": kept, "edit_ms": 1000 * cpu / times}


def measure_repair(instance: Instance) -> dict[str, Any]:
    """CPU seconds of a repair with its proof, what is left, and how many grids no proposal names were altered."""
    params = RepairParams(fill_missing=True, drop_duplicates=True, move_parts=True, align=True)
    cpu, done = _timed(lambda: repair_polygons(instance.polygons, instance.boundary, params=params))
    named = {code for proposal in done.proposals for code in proposal.before}
    before, after = shapely.to_wkb(instance.polygons[done.rows]), shapely.to_wkb(done.polygons)
    altered = {str(row + 1) for row in done.rows[before != after].tolist()}
    return {
        "instance": instance.name,
        "tool": "gridgeo, repair",
        "polygons": len(instance.polygons),
        "complete": done.report.complete,
        "repair_cpu_s": cpu,
        "findings": len(done.report.findings),
        "exact": done.report.exact,
        "left": ", ".join(f"{left.finding.kind}: {left.reason}" for left in done.left) or "none",
        "sound_altered": len(altered - named),
        "emptied": int(shapely.is_empty(done.polygons).sum()),
    }


def _geoplanar(polygons: Objects, boundary: Any) -> int:
    import geopandas
    import geoplanar

    frame = geopandas.GeoDataFrame(geometry=list(polygons), crs=32650)
    return int(geoplanar.overlaps(frame).shape[1]) + len(geoplanar.gaps(frame))


def _maup(polygons: Objects, boundary: Any) -> int:
    import contextlib
    import io

    import geopandas
    import maup

    frame = geopandas.GeoDataFrame(geometry=list(polygons), crs=32650)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        sound = maup.doctor(frame, target=geopandas.GeoDataFrame(geometry=[boundary], crs=32650))
    return int(not sound)


def _union_difference(polygons: Objects, boundary: Any) -> int:
    union = shapely.union_all(polygons)
    bare, over = shapely.difference(boundary, union), shapely.difference(union, boundary)
    return sum(len(shapely.get_parts(part)) for part in (bare, over) if not part.is_empty)


def _pairs(polygons: Objects, boundary: Any) -> int:
    a, b = shapely.STRtree(polygons).query(polygons)
    a, b = a[a < b], b[a < b]
    return int(shapely.relate_pattern(polygons[a], polygons[b], "T********").sum())


def _invalid_edges(polygons: Objects, boundary: Any) -> int:
    edges = shapely.coverage_invalid_edges(polygons, gap_width=1.0)
    return int((~shapely.is_empty(edges)).sum())


PEERS: dict[str, Callable[[Objects, Any], int]] = {
    "GEOS coverage_is_valid": lambda polygons, boundary: int(not shapely.coverage_is_valid(polygons)),
    "GEOS coverage_invalid_edges 1 m": _invalid_edges,
    "GEOS union, difference": _union_difference,
    "STRtree, relate": _pairs,
}
PEERS |= {
    name: tool
    for name, tool, module in (("geoplanar", _geoplanar, "geoplanar"), ("maup.doctor", _maup, "maup"))
    if find_spec(module) is not None
}


def _layers(paths: Sequence[Path]) -> Iterator[Instance]:
    """Every polygon layer of the files, each against the file's own boundary layer where it has one."""
    import pyogrio

    files = [f for path in paths for f in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    for file in (f for f in files if f.suffix in SUFFIXES):
        kinds = {name: str(kind) for name, kind in pyogrio.list_layers(file).tolist()}
        layers = [name for name, kind in kinds.items() if "Polygon" in kind or kind == "Unknown"]
        outline = _read(file, "boundary") if "boundary" in layers else None
        for name in layers:
            if name != "boundary":
                boundary = None if outline is None else shapely.union_all(outline)
                yield Instance(f"{file.stem}:{name}", _read(file, name), boundary)


def _read(file: Path, layer: str) -> Objects:
    import geopandas

    return geometries(geopandas.read_file(file, layer=layer).geometry)


def run(paths: Sequence[Path], seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """Rows for the layers in `paths`, or for made instances of 10,000 and 100,000 polygons."""
    instances = _layers(paths) if paths else (made(m, clean=clean) for m in (100, 316) for clean in (True, False))
    small = made(24, per=1)
    check_polygons(small.polygons, small.boundary, params=CoverageParams())  # load the kernels
    rows: list[dict[str, Any]] = []
    spent: dict[str, float] = defaultdict(float)
    for instance in instances:
        rows.append(measure(instance))
        if not paths:
            rows.append(measure_edit(instance) if instance.clean else measure_repair(instance))
        for name, tool in PEERS.items() if peers else ():
            if seconds is not None and spent[name] > seconds:
                continue
            cpu, said = _timed(lambda tool=tool, i=instance: _answer(tool, i))
            spent[name] += cpu
            size = {"instance": instance.name, "tool": name, "polygons": len(instance.polygons)}
            rows.append(size | {"check_cpu_s": cpu, "findings": said})
    return rows


def _answer(tool: Callable[[Objects, Any], int], instance: Instance) -> int | str:
    """What a peer says, or the error it stops with; without a boundary it gets the polygons' own box."""
    boundary = (
        instance.boundary if instance.boundary is not None else shapely.box(*shapely.total_bounds(instance.polygons))
    )
    try:
        return tool(instance.polygons, boundary)
    except shapely.errors.GEOSException as error:
        return str(error).split(":")[0]


def main() -> None:
    """Print the rows as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    for row in run(asked.paths, None, asked.peers):
        print(json.dumps(row, default=float))


if __name__ == "__main__":
    main()
