"""Quality of redrawing: households moved when counts change, beside a plan drawn from scratch."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peak_mib
from benchmarks.quality.draw import instances
from gridgeo.core.coverage import compare_plans
from gridgeo.core.model import Plan, Stop, Territory, never
from gridgeo.core.partition import PlanParams, draw_plan
from gridgeo.stop import MaxSeconds

SHARE = 0.03


def run(paths: Iterable[Path] = (), seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """Rows of the benchmark: 3 % of the atoms change their count, then the plan in force is redrawn.

    `peers` adds a plan drawn from scratch on the new counts.
    """
    rows = []
    for territory in instances(list(paths)):
        old = draw_plan(territory, PlanParams(starts=2), stop=within(seconds)).plan
        now = changed(territory)
        began = time.process_time()
        new = draw_plan(now, previous=old, stop=within(seconds)).plan
        spent = round(time.process_time() - began, 2)
        row = {"instance": territory.name, "tool": "gridgeo redraw", "cpu_s": spent, "peak_mib": peak_mib()}
        rows.append(row | told(now, old, new))
        if peers:
            began = time.process_time()
            scratch = draw_plan(now, PlanParams(starts=2), rng_seed=2, stop=within(seconds)).plan
            row = {"instance": territory.name, "tool": "gridgeo from scratch"}
            row |= {"cpu_s": round(time.process_time() - began, 2), "peak_mib": peak_mib()}
            rows.append(row | told(now, old, scratch))
    return rows


def within(seconds: float | None) -> Stop:
    """A limit that starts now, or none: each drawing has all of its seconds."""
    return MaxSeconds(seconds) if seconds else never


def changed(territory: Territory) -> Territory:
    """The territory with new counts, up to twice the old, in 3 % of its atoms."""
    rng = np.random.default_rng(1)
    count = territory.atoms.households.copy()
    atoms = rng.choice(len(count), max(1, round(SHARE * len(count))), replace=False)
    count[atoms] = rng.integers(0, np.maximum(2 * count[atoms], 2))
    return replace(territory, atoms=replace(territory.atoms, households=count))


def told(now: Territory, old: Plan, new: Plan) -> dict[str, Any]:
    """Grids, misses before and after, share of households moved, and grids by change code."""
    report = compare_plans(old, new)
    size = np.bincount(old.label, now.atoms.households)
    low, high = new.band
    return {
        "value": report.households_moved,
        "grids": len(new),
        "misses_before": int(((size < low) | (size > high)).sum()),
        "misses": int((~new.in_band).sum()),
        "moved": round((report.households_moved or 0) / max(now.households, 1), 4),
    } | report.counts
