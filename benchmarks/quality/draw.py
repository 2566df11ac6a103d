"""Quality of drawing: rules kept, border, roundness, bound and CPU seconds, on towns and real places."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import files_in, peak_mib
from benchmarks.quality.peers import TOOLS, peer_plan
from benchmarks.quality.places import place_of, town_of
from benchmarks.quality.town import make_town
from gridgeo.core.kernel.graph import components
from gridgeo.core.model import Border, Plan, Territory
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.stop import MaxSeconds


def run(paths: Iterable[Path] = (), seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """Rows of the benchmark: each instance free and nested; `peers` adds METIS, KaHIP and GerryChain on its atoms.

    `paths` are .npz towns, .gpkg places or folders of them; none takes five made towns. Kernels are warmed up first.
    """
    draw_plan(make_town(60, 1200, 1), PlanParams(starts=1))
    rows = []
    for territory, nest in product(instances(list(paths)), (False, True)):
        if nest and not len(territory.communities):
            continue
        began = time.process_time()
        stop = MaxSeconds(seconds) if seconds else (lambda: False)
        result = draw_plan(territory, PlanParams(nest=nest), stop=stop)
        row = {"instance": territory.name, "tool": "gridgeo nested" if nest else "gridgeo free"}
        row |= {"cpu_s": round(time.process_time() - began, 2)} | judged(result.plan)
        row |= {"value": round(result.cost), "bound": round(result.bound), "gap": round(result.optimality_gap, 4)}
        row |= {"proven": round(result.proven, 3), "zones_proven": result.stats["proven_zones"]}
        rows.append(row | {"zones": result.stats["zones"], "peak_mib": peak_mib()})
        if peers and not nest:
            rows += peer_rows(territory)
    return rows


def peer_rows(territory: Territory) -> list[dict[str, Any]]:
    """A row for each peer that is installed."""
    rows = []
    for name in TOOLS:
        began = time.process_time()
        plan = peer_plan(territory, name)
        row: dict[str, Any] = {"instance": territory.name, "tool": name}
        row |= {"cpu_s": round(time.process_time() - began, 2), "peak_mib": peak_mib()}
        if isinstance(plan, str):
            rows.append(row | {"failed": plan})
        elif plan is not None:
            rows.append(row | judged(plan))
    return rows


def instances(paths: list[Path]) -> list[Territory]:
    """Territories of the given files and folders; made towns without any."""
    if not paths:
        return [make_town(3000, 20_000, seed) for seed in (7, 8, 9, 10, 11)]
    out = []
    for file in files_in(paths, ".gpkg", ".npz"):
        town = file.suffix == ".npz"
        territory = town_of(dict(np.load(file)), file.stem) if town else place_of(file, nest=True)
        out.append(replace(territory, name=file.stem))
    return out


def avoidable_misses(plan: Plan) -> int:
    """Grids outside the band that hold no atom above it: a grid that does cannot be helped."""
    giant = np.unique(plan.label[plan.territory.atoms.households > plan.band[1]])
    return int((~plan.in_band).sum()) - int((~plan.in_band[giant]).sum())


def judged(plan: Plan) -> dict[str, Any]:
    """What a plan is worth: grids, misses, torn grids, compounds cut, inner border, grids over two communities."""
    rows, atoms = plan.territory.adjacency, plan.territory.atoms
    touch = rows.border != Border.BRIDGE
    same = (plan.label[rows.u] == plan.label[rows.v]) & touch
    part = components(len(plan.label), rows.u[same], rows.v[same])
    torn = np.bincount(np.unique(np.stack([part, plan.label]), axis=1)[1]) > 1
    cut = touch & (plan.label[rows.u] != plan.label[rows.v])
    homes = np.unique(np.stack([plan.label, atoms.community]), axis=1)
    inside = atoms.compound >= 0
    total = np.bincount(atoms.compound[inside], atoms.households[inside])
    times = np.bincount(np.unique(np.stack([atoms.compound[inside], plan.label[inside]]), axis=1)[0])
    return {
        "grids": len(plan),
        "failed": " ".join(
            rule for rule, broken in (("in one piece", torn.any()), ("in band", avoidable_misses(plan) > 0)) if broken
        ),
        "misses": int((~plan.in_band).sum()),
        "torn": int(torn.sum()),
        "compounds_cut": int(((times > 1) & (total <= plan.band[1])).sum()),
        "border_km": round(float(rows.length_m[cut].sum()) / 1000, 2),
        "mixed": int((np.bincount(homes[0]) > 1).sum()),
        "pp_mean": round(float(plan.compactness.mean()), 3),
    }
