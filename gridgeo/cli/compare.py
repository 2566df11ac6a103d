"""`gridgeo compare`: what changed between two plans."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridgeo.cli.console import OK, Desk, verb
from gridgeo.cli.places import GEOJSON
from gridgeo.words import say

if TYPE_CHECKING:
    from gridgeo.core.coverage import Comparison


@verb("compare")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--layer", default=None, help="Layer of polygons in both files (default: grids, else the only one).")
@click.option("-o", "--output", type=GEOJSON, default=None, help="Moved ground as GeoJSON.")
def command(desk: Desk, before: Path, after: Path, layer: str | None, output: Path | None) -> int:
    """Households and ground moved from BEFORE to AFTER, and what became of each grid."""
    from gridgeo.io.repairs import write_moved

    with desk.progress() as progress:
        progress("read", 0.0)
        comparison, crs = compared(before, after, layer)
    if output is not None:
        write_moved(comparison, output, crs=crs)
    show(desk, comparison)
    if output is not None:
        desk.say("wrote", path=output)
    desk.document(document(desk, comparison))
    return OK


def compared(before: Path, after: Path, layer: str | None) -> tuple[Comparison, str]:
    """Compare two plan files by their atoms, any other files by their polygons; also the CRS."""
    from gridgeo import service
    from gridgeo.io.read import layer_names, read_cover, read_plan

    ours = layer is None and all({"atoms", "grids"} <= set(layer_names(file)) for file in (before, after))
    if ours:
        old, new = read_plan(before), read_plan(after)
        if old.territory.crs == new.territory.crs:
            return service.compare_plans(old, new), new.territory.crs
    first, second = read_cover(before, layer=layer), read_cover(after, layer=layer)
    return service.compare(first, second), second.crs


def show(desk: Desk, comparison: Comparison) -> None:
    """Print totals and the grids that changed."""
    moved, total = comparison.households_moved, comparison.households
    rows: list[tuple[str, object]] = [(f"change-{code}", number) for code, number in comparison.counts.items()]
    rows += [("ended", len(comparison.ended)), ("officers_affected", comparison.officers_affected)]
    rows += [("area_moved_km2", f"{comparison.area_moved_m2 / 1e6:,.4f}")]
    if moved is not None and total:
        rows += [("households_moved", f"{moved:,} ({moved / total:.1%})")]
    desk.lines("table-compare", rows)
    changed = [grid for grid in comparison.grids if grid.change != "U"]
    lines = [(g.code, say(f"change-{g.change}", desk.lang), g.successor_of or "-", " ".join(g.before)) for g in changed]
    desk.table("table-changed", ("grid", "change", "successor_of", "ground_of"), lines)


def document(desk: Desk, comparison: Comparison) -> dict[str, Any]:
    """The JSON document of `compare --json`."""
    return {
        "households_moved": comparison.households_moved,
        "households": comparison.households,
        "area_moved_m2": comparison.area_moved_m2,
        "area_m2": comparison.area_m2,
        "officers_affected": comparison.officers_affected,
        "ended": list(comparison.ended),
        "counts": comparison.counts,
        "grids": [asdict(grid) for grid in comparison.grids],
        "moved": [
            {"source": f.source, "target": f.target, "area_m2": f.area_m2, "households": f.households}
            for f in comparison.moved
        ],
        "seconds": desk.seconds,
    }
