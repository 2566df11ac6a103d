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
@click.argument("before", metavar="BEFORE[:LAYER]")
@click.argument("after", metavar="AFTER[:LAYER]")
@click.option("--layer", default=None, help="Layer of polygons in both files (default: grids, else the only one).")
@click.option("--buildings", default=None, metavar="FILE[:LAYER]", help="Where households live (default: own layer).")
@click.option("-o", "--output", type=GEOJSON, default=None, help="Moved ground as GeoJSON.")
def command(desk: Desk, before: str, after: str, layer: str | None, buildings: str | None, output: Path | None) -> int:
    """Households and ground moved from BEFORE to AFTER, and what became of each grid."""
    from gridgeo.io.repairs import write_moved

    with desk.progress() as progress:
        progress("read", 0.0)
        comparison, crs = compared(before, after, layer, buildings)
    if output is not None:
        write_moved(comparison, output, crs=crs)
    show(desk, comparison)
    if output is not None:
        desk.say("wrote", path=output)
    desk.document(document(desk, comparison))
    return OK


def compared(before: str, after: str, layer: str | None, buildings: str | None) -> tuple[Comparison, str]:
    """Compare two plan files by their atoms, any other files by their polygons; also the CRS.

    Households of polygons are those of the buildings named, else of AFTER's own, else of BEFORE's; None without any.
    """
    from gridgeo import service
    from gridgeo.io.homes import read_homes
    from gridgeo.io.read import layer_names, read_cover, read_plan, split_source

    (old_file, old_layer), (new_file, new_layer) = split_source(before), split_source(after)
    chosen = layer or old_layer or new_layer
    ours = not chosen and all({"atoms", "grids"} <= set(layer_names(file)) for file in (old_file, new_file))
    if ours:
        old, new = read_plan(old_file), read_plan(new_file)
        if old.territory.crs == new.territory.crs:
            return service.compare_plans(old, new), new.territory.crs
    first = read_cover(old_file, layer=old_layer or layer or None)
    second = read_cover(new_file, layer=new_layer or layer or None)
    homes = read_homes(new_file, buildings, second.crs)
    homes = read_homes(old_file, None, second.crs) if homes is None else homes
    return service.compare(first, second, homes=homes), second.crs


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
        "flows": flows(comparison),
        "seconds": desk.seconds,
    }


def flows(comparison: Comparison) -> list[dict[str, Any]]:
    """Households and ground from each grid before to each grid after, by codes; what stays is a flow too."""
    kept = [
        {"from": grid.successor_of, "to": grid.code, "households": grid.households_kept, "area_m2": grid.area_kept_m2}
        for grid in comparison.grids
        if grid.successor_of
    ]
    moved = [
        {"from": f.source, "to": f.target, "households": f.households, "area_m2": f.area_m2} for f in comparison.moved
    ]
    return sorted(kept + moved, key=lambda flow: (str(flow["from"]), str(flow["to"])))
