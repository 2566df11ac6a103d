"""`python -m benchmarks NAME [PATH…] [--seconds S] [--peers] [--json]`: one table, or one JSON document."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from gridgeo.cli.quiet import native_output_on_stderr  # noqa: E402 - after the threads are set

BENCHMARKS = {
    "coverage": ("benchmarks.speed.coverage", "run"),
    "draw": ("benchmarks.quality.draw", "run"),
    "cutedges": ("benchmarks.quality.cutedges", "run"),
    "edits": ("benchmarks.speed.edits", "run"),
    "redraw": ("benchmarks.quality.redraw", "run"),
    "territory": ("benchmarks.speed.territory", "run"),
    "places": ("benchmarks.speed.places", "run"),
    "intake": ("benchmarks.speed.intake", "run"),
    "hostile": ("benchmarks.speed.intake", "run_hostile"),
    "tjoin": ("benchmarks.speed.tjoin", "run"),
    "joins": ("benchmarks.quality.walks", "run_joins"),
    "patrol": ("benchmarks.quality.walks", "run_patrol"),
    "wrpp": ("benchmarks.quality.patrol", "run_wrpp"),
    "carp": ("benchmarks.quality.patrol", "run_carp"),
    "tsp": ("benchmarks.quality.patrol", "run_tsp"),
    "units": ("benchmarks.speed.dispatch", "run_units"),
    "reach": ("benchmarks.speed.dispatch", "run_reach"),
    "alarms": ("benchmarks.speed.alarms", "run"),
    "locate": ("benchmarks.speed.locate", "run"),
    "tiles": ("benchmarks.speed.tiles", "run"),
    "api": ("benchmarks.speed.api", "run"),
    "service": ("benchmarks.speed.service", "run"),
    "scale": ("benchmarks.speed.scale", "run"),
}

INSTANCES = {"cutedges": "districting_cutedges", "wrpp": "wrpp", "carp": "carp", "tsp": "tsplib"}
"""Folders of published instances taken where none are named; they lie outside the project."""
SHARED = Path(os.environ.get("GRIDGEO_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")) / "bench"


def main() -> int:
    """Run one benchmark, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHMARKS, "all"])
    parser.add_argument(
        "paths", nargs="*", type=Path, help="instances: files or folders (default: made or published ones)"
    )
    parser.add_argument("--seconds", type=float, default=None, help="time for each instance")
    parser.add_argument("--peers", action="store_true", help="run the installed peers in the same run")
    parser.add_argument("--json", action="store_true", dest="as_json")
    asked = parser.parse_args()
    missing = [str(path) for path in asked.paths if not path.exists()]
    if missing:
        parser.error(f"no such file or folder: {', '.join(missing)}")
    for name in BENCHMARKS if asked.name == "all" else [asked.name]:
        paths = asked.paths or ([SHARED / INSTANCES[name]] if name in INSTANCES else [])
        if not all(path.exists() for path in paths):
            if asked.name != "all":
                parser.error(f"name files or folders of instances: python -m benchmarks {name} FOLDER")
            continue
        module, function = BENCHMARKS[name]
        try:
            with native_output_on_stderr():
                rows = getattr(import_module(module), function)(paths, asked.seconds, asked.peers)
        except FileNotFoundError as nothing:
            parser.error(str(nothing))
        if asked.as_json:
            document = {"benchmark": name, "machine": platform.platform(), "python": sys.version.split()[0]}
            print(json.dumps(plain(document | {"rows": rows})))
        else:
            print(f"\n{name}\n{table(rows)}")
    return 0


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers of arrays become plain ones, what is not finite becomes null.

    >>> plain({"gap": float("inf"), "rows": [1.5, True, None]})
    {'gap': None, 'rows': [1.5, True, None]}
    """
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table(rows: list[dict[str, object]]) -> str:
    """Rows as aligned text; a column missing in a row stays empty.

    >>> print(table([{"a": 1, "b": 2.5}, {"a": 10}]))
     a    b
     1  2.5
    10
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names] + [["" if row.get(name) is None else _short(row[name]) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    lines = ([cell.rjust(width) for cell, width in zip(line, widths, strict=True)] for line in cells)
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
