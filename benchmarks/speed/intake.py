"""What reading costs: memory beside the size of honest files, and time and memory of hostile ones.

Each file is read by a process of its own. Peaks are those above what the process held once its libraries were loaded:
libraries weigh the same for a village and for a city.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import shapely

KINDS = (".gpkg", ".geojson", ".parquet", ".csv", ".xlsx", ".kml", ".shp")
ROWS = 20_000
_READ = """
import json, resource, sys, time
import numpy, shapely, pyarrow.parquet
from gridgeo.errors import GridgeoError
from gridgeo.io import formats, gate
from gridgeo.io.readers import delimited, geojson, kml, native, parquet, workbook
def status(key):
    return int(next(line for line in open("/proc/self/status") if line.startswith(key)).split()[1]) / 1024
open("/proc/self/clear_refs", "w").write("5")
before = status("VmRSS:")
start = time.process_time()
refused = ""
try:
    if sys.argv[1].endswith((".osm", ".gz", ".bz2", ".pbf")):
        from gridgeo.io.osm import read_osm
        gate.admit(sys.argv[1])
        read_osm(sys.argv[1])
    else:
        formats.read_layers(sys.argv[1])
except GridgeoError as error:
    refused = error.code
of_child = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = time.process_time() - start + of_child.ru_utime + of_child.ru_stime
peak, child = status("VmHWM:") - before, of_child.ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peak_mib": peak, "child_mib": child, "refused": refused}))
"""


def run(paths: list[Path], seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """A row for each honest file (those given, else made ones of each kind): bytes, CPU seconds, peak, and their ratio.

    `seconds` and `peers` are not used.
    """
    if paths:
        files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        return [_honest(file) for file in files if file.suffix in (*KINDS, ".pbf", ".gz")]
    with TemporaryDirectory() as folder:
        return [_honest(_made(Path(folder), suffix)) for suffix in KINDS]


def run_hostile(paths: list[Path], seconds: float | None = None, peers: bool = False) -> list[dict[str, Any]]:
    """A row for each hostile file of the tests, the costliest first: CPU seconds, peaks in MiB, refused or read."""
    from tests.io.hostile import ATTACKS

    rows = []
    for attack in ATTACKS:
        with TemporaryDirectory() as folder:
            path = Path(folder) / attack.name
            attack.build(path)
            rows.append({"file": attack.id} | _read(path))
    return sorted(rows, key=lambda row: -float(row["seconds"]))


def _honest(path: Path) -> dict[str, Any]:
    parts = path.parent.glob(f"{path.stem}.*") if path.suffix == ".shp" else [path]
    size = sum(part.stat().st_size for part in parts) / (1 << 20)
    row = {"file": path.name, "mib": size} | _read(path)
    return row | {"times": max(row["peak_mib"], 0.0) / size}


def _read(path: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", _READ, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
    return dict(json.loads(told))


def _made(folder: Path, suffix: str) -> Path:
    """A layer of polygons with a code, a name and a count, in one format."""
    import geopandas
    import openpyxl

    rng = np.random.default_rng(1)
    corner = rng.uniform([116.0, 39.0], [117.0, 40.0], (ROWS, 2))
    shapes = shapely.buffer(shapely.points(corner), 1e-4, quad_segs=3)
    columns = {"code": [f"c{i:06}" for i in range(ROWS)], "name": ["东苑小区"] * ROWS, "households": range(ROWS)}
    frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs=4326)
    path = folder / f"made{suffix}"
    if suffix == ".xlsx":
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("buildings")
        sheet.append(list(columns))
        for row in zip(*columns.values(), strict=True):
            sheet.append(row)
        book.save(path)
    elif suffix == ".csv":
        frame.drop(columns="geometry").assign(lon=corner[:, 0], lat=corner[:, 1]).to_csv(path, index=False)
    elif suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path, driver="KML" if suffix == ".kml" else None)
    return path
